//! The registry: every control, in the order of the catalogue. A new control is one file and two lines here.

use std::collections::BTreeSet;

use trailwarden_model::baseline::Baseline;
use trailwarden_model::snapshot::Need;

use crate::control::Control;
use crate::waivers;

mod all_features_enabled;
mod cloudwatch_logs_delivery_healthy;
mod config_recorder_enabled;
mod data_events_recorded;
mod delegated_administrator_expected;
mod digest_delivery_healthy;
mod event_data_stores_protected;
mod every_account_audited;
mod global_service_events_recorded;
mod insights_enabled;
mod kms_key_policy_least_privilege;
mod kms_key_rotation_enabled;
mod kms_key_usable;
mod leaving_organization_denied;
mod log_archive_guarded;
mod log_bucket_access_logging_enabled;
mod log_bucket_exists;
mod log_bucket_lifecycle_configured;
mod log_bucket_not_public;
mod log_bucket_policy_correct;
mod log_bucket_replicated;
mod log_bucket_retention_sufficient;
mod log_bucket_transport_encrypted;
mod log_bucket_versioned_and_locked;
mod log_delivery_healthy;
mod log_delivery_role_valid;
mod log_file_validation_enabled;
mod log_group_retained_and_encrypted;
mod logs_centralized;
mod management_account_guarded;
mod management_event_sources_not_excluded;
mod management_events_recorded;
mod multi_region_trail_enabled;
mod network_activity_events_recorded;
mod no_log_bucket_feedback_loop;
mod no_recent_tampering;
mod no_redundant_management_event_copies;
mod notification_delivery_healthy;
mod organization_trail_enabled;
mod scp_exceptions_declared;
mod scp_headroom_sufficient;
mod scp_policy_type_enabled;
mod tamper_alarms_actionable;
mod tamper_events_routed;
mod tampering_denied_by_scp;
mod trail_encrypted_with_kms;
mod trail_is_logging;
mod trails_match_baseline;
mod trusted_access_enabled;
mod vpc_flow_logs_enabled;
mod waf_logging_enabled;

/// All controls, in the order of the catalogue.
pub static ALL: &[&Control] = &[
    &multi_region_trail_enabled::CONTROL,
    &management_events_recorded::CONTROL,
    &management_event_sources_not_excluded::CONTROL,
    &global_service_events_recorded::CONTROL,
    &data_events_recorded::CONTROL,
    &network_activity_events_recorded::CONTROL,
    &insights_enabled::CONTROL,
    &organization_trail_enabled::CONTROL,
    &logs_centralized::CONTROL,
    &trail_is_logging::CONTROL,
    &log_delivery_healthy::CONTROL,
    &digest_delivery_healthy::CONTROL,
    &notification_delivery_healthy::CONTROL,
    &log_file_validation_enabled::CONTROL,
    &trail_encrypted_with_kms::CONTROL,
    &kms_key_usable::CONTROL,
    &kms_key_policy_least_privilege::CONTROL,
    &kms_key_rotation_enabled::CONTROL,
    &log_bucket_exists::CONTROL,
    &log_bucket_not_public::CONTROL,
    &log_bucket_policy_correct::CONTROL,
    &log_bucket_transport_encrypted::CONTROL,
    &log_bucket_access_logging_enabled::CONTROL,
    &log_bucket_versioned_and_locked::CONTROL,
    &log_bucket_lifecycle_configured::CONTROL,
    &log_bucket_retention_sufficient::CONTROL,
    &log_bucket_replicated::CONTROL,
    &cloudwatch_logs_delivery_healthy::CONTROL,
    &log_group_retained_and_encrypted::CONTROL,
    &log_delivery_role_valid::CONTROL,
    &tamper_alarms_actionable::CONTROL,
    &tamper_events_routed::CONTROL,
    &all_features_enabled::CONTROL,
    &trusted_access_enabled::CONTROL,
    &delegated_administrator_expected::CONTROL,
    &every_account_audited::CONTROL,
    &scp_policy_type_enabled::CONTROL,
    &tampering_denied_by_scp::CONTROL,
    &scp_exceptions_declared::CONTROL,
    &leaving_organization_denied::CONTROL,
    &log_archive_guarded::CONTROL,
    &scp_headroom_sufficient::CONTROL,
    &management_account_guarded::CONTROL,
    &no_recent_tampering::CONTROL,
    &no_redundant_management_event_copies::CONTROL,
    &no_log_bucket_feedback_loop::CONTROL,
    &trails_match_baseline::CONTROL,
    &event_data_stores_protected::CONTROL,
    &config_recorder_enabled::CONTROL,
    &vpc_flow_logs_enabled::CONTROL,
    &waf_logging_enabled::CONTROL,
];

/// All controls of the catalogue, and those that judge waivers.
pub fn every() -> impl Iterator<Item = &'static Control> {
    ALL.iter().chain(waivers::CONTROLS).copied()
}

/// The control of the catalogue with this id.
pub fn find(id: &str) -> Option<&'static Control> {
    ALL.iter().copied().find(|control| control.id == id)
}

/// What has to be collected to judge these controls by a baseline.
pub fn needs(controls: &[&Control], baseline: &Baseline) -> BTreeSet<Need> {
    let needed = controls.iter().filter(|control| control.is_needed(baseline));
    needed.flat_map(|control| control.needs.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use trailwarden_model::control::{BestPractice, Scope, Severity};

    use super::*;

    /// The catalogue: id, scope and severity are promises to whoever filters findings by them.
    const CATALOGUE: &[(&str, Scope, Severity)] = &[
        ("multi-region-trail-enabled", Scope::Account, Severity::Critical),
        ("management-events-recorded", Scope::AccountRegion, Severity::Critical),
        ("management-event-sources-not-excluded", Scope::AccountRegion, Severity::High),
        ("global-service-events-recorded", Scope::Account, Severity::High),
        ("data-events-recorded", Scope::AccountRegion, Severity::Medium),
        ("network-activity-events-recorded", Scope::AccountRegion, Severity::Low),
        ("insights-enabled", Scope::Trail, Severity::Low),
        ("organization-trail-enabled", Scope::Organization, Severity::High),
        ("logs-centralized", Scope::Account, Severity::High),
        ("trail-is-logging", Scope::Trail, Severity::Critical),
        ("log-delivery-healthy", Scope::Trail, Severity::High),
        ("digest-delivery-healthy", Scope::Trail, Severity::High),
        ("notification-delivery-healthy", Scope::Trail, Severity::Low),
        ("log-file-validation-enabled", Scope::Trail, Severity::High),
        ("trail-encrypted-with-kms", Scope::Trail, Severity::High),
        ("kms-key-usable", Scope::TrailKey, Severity::Critical),
        ("kms-key-policy-least-privilege", Scope::TrailKey, Severity::Medium),
        ("kms-key-rotation-enabled", Scope::TrailKey, Severity::Medium),
        ("log-bucket-exists", Scope::LogBucket, Severity::Critical),
        ("log-bucket-not-public", Scope::LogBucket, Severity::Critical),
        ("log-bucket-policy-correct", Scope::LogBucket, Severity::High),
        ("log-bucket-transport-encrypted", Scope::LogBucket, Severity::Medium),
        ("log-bucket-access-logging-enabled", Scope::LogBucket, Severity::Medium),
        ("log-bucket-versioned-and-locked", Scope::LogBucket, Severity::High),
        ("log-bucket-lifecycle-configured", Scope::LogBucket, Severity::Medium),
        ("log-bucket-retention-sufficient", Scope::LogBucket, Severity::Critical),
        ("log-bucket-replicated", Scope::LogBucket, Severity::Low),
        ("cloudwatch-logs-delivery-healthy", Scope::Trail, Severity::Medium),
        ("log-group-retained-and-encrypted", Scope::LogGroup, Severity::Medium),
        ("log-delivery-role-valid", Scope::LogGroup, Severity::Medium),
        ("tamper-alarms-actionable", Scope::Trail, Severity::Medium),
        ("tamper-events-routed", Scope::AccountRegion, Severity::Low),
        ("all-features-enabled", Scope::Organization, Severity::Critical),
        ("trusted-access-enabled", Scope::Organization, Severity::Critical),
        ("delegated-administrator-expected", Scope::Organization, Severity::High),
        ("every-account-audited", Scope::Account, Severity::High),
        ("scp-policy-type-enabled", Scope::Organization, Severity::Critical),
        ("tampering-denied-by-scp", Scope::Account, Severity::Critical),
        ("scp-exceptions-declared", Scope::Account, Severity::High),
        ("leaving-organization-denied", Scope::Account, Severity::High),
        ("log-archive-guarded", Scope::Account, Severity::High),
        ("scp-headroom-sufficient", Scope::Organization, Severity::Low),
        ("management-account-guarded", Scope::Organization, Severity::High),
        ("no-recent-tampering", Scope::AccountRegion, Severity::High),
        ("no-redundant-management-event-copies", Scope::AccountRegion, Severity::Low),
        ("no-log-bucket-feedback-loop", Scope::Trail, Severity::Medium),
        ("trails-match-baseline", Scope::Trail, Severity::High),
        ("event-data-stores-protected", Scope::AccountRegion, Severity::Medium),
        ("config-recorder-enabled", Scope::AccountRegion, Severity::Medium),
        ("vpc-flow-logs-enabled", Scope::AccountRegion, Severity::Medium),
        ("waf-logging-enabled", Scope::AccountRegion, Severity::Medium),
    ];

    #[test]
    fn the_registry_is_the_catalogue() {
        let registered: Vec<_> = ALL.iter().map(|control| (control.id, control.scope(), control.severity)).collect();
        assert_eq!(registered, CATALOGUE);
    }

    #[test]
    fn every_file_is_registered_under_its_name() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/controls");
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .expect("the controls folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().replace(".rs", "").replace('_', "-"))
            .collect();
        let ids: BTreeSet<String> = ALL.iter().map(|control| control.id.to_owned()).collect();
        assert_eq!(files, ids);
    }

    #[test]
    fn ids_are_kebab_case_and_texts_are_sentences() {
        for control in every() {
            let is_kebab = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(control.id.chars().all(is_kebab), "{}", control.id);
            for text in [control.rule, control.why, control.remedy] {
                assert!(text.ends_with('.') && !text.contains("  "), "{}: {text}", control.id);
            }
            assert!(!control.title.ends_with('.') && !control.title.is_empty(), "{}", control.id);
            // The feature set comes with the organization, without which there is no snapshot.
            let reads = control.id != "all-features-enabled" && control.scope() != Scope::Waiver;
            assert!(!control.references.is_empty() && control.needs.is_empty() != reads, "{}", control.id);
        }
    }

    #[test]
    fn every_best_practice_has_a_deciding_control() {
        for practice in BestPractice::ALL {
            assert!(ALL.iter().any(|control| control.practice == Some(practice)), "{}", practice.id());
        }
    }

    #[test]
    fn needs_are_the_union_and_ids_are_found() {
        let one = find("log-file-validation-enabled").expect("registered");
        assert_eq!(needs(&[one], &Baseline::default()), BTreeSet::from([Need::Trails]));
        assert!(find("no-such-control").is_none());
    }
}
