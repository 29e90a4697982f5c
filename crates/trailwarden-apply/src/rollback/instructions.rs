//! What is left to a person when rolling back is stuck: the calls that remain, in order, and what stands there now.

use std::collections::BTreeMap;

use serde_json::Value;
use trailwarden_model::journal::{Run, Standing};
use trailwarden_model::plan::{Before, Call, Plan, Rollback, Step, StepId};

use crate::bound;
use crate::cloud::{Clock, Cloud};
use crate::executor::Executor;
use crate::report::{Fate, Instruction};

impl<C: Cloud, K: Clock> Executor<'_, C, K> {
    pub(super) async fn instructions(
        &self,
        plan: &Plan,
        run: &Run,
        fates: &BTreeMap<StepId, Fate>,
    ) -> Vec<Instruction> {
        let mut instructions = Vec::new();
        for step in plan.steps.iter().rev() {
            if let Some(reason) = fates.get(&step.id).and_then(remaining) {
                instructions.push(self.instruction(step, run, reason).await);
            }
        }
        instructions
    }

    async fn instruction(&self, step: &Step, run: &Run, reason: String) -> Instruction {
        let observed = match bound::subject(step, &run.bindings) {
            Ok(subject) => Some(self.cloud.look(&subject).await),
            Err(_) => None,
        };
        let call = undo(step, run);
        Instruction {
            step: step.id.clone(),
            title: step.title.clone(),
            place: step.subject.place.clone(),
            operation: call.as_ref().map(Call::operation),
            input: call.as_ref().map(Call::input).unwrap_or_default(),
            observed,
            restore: found(step, run),
            reason,
        }
    }
}

/// Why a step remains, when it does.
fn remaining(fate: &Fate) -> Option<String> {
    Some(match fate {
        Fate::Failed { code, reason } | Fate::InDoubt { code, reason, .. } => format!("{code}: {reason}"),
        Fate::Held(by) => format!("step {by} needs it and is not rolled back"),
        Fate::Irreversible(reason) => format!("there is no way back: {reason}"),
        Fate::Done { .. } | Fate::Stopped | Fate::RolledBack | Fate::Kept(_) | Fate::Untouched => return None,
    })
}

/// The call that takes the step back; with its placeholders where nobody knows what a step in doubt left behind.
fn undo(step: &Step, run: &Run) -> Option<Call> {
    bound::undo(step, &run.bindings).unwrap_or_else(|_| match &step.rollback {
        Rollback::Undo(call) => Some(call.clone()),
        Rollback::Keep(_) | Rollback::Irreversible(_) => None,
    })
}

fn found(step: &Step, run: &Run) -> Value {
    match (run.steps.get(&step.id), &step.before) {
        (
            Some(
                Standing::InDoubt { found }
                | Standing::UndoInDoubt { found, .. }
                | Standing::Stuck { found, .. }
                | Standing::Done { found: Some(found), .. },
            ),
            _,
        ) => found.clone(),
        (_, Before::Is(before)) => before.clone(),
        (_, Before::CreatedBy(_)) => Value::Null,
    }
}
