//! Whether what a run did still stands: each step's postcondition, looked at again.

use std::collections::BTreeMap;

use serde_json::Value;
use trailwarden_model::journal::{Run, Standing};
use trailwarden_model::observed::{Gap, GapKind};
use trailwarden_model::plan::{Bindings, Plan, Step, StepId, Subject, UnknownOutput, bind, bind_others};
use trailwarden_model::verification::Promise;

use crate::bound;
use crate::cloud::Cloud;
use crate::order::side_by_side;

/// Subjects that are looked at once.
const N_LOOKS: usize = 16;

/// Looks at every step of a plan that the run made, or may have made.
pub async fn verify_steps<C: Cloud>(plan: &Plan, run: &Run, cloud: &C) -> BTreeMap<StepId, Promise> {
    let looks: Vec<_> = plan.steps.iter().map(|step| verify(run, step, cloud)).collect();
    let mut promises: BTreeMap<StepId, Promise> = side_by_side(N_LOOKS, looks).await.into_iter().collect();
    let is_gone = |step: &&Step| promises.get(&step.id) == Some(&Promise::Diverged(Value::Null));
    let gone: Vec<&Step> =
        plan.steps.iter().filter(is_gone).filter(|step| is_deleted_later(plan, step, &promises)).collect();
    promises.extend(gone.into_iter().map(|step| (step.id.clone(), Promise::Holds)));
    promises
}

/// A later step, which waited for this one, deleted what it is about, and that still holds: a trail is stopped, then deleted.
fn is_deleted_later(plan: &Plan, step: &Step, promises: &BTreeMap<StepId, Promise>) -> bool {
    let deletes = |later: &&Step| {
        later.after.is_null()
            && later.needs.contains(&step.id)
            && later.subject.place == step.subject.place
            && promises.get(&later.id) == Some(&Promise::Holds)
    };
    plan.steps.iter().any(|later| deletes(&later))
}

async fn verify<C: Cloud>(run: &Run, step: &Step, cloud: &C) -> (StepId, Promise) {
    let promise = match run.steps.get(&step.id) {
        Some(Standing::Done { .. } | Standing::Stuck { .. } | Standing::Kept(_)) => {
            compare(run, step, cloud, None).await
        }
        Some(Standing::InDoubt { found } | Standing::UndoInDoubt { found, .. }) => {
            compare(run, step, cloud, Some(found)).await
        }
        None | Some(Standing::Failed { .. } | Standing::RolledBack) => Promise::NotDone,
    };
    (step.id.clone(), promise)
}

/// `before` is given of a step in doubt: it may not have been made.
async fn compare<C: Cloud>(run: &Run, step: &Step, cloud: &C, before: Option<&Value>) -> Promise {
    let (subject, after) = match expected(step, &run.bindings) {
        Ok(expected) => expected,
        Err(unknown) => return Promise::Unknown(unbound(step, &unknown)),
    };
    match cloud.look(&subject).await {
        Err(gap) => Promise::Unknown(gap),
        Ok(observed) if bound::is_met(&subject.aspect, &after, &observed) => Promise::Holds,
        Ok(observed) if before == Some(&observed) => Promise::NotDone,
        Ok(observed) => Promise::Diverged(observed),
    }
}

fn expected(step: &Step, bindings: &Bindings) -> Result<(Subject, Value), UnknownOutput> {
    // What a done step left behind is known, and another key in its place would not be what was promised.
    let after = match bindings.contains_key(&step.id) {
        true => bind(&step.after, bindings)?,
        false => bind_others(&step.after, &step.id, bindings)?,
    };
    Ok((bound::subject(step, bindings)?, after))
}

fn unbound(step: &Step, unknown: &UnknownOutput) -> Gap {
    Gap {
        kind: GapKind::Unexpected,
        call: "trailwarden:Look".to_owned(),
        account: Some(step.subject.place.account.clone()),
        region: Some(step.subject.place.region.clone()),
        code: "UnknownOutput".to_owned(),
        reason: unknown.to_string(),
    }
}
