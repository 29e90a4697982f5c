//! The bench on which a plan is put together: facts at hand, steps so far, and what was left aside.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::{GapKind, Observed};
use trailwarden_model::plan::{Aspect, Call, Choice, Guard, Hindrance, Place, Rollback, Subject, Unplanned};
use trailwarden_policy::Chains;

use crate::facts::{Facts, Stop};
use crate::inputs::Inputs;

/// Ids of findings.
pub(crate) type Findings = BTreeSet<String>;

/// When in the plan a step comes: what others rest on comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    Trust,
    Bucket,
    Key,
    Admit,
    LogGroup,
    Topic,
    Trail,
    Selectors,
    Logging,
    Alarms,
    Stores,
    Config,
    Record,
    Removal,
    Policies,
    Attachments,
}

/// What must be observed before a step.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Earlier {
    /// This.
    Is(Value),
    /// What the step on this subject leaves behind.
    CreatedBy(Subject),
}

/// A step without number.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft {
    pub(crate) phase: Phase,
    pub(crate) title: String,
    pub(crate) subject: Subject,
    pub(crate) call: Call,
    pub(crate) before: Earlier,
    pub(crate) after: Value,
    pub(crate) guards: Vec<Guard>,
    pub(crate) needs: BTreeSet<Subject>,
    pub(crate) findings: Findings,
    pub(crate) rollback: Rollback,
    pub(crate) cost: Option<String>,
}

/// The bench.
pub(crate) struct Bench<'a> {
    pub(crate) inputs: Inputs<'a>,
    facts: &'a Facts,
    guardrails: Option<Chains<'a>>,
    pub(crate) missing: BTreeSet<Subject>,
    pub(crate) drafts: BTreeMap<Subject, Draft>,
    pub(crate) unplanned: Vec<Unplanned>,
    pub(crate) choices: Vec<Choice>,
}

impl<'a> Bench<'a> {
    pub(crate) fn new(inputs: Inputs<'a>, facts: &'a Facts) -> Self {
        // Where the tree was not read, AWS itself refuses what a policy denies, and the step fails without harm.
        let guardrails = Chains::new(&inputs.snapshot.organization).ok();
        Self {
            inputs,
            facts,
            guardrails,
            missing: BTreeSet::new(),
            drafts: BTreeMap::new(),
            unplanned: Vec::new(),
            choices: Vec::new(),
        }
    }

    pub(crate) fn guardrails(&self) -> Option<&Chains<'a>> {
        self.guardrails.as_ref()
    }

    pub(crate) fn partition(&self) -> &'a str {
        self.inputs.snapshot.organization.arn.partition()
    }

    pub(crate) fn management(&self) -> &'a AccountId {
        &self.inputs.snapshot.organization.management_account
    }

    /// `payments (123456789012)`.
    pub(crate) fn name(&self, account: &AccountId) -> String {
        match self.inputs.snapshot.organization.accounts.get(account).map(|account| account.name.as_str()) {
            None | Some("") => account.to_string(),
            Some(name) => format!("{name} ({account})"),
        }
    }

    /// What is observed of a setting now.
    pub(crate) fn look(&mut self, account: &AccountId, region: &Region, aspect: Aspect) -> Result<Value, Stop> {
        let subject = subject(account, region, aspect);
        match self.facts.get(&subject) {
            Some(Observed::Known(value)) => Ok(value.clone()),
            Some(Observed::Gap(gap)) => Err(Stop::Unknown(gap.clone())),
            None => {
                self.missing.insert(subject);
                Err(Stop::NotLooked)
            }
        }
    }

    /// Has settings looked at that will be asked for, so that one round of looking brings them all.
    pub(crate) fn foresee(&mut self, account: &AccountId, region: &Region, aspects: impl IntoIterator<Item = Aspect>) {
        let subjects = aspects.into_iter().map(|aspect| subject(account, region, aspect));
        self.missing.extend(subjects.filter(|subject| self.facts.get(subject).is_none()));
    }

    /// Plans one target: whole, or not at all, with the reason why its findings stay open.
    pub(crate) fn target(
        &mut self,
        account: &AccountId,
        target: Option<String>,
        findings: &Findings,
        plan: impl FnOnce(&mut Self) -> Result<(), Stop>,
    ) {
        let kept = (self.drafts.clone(), self.choices.clone());
        let Err(stop) = plan(self) else { return };
        (self.drafts, self.choices) = kept;
        self.leave(account, target, findings, stop);
    }

    /// Notes why findings stay open.
    pub(crate) fn leave(&mut self, account: &AccountId, target: Option<String>, findings: &Findings, stop: Stop) {
        let (hindrance, reason, hint, gap) = match stop {
            Stop::NotLooked => return,
            Stop::Unknown(gap) => {
                let hint = (gap.kind == GapKind::AccessDenied).then(|| format!("allow {} and plan again", gap.call));
                (Hindrance::Unknown, format!("{gap}"), hint, Some(gap))
            }
            Stop::Hindered { hindrance, reason, hint } => (hindrance, reason, hint, None),
        };
        let account = account.clone();
        self.unplanned.push(Unplanned { hindrance, account, target, reason, hint, gap, findings: findings.clone() });
    }

    /// Notes a step, unless a policy of the organization would deny it. A second step on a subject is the same step.
    pub(crate) fn step(&mut self, draft: Draft) -> Result<Subject, Stop> {
        let subject = draft.subject.clone();
        self.check_guardrails(&draft)?;
        if draft.before == Earlier::Is(draft.after.clone()) {
            // A mistake of ours must cost no more than its target.
            return Err(Stop::new(Hindrance::Manual, format!("{} would change nothing", draft.title)));
        }
        match self.drafts.get_mut(&subject) {
            Some(present) if present.after == draft.after && present.call == draft.call => {
                present.findings.extend(draft.findings);
                present.needs.extend(draft.needs);
            }
            Some(present) => {
                let reason = format!("{} and {} are wanted of one setting", present.title, draft.title);
                return Err(Stop::new(Hindrance::Manual, reason));
            }
            None => drop(self.drafts.insert(subject.clone(), draft)),
        }
        Ok(subject)
    }

    /// Notes that a step which is there already serves these findings too.
    pub(crate) fn serves(&mut self, subject: &Subject, findings: &Findings) {
        if let Some(draft) = self.drafts.get_mut(subject) {
            draft.findings.extend(findings.iter().cloned());
        }
    }

    /// Has a step wait for another one.
    pub(crate) fn wait(&mut self, step: &Subject, earlier: Subject) {
        if let Some(draft) = self.drafts.get_mut(step) {
            draft.needs.insert(earlier);
        }
    }

    /// Notes a decision once.
    pub(crate) fn choose(&mut self, choice: Choice) {
        if !self.choices.contains(&choice) {
            self.choices.push(choice);
        }
    }
}

/// What stands for a member of something that is not created yet, until the number of the step is known.
pub(crate) fn stand_in(created: &Subject, member: &str) -> String {
    let Subject { place, aspect } = created;
    let name = match aspect {
        Aspect::TaggedKey { tag: name } | Aspect::AuthorizationPolicy { name, .. } => name.as_str(),
        _ => "",
    };
    format!("${{new {} {} {name}.{member}}}", place.account, place.region)
}

/// A subject.
pub(crate) fn subject(account: &AccountId, region: &Region, aspect: Aspect) -> Subject {
    Subject { place: Place { account: account.clone(), region: region.clone() }, aspect }
}
