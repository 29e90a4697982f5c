//! A step with its placeholders filled in, ready to be looked at and made.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use trailwarden_model::plan::{
    Aspect, Bindings, Call, Guard, Rollback, Step, Subject, UnknownOutput, bind, bind_others, matches,
};

/// A step that can be made.
#[derive(Debug, Clone)]
pub(crate) struct Bound {
    pub(crate) subject: Subject,
    pub(crate) call: Call,
    /// May still hold placeholders of the step itself, which match whatever stands there.
    pub(crate) after: Value,
    pub(crate) guards: Vec<Guard>,
}

impl Bound {
    pub(crate) fn of(step: &Step, bindings: &Bindings) -> Result<Self, UnknownOutput> {
        Ok(Self {
            subject: filled(&step.subject, bindings)?,
            call: filled(&step.call, bindings)?,
            after: bind_others(&step.after, &step.id, bindings)?,
            guards: filled(&step.guards, bindings)?,
        })
    }

    pub(crate) fn is_met(&self, observed: &Value) -> bool {
        is_met(&self.subject.aspect, &self.after, observed)
    }
}

/// True when a subject is as a step leaves it, whatever others made of their part of it.
pub(crate) fn is_met(aspect: &Aspect, after: &Value, observed: &Value) -> bool {
    matches(&aspect.own_part(after), &aspect.own_part(observed))
}

/// The subject of a step, with what others left behind.
pub(crate) fn subject(step: &Step, bindings: &Bindings) -> Result<Subject, UnknownOutput> {
    filled(&step.subject, bindings)
}

/// The call that takes a step back, when there is one.
pub(crate) fn undo(step: &Step, bindings: &Bindings) -> Result<Option<Call>, UnknownOutput> {
    match &step.rollback {
        Rollback::Undo(call) => filled(call, bindings).map(Some),
        Rollback::Keep(_) | Rollback::Irreversible(_) => Ok(None),
    }
}

/// Placeholders stand in texts only, so what was read from JSON can be read from it again.
fn filled<T: Serialize + DeserializeOwned>(value: &T, bindings: &Bindings) -> Result<T, UnknownOutput> {
    let written = serde_json::to_value(value).map_err(|error| UnknownOutput(error.to_string()))?;
    serde_json::from_value(bind(&written, bindings)?).map_err(|error| UnknownOutput(error.to_string()))
}
