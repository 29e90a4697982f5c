//! KMS keys: new ones for trails, log groups and stores, and ([`present`], [`policy`](mod@policy)) those that are there.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::plan::{Aspect, Call, KmsTag, Rollback, Subject};

pub(crate) use self::policy::pinned;
pub(crate) use self::present::plan;
use crate::bench::{Bench, Draft, Earlier, Findings, Phase, stand_in, subject};
use crate::facts::Stop;
use crate::requests::Source;
use crate::statements::{key_for_groups, key_for_stores, key_for_trails, key_owner, policy, with_missing};

mod policy;
mod present;

/// The tag by which a key of ours is found again.
pub(crate) const KEY_TAG: &str = "trailwarden:key";

/// Why what belongs to a key is not taken back.
const STAYS: &str = "it stays with the key";

/// What a new key is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Log and digest files of these trails.
    Trails(BTreeSet<Source>),
    /// Log groups of the account and region.
    LogGroups,
    /// These event data stores.
    Stores(BTreeSet<String>),
}

impl Purpose {
    fn tag(&self) -> &'static str {
        match self {
            Self::Trails(_) => "cloudtrail-logs",
            Self::LogGroups => "log-groups",
            Self::Stores(_) => "event-data-stores",
        }
    }

    fn statements(&self, partition: &str, account: &AccountId, region: &Region) -> Vec<Value> {
        match self {
            Self::Trails(sources) => {
                let trails = sources.iter().map(|source| source.arn.clone()).collect();
                let context = |source: &Source| format!("arn:{partition}:cloudtrail:*:{}:trail/*", source.owner);
                key_for_trails(&sources.iter().map(context).collect(), &trails)
            }
            Self::LogGroups => vec![key_for_groups(partition, region.as_str(), account.as_str())],
            Self::Stores(stores) => vec![key_for_stores(stores)],
        }
    }
}

/// A key that is there or will be.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    /// Its ARN, or what stands for it until it is created; see [`crate::finish`].
    pub(crate) arn: String,
    /// The steps that must be done before it serves.
    pub(crate) needs: BTreeSet<Subject>,
}

impl Bench<'_> {
    /// The key of ours for a purpose in an account and region, made when there is none.
    pub(crate) fn key_for(
        &mut self,
        account: &AccountId,
        region: &Region,
        purpose: &Purpose,
        findings: &Findings,
    ) -> Result<Key, Stop> {
        let tag = purpose.tag();
        let found = self.look(account, region, Aspect::TaggedKey { tag: tag.to_owned() })?;
        if let Some(arn) = found.get("Arn").and_then(Value::as_str) {
            let needs = match purpose {
                Purpose::Trails(sources) => self.admit(account, region, arn, sources, findings)?,
                Purpose::LogGroups | Purpose::Stores(_) => {
                    self.admit_stated(account, region, arn, purpose, findings)?
                }
            };
            return Ok(Key { arn: arn.to_owned(), needs });
        }
        let created = self.create_key(account, region, purpose, findings)?;
        let rotation = Aspect::KeyRotation { key: stand_in(&created, "Arn") };
        let rotated = self.step(Draft {
            phase: Phase::Key,
            title: "rotate the new key every year".to_owned(),
            subject: subject(account, region, rotation),
            call: Call::EnableKeyRotation { key_id: stand_in(&created, "Arn") },
            before: Earlier::CreatedBy(created.clone()),
            after: json!(true),
            guards: vec![],
            needs: BTreeSet::from([created.clone()]),
            findings: findings.clone(),
            rollback: Rollback::Keep(STAYS.to_owned()),
            cost: None,
        })?;
        let named = self.name_key(account, region, &created, tag, findings)?;
        Ok(Key {
            arn: stand_in(&created, "Arn"),
            needs: [Some(created), Some(rotated), named].into_iter().flatten().collect(),
        })
    }

    fn create_key(
        &mut self,
        account: &AccountId,
        region: &Region,
        purpose: &Purpose,
        findings: &Findings,
    ) -> Result<Subject, Stop> {
        let (partition, tag) = (self.partition(), purpose.tag());
        let place = subject(account, region, Aspect::TaggedKey { tag: tag.to_owned() });
        let statements = purpose.statements(partition, account, region);
        if let Some(draft) = self.drafts.get_mut(&place)
            && let Call::CreateKey { policy, .. } = &mut draft.call
        {
            // Somebody else uses the new key as well.
            let present = serde_json::from_str(policy).unwrap_or_default();
            *policy = with_missing(&present, statements).to_string();
            draft.findings.extend(findings.iter().cloned());
            return Ok(place);
        }
        let all = std::iter::once(key_owner(partition, account.as_str())).chain(statements).collect();
        let (arn, id) = (stand_in(&place, "Arn"), stand_in(&place, "KeyId"));
        self.step(Draft {
            phase: Phase::Key,
            title: format!("create a KMS key for {}", tag.replace('-', " ")),
            call: Call::CreateKey {
                description: format!("trailwarden: {}", tag.replace('-', " ")),
                policy: policy(all).to_string(),
                tags: vec![KmsTag { tag_key: KEY_TAG.to_owned(), tag_value: tag.to_owned() }],
            },
            before: Earlier::Is(Value::Null),
            after: json!({"Arn": arn, "KeyId": id, "KeyState": "Enabled"}),
            guards: vec![],
            needs: BTreeSet::new(),
            findings: findings.clone(),
            rollback: Rollback::Keep(
                "what was encrypted with it cannot be read without it: schedule its deletion by hand once nothing is"
                    .to_owned(),
            ),
            cost: Some("one customer managed KMS key more, and its requests".to_owned()),
            subject: place,
        })
    }

    /// Gives a new key a name for people; an alias that is taken is left where it points.
    fn name_key(
        &mut self,
        account: &AccountId,
        region: &Region,
        created: &Subject,
        tag: &str,
        findings: &Findings,
    ) -> Result<Option<Subject>, Stop> {
        let name = format!("alias/trailwarden-{tag}");
        let alias = Aspect::KeyAlias { name: name.clone() };
        if !self.look(account, region, alias.clone())?.is_null() {
            return Ok(None);
        }
        let id = stand_in(created, "KeyId");
        let named = self.step(Draft {
            phase: Phase::Key,
            title: format!("name it {name}"),
            subject: subject(account, region, alias),
            call: Call::CreateAlias { alias_name: name.clone(), target_key_id: id.clone() },
            before: Earlier::Is(Value::Null),
            after: json!({"TargetKeyId": id}),
            guards: vec![],
            needs: BTreeSet::from([created.clone()]),
            findings: findings.clone(),
            rollback: Rollback::Keep(STAYS.to_owned()),
            cost: None,
        })?;
        Ok(Some(named))
    }
}
