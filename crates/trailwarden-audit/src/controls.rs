//! The registry: every control, in the order of the catalogue. A new control is one file and two lines here.

use std::collections::BTreeSet;

use trailwarden_model::snapshot::Need;

use crate::control::Control;

mod every_account_audited;
mod log_file_validation_enabled;
mod management_events_recorded;
mod multi_region_trail_enabled;
mod trail_is_logging;

/// All controls, in the order of the catalogue.
pub static ALL: &[&Control] = &[
    &multi_region_trail_enabled::CONTROL,
    &management_events_recorded::CONTROL,
    &trail_is_logging::CONTROL,
    &log_file_validation_enabled::CONTROL,
    &every_account_audited::CONTROL,
];

/// The control with this id.
pub fn find(id: &str) -> Option<&'static Control> {
    ALL.iter().copied().find(|control| control.id == id)
}

/// What has to be collected to judge these controls.
pub fn needs(controls: &[&Control]) -> BTreeSet<Need> {
    controls.iter().flat_map(|control| control.needs.iter().copied()).collect()
}
