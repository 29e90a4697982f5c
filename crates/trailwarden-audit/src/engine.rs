//! The only loop over resources: what a control judges is listed here, once, and each answer becomes a finding.

use std::collections::BTreeMap;

use trailwarden_model::assessment::{Assessment, FORMAT, OrganizationSummary};
use trailwarden_model::baseline::Baseline;
use trailwarden_model::finding::Finding;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::snapshot::{AccountSnapshot, RegionList, Snapshot};
use trailwarden_model::storage::{BucketOwner, LogBucket};
use trailwarden_model::trail::Trail;
use trailwarden_model::waiver::Waiver;

use crate::control::{Accounts, Applies, Control, Judge, Judged, Pair, Regions, Trailless};
use crate::cx::Cx;
use crate::summary;
use crate::verdict::{Verdict, cause, fact, sentence};
use crate::waivers;

/// Judges everything the controls speak of. Equal inputs give equal assessments, byte for byte once written.
/// Freshness and the end of waivers are measured at the time the snapshot was collected.
pub fn assess(
    snapshot: &Snapshot,
    baseline: &Baseline,
    waivers: &[Waiver],
    controls: &[&'static Control],
    tool_version: &str,
) -> Assessment {
    let cx = Cx::new(snapshot, baseline);
    let mut findings: Vec<Finding> = controls.iter().flat_map(|control| findings_of(&cx, control)).collect();
    waivers::apply(&cx, controls, waivers, &mut findings);
    Assessment {
        format: FORMAT.to_owned(),
        tool_version: tool_version.to_owned(),
        collected_at: snapshot.collected_at,
        provenance: None,
        tree: None,
        coverage: None,
        organization: organization(snapshot),
        summary: summary::summarize(&cx, controls, &findings),
        framework: None,
        findings,
    }
}

fn organization(snapshot: &Snapshot) -> OrganizationSummary {
    let is_assumed = |seen: &AccountSnapshot| matches!(seen.region_list, Observed::Known(RegionList::Assumed(_)));
    OrganizationSummary {
        id: snapshot.organization.id.clone(),
        management_account: snapshot.organization.management_account.clone(),
        accounts: snapshot.organization.accounts.iter().map(|(id, known)| (id.clone(), known.name.clone())).collect(),
        n_accounts_in_scope: snapshot.accounts.len(),
        excluded: snapshot.excluded.clone(),
        region_filter: snapshot.region_filter.clone(),
        regions_assumed: snapshot.accounts.iter().filter(|(_, a)| is_assumed(a)).map(|(id, _)| id.clone()).collect(),
    }
}

/// What one finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Subject {
    pub(crate) account: AccountId,
    pub(crate) region: Option<Region>,
    pub(crate) resource: Option<String>,
}

impl Subject {
    pub(crate) fn account(account: &AccountId) -> Self {
        Self { account: account.clone(), region: None, resource: None }
    }

    fn region(account: &AccountId, region: &Region) -> Self {
        Self { region: Some(region.clone()), ..Self::account(account) }
    }

    fn trail(trail: &Trail) -> Self {
        Self { resource: Some(trail.arn.to_string()), ..Self::region(&trail.owner, &trail.home_region) }
    }
}

/// The findings of one control while they are gathered.
struct Findings<'c> {
    control: &'static Control,
    /// A read that the control needs and the snapshot was not asked for: then nothing is judged.
    missing: Option<Gap>,
    cx: &'c Cx<'c>,
    list: Vec<(Subject, Verdict)>,
}

fn findings_of(cx: &Cx<'_>, control: &'static Control) -> Vec<Finding> {
    let mut findings = Findings { control, missing: cx.missing_need(control.needs), cx, list: Vec::new() };
    findings.walk();
    findings.speak();
    let mut list = findings.list;
    list.sort_by(|(a, _), (b, _)| a.cmp(b));
    list.into_iter().map(|(subject, verdict)| finding(control, subject, verdict)).collect()
}

/// The finding that a verdict makes.
pub(crate) fn finding(control: &Control, subject: Subject, verdict: Verdict) -> Finding {
    Finding {
        control: control.id.to_owned(),
        outcome: verdict.outcome,
        severity: control.severity,
        account: subject.account,
        region: subject.region,
        resource: subject.resource,
        title: control.title.to_owned(),
        reason: sentence(&verdict.reason),
        evidence: verdict.evidence,
        parts: verdict.parts,
        gap: verdict.gap,
        waiver: None,
    }
}

impl Findings<'_> {
    fn walk(&mut self) {
        let (cx, snapshot) = (self.cx, self.cx.snapshot);
        match &self.control.judge {
            Judge::Organization(judge) => {
                self.add(Subject::account(&snapshot.organization.management_account), || judge(cx));
            }
            Judge::Account(accounts, judge) => self.walk_accounts(*accounts, *judge),
            Judge::AccountRegion(regions, judge) => self.walk_regions(*regions, *judge),
            Judge::Trail(trailless, judge) => {
                self.walk_unseen(*trailless);
                snapshot.trails.values().for_each(|trail| self.add_trail(trail, || judge(cx, trail)));
            }
            Judge::ApprovedTrail(judge) => {
                self.walk_unseen(Trailless::NotApplicable);
                self.walk_pairs(*judge);
            }
            Judge::LogBucket(trailless, judge) => {
                self.walk_unseen(*trailless);
                for bucket in snapshot.buckets.values() {
                    if let Some(subject) = bucket_subject(cx, bucket) {
                        self.add(subject, || judge(cx, bucket));
                    }
                }
            }
            Judge::TrailKey(trailless, judge) => {
                self.walk_unseen(*trailless);
                for key in snapshot.keys.values() {
                    let subject = arn_subject(cx, key.arn.account(), key.arn.region(), key.arn.as_str());
                    self.add(subject, || judge(cx, key));
                }
            }
            Judge::LogGroup(trailless, judge) => {
                self.walk_unseen(*trailless);
                for group in snapshot.log_groups.values() {
                    let subject = arn_subject(cx, group.arn.account(), group.arn.region(), group.arn.as_str());
                    self.add(subject, || judge(cx, group));
                }
            }
            // They are judged once everything else is known.
            Judge::Waiver(_) => {}
        }
    }

    /// A control that found nothing to judge says so: silence would look like a control that was not run.
    fn speak(&mut self) {
        if self.list.is_empty() {
            let reason = match self.control.judge {
                Judge::TrailKey(..) => "No trail names a KMS key",
                Judge::LogGroup(..) => "No trail delivers to a log group",
                _ => "There is nothing in scope that it judges",
            };
            let subject = Subject::account(&self.cx.snapshot.organization.management_account);
            self.list.push((subject, Verdict::not_applicable(reason)));
        }
    }

    fn add(&mut self, subject: Subject, judge: impl FnOnce() -> Judged) {
        let settled = self.not_required([&subject.account]);
        self.add_unless(settled, subject, judge);
    }

    /// A trail is judged when any account that it records requires that.
    fn add_trail(&mut self, trail: &Trail, judge: impl FnOnce() -> Judged) {
        let recorded = self.cx.sightings(trail).iter().map(|sighting| sighting.account);
        let settled = self.not_required(recorded.chain([&trail.owner]));
        self.add_unless(settled, Subject::trail(trail), judge);
    }

    fn add_unless(&mut self, settled: Option<Verdict>, subject: Subject, judge: impl FnOnce() -> Judged) {
        let verdict = match (settled, &self.missing) {
            (Some(settled), _) => settled,
            (None, Some(gap)) => self.cx.unknown(gap.clone()),
            (None, None) => judge().unwrap_or_else(|gap| self.cx.unknown(gap)),
        };
        self.list.push((subject, verdict));
    }

    /// The verdict about everything of these accounts where the baseline asks for the control in none of them, or where it
    /// is not known whether it does.
    fn not_required<'x>(&self, accounts: impl IntoIterator<Item = &'x AccountId>) -> Option<Verdict> {
        let not_asked = |what: &str| Some(Verdict::not_applicable(format!("The baseline does not {what}")));
        let (is_required, what) = match self.control.applies {
            Applies::Always => return None,
            Applies::WhereSet { is_set, .. } if is_set(self.cx.baseline) => return None,
            Applies::WhereSet { what, .. } => return not_asked(&format!("name {what}")),
            Applies::WhereRequired { is_required, what } => (is_required, what),
        };
        let mut hidden = None;
        for account in accounts {
            match self.cx.required(account) {
                Ok(required) if is_required(required) => return None,
                Ok(_) => {}
                Err(gap) => hidden = hidden.or(Some(gap)),
            }
        }
        hidden.map_or_else(|| not_asked(&format!("require {what}")), |gap| Some(self.cx.unknown(gap)))
    }

    /// Every trail that exists or was approved.
    fn walk_pairs(&mut self, judge: fn(&Cx<'_>, Pair<'_>) -> Judged) {
        let (cx, none) = (self.cx, BTreeMap::new());
        let (existing, approved) = (&cx.snapshot.trails, cx.baseline.approved_trails.as_ref().unwrap_or(&none));
        for (arn, trail) in existing {
            let pair = approved.get(arn).map_or(Pair::New(trail), |approved| Pair::Both { trail, approved });
            self.add_trail(trail, || judge(cx, pair));
        }
        for (_, gone) in approved.iter().filter(|(arn, _)| !existing.contains_key(arn)) {
            self.add_trail(gone, || judge(cx, Pair::Gone(gone)));
        }
    }

    fn add_unentered(&mut self, account: &AccountId, gap: &Gap) {
        let reason = format!("Account {} could not be read: {}", self.cx.name(account), cause(gap));
        self.list.push((Subject::account(account), Verdict::unknown(reason, gap.clone())));
    }

    fn add_unread_region(&mut self, account: &AccountId, region: &Region, gap: &Gap) {
        let reason = format!("The trails of {} in {region} could not be read: {}", self.cx.name(account), cause(gap));
        self.list.push((Subject::region(account, region), Verdict::unknown(reason, gap.clone())));
    }

    fn walk_accounts(&mut self, accounts: Accounts, judge: fn(&Cx<'_>, &AccountId) -> Judged) {
        let (cx, snapshot) = (self.cx, self.cx.snapshot);
        for (account, seen) in &snapshot.accounts {
            match (unread(seen), accounts) {
                (Some(gap), Accounts::Entered) => self.add_unentered(account, gap),
                (None, Accounts::Entered) if seen.regions.is_empty() => {
                    let reason = format!("No region of {} is in scope", cx.name(account));
                    self.list.push((Subject::account(account), Verdict::not_applicable(reason)));
                }
                _ => self.add(Subject::account(account), || judge(cx, account)),
            }
        }
        if accounts == Accounts::OfOrganization {
            let is_left = |id: &AccountId| !snapshot.accounts.contains_key(id) && !snapshot.excluded.contains(id);
            for account in snapshot.organization.accounts.keys().filter(|id| is_left(id)) {
                self.add(Subject::account(account), || judge(cx, account));
            }
        }
    }

    fn walk_regions(&mut self, regions: Regions, judge: fn(&Cx<'_>, &AccountId, &Region) -> Judged) {
        let cx = self.cx;
        for (account, seen) in &cx.snapshot.accounts {
            if let Some(settled) = self.not_required([account]) {
                self.list.push((Subject::account(account), settled));
                continue;
            }
            if let Some(gap) = unread(seen) {
                self.add_unentered(account, gap);
                continue;
            }
            for (region, here) in &seen.regions {
                match (&here.trails, regions) {
                    (Observed::Gap(gap), Regions::WithTrails) => self.add_unread_region(account, region, gap),
                    _ => self.add(Subject::region(account, region), || judge(cx, account, region)),
                }
            }
        }
    }

    /// Where trails could not be listed there is none to walk: one unknown finding stands for them. Where they were
    /// listed and there is none, one finding says what that means.
    fn walk_unseen(&mut self, trailless: Trailless) {
        for (account, seen) in &self.cx.snapshot.accounts {
            if let Some(settled) = self.not_required([account]) {
                if !shows_trails_everywhere(seen) {
                    self.list.push((Subject::account(account), settled));
                }
                continue;
            }
            if let Some(gap) = unread(seen) {
                self.add_unentered(account, gap);
                continue;
            }
            let unread = seen.regions.iter().filter_map(|(region, here)| Some((region, here.trails.gap()?)));
            unread.for_each(|(region, gap)| self.add_unread_region(account, region, gap));
            let has_none = |trails: &Observed<BTreeMap<_, _>>| trails.known().is_some_and(BTreeMap::is_empty);
            if !seen.regions.is_empty() && seen.regions.values().all(|here| has_none(&here.trails)) {
                let verdict = self.without_trail(account, seen.regions.len(), trailless);
                self.list.push((Subject::account(account), verdict));
            }
        }
    }

    fn without_trail(&self, account: &AccountId, n_regions: usize, trailless: Trailless) -> Verdict {
        let name = self.cx.name(account);
        let seen = fact("no trail is shown in any region", "cloudtrail:DescribeTrails", account, None);
        match trailless {
            Trailless::Fails => Verdict::fail(format!(
                "No trail records {name}: DescribeTrails shows none in any of its {n_regions} regions in scope"
            )),
            Trailless::NotApplicable => {
                Verdict::not_applicable(format!("No trail records {name}, so there is nothing to judge here"))
            }
        }
        .with([seen])
    }
}

/// Why nothing at all was read of an account: it could not be entered, or its regions are not even assumed.
fn unread(seen: &AccountSnapshot) -> Option<&Gap> {
    seen.entered_as.gap().or_else(|| seen.region_list.gap().filter(|_| seen.regions.is_empty()))
}

/// True when every region could be listed and some region shows a trail, so that trails alone are judged.
fn shows_trails_everywhere(seen: &AccountSnapshot) -> bool {
    let lists = || seen.regions.values().map(|here| here.trails.known());
    unread(seen).is_none()
        && lists().all(|listed| listed.is_some())
        && lists().flatten().any(|trails| !trails.is_empty())
}

/// A bucket belongs to its owner, or, while that is not known, to the owner of the first trail that uses it.
fn bucket_subject(cx: &Cx<'_>, bucket: &LogBucket) -> Option<Subject> {
    let account = match bucket.owner.known() {
        Some(BucketOwner::Account(owner)) => owner,
        _ => &cx.trails_of_bucket(&bucket.name).first()?.owner,
    };
    Some(Subject {
        account: account.clone(),
        region: bucket.region.known().cloned(),
        resource: Some(format!("arn:{}:s3:::{}", cx.partition(), bucket.name)),
    })
}

fn arn_subject(cx: &Cx<'_>, account: Option<AccountId>, region: Option<Region>, arn: &str) -> Subject {
    let account = account.unwrap_or_else(|| cx.snapshot.organization.management_account.clone());
    Subject { account, region, resource: Some(arn.to_owned()) }
}

#[cfg(test)]
mod tests;
