//! A small organization for tests: it starts out clean, and each test breaks one thing and reads as a sentence.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use trailwarden_model::baseline::Baseline;
use trailwarden_model::finding::{Finding, Outcome};
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::observed::{Gap, GapKind, Observed};
use trailwarden_model::organization::{AuthorizationPolicy, RESOURCE_CONTROL_POLICY, Unit};
use trailwarden_model::snapshot::{RegionSnapshot, Snapshot};
use trailwarden_model::storage::{KeyDetail, LifecycleRule, LogBucket, LogGroup, LogGroupDetail, TrailKey};
use trailwarden_model::trail::{Trail, TrailStatus};

use crate::{assess, controls};

pub(crate) mod cases;
pub(crate) mod clean;
pub(crate) mod links;
pub(crate) mod monitoring;
pub(crate) mod selectors;

pub(crate) const MANAGEMENT: &str = "111111111111";
pub(crate) const ARCHIVE: &str = "222222222222";
pub(crate) const WORKLOAD: &str = "333333333333";
pub(crate) const HOME: &str = "eu-west-1";
pub(crate) const LEADER: &str = "us-east-1";
pub(crate) const ORG_TRAIL: &str = "org-trail";

pub(crate) fn account(id: &str) -> AccountId {
    id.parse().expect("an account id")
}

pub(crate) fn region(code: &str) -> Region {
    code.parse().expect("a region code")
}

pub(crate) fn arn(text: &str) -> Arn {
    text.parse().expect("an ARN")
}

/// The time at which every test snapshot was collected.
pub(crate) fn now() -> Timestamp {
    "2026-11-01T12:00:00Z".parse().expect("a time")
}

pub(crate) fn hours_ago(hours: i64) -> Timestamp {
    now() - SignedDuration::from_hours(hours)
}

pub(crate) fn denied(call: &str) -> Gap {
    gap(GapKind::AccessDenied, call)
}

pub(crate) fn gap(kind: GapKind, call: &str) -> Gap {
    let reason = "the test says so".to_owned();
    Gap { kind, call: call.to_owned(), account: None, region: None, code: format!("{kind:?}"), reason }
}

/// A snapshot and a baseline under construction.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) snapshot: Snapshot,
    pub(crate) baseline: Baseline,
}

impl World {
    /// Three accounts, two regions, one organization trail with everything right: every control passes or does not apply.
    pub(crate) fn clean() -> Self {
        clean::world()
    }

    /// The same organization without any trail and without any policy of its own.
    pub(crate) fn bare() -> Self {
        let mut world = clean::world();
        for trail in world.snapshot.trails.keys().cloned().collect::<Vec<_>>() {
            world.forget(&trail);
        }
        world.snapshot.buckets.clear();
        world.snapshot.keys.clear();
        world.snapshot.log_groups.clear();
        world
    }

    /// Deletes a trail.
    pub(crate) fn forget_trail(mut self, name: &str) -> Self {
        let arn = self.arn_of(name);
        self.forget(&arn);
        self
    }

    fn forget(&mut self, trail: &Arn) {
        self.snapshot.trails.remove(trail);
        for here in self.snapshot.accounts.values_mut().flat_map(|seen| seen.regions.values_mut()) {
            if let Observed::Known(trails) = &mut here.trails {
                trails.remove(trail);
            }
        }
    }

    pub(crate) fn edit(mut self, change: impl FnOnce(&mut Snapshot)) -> Self {
        change(&mut self.snapshot);
        self
    }

    pub(crate) fn baseline(mut self, change: impl FnOnce(&mut Baseline)) -> Self {
        change(&mut self.baseline);
        self
    }

    pub(crate) fn arn_of(&self, trail: &str) -> Arn {
        self.snapshot.trails.values().find(|known| known.name == trail).expect("a trail of this name").arn.clone()
    }

    pub(crate) fn trail(mut self, name: &str, change: impl FnOnce(&mut Trail)) -> Self {
        let arn = self.arn_of(name);
        change(self.snapshot.trails.get_mut(&arn).expect("just found"));
        self
    }

    /// Adds a trail of an account, homed in the home region, with the organization trail's links, and shows it wherever
    /// its scope says, logging.
    pub(crate) fn add_trail(mut self, name: &str, owner: &str, change: impl FnOnce(&mut Trail)) -> Self {
        let mut trail = clean::trail(name, owner);
        change(&mut trail);
        for (id, seen) in &mut self.snapshot.accounts {
            for (region, here) in &mut seen.regions {
                let is_shown = (trail.is_organization || *id == trail.owner)
                    && (trail.is_multi_region || *region == trail.home_region);
                if let (Observed::Known(trails), true) = (&mut here.trails, is_shown) {
                    trails.insert(trail.arn.clone(), Observed::Known(clean::status()));
                }
            }
        }
        self.snapshot.trails.insert(trail.arn.clone(), trail);
        self.with_links()
    }

    /// The bucket and key that clean trails share are there for whoever uses them.
    fn with_links(mut self) -> Self {
        for trail in self.snapshot.trails.values() {
            if trail.bucket == clean::BUCKET {
                self.snapshot.buckets.entry(trail.bucket.clone()).or_insert_with(clean::bucket);
            }
            if let Some(arn) = trail.kms_key.clone().filter(|key| key.as_str() == clean::KEY_ARN) {
                self.snapshot.keys.entry(arn).or_insert_with(clean::key);
            }
        }
        self
    }

    /// Changes the status of a trail in one account and region.
    pub(crate) fn status(mut self, trail: &str, at: (&str, &str), change: impl FnOnce(&mut TrailStatus)) -> Self {
        match self.status_at(trail, at) {
            Observed::Known(status) => change(status),
            Observed::Gap(_) => panic!("the status is a gap"),
        }
        self
    }

    /// Changes the status of a trail in every place.
    pub(crate) fn status_everywhere(mut self, trail: &str, change: impl Fn(&mut TrailStatus)) -> Self {
        let arn = self.arn_of(trail);
        for here in self.snapshot.accounts.values_mut().flat_map(|seen| seen.regions.values_mut()) {
            if let Observed::Known(trails) = &mut here.trails
                && let Some(Observed::Known(status)) = trails.get_mut(&arn)
            {
                change(status);
            }
        }
        self
    }

    pub(crate) fn status_gap(mut self, trail: &str, at: (&str, &str), kind: GapKind) -> Self {
        *self.status_at(trail, at) = Observed::Gap(gap(kind, "cloudtrail:GetTrailStatus"));
        self
    }

    fn status_at(&mut self, trail: &str, at: (&str, &str)) -> &mut Observed<TrailStatus> {
        let arn = self.arn_of(trail);
        self.trails_at(at).get_mut(&arn).expect("a trail shown there")
    }

    fn trails_at(&mut self, (id, code): (&str, &str)) -> &mut BTreeMap<Arn, Observed<TrailStatus>> {
        let seen = self.snapshot.accounts.get_mut(&account(id)).expect("an account in scope");
        match &mut seen.regions.get_mut(&region(code)).expect("a region").trails {
            Observed::Known(trails) => trails,
            Observed::Gap(_) => panic!("the region is a gap"),
        }
    }

    /// `DescribeTrails` answers there, without this trail.
    pub(crate) fn hide(mut self, trail: &str, at: (&str, &str)) -> Self {
        let arn = self.arn_of(trail);
        self.trails_at(at).remove(&arn);
        self
    }

    /// The account does not show this trail anywhere.
    pub(crate) fn hide_from(self, trail: &str, id: &str) -> Self {
        self.hide(trail, (id, HOME)).hide(trail, (id, LEADER))
    }

    pub(crate) fn unread_region(self, id: &str, code: &str) -> Self {
        self.here(id, code, |here| here.trails = Observed::Gap(denied("cloudtrail:DescribeTrails")))
    }

    pub(crate) fn unentered(mut self, id: &str) -> Self {
        let gap = gap(GapKind::AccountNotEntered, "sts:AssumeRole");
        let seen = self.snapshot.accounts.get_mut(&account(id)).expect("an account in scope");
        seen.entered_as = Observed::Gap(gap.clone());
        seen.region_list = Observed::Gap(gap);
        seen.regions.clear();
        self
    }

    /// Changes what a region of an account showed.
    pub(crate) fn here(mut self, id: &str, code: &str, change: impl FnOnce(&mut RegionSnapshot)) -> Self {
        let seen = self.snapshot.accounts.get_mut(&account(id)).expect("an account in scope");
        change(seen.regions.get_mut(&region(code)).expect("a region"));
        self
    }

    /// Changes the log bucket.
    pub(crate) fn bucket(mut self, change: impl FnOnce(&mut LogBucket)) -> Self {
        change(self.snapshot.buckets.values_mut().next().expect("a bucket"));
        self
    }

    pub(crate) fn lifecycle(self, rules: Vec<LifecycleRule>) -> Self {
        self.bucket(|bucket| bucket.lifecycle = Observed::Known(rules))
    }

    /// Changes the trail key.
    pub(crate) fn key(mut self, change: impl FnOnce(&mut TrailKey)) -> Self {
        change(self.snapshot.keys.values_mut().next().expect("a key"));
        self
    }

    pub(crate) fn key_detail(self, change: impl FnOnce(&mut KeyDetail)) -> Self {
        self.key(|key| match &mut key.detail {
            Observed::Known(Some(detail)) => change(detail),
            _ => panic!("no key detail"),
        })
    }

    /// Changes the log group.
    pub(crate) fn group(mut self, change: impl FnOnce(&mut LogGroup)) -> Self {
        change(self.snapshot.log_groups.values_mut().next().expect("a log group"));
        self
    }

    pub(crate) fn group_detail(self, change: impl FnOnce(&mut LogGroupDetail)) -> Self {
        self.group(|group| match &mut group.detail {
            Observed::Known(Some(detail)) => change(detail),
            _ => panic!("no group detail"),
        })
    }

    /// Replaces the guard of the clean world by one policy attached to the given nodes.
    pub(crate) fn guard(self, content: &str, targets: &[&str]) -> Self {
        self.policy(clean::GUARD, content, targets)
    }

    /// Replaces a service control policy of the clean world.
    pub(crate) fn policy(mut self, id: &str, content: &str, targets: &[&str]) -> Self {
        if let Observed::Known(policies) = &mut self.snapshot.organization.service_control_policies {
            let policy: &mut AuthorizationPolicy = policies.get_mut(id).expect("a policy of this id");
            policy.content = Observed::Known(content.to_owned());
            policy.targets = Observed::Known(targets.iter().map(|&target| target.to_owned()).collect());
        }
        self
    }

    /// Enables resource control policies and attaches one, `p-perimeter`, beside the one of AWS that allows everything.
    pub(crate) fn resource_control(mut self, content: &str, targets: &[&str]) -> Self {
        if let Observed::Known(root) = &mut self.snapshot.organization.root {
            root.enabled_policy_types.insert(RESOURCE_CONTROL_POLICY.to_owned());
        }
        let full = clean::full_access_to_resources();
        let everywhere = [clean::ROOT, clean::WORKLOADS_OU, MANAGEMENT, ARCHIVE, WORKLOAD];
        let policies = [
            clean::policy("p-RCPFullAWSAccess", true, &full, &everywhere),
            clean::policy("p-perimeter", false, content, targets),
        ];
        self.snapshot.organization.resource_control_policies = Observed::Known(policies.into());
        self
    }

    /// The policy type is disabled on the root; the policies still exist.
    pub(crate) fn disable_policies(mut self) -> Self {
        if let Observed::Known(root) = &mut self.snapshot.organization.root {
            root.enabled_policy_types.clear();
        }
        self
    }

    /// Adds an empty OU under the root.
    pub(crate) fn unit(mut self, id: &str) -> Self {
        if let Observed::Known(units) = &mut self.snapshot.organization.units {
            let unit = Unit { id: id.to_owned(), name: id.to_owned(), parent: clean::ROOT.to_owned() };
            units.insert(id.to_owned(), unit);
        }
        self
    }

    /// The findings of one control.
    pub(crate) fn judge(&self, control: &str) -> Findings {
        let control = controls::find(control).expect("a registered control");
        Findings(assess(&self.snapshot, &self.baseline, &[], &[control], "test").findings)
    }
}

/// The findings of one control, to be asked for the one that matters.
#[derive(Debug)]
pub(crate) struct Findings(pub(crate) Vec<Finding>);

impl Findings {
    /// The only finding.
    pub(crate) fn only(&self) -> &Finding {
        assert_eq!(self.0.len(), 1, "expected one finding: {:#?}", self.0);
        &self.0[0]
    }

    /// The finding about an account itself.
    pub(crate) fn at(&self, id: &str) -> &Finding {
        self.matching(|f| f.account == account(id) && f.region.is_none() && f.resource.is_none())
    }

    /// The finding about an account and region themselves.
    pub(crate) fn at_region(&self, id: &str, code: &str) -> &Finding {
        self.matching(|f| f.account == account(id) && f.region == Some(region(code)) && f.resource.is_none())
    }

    /// The finding about the resource whose ARN ends so.
    pub(crate) fn on(&self, end: &str) -> &Finding {
        self.matching(|f| f.resource.as_deref().is_some_and(|resource| resource.ends_with(end)))
    }

    fn matching(&self, wanted: impl Fn(&Finding) -> bool) -> &Finding {
        let found: Vec<&Finding> = self.0.iter().filter(|finding| wanted(finding)).collect();
        assert_eq!(found.len(), 1, "expected one matching finding: {:#?}", self.0);
        found[0]
    }

    pub(crate) fn outcomes(&self) -> BTreeSet<Outcome> {
        self.0.iter().map(|finding| finding.outcome).collect()
    }
}
