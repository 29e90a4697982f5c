//! The stages of a plan, in words: whom each reaches, and what must be shown before the next.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::{AccountId, Arn};
use trailwarden_model::plan::{Affected, Becomes, Denial, Enclosure, Plan, Stage};

use super::words;
use crate::paint::count;

/// Accounts listed by number; of more than these, only how many.
const MAX_ACCOUNTS: usize = 12;

/// One stage in words.
pub(super) struct Words {
    /// The first is 1.
    pub(super) number: usize,
    /// For example `OU Workloads (ou-ab12-cd34ef56)`.
    pub(super) name: String,
    /// The accounts that it reaches.
    pub(super) accounts: String,
    /// Its steps.
    pub(super) steps: String,
    /// Who did lately what it denies, one sentence each.
    pub(super) affected: Vec<String>,
    /// What must be shown, one sentence each.
    pub(super) shown: Vec<String>,
    /// How long it soaks; none for the last, after which nothing comes.
    pub(super) soak: Option<String>,
}

/// Every stage in words.
pub(super) fn stages(plan: &Plan) -> Vec<Words> {
    let last = plan.stages.len();
    (1..).zip(&plan.stages).map(|(number, stage)| words_of(number, stage, number == last)).collect()
}

fn words_of(number: usize, stage: &Stage, is_last: bool) -> Words {
    let steps = words::list(&stage.steps);
    let probes = stage.probes.iter().map(|probe| {
        format!(
            "AWS refuses role {} of account {} to stop a trail in {} that does not exist",
            probe.role, probe.account, probe.region
        )
    });
    Words {
        number,
        name: stage.name.clone(),
        accounts: accounts(&stage.accounts),
        steps: if steps.is_empty() { "no steps: nothing is missing there".to_owned() } else { steps },
        affected: affected(stage),
        shown: denials(stage).into_iter().chain(stage.enclosure.as_ref().map(enclosure)).chain(probes).collect(),
        soak: (!is_last).then(|| span(stage.soak_seconds)),
    }
}

fn accounts<T: Ord + ToString>(accounts: &BTreeSet<T>) -> String {
    let counted = count(accounts.len(), "account");
    match accounts.len() {
        1..=MAX_ACCOUNTS => {
            let listed: Vec<String> = accounts.iter().map(ToString::to_string).collect();
            format!("{counted}: {}", listed.join(", "))
        }
        _ => counted,
    }
}

/// Callers listed one by one; of more than these, only how many.
const MAX_AFFECTED: usize = 50;

fn affected(stage: &Stage) -> Vec<String> {
    let mut lines: Vec<String> = stage.affected.iter().take(MAX_AFFECTED).map(used).collect();
    if let n_more @ 1.. = stage.affected.len().saturating_sub(MAX_AFFECTED) {
        lines.push(format!("and {} in the plan file", count(n_more, "more caller")));
    }
    lines
}

fn used(used: &Affected) -> String {
    let known_as = used.known_as.as_ref().map(|whose| format!(" ({whose})")).unwrap_or_default();
    let becomes = match &used.becomes {
        Becomes::Denied => "WILL BE DENIED".to_owned(),
        Becomes::Undecided(reason) => format!("cannot be told: {reason}"),
        Becomes::Spared(exception) => format!("spared as {exception}"),
    };
    format!(
        "{}{known_as} in {} called {} {}, last on {}: {becomes}",
        used.principal,
        used.account,
        used.action,
        count(used.n_times, "time"),
        used.last.strftime("%Y-%m-%d")
    )
}

/// Accounts that differ in resources alone are told together: the plan file has the resources.
fn denials(stage: &Stage) -> Vec<String> {
    let mut alike: BTreeMap<(&BTreeSet<String>, BTreeSet<&String>), BTreeSet<&AccountId>> = BTreeMap::new();
    for Denial { accounts, calls, exceptions } in &stage.denials {
        let actions = calls.iter().map(|call| &call.action).collect();
        alike.entry((exceptions, actions)).or_default().extend(accounts);
    }
    alike.into_iter().map(|((exceptions, actions), accounts)| denial(accounts.len(), exceptions, actions)).collect()
}

fn denial(n_accounts: usize, exceptions: &BTreeSet<String>, actions: BTreeSet<&String>) -> String {
    let whom = match exceptions.is_empty() {
        true => "everybody".to_owned(),
        false => format!("everybody but {}", words::list(exceptions)),
    };
    format!("in {}, {whom} is denied {}", count(n_accounts, "account"), words::list(actions))
}

fn enclosure(enclosure: &Enclosure) -> String {
    let names: Vec<String> = enclosure.buckets.keys().chain(enclosure.keys.keys()).map(Arn::to_string).collect();
    format!(
        "nobody outside the organization, and no AWS service for an account outside, reaches {}",
        words::list(&names)
    )
}

/// `24 h`, `90 min` or `45 s`.
fn span(seconds: u64) -> String {
    match seconds {
        seconds if seconds > 0 && seconds % 3_600 == 0 => format!("{} h", seconds / 3_600),
        seconds if seconds > 0 && seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}
