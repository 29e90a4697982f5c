//! `fleet:N`: a generated organization, the same for the same N.
//!
//! Management, log archive and N − 2 workload accounts behind one organization trail; every tenth workload account also
//! has a plain local trail in one region, without key, log group or lifecycle.

use trailwarden_model::ids::{AccountId, Region};

use super::file::{self, AccountEntry, File};
use crate::error::SandboxError;
use crate::world::cloudtrail::{CloudTrail, Trail};
use crate::world::s3::{Bucket, S3};

mod truth;

pub(super) use truth::truth;

/// One workload account in this many has a local trail.
const LOCAL_EVERY: usize = 10;
/// Regions in which local trails live.
const LOCAL_HOMES: [&str; 4] = ["eu-west-1", "us-east-1", "us-west-2", "ap-southeast-2"];
/// The fixed part: management, log archive, the organization trail and its links.
const CORE: &str = include_str!("../../scenarios/fleet.toml");

/// A local trail.
struct Local {
    account: AccountId,
    home: Region,
    bucket: String,
}

impl Local {
    fn arn(&self) -> String {
        format!("arn:aws:cloudtrail:{}:{}:trail/local-trail", self.home, self.account)
    }
}

/// The scenario of N accounts.
pub(super) fn generate(size: usize) -> Result<File, SandboxError> {
    let mut file = file::parse("fleet", CORE)?;
    let joined = file.account.iter().map(|entry| entry.joined).max().unwrap_or_default();
    for index in 0..size.saturating_sub(2) {
        let stage = if index % 3 == 0 { "test" } else { "prod" };
        let name = format!("workload-{index:04}-{stage}");
        file.account.push(AccountEntry {
            id: account_id(index)?,
            email: format!("aws+{name}@fleet.example"),
            name,
            unit: Some(format!("ou-fl33-{stage}0000")),
            state: "ACTIVE".to_owned(),
            invited: false,
            opted_in: [].into(),
            joined,
        });
    }
    for local in locals(&file) {
        file.s3.insert(local.account.clone(), bucket(&local, joined));
        file.cloudtrail.insert(local.account.clone(), trail(&local)?);
    }
    Ok(file)
}

/// Spreads the ids over the number space: an odd multiplier is a bijection of 32 bits, so no two are equal.
fn account_id(index: usize) -> Result<AccountId, SandboxError> {
    let index = u32::try_from(index).unwrap_or(u32::MAX);
    let number = 400_000_000_000_u64 + u64::from(index.wrapping_mul(2_654_435_761));
    number.to_string().parse().map_err(wrong)
}

fn wrong(reason: impl ToString) -> SandboxError {
    SandboxError::Scenario { name: "fleet".to_owned(), reason: reason.to_string() }
}

/// The local trails of a fleet: every tenth account after the first two, homes by turns.
fn locals(file: &File) -> Vec<Local> {
    let owners = file.account.iter().skip(2).step_by(LOCAL_EVERY);
    owners
        .zip(LOCAL_HOMES.iter().cycle())
        .filter_map(|(entry, home)| {
            let (account, home) = (entry.id.clone(), home.parse().ok()?);
            Some(Local { bucket: format!("local-trail-{account}"), account, home })
        })
        .collect()
}

fn trail(local: &Local) -> Result<CloudTrail, SandboxError> {
    let trail: Trail = serde_json::from_value(serde_json::json!({
        "name": "local-trail",
        "home_region": local.home,
        "bucket": local.bucket,
        "log_file_validation": true,
    }))
    .map_err(wrong)?;
    Ok(CloudTrail { trails: vec![trail], ..CloudTrail::default() })
}

fn bucket(local: &Local, created: jiff::Timestamp) -> S3 {
    let (name, account, trail) = (&local.bucket, &local.account, local.arn());
    let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "s3:GetBucketAcl",
            "Resource": format!("arn:aws:s3:::{name}"),
            "Condition": {"StringEquals": {"aws:SourceArn": trail}},
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": format!("arn:aws:s3:::{name}/AWSLogs/{account}/*"),
            "Condition": {"StringEquals": {"aws:SourceArn": trail, "s3:x-amz-acl": "bucket-owner-full-control"}},
        },
    ]});
    let bucket = Bucket { policy: Some(policy.to_string()), ..Bucket::new(local.home.clone(), created) };
    S3 { buckets: [(name.clone(), bucket)].into(), ..S3::default() }
}
