//! Everything that exists: accounts, credentials, and the state of each service in its own submodule.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::partition::Partition;

pub mod cloudtrail;
pub mod cloudwatch;
pub mod config;
pub mod ec2;
pub mod events;
pub mod iam;
pub mod kms;
pub mod logs;
pub mod organizations;
pub mod s3;
pub mod securityhub;
pub mod settling;
pub mod sns;
pub mod waf;
pub mod when;

/// The whole state of the sandbox; also what the state file holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct World {
    /// The partition id; empty means `aws`.
    pub partition: String,
    /// Every account that exists, member of the organization or not.
    pub accounts: BTreeMap<AccountId, Account>,
    /// The access key handed to clients: an auditor of the management account.
    pub entry: String,
    /// Who each access key belongs to.
    pub credentials: BTreeMap<String, Credential>,
    /// The organization, when there is one.
    pub organization: Option<organizations::Organization>,
    /// Roles, users and managed policies by account.
    pub iam: BTreeMap<AccountId, iam::Iam>,
    /// Trails, event data stores and event history by account.
    pub cloudtrail: BTreeMap<AccountId, cloudtrail::CloudTrail>,
    /// Buckets, access points and account-wide settings by account.
    pub s3: BTreeMap<AccountId, s3::S3>,
    /// Keys by account.
    pub kms: BTreeMap<AccountId, kms::Kms>,
    /// Log groups by account.
    pub logs: BTreeMap<AccountId, logs::Logs>,
    /// Alarms by account.
    pub cloudwatch: BTreeMap<AccountId, cloudwatch::CloudWatch>,
    /// EventBridge rules by account.
    pub events: BTreeMap<AccountId, events::Events>,
    /// Topics and subscriptions by account.
    pub sns: BTreeMap<AccountId, sns::Sns>,
    /// Configuration recorders and delivery channels by account.
    pub config: BTreeMap<AccountId, config::Config>,
    /// VPCs and flow logs by account.
    pub ec2: BTreeMap<AccountId, ec2::Ec2>,
    /// Security Hub and its findings by account.
    pub securityhub: BTreeMap<AccountId, securityhub::SecurityHub>,
    /// Web ACLs by account.
    pub waf: BTreeMap<AccountId, waf::Waf>,
    /// Changes that do not count everywhere yet.
    pub settling: settling::Settling,
    /// Source of unique ids; grows by one for each.
    pub serial: u64,
}

/// An account, as far as no service owns the fact.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// The name given to it.
    pub name: String,
    /// Opt-in regions that the account has enabled.
    pub opted_in: BTreeSet<Region>,
}

/// Who an access key belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Credential {
    /// The account of the principal.
    pub account: AccountId,
    /// The principal.
    pub principal: Principal,
    /// The secret, handed to clients; the sandbox does not verify signatures.
    pub secret: String,
    /// Set for temporary credentials.
    pub session: Option<Session>,
}

/// The principal behind an access key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Principal {
    /// The root user.
    Root,
    /// An IAM user by name.
    User(String),
    /// A session of the role of this name.
    Role(String),
}

/// What temporary credentials carry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// The session name.
    pub name: String,
    /// The session token that requests must carry.
    pub token: String,
    /// When the credentials stop working.
    pub expires: Timestamp,
    /// Session policies; without any, the session may do what its role may.
    #[serde(default)]
    pub policies: Vec<String>,
}

impl World {
    /// The partition id.
    pub fn partition_id(&self) -> &str {
        if self.partition.is_empty() { "aws" } else { &self.partition }
    }

    /// The partition's table, when it is one we know.
    pub fn partition(&self) -> Option<&'static Partition> {
        Partition::by_id(self.partition_id())
    }

    /// True when the account has this region: enabled by default, or opted in to.
    pub fn is_region_enabled(&self, account: &AccountId, region: &Region) -> bool {
        self.partition().is_some_and(|partition| partition.is_enabled_by_default(region))
            || self.accounts.get(account).is_some_and(|account| account.opted_in.contains(region))
    }

    /// Every region the account has, in order.
    pub fn enabled_regions(&self, account: &AccountId) -> BTreeSet<Region> {
        let defaults = self.partition().map_or(&[][..], |partition| partition.default_regions);
        let opted_in = self.accounts.get(account).map(|account| account.opted_in.clone()).unwrap_or_default();
        defaults.iter().filter_map(|region| region.parse().ok()).chain(opted_in).collect()
    }

    /// A new unique id: upper-case letters and digits, as long as asked, the same in every run of the same calls.
    pub fn unique_id(&mut self, prefix: &str, length: usize) -> String {
        self.serial += 1;
        let mut state = self.serial.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5DEE_CE66_D1A4_F087;
        let mut id = prefix.to_owned();
        while id.len() < length {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let digit = u32::try_from(state % 32).unwrap_or_default();
            id.push(if digit < 26 { char::from_u32(65 + digit) } else { char::from_u32(24 + digit) }.unwrap_or('A'));
        }
        id
    }

    /// A new UUID, the same in every run of the same calls.
    pub fn uuid(&mut self) -> String {
        self.serial += 1;
        let mut state = self.serial.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut next = || {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^ (mixed >> 31)
        };
        let (high, low) = (next(), next());
        let (first, second, third) = (high >> 32, (high >> 16) & 0xFFFF, high & 0x0FFF);
        let (fourth, last) = ((low >> 48) & 0x3FFF | 0x8000, low & 0xFFFF_FFFF_FFFF);
        format!("{first:08x}-{second:04x}-4{third:03x}-{fourth:04x}-{last:012x}")
    }

    /// The management account, when there is an organization.
    pub fn management_account(&self) -> Option<&AccountId> {
        self.organization.as_ref().map(|organization| &organization.management_account)
    }

    /// True when the account is a member of the organization (the management account too).
    pub fn in_organization(&self, account: &AccountId) -> bool {
        self.organization.as_ref().is_some_and(|organization| organization.accounts.contains_key(account))
    }
}
