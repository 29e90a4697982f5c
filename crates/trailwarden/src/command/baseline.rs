//! `trailwarden baseline`: what a baseline says, changed by the program.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use trailwarden_audit::approval::{Change, changes, needs, unread};
use trailwarden_model::approval::{ApprovedTrails, FORMAT};
use trailwarden_model::observed::Gap;
use trailwarden_model::snapshot::Snapshot;
use trailwarden_report::plain;

use crate::baseline_file::{Approvable, Approval, check_against};
use crate::cli::{Approve, Baseline, BaselineVerb};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{write_stderr, write_stdout};
use crate::run_store::{Judged, judged};
use crate::settings::Settings;

/// Gaps that are listed; the others are counted.
const N_LISTED: usize = 10;

/// Changes a baseline.
pub(super) fn baseline(arguments: &Baseline, settings: &Settings) -> Result<Exit, Failure> {
    match &arguments.verb {
        BaselineVerb::Approve(arguments) => approve(arguments, settings),
    }
}

/// Approves the trails that a run saw.
fn approve(arguments: &Approve, settings: &Settings) -> Result<Exit, Failure> {
    let Judged { name, snapshot, digest } = judged(&arguments.store.runs, &arguments.run, settings)?;
    check_whole(&name, &snapshot)?;
    let baseline = Approvable::read(&arguments.baseline)?;
    check_against(&snapshot.organization, &baseline.settings, Some(&arguments.baseline))?;
    write_stdout(&words(&name, &snapshot, &baseline))?;
    if arguments.dry_run {
        return Ok(Exit::Ok);
    }
    let trails =
        ApprovedTrails { format: FORMAT.to_owned(), organization: snapshot.organization.id, trails: snapshot.trails };
    let at = settings.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let file = baseline.approve(&Approval { trails, run: &name, snapshot: &digest, by: &arguments.by, at })?;
    if !settings.quiet {
        write_stderr(&format!("wrote {} and {}\n", arguments.baseline.display(), file.display()));
    }
    Ok(Exit::Ok)
}

/// Refuses a run that did not look at everything: what it left out would be approved as gone.
fn check_whole(name: &str, snapshot: &Snapshot) -> Result<(), Failure> {
    let missing: BTreeSet<_> = needs().difference(&snapshot.needs).copied().collect();
    let lacks = match (missing.is_empty(), snapshot.excluded.is_empty() && snapshot.region_filter.is_empty()) {
        (true, true) => return Ok(()),
        (false, _) => format!("did not read {missing:?}"),
        (true, false) => "was told to leave accounts or regions out".to_owned(),
    };
    Err(Failure::usage(format!("the trails of run {name} cannot be approved: it {lacks}"))
        .hint("audit the whole organization with --keep, and without --control, or collect it likewise"))
}

/// What the approval changes, and what it does not cover.
fn words(name: &str, snapshot: &Snapshot, baseline: &Approvable) -> String {
    let time = snapshot.collected_at.strftime("%Y-%m-%d %H:%M UTC");
    let (n, before) = (snapshot.trails.len(), baseline.words.as_deref().unwrap_or("none"));
    let mut text = format!("Trails of run {name}, collected {time}: {n}\nApproved so far: {}\n", plain(before));
    let changes = changes(&snapshot.trails, &baseline.before);
    if changes.is_empty() {
        text.push_str("No trail changes.\n");
    }
    for change in changes {
        let _ = match change {
            Change::New(trail) => writeln!(text, "+ {}", plain(trail.arn.as_str())),
            Change::Gone(trail) => writeln!(text, "- {}: approved no longer", plain(trail.arn.as_str())),
            Change::Altered(trail, altered) => {
                let told = altered.into_iter().map(|(name, values)| match values {
                    Some((now, before)) => format!("    {name} {}; before {}\n", plain(&now), plain(&before)),
                    None => format!("    other {name}\n"),
                });
                writeln!(text, "~ {}\n{}", plain(trail.arn.as_str()), told.collect::<String>().trim_end())
            }
        };
    }
    text + &not_approved(snapshot)
}

/// What could not be read, an account and call at a time: one refusal often holds in every region.
fn not_approved(snapshot: &Snapshot) -> String {
    let mut gaps: BTreeMap<_, (usize, &Gap)> = BTreeMap::new();
    for gap in unread(snapshot) {
        gaps.entry((&gap.account, &gap.call, &gap.code)).or_insert((0, gap)).0 += 1;
    }
    if gaps.is_empty() {
        return String::new();
    }
    let mut text = "Not approved, because it could not be read:\n".to_owned();
    for (n, gap) in gaps.values().take(N_LISTED) {
        let others = if *n > 1 { format!(" (and {} more there)", n - 1) } else { String::new() };
        text.push_str(&format!("  {}{others}\n", plain(&gap.to_string())));
    }
    if gaps.len() > N_LISTED {
        text.push_str(&format!("  and {} more\n", gaps.len() - N_LISTED));
    }
    text
}
