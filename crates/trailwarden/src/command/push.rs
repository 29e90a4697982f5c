//! `trailwarden report push`: the findings of a run sent to where people work on them.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt};
use trailwarden_aws::{Import, Session};
use trailwarden_model::assessment::Assessment;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::Gap;
use trailwarden_report::asff::{Place, with_places};
use trailwarden_report::{Report, plain};

use super::source::with_session;
use crate::cli::{PushVerb, SecurityHub};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::write_stdout;
use crate::report_file::catalogue;
use crate::run_store::named;
use crate::settings::Settings;

/// Accounts and regions that are sent to at once.
const AT_ONCE: usize = 32;
/// Lines of one kind that are listed; the others are counted.
const N_LISTED: usize = 20;

/// Sends the findings of a run.
pub(super) fn push(verb: &PushVerb, settings: &Settings) -> Result<Exit, Failure> {
    match verb {
        PushVerb::Securityhub(arguments) => security_hub(arguments, settings),
    }
}

fn security_hub(arguments: &SecurityHub, settings: &Settings) -> Result<Exit, Failure> {
    let assessment = named(&arguments.store.runs, &arguments.run)?;
    refuse_made_up(arguments, &assessment)?;
    let controls = catalogue();
    let report = Report { assessment: &assessment, controls: &controls, min_severity: arguments.min_severity };
    let sent: Result<(String, Exit), Failure> = with_places(&report, |places| {
        if arguments.dry_run {
            let counted = places.iter().map(|place| (place, place.n_findings()));
            let lines = list("would send", by_account(counted, &assessment));
            return Ok((format!("{} for Security Hub\n{lines}", totals(places)), Exit::Ok));
        }
        let sent = with_session(&arguments.connect, settings, async |session, _| {
            let n_accounts = places.iter().map(|place| place.account).collect::<BTreeSet<_>>().len();
            Ok((send_all(session, places).await, n_accounts))
        })?;
        Ok((told(&sent, places, &assessment), exit(&sent)))
    });
    let (text, exit) = sent?;
    write_stdout(&text)?;
    Ok(exit)
}

/// An organization that is made up has no findings that anybody should work on.
fn refuse_made_up(arguments: &SecurityHub, assessment: &Assessment) -> Result<(), Failure> {
    let scenario = assessment.provenance.as_ref().and_then(|provenance| provenance.sandbox.as_ref());
    match scenario.filter(|_| arguments.connect.sandbox.is_none() && !arguments.dry_run) {
        Some(scenario) => Err(Failure::usage(format!("the run is of the made-up organization {scenario:?}"))
            .hint("send it to the sandbox with --sandbox, or look at it with --dry-run")),
        None => Ok(()),
    }
}

/// What came of one account and region.
#[derive(Debug, Default)]
struct Sent {
    n_taken: usize,
    refused: Vec<(String, String, String)>,
    n_unsent: usize,
    is_not_enabled: bool,
    gap: Option<Gap>,
}

async fn send_all(session: &Session, places: &[Place<'_>]) -> Vec<Sent> {
    stream::iter(places).map(|place| send(session, place)).buffered(AT_ONCE).collect().await
}

/// Sends the requests of a place one after the other, until one is refused as a whole.
async fn send(session: &Session, place: &Place<'_>) -> Sent {
    let mut sent = Sent { n_unsent: place.n_findings(), ..Sent::default() };
    let failed = |reason: String| Gap {
        reason,
        ..Gap::not_collected("securityhub:BatchImportFindings", Some(place.account), None)
    };
    let (region, requests) = match (place.region.parse::<Region>(), place.requests()) {
        (Ok(region), Ok(requests)) => (region, requests),
        (Err(error), _) => return Sent { gap: Some(failed(error.to_string())), ..sent },
        (_, Err(error)) => return Sent { gap: Some(failed(error.to_string())), ..sent },
    };
    for request in requests {
        match session.import_findings(place.account, &region, request).await {
            Ok(Import::Read { n_taken, refused }) => {
                sent.n_unsent = sent.n_unsent.saturating_sub(n_taken + refused.len());
                sent.n_taken += n_taken;
                sent.refused.extend(refused);
            }
            Ok(Import::NotEnabled) => return Sent { is_not_enabled: true, ..sent },
            Err(gap) => return Sent { gap: Some(gap), ..sent },
        }
    }
    sent
}

/// Where Security Hub is not enabled nobody expects findings, unless that is so everywhere.
fn exit(sent: &[Sent]) -> Exit {
    let is_short = sent
        .iter()
        .any(|sent| sent.gap.is_some() || !sent.refused.is_empty() || (sent.n_unsent > 0 && !sent.is_not_enabled));
    match is_short || (!sent.is_empty() && sent.iter().all(|sent| sent.is_not_enabled)) {
        true => Exit::ApplyIncomplete,
        false => Exit::Ok,
    }
}

fn told(sent: &[Sent], places: &[Place<'_>], assessment: &Assessment) -> String {
    let n_taken: usize = sent.iter().map(|sent| sent.n_taken).sum();
    let n_refused: usize = sent.iter().map(|sent| sent.refused.len()).sum();
    let mut text = format!("{} for Security Hub: {n_taken} taken, {n_refused} refused\n", totals(places));
    let unsent = |is_it: fn(&Sent) -> bool| {
        let those = sent.iter().zip(places).filter(move |(sent, _)| is_it(sent));
        by_account(those.map(|(sent, place)| (place, sent.n_unsent)), assessment)
    };
    text += &list("not sent, because Security Hub is not enabled", unsent(|sent| sent.is_not_enabled));
    text += &list("not sent, because a call failed", unsent(|sent| sent.gap.is_some()));
    let gaps = sent
        .iter()
        .filter_map(|sent| sent.gap.as_ref())
        .map(|gap| format!("{}: {}: {}", gap.call, gap.code, gap.reason));
    text += &list("what the calls answered", gaps.collect::<BTreeSet<_>>().into_iter().collect());
    let refused = sent.iter().flat_map(|sent| &sent.refused);
    text += &list("refused", refused.map(|(id, code, words)| format!("{id}: {code}: {words}")).collect());
    text
}

/// Counts of findings, a line for each account.
fn by_account<'a>(counted: impl Iterator<Item = (&'a Place<'a>, usize)>, assessment: &Assessment) -> Vec<String> {
    let mut accounts: BTreeMap<&AccountId, (Vec<&str>, usize)> = BTreeMap::new();
    for (place, n) in counted {
        let (regions, sum) = accounts.entry(place.account).or_default();
        regions.push(&place.region);
        *sum += n;
    }
    let line = |(account, (regions, n)): (&AccountId, (Vec<&str>, usize))| {
        let regions = match regions.as_slice() {
            [region] => (*region).to_owned(),
            regions => format!("{} regions", regions.len()),
        };
        let name = assessment.organization.accounts.get(account).filter(|name| !name.is_empty());
        let name = name.map_or_else(|| account.to_string(), |name| format!("{name} ({account})"));
        format!("{name} in {regions}: {n}")
    };
    accounts.into_iter().map(line).collect()
}

fn list(title: &str, lines: Vec<String>) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let listed = lines.iter().take(N_LISTED).map(|line| format!("  {}\n", plain(line)));
    let mut text = format!("{title}:\n{}", listed.collect::<String>());
    if lines.len() > N_LISTED {
        text.push_str(&format!("  and {} more\n", lines.len() - N_LISTED));
    }
    text
}

fn totals(places: &[Place<'_>]) -> String {
    let n: usize = places.iter().map(Place::n_findings).sum();
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    format!("{n} finding{} of {} account-region{}", plural(n), places.len(), plural(places.len()))
}
