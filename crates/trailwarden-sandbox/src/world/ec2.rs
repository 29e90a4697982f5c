//! What one account holds in EC2, as far as flow logs go: VPCs and their flow logs.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use trailwarden_model::ids::{AccountId, Region};

use super::World;
use super::cloudtrail::a_year_ago;
use super::when::When;

/// EC2 in one account, all regions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ec2 {
    /// Regions whose default VPC was deleted; in every other enabled region there is one.
    pub without_default_vpc: BTreeSet<Region>,
    /// The VPCs besides the default ones.
    pub vpcs: Vec<Vpc>,
    /// Flow logs.
    pub flow_logs: Vec<FlowLog>,
}

/// One VPC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vpc {
    /// `vpc-…`.
    pub id: String,
    /// Its region.
    pub region: Region,
    /// Its addresses.
    #[serde(default = "ten_net")]
    pub cidr: String,
    /// It is the default VPC of its region.
    #[serde(default)]
    pub is_default: bool,
    /// Accounts that have subnets of it shared with them, and so see it.
    #[serde(default)]
    pub shared_with: BTreeSet<AccountId>,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// One flow log. What is not stated is as in one that delivers all traffic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowLog {
    /// `fl-…`.
    pub id: String,
    /// Its region.
    pub region: Region,
    /// The VPC, subnet or network interface; `default` in a scenario means the default VPC of the region.
    pub resource: String,
    /// `ALL`, `ACCEPT` or `REJECT`.
    #[serde(default = "all")]
    pub traffic: String,
    /// `s3`, `cloud-watch-logs` or `kinesis-data-firehose`.
    #[serde(default = "s3")]
    pub destination_type: String,
    /// ARN of the bucket, log group or stream; none when `log_group` names it.
    #[serde(default)]
    pub destination: Option<String>,
    /// Name of the log group.
    #[serde(default)]
    pub log_group: Option<String>,
    /// ARN of the role that writes to the log group.
    #[serde(default)]
    pub role: Option<String>,
    /// Why the last delivery failed, where it does not follow from the destination.
    #[serde(default)]
    pub error: Option<String>,
    /// Seconds that one record covers at most: 60 or 600.
    #[serde(default = "ten_minutes")]
    pub aggregation_seconds: i64,
    /// When it was created.
    #[serde(default = "a_year_ago")]
    pub created: When,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

fn ten_net() -> String {
    "10.0.0.0/16".to_owned()
}

fn all() -> String {
    "ALL".to_owned()
}

fn s3() -> String {
    "s3".to_owned()
}

fn ten_minutes() -> i64 {
    600
}

/// The id of the default VPC that an account has in a region: the same in every run.
pub fn default_vpc_id(account: &AccountId, region: &Region) -> String {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let bytes = account.as_str().bytes().chain(region.as_str().bytes());
    let hash = bytes.fold(OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
    format!("vpc-0{hash:016x}")
}

impl World {
    /// The VPCs that an account sees in a region, its default one first, each with its owner.
    pub fn vpcs(&self, account: &AccountId, region: &Region) -> Vec<(AccountId, Vpc)> {
        let has_default = self.ec2.get(account).is_none_or(|held| !held.without_default_vpc.contains(region));
        let default = has_default.then(|| Vpc {
            id: default_vpc_id(account, region),
            region: region.clone(),
            cidr: "172.31.0.0/16".to_owned(),
            is_default: true,
            shared_with: BTreeSet::new(),
            tags: BTreeMap::new(),
        });
        let held = self.ec2.iter().flat_map(|(owner, held)| held.vpcs.iter().map(move |vpc| (owner, vpc)));
        let seen = held
            .filter(|(owner, vpc)| vpc.region == *region && (*owner == account || vpc.shared_with.contains(account)));
        let default = default.map(|vpc| (account.clone(), vpc));
        default.into_iter().chain(seen.map(|(owner, vpc)| (owner.clone(), vpc.clone()))).collect()
    }
}
