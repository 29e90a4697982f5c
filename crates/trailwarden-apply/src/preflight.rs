//! Whether the world is still the one that a plan was made for: looked at before the first write, all differences together.

use serde_json::Value;
use trailwarden_model::journal::{Run, Standing};
use trailwarden_model::plan::{Before, Guard, Plan, Step, Subject, matches, mentions};

use crate::bound;
use crate::change::{Change, Seen};
use crate::cloud::{Clock, Cloud};
use crate::error::{ApplyError, Stale, Staleness};
use crate::executor::Executor;
use crate::order::side_by_side;
use crate::progress::Wait;

/// One thing to look at.
enum Look<'a> {
    /// A step that is to be made should find this.
    Before(&'a Step, &'a Value),
    /// A guard that no step of the plan brings about.
    Guard(&'a Step, &'a Guard),
    /// A done step left this.
    Left(&'a Step, &'a Value),
}

impl<C: Cloud, K: Clock> Executor<'_, C, K> {
    /// Looks at whatever can be looked at before a run begins or goes on.
    ///
    /// # Errors
    /// With every difference, also where it could not be looked.
    pub(crate) async fn check_basis(&self, plan: &Plan, run: &Run) -> Result<(), ApplyError> {
        let looks = plan.steps.iter().flat_map(|step| looks(plan, run, step));
        let checks: Vec<_> = looks.map(|look| self.check(run, look)).collect();
        match side_by_side(self.options.n_looks, checks).await.into_iter().flatten().collect::<Vec<_>>() {
            stale if stale.is_empty() => Ok(()),
            stale => Err(ApplyError::Stale(stale)),
        }
    }

    async fn check(&self, run: &Run, look: Look<'_>) -> Option<Stale> {
        let (step, subject, expected) = match look {
            Look::Before(step, before) => (step, step.subject.clone(), before),
            Look::Guard(step, guard) => (step, guard.subject.clone(), &guard.is),
            // A done step was bound before, so it can be bound again.
            Look::Left(step, left) => (step, bound::subject(step, &run.bindings).ok()?, left),
        };
        let staleness = match look {
            Look::Left(..) => self.changed(step, &subject, expected).await,
            Look::Before(..) | Look::Guard(..) => match (self.cloud.look(&subject).await, look) {
                (Err(gap), _) => Some(Staleness::Unseen(gap)),
                (Ok(observed), Look::Guard(_, guard)) if !matches(expected, &observed) => {
                    Some(Staleness::Guard { observed, because: guard.because.clone() })
                }
                (Ok(observed), Look::Before(..)) if *expected != observed => {
                    match bound::is_met(&subject.aspect, &step.after, &observed) {
                        true => Some(Staleness::AlreadySo(observed)),
                        false => Some(Staleness::Moved(observed)),
                    }
                }
                _ => None,
            },
        };
        let (id, title, expected) = (step.id.clone(), step.title.clone(), expected.clone());
        staleness.map(|staleness| Stale { step: id, title, subject, expected, staleness })
    }

    /// Watched for a while, for reads may lag behind what the run wrote just before it was interrupted.
    async fn changed(&self, step: &Step, subject: &Subject, left: &Value) -> Option<Staleness> {
        let left = subject.aspect.own_part(left);
        let change = Change {
            step: &step.id,
            subject: subject.clone(),
            is_before: Box::new(|_| false),
            is_after: Box::new(|observed| subject.aspect.own_part(observed) == left),
        };
        match self.watch(&change, self.options.settle, Wait::Effect).await {
            Seen::After(_) => None,
            seen => Some(seen.value().map_or_else(Staleness::Unseen, Staleness::Changed)),
        }
    }
}

fn looks<'a>(plan: &'a Plan, run: &'a Run, step: &'a Step) -> Vec<Look<'a>> {
    match run.steps.get(&step.id) {
        Some(Standing::Done { left, .. }) => vec![Look::Left(step, left)],
        None | Some(Standing::Failed { .. }) => {
            let before = match &step.before {
                Before::Is(before) if is_plain(&step.subject) => Some(Look::Before(step, before)),
                _ => None,
            };
            let guards = step.guards.iter().filter(|guard| {
                is_plain(&(&guard.subject, &guard.is)) && plan.steps.iter().all(|step| step.subject != guard.subject)
            });
            before.into_iter().chain(guards.map(|guard| Look::Guard(step, guard))).collect()
        }
        // What is in doubt is looked at by itself.
        Some(_) => Vec::new(),
    }
}

/// Without placeholders.
fn is_plain(value: &impl serde::Serialize) -> bool {
    serde_json::to_value(value).is_ok_and(|value| mentions(&value).is_empty())
}
