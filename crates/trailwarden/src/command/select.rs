//! The controls named on the command line.

use trailwarden_audit::{Control, controls};
use trailwarden_model::control::Scope;
use trailwarden_model::framework::Framework;

use crate::failure::Failure;
use crate::framework_file;
use crate::nearest::nearest;

/// The named controls in the order of the catalogue; all when none is named.
pub(super) fn select_controls(ids: &[String]) -> Result<Vec<&'static Control>, Failure> {
    for id in ids {
        if find_control(id)?.scope() == Scope::Waiver {
            return Err(Failure::usage(format!("{id} cannot be selected"))
                .hint("it is judged whenever the audit is given waivers"));
        }
    }
    let is_selected = |control: &&Control| ids.is_empty() || ids.iter().any(|id| id == control.id);
    Ok(controls::ALL.iter().copied().filter(is_selected).collect())
}

/// The control with this id.
pub(super) fn find_control(id: &str) -> Result<&'static Control, Failure> {
    controls::every().find(|control| control.id == id).ok_or_else(|| {
        let failure = Failure::usage(format!("no control is called {id:?}"));
        match nearest(id, controls::every().map(|control| control.id)) {
            Some(near) => failure.hint(format!("did you mean {near}?")),
            None => failure.hint("`trailwarden controls` lists them"),
        }
    })
}

/// Every framework that the program reports by.
pub(super) fn known_frameworks() -> Result<Vec<Framework>, Failure> {
    framework_file::frameworks().map_err(|error| Failure::internal(format!("the list of frameworks: {error}")))
}

/// The framework with this id.
pub(super) fn find_framework(id: &str) -> Result<Framework, Failure> {
    let mut frameworks = known_frameworks()?;
    if let Some(place) = frameworks.iter().position(|framework| framework.id == id) {
        return Ok(frameworks.swap_remove(place));
    }
    let failure = Failure::usage(format!("no framework is called {id:?}"));
    Err(match nearest(id, frameworks.iter().map(|framework| framework.id.as_str())) {
        Some(near) => failure.hint(format!("did you mean {near}?")),
        None => failure.hint("`trailwarden frameworks` lists them"),
    })
}
