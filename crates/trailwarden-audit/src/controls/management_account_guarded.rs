//! management-account-guarded: where no service control policy reaches, an alarm hears who lays hands on the trails.

use trailwarden_model::control::Severity;
use trailwarden_model::finding::Evidence;
use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::snapshot::Need;
use trailwarden_model::storage::BucketOwner;
use trailwarden_model::trail::Trail;

use crate::alarms::{Watched, is_delivering, watched_families};
use crate::control::{Applies, Control, Judge, Judged};
use crate::cx::Cx;
use crate::event_families::{BUCKET_POLICY, CMK, Family, TAMPERING};
use crate::verdict::{Tally, Verdict, enumerate, fact};

pub(super) static CONTROL: Control = Control {
    id: "management-account-guarded",
    title: "The management account is guarded by alarms",
    severity: Severity::High,
    practice: None,
    needs: &[
        Need::Trails,
        Need::TrailStatus,
        Need::EventSelectors,
        Need::BucketOwner,
        Need::Key,
        Need::LogGroup,
        Need::Alarms,
        Need::FlowLogs,
    ],
    rule: "Service control policies never bind the management account. Fails when a trail, a log bucket or a trail key lives \
           there, or workloads run there, and no multi-Region trail that records the account raises an alarm that \
           somebody hears for every trail tampering call (StopLogging, DeleteTrail, UpdateTrail, PutEventSelectors, \
           PutInsightSelectors, PutEventConfiguration), and besides for changes of bucket policies where a log bucket lives \
           there and for the disabling or deletion of keys where a trail key does. A workload is seen by a VPC other than the \
           default one. An organization trail always lives there. Alarms are judged as in tamper-alarms-actionable.",
    why: "Whoever holds the management account can stop the trail of the whole organization, and no policy stands in the \
          way: only somebody who hears of it at once can.",
    remedy: "Add a metric filter on the log group of the organization trail that matches the calls named, with an alarm and a \
             confirmed subscriber; move workloads, log bucket and key to member accounts.",
    references: &[
        "Organizations User Guide: Best practices for the management account",
        "CloudTrail User Guide: Creating CloudWatch alarms for CloudTrail events: examples",
    ],
    frameworks: &[
        ("cis-aws-7.0.0", &["2.1.3"]),
        ("nist-800-53-r5", &["AC-6", "AU-9"]),
        ("iso-27001-2022", &["A.8.15"]),
        ("mitre-attack", &["T1562.008"]),
    ],
    applies: Applies::Always,
    judge: Judge::Organization(judge),
};

fn judge(cx: &Cx<'_>) -> Judged {
    let management = &cx.snapshot.organization.management_account;
    let name = cx.name(management);
    let held = Held::of(cx, management);
    if held.facts.is_empty() {
        return match held.hidden.or(held.hidden_workloads) {
            Some(gap) => Err(gap),
            None => Ok(Verdict::pass(format!("No trail, log bucket, trail key or workload lives in {name}"))),
        };
    }
    let mut tally = Tally::default();
    for family in held.families() {
        let words = |words| fact(words, "logs:DescribeMetricFilters", management, None);
        match heard(cx, management, family) {
            Ok(Watched::Heard(how)) => tally.support(words(format!("{}: {how}", family.title))),
            Ok(Watched::Unheard(why)) => tally.fail(words(format!("{}: {why}", family.title))),
            Ok(Watched::Unknown(gap)) | Err(gap) => tally.gap(gap),
        }
    }
    if let Some(gap) = &held.hidden {
        for family in held.possible_families() {
            if !matches!(heard(cx, management, family), Ok(Watched::Heard(_))) {
                tally.gap(gap.clone());
            }
        }
    }
    held.facts.iter().cloned().for_each(|held| tally.support(held));
    let lives = enumerate(&held.facts.iter().map(|held| held.fact.as_str()).collect::<Vec<_>>());
    Ok(tally.settle(
        cx,
        || format!("Alarms that somebody hears guard what lives in {name}: {lives}"),
        |failures| {
            let first = failures.first().map(|failure| failure.fact.clone()).unwrap_or_default();
            format!("No policy binds {name}, where this lives: {lives}; and no alarm makes up for it: {first}")
        },
    ))
}

/// What lives in the management account.
struct Held {
    facts: Vec<Evidence>,
    has_bucket: bool,
    has_key: bool,
    /// Why more trails, buckets or keys may live there.
    hidden: Option<Gap>,
    /// Why more workloads may.
    hidden_workloads: Option<Gap>,
}

impl Held {
    fn of(cx: &Cx<'_>, management: &AccountId) -> Self {
        let snapshot = cx.snapshot;
        let trails = snapshot.trails.values().filter(|trail| trail.owner == *management);
        let mut facts: Vec<Evidence> =
            trails.map(|trail| cx.attribute(trail, format!("trail {}", trail.name))).collect();
        let mut hidden = unlisted(cx, management);
        let n_trails = facts.len();
        for bucket in snapshot.buckets.values() {
            match &bucket.owner {
                Observed::Known(BucketOwner::Account(owner)) if owner == management => {
                    facts.push(fact(format!("bucket {}", bucket.name), "s3:HeadBucket", management, None));
                }
                Observed::Known(_) => {}
                Observed::Gap(unread) => hidden = hidden.or_else(|| Some(unread.clone())),
            }
        }
        let has_bucket = facts.len() > n_trails;
        let keys = snapshot.keys.keys().filter(|key| key.account().as_ref() == Some(management));
        let n_others = facts.len();
        facts.extend(keys.map(|key| fact(format!("key {key}"), "kms:DescribeKey", management, key.region().as_ref())));
        let has_key = facts.len() > n_others;
        let hidden_workloads = workloads(cx, management, &mut facts);
        Self { facts, has_bucket, has_key, hidden, hidden_workloads }
    }

    fn families(&self) -> impl Iterator<Item = &'static Family> {
        let bucket = self.has_bucket.then_some(&BUCKET_POLICY);
        let key = self.has_key.then_some(&CMK);
        std::iter::once(&TAMPERING).chain(bucket).chain(key)
    }

    /// Those that would be asked for if what is hidden lived there.
    fn possible_families(&self) -> impl Iterator<Item = &'static Family> {
        let bucket = (!self.has_bucket).then_some(&BUCKET_POLICY);
        let key = (!self.has_key).then_some(&CMK);
        bucket.into_iter().chain(key)
    }
}

/// Why the trails of the account may not all be known.
fn unlisted(cx: &Cx<'_>, management: &AccountId) -> Option<Gap> {
    match cx.entered(management) {
        Err(gap) => Some(gap),
        Ok(seen) => seen.regions.values().find_map(|here| here.trails.gap()).cloned(),
    }
}

/// Adds the VPCs of the account's own; the gap of whatever could hide more.
fn workloads(cx: &Cx<'_>, management: &AccountId, facts: &mut Vec<Evidence>) -> Option<Gap> {
    let seen = match cx.entered(management) {
        Ok(seen) => seen,
        Err(gap) => return Some(gap),
    };
    let mut gap = None;
    for (region, here) in &seen.regions {
        match &here.vpcs {
            Observed::Known(vpcs) => {
                let own = vpcs.iter().filter(|vpc| !vpc.is_default && vpc.owner == *management);
                facts.extend(
                    own.map(|vpc| fact(format!("VPC {}", vpc.id), "ec2:DescribeVpcs", management, Some(region))),
                );
            }
            Observed::Gap(unread) => gap = gap.or_else(|| Some(unread.clone())),
        }
    }
    gap
}

/// The best that any trail recording the account does for a family.
fn heard(cx: &Cx<'_>, management: &AccountId, family: &'static Family) -> Result<Watched, Gap> {
    let mut best = Watched::Unheard("no multi-Region trail that records it delivers to a log group".to_owned());
    let mut gap = None;
    let records = |trail: &&Trail| {
        let is_of_account = trail.is_organization || trail.owner == *management;
        trail.is_multi_region && is_of_account && cx.concerned(trail).contains(management)
    };
    for trail in cx.snapshot.trails.values().filter(records) {
        let watched =
            is_delivering(cx, trail).and_then(|is| is.then(|| watched_families(cx, trail, &[family])).transpose());
        match watched.map(|watched| watched.and_then(|mut one| one.pop())) {
            Ok(Some((_, Watched::Unknown(unread)))) | Err(unread) => gap = gap.or(Some(unread)),
            Ok(Some((_, heard @ Watched::Heard(_)))) => return Ok(heard),
            Ok(Some((_, unheard))) => best = unheard,
            Ok(None) => {}
        }
    }
    gap.map_or(Ok(best), Err)
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::{Finding, Outcome};
    use trailwarden_model::log_source::Vpc;
    use trailwarden_model::observed::Observed;
    use trailwarden_model::storage::BucketOwner;

    use crate::testing::{HOME, MANAGEMENT, ORG_TRAIL, WORKLOAD, World, account, denied};

    const ID: &str = super::CONTROL.id;
    const TAMPERING: &str = "trail-tampering";

    fn finding(world: &World) -> Finding {
        world.judge(ID).only().clone()
    }

    fn outcome(world: &World) -> Outcome {
        finding(world).outcome
    }

    fn deaf(world: World) -> World {
        world.alarm(TAMPERING, |alarm| alarm.actions_enabled = false)
    }

    #[test]
    fn an_alarm_on_every_tamper_call_makes_up_for_the_missing_policy() {
        assert_eq!(outcome(&World::clean()), Outcome::Pass);
        let finding = finding(&deaf(World::clean()));
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(
            finding.reason.contains("PutEventSelectors"),
            "the benchmark's own filter misses it: {}",
            finding.reason
        );
    }

    #[test]
    fn a_bucket_there_asks_for_its_own_alarm() {
        let owned = |world: World| {
            world.bucket(|bucket| bucket.owner = Observed::Known(BucketOwner::Account(account(MANAGEMENT))))
        };
        assert_eq!(outcome(&owned(World::clean())), Outcome::Pass);
        let deaf = owned(World::clean()).alarm("s3-bucket-policy-changes", |alarm| alarm.alarm_actions.clear());
        assert_eq!(outcome(&deaf), Outcome::Fail);
        let hidden = deaf.bucket(|bucket| bucket.owner = Observed::Gap(denied("s3:HeadBucket")));
        assert_eq!(outcome(&hidden), Outcome::Unknown);
    }

    #[test]
    fn a_workload_alone_asks_for_it_too() {
        let empty = World::bare();
        assert_eq!(outcome(&empty), Outcome::Pass);
        let vpc = Vpc { id: "vpc-0a".into(), owner: account(MANAGEMENT), is_default: false, flow_logs: vec![] };
        let worked = empty.here(MANAGEMENT, HOME, |here| here.vpcs = Observed::Known(vec![vpc]));
        assert_eq!(outcome(&worked), Outcome::Fail);
        let unread = World::bare().here(MANAGEMENT, HOME, |here| here.vpcs = Observed::Gap(denied("ec2:DescribeVpcs")));
        assert_eq!(outcome(&unread), Outcome::Unknown);
        let elsewhere =
            World::bare().here(WORKLOAD, HOME, |here| here.vpcs = Observed::Gap(denied("ec2:DescribeVpcs")));
        assert_eq!(outcome(&elsewhere), Outcome::Pass);
    }

    #[test]
    fn a_stopped_trail_hears_nothing_and_an_unread_one_is_unknown() {
        let at = (MANAGEMENT, HOME);
        let stopped = World::clean().status(ORG_TRAIL, at, |status| status.is_logging = false);
        assert_eq!(outcome(&stopped), Outcome::Fail);
        let unread =
            World::clean().group(|group| group.metric_filters = Observed::Gap(denied("logs:DescribeMetricFilters")));
        assert_eq!(outcome(&unread), Outcome::Unknown);
    }
}
