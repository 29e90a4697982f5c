//! `trailwarden report push`: the findings of a run sent to where people work on them.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt};
use trailwarden_aws::{Import, Session};
use trailwarden_model::assessment::Assessment;
use trailwarden_model::finding::Outcome;
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
    let assessment = named(&arguments.store.runs, &arguments.run, settings)?;
    refuse_made_up(arguments, &assessment)?;
    let controls = catalogue();
    let report = Report { assessment: &assessment, controls: &controls, min_severity: arguments.min_severity };
    let judged = judged(&assessment);
    let sent: Result<(String, Exit), Failure> = with_places(&report, |places| {
        if arguments.dry_run {
            let sent = || places.iter().filter(|place| judged.contains(place.account));
            let lines = list("would send", by_account(sent().map(|place| (place, place.n_findings())), &assessment));
            return Ok((format!("{} for Security Hub\n{lines}", totals(sent())), Exit::Ok));
        }
        let sent = with_session(&arguments.connect, settings, async |session, _| {
            let n_accounts = places.iter().map(|place| place.account).collect::<BTreeSet<_>>().len();
            Ok((send_all(session, places, &judged).await, n_accounts))
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

/// Accounts in which anything is judged. Nobody waits for findings of the others, and those that are suspended cannot be entered.
fn judged(assessment: &Assessment) -> BTreeSet<&AccountId> {
    let judged = assessment.findings.iter().filter(|finding| finding.outcome != Outcome::NotApplicable);
    judged.map(|finding| &finding.account).collect()
}

/// What came of one account and region.
#[derive(Debug, Default)]
struct Sent {
    n_taken: usize,
    refused: Vec<(String, String, String)>,
    n_unsent: usize,
    why_unsent: Option<Unsent>,
}

/// Why findings were not sent.
#[derive(Debug)]
enum Unsent {
    NothingJudged,
    NotEnabled,
    Failed(Gap),
}

async fn send_all(session: &Session, places: &[Place<'_>], judged: &BTreeSet<&AccountId>) -> Vec<Sent> {
    let send = async |place: &Place<'_>| match judged.contains(place.account) {
        true => send(session, place).await,
        false => unsent(place, Unsent::NothingJudged),
    };
    stream::iter(places).map(send).buffered(AT_ONCE).collect().await
}

fn unsent(place: &Place<'_>, why: Unsent) -> Sent {
    Sent { n_unsent: place.n_findings(), why_unsent: Some(why), ..Sent::default() }
}

/// Sends the requests of a place one after the other, until one is refused as a whole.
async fn send(session: &Session, place: &Place<'_>) -> Sent {
    let failed = |reason: String| {
        let gap = Gap::not_collected("securityhub:BatchImportFindings", Some(place.account), None);
        unsent(place, Unsent::Failed(Gap { reason, ..gap }))
    };
    let (region, requests) = match (place.region.parse::<Region>(), place.requests()) {
        (Ok(region), Ok(requests)) => (region, requests),
        (Err(error), _) => return failed(error.to_string()),
        (_, Err(error)) => return failed(error.to_string()),
    };
    let mut sent = Sent { n_unsent: place.n_findings(), ..Sent::default() };
    for request in requests {
        let why = match session.import_findings(place.account, &region, request).await {
            Ok(Import::Read { n_taken, refused }) => {
                sent.n_unsent = sent.n_unsent.saturating_sub(n_taken + refused.len());
                sent.n_taken += n_taken;
                sent.refused.extend(refused);
                continue;
            }
            Ok(Import::NotEnabled) => Unsent::NotEnabled,
            Err(gap) => Unsent::Failed(gap),
        };
        return Sent { why_unsent: Some(why), ..sent };
    }
    sent
}

/// Where Security Hub is not enabled nobody expects findings, unless that is so everywhere.
fn exit(sent: &[Sent]) -> Exit {
    let is_short = |sent: &Sent| match &sent.why_unsent {
        Some(Unsent::Failed(_)) => true,
        Some(Unsent::NotEnabled | Unsent::NothingJudged) => !sent.refused.is_empty(),
        None => sent.n_unsent > 0 || !sent.refused.is_empty(),
    };
    let is_nowhere = sent.iter().all(|sent| sent.n_taken == 0) && sent.iter().any(Sent::is_not_enabled);
    match is_nowhere || sent.iter().any(is_short) {
        true => Exit::ApplyIncomplete,
        false => Exit::Ok,
    }
}

impl Sent {
    fn is_not_enabled(&self) -> bool {
        matches!(self.why_unsent, Some(Unsent::NotEnabled))
    }

    fn gap(&self) -> Option<&Gap> {
        match &self.why_unsent {
            Some(Unsent::Failed(gap)) => Some(gap),
            _ => None,
        }
    }
}

fn told(sent: &[Sent], places: &[Place<'_>], assessment: &Assessment) -> String {
    let n_taken: usize = sent.iter().map(|sent| sent.n_taken).sum();
    let n_refused: usize = sent.iter().map(|sent| sent.refused.len()).sum();
    let mut text = format!("{} for Security Hub: {n_taken} taken, {n_refused} refused\n", totals(places.iter()));
    let unsent = |is_it: fn(&Sent) -> bool| {
        let those = sent.iter().zip(places).filter(move |(sent, _)| is_it(sent));
        by_account(those.map(|(sent, place)| (place, sent.n_unsent)), assessment)
    };
    text += &list("not sent, because Security Hub is not enabled", unsent(Sent::is_not_enabled));
    let is_unjudged = |sent: &Sent| matches!(sent.why_unsent, Some(Unsent::NothingJudged));
    text += &list("not sent, because no control applies to the account", unsent(is_unjudged));
    text += &list("not sent, because a call failed", unsent(|sent| sent.gap().is_some()));
    let gaps = sent.iter().filter_map(Sent::gap).map(|gap| format!("{}: {}: {}", gap.call, gap.code, gap.reason));
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

fn totals<'a>(places: impl Iterator<Item = &'a Place<'a>> + Clone) -> String {
    let n: usize = places.clone().map(Place::n_findings).sum();
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    let n_places = places.count();
    format!("{n} finding{} of {n_places} account-region{}", plural(n), plural(n_places))
}
