//! What a control is: id, scope, severity, texts. The judging itself lives in `trailwarden-audit`.

use serde::{Deserialize, Serialize};

/// How bad a failure is, worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Informational,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

impl Severity {
    /// The word used in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// What a control judges, one at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// The organization, once.
    Organization,
    /// Each account.
    Account,
    /// Each account and enabled region.
    AccountRegion,
    /// Each trail, once, in its home region.
    Trail,
    /// Each log bucket, once.
    LogBucket,
    /// Each key that a trail encrypts with, once.
    TrailKey,
    /// Each log group that a trail delivers to, once.
    LogGroup,
    /// Each waiver of the waiver file.
    Waiver,
}

impl Scope {
    /// The word used in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Account => "account",
            Self::AccountRegion => "account-region",
            Self::Trail => "trail",
            Self::LogBucket => "log-bucket",
            Self::TrailKey => "trail-key",
            Self::LogGroup => "log-group",
            Self::Waiver => "waiver",
        }
    }
}

/// The seven best practices the product exists for, in the order in which they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BestPractice {
    /// CloudTrail on in every region.
    CloudTrailInEveryRegion,
    /// Log file validation on.
    LogFileValidation,
    /// Logs encrypted with KMS.
    KmsEncryption,
    /// Delivered to CloudWatch Logs.
    CloudwatchLogsDelivery,
    /// Centralised for all accounts and regions.
    Centralized,
    /// Lifecycle on the log bucket.
    BucketLifecycle,
    /// Nobody can switch logging off.
    TamperingDenied,
}

impl BestPractice {
    /// All seven, in order.
    pub const ALL: [Self; 7] = [
        Self::CloudTrailInEveryRegion,
        Self::LogFileValidation,
        Self::KmsEncryption,
        Self::CloudwatchLogsDelivery,
        Self::Centralized,
        Self::BucketLifecycle,
        Self::TamperingDenied,
    ];

    /// The id used in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::CloudTrailInEveryRegion => "cloud-trail-in-every-region",
            Self::LogFileValidation => "log-file-validation",
            Self::KmsEncryption => "kms-encryption",
            Self::CloudwatchLogsDelivery => "cloudwatch-logs-delivery",
            Self::Centralized => "centralized",
            Self::BucketLifecycle => "bucket-lifecycle",
            Self::TamperingDenied => "tampering-denied",
        }
    }

    /// The words shown to people.
    pub fn title(self) -> &'static str {
        match self {
            Self::CloudTrailInEveryRegion => "CloudTrail on in every region",
            Self::LogFileValidation => "Log file validation on",
            Self::KmsEncryption => "Logs encrypted with KMS",
            Self::CloudwatchLogsDelivery => "Delivered to CloudWatch Logs",
            Self::Centralized => "Centralised for all accounts and regions",
            Self::BucketLifecycle => "Lifecycle on the log bucket",
            Self::TamperingDenied => "Nobody can switch logging off",
        }
    }
}
