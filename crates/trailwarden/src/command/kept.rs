//! `trailwarden runs`: the runs of audits that are kept.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use tabled::builder::Builder;
use tabled::settings::{Padding, Style};
use trailwarden_model::control::Severity;
use trailwarden_report::plain;

use crate::cli::{Format, KeptRuns, Output, RunsVerb, Store, View};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::write_stdout;
use crate::report_file::Written;
use crate::run_store::{Entry, Kept, Scope, is_signed, list, named, obstacle, remove};
use crate::settings::Settings;

const HOURS_A_DAY: i64 = 24;
/// Regions that are named; of more, how many they are.
const N_REGIONS: usize = 2;

/// Lists, shows or removes runs.
pub(super) fn kept(arguments: &KeptRuns, settings: &Settings) -> Result<Exit, Failure> {
    match &arguments.verb {
        RunsVerb::List { store, format } => list_runs(store, *format, settings),
        RunsVerb::Show { run, store, format } => show(run, store, *format, settings),
        RunsVerb::Prune { keep, older_than, dry_run, store } => {
            prune(store, keep.unwrap_or_default(), older_than.unwrap_or_default(), *dry_run, settings)
        }
    }
}

/// Shows a run. What its findings amount to is told, and is not how the command ends.
fn show(run: &Path, store: &Store, format: View, settings: &Settings) -> Result<Exit, Failure> {
    let format = if format == View::Json { Format::Json } else { Format::Table };
    let assessment = named(&store.runs, run, settings)?;
    let (min_severity, fail_on) = (Severity::Informational, Severity::Informational);
    let words = Exit::of_assessment(&assessment, fail_on).words_of_assessment(&assessment, fail_on);
    let words = format!("for an audit with these findings, {words}");
    let shown = Written { assessment: &assessment, min_severity, runs: &store.runs, exit: &words, settings };
    shown.write(&[Output { format, path: None }])?;
    Ok(Exit::Ok)
}

fn list_runs(store: &Store, format: View, settings: &Settings) -> Result<Exit, Failure> {
    let kept = list(&store.runs)?;
    let text = match format {
        View::Json => {
            let text = serde_json::to_string_pretty(&kept.audits).map_err(Failure::internal)?;
            format!("{text}\n")
        }
        View::Table => listed(&kept, &store.runs, settings.width),
    };
    write_stdout(&text)?;
    kept.name_unread(&store.runs, settings);
    Ok(Exit::Ok)
}

/// A row for each run, or a paragraph where rows are wider than the page.
fn listed(kept: &Kept, runs: &Path, width: usize) -> String {
    let rows = table(kept, runs);
    let fits = rows.iter().all(|row| row.chars().count() <= width);
    let lines = if fits { rows } else { kept.audits.iter().flat_map(|entry| paragraph(entry, runs, width)).collect() };
    let plans = match kept.n_plans {
        0 => String::new(),
        n => format!("Not shown: {n} of plans, which `verify` and `rollback` read.\n"),
    };
    lines.into_iter().map(|line| line + "\n").collect::<String>() + &plans
}

fn table(kept: &Kept, runs: &Path) -> Vec<String> {
    let mut rows = Builder::default();
    rows.push_record(["Run", "collected", "accounts", "fail", "unknown", "pass", "waived", "version", "looked at"]);
    for entry in &kept.audits {
        let counts = entry.findings;
        rows.push_record([
            plain(&entry.name),
            collected(entry),
            entry.n_accounts.to_string(),
            counts.fail.to_string(),
            counts.unknown.to_string(),
            counts.pass.to_string(),
            counts.waived.to_string(),
            plain(&entry.tool_version),
            looked_at(entry, runs).join(", "),
        ]);
    }
    let mut table = rows.build();
    table.with(Style::blank()).with(Padding::new(0, 1, 0, 0));
    table.to_string().lines().map(|line| line.trim_end().to_owned()).collect()
}

/// The name of a run, and below it what there is to say, filled to the width.
fn paragraph(entry: &Entry, runs: &Path, width: usize) -> Vec<String> {
    let counts = entry.findings;
    let mut facts = vec![
        collected(entry),
        format!("{} accounts", entry.n_accounts),
        format!("{} fail", counts.fail),
        format!("{} unknown", counts.unknown),
        format!("{} pass", counts.pass),
        format!("{} waived", counts.waived),
        format!("version {}", plain(&entry.tool_version)),
    ];
    facts.extend(looked_at(entry, runs));
    let (mut lines, mut line) = (vec![plain(&entry.name)], String::new());
    for fact in facts {
        if !line.is_empty() && line.chars().count() + fact.chars().count() + 3 > width {
            lines.push(std::mem::take(&mut line) + ",");
        }
        line.push_str(if line.is_empty() { "  " } else { ", " });
        line.push_str(&fact);
    }
    lines.push(line);
    lines
}

fn collected(entry: &Entry) -> String {
    entry.collected_at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// What tells runs apart whose counts cannot be compared, and whether a run is signed.
fn looked_at(entry: &Entry, runs: &Path) -> Vec<String> {
    let mut facts = vec![];
    facts.extend(entry.sandbox().map(|scenario| format!("sandbox {}", plain(scenario))));
    facts.extend(entry.framework.as_ref().map(|framework| plain(framework)));
    match &entry.scope {
        None => facts.push("scope not stated".to_owned()),
        Some(scope) => facts.extend(narrowed(scope)),
    }
    if facts.is_empty() {
        facts.push("everything".to_owned());
    }
    facts.extend(is_signed(runs, &entry.name).then(|| "signed".to_owned()));
    facts
}

fn narrowed(scope: &Scope) -> Vec<String> {
    let Scope { controls, excluded, regions } = scope;
    let counted = |n: usize, one: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") };
    let mut facts = vec![];
    facts.extend((!excluded.is_empty()).then(|| format!("{} left out", counted(excluded.len(), "account"))));
    facts.extend(match regions.len() {
        0 => None,
        1..=N_REGIONS => Some(regions.iter().map(|region| region.as_str()).collect::<Vec<_>>().join(" ")),
        n => Some(counted(n, "region")),
    });
    facts.extend(match (controls.first(), controls.len()) {
        (Some(one), 1) => Some(plain(one)),
        (_, 0) => None,
        (_, n) => Some(counted(n, "control")),
    });
    facts
}

/// Removes what is older than the newest `n_kept` of its organization and than so many days. Runs that cannot be read stay.
fn prune(store: &Store, n_kept: usize, days: u32, is_dry: bool, settings: &Settings) -> Result<Exit, Failure> {
    let age = SignedDuration::from_hours(i64::from(days) * HOURS_A_DAY);
    let before = settings.now.checked_sub(age).unwrap_or(Timestamp::MIN);
    let mut newer: BTreeMap<&str, usize> = BTreeMap::new();
    let kept = list(&store.runs)?;
    kept.name_unread(&store.runs, settings);
    let mut old: Vec<&Entry> = vec![];
    for entry in kept.audits.iter().rev() {
        let n_newer = newer.entry(&entry.organization).or_default();
        if *n_newer >= n_kept && entry.collected_at < before {
            old.push(entry);
        }
        *n_newer += 1;
    }
    let mut n_left = 0;
    for entry in old {
        let done = match obstacle(&store.runs, &entry.name)? {
            Some(reason) => {
                n_left += 1;
                write_stdout(&format!("{} {}: {reason}\n", if is_dry { "would leave" } else { "left" }, entry.name))?;
                continue;
            }
            None if is_dry => "would remove",
            None => {
                remove(&store.runs, &entry.name)?;
                "removed"
            }
        };
        write_stdout(&format!("{done} {}\n", entry.name))?;
    }
    match n_left {
        1.. if !is_dry => Err(Failure::usage(format!("old runs that were left where they are: {n_left}"))
            .hint("move what is no part of a run elsewhere, and prune again")),
        _ => Ok(Exit::Ok),
    }
}
