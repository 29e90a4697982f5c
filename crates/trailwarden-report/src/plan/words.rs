//! What a plan speaks of, in words: settings, hindrances, deeds.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::AccountId;
use trailwarden_model::organization::RESOURCE_CONTROL_POLICY;
use trailwarden_model::plan::{Aspect, Before, Guard, Hindrance, Plan, Rollback, Step};

/// `payments-prod (523908114477)`, or the id alone.
pub(crate) fn account(plan: &Plan, id: &AccountId) -> String {
    match plan.accounts.get(id).filter(|name| !name.is_empty()) {
        Some(name) => format!("{name} ({id})"),
        None => id.to_string(),
    }
}

/// What is looked at, for example `bucket policy of logs`.
pub(crate) fn aspect(aspect: &Aspect) -> String {
    let of = |what: &str, name: &str| format!("{what} {name}");
    match aspect {
        Aspect::TrustedAccess { service } => of("trusted access of", service),
        Aspect::PolicyType { policy_type } => of("policy type", policy_type),
        Aspect::AuthorizationPolicy { policy_type, name } => of(policy_kind(policy_type), name),
        Aspect::PolicyAttachment { policy_type, policy, target } => {
            format!("attachment of {} {policy} to {target}", policy_kind(policy_type))
        }
        Aspect::Role { name } => of("role", name),
        Aspect::RolePolicy { role, name } => format!("inline policy {name} of role {role}"),
        Aspect::TaggedKey { tag } => of("key with the tag trailwarden:key =", tag),
        Aspect::Key { key } => of("key", key),
        Aspect::KeyDeletion { key } => of("pending deletion of key", key),
        Aspect::KeyAlias { name } => of("key alias", name),
        Aspect::KeyPolicy { key } => of("policy of key", key),
        Aspect::KeyRotation { key } => of("rotation of key", key),
        Aspect::Bucket { bucket } => of("bucket", bucket),
        Aspect::BucketPolicy { bucket } => of("bucket policy of", bucket),
        Aspect::BucketPublicAccess { bucket } => of("Block Public Access of bucket", bucket),
        Aspect::BucketVersioning { bucket } => of("versioning of bucket", bucket),
        Aspect::BucketEncryption { bucket } => of("default encryption of bucket", bucket),
        Aspect::BucketOwnership { bucket } => of("object ownership of bucket", bucket),
        Aspect::BucketObjectLock { bucket } => of("Object Lock of bucket", bucket),
        Aspect::BucketLifecycle { bucket } => of("lifecycle of bucket", bucket),
        Aspect::BucketLogging { bucket } => of("access logging of bucket", bucket),
        Aspect::LogGroup { group } => of("log group", group),
        Aspect::LogGroupRetention { group } => of("retention of log group", group),
        Aspect::LogGroupKey { group } => of("key of log group", group),
        Aspect::MetricFilter { group, name } => format!("metric filter {name} of log group {group}"),
        Aspect::Alarm { name } => of("alarm", name),
        Aspect::Topic { topic } => of("topic", topic),
        Aspect::TopicPolicy { topic } => of("policy of topic", topic),
        Aspect::Subscription { topic, protocol, endpoint } => {
            format!("subscription of {protocol} {endpoint} to topic {topic}")
        }
        Aspect::Trail { trail } => of("trail", trail),
        Aspect::TrailLogging { trail } => of("logging of trail", trail),
        Aspect::TrailSelectors { trail } => of("event selectors of trail", trail),
        Aspect::TrailInsights { trail } => of("Insights of trail", trail),
        Aspect::EventDataStore { store } => of("event data store", store),
        Aspect::ConfigRecorder => "configuration recorder".to_owned(),
        Aspect::ConfigChannel => "delivery channel of AWS Config".to_owned(),
        Aspect::ConfigRecording => "recording of AWS Config".to_owned(),
        Aspect::Tags { resource } => of("tags of", resource),
    }
}

/// As the policies of a type are called for short.
pub(crate) fn policy_kind(policy_type: &str) -> &'static str {
    match policy_type {
        RESOURCE_CONTROL_POLICY => "RCP",
        _ => "SCP",
    }
}

/// `as s001 leaves it`, when a guard wants just what a step of the plan brings about.
pub(crate) fn left_by(plan: &Plan, guard: &Guard) -> Option<String> {
    let step = plan.steps.iter().find(|step| step.subject == guard.subject && step.after == guard.is)?;
    Some(format!("as {} leaves it", step.id))
}

/// What a step does to what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Deed {
    /// It makes, or sets up, something that is not there yet.
    Makes,
    /// It changes what exists.
    Changes,
    /// It removes something.
    Removes,
}

/// What a step does to what is there.
pub(crate) fn deed(step: &Step) -> Deed {
    match &step.before {
        _ if step.after.is_null() => Deed::Removes,
        Before::Is(value) if !value.is_null() => Deed::Changes,
        _ => Deed::Makes,
    }
}

/// The way back, in words.
pub(crate) fn rollback(step: &Step) -> String {
    match &step.rollback {
        Rollback::Undo(call) => format!("undo: {}", call.operation()),
        Rollback::Keep(reason) => format!("kept when rolling back: {reason}"),
        Rollback::Irreversible(reason) => format!("IRREVERSIBLE: {reason}"),
    }
}

/// What stands in the way, as a heading.
pub(crate) fn hindrance(hindrance: Hindrance) -> &'static str {
    match hindrance {
        Hindrance::Unknown => "a fact could not be read",
        Hindrance::OwnedElsewhere => "owned by another tool",
        Hindrance::Denied => "an organization policy denies the call",
        Hindrance::Impossible => "AWS would refuse it",
        Hindrance::OnRequest => "planned only when asked for",
        Hindrance::Manual => "a person must act",
        Hindrance::OtherCommand => "another command plans it",
        Hindrance::Dependent => "depends on something that is not planned",
    }
}

/// `s001, s002`.
pub(crate) fn list<'a>(items: impl IntoIterator<Item = &'a String>) -> String {
    items.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// Findings listed by their ids; of more than these, how many of each control.
const MAX_IDS: usize = 4;

/// The findings that ask for a step. Where many do, their controls with numbers: the plan file has the ids.
pub(crate) fn findings(ids: &BTreeSet<String>) -> String {
    if ids.len() <= MAX_IDS {
        return list(ids);
    }
    let of = |(control, n_findings): (&str, usize)| match n_findings {
        1 => control.to_owned(),
        n_findings => format!("{control} ({n_findings})"),
    };
    controls(ids).into_iter().map(of).collect::<Vec<_>>().join(", ")
}

/// The controls of findings, and how many of each.
pub(crate) fn controls(ids: &BTreeSet<String>) -> BTreeMap<&str, usize> {
    let mut controls = BTreeMap::new();
    for id in ids {
        *controls.entry(id.rsplit_once('-').map_or(id.as_str(), |(control, _)| control)).or_default() += 1;
    }
    controls
}
