//! `trailwarden coverage --explain`: one event in one account and region, trail by trail.

use trailwarden_audit::CoverageMap;
use trailwarden_audit::coverage::{Contribution, Share};
use trailwarden_model::baseline::Baseline;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::snapshot::Snapshot;
use trailwarden_model::trail::Trail;
use trailwarden_report::coverage::{Cell, Explained, Mark, TrailLine, render_explanation, render_explanation_json};

use super::super::source::sandbox_notice;
use super::{accounts, cell, named, snapshot};
use crate::cli::{self, View};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::write_stdout;
use crate::settings::Settings;

/// Explains one event; what becomes of it is the exit code.
pub(super) fn explain(
    arguments: &cli::Coverage,
    [account, region, text]: [&String; 3],
    settings: &Settings,
) -> Result<Exit, Failure> {
    let refused = |error: trailwarden_model::ids::IdError| {
        Failure::usage(error)
            .hint("write --explain ACCOUNT REGION EVENT, for example --explain 111122223333 eu-west-1 iam:CreateUser")
    };
    let account: AccountId = account.parse().map_err(refused)?;
    let asked: Region = region.parse().map_err(refused)?;
    let event = named(text, arguments)?;
    let snapshot = snapshot(arguments, std::slice::from_ref(&account), settings)?;
    accounts(std::slice::from_ref(&account), &snapshot)?;
    require_region(&snapshot, &account, &asked)?;
    let baseline = Baseline::default();
    let map = CoverageMap::new(&snapshot, &baseline);
    let leader = map.leader_region();
    let region = event.recorded_in(&asked, leader.clone());
    let events = event.events(snapshot.organization.arn.partition(), leader.as_ref() == Some(&region));
    let home = leader.as_ref().and_then(|leader| event.home_note(leader));
    let (answer, trails) = match map.explain(&account, &region, &events) {
        Ok(explanation) => {
            let shown = explanation.contributions.iter().map(line);
            let elsewhere = explanation.elsewhere.iter().map(|(trail, why)| missing(trail, why));
            (cell(explanation.answer.clone()), shown.chain(elsewhere).collect())
        }
        Err(gap) => (Cell::Unknown(gap), vec![]),
    };
    let exit = match &answer {
        Cell::Lost { .. } => Exit::FindingsFailed,
        Cell::Unknown(_) => Exit::FindingsUnknown,
        Cell::Covered { .. } | Cell::NotApplicable => Exit::Ok,
    };
    let notes = [event.kind()].into_iter().chain(home).collect();
    let explained =
        Explained { organization: &snapshot.organization, account, region, event: event.text, notes, answer, trails };
    let text = match arguments.format {
        View::Json => render_explanation_json(&explained).map_err(Failure::internal)?,
        View::Table => {
            let notice = sandbox_notice(&arguments.source.connect);
            let meaning = format!("exit code {}: {}", exit.code(), exit.meaning_of_coverage());
            render_explanation(&explained, &settings.view(false, notice.as_deref(), &meaning))
        }
    };
    write_stdout(&text)?;
    Ok(exit)
}

/// Refuses a region that the account does not have, where all of its regions were read: an event of a global service would be
/// called recorded whatever region was asked about.
fn require_region(snapshot: &Snapshot, account: &AccountId, region: &Region) -> Result<(), Failure> {
    let enabled = snapshot.accounts.get(account).map(|seen| &seen.regions).filter(|regions| !regions.is_empty());
    match enabled {
        Some(regions) if snapshot.region_filter.is_empty() && !regions.contains_key(region) => {
            let names: Vec<&str> = regions.keys().map(Region::as_str).collect();
            Err(Failure::usage(format!("region {region} is not enabled in account {account}"))
                .hint(format!("its regions are {}", names.join(", "))))
        }
        _ => Ok(()),
    }
}

/// What a trail that is shown in the account and region does.
fn line(contribution: &Contribution<'_>) -> TrailLine {
    let (mark, why) = match &contribution.share {
        Share::All => (Mark::Records, None),
        Share::Some => (Mark::RecordsPart, None),
        Share::Nothing(why) => (Mark::Misses, Some(format!("it {why}"))),
        Share::Broken(link) => (Mark::Misses, Some(link.fact.clone())),
        Share::Undecided(gap) => (Mark::Unknown, Some(gap.to_string())),
    };
    TrailLine { trail: contribution.trail.arn.clone(), mark, why }
}

/// A trail that does not count there.
fn missing(trail: &Trail, why: &str) -> TrailLine {
    TrailLine { trail: trail.arn.clone(), mark: Mark::Misses, why: Some(format!("it {why}")) }
}
