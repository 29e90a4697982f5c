//! From failing findings to what is wanted of each target, and the findings that no plan of ours can mend.

use std::collections::BTreeMap;

use trailwarden_model::finding::{Finding, Outcome};
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::observed::{Gap, GapKind};
use trailwarden_model::plan::Hindrance;

use crate::bench::{Bench, Findings};
use crate::facts::Stop;
use crate::left;

/// What is wanted of one target, and by which findings.
pub(crate) type Wants<W> = BTreeMap<W, Findings>;

/// What may be wanted of a trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TrailWant {
    /// Record every account of the organization.
    Organization,
    MultiRegion,
    GlobalEvents,
    Validation,
    Key,
    LogGroup,
    Topic,
    /// Leave out the events of its own deliveries.
    NoRecursion,
    /// Deliver to the log archive account.
    Archive,
    /// Record all management events.
    Management,
    DataEvents,
    NetworkActivity,
    Insights,
    Logging,
}

/// What may be wanted of a log bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum BucketWant {
    Existence,
    PublicAccess,
    Policy,
    Transport,
    Versioning,
    Lock,
    Lifecycle,
    Retention,
    AccessLogging,
}

/// What may be wanted of a trail key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KeyWant {
    Usable,
    Pinned,
    Rotation,
}

/// What may be wanted of a log group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum GroupWant {
    Settings,
    Role,
}

/// Everything that is wanted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asks {
    /// Accounts and regions that nothing records, or not all: the organization trail serves them.
    pub(crate) organization: Findings,
    /// Logs that reach no log archive account.
    pub(crate) centralization: Findings,
    /// Classes of events that no trail of an account records.
    pub(crate) events: Wants<TrailWant>,
    pub(crate) trails: BTreeMap<Arn, Wants<TrailWant>>,
    pub(crate) buckets: BTreeMap<String, Wants<BucketWant>>,
    pub(crate) keys: BTreeMap<Arn, Wants<KeyWant>>,
    pub(crate) groups: BTreeMap<Arn, Wants<GroupWant>>,
    /// Deliveries that fail because of something else.
    pub(crate) deliveries: BTreeMap<Arn, Findings>,
    /// The same of deliveries to log groups.
    pub(crate) group_deliveries: BTreeMap<Arn, Findings>,
    /// Families that nobody hears of, by trail, with the findings.
    pub(crate) alarms: BTreeMap<Arn, (Findings, Vec<String>)>,
    pub(crate) guard_management: Findings,
    pub(crate) stores: BTreeMap<(AccountId, Region), Findings>,
    pub(crate) recorders: BTreeMap<(AccountId, Region), Findings>,
    pub(crate) redundant: BTreeMap<(AccountId, Region), Findings>,
}

/// Sorts all findings. What cannot be planned is left on the bench at once.
pub(crate) fn sort(bench: &mut Bench<'_>) -> Asks {
    let mut asks = Asks::default();
    let mut unread: BTreeMap<(AccountId, String, String), (Gap, Findings)> = BTreeMap::new();
    let mut left: BTreeMap<(AccountId, &'static str), (Findings, Option<String>)> = BTreeMap::new();
    let mut beside: BTreeMap<AccountId, Findings> = BTreeMap::new();
    for finding in bench.inputs.findings {
        if !bench.inputs.options.asks_for(finding) {
            // It is kept in view: what failed before must not look as if the plan had broken it.
            if finding.outcome == Outcome::Fail && finding.waiver.is_none() {
                beside.entry(finding.account.clone()).or_default().insert(finding.id());
            }
            continue;
        }
        match (finding.outcome, &finding.waiver) {
            (Outcome::Fail, None) if asks.take(bench, finding) => {}
            (Outcome::Fail, _) => {
                let (findings, _) =
                    left.entry((finding.account.clone(), reason_id(finding))).or_insert((Findings::new(), None));
                findings.insert(finding.id());
            }
            (Outcome::Unknown, None) => {
                if let Some(gap) = finding.gap.clone().filter(|gap| gap.kind != GapKind::TooEarly) {
                    let place = (finding.account.clone(), gap.call.clone(), gap.code.clone());
                    unread.entry(place).or_insert((gap, Findings::new())).1.insert(finding.id());
                }
            }
            _ => {}
        }
    }
    for ((account, control), (findings, target)) in left {
        bench.leave(&account, target, &findings, left::stop(control));
    }
    for (account, findings) in beside {
        bench.leave(&account, None, &findings, left::not_asked());
    }
    for ((account, ..), (gap, findings)) in unread {
        bench.leave(&account, None, &findings, Stop::Unknown(gap));
    }
    asks
}

/// Under what a finding that is left aside is listed: its control, or that a waiver accepts it.
fn reason_id(finding: &Finding) -> &'static str {
    match finding.waiver {
        Some(_) => left::WAIVED,
        None => left::known(&finding.control),
    }
}

impl Asks {
    /// Takes a failing finding; false when nothing can be planned for it.
    fn take(&mut self, bench: &Bench<'_>, finding: &Finding) -> bool {
        let id = finding.id();
        let arn: Option<Arn> = finding.resource.as_deref().and_then(|resource| resource.parse().ok());
        match (finding.control.as_str(), arn) {
            ("multi-region-trail-enabled" | "management-events-recorded" | "organization-trail-enabled", _)
            | ("global-service-events-recorded" | "trusted-access-enabled", _)
            | ("log-file-validation-enabled" | "trail-encrypted-with-kms" | "cloudwatch-logs-delivery-healthy", None)
            | ("log-bucket-lifecycle-configured", None) => drop(self.organization.insert(id)),
            ("logs-centralized", _) => drop(self.centralization.insert(id)),
            ("management-event-sources-not-excluded", _) => want(&mut self.events, TrailWant::Management, id),
            ("data-events-recorded", _) => want(&mut self.events, TrailWant::DataEvents, id),
            ("network-activity-events-recorded", _) => want(&mut self.events, TrailWant::NetworkActivity, id),
            ("event-data-stores-protected", _) => at(&mut self.stores, finding, id),
            ("config-recorder-enabled", _) => at(&mut self.recorders, finding, id),
            ("no-redundant-management-event-copies", _) => at(&mut self.redundant, finding, id),
            ("management-account-guarded", _) => drop(self.guard_management.insert(id)),
            (control, Some(arn)) => return self.take_resource(bench, finding, control, arn),
            _ => return false,
        }
        true
    }

    fn take_resource(&mut self, bench: &Bench<'_>, finding: &Finding, control: &str, arn: Arn) -> bool {
        let id = finding.id();
        let has_group = || bench.inputs.snapshot.trails.get(&arn).is_some_and(|trail| trail.log_group.is_some());
        let trail_want = match control {
            "trail-is-logging" => Some(TrailWant::Logging),
            "log-file-validation-enabled" => Some(TrailWant::Validation),
            "trail-encrypted-with-kms" => Some(TrailWant::Key),
            "cloudwatch-logs-delivery-healthy" if !has_group() => Some(TrailWant::LogGroup),
            "notification-delivery-healthy" => Some(TrailWant::Topic),
            "no-log-bucket-feedback-loop" => Some(TrailWant::NoRecursion),
            "insights-enabled" => Some(TrailWant::Insights),
            _ => None,
        };
        if let Some(one) = trail_want {
            want(self.trails.entry(arn).or_default(), one, id);
            return true;
        }
        let bucket_want = match control {
            "log-bucket-exists" => Some(BucketWant::Existence),
            "log-bucket-not-public" => Some(BucketWant::PublicAccess),
            "log-bucket-policy-correct" => Some(BucketWant::Policy),
            "log-bucket-transport-encrypted" => Some(BucketWant::Transport),
            "log-bucket-versioned-and-locked" => Some(BucketWant::Lock),
            "log-bucket-lifecycle-configured" => Some(BucketWant::Lifecycle),
            "log-bucket-retention-sufficient" => Some(BucketWant::Retention),
            "log-bucket-access-logging-enabled" => Some(BucketWant::AccessLogging),
            _ => None,
        };
        if let Some(one) = bucket_want {
            want(self.buckets.entry(arn.resource().to_owned()).or_default(), one, id);
            return true;
        }
        match control {
            "log-delivery-healthy" | "digest-delivery-healthy" => {
                self.deliveries.entry(arn).or_default().insert(id);
            }
            "cloudwatch-logs-delivery-healthy" => drop(self.group_deliveries.entry(arn).or_default().insert(id)),
            "kms-key-usable" => want(self.keys.entry(arn).or_default(), KeyWant::Usable, id),
            "kms-key-policy-least-privilege" => want(self.keys.entry(arn).or_default(), KeyWant::Pinned, id),
            "kms-key-rotation-enabled" => want(self.keys.entry(arn).or_default(), KeyWant::Rotation, id),
            "log-group-retained-and-encrypted" => want(self.groups.entry(arn).or_default(), GroupWant::Settings, id),
            "log-delivery-role-valid" => want(self.groups.entry(arn).or_default(), GroupWant::Role, id),
            "tamper-alarms-actionable" => {
                let failing = finding.parts.iter().filter(|(_, outcome)| **outcome == Outcome::Fail);
                let (findings, parts) = self.alarms.entry(arn).or_default();
                findings.insert(id);
                parts.extend(failing.map(|(part, _)| part.clone()));
            }
            _ => return false,
        }
        true
    }
}

pub(crate) fn want<W: Ord>(wants: &mut Wants<W>, one: W, finding: String) {
    wants.entry(one).or_default().insert(finding);
}

fn at(places: &mut BTreeMap<(AccountId, Region), Findings>, finding: &Finding, id: String) {
    if let Some(region) = &finding.region {
        places.entry((finding.account.clone(), region.clone())).or_default().insert(id);
    }
}

/// Every finding that asks for something.
pub(crate) fn all<W>(wants: &Wants<W>) -> Findings {
    wants.values().flatten().cloned().collect()
}

/// A stop for targets that the user left out.
pub(crate) fn left_out() -> Stop {
    Stop::new(Hindrance::OnRequest, "left out by --only or --exclude")
}
