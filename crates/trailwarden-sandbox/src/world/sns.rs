//! What one account holds in SNS: topics, and on each its subscriptions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trailwarden_model::ids::{AccountId, Arn, Region};

use super::World;

/// SNS in one account, all regions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sns {
    /// Topics, in any region.
    pub topics: Vec<Topic>,
}

/// One topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Its name, unique in its account and region.
    pub name: String,
    /// Its region.
    pub region: Region,
    /// The topic policy; none means the one that SNS writes, which speaks of the owner alone.
    #[serde(default)]
    pub policy: Option<String>,
    /// Its key: an id, ARN or alias.
    #[serde(default)]
    pub kms_key: Option<String>,
    /// Other attributes, spelled as the API spells them.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// Subscriptions, of whatever account.
    #[serde(default)]
    pub subscriptions: Vec<Subscription>,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// One subscription of a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// The last part of its ARN.
    pub id: String,
    /// For example `email` or `lambda`.
    pub protocol: String,
    /// An address, a URL or an ARN.
    pub endpoint: String,
    /// The account that subscribed; none means the owner of the topic.
    #[serde(default)]
    pub owner: Option<AccountId>,
    /// Whether it receives anything.
    #[serde(default)]
    pub state: SubscriptionState,
}

/// Whether the endpoint agreed to receive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubscriptionState {
    /// It did.
    #[default]
    Confirmed,
    /// It was asked and has not answered.
    Pending,
    /// It left, or never answered in time; SNS goes on listing it for a while.
    Deleted,
}

impl Topic {
    /// Its ARN in the account that holds it.
    pub fn arn(&self, partition: &str, owner: &AccountId) -> String {
        format!("arn:{partition}:sns:{}:{owner}:{}", self.region, self.name)
    }

    /// The topic policy in force: its own, or the one that SNS writes.
    pub fn policy_in_force(&self, partition: &str, owner: &AccountId) -> String {
        self.policy.clone().unwrap_or_else(|| {
            let arn = self.arn(partition, owner);
            format!(
                r#"{{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{{"Sid":"__default_statement_ID","Effect":"Allow","Principal":{{"AWS":"*"}},"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":"{arn}","Condition":{{"StringEquals":{{"AWS:SourceOwner":"{owner}"}}}}}}]}}"#
            )
        })
    }
}

impl World {
    /// The topic of this ARN, and its owner.
    pub fn topic(&self, arn: &Arn) -> Option<(AccountId, &Topic)> {
        let (owner, region) = (arn.account()?, arn.region()?);
        let held = self.sns.get(&owner).filter(|_| arn.service() == "sns")?;
        let topic = held.topics.iter().find(|topic| topic.name == arn.resource() && topic.region == region)?;
        Some((owner, topic))
    }

    /// The topic of this ARN, to change it.
    pub fn topic_mut(&mut self, arn: &Arn) -> Option<&mut Topic> {
        let (owner, region) = (arn.account()?, arn.region()?);
        let held = self.sns.get_mut(&owner).filter(|_| arn.service() == "sns")?;
        held.topics.iter_mut().find(|topic| topic.name == arn.resource() && topic.region == region)
    }
}
