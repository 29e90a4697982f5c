//! The registry: every control, in the order of the catalogue. A new control is one file and two lines here.

use std::collections::BTreeSet;

use trailwarden_model::snapshot::Need;

use crate::control::Control;

mod cloudwatch_logs_delivery_healthy;
mod digest_delivery_healthy;
mod every_account_audited;
mod kms_key_rotation_enabled;
mod kms_key_usable;
mod log_bucket_exists;
mod log_bucket_lifecycle_configured;
mod log_bucket_not_public;
mod log_bucket_policy_correct;
mod log_bucket_retention_sufficient;
mod log_delivery_healthy;
mod log_delivery_role_valid;
mod log_file_validation_enabled;
mod log_group_retained_and_encrypted;
mod logs_centralized;
mod management_events_recorded;
mod multi_region_trail_enabled;
mod organization_trail_enabled;
mod scp_exceptions_declared;
mod scp_policy_type_enabled;
mod tampering_denied_by_scp;
mod trail_encrypted_with_kms;
mod trail_is_logging;
mod trusted_access_enabled;

/// All controls, in the order of the catalogue.
pub static ALL: &[&Control] = &[
    &multi_region_trail_enabled::CONTROL,
    &management_events_recorded::CONTROL,
    &organization_trail_enabled::CONTROL,
    &logs_centralized::CONTROL,
    &trail_is_logging::CONTROL,
    &log_delivery_healthy::CONTROL,
    &digest_delivery_healthy::CONTROL,
    &log_file_validation_enabled::CONTROL,
    &trail_encrypted_with_kms::CONTROL,
    &kms_key_usable::CONTROL,
    &kms_key_rotation_enabled::CONTROL,
    &log_bucket_exists::CONTROL,
    &log_bucket_not_public::CONTROL,
    &log_bucket_policy_correct::CONTROL,
    &log_bucket_lifecycle_configured::CONTROL,
    &log_bucket_retention_sufficient::CONTROL,
    &cloudwatch_logs_delivery_healthy::CONTROL,
    &log_group_retained_and_encrypted::CONTROL,
    &log_delivery_role_valid::CONTROL,
    &trusted_access_enabled::CONTROL,
    &every_account_audited::CONTROL,
    &scp_policy_type_enabled::CONTROL,
    &tampering_denied_by_scp::CONTROL,
    &scp_exceptions_declared::CONTROL,
];

/// The control with this id.
pub fn find(id: &str) -> Option<&'static Control> {
    ALL.iter().copied().find(|control| control.id == id)
}

/// What has to be collected to judge these controls.
pub fn needs(controls: &[&Control]) -> BTreeSet<Need> {
    controls.iter().flat_map(|control| control.needs.iter().copied()).collect()
}
