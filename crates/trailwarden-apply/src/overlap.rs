//! Comparing what is observed of done steps, where a later step changes part of what an earlier one left behind.

use serde_json::Value;
use trailwarden_model::plan::{Plan, Step};

/// A value without the members that other steps of the plan change.
pub(crate) fn own_part(plan: &Plan, step: &Step, value: &Value) -> Value {
    let others = plan.steps.iter().filter(|other| other.id != step.id && other.subject.place == step.subject.place);
    let mut own = value.clone();
    for member in others.flat_map(|other| step.subject.aspect.shared_with(&other.subject.aspect)) {
        if let Value::Object(members) = &mut own {
            members.remove(*member);
        }
    }
    own
}
