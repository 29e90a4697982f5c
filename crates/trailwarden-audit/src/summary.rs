//! The one-screen verdict: how many accounts keep each best practice, and how many findings have each outcome.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::assessment::{Counts, PracticeSummary, Summary};
use trailwarden_model::control::{BestPractice, Scope};
use trailwarden_model::finding::{Finding, Outcome};
use trailwarden_model::ids::AccountId;
use trailwarden_model::trail::Trail;

use crate::control::Control;
use crate::cx::Cx;

pub(crate) fn summarize(cx: &Cx<'_>, controls: &[&'static Control], findings: &[Finding]) -> Summary {
    let concerns = Concerns::new(cx);
    let practices = BestPractice::ALL
        .into_iter()
        .filter_map(|practice| {
            let deciding: Vec<&Control> =
                controls.iter().copied().filter(|control| control.practice == Some(practice)).collect();
            (!deciding.is_empty()).then(|| practice_summary(cx, &concerns, practice, &deciding, findings))
        })
        .collect();
    let mut summary = Summary { practices, findings: Counts::default(), controls: BTreeMap::new() };
    for control in controls {
        summary.controls.insert(control.id.to_owned(), Counts::default());
    }
    for finding in findings {
        summary.findings.add(finding.outcome);
        summary.controls.entry(finding.control.clone()).or_default().add(finding.outcome);
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
    let none = Outcome::NotApplicable;
    let mut by_account: BTreeMap<AccountId, Outcome> =
        cx.snapshot.accounts.keys().map(|account| (account.clone(), none)).collect();
    let mut failing: BTreeSet<&str> = BTreeSet::new();
    for finding in findings {
        let Some(control) = deciding.iter().find(|control| control.id == finding.control) else { continue };
        if finding.outcome == Outcome::Fail {
            failing.insert(control.id);
        }
        let mut worsen = |outcome: &mut Outcome| *outcome = (*outcome).max(finding.outcome);
        match (control.scope(), &finding.resource) {
            (Scope::Organization, _) => by_account.values_mut().for_each(worsen),
            (_, None) => by_account.get_mut(&finding.account).into_iter().for_each(worsen),
            (_, Some(resource)) => {
                for account in concerns.of(resource) {
                    by_account.get_mut(account).into_iter().for_each(&mut worsen);
                }
            }
        }
    }
    let mut accounts = Counts::default();
    by_account.values().for_each(|outcome| accounts.add(*outcome));
    let remedies: Vec<&str> =
        deciding.iter().filter(|control| failing.contains(control.id)).map(|control| control.remedy).collect();
    PracticeSummary {
        practice,
        title: practice.title().to_owned(),
        accounts,
        remedy: (accounts.fail > 0).then(|| remedies.join(" ")),
        by_account,
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
