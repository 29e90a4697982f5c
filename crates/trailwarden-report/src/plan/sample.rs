//! A made-up plan that holds nearly everything a plan can hold: three accounts, placeholders, hostile names, every
//! hindrance. Tests of every view and export render it.

mod archive;
mod member;
mod trail;
mod unplanned;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use trailwarden_model::plan::{Aspect, Before, Call, Choice, FORMAT, Guard, Place, Plan, Rollback, Step, Subject};

/// The management account.
pub(crate) const ROOT: &str = "111122223333";
/// The log archive account, whose name means harm to a terminal.
pub(crate) const ARCHIVE: &str = "215577239801";
/// A member account, whose name means harm to Markdown.
pub(crate) const MEMBER: &str = "523908114477";
/// The bucket that the plan creates.
const LOGS: &str = "acme-org-trail-logs";
/// The trail that the plan creates.
const TRAIL: &str = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/acme-org";

/// The plan, sealed.
pub(crate) fn plan() -> Plan {
    let plan = Plan {
        format: FORMAT.to_owned(),
        digest: "0".repeat(64),
        tool_version: "0.1.0".to_owned(),
        organization: "o-acme123456".to_owned(),
        management_account: ROOT.parse().expect("an account"),
        partition: "aws".to_owned(),
        snapshot: "5a".repeat(32),
        collected_at: "2026-11-28T09:30:00Z".parse().expect("a time"),
        accounts: accounts(),
        choices: choices(),
        steps: [archive::steps(), trail::steps(), trail::alarm_steps(), member::steps(), member::config_steps()]
            .concat(),
        stages: vec![],
        unreached: BTreeSet::new(),
        unplanned: unplanned::unplanned(),
    };
    let (text, _) = trailwarden_model::plan::seal(&plan).expect("seals");
    trailwarden_model::plan::open(&text).expect("opens")
}

/// A plan of nothing.
pub(crate) fn empty() -> Plan {
    Plan { steps: vec![], unplanned: vec![], choices: vec![], ..plan() }
}

fn accounts() -> BTreeMap<trailwarden_model::ids::AccountId, String> {
    [
        (ROOT, "acme-root"),
        (ARCHIVE, "ログ保管\u{1b}]0;owned\u{7}\u{1b}[2J archive\nUndo: none"),
        (MEMBER, "pay|ments `x` <b>*prod*</b>"),
    ]
    .into_iter()
    .map(|(id, name)| (id.parse().expect("an account"), name.to_owned()))
    .collect()
}

fn choices() -> Vec<Choice> {
    vec![
        Choice {
            what: "log archive account".to_owned(),
            chosen: ARCHIVE.to_owned(),
            because: "it already holds the buckets of four accounts' trails".to_owned(),
            otherwise: Some("--log-archive ACCOUNT".to_owned()),
        },
        Choice {
            what: "home region".to_owned(),
            chosen: "eu-west-1".to_owned(),
            because: "most of the trails have it as theirs".to_owned(),
            otherwise: None,
        },
    ]
}

fn place(account: &str, region: &str) -> Place {
    Place { account: account.parse().expect("an account"), region: region.parse().expect("a region") }
}

fn archive_place() -> Place {
    place(ARCHIVE, "eu-west-1")
}

fn trail_place() -> Place {
    place(ROOT, "eu-west-1")
}

/// A step that brings a setting from `before` to `after` and can be left in place.
fn step(id: &str, title: &str, subject: (Place, Aspect), call: Call, before: Before, after: Value) -> Step {
    let (place, aspect) = subject;
    Step {
        id: id.to_owned(),
        title: title.to_owned(),
        subject: Subject { place, aspect },
        actions: call.actions().into_iter().map(str::to_owned).collect(),
        call,
        before,
        after,
        guards: vec![],
        needs: BTreeSet::new(),
        findings: BTreeSet::new(),
        rollback: Rollback::Keep("it goes with the resource that it belongs to".to_owned()),
        cost: None,
    }
}

/// What a step may say besides.
trait With {
    fn needs(self, steps: &[&str]) -> Self;
    fn mends(self, findings: &[&str]) -> Self;
    fn undo(self, call: Call) -> Self;
    fn costs(self, words: &str) -> Self;
    fn guard(self, subject: (Place, Aspect), is: Value, because: &str) -> Self;
    fn irreversible(self, because: &str) -> Self;
}

impl With for Step {
    fn needs(mut self, steps: &[&str]) -> Self {
        self.needs = steps.iter().map(|&id| id.to_owned()).collect();
        self
    }

    fn mends(mut self, findings: &[&str]) -> Self {
        self.findings = findings.iter().map(|&id| id.to_owned()).collect();
        self
    }

    fn undo(mut self, call: Call) -> Self {
        self.rollback = Rollback::Undo(call);
        self
    }

    fn costs(mut self, words: &str) -> Self {
        self.cost = Some(words.to_owned());
        self
    }

    fn guard(mut self, (place, aspect): (Place, Aspect), is: Value, because: &str) -> Self {
        self.guards.push(Guard { subject: Subject { place, aspect }, is, because: because.to_owned() });
        self
    }

    fn irreversible(mut self, because: &str) -> Self {
        self.rollback = Rollback::Irreversible(because.to_owned());
        self
    }
}

fn nothing() -> Before {
    Before::Is(Value::Null)
}

fn created_by(step: &str) -> Before {
    Before::CreatedBy(step.to_owned())
}

/// A statement that lets CloudTrail do something for the trail that the plan creates.
fn for_cloudtrail(sid: &str, action: &str, resource: &str) -> Value {
    json!({
        "Sid": sid, "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": action, "Resource": resource, "Condition": {"StringEquals": {"aws:SourceArn": TRAIL}},
    })
}

fn policy(statements: &[Value]) -> Value {
    trailwarden_model::plan::normal_policy(&json!({"Version": "2012-10-17", "Statement": statements}))
}

/// A policy as the calls take it.
fn text(policy: &Value) -> String {
    policy.to_string()
}

#[test]
fn the_fixture_of_the_integration_tests_is_this_plan() {
    let (text, _) = trailwarden_model::plan::seal(&plan()).expect("seals");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/plans/sample.json");
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::write(path, &text).expect("writes");
    }
    let fixture = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(fixture, text, "run this test with UPDATE_FIXTURES=1 to write {path}");
}
