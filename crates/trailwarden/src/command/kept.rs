//! `trailwarden runs`: the runs of audits that are kept.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use tabled::builder::Builder;
use tabled::settings::Style;

use super::report::report;
use crate::cli::{self, Format, KeptRuns, Output, RunsVerb, Store, Thresholds, View};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::write_stdout;
use crate::run_store::{Entry, Kept, list, remove};
use crate::settings::Settings;

const HOURS_A_DAY: i64 = 24;

/// Lists, shows or removes runs.
pub(super) fn kept(arguments: &KeptRuns, settings: &Settings) -> Result<Exit, Failure> {
    match &arguments.verb {
        RunsVerb::List { store, format } => list_runs(store, *format),
        RunsVerb::Show { run, store, format } => {
            let format = if *format == View::Json { Format::Json } else { Format::Table };
            let shown = cli::Report {
                verb: None,
                run: Some(run.clone()),
                store: Store { runs: store.runs.clone() },
                thresholds: Thresholds::default(),
                output: vec![Output { format, path: None }],
            };
            report(&shown, settings)?;
            Ok(Exit::Ok)
        }
        RunsVerb::Prune { keep, older_than, dry_run, store } => {
            prune(store, keep.unwrap_or_default(), older_than.unwrap_or_default(), *dry_run, settings)
        }
    }
}

fn list_runs(store: &Store, format: View) -> Result<Exit, Failure> {
    let kept = list(&store.runs)?;
    let text = match format {
        View::Json => {
            let text = serde_json::to_string_pretty(&kept.audits).map_err(Failure::internal)?;
            format!("{text}\n")
        }
        View::Table => table(&kept),
    };
    write_stdout(&text)?;
    Ok(Exit::Ok)
}

fn table(kept: &Kept) -> String {
    let mut rows = Builder::default();
    rows.push_record(["Run", "collected", "accounts", "fail", "unknown", "pass", "waived", "version"]);
    for entry in &kept.audits {
        let counts = entry.findings;
        rows.push_record([
            entry.name.clone(),
            entry.collected_at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
            entry.n_accounts.to_string(),
            counts.fail.to_string(),
            counts.unknown.to_string(),
            counts.pass.to_string(),
            counts.waived.to_string(),
            entry.tool_version.clone(),
        ]);
    }
    let mut table = rows.build();
    table.with(Style::blank());
    let lines: Vec<String> = table.to_string().lines().map(|line| format!("{}\n", line.trim_end())).collect();
    let plans = match kept.n_plans {
        0 => String::new(),
        n => format!("Not shown: {n} of plans, which `verify` and `rollback` read.\n"),
    };
    lines.concat() + &plans
}

/// Removes what is older than the newest `n_kept` of its organization and than so many days.
fn prune(store: &Store, n_kept: usize, days: u32, is_dry: bool, settings: &Settings) -> Result<Exit, Failure> {
    let age = SignedDuration::from_hours(i64::from(days) * HOURS_A_DAY);
    let before = settings.now.checked_sub(age).unwrap_or(Timestamp::MIN);
    let mut newer: BTreeMap<&str, usize> = BTreeMap::new();
    let audits = list(&store.runs)?.audits;
    let mut removed: Vec<&Entry> = vec![];
    for entry in audits.iter().rev() {
        let n_newer = newer.entry(&entry.organization).or_default();
        if *n_newer >= n_kept && entry.collected_at < before {
            removed.push(entry);
        }
        *n_newer += 1;
    }
    let verb = if is_dry { "would remove" } else { "removed" };
    for entry in removed {
        if !is_dry {
            remove(&store.runs, entry)?;
        }
        write_stdout(&format!("{verb} {}\n", entry.name))?;
    }
    Ok(Exit::Ok)
}
