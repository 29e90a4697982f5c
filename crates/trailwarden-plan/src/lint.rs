//! What must hold of every plan, whatever it was made from.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use trailwarden_model::plan::{Before, Call, Plan, Rollback, Step, mentions};

/// Everything that is wrong with a plan, in words; nothing with a good one.
pub fn lint(plan: &Plan) -> Vec<String> {
    let places: BTreeMap<&str, usize> =
        plan.steps.iter().enumerate().map(|(place, step)| (step.id.as_str(), place)).collect();
    let mut wrong = Vec::new();
    let mut subjects = BTreeSet::new();
    for (place, step) in plan.steps.iter().enumerate() {
        let mut say = |what: &str| wrong.push(format!("step {}: {what}", step.id));
        if !subjects.insert(&step.subject) {
            say("another step has the same subject");
        }
        if step.id != format!("s{:03}", place + 1) {
            say("its id is not its place in the plan");
        }
        let n_stages = plan.stages.iter().filter(|stage| stage.steps.contains(&step.id)).count();
        if step.findings.is_empty() && n_stages == 0 {
            say("no finding asks for it");
        }
        if n_stages != usize::from(!plan.stages.is_empty()) {
            say("it is not of exactly one stage");
        }
        if step.actions.is_empty() {
            say("it names no IAM action");
        }
        if needed(step).iter().any(|need| places.get(need.as_str()).is_none_or(|earlier| *earlier >= place)) {
            say("it needs a step that does not come before it");
        }
        if step.before == Before::Is(step.after.clone()) {
            say("it changes nothing");
        }
        if lowers_coverage(step) && step.guards.is_empty() {
            say("it lowers coverage, and nothing makes sure that another trail is logging");
        }
        if is_final(&step.call) && !matches!(step.rollback, Rollback::Irreversible(_)) {
            say("it cannot be taken back, and does not say so");
        }
    }
    wrong
}

/// The steps that a step waits for, or whose outputs it mentions.
fn needed(step: &Step) -> BTreeSet<String> {
    let mut needed = step.needs.clone();
    for part in [serde_json::to_value(&step.call), serde_json::to_value(&step.subject), Ok(step.after.clone())] {
        needed.extend(mentions(&part.unwrap_or(Value::Null)).into_iter().filter(|id| *id != step.id));
    }
    if let Before::CreatedBy(id) = &step.before {
        needed.insert(id.clone());
    }
    needed
}

fn lowers_coverage(step: &Step) -> bool {
    matches!(step.call, Call::StopLogging { .. } | Call::DeleteTrail { .. })
}

fn is_final(call: &Call) -> bool {
    matches!(call, Call::PutObjectLockConfiguration { .. } | Call::DeleteTrail { .. })
        || matches!(call, Call::UpdateEventDataStore { kms_key_id: Some(_), .. })
}
