//! What a scenario states once and means for every enabled region of every account: recorders and flow logs.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Deserialize;
use trailwarden_model::ids::{AccountId, Region};

use crate::world::World;
use crate::world::config::{DeliveryChannel, Recorder};
use crate::world::ec2::{FlowLog, default_vpc_id};
use crate::world::iam::Role;
use crate::world::when::When;

/// What is everywhere.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Everywhere {
    /// A configuration recorder with its channel, where no recorder is stated; in the leader region it records global types.
    pub config: Option<Entry>,
    /// A flow log to a bucket on the default VPC.
    pub flow_logs: Option<Entry>,
}

/// Where it goes, and where it is missing.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// The bucket of every account.
    pub bucket: String,
    /// `ACCOUNT`, `ACCOUNT/REGION` or `*/REGION`.
    #[serde(default)]
    pub except: BTreeSet<String>,
}

impl Entry {
    fn is_at(&self, account: &AccountId, region: &Region) -> bool {
        ![account.to_string(), format!("{account}/{region}"), format!("*/{region}")]
            .iter()
            .any(|place| self.except.contains(place))
    }
}

/// Puts it everywhere, and resolves `default` in what is stated of flow logs.
pub(super) fn spread(everywhere: &Everywhere, world: &mut World) {
    let leader = world.partition().and_then(|partition| partition.leader());
    let accounts: Vec<AccountId> = world.accounts.keys().cloned().collect();
    for account in accounts {
        for region in world.enabled_regions(&account) {
            if let Some(entry) = everywhere.config.as_ref().filter(|entry| entry.is_at(&account, &region)) {
                let global = leader.as_ref() == Some(&region);
                add_recorder(world, &account, &region, &entry.bucket, global);
            }
            if let Some(entry) = everywhere.flow_logs.as_ref().filter(|entry| entry.is_at(&account, &region)) {
                add_flow_log(world, &account, &region, &entry.bucket);
            }
        }
    }
    for (account, held) in &mut world.ec2 {
        for log in held.flow_logs.iter_mut().filter(|log| log.resource == "default") {
            log.resource = default_vpc_id(account, &log.region);
        }
    }
}

fn add_recorder(world: &mut World, account: &AccountId, region: &Region, bucket: &str, global_types: bool) {
    let role = format!(
        "arn:{}:iam::{account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
        world.partition_id()
    );
    let linked = Role::linked_to("config.amazonaws.com")
        .filter(|(name, _)| world.iam.get(account).is_none_or(|held| !held.roles.contains_key(*name)));
    if let Some((name, role)) = linked {
        let role = Role { id: world.unique_id("AROA", 21), created: joined(world, account), ..role };
        world.iam.entry(account.clone()).or_default().roles.insert(name.to_owned(), role);
    }
    let held = world.config.entry(account.clone()).or_default();
    let is_stated = |recorder: &Recorder| recorder.region == *region && recorder.service_principal.is_none();
    if !held.recorders.iter().any(is_stated) {
        held.recorders.push(Recorder {
            name: "default".to_owned(),
            region: region.clone(),
            role,
            all_types: true,
            global_types,
            types: Vec::new(),
            excluded_types: Vec::new(),
            frequency: "CONTINUOUS".to_owned(),
            recording: true,
            started: Some(When::Ago(300 * 86_400)),
            stopped: None,
            status: None,
            failure: None,
            service_principal: None,
        });
    }
    if !held.channels.iter().any(|channel| channel.region == *region) {
        held.channels.push(DeliveryChannel {
            name: "default".to_owned(),
            region: region.clone(),
            bucket: bucket.to_owned(),
            prefix: None,
            kms_key: None,
            sns_topic: None,
            frequency: Some("TwentyFour_Hours".to_owned()),
        });
    }
}

fn joined(world: &World, account: &AccountId) -> Option<Timestamp> {
    Some(world.organization.as_ref()?.accounts.get(account)?.joined)
}

fn add_flow_log(world: &mut World, account: &AccountId, region: &Region, bucket: &str) {
    if world.ec2.get(account).is_some_and(|held| held.without_default_vpc.contains(region)) {
        return;
    }
    let vpc = default_vpc_id(account, region);
    let log = FlowLog {
        id: vpc.replacen("vpc-", "fl-", 1),
        region: region.clone(),
        resource: vpc,
        traffic: "ALL".to_owned(),
        destination_type: "s3".to_owned(),
        destination: Some(format!("arn:{}:s3:::{bucket}", world.partition_id())),
        log_group: None,
        role: None,
        error: None,
        aggregation_seconds: 600,
        created: When::Ago(300 * 86_400),
        tags: [].into(),
    };
    world.ec2.entry(account.clone()).or_default().flow_logs.push(log);
}
