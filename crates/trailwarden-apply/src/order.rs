//! Whose turn it is: what each step waits for, forward and back, and the loop that starts what may start. One list, one loop;
//! plans are short.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use trailwarden_model::ids::AccountId;
use trailwarden_model::plan::{Before, Plan, Step, StepId, mentions};

use crate::error::ApplyError;
use crate::progress::{Observer, Progress};
use crate::report::Fate;

/// What each step of a plan needs to be done before it.
pub(crate) type Needs<'p> = BTreeMap<&'p str, BTreeSet<&'p str>>;

/// What each step needs: what it says, whose outputs it mentions, and whose change a guard of it waits for. The last is what
/// keeps a trail in place on the way back as long as another one is stopped.
///
/// # Errors
/// When a step needs what does not come before it: such a plan could never end.
pub(crate) fn needs(plan: &Plan) -> Result<Needs<'_>, ApplyError> {
    let mut all = Needs::new();
    for step in &plan.steps {
        let mut needs = BTreeSet::new();
        for need in stated(step) {
            let Some((earlier, _)) = all.get_key_value(need.as_str()) else {
                return Err(ApplyError::Order { step: step.id.clone(), needs: need });
            };
            needs.insert(*earlier);
        }
        let earlier = plan.steps.iter().filter(|earlier| all.contains_key(earlier.id.as_str()));
        let guarding = earlier.filter(|earlier| step.guards.iter().any(|guard| guard.subject == earlier.subject));
        needs.extend(guarding.map(|earlier| earlier.id.as_str()));
        all.insert(&step.id, needs);
    }
    Ok(all)
}

fn stated(step: &Step) -> BTreeSet<StepId> {
    let mut needs = step.needs.clone();
    if let Before::CreatedBy(creator) = &step.before {
        needs.insert(creator.clone());
    }
    let parts = (&step.subject, &step.call, &step.after, &step.guards);
    let mentioned = serde_json::to_value(parts).map(|parts| mentions(&parts)).unwrap_or_default();
    needs.extend(mentioned.into_iter().filter(|mentioned| *mentioned != step.id));
    needs
}

/// A step that waits for its turn.
pub(crate) struct Turn<'p> {
    pub(crate) step: &'p Step,
    /// Steps that must have come to a good end.
    needs: BTreeSet<&'p str>,
    /// Steps whose turn comes before, however they end.
    after: BTreeSet<&'p str>,
}

/// Forward: these steps, in the plan's order, and in an account only as long as everything goes well there.
pub(crate) fn forward<'p>(steps: impl Iterator<Item = &'p Step>, needs: &Needs<'p>) -> Vec<Turn<'p>> {
    let mut latest: BTreeMap<&AccountId, &str> = BTreeMap::new();
    let turn = |step: &'p Step| {
        let mut needs = needs.get(step.id.as_str()).cloned().unwrap_or_default();
        needs.extend(latest.insert(&step.subject.place.account, &step.id));
        Turn { step, after: needs.clone(), needs }
    };
    steps.map(turn).collect()
}

/// Back: in reverse, each step after those that needed it. One that cannot be rolled back holds what it needs, and no others.
pub(crate) fn back<'p>(plan: &'p Plan, needs: &Needs<'p>) -> Vec<Turn<'p>> {
    let mut latest: BTreeMap<&AccountId, &str> = BTreeMap::new();
    let turn = |step: &'p Step| {
        let id = step.id.as_str();
        let dependents: BTreeSet<&str> =
            needs.iter().filter(|(_, needs)| needs.contains(id)).map(|(dependent, _)| *dependent).collect();
        let mut after = dependents.clone();
        after.extend(latest.insert(&step.subject.place.account, id));
        Turn { step, needs: dependents, after }
    };
    plan.steps.iter().rev().map(turn).collect()
}

/// Takes every turn that can be taken, at most `n_at_once` at once, and adds each step's fate to those already known.
///
/// # Errors
/// The first error of a turn; those under way are dropped.
pub(crate) async fn take_turns<'p, W, F>(
    turns: Vec<Turn<'p>>,
    fates: &mut BTreeMap<StepId, Fate>,
    (n_at_once, stop, observer): (usize, &AtomicBool, &dyn Observer),
    work: W,
) -> Result<(), ApplyError>
where
    W: Fn(&'p Step) -> F,
    F: Future<Output = Result<(StepId, Fate), ApplyError>>,
{
    let mut waiting = turns;
    let mut running = FuturesUnordered::new();
    loop {
        let mut still = Vec::new();
        for turn in waiting {
            let id = turn.step.id.as_str();
            if fates.contains_key(id) {
                continue;
            }
            if let Some(by) = held(&turn, fates) {
                observer.hear(&Progress::Held { step: id, by: by.clone() });
                fates.insert(id.to_owned(), Fate::Held(by));
            } else if stop.load(Ordering::Relaxed) {
                fates.insert(id.to_owned(), Fate::Stopped);
            } else if running.len() < n_at_once && turn.after.iter().all(|other| fates.contains_key(*other)) {
                running.push(work(turn.step));
            } else {
                still.push(turn);
            }
        }
        waiting = still;
        match running.next().await {
            Some(ended) => fates.extend([ended?]),
            None => return Ok(()),
        }
    }
}

/// The step that keeps another one from having its turn.
fn held(turn: &Turn<'_>, fates: &BTreeMap<StepId, Fate>) -> Option<StepId> {
    turn.needs.iter().find_map(|need| match fates.get(*need)? {
        Fate::Held(root) => Some(root.clone()),
        Fate::Failed { .. } | Fate::InDoubt { .. } | Fate::Irreversible(_) => Some((*need).to_owned()),
        Fate::Done { .. } | Fate::RolledBack | Fate::Kept(_) | Fate::Untouched | Fate::Stopped => None,
    })
}

/// Does everything, at most so much at once, and answers in order.
pub(crate) async fn side_by_side<F: Future>(n_at_once: usize, work: Vec<F>) -> Vec<F::Output> {
    futures::stream::iter(work).buffered(n_at_once.max(1)).collect().await
}
