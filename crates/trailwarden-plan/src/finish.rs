//! From the bench to a plan: steps in order, numbered, with the numbers in place of what stands for them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use trailwarden_model::ids::AccountId;
use trailwarden_model::plan::{Aspect, Before, Call, FORMAT, Guard, Plan, Rollback, Step, StepId, Subject, Unplanned};

use crate::bench::{Bench, Draft, Earlier, stand_in};

/// The plan.
pub(crate) fn plan(bench: Bench<'_>, looks: &dyn Fn(&Aspect) -> BTreeSet<String>) -> Plan {
    let order = order(&bench.drafts);
    let numbers = numbers(&order);
    let stand_ins = StandIns::new(&bench.drafts, &numbers);
    let steps: Vec<Step> = order
        .iter()
        .filter_map(|subject| Some((bench.drafts.get(subject)?, numbers.get(subject)?)))
        .map(|(draft, id)| step(draft, id, &numbers, &stand_ins, looks))
        .collect();
    let snapshot = bench.inputs.snapshot;
    let unplanned = merged(bench.unplanned);
    let accounts = accounts(&steps, &unplanned);
    let name = |account: AccountId| (account.clone(), snapshot.account_name(&account).to_owned());
    Plan {
        format: FORMAT.to_owned(),
        digest: "0".repeat(64),
        tool_version: bench.inputs.tool_version.to_owned(),
        organization: snapshot.organization.id.clone(),
        management_account: snapshot.organization.management_account.clone(),
        partition: snapshot.organization.arn.partition().to_owned(),
        snapshot: bench.inputs.snapshot_digest.to_owned(),
        collected_at: snapshot.collected_at,
        accounts: accounts.into_iter().map(name).collect(),
        choices: bench.choices,
        steps,
        stages: Vec::new(),
        unreached: BTreeSet::new(),
        unplanned,
    }
}

/// The ids of steps in this order.
fn numbers(order: &[Subject]) -> BTreeMap<Subject, StepId> {
    order.iter().zip(1..).map(|(subject, number)| (subject.clone(), format!("s{number:03}"))).collect()
}

/// The ids that the steps of a bench will have.
pub(crate) fn ids(bench: &Bench<'_>) -> BTreeMap<Subject, StepId> {
    numbers(&order(&bench.drafts))
}

/// Every subject after those that it needs, else by phase, account, region and aspect.
fn order(drafts: &BTreeMap<Subject, Draft>) -> Vec<Subject> {
    let mut sorted: Vec<&Draft> = drafts.values().collect();
    sorted.sort_by(|one, other| (one.phase, &one.subject).cmp(&(other.phase, &other.subject)));
    let mut placed: BTreeSet<&Subject> = BTreeSet::new();
    let mut order = Vec::with_capacity(sorted.len());
    while order.len() < sorted.len() {
        let is_ready = |draft: &&&Draft| {
            !placed.contains(&draft.subject)
                && needs(draft).iter().all(|need| placed.contains(need) || !drafts.contains_key(need))
        };
        // Without a ready one the needs would run in a circle, which no phase allows; the rest is taken as it stands.
        let next =
            sorted.iter().find(is_ready).or_else(|| sorted.iter().find(|draft| !placed.contains(&draft.subject)));
        let Some(next) = next else { break };
        placed.insert(&next.subject);
        order.push(next.subject.clone());
    }
    order
}

fn needs(draft: &Draft) -> BTreeSet<&Subject> {
    let created = match &draft.before {
        Earlier::CreatedBy(subject) => Some(subject),
        Earlier::Is(_) => None,
    };
    draft.needs.iter().chain(created).collect()
}

/// What stands for members of keys and policies that are not created yet, and what takes its place.
struct StandIns(Vec<(String, String)>);

impl StandIns {
    fn new(drafts: &BTreeMap<Subject, Draft>, numbers: &BTreeMap<Subject, StepId>) -> Self {
        let of = |draft: &Draft| {
            let id = numbers.get(&draft.subject)?;
            let members: &[&str] = match draft.call {
                Call::CreateKey { .. } => &["Arn", "KeyId"],
                Call::CreatePolicy { .. } => &["Id"],
                _ => &[],
            };
            let pair = |member: &&str| (stand_in(&draft.subject, member), format!("${{{id}.{member}}}"));
            Some(members.iter().map(pair).collect::<Vec<_>>())
        };
        Self(drafts.values().filter_map(of).flatten().collect())
    }

    /// The value with the numbers of steps. What is written as JSON is read back as the same type.
    fn replace<T: serde::Serialize + serde::de::DeserializeOwned + Clone>(&self, value: &T) -> T {
        let Ok(mut text) = serde_json::to_string(value) else { return value.clone() };
        for (stand_in, number) in &self.0 {
            text = text.replace(stand_in, number);
        }
        serde_json::from_str(&text).unwrap_or_else(|_| value.clone())
    }
}

fn step(
    draft: &Draft,
    id: &str,
    numbers: &BTreeMap<Subject, StepId>,
    stand_ins: &StandIns,
    looks: &dyn Fn(&Aspect) -> BTreeSet<String>,
) -> Step {
    let number = |subject: &Subject| numbers.get(subject).cloned().unwrap_or_default();
    let mut actions: BTreeSet<String> = draft.call.actions().into_iter().map(str::to_owned).collect();
    actions.extend(looks(&draft.subject.aspect));
    actions.extend(draft.guards.iter().flat_map(|guard| looks(&guard.subject.aspect)));
    Step {
        id: id.to_owned(),
        title: stand_ins.replace(&draft.title),
        subject: stand_ins.replace(&draft.subject),
        call: stand_ins.replace::<Call>(&draft.call),
        before: match &draft.before {
            Earlier::Is(value) => Before::Is(stand_ins.replace::<Value>(value)),
            Earlier::CreatedBy(subject) => Before::CreatedBy(number(subject)),
        },
        after: stand_ins.replace(&draft.after),
        guards: draft.guards.iter().map(|guard| stand_ins.replace::<Guard>(guard)).collect(),
        needs: needs(draft).into_iter().filter(|need| numbers.contains_key(need)).map(number).collect(),
        findings: draft.findings.clone(),
        rollback: stand_ins.replace::<Rollback>(&draft.rollback),
        actions,
        cost: draft.cost.clone(),
    }
}

/// What is left for the same reason is said once, with all its findings, in a stable order.
fn merged(left: Vec<Unplanned>) -> Vec<Unplanned> {
    let mut merged: Vec<Unplanned> = Vec::new();
    for one in left {
        let same = |other: &&mut Unplanned| {
            (&other.hindrance, &other.account, &other.target, &other.reason)
                == (&one.hindrance, &one.account, &one.target, &one.reason)
        };
        match merged.iter_mut().find(same) {
            Some(present) => present.findings.extend(one.findings),
            None => merged.push(one),
        }
    }
    merged.sort_by(|one, other| {
        (one.hindrance, &one.account, &one.target, &one.reason).cmp(&(
            other.hindrance,
            &other.account,
            &other.target,
            &other.reason,
        ))
    });
    merged
}

fn accounts(steps: &[Step], unplanned: &[Unplanned]) -> BTreeSet<AccountId> {
    let of_steps = steps.iter().map(|step| &step.subject.place.account);
    of_steps.chain(unplanned.iter().map(|left| &left.account)).cloned().collect()
}
