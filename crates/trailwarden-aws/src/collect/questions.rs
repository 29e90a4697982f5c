//! Which events to look up where: the fewest names that would show tampering with what an account and region hold. Pure.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::history::PastEvent;
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::storage::{BucketOwner, LogBucket};

use super::buckets::Buckets;
use super::groups::{self, Groups};
use super::keys::Keys;

/// An account and region.
pub(crate) type Place = (AccountId, Region);

/// One event name to look up in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    /// For example `cloudtrail.amazonaws.com`.
    source: &'static str,
    /// For example `StopLogging`.
    pub(crate) name: &'static str,
    /// Names and ARNs of which the event must name one; empty when it matters whatever it is about.
    names: BTreeSet<String>,
}

impl Question {
    /// Whether an event of the wanted name is one of those asked for: services share names, and some events matter only
    /// for our own resources.
    pub(crate) fn is_about(&self, event: &PastEvent) -> bool {
        let names_ours = self.names.is_empty() || event.resources.iter().any(|named| self.names.contains(named));
        self.source == event.source && names_ours
    }
}

const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";
const ORGANIZATIONS: &str = "organizations.amazonaws.com";
const S3: &str = "s3.amazonaws.com";
const KMS: &str = "kms.amazonaws.com";
const LOGS: &str = "logs.amazonaws.com";

/// Asked everywhere: trails are changed at home, which may be any region.
const TRAIL_EVENTS: &[&str] =
    &["StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors", "PutInsightSelectors", "PutEventConfiguration"];
/// Asked of the management account, the only one that may do it.
const ADMINISTRATOR_EVENTS: &[&str] = &["RegisterOrganizationDelegatedAdmin", "DeregisterOrganizationDelegatedAdmin"];
/// Asked of the management account: only there can trusted access be switched off, and only its history tells that an
/// account is gone, which nobody can ask any more. Source: Organizations API Reference, `LeaveOrganization`.
const MANAGEMENT_EVENTS: &[&str] = &["DisableAWSServiceAccess", "AccountDepartedOrganization"];
/// Asked where a log bucket is. The names are those of CloudTrail records, not those of the operations.
const BUCKET_EVENTS: &[&str] = &[
    "DeleteBucket",
    "PutBucketPolicy",
    "DeleteBucketPolicy",
    "PutBucketLifecycle",
    "PutBucketVersioning",
    "PutBucketObjectLockConfiguration",
    "PutBucketEncryption",
    "DeleteBucketEncryption",
    "PutBucketPublicAccessBlock",
    "DeleteBucketPublicAccessBlock",
    "PutBucketAcl",
    "PutBucketOwnershipControls",
    "DeleteBucketOwnershipControls",
    "PutBucketLogging",
    "PutBucketReplication",
    "DeleteBucketReplication",
];
/// Asked where a trail key is.
const KEY_EVENTS: &[&str] = &[
    "DisableKey",
    "ScheduleKeyDeletion",
    "PutKeyPolicy",
    "RevokeGrant",
    "DisableKeyRotation",
    "DeleteImportedKeyMaterial",
];
/// Asked where a log group is.
const GROUP_EVENTS: &[&str] = &[
    "DeleteLogGroup",
    "DeleteLogStream",
    "PutRetentionPolicy",
    "DeleteRetentionPolicy",
    "DisassociateKmsKey",
    "DeleteMetricFilter",
];

/// A resource that trails depend on, with the events that would harm it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    place: Place,
    source: &'static str,
    events: &'static [&'static str],
    names: BTreeSet<String>,
}

/// The log buckets, keys and log groups whose account and region are known.
pub(crate) fn targets(buckets: &Buckets, keys: &Keys, groups: &Groups) -> Vec<Target> {
    let buckets = buckets.values().filter_map(bucket);
    let keys = keys.keys().filter_map(key);
    buckets.chain(keys).chain(groups.keys().filter_map(group)).collect()
}

fn bucket(bucket: &LogBucket) -> Option<Target> {
    let Some(BucketOwner::Account(owner)) = bucket.owner.known() else { return None };
    let place = (owner.clone(), bucket.region.known()?.clone());
    Some(Target { place, source: S3, events: BUCKET_EVENTS, names: [bucket.name.clone()].into() })
}

fn key(arn: &Arn) -> Option<Target> {
    let id = arn.resource().split('/').next_back().unwrap_or_default();
    let names = [arn.to_string(), id.to_owned()].into();
    Some(Target { place: arn.account().zip(arn.region())?, source: KMS, events: KEY_EVENTS, names })
}

fn group(arn: &Arn) -> Option<Target> {
    let name = groups::name(arn)?;
    let names = [arn.to_string(), format!("{arn}:*"), name.to_owned()].into();
    Some(Target { place: groups::place(arn)?, source: LOGS, events: GROUP_EVENTS, names })
}

/// The questions of every place. `leader` is the region that records what is done to the organization.
pub(crate) fn all(
    places: impl Iterator<Item = Place>,
    management: &AccountId,
    leader: &Region,
    targets: &[Target],
) -> BTreeMap<Place, Vec<Question>> {
    let whatever = |source, name| Question { source, name, names: BTreeSet::new() };
    let of_place = |place: Place| {
        let is_management = place.0 == *management;
        let mut questions: Vec<Question> = TRAIL_EVENTS.iter().map(|name| whatever(CLOUDTRAIL, name)).collect();
        if is_management {
            questions.extend(ADMINISTRATOR_EVENTS.iter().map(|name| whatever(CLOUDTRAIL, name)));
        }
        if place.1 == *leader {
            let names = if is_management { MANAGEMENT_EVENTS } else { &["LeaveOrganization"] };
            questions.extend(names.iter().map(|name| whatever(ORGANIZATIONS, name)));
        }
        questions.extend(of_targets(&place, targets));
        (place, questions)
    };
    places.map(of_place).collect()
}

/// One question per name, whatever the number of resources here that it could harm.
fn of_targets(place: &Place, targets: &[Target]) -> Vec<Question> {
    let mut names: BTreeMap<(&'static str, &'static str), BTreeSet<String>> = BTreeMap::new();
    for target in targets.iter().filter(|target| target.place == *place) {
        for event in target.events {
            names.entry((target.source, event)).or_default().extend(target.names.iter().cloned());
        }
    }
    names.into_iter().map(|((source, name), names)| Question { source, name, names }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(account: &str, region: &str) -> Place {
        (account.parse().unwrap(), region.parse().unwrap())
    }

    fn asked(questions: &BTreeMap<Place, Vec<Question>>, place: &Place) -> Vec<&'static str> {
        questions[place].iter().map(|question| question.name).collect()
    }

    #[test]
    fn a_place_is_asked_only_for_what_can_happen_there() {
        let (management, leader) = (place("111111111111", "us-east-1"), "us-east-1".parse().unwrap());
        let (member, elsewhere) = (place("222222222222", "us-east-1"), place("222222222222", "eu-west-1"));
        let places = [management.clone(), member.clone(), elsewhere.clone()];
        let key = key(&"arn:aws:kms:eu-west-1:222222222222:key/k-1".parse().unwrap()).unwrap();
        let questions = all(places.into_iter(), &management.0, &leader, &[key]);
        let extra = |place| asked(&questions, place).split_off(TRAIL_EVENTS.len());
        assert_eq!(extra(&management), [ADMINISTRATOR_EVENTS, MANAGEMENT_EVENTS].concat());
        assert_eq!(extra(&member), ["LeaveOrganization"]);
        let of_keys: BTreeSet<&str> = extra(&elsewhere).into_iter().collect();
        assert_eq!(of_keys, KEY_EVENTS.iter().copied().collect());
    }

    #[test]
    fn an_event_of_another_service_or_another_key_is_no_answer() {
        let event = |source: &str, resource: &str| PastEvent {
            id: "e".to_owned(),
            time: "2026-11-03T10:11:12Z".parse().unwrap(),
            source: source.to_owned(),
            name: "DisableKey".to_owned(),
            region: "eu-west-1".parse().unwrap(),
            principal: None,
            session_issuer: None,
            invoked_by: None,
            source_ip: None,
            resources: vec![resource.to_owned()],
            error_code: None,
        };
        let key = key(&"arn:aws:kms:eu-west-1:222222222222:key/k-1".parse().unwrap()).unwrap();
        let here = key.place.clone();
        let questions = of_targets(&here, &[key]);
        let question = questions.iter().find(|question| question.name == "DisableKey").unwrap();
        assert!(question.is_about(&event(KMS, "k-1")));
        assert!(question.is_about(&event(KMS, "arn:aws:kms:eu-west-1:222222222222:key/k-1")));
        assert!(!question.is_about(&event(KMS, "k-2")));
        assert!(!question.is_about(&event("other.amazonaws.com", "k-1")));
    }
}
