//! Trails held against those that were approved: one by its attributes, and all of them for whoever approves anew. What a
//! difference amounts to is judged by the control `trails-match-baseline`.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::Arn;
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::snapshot::{Need, Snapshot};
use trailwarden_model::trail::Trail;

use crate::control::Control;
use crate::controls;
use crate::coverage::record_the_same;

/// The control that approved trails are for.
pub const CONTROL: &str = "trails-match-baseline";

/// How an approval differs from the one before, trail by trail.
#[derive(Debug, PartialEq, Eq)]
pub enum Change<'a> {
    /// Approved now and not before.
    New(&'a Trail),
    /// Approved before and not now.
    Gone(&'a Trail),
    /// Approved both times, with other settings: their names, with what is approved now and what was before where a few
    /// words tell it.
    Altered(&'a Trail, Vec<(&'static str, Option<(String, String)>)>),
}

/// What an approval needs to have been read.
pub fn needs() -> BTreeSet<Need> {
    controls::find(CONTROL).into_iter().flat_map(|control: &Control| control.needs.iter().copied()).collect()
}

/// How the trails to be approved differ from those approved before.
pub fn changes<'a>(now: &'a BTreeMap<Arn, Trail>, before: &'a BTreeMap<Arn, Trail>) -> Vec<Change<'a>> {
    let kept = now.values().filter_map(|trail| match before.get(&trail.arn) {
        None => Some(Change::New(trail)),
        Some(approved) => {
            let altered = alterations(trail, approved);
            (!altered.is_empty()).then_some(Change::Altered(trail, altered))
        }
    });
    let gone = before.values().filter(|trail| !now.contains_key(&trail.arn)).map(Change::Gone);
    kept.chain(gone).collect()
}

fn alterations(trail: &Trail, approved: &Trail) -> Vec<(&'static str, Option<(String, String)>)> {
    let differing = attributes(trail, approved).into_iter().filter(|(_, now, then)| now != then);
    let mut altered: Vec<_> = differing.map(|(name, now, then)| (name, Some((now, then)))).collect();
    let is_other = |is_same: bool, name| (!is_same).then_some((name, None));
    altered.extend(is_other(is_same(&trail.selectors, &approved.selectors, record_the_same), "event selectors"));
    altered.extend(is_other(is_same(&trail.insights, &approved.insights, PartialEq::eq), "Insights"));
    altered
}

/// Whether both hold the same fact, or neither does.
fn is_same<T>(now: &Observed<T>, then: &Observed<T>, same: impl Fn(&T, &T) -> bool) -> bool {
    match (now, then) {
        (Observed::Known(now), Observed::Known(then)) => same(now, then),
        (now, then) => now.known().is_some() == then.known().is_some(),
    }
}

/// What was asked of AWS for an approval and could not be read: accounts and regions whose trails are not approved, and
/// settings that are not.
pub fn unread(snapshot: &Snapshot) -> Vec<&Gap> {
    let accounts = snapshot.accounts.values();
    let entered = accounts.clone().filter_map(|account| account.entered_as.gap());
    let listed = accounts.flat_map(|account| account.regions.values()).filter_map(|region| region.trails.gap());
    let trails = snapshot.trails.values();
    let settings = trails.flat_map(|trail| trail.selectors.gap().into_iter().chain(trail.insights.gap()));
    entered.chain(listed).chain(settings).collect()
}

/// The attributes of both, by the names that AWS gives them.
pub(crate) fn attributes(trail: &Trail, approved: &Trail) -> Vec<(&'static str, String, String)> {
    let bool = |read: fn(&Trail) -> bool| (read(trail).to_string(), read(approved).to_string());
    let word = |text: Option<&str>| text.map_or_else(|| "not set".to_owned(), str::to_owned);
    let arn = |read: fn(&Trail) -> &Option<Arn>| {
        let word = |one: &Trail| word(read(one).as_ref().map(Arn::as_str));
        (word(trail), word(approved))
    };
    let pairs = [
        ("IsMultiRegionTrail", bool(|trail| trail.is_multi_region)),
        ("IsOrganizationTrail", bool(|trail| trail.is_organization)),
        ("IncludeGlobalServiceEvents", bool(|trail| trail.includes_global_service_events)),
        ("LogFileValidationEnabled", bool(|trail| trail.log_file_validation)),
        ("RecursiveLogging", bool(|trail| trail.recursive_logging.unwrap_or(true))),
        ("S3BucketName", (trail.bucket.clone(), approved.bucket.clone())),
        ("S3KeyPrefix", (word(trail.prefix.as_deref()), word(approved.prefix.as_deref()))),
        ("KmsKeyId", arn(|trail| &trail.kms_key)),
        ("SnsTopicARN", arn(|trail| &trail.sns_topic)),
        ("CloudWatchLogsLogGroupArn", arn(|trail| &trail.log_group)),
        ("CloudWatchLogsRoleArn", arn(|trail| &trail.log_role)),
    ];
    pairs.into_iter().map(|(name, (now, then))| (name, now, then)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ORG_TRAIL, WORKLOAD, World, denied};

    #[test]
    fn what_is_approved_anew_is_told_trail_by_trail() {
        let before = World::clean().add_trail("old", WORKLOAD, |_| {}).snapshot.trails;
        let now = World::clean()
            .add_trail("new", WORKLOAD, |_| {})
            .trail(ORG_TRAIL, |trail| {
                trail.bucket = "elsewhere".to_owned();
                trail.insights = Observed::Gap(denied("cloudtrail:GetInsightSelectors"));
            })
            .snapshot
            .trails;
        let told: Vec<String> = changes(&now, &before)
            .iter()
            .map(|change| match change {
                Change::New(trail) => format!("new {}", trail.name),
                Change::Gone(trail) => format!("gone {}", trail.name),
                Change::Altered(trail, altered) => {
                    let names: Vec<&str> = altered.iter().map(|(name, _)| *name).collect();
                    format!("{} {}", trail.name, names.join(" "))
                }
            })
            .collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told.contains(&"new new".to_owned()) && told.contains(&"gone old".to_owned()), "{told:?}");
        assert!(told.iter().any(|change| change.ends_with("S3BucketName Insights")), "{told:?}");
        assert_eq!(changes(&now, &now), []);
    }

    #[test]
    fn what_could_not_be_read_is_not_approved_and_told() {
        assert_eq!(unread(&World::clean().snapshot), Vec::<&Gap>::new());
        let world = World::clean()
            .unentered(WORKLOAD)
            .trail(ORG_TRAIL, |trail| trail.selectors = Observed::Gap(denied("cloudtrail:GetEventSelectors")));
        assert_eq!(unread(&world.snapshot).len(), 2);
        assert_eq!(needs(), BTreeSet::from([Need::Trails, Need::EventSelectors, Need::Insights]));
    }
}
