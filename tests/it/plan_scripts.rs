//! Plans of organizations with one thing wrong, recorded for people to review: what is planned, and what is left.
//!
//! Each situation is the scenario `clean` (three of its accounts) with a change behind the back of AWS's rules.

mod buckets;
mod keys_and_groups;
mod limits;
mod places;
mod required;
mod trails;
mod unforeseen;

use std::fmt::Write;

use serde_json::Value;
use trailwarden_model::ids::AccountId;
use trailwarden_sandbox::scenario;
use trailwarden_sandbox::server::Options;
use trailwarden_sandbox::world::World;
use trailwarden_sandbox::world::cloudtrail::Trail;
use trailwarden_sandbox::world::kms::Key;
use trailwarden_sandbox::world::logs::LogGroup;
use trailwarden_sandbox::world::s3::Bucket;

use crate::served::Served;
use crate::support::Run;

const MANAGEMENT: &str = "116622338844";
const ARCHIVE: &str = "227733449955";
const SHOP: &str = "550066772288";
const BUCKET: &str = "clean-org-cloudtrail-227733449955";
const TRAIL: &str = "arn:aws:cloudtrail:eu-central-1:116622338844:trail/org-trail";

fn id(account: &str) -> AccountId {
    account.parse().expect("an account")
}

fn trail(world: &mut World) -> &mut Trail {
    world.cloudtrail.get_mut(&id(MANAGEMENT)).expect("CloudTrail").trails.first_mut().expect("the trail")
}

fn bucket(world: &mut World) -> &mut Bucket {
    world.s3.get_mut(&id(ARCHIVE)).expect("S3").buckets.get_mut(BUCKET).expect("the bucket")
}

fn key(world: &mut World) -> &mut Key {
    world.kms.get_mut(&id(ARCHIVE)).expect("KMS").keys.first_mut().expect("the key")
}

fn group(world: &mut World) -> &mut LogGroup {
    world.logs.get_mut(&id(MANAGEMENT)).expect("Logs").groups.first_mut().expect("the group")
}

/// Plans after a change, with the texts of files that options name and with these arguments.
fn planned(change: impl FnOnce(&mut World), files: &[(&str, &str)], arguments: &[&str]) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let mut named = Vec::new();
    for (option, text) in files {
        let path = folder.path().join(option.trim_start_matches('-')).to_str().expect("UTF-8").to_owned();
        std::fs::write(&path, text).expect("written");
        named.extend([(*option).to_owned(), path]);
    }
    let mut world = scenario::world("clean").expect("a scenario");
    let kept = [MANAGEMENT, ARCHIVE, SHOP];
    let organization = world.organization.as_mut().expect("an organization");
    organization.accounts.retain(|account, _| kept.contains(&account.as_str()));
    // What guards the archive guards it from us as well; one situation is about that.
    for guard in ["p-cl3narchv", "p-cleang1d"] {
        organization.policies.remove(guard);
        organization.attachments.values_mut().for_each(|attached| attached.retain(|policy| policy != guard));
    }
    change(&mut world);
    // Without the published rates, which other tests are about.
    let served = Served::start(Options { throttle: false, ..Options::new(world) });
    let all = [&["plan", "-o", "json", "--exclude", "config"], arguments].concat();
    let run: Run = served.program(&all).args(named).output().expect("the program runs").into();
    assert!(matches!(run.code, Some(0 | 21)), "{}", run.stderr);
    run.json()
}

/// A plan as a script for people: one line a step, then what is left.
fn script(plan: &Value) -> String {
    let mut text = String::new();
    for choice in plan["choices"].as_array().expect("choices") {
        let _ = writeln!(
            text,
            "choose {}: {} ({})",
            word(&choice["what"]),
            word(&choice["chosen"]),
            word(&choice["because"])
        );
    }
    for step in plan["steps"].as_array().expect("steps") {
        let place = &step["subject"]["place"];
        let (id, title, call) = (word(&step["id"]), word(&step["title"]), word(&step["call"]["operation"]));
        let _ = writeln!(text, "{id} {title}\n     {call} in {} {}", word(&place["account"]), word(&place["region"]));
        let _ = writeln!(text, "     before {}\n     after  {}", step["before"], step["after"]);
        let back = step["rollback"].as_object().and_then(|back| back.iter().next()).expect("a way back");
        let how = back.1.get("operation").map_or_else(|| word(back.1), word);
        let _ = writeln!(text, "     back   {} {how}", back.0);
        if let Some(needs) = step.get("needs") {
            let _ = writeln!(text, "     needs  {needs}");
        }
    }
    for left in plan["unplanned"].as_array().expect("unplanned") {
        let hindrance = word(&left["hindrance"]);
        if hindrance != "other-command" {
            let _ = writeln!(text, "left ({hindrance}) {}: {}", word(&left["target"]), word(&left["reason"]));
        }
    }
    if text.is_empty() { "nothing to do\n".to_owned() } else { text }
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The operations of a plan's steps.
fn operations(plan: &Value) -> Vec<String> {
    plan["steps"].as_array().expect("steps").iter().map(|step| word(&step["call"]["operation"])).collect()
}

/// Whether something is left for this reason.
fn is_left(plan: &Value, hindrance: &str, words: &str) -> bool {
    let left = plan["unplanned"].as_array().expect("unplanned");
    left.iter().any(|left| left["hindrance"] == hindrance && word(&left["reason"]).contains(words))
}

/// Records a plan of a changed organization, and hands it on for the one thing the situation is about.
macro_rules! situation {
    ($name:ident, $arguments:expr, $change:expr, $check:expr) => {
        situation!($name, &[], $arguments, $change, $check);
    };
    ($name:ident, $files:expr, $arguments:expr, $change:expr, $check:expr) => {
        #[test]
        fn $name() {
            let plan = super::planned($change, $files, $arguments);
            insta::assert_snapshot!(stringify!($name), super::script(&plan));
            let check: fn(&serde_json::Value) = $check;
            check(&plan);
        }
    };
}
pub(crate) use situation;
