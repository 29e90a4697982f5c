//! `baseline approve`: the trails of a run approved, and what an audit by that baseline says when one was altered.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{Run, acme, program};

const OURS: &str =
    "# what we require\nretention_days = 400 # by law\n\n[override.ou-ac7f-prodprod]\nretention_days = 2555\n";

fn run(folder: &Path, arguments: &[&str]) -> Run {
    program(arguments).current_dir(folder).output().expect("the program runs").into()
}

/// A folder with a kept run of the snapshot, and our baseline.
fn kept() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let audited = run(folder.path(), &["audit", "--snapshot", acme(), "--keep", "-q"]);
    assert_eq!(audited.code, Some(10), "{}", audited.stderr);
    fs::write(folder.path().join("baseline.toml"), OURS).expect("writes");
    folder
}

fn approve(folder: &Path, more: &[&str]) -> Run {
    run(folder, &[&["baseline", "approve", "latest", "--baseline", "baseline.toml", "--by", "Ada"], more].concat())
}

/// The outcome and reason of trails-match-baseline for each trail, by its ARN.
fn judged(folder: &Path, snapshot: &str) -> Vec<(String, String, String)> {
    let arguments = ["--baseline", "baseline.toml", "--control", "trails-match-baseline", "-o", "json"];
    let found = run(folder, &[&["audit", "--snapshot", snapshot][..], &arguments].concat());
    assert!(found.code.is_some_and(|code| code != 2), "{}", found.stderr);
    let found = found.json();
    let text = |finding: &Value, member: &str| finding[member].as_str().unwrap_or_default().to_owned();
    let findings = found["findings"].as_array().expect("findings").iter();
    findings.map(|one| (text(one, "resource"), text(one, "outcome"), text(one, "reason"))).collect()
}

#[test]
fn approved_trails_pass_until_one_is_altered() {
    let folder = kept();
    let (path, baseline) = (folder.path(), folder.path().join("baseline.toml"));
    let dry = approve(path, &["--dry-run"]);
    assert_eq!((dry.code, dry.stderr.as_str()), (Some(0), ""));
    assert_eq!(fs::read_to_string(&baseline).expect("reads"), OURS);
    let approved = approve(path, &[]);
    assert_eq!((approved.code, approved.stdout.as_str()), (Some(0), dry.stdout.as_str()), "{}", approved.stderr);
    assert!(dry.stdout.contains("Approved so far: none\n+ arn:aws:cloudtrail:"), "{}", dry.stdout);
    for said in ["\nNot approved, because it could not be read:\n", "\n  sts:AssumeRole in 835702946618 "] {
        assert!(dry.stdout.contains(said), "{said}: {}", dry.stdout);
    }
    let text = fs::read_to_string(&baseline).expect("reads");
    assert!(text.starts_with(OURS), "{text}");
    for said in ["approved_by = \"Ada\"", "file = \"baseline-trails.json\"", "run = \"o-acme7f3k2q-"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let passing = judged(path, acme());
    let n_trails = dry.stdout.matches("\n+ ").count();
    assert!(n_trails > 1 && passing.iter().filter(|(_, outcome, _)| outcome == "pass").count() == n_trails);
    assert!(passing.iter().all(|(_, outcome, _)| outcome != "fail"), "{passing:?}");
    assert!(approve(path, &[]).stdout.contains("No trail changes."));

    let altered = alter(path);
    let failing: Vec<_> = judged(path, &altered).into_iter().filter(|(_, outcome, _)| outcome == "fail").collect();
    let [(arn, _, reason)] = failing.as_slice() else { panic!("{failing:?}") };
    assert!(arn.ends_with("trail/payments-trail") && reason.contains("S3BucketName"), "{failing:?}");
    let accepted = run(path, &["baseline", "approve", &altered, "--baseline", "baseline.toml", "--by", "Bo"]).stdout;
    assert!(
        accepted.contains(", approved by Ada at 20") && accepted.contains("S3BucketName elsewhere; before "),
        "{accepted}"
    );
    assert!(judged(path, &altered).iter().all(|(_, outcome, _)| outcome != "fail"));
}

/// The snapshot with another bucket of one trail.
fn alter(folder: &Path) -> String {
    let mut snapshot: Value = serde_json::from_str(&fs::read_to_string(acme()).expect("a snapshot")).expect("JSON");
    let trails = snapshot["trails"].as_object_mut().expect("trails");
    let (_, trail) = trails.iter_mut().find(|(arn, _)| arn.ends_with("/payments-trail")).expect("the trail");
    trail["bucket"] = "elsewhere".into();
    fs::write(folder.join("altered.json"), snapshot.to_string()).expect("writes");
    "altered.json".to_owned()
}

#[test]
fn what_was_changed_after_it_was_approved_or_audited_is_refused() {
    let folder = kept();
    let path = folder.path();
    approve(path, &[]);
    let trails = path.join("baseline-trails.json");
    let text = fs::read_to_string(&trails).expect("reads").replace("payments", "payment2");
    fs::write(&trails, text).expect("writes");
    let says = "baseline-trails.json is not what Ada approved";
    run(path, &["audit", "--snapshot", acme(), "--baseline", "baseline.toml"]).assert_refused(says);
    let refused = approve(path, &[]);
    refused.assert_refused(says);
    assert!(refused.stderr.contains("take the table approved_trails out of baseline.toml"), "{}", refused.stderr);
    fs::write(path.join("baseline.toml"), OURS).expect("writes");
    assert_eq!(approve(path, &[]).code, Some(0), "as the hint says");

    fs::write(path.join("baseline.toml"), OURS).expect("writes");
    let runs = fs::read_dir(path.join("trailwarden-runs")).expect("lists");
    let kept = runs.map(|run| run.expect("a run").path()).find(|run| run.is_dir()).expect("the run");
    let assessment = kept.join("assessment.json");
    let whole = fs::read_to_string(&assessment).expect("reads");
    let digest = serde_json::from_str::<Value>(&whole).expect("JSON")["provenance"]["snapshot"].clone();
    fs::write(&assessment, whole.replace(digest.as_str().expect("a digest"), &"0".repeat(64))).expect("writes");
    approve(path, &[]).assert_refused("is not what");
    fs::remove_file(kept.join("snapshot.json.gz")).expect("removes");
    approve(path, &[]).assert_refused("has no snapshot beside it");
}

#[test]
fn a_run_that_did_not_look_at_every_trail_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, narrow) = (folder.path(), folder.path().join("narrow.json"));
    let narrow = narrow.to_str().expect("UTF-8");
    for (narrowing, says) in [
        (["--region", "eu-central-1"], "leave accounts or regions out"),
        (["--control", "trail-is-logging"], "did not read {EventSelectors, Insights}"),
    ] {
        let collected = run(path, &[&["collect", "--sandbox", "-o", narrow][..], &narrowing].concat());
        assert_eq!(collected.code, Some(0), "{}", collected.stderr);
        run(path, &["baseline", "approve", narrow, "--baseline", "b.toml", "--by", "Ada"]).assert_refused(says);
    }
    assert!(!path.join("b.toml").exists());
    let other = ["collect", "--sandbox=clean", "-o", narrow];
    assert_eq!(run(path, &other).code, Some(0));
    fs::write(path.join("b.toml"), OURS).expect("writes");
    run(path, &["baseline", "approve", narrow, "--baseline", "b.toml", "--by", "Ada"])
        .assert_refused("ou-ac7f-prodprod");
}
