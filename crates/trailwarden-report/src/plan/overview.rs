//! A plan as a whole: its steps by account, what they do, and what is not planned.

use std::collections::BTreeMap;

use trailwarden_model::ids::AccountId;
use trailwarden_model::plan::{Hindrance, Plan, Rollback, Step, Unplanned};

use super::words::{self, Deed, deed};
use crate::paint::{count, join_and};

/// Steps that are listed by their ids; of more than these, how many.
const MAX_STEPS: usize = 8;

/// What both views of a plan begin with.
pub(super) struct Overview<'a> {
    /// Accounts in the order in which they first occur.
    pub(super) accounts: Vec<(&'a AccountId, Vec<&'a Step>)>,
    /// Steps without a way back.
    pub(super) irreversible: Vec<&'a Step>,
    /// What is not planned, by what stands in the way.
    pub(super) hindrances: BTreeMap<Hindrance, Vec<&'a Unplanned>>,
}

impl<'a> Overview<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        let mut accounts: Vec<(&AccountId, Vec<&Step>)> = Vec::new();
        for step in &plan.steps {
            let account = &step.subject.place.account;
            match accounts.iter_mut().find(|(id, _)| *id == account) {
                Some((_, steps)) => steps.push(step),
                None => accounts.push((account, vec![step])),
            }
        }
        let mut hindrances: BTreeMap<Hindrance, Vec<&Unplanned>> = BTreeMap::new();
        for unplanned in &plan.unplanned {
            hindrances.entry(unplanned.hindrance).or_default().push(unplanned);
        }
        let irreversible = plan.steps.iter().filter(|step| matches!(step.rollback, Rollback::Irreversible(_)));
        Self { accounts, irreversible: irreversible.collect(), hindrances }
    }
}

/// One line of what the plan is, for a plan without steps.
pub(super) fn nothing_to_do(plan: &Plan) -> String {
    let left = match plan.unplanned.len() {
        0 => String::new(),
        n => format!("; {} not planned", count(n, "thing")),
    };
    format!(
        "Nothing to do in organization {}: the plan of the snapshot of {} has no steps{left}.",
        plan.organization, plan.collected_at
    )
}

/// `26 make something new, 5 change what exists and 1 removes something`.
pub(super) fn deeds(plan: &Plan) -> String {
    let words = [
        (Deed::Makes, "makes something new", "make something new"),
        (Deed::Changes, "changes what exists", "change what exists"),
        (Deed::Removes, "removes something", "remove something"),
    ];
    let said = words.into_iter().filter_map(|(wanted, one, many)| {
        match plan.steps.iter().filter(|step| deed(step) == wanted).count() {
            0 => None,
            1 => Some(format!("1 {one}")),
            n => Some(format!("{n} {many}")),
        }
    });
    join_and(&said.collect::<Vec<_>>())
}

/// What AWS charges for, each with the steps that bring it about.
pub(super) fn costs(plan: &Plan) -> Vec<String> {
    let mut costs: Vec<(&String, Vec<&String>)> = Vec::new();
    for (step, cost) in plan.steps.iter().filter_map(|step| Some((step, step.cost.as_ref()?))) {
        match costs.iter_mut().find(|(known, _)| *known == cost) {
            Some((_, steps)) => steps.push(&step.id),
            None => costs.push((cost, vec![&step.id])),
        }
    }
    let said = costs.into_iter().map(|(cost, steps)| match steps.len() {
        n if n > MAX_STEPS => format!("{cost} ({})", count(n, "step")),
        _ => format!("{cost} ({})", words::list(steps)),
    });
    said.collect()
}

/// `3 findings stay open`, or nothing.
pub(super) fn still_open(unplanned: &Unplanned) -> String {
    match unplanned.findings.len() {
        0 => "no finding".to_owned(),
        n => count(n, "finding"),
    }
}

/// The account, and the resource when there is one.
pub(super) fn target(plan: &Plan, unplanned: &Unplanned) -> String {
    let account = words::account(plan, &unplanned.account);
    unplanned.target.as_ref().map_or(account.clone(), |target| format!("{target} in {account}"))
}
