//! The one-screen verdict: how many accounts keep each best practice, and how many findings have each outcome.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::assessment::{Counts, PracticeSummary, Summary};
use trailwarden_model::control::{BestPractice, Scope};
use trailwarden_model::finding::{Finding, Outcome};
use trailwarden_model::ids::AccountId;
use trailwarden_model::trail::Trail;

use crate::control::Control;
use crate::controls;
use crate::cx::Cx;

pub(crate) fn summarize(cx: &Cx<'_>, selected: &[&'static Control], findings: &[Finding]) -> Summary {
    let concerns = Concerns::new(cx);
    let practices = BestPractice::ALL
        .into_iter()
        .filter_map(|practice| {
            let deciding: Vec<&Control> =
                selected.iter().copied().filter(|control| control.practice == Some(practice)).collect();
            // Half of its controls would pass an account that the other half fails.
            let is_judged = controls::ALL
                .iter()
                .filter(|control| control.practice == Some(practice))
                .all(|control| deciding.iter().any(|judged| judged.id == control.id));
            (is_judged && !deciding.is_empty()).then(|| practice_summary(cx, &concerns, practice, &deciding, findings))
        })
        .collect();
    let mut summary = Summary { practices, findings: Counts::default(), controls: BTreeMap::new() };
    for control in selected {
        summary.controls.insert(control.id.to_owned(), Counts::default());
    }
    for finding in findings {
        summary.findings.add_finding(finding);
        summary.controls.entry(finding.control.clone()).or_default().add_finding(finding);
    }
    summary
}

fn practice_summary(
    cx: &Cx<'_>,
    concerns: &Concerns,
    practice: BestPractice,
    deciding: &[&Control],
    findings: &[Finding],
) -> PracticeSummary {
    let mut by_account: BTreeMap<AccountId, Standing> =
        cx.snapshot.accounts.keys().map(|account| (account.clone(), Standing::NOTHING)).collect();
    let mut organization = Standing::NOTHING;
    let mut failing: BTreeSet<&str> = BTreeSet::new();
    let mut n_waived = 0;
    for finding in findings {
        let Some(control) = deciding.iter().find(|control| control.id == finding.control) else { continue };
        if finding.outcome == Outcome::Fail {
            failing.insert(control.id);
        }
        n_waived += usize::from(finding.waiver.is_some());
        let mut worsen = |standing: &mut Standing| standing.worsen(finding);
        match (control.scope(), &finding.resource) {
            (Scope::Organization, _) => worsen(&mut organization),
            (_, None) => by_account.get_mut(&finding.account).into_iter().for_each(worsen),
            (_, Some(resource)) => {
                for account in concerns.of(resource) {
                    by_account.get_mut(account).into_iter().for_each(&mut worsen);
                }
            }
        }
    }
    let mut accounts = Counts::default();
    by_account.values().for_each(|standing| standing.count(&mut accounts));
    let remedies: Vec<&str> =
        deciding.iter().filter(|control| failing.contains(control.id)).map(|control| control.remedy).collect();
    let whole = by_account.values().copied().fold(organization, Standing::max);
    PracticeSummary {
        practice,
        title: practice.title().to_owned(),
        verdict: whole.outcome,
        n_waived,
        is_waived: whole.is_waived(),
        organization: organization.outcome,
        accounts,
        remedy: (whole.outcome == Outcome::Fail).then(|| remedies.join(" ")),
        by_account: by_account.into_iter().map(|(account, standing)| (account, standing.outcome)).collect(),
    }
}

/// The worst outcome of some findings, with and without those that waivers accept.
#[derive(Debug, Clone, Copy)]
struct Standing {
    outcome: Outcome,
    unwaived: Outcome,
}

impl Standing {
    const NOTHING: Self = Self { outcome: Outcome::NotApplicable, unwaived: Outcome::NotApplicable };

    fn worsen(&mut self, finding: &Finding) {
        self.outcome = self.outcome.max(finding.outcome);
        if finding.waiver.is_none() {
            self.unwaived = self.unwaived.max(finding.outcome);
        }
    }

    fn max(self, other: Self) -> Self {
        Self { outcome: self.outcome.max(other.outcome), unwaived: self.unwaived.max(other.unwaived) }
    }

    /// True when nothing else makes the outcome what it is.
    fn is_waived(self) -> bool {
        self.outcome != self.unwaived
    }

    /// Counts an account by what no waiver accepts. One with nothing else wrong is waived: never passing.
    fn count(self, accounts: &mut Counts) {
        match self.unwaived {
            Outcome::Pass | Outcome::NotApplicable if self.is_waived() => accounts.waived += 1,
            unwaived => accounts.add(unwaived),
        }
    }
}

/// The accounts that a resource concerns, by the resource's ARN: for a trail those that see it and its owner, for a
/// bucket, key or log group those of every trail that uses it.
struct Concerns(BTreeMap<String, BTreeSet<AccountId>>);

impl Concerns {
    fn new(cx: &Cx<'_>) -> Self {
        let mut concerns: BTreeMap<String, BTreeSet<AccountId>> = BTreeMap::new();
        for trail in cx.snapshot.trails.values() {
            let accounts = cx.concerned(trail);
            for resource in resources(cx, trail) {
                concerns.entry(resource).or_default().extend(accounts.iter().cloned());
            }
        }
        Self(concerns)
    }

    fn of(&self, resource: &str) -> impl Iterator<Item = &AccountId> {
        self.0.get(resource).into_iter().flatten()
    }
}

fn resources(cx: &Cx<'_>, trail: &Trail) -> Vec<String> {
    let bucket = format!("arn:{}:s3:::{}", cx.partition(), trail.bucket);
    let rest = [&trail.kms_key, &trail.log_group].into_iter().flatten().map(ToString::to_string);
    [trail.arn.to_string(), bucket].into_iter().chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use trailwarden_model::observed::Observed;

    use super::*;
    use crate::assess;
    use crate::testing::{ARCHIVE, MANAGEMENT, WORKLOAD, World, account};

    fn practice(world: &World, practice: BestPractice) -> PracticeSummary {
        let summary = assess(&world.snapshot, &world.baseline, &[], controls::ALL, "test").summary;
        summary.practices.into_iter().find(|known| known.practice == practice).expect("all practices have controls")
    }

    #[test]
    fn the_clean_organization_keeps_all_seven() {
        let world = World::clean();
        let summary = assess(&world.snapshot, &world.baseline, &[], controls::ALL, "test").summary;
        let accounts: Vec<(usize, usize, usize)> =
            summary.practices.iter().map(|p| (p.accounts.pass, p.accounts.fail, p.accounts.unknown)).collect();
        // No service control policy binds the management account: the last practice does not apply to it.
        assert_eq!(accounts, [(3, 0, 0), (3, 0, 0), (3, 0, 0), (3, 0, 0), (3, 0, 0), (3, 0, 0), (2, 0, 0)]);
        assert!(summary.practices.iter().all(|practice| practice.remedy.is_none()));
    }

    #[test]
    fn a_flaw_of_a_shared_key_concerns_every_account_whose_trail_uses_it() {
        let kms =
            practice(&World::clean().key_detail(|key| key.state = "Disabled".to_owned()), BestPractice::KmsEncryption);
        assert_eq!(kms.accounts.fail, 3);
        assert!(kms.remedy.expect("a failure has a remedy").contains("Enable the key"));
    }

    #[test]
    fn a_flaw_of_an_own_trail_concerns_its_account_alone() {
        let world = World::clean().add_trail("own", WORKLOAD, |trail| trail.log_file_validation = false);
        let validation = practice(&world, BestPractice::LogFileValidation);
        assert_eq!(validation.by_account.get(&account(WORKLOAD)), Some(&Outcome::Fail));
        assert_eq!(validation.by_account.get(&account(ARCHIVE)), Some(&Outcome::Pass));
    }

    #[test]
    fn unknown_beats_pass_and_fail_beats_unknown() {
        let world = World::clean().unentered(WORKLOAD);
        let by_account = practice(&world, BestPractice::LogFileValidation).by_account;
        assert_eq!(by_account.get(&account(WORKLOAD)), Some(&Outcome::Unknown));
        assert_eq!(by_account.get(&account(MANAGEMENT)), Some(&Outcome::Pass));
        let worse = world.add_trail("own", WORKLOAD, |trail| trail.log_file_validation = false);
        let by_account = practice(&worse, BestPractice::LogFileValidation).by_account;
        assert_eq!(by_account.get(&account(WORKLOAD)), Some(&Outcome::Fail));
    }

    #[test]
    fn a_flaw_of_the_organization_decides_the_verdict_and_leaves_each_account_its_own() {
        let world = World::clean().edit(|snapshot| {
            let regions = &mut snapshot.accounts.get_mut(&account(WORKLOAD)).expect("in scope").regions;
            regions.values_mut().for_each(|region| region.trails = Observed::Known([].into()));
        });
        let centralized = practice(&world, BestPractice::Centralized);
        assert_eq!((centralized.verdict, centralized.organization), (Outcome::Fail, Outcome::Fail));
        assert_eq!((centralized.accounts.pass, centralized.accounts.fail), (2, 1));
    }

    #[test]
    fn a_practice_is_told_only_when_every_control_that_decides_it_was_judged() {
        let world = World::clean();
        let [encrypted, usable] =
            ["trail-encrypted-with-kms", "kms-key-usable"].map(|id| controls::find(id).expect("registered"));
        let half = assess(&world.snapshot, &world.baseline, &[], &[encrypted], "test");
        assert_eq!(half.summary.practices, []);
        assert_eq!(half.summary.findings.pass, half.findings.len());
        assert_eq!(half.summary.controls.keys().collect::<Vec<_>>(), ["trail-encrypted-with-kms"]);
        let whole = assess(&world.snapshot, &world.baseline, &[], &[encrypted, usable], "test").summary.practices;
        assert_eq!(whole.iter().map(|told| told.practice).collect::<Vec<_>>(), [BestPractice::KmsEncryption]);
    }
}
