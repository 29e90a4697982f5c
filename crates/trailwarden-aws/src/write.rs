//! Making the calls of a plan, each exactly once: the SDK repeats none of them, and neither do we.

use futures::future::BoxFuture;
use trailwarden_apply::Refusal;
use trailwarden_model::plan::Call;

use crate::catalog::Write;
use crate::session::{Session, Site};

mod cloudtrail;
mod cloudwatch;
mod config;
mod iam;
mod kms;
mod logs;
mod organizations;
pub(crate) mod refusal;
mod s3;
mod sns;

/// What a call comes to, once it is waited for.
type Answer<'a> = BoxFuture<'a, Result<(), Refusal>>;

/// The writes of one service: a function each, with how many we make a second, the operation, and the call from what the
/// function takes; and the list of all of them as `WRITES`. The SDK's own repetition is off: a call that was not answered
/// may have been made.
macro_rules! writes {
    ($sdk:ident $client:ident; $(
        $name:ident($($argument:ident: $kind:ty),*) at $per_second:literal = $operation:literal,
        |$with:ident $(, $site:ident)?| $call:expr;
    )+) => {
        pub(super) const WRITES: &[$crate::catalog::Write] =
            &[$($crate::catalog::Write { operation: $operation, per_second: $per_second }),+];

        $(
            pub(super) fn $name<'a>(
                session: &'a $crate::session::Session,
                site: &'a $crate::session::Site,
                $($argument: &'a $kind),*
            ) -> $crate::write::Answer<'a> {
                Box::pin(async move {
                    let $with = &session.clients.$client;
                    $(let $site = site;)?
                    let call = $call;
                    let config = $crate::session::at!($sdk, site);
                    let config = config.retry_config($sdk::config::retry::RetryConfig::disabled());
                    let call = call.customize().config_override(config).send();
                    session.once($operation, site, call).await.map(drop)
                })
            }
        )+
    };
}
use writes;

const SERVICES: &[&[Write]] = &[
    cloudtrail::WRITES,
    cloudwatch::WRITES,
    config::WRITES,
    iam::WRITES,
    kms::WRITES,
    logs::WRITES,
    organizations::WRITES,
    s3::WRITES,
    sns::WRITES,
];

/// Every write this crate can make.
pub(crate) fn all() -> impl Iterator<Item = Write> {
    SERVICES.iter().copied().flatten().copied()
}

/// True for what is called in the leader region of the partition, whatever the place.
pub(crate) fn is_global(call: &Call) -> bool {
    matches!(
        call,
        Call::EnableAwsServiceAccess { .. }
            | Call::DisableAwsServiceAccess { .. }
            | Call::EnablePolicyType { .. }
            | Call::CreatePolicy { .. }
            | Call::UpdatePolicy { .. }
            | Call::DeletePolicy { .. }
            | Call::AttachPolicy { .. }
            | Call::DetachPolicy { .. }
            | Call::CreateServiceLinkedRole { .. }
            | Call::CreateRole { .. }
            | Call::DeleteRole { .. }
            | Call::UpdateAssumeRolePolicy { .. }
            | Call::PutRolePolicy { .. }
            | Call::DeleteRolePolicy { .. }
    )
}

/// Makes the call.
#[expect(clippy::too_many_lines, reason = "a line per call, so that the compiler finds the one that is missing")]
pub(crate) fn perform<'a>(session: &'a Session, site: &'a Site, call: &'a Call) -> Answer<'a> {
    match call {
        Call::EnableAwsServiceAccess { service_principal } => {
            organizations::enable_service_access(session, site, service_principal)
        }
        Call::DisableAwsServiceAccess { service_principal } => {
            organizations::disable_service_access(session, site, service_principal)
        }
        Call::EnablePolicyType { root_id, policy_type } => {
            organizations::enable_policy_type(session, site, root_id, policy_type)
        }
        Call::CreatePolicy { name, description, content, r#type, tags } => {
            organizations::create_policy(session, site, name, description, content, r#type, tags)
        }
        Call::UpdatePolicy { policy_id, description, content } => {
            organizations::update_policy(session, site, policy_id, description, content)
        }
        Call::DeletePolicy { policy_id } => organizations::delete_policy(session, site, policy_id),
        Call::AttachPolicy { policy_id, target_id } => {
            organizations::attach_policy(session, site, policy_id, target_id)
        }
        Call::DetachPolicy { policy_id, target_id } => {
            organizations::detach_policy(session, site, policy_id, target_id)
        }
        Call::CreateServiceLinkedRole { aws_service_name } => {
            iam::create_service_linked_role(session, site, aws_service_name)
        }
        Call::CreateRole { role_name, assume_role_policy_document, description, tags } => {
            iam::create_role(session, site, role_name, assume_role_policy_document, description, tags)
        }
        Call::DeleteRole { role_name } => iam::delete_role(session, site, role_name),
        Call::UpdateAssumeRolePolicy { role_name, policy_document } => {
            iam::update_assume_role_policy(session, site, role_name, policy_document)
        }
        Call::PutRolePolicy { role_name, policy_name, policy_document } => {
            iam::put_role_policy(session, site, role_name, policy_name, policy_document)
        }
        Call::DeleteRolePolicy { role_name, policy_name } => {
            iam::delete_role_policy(session, site, role_name, policy_name)
        }
        Call::CreateKey { description, policy, tags } => kms::create_key(session, site, description, policy, tags),
        Call::ScheduleKeyDeletion { key_id, pending_window_in_days } => {
            kms::schedule_key_deletion(session, site, key_id, pending_window_in_days)
        }
        Call::CancelKeyDeletion { key_id } => kms::cancel_key_deletion(session, site, key_id),
        Call::CreateAlias { alias_name, target_key_id } => kms::create_alias(session, site, alias_name, target_key_id),
        Call::DeleteAlias { alias_name } => kms::delete_alias(session, site, alias_name),
        Call::PutKeyPolicy { key_id, policy_name, policy } => {
            kms::put_key_policy(session, site, key_id, policy_name, policy)
        }
        Call::EnableKey { key_id } => kms::enable_key(session, site, key_id),
        Call::DisableKey { key_id } => kms::disable_key(session, site, key_id),
        Call::EnableKeyRotation { key_id } => kms::enable_key_rotation(session, site, key_id),
        Call::DisableKeyRotation { key_id } => kms::disable_key_rotation(session, site, key_id),
        Call::CreateBucket { bucket, create_bucket_configuration, object_lock_enabled_for_bucket } => {
            s3::create_bucket(session, site, bucket, create_bucket_configuration, object_lock_enabled_for_bucket)
        }
        Call::DeleteBucket { bucket } => s3::delete_bucket(session, site, bucket),
        Call::PutBucketPolicy { bucket, policy } => s3::put_policy(session, site, bucket, policy),
        Call::DeleteBucketPolicy { bucket } => s3::delete_policy(session, site, bucket),
        Call::PutPublicAccessBlock { bucket, public_access_block_configuration } => {
            s3::put_public_access_block(session, site, bucket, public_access_block_configuration)
        }
        Call::DeletePublicAccessBlock { bucket } => s3::delete_public_access_block(session, site, bucket),
        Call::PutBucketVersioning { bucket, versioning_configuration } => {
            s3::put_versioning(session, site, bucket, versioning_configuration)
        }
        Call::PutBucketEncryption { bucket, server_side_encryption_configuration } => {
            s3::put_encryption(session, site, bucket, server_side_encryption_configuration)
        }
        Call::PutBucketOwnershipControls { bucket, ownership_controls } => {
            s3::put_ownership_controls(session, site, bucket, ownership_controls)
        }
        Call::DeleteBucketOwnershipControls { bucket } => s3::delete_ownership_controls(session, site, bucket),
        Call::PutObjectLockConfiguration { bucket, object_lock_configuration } => {
            s3::put_object_lock(session, site, bucket, object_lock_configuration)
        }
        Call::PutBucketLifecycleConfiguration {
            bucket,
            lifecycle_configuration,
            transition_default_minimum_object_size,
        } => {
            let minimum_size = transition_default_minimum_object_size;
            s3::put_lifecycle(session, site, bucket, lifecycle_configuration, minimum_size)
        }
        Call::DeleteBucketLifecycle { bucket } => s3::delete_lifecycle(session, site, bucket),
        Call::PutBucketLogging { bucket, bucket_logging_status } => {
            s3::put_logging(session, site, bucket, bucket_logging_status)
        }
        Call::CreateLogGroup { log_group_name, kms_key_id, tags } => {
            logs::create_log_group(session, site, log_group_name, kms_key_id, tags)
        }
        Call::DeleteLogGroup { log_group_name } => logs::delete_log_group(session, site, log_group_name),
        Call::PutRetentionPolicy { log_group_name, retention_in_days } => {
            logs::put_retention_policy(session, site, log_group_name, retention_in_days)
        }
        Call::DeleteRetentionPolicy { log_group_name } => logs::delete_retention_policy(session, site, log_group_name),
        Call::AssociateKmsKey { log_group_name, kms_key_id } => {
            logs::associate_kms_key(session, site, log_group_name, kms_key_id)
        }
        Call::DisassociateKmsKey { log_group_name } => logs::disassociate_kms_key(session, site, log_group_name),
        Call::PutMetricFilter { log_group_name, filter_name, filter_pattern, metric_transformations } => {
            logs::put_metric_filter(session, site, log_group_name, filter_name, filter_pattern, metric_transformations)
        }
        Call::DeleteMetricFilter { log_group_name, filter_name } => {
            logs::delete_metric_filter(session, site, log_group_name, filter_name)
        }
        Call::PutMetricAlarm(input) => cloudwatch::put_metric_alarm(session, site, input),
        Call::DeleteAlarms { alarm_names } => cloudwatch::delete_alarms(session, site, alarm_names),
        Call::EnableAlarmActions { alarm_names } => cloudwatch::enable_alarm_actions(session, site, alarm_names),
        Call::DisableAlarmActions { alarm_names } => cloudwatch::disable_alarm_actions(session, site, alarm_names),
        Call::CreateTopic { name, tags } => sns::create_topic(session, site, name, tags),
        Call::DeleteTopic { topic_arn } => sns::delete_topic(session, site, topic_arn),
        Call::SetTopicAttributes { topic_arn, attribute_name, attribute_value } => {
            sns::set_topic_attributes(session, site, topic_arn, attribute_name, attribute_value)
        }
        Call::Subscribe { topic_arn, protocol, endpoint } => {
            sns::subscribe(session, site, topic_arn, protocol, endpoint)
        }
        Call::CreateTrail(input) => cloudtrail::create_trail(session, site, input),
        Call::UpdateTrail(input) => cloudtrail::update_trail(session, site, input),
        Call::DeleteTrail { name } => cloudtrail::delete_trail(session, site, name),
        Call::StartLogging { name } => cloudtrail::start_logging(session, site, name),
        Call::StopLogging { name } => cloudtrail::stop_logging(session, site, name),
        Call::PutEventSelectors { trail_name, event_selectors, advanced_event_selectors } => {
            cloudtrail::put_event_selectors(session, site, trail_name, event_selectors, advanced_event_selectors)
        }
        Call::PutInsightSelectors { trail_name, insight_selectors } => {
            cloudtrail::put_insight_selectors(session, site, trail_name, insight_selectors)
        }
        Call::UpdateEventDataStore {
            event_data_store,
            retention_period,
            termination_protection_enabled: protection,
            kms_key_id,
        } => {
            let store = event_data_store;
            cloudtrail::update_event_data_store(session, site, store, retention_period, protection, kms_key_id)
        }
        Call::PutConfigurationRecorder { configuration_recorder } => {
            config::put_recorder(session, site, configuration_recorder)
        }
        Call::DeleteConfigurationRecorder { configuration_recorder_name } => {
            config::delete_recorder(session, site, configuration_recorder_name)
        }
        Call::PutDeliveryChannel { delivery_channel } => config::put_channel(session, site, delivery_channel),
        Call::DeleteDeliveryChannel { delivery_channel_name } => {
            config::delete_channel(session, site, delivery_channel_name)
        }
        Call::StartConfigurationRecorder { configuration_recorder_name } => {
            config::start_recorder(session, site, configuration_recorder_name)
        }
        Call::StopConfigurationRecorder { configuration_recorder_name } => {
            config::stop_recorder(session, site, configuration_recorder_name)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_call_of_a_plan_is_declared_once_under_its_name() {
        let declared: Vec<String> = all().map(|write| write.operation.to_owned()).collect();
        let wanted: BTreeSet<String> = Call::every().iter().map(Call::operation).collect();
        assert_eq!(declared.iter().cloned().collect::<BTreeSet<_>>(), wanted);
        assert_eq!(declared.len(), wanted.len());
    }

    #[test]
    fn iam_and_organizations_are_called_in_the_leader_region() {
        for call in Call::every() {
            let operation = call.operation();
            let of_partition = operation.starts_with("iam:") || operation.starts_with("organizations:");
            assert_eq!(is_global(&call), of_partition, "{operation}");
        }
    }
}
