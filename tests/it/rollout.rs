//! Service control policies that deny tampering, rolled out in stages by the program itself, against a sandbox that enforces them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;
use trailwarden_apply::{Cloud, Refusal};
use trailwarden_model::ids::AccountId;
use trailwarden_model::plan::{Call, Place};
use trailwarden_sandbox::scenario;
use trailwarden_sandbox::world::World;
use trailwarden_sandbox::world::cloudtrail::Trail;
use trailwarden_sandbox::world::iam::Role;
use trailwarden_sandbox::world::organizations::{FULL_AWS_ACCESS, Organization, Policy, SCP};

use crate::remedy::{Desk, Planned};
use crate::support::Run;

mod driven;
mod exports;
mod limits;
mod reach;
mod refusals;
mod scripts;
mod story;

fn id(account: &str) -> AccountId {
    account.parse().expect("an account")
}

fn organization(world: &mut World) -> &mut Organization {
    world.organization.as_mut().expect("an organization")
}

/// The organization as the sandbox keeps it, byte for byte.
fn kept(desk: &Desk) -> String {
    serde_json::to_string(&desk.world().organization).expect("it writes")
}

/// A scenario, changed behind the back of AWS's rules.
fn changed(name: &str, change: impl FnOnce(&mut World)) -> Desk {
    let mut world = scenario::world(name).expect("a scenario");
    change(&mut world);
    Desk::of(world)
}

/// A service control policy of somebody else, attached to these nodes.
fn attach(world: &mut World, (policy, name): (&str, &str), content: &str, nodes: &[&str]) {
    let organization = organization(world);
    organization.policies.insert(
        policy.to_owned(),
        Policy {
            name: name.to_owned(),
            description: String::new(),
            kind: SCP.to_owned(),
            content: content.to_owned(),
            aws_managed: false,
        },
    );
    for node in nodes {
        organization.attachments.entry((*node).to_owned()).or_default().insert(policy.to_owned());
    }
}

/// Disables service control policies, as if they had never been enabled.
fn disable(world: &mut World) {
    let organization = organization(world);
    organization.policy_types.remove(SCP);
    let of_type: BTreeSet<String> =
        organization.policies.iter().filter(|(_, policy)| policy.kind == SCP).map(|(id, _)| id.clone()).collect();
    organization.attachments.values_mut().for_each(|attached| attached.retain(|id| !of_type.contains(id)));
    organization.policies.remove(FULL_AWS_ACCESS);
}

fn detach_full_access(world: &mut World, node: &str) {
    organization(world).attachments.get_mut(node).expect("attachments").remove(FULL_AWS_ACCESS);
}

/// A baseline as a file, and its path.
fn baseline(desk: &Desk, text: &str) -> String {
    let path = desk.folder.path().join("baseline.toml");
    fs::write(&path, text).expect("writes");
    path.to_str().expect("UTF-8").to_owned()
}

/// A plan of `scp plan`.
fn planned(desk: &Desk, arguments: &[&str]) -> Planned {
    desk.planned("plan.json", &[&["scp", "plan", "--no-usage"], arguments].concat())
}

/// Runs the program with lines as long as it writes any: where shorter ones are broken depends on the length of times.
fn run(desk: &Desk, arguments: &[&str]) -> Run {
    desk.program(arguments).env("COLUMNS", "140").output().expect("the program runs").into()
}

fn apply(desk: &Desk, planned: &Planned, more: &[&str]) -> Run {
    let file = planned.file.to_str().expect("UTF-8");
    run(desk, &[&["apply", file, "--approve", &planned.plan.digest, "--runs", &desk.runs()], more].concat())
}

fn resume(desk: &Desk, planned: &Planned, more: &[&str]) -> Run {
    run(desk, &[&["apply", "--resume", &planned.run(), "--runs", &desk.runs()], more].concat())
}

/// A trail of this account alone, and two administrators in it: one that a baseline may declare, and one that none does.
pub(crate) fn own_trail(world: &mut World, account: &str, name: &str) {
    let account = id(account);
    // An account that was invited has no such role; that of another one trusts the same management account.
    let entered = world.iam.values().find_map(|held| held.roles.get("OrganizationAccountAccessRole"));
    let entered: Role = entered.expect("a role that enters").clone();
    let roles = &mut world.iam.entry(account.clone()).or_default().roles;
    for name in ["incident-response", "intruder"] {
        roles.insert(name.to_owned(), entered.clone());
    }
    let trails = &mut world.cloudtrail.entry(account).or_default().trails;
    if trails.iter().all(|trail| trail.name != name) {
        let clean = scenario::world("clean").expect("a scenario");
        let trail: &Trail = clean.cloudtrail.values().flat_map(|held| &held.trails).next().expect("a trail");
        let home_region = "eu-west-1".parse().expect("a region");
        trails.push(Trail { name: name.to_owned(), home_region, organization: false, ..trail.clone() });
    }
}

/// Stops a trail for real, as a role of its account.
fn stop(desk: &Desk, role: &str, trail: &str) -> Result<(), Refusal> {
    call(desk, role, trail, &Call::StopLogging { name: trail.to_owned() })
}

fn call(desk: &Desk, role: &str, arn: &str, call: &Call) -> Result<(), Refusal> {
    let parts: Vec<&str> = arn.split(':').collect();
    let place = Place { account: id(parts[4]), region: parts[3].parse().expect("a region") };
    let session = desk.served.session_as(role);
    desk.served.wait(session.perform(&place, call))
}

/// The outcomes of a control by account.
fn outcomes(desk: &Desk, control: &str, arguments: &[&str]) -> BTreeMap<String, String> {
    let run = desk.run(&[&["audit", "--control", control, "-o", "json"], arguments].concat());
    let findings = run.json()["findings"].as_array().expect("findings").clone();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    findings.iter().map(|finding| (text(&finding["account"]), text(&finding["outcome"]))).collect()
}

/// The operations of a plan's steps.
fn operations(planned: &Planned) -> Vec<String> {
    let operation =
        |step: &trailwarden_model::plan::Step| step.call.operation().trim_start_matches("organizations:").to_owned();
    planned.plan.steps.iter().map(operation).collect()
}
