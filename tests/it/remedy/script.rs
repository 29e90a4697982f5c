//! The script that a plan is exported to, run with the AWS CLI: it reaches the world that applying the plan reaches.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use trailwarden_sandbox::world::World;

use super::canon::{canon, differences};
use super::{Desk, Planned};
use crate::venv::tool;

/// A sound organization whose trail lost its key and validation, its bucket what denies plain requests, its log group
/// eleven months, and an alarm its voice. What mends that makes things and changes them, in two accounts. It is a small plan:
/// a step of the script starts the AWS CLI and Python several times, which takes seconds.
fn flawed() -> World {
    let mut world = trailwarden_sandbox::scenario::world("clean").expect("a scenario");
    // The guard of the log archive keeps us from its bucket as well.
    let organization = world.organization.as_mut().expect("an organization");
    organization.attachments.values_mut().for_each(|attached| attached.retain(|policy| policy != "p-cl3narchv"));
    for trail in world.cloudtrail.values_mut().flat_map(|held| &mut held.trails) {
        (trail.log_file_validation, trail.kms_key) = (false, None);
    }
    for bucket in world.s3.values_mut().flat_map(|held| held.buckets.values_mut()) {
        let Some(text) = &bucket.policy else { continue };
        let mut policy: Value = serde_json::from_str(text).expect("a policy");
        let statements = policy["Statement"].as_array_mut().expect("statements");
        statements.retain(|statement| statement["Condition"]["Bool"]["aws:SecureTransport"].is_null());
        bucket.policy = Some(policy.to_string());
    }
    for group in world.logs.values_mut().flat_map(|held| &mut held.groups) {
        group.retention_days = Some(30);
    }
    let alarms = world.cloudwatch.values_mut().flat_map(|held| &mut held.alarms);
    alarms.filter(|alarm| alarm.name == "root-usage").for_each(|alarm| alarm.actions_enabled = false);
    world
}

/// What an audit says of which control and place; AWS makes up the ids of new keys, so that resources are not compared.
fn outcomes(desk: &Desk) -> Vec<String> {
    let audit = desk.run(&["audit", "--framework", "aws-cloudtrail-best-practices", "-o", "json"]).json();
    let findings = audit["findings"].as_array().expect("findings");
    let said = ["control", "account", "region", "outcome"];
    let mut all: Vec<String> =
        findings.iter().map(|finding| said.map(|member| finding[member].to_string()).join(" ")).collect();
    all.sort();
    all
}

/// Runs a script where the AWS CLI finds the sandbox.
fn bash(desk: &Desk, script: &Path) {
    let aws = tool("aws");
    let bin = Path::new(aws.get_program()).parent().expect("a folder").display().to_string();
    let path = std::env::var("PATH").expect("a PATH");
    let output = Command::new("bash")
        .arg(script)
        .envs(desk.served.sandbox().environment())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env_remove("AWS_PROFILE")
        .env("PATH", format!("{bin}:{path}"))
        .output()
        .expect("bash runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_script_reaches_the_world_that_applying_reaches() {
    let [by_script, by_apply] = [(); 2].map(|()| Desk::of(flawed()));
    let script = by_script.folder.path().join("plan.sh");
    let controls = "trail-encrypted-with-kms,log-file-validation-enabled,log-bucket-transport-encrypted,\
                    log-group-retained-and-encrypted,tamper-alarms-actionable";
    let output = format!("aws-cli:{}", script.display());
    let planned = by_script.plan("plan.json", &["--control", controls, "-o", &output]);
    let made = ["kms:CreateKey", "kms:CreateAlias", "cloudtrail:UpdateTrail", "s3:PutBucketPolicy"];
    for call in made.into_iter().chain(["logs:PutMetricFilter", "cloudwatch:PutMetricAlarm"]) {
        assert!(planned.plan.steps.iter().any(|step| step.call.operation() == call), "{:#?}", planned.plan.steps);
    }
    let before = canon(&by_script.world());

    bash(&by_script, &script);
    let file = by_apply.folder.path().join("plan.json");
    fs::copy(&planned.file, &file).expect("a copy");
    let run = by_apply.apply(&Planned { file, plan: planned.plan });
    assert!(run.code == Some(0) || run.code == Some(11), "{run:?}");

    assert!(!differences(&before, &canon(&by_script.world())).is_empty());
    assert_eq!(differences(&canon(&by_apply.world()), &canon(&by_script.world())), Vec::<String>::new());
    assert_eq!(outcomes(&by_apply), outcomes(&by_script));
}
