//! Journals that nobody should go on with.

use std::fs;

use trailwarden_apply::{ApplyError, read};
use trailwarden_model::journal::FORMAT;

use crate::bench::Bench;
use crate::world::Kill;

/// The lines of a run that was killed.
fn begun() -> (Bench, Vec<String>) {
    let bench = Bench::thirty();
    bench.world.kill_at(Some(Kill::AfterLine(9)));
    assert!(bench.apply().is_none());
    let lines = bench.journal_text().lines().map(str::to_owned).collect();
    (bench, lines)
}

fn refused(bench: &Bench, lines: &[String]) -> ApplyError {
    fs::write(bench.journal(), format!("{}\n", lines.join("\n"))).unwrap();
    let written = bench.journal_text();
    let error = bench.resume().expect("not killed").expect_err("refused");
    assert_eq!(bench.roll_back().expect("not killed").expect_err("refused").to_string(), error.to_string());
    assert_eq!(read(&bench.world.dir).expect_err("refused").to_string(), error.to_string());
    assert_eq!(bench.journal_text(), written, "a damaged journal is left as it is");
    error
}

#[test]
fn a_journal_with_a_missing_a_repeated_or_an_unknown_line_is_refused() {
    let (bench, lines) = begun();
    let path = bench.journal().display().to_string();
    let without = [&lines[..4], &lines[5..]].concat();
    let expected = format!("the journal {path} is damaged: line 5 is expected, and line 6 follows");
    assert_eq!(refused(&bench, &without).to_string(), expected);
    let twice = [&lines[..5], &lines[4..]].concat();
    assert!(refused(&bench, &twice).to_string().ends_with("line 6 is expected, and line 5 follows"));
    let mut unknown = lines.clone();
    unknown[2] = unknown[2].replace("intended", "guessed");
    assert!(refused(&bench, &unknown).to_string().contains("is damaged: line 3: unknown variant `guessed`"));
    let mut cut = lines.clone();
    cut[3].truncate(20);
    assert!(refused(&bench, &cut).to_string().contains("is damaged: line 4: "));
    let headless = &lines[1..];
    assert!(matches!(refused(&bench, headless), ApplyError::Damaged { .. }));
}

#[test]
fn a_journal_that_leaps_or_speaks_of_a_foreign_step_is_refused() {
    let (bench, lines) = begun();
    let mut leap = lines.clone();
    leap[1] = leap[1].replace("\"intended\"", "\"failed\"");
    assert!(matches!(refused(&bench, &leap), ApplyError::Damaged { .. }));
    let foreign: Vec<String> = lines.iter().map(|line| line.replace("s001", "s777")).collect();
    assert!(refused(&bench, &foreign).to_string().ends_with("it speaks of step s777, which the plan does not have"));
}

#[test]
fn a_newer_or_foreign_journal_is_refused() {
    let (bench, lines) = begun();
    let with = |format: &str, rest: &str| {
        let mut lines = lines.clone();
        lines[0] = lines[0].replace(FORMAT, format).replace("\"by\"", rest);
        lines
    };
    let newer = refused(&bench, &with("trailwarden.journal/2.0", "\"on_behalf_of\""));
    assert!(newer.to_string().contains("format trailwarden.journal/2.0 is newer than"), "{newer}");
    assert!(newer.hint().is_some());
    let foreign = refused(&bench, &with("trailwarden.plan/1.0", "\"by\""));
    assert!(matches!(foreign, ApplyError::Format { .. }), "{foreign}");
}

#[test]
fn a_plan_that_is_not_the_journals_is_refused() {
    let (bench, lines) = begun();
    let other: Vec<String> = lines.iter().map(|line| line.replace(&bench.world.plan.digest, &"1".repeat(64))).collect();
    assert!(matches!(refused(&bench, &other), ApplyError::OtherPlan { .. }));
    let path = bench.world.dir.join("plan.json");
    fs::write(&path, bench.text.replacen("365", "7", 1)).unwrap();
    assert!(matches!(refused(&bench, &lines), ApplyError::Plan(_)));
}

#[test]
fn a_run_killed_while_its_first_line_was_written_was_not_begun() {
    for torn in ["", r#"{"number":1,"at":"2026-1"#] {
        let (bench, _) = begun();
        fs::write(bench.journal(), torn).unwrap();
        assert!(matches!(bench.resume(), Some(Err(ApplyError::NothingBegun(_)))));
    }
    let bench = Bench::thirty();
    fs::create_dir_all(&bench.world.dir).unwrap();
    fs::write(bench.journal(), r#"{"number":1,"at":"2026-1"#).unwrap();
    bench.assert_applied(bench.apply());
}
