//! Logs besides CloudTrail's, per account and region: AWS Config, VPC flow logs, AWS WAF, and CloudTrail Lake.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, Arn, Region};

/// One configuration recorder with its status and delivery channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigRecorder {
    /// Its name.
    pub name: String,
    /// Recording right now.
    pub is_recording: bool,
    /// `PENDING`, `SUCCESS`, `FAILURE` or `NOT_APPLICABLE`, as AWS spells it; none before the first delivery.
    pub last_status: Option<String>,
    /// The error of the last delivery, when it failed.
    pub last_error: Option<String>,
    /// Every supported resource type is recorded (`ALL_SUPPORTED_RESOURCE_TYPES`).
    pub records_all_types: bool,
    /// Global resource types (IAM) are recorded as well.
    pub includes_global_types: bool,
    /// Resource types excluded, under `EXCLUSION_BY_RESOURCE_TYPES`.
    pub excluded_types: BTreeSet<String>,
    /// A delivery channel exists in this account and region.
    pub has_delivery_channel: bool,
    /// The service that owns the recorder; none for the customer's own. Service-linked recorders record only for their service.
    pub service_principal: Option<String>,
}

/// One VPC and its flow logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vpc {
    /// `vpc-…`.
    pub id: String,
    /// The account that owns it; VPCs shared with an account show up there as well.
    pub owner: AccountId,
    /// The default VPC of its region.
    pub is_default: bool,
    /// Flow logs whose resource is this VPC itself.
    pub flow_logs: Vec<FlowLog>,
}

/// One flow log of a VPC.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowLog {
    /// `fl-…`.
    pub id: String,
    /// `ACTIVE`, as AWS spells it.
    pub status: String,
    /// `SUCCESS` or `FAILED`; none before the first delivery.
    pub delivery_status: Option<String>,
    /// Why the last delivery failed.
    pub delivery_error: Option<String>,
    /// `ALL`, `ACCEPT` or `REJECT`.
    pub traffic: String,
    /// For example `s3` or `cloud-watch-logs`.
    pub destination_type: String,
}

/// One web ACL of AWS WAF.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebAcl {
    /// Its ARN.
    pub arn: Arn,
    /// Its name.
    pub name: String,
    /// It protects CloudFront distributions: a global resource, shown in the leader region.
    pub is_global: bool,
    /// Where its full logs go: ARNs; empty when it has no logging configuration.
    pub log_destinations: BTreeSet<String>,
}

/// One event data store of CloudTrail Lake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventDataStore {
    /// Its ARN.
    pub arn: Arn,
    /// Its name.
    pub name: String,
    /// `ENABLED`, `PENDING_DELETION`, `STOPPED_INGESTION`, …, as AWS spells it.
    pub status: String,
    /// Collects the events of every account of the organization.
    pub is_organization: bool,
    /// Collects the events of every region.
    pub is_multi_region: bool,
    /// It cannot be deleted while this is on.
    pub termination_protection: bool,
    /// Days events are kept.
    pub retention_days: i32,
    /// The customer managed key; none when AWS owns the key.
    pub kms_key: Option<String>,
    /// Home of the store.
    pub region: Region,
}
