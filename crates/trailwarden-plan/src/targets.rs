//! The planner: target by target, what others rest on first.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::Arn;
use trailwarden_model::plan::{Aspect, Call, Hindrance, Plan, Subject};
use trailwarden_model::trail::Trail;

use crate::asks::{self, Asks, all, left_out};
use crate::bench::{Bench, Findings};
use crate::facts::{Facts, Stop};
use crate::inputs::{Group, Inputs};
use crate::requests::Source;
use crate::{alarms, buckets, config, finish, foreseen, groups, keys, organization, removal, stores, trails};

/// What planning came to.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The plan, whole when nothing is missing. Not sealed.
    pub plan: Plan,
    /// What must be looked at before it is whole.
    pub missing: BTreeSet<Subject>,
}

/// Plans with the facts at hand. `looks` tells the IAM actions that looking at an aspect takes.
pub fn draft(inputs: Inputs<'_>, facts: &Facts, looks: &dyn Fn(&Aspect) -> BTreeSet<String>) -> Draft {
    let mut bench = Bench::new(inputs, facts);
    let mut asks = asks::sort(&mut bench);
    let made = organization::plan(&mut bench, &mut asks);
    plan_buckets(&mut bench, &asks);
    plan_keys(&mut bench, &asks);
    plan_groups(&mut bench, &asks);
    plan_trails(&mut bench, &asks);
    alarms::plan(&mut bench, &asks, made.as_ref());
    for ((account, region), findings) in grouped(&mut bench, Group::EventDataStores, &asks.stores) {
        stores::plan(&mut bench, &account, &region, &findings);
    }
    for ((account, region), findings) in grouped(&mut bench, Group::Config, &asks.recorders) {
        config::plan(&mut bench, &account, &region, &findings);
    }
    removal::plan(&mut bench, &asks);
    plan_deliveries(&mut bench, &asks);
    foreseen::plan(&mut bench);
    let missing = std::mem::take(&mut bench.missing);
    Draft { plan: finish::plan(bench, looks), missing }
}

/// The entries of a group of targets; none, and their findings left aside, where the user left the group out.
fn grouped<K: Clone + Ord>(bench: &mut Bench<'_>, group: Group, asks: &BTreeMap<K, Findings>) -> BTreeMap<K, Findings> {
    if bench.inputs.options.takes(group) {
        return asks.clone();
    }
    leave_out(bench, asks.values().flatten().cloned().collect());
    BTreeMap::new()
}

fn leave_out(bench: &mut Bench<'_>, findings: Findings) {
    if !findings.is_empty() {
        let management = bench.management().clone();
        bench.leave(&management, None, &findings, left_out());
    }
}

fn plan_buckets(bench: &mut Bench<'_>, asks: &Asks) {
    if !bench.inputs.options.takes(Group::Buckets) {
        return leave_out(bench, asks.buckets.values().flat_map(all).collect());
    }
    for (name, wants) in &asks.buckets {
        let sources = sources(bench, asks, |trail| trail.bucket == *name);
        buckets::plan(bench, name, wants, sources);
    }
}

fn plan_keys(bench: &mut Bench<'_>, asks: &Asks) {
    if !bench.inputs.options.takes(Group::Keys) {
        return leave_out(bench, asks.keys.values().flat_map(all).collect());
    }
    for (arn, wants) in &asks.keys {
        let sources = sources(bench, asks, |trail| trail.kms_key.as_ref() == Some(arn));
        keys::plan(bench, arn, wants, &sources);
    }
}

fn plan_groups(bench: &mut Bench<'_>, asks: &Asks) {
    if !bench.inputs.options.takes(Group::LogGroups) {
        return leave_out(bench, asks.groups.values().flat_map(all).collect());
    }
    for (arn, wants) in &asks.groups {
        let sources = sources(bench, asks, |trail| trail.log_group.as_ref() == Some(arn));
        groups::plan(bench, arn, wants, &sources);
    }
}

fn plan_trails(bench: &mut Bench<'_>, asks: &Asks) {
    if !bench.inputs.options.takes(Group::Trails) {
        return leave_out(bench, asks.trails.values().flat_map(all).collect());
    }
    let users = trails::key_users(bench, &asks.trails);
    for (arn, wants) in &asks.trails {
        trails::plan(bench, arn, wants, &users);
    }
}

/// The trails that meet a condition, as they will be after this plan.
fn sources(bench: &Bench<'_>, asks: &Asks, is_meant: impl Fn(&Trail) -> bool) -> BTreeSet<Source> {
    let becomes = |trail: &Trail| {
        asks.trails.get(&trail.arn).is_some_and(|wants| wants.contains_key(&asks::TrailWant::Organization))
    };
    let trails = bench.inputs.snapshot.trails.values().filter(|trail| is_meant(trail));
    trails
        .map(|trail| Source { is_organization: trail.is_organization || becomes(trail), ..trails::source(trail) })
        .collect()
}

/// Deliveries that fail are mended by what mends their bucket, key, role or trail; where nothing of that is planned, a person
/// must look.
fn plan_deliveries(bench: &mut Bench<'_>, asks: &Asks) {
    let to_buckets = asks.deliveries.iter().map(|of_trail| (of_trail, false));
    let to_groups = asks.group_deliveries.iter().map(|of_trail| (of_trail, true));
    for ((arn, findings), is_to_group) in to_buckets.chain(to_groups) {
        let Some(trail) = bench.inputs.snapshot.trails.get(arn) else { continue };
        let serving = serving(bench, trail, is_to_group);
        for subject in &serving {
            bench.serves(subject, findings);
        }
        if serving.is_empty() {
            let blocked = bench.unplanned.iter().any(|left| concerns(left.target.as_deref(), trail));
            let stop = if blocked || is_left_out(bench, asks, trail) {
                Stop::new(
                    Hindrance::Dependent,
                    format!("deliveries of trail {} fail until the rest of it is mended", trail.name),
                )
            } else {
                let reason = format!("deliveries of trail {} fail, and bucket, key and role look right", trail.name);
                Stop::new(Hindrance::Manual, reason).hint("see the error that the finding shows")
            };
            bench.leave(&trail.owner, Some(arn.to_string()), findings, stop);
        }
    }
}

/// The steps that change what a trail delivers to its bucket with, or to its log group.
fn serving(bench: &Bench<'_>, trail: &Trail, is_to_group: bool) -> Vec<Subject> {
    let key = trail.kms_key.as_ref().map(Arn::as_str);
    let role = trail.log_role.as_ref().map(|role| role.as_str().rsplit('/').next().unwrap_or_default());
    let serves = |subject: &&Subject| match &subject.aspect {
        Aspect::Bucket { bucket } | Aspect::BucketPolicy { bucket } => !is_to_group && *bucket == trail.bucket,
        Aspect::Key { key: one } | Aspect::KeyDeletion { key: one } | Aspect::KeyPolicy { key: one } => {
            !is_to_group && Some(one.as_str()) == key
        }
        Aspect::Role { name } | Aspect::RolePolicy { role: name, .. } => {
            is_to_group && subject.place.account == trail.owner && Some(name.as_str()) == role
        }
        Aspect::TrailLogging { trail: arn } => *arn == trail.arn.as_str(),
        _ => false,
    };
    let updates = bench.drafts.values().filter(|draft| match &draft.call {
        Call::UpdateTrail(input) => input.name == trail.arn.as_str() && input.s3_bucket_name.is_some(),
        _ => false,
    });
    bench.drafts.keys().filter(serves).chain(updates.map(|draft| &draft.subject)).cloned().collect()
}

/// True when something is wanted of what a trail delivers with, and the user left it out.
fn is_left_out(bench: &Bench<'_>, asks: &Asks, trail: &Trail) -> bool {
    let has = |group: Group, is_wanted: bool| is_wanted && !bench.inputs.options.takes(group);
    has(Group::Trails, asks.trails.contains_key(&trail.arn))
        || has(Group::Buckets, asks.buckets.contains_key(&trail.bucket))
        || has(Group::Keys, trail.kms_key.as_ref().is_some_and(|key| asks.keys.contains_key(key)))
        || has(Group::LogGroups, trail.log_group.as_ref().is_some_and(|group| asks.groups.contains_key(group)))
}

fn concerns(target: Option<&str>, trail: &Trail) -> bool {
    let group = trail.log_group.as_ref().map(Arn::as_str);
    let key = trail.kms_key.as_ref().map(Arn::as_str);
    target.is_some_and(|target| {
        target == trail.arn.as_str() || target == trail.bucket || Some(target) == key || Some(target) == group
    })
}
