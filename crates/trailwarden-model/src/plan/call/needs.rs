//! What calls need: IAM actions, and patience with what AWS does not know everywhere yet.

use super::{Call, TrailInput};

/// Another change of the organization is under way.
const BUSY_ORGANIZATION: &[(&str, &str)] =
    &[("ConcurrentModificationException", ""), ("FinalizingOrganizationException", "")];

/// Another change of its policies is.
const BUSY_POLICIES: &[(&str, &str)] = &[
    ("ConcurrentModificationException", ""),
    ("FinalizingOrganizationException", ""),
    ("PolicyChangesInProgressException", ""),
];

impl Call {
    /// The IAM actions that the call needs, most of them named like the operation.
    ///
    /// Source: Service Authorization Reference; the CloudTrail User Guide on organization trails for what `CreateTrail` asks of
    /// other services.
    #[expect(clippy::too_many_lines, reason = "a list")]
    pub fn actions(&self) -> Vec<&'static str> {
        match self {
            Self::EnableAwsServiceAccess { .. } => vec!["organizations:EnableAWSServiceAccess"],
            Self::DisableAwsServiceAccess { .. } => vec!["organizations:DisableAWSServiceAccess"],
            Self::EnablePolicyType { .. } => vec!["organizations:EnablePolicyType"],
            Self::CreatePolicy { .. } => vec!["organizations:CreatePolicy", "organizations:TagResource"],
            Self::UpdatePolicy { .. } => vec!["organizations:UpdatePolicy"],
            Self::DeletePolicy { .. } => vec!["organizations:DeletePolicy"],
            Self::AttachPolicy { .. } => vec!["organizations:AttachPolicy"],
            Self::DetachPolicy { .. } => vec!["organizations:DetachPolicy"],
            Self::CreateServiceLinkedRole { .. } => vec!["iam:CreateServiceLinkedRole"],
            Self::CreateRole { .. } => vec!["iam:CreateRole", "iam:TagRole"],
            Self::DeleteRole { .. } => vec!["iam:DeleteRole"],
            Self::UpdateAssumeRolePolicy { .. } => vec!["iam:UpdateAssumeRolePolicy"],
            Self::PutRolePolicy { .. } => vec!["iam:PutRolePolicy"],
            Self::DeleteRolePolicy { .. } => vec!["iam:DeleteRolePolicy"],
            Self::CreateKey { .. } => vec!["kms:CreateKey", "kms:TagResource"],
            Self::ScheduleKeyDeletion { .. } => vec!["kms:ScheduleKeyDeletion"],
            Self::CancelKeyDeletion { .. } => vec!["kms:CancelKeyDeletion"],
            Self::CreateAlias { .. } => vec!["kms:CreateAlias"],
            Self::DeleteAlias { .. } => vec!["kms:DeleteAlias"],
            Self::PutKeyPolicy { .. } => vec!["kms:PutKeyPolicy"],
            Self::EnableKey { .. } => vec!["kms:EnableKey"],
            Self::DisableKey { .. } => vec!["kms:DisableKey"],
            Self::EnableKeyRotation { .. } => vec!["kms:EnableKeyRotation"],
            Self::DisableKeyRotation { .. } => vec!["kms:DisableKeyRotation"],
            Self::CreateBucket { object_lock_enabled_for_bucket: Some(true), .. } => {
                vec!["s3:CreateBucket", "s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning"]
            }
            Self::CreateBucket { .. } => vec!["s3:CreateBucket"],
            Self::DeleteBucket { .. } => vec!["s3:DeleteBucket"],
            Self::PutBucketPolicy { .. } => vec!["s3:PutBucketPolicy"],
            Self::DeleteBucketPolicy { .. } => vec!["s3:DeleteBucketPolicy"],
            Self::PutPublicAccessBlock { .. } | Self::DeletePublicAccessBlock { .. } => {
                vec!["s3:PutBucketPublicAccessBlock"]
            }
            Self::PutBucketVersioning { .. } => vec!["s3:PutBucketVersioning"],
            Self::PutBucketEncryption { .. } => vec!["s3:PutEncryptionConfiguration"],
            Self::PutBucketOwnershipControls { .. } | Self::DeleteBucketOwnershipControls { .. } => {
                vec!["s3:PutBucketOwnershipControls"]
            }
            Self::PutObjectLockConfiguration { .. } => vec!["s3:PutBucketObjectLockConfiguration"],
            Self::PutBucketLifecycleConfiguration { .. } | Self::DeleteBucketLifecycle { .. } => {
                vec!["s3:PutLifecycleConfiguration"]
            }
            Self::PutBucketLogging { .. } => vec!["s3:PutBucketLogging"],
            Self::CreateLogGroup { .. } => vec!["logs:CreateLogGroup", "logs:TagResource"],
            Self::DeleteLogGroup { .. } => vec!["logs:DeleteLogGroup"],
            Self::PutRetentionPolicy { .. } => vec!["logs:PutRetentionPolicy"],
            Self::DeleteRetentionPolicy { .. } => vec!["logs:DeleteRetentionPolicy"],
            Self::AssociateKmsKey { .. } => vec!["logs:AssociateKmsKey"],
            Self::DisassociateKmsKey { .. } => vec!["logs:DisassociateKmsKey"],
            Self::PutMetricFilter { .. } => vec!["logs:PutMetricFilter"],
            Self::DeleteMetricFilter { .. } => vec!["logs:DeleteMetricFilter"],
            Self::PutMetricAlarm(_) => vec!["cloudwatch:PutMetricAlarm"],
            Self::DeleteAlarms { .. } => vec!["cloudwatch:DeleteAlarms"],
            Self::EnableAlarmActions { .. } => vec!["cloudwatch:EnableAlarmActions"],
            Self::DisableAlarmActions { .. } => vec!["cloudwatch:DisableAlarmActions"],
            Self::CreateTopic { .. } => vec!["sns:CreateTopic", "sns:TagResource"],
            Self::DeleteTopic { .. } => vec!["sns:DeleteTopic"],
            Self::SetTopicAttributes { .. } => vec!["sns:SetTopicAttributes"],
            Self::Subscribe { .. } => vec!["sns:Subscribe"],
            Self::CreateTrail(input) => input.actions(&["cloudtrail:CreateTrail", "cloudtrail:AddTags"]),
            Self::UpdateTrail(input) => input.actions(&["cloudtrail:UpdateTrail"]),
            Self::DeleteTrail { .. } => vec!["cloudtrail:DeleteTrail"],
            Self::StartLogging { .. } => vec!["cloudtrail:StartLogging"],
            Self::StopLogging { .. } => vec!["cloudtrail:StopLogging"],
            Self::PutEventSelectors { .. } => vec!["cloudtrail:PutEventSelectors"],
            Self::PutInsightSelectors { .. } => vec!["cloudtrail:PutInsightSelectors"],
            Self::UpdateEventDataStore { .. } => vec!["cloudtrail:UpdateEventDataStore"],
            Self::PutConfigurationRecorder { .. } => vec!["config:PutConfigurationRecorder", "iam:PassRole"],
            Self::DeleteConfigurationRecorder { .. } => vec!["config:DeleteConfigurationRecorder"],
            Self::PutDeliveryChannel { .. } => vec!["config:PutDeliveryChannel"],
            Self::DeleteDeliveryChannel { .. } => vec!["config:DeleteDeliveryChannel"],
            Self::StartConfigurationRecorder { .. } => vec!["config:StartConfigurationRecorder"],
            Self::StopConfigurationRecorder { .. } => vec!["config:StopConfigurationRecorder"],
        }
    }

    /// Error codes that may only mean that something written just before does not count everywhere yet: the call is tried
    /// again for a while. A code with a message is one of several meanings: only messages that contain the text are meant.
    ///
    /// Source: facts about AWS's eventual consistency as other provisioning tools handle it; CloudTrail API reference.
    pub fn propagation_codes(&self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::CreateTrail(_) | Self::UpdateTrail(_) => &[
                ("InsufficientS3BucketPolicyException", ""),
                ("InsufficientEncryptionPolicyException", ""),
                ("InsufficientSnsTopicPolicyException", ""),
                ("InvalidCloudWatchLogsLogGroupArnException", "Access denied"),
                ("InvalidCloudWatchLogsRoleArnException", "Access denied"),
                ("CloudTrailAccessNotEnabledException", ""),
                ("KmsKeyNotFoundException", ""),
                ("ConflictException", ""),
            ],
            Self::StartLogging { .. } | Self::PutEventSelectors { .. } | Self::PutInsightSelectors { .. } => {
                &[("TrailNotFoundException", ""), ("ConflictException", "")]
            }
            Self::CreateLogGroup { .. } | Self::AssociateKmsKey { .. } => &[
                ("OperationAbortedException", ""),
                ("InvalidParameterException", "KMS"),
                ("AccessDeniedException", "KMS"),
            ],
            Self::PutRetentionPolicy { .. } | Self::PutMetricFilter { .. } => &[("OperationAbortedException", "")],
            Self::CreateKey { .. } | Self::PutKeyPolicy { .. } => &[("MalformedPolicyDocumentException", "principal")],
            Self::PutRolePolicy { .. } | Self::UpdateAssumeRolePolicy { .. } => &[("NoSuchEntity", "")],
            Self::PutBucketPolicy { .. } => {
                &[("MalformedPolicy", "principal"), ("OperationAborted", ""), ("NoSuchBucket", "")]
            }
            Self::CreateBucket { .. }
            | Self::PutPublicAccessBlock { .. }
            | Self::PutBucketVersioning { .. }
            | Self::PutBucketEncryption { .. }
            | Self::PutBucketOwnershipControls { .. }
            | Self::PutBucketLifecycleConfiguration { .. }
            | Self::PutBucketLogging { .. } => &[("OperationAborted", ""), ("NoSuchBucket", "")],
            Self::PutObjectLockConfiguration { .. } => {
                &[("OperationAborted", ""), ("NoSuchBucket", ""), ("InvalidBucketState", "")]
            }
            Self::PutConfigurationRecorder { .. } => &[("InvalidRoleException", "")],
            Self::PutDeliveryChannel { .. } => {
                &[("InsufficientDeliveryPolicyException", ""), ("NoSuchBucketException", "")]
            }
            Self::EnableAwsServiceAccess { .. } | Self::DisableAwsServiceAccess { .. } => BUSY_ORGANIZATION,
            Self::EnablePolicyType { .. }
            | Self::CreatePolicy { .. }
            | Self::UpdatePolicy { .. }
            | Self::DeletePolicy { .. } => BUSY_POLICIES,
            // What was enabled or created a moment ago may not be known everywhere yet.
            Self::AttachPolicy { .. } | Self::DetachPolicy { .. } => &[
                ("ConcurrentModificationException", ""),
                ("FinalizingOrganizationException", ""),
                ("PolicyChangesInProgressException", ""),
                ("PolicyNotFoundException", ""),
                ("PolicyTypeNotEnabledException", ""),
            ],
            _ => &[],
        }
    }
}

impl TrailInput {
    fn actions(&self, own: &[&'static str]) -> Vec<&'static str> {
        let mut actions = own.to_vec();
        if self.cloud_watch_logs_role_arn.as_ref().is_some_and(|role| !role.is_empty()) {
            actions.push("iam:PassRole");
        }
        if self.is_organization_trail == Some(true) {
            actions.extend([
                "iam:CreateServiceLinkedRole",
                "iam:GetRole",
                "organizations:DescribeOrganization",
                "organizations:ListAWSServiceAccessForOrganization",
            ]);
        }
        actions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passing_a_role_is_an_action_of_its_own() {
        let input = TrailInput { cloud_watch_logs_role_arn: Some("arn:r".to_owned()), ..TrailInput::default() };
        assert_eq!(Call::UpdateTrail(input).actions(), ["cloudtrail:UpdateTrail", "iam:PassRole"]);
    }
}
