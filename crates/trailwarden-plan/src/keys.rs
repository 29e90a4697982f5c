//! KMS keys: new ones for trails, log groups and stores, and trail keys that are to be usable, pinned and rotated.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::plan::{Aspect, Call, Hindrance, KmsTag, Rollback, Subject};
use trailwarden_policy::Verdict;

use crate::asks::{KeyWant, Wants, all};
use crate::bench::{Bench, Draft, Earlier, Findings, Phase, subject};
use crate::facts::Stop;
use crate::requests::{Source, answer, as_stranger};
use crate::statements::{
    key_for_groups, key_for_stores, key_for_trails, key_owner, policy, statements, with_more, with_statements,
};

/// The tag by which a key of ours is found again.
pub(crate) const KEY_TAG: &str = "trailwarden:key";

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

/// What stands for a member of a key that is not created yet.
pub(crate) fn stand_in(created: &Subject, member: &str) -> String {
    let Subject { place, aspect } = created;
    let tag = if let Aspect::TaggedKey { tag } = aspect { tag.as_str() } else { "" };
    format!("${{new {} {} {tag}.{member}}}", place.account, place.region)
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
                Purpose::LogGroups | Purpose::Stores(_) => BTreeSet::new(),
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
            rollback: Rollback::Keep("it goes with the key".to_owned()),
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
        let mut all = vec![key_owner(partition, account.as_str())];
        all.extend(purpose.statements(partition, account, region));
        let place = subject(account, region, Aspect::TaggedKey { tag: tag.to_owned() });
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
            rollback: Rollback::Undo(Call::ScheduleKeyDeletion { key_id: arn.clone(), pending_window_in_days: 30 }),
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
            rollback: Rollback::Undo(Call::DeleteAlias { alias_name: name }),
            cost: None,
        })?;
        Ok(Some(named))
    }

    /// Lets CloudTrail encrypt with a key that is there, for all of these trails.
    pub(crate) fn admit(
        &mut self,
        account: &AccountId,
        region: &Region,
        key: &str,
        sources: &BTreeSet<Source>,
        findings: &Findings,
    ) -> Result<BTreeSet<Subject>, Stop> {
        let aspect = Aspect::KeyPolicy { key: key.to_owned() };
        let before = self.look(account, region, aspect.clone())?;
        let lacking = self.lacking(key, sources, &before)?;
        if lacking.is_empty() {
            return Ok(BTreeSet::new());
        }
        let added = Purpose::Trails(lacking.clone()).statements(self.partition(), account, region);
        let after = with_more(&before, added);
        let still = self.lacking(key, &lacking, &after)?;
        if let Some(source) = still.first() {
            let reason = format!("a Deny in the policy of key {key} catches CloudTrail for {}", source.arn);
            return Err(Stop::new(Hindrance::Manual, reason).hint("exempt CloudTrail from the statement by hand"));
        }
        let step = self.key_policy_step(account, region, key, before, after, findings)?;
        Ok(BTreeSet::from([step]))
    }

    fn lacking(&self, key: &str, sources: &BTreeSet<Source>, policy: &Value) -> Result<BTreeSet<Source>, Stop> {
        let mut lacking = BTreeSet::new();
        for source in sources {
            for action in ["kms:GenerateDataKey", "kms:DescribeKey"] {
                if !answer(policy, &self.key_request(source, key, action))?.is_allowed() {
                    lacking.insert(source.clone());
                }
            }
        }
        Ok(lacking)
    }

    fn key_policy_step(
        &mut self,
        account: &AccountId,
        region: &Region,
        key: &str,
        before: Value,
        after: Value,
        findings: &Findings,
    ) -> Result<Subject, Stop> {
        let put = |policy: &Value| Call::PutKeyPolicy {
            key_id: key.to_owned(),
            policy_name: "default".to_owned(),
            policy: policy.to_string(),
        };
        self.step(Draft {
            phase: Phase::Key,
            title: format!("let CloudTrail, and nobody else for it, use key {key}"),
            subject: subject(account, region, Aspect::KeyPolicy { key: key.to_owned() }),
            call: put(&after),
            rollback: Rollback::Undo(put(&before)),
            before: Earlier::Is(before),
            after,
            guards: vec![],
            needs: BTreeSet::new(),
            findings: findings.clone(),
            cost: None,
        })
    }
}

/// Plans a trail key that is there.
pub(crate) fn plan(bench: &mut Bench<'_>, arn: &Arn, wants: &Wants<KeyWant>, sources: &BTreeSet<Source>) {
    let account = arn.account().unwrap_or_else(|| bench.management().clone());
    let findings = all(wants);
    bench.target(&account.clone(), Some(arn.to_string()), &findings, |bench| {
        plan_key(bench, &account, arn, wants, sources)
    });
}

fn plan_key(
    bench: &mut Bench<'_>,
    account: &AccountId,
    arn: &Arn,
    wants: &Wants<KeyWant>,
    sources: &BTreeSet<Source>,
) -> Result<(), Stop> {
    let region = arn.region().ok_or_else(|| Stop::new(Hindrance::Impossible, format!("{arn} names no region")))?;
    bench.check_owner(account, &region, arn.as_str(), arn.resource())?;
    if let Some(findings) = wants.get(&KeyWant::Usable) {
        enable(bench, account, &region, arn, findings)?;
    }
    let policy_findings: Findings =
        [KeyWant::Usable, KeyWant::Pinned].iter().filter_map(|want| wants.get(want)).flatten().cloned().collect();
    if !policy_findings.is_empty() {
        policy_of(bench, account, &region, arn, sources, &policy_findings)?;
    }
    if let Some(findings) = wants.get(&KeyWant::Rotation) {
        rotate(bench, account, &region, arn, findings)?;
    }
    Ok(())
}

/// Enables a key, or takes its deletion back. Other states are beyond a call.
fn enable(
    bench: &mut Bench<'_>,
    account: &AccountId,
    region: &Region,
    arn: &Arn,
    findings: &Findings,
) -> Result<(), Stop> {
    let aspect = Aspect::Key { key: arn.to_string() };
    let before = bench.look(account, region, aspect.clone())?;
    let key_id = arn.to_string();
    let (call, title, after, undo) = match before.get("KeyState").and_then(Value::as_str) {
        Some("Enabled" | "Updating") => return Ok(()),
        Some("Disabled") => {
            let undo = Rollback::Undo(Call::DisableKey { key_id: key_id.clone() });
            (Call::EnableKey { key_id }, "enable", "Enabled", undo)
        }
        Some("PendingDeletion") => {
            let kept = Rollback::Keep("a key that is not deleted loses nothing; it stays disabled".to_owned());
            (Call::CancelKeyDeletion { key_id }, "cancel the deletion of", "Disabled", kept)
        }
        Some(state) => return Err(Stop::new(Hindrance::Manual, format!("key {arn} is in state {state}"))),
        None => {
            let reason = format!("key {arn} does not exist any more, and what it encrypted cannot be read");
            return Err(Stop::new(Hindrance::Manual, reason).hint("give the trail another key"));
        }
    };
    bench.step(Draft {
        phase: Phase::Key,
        title: format!("{title} key {arn}"),
        subject: subject(account, region, aspect),
        call,
        after: json!({"Arn": arn, "KeyState": after}),
        before: Earlier::Is(before),
        guards: vec![],
        needs: BTreeSet::new(),
        findings: findings.clone(),
        rollback: undo,
        cost: None,
    })?;
    if after == "Disabled" {
        // One subject, one step: enabling it is the next plan's, once the deletion is off.
        let reason = format!("key {arn} is disabled once its deletion is cancelled: plan again to enable it");
        bench.leave(account, Some(arn.to_string()), findings, Stop::new(Hindrance::Dependent, reason));
    }
    Ok(())
}

fn rotate(
    bench: &mut Bench<'_>,
    account: &AccountId,
    region: &Region,
    arn: &Arn,
    findings: &Findings,
) -> Result<(), Stop> {
    let aspect = Aspect::KeyRotation { key: arn.to_string() };
    let before = bench.look(account, region, aspect.clone())?;
    if before != json!(false) {
        return Ok(());
    }
    bench.step(Draft {
        phase: Phase::Key,
        title: format!("rotate key {arn} every year"),
        subject: subject(account, region, aspect),
        call: Call::EnableKeyRotation { key_id: arn.to_string() },
        before: Earlier::Is(before),
        after: json!(true),
        guards: vec![],
        needs: BTreeSet::new(),
        findings: findings.clone(),
        rollback: Rollback::Undo(Call::DisableKeyRotation { key_id: arn.to_string() }),
        cost: Some("each of the first two rotations adds to the price of the key".to_owned()),
    })?;
    Ok(())
}

/// Lets CloudTrail use the key for the trails that use it, and for no stranger's.
fn policy_of(
    bench: &mut Bench<'_>,
    account: &AccountId,
    region: &Region,
    arn: &Arn,
    sources: &BTreeSet<Source>,
    findings: &Findings,
) -> Result<(), Stop> {
    let before = bench.look(account, region, Aspect::KeyPolicy { key: arn.to_string() })?;
    let mut after = before.clone();
    let lacking = bench.lacking(arn.as_str(), sources, &after)?;
    if !lacking.is_empty() {
        let added = Purpose::Trails(lacking).statements(bench.partition(), account, region);
        after = with_more(&after, added);
    }
    if is_open(bench, arn, sources, &after)? {
        bench.check_all_trails_known()?;
        let trails: BTreeSet<String> = sources.iter().map(|source| source.arn.clone()).collect();
        after = pinned(&after, &trails);
    }
    if let Some(reader) = open_reader(&after) {
        let reason = format!(
            "statement {reader} lets principals decrypt that it does not name; who reads the logs is not known"
        );
        let stop = Stop::new(Hindrance::Manual, reason);
        let stop = stop.hint("name the readers in the statement, or pin it by kms:CallerAccount");
        bench.leave(account, Some(arn.to_string()), findings, stop);
    }
    if after == before {
        return Ok(());
    }
    let still = bench.lacking(arn.as_str(), sources, &after)?;
    if !still.is_empty() || is_open(bench, arn, sources, &after)? {
        let reason = format!("the policy of key {arn} cannot be mended by adding and pinning statements");
        return Err(
            Stop::new(Hindrance::Manual, reason).hint("see the finding for the statement that stands in the way")
        );
    }
    bench.key_policy_step(account, region, arn.as_str(), before, after, findings)?;
    Ok(())
}

/// True when CloudTrail may encrypt for a trail outside the organization.
fn is_open(bench: &Bench<'_>, arn: &Arn, sources: &BTreeSet<Source>, policy: &Value) -> Result<bool, Stop> {
    for source in sources {
        let request = as_stranger(bench.key_request(source, arn.as_str(), "kms:GenerateDataKey"), source);
        if matches!(answer(policy, &request)?, Verdict::Allowed(_)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Statements for CloudTrail alone that name no source get the trails as their source.
pub(crate) fn pinned(policy: &Value, trails: &BTreeSet<String>) -> Value {
    let pin = |mut statement: Value| {
        if is_unpinned(&statement)
            && let Some(members) = statement.as_object_mut()
        {
            let conditions = members.entry("Condition").or_insert_with(|| json!({}));
            if let Some(operators) = conditions.as_object_mut() {
                let equals = operators.entry("StringEquals").or_insert_with(|| json!({}));
                if let Some(keys) = equals.as_object_mut() {
                    keys.insert("aws:SourceArn".to_owned(), json!(trails));
                }
            }
        }
        statement
    };
    with_statements(policy, statements(policy).into_iter().map(pin).collect())
}

/// An Allow for CloudTrail alone without any condition on where the request comes from. Looking at a key or an ACL tells
/// nobody anything, but is pinned along.
fn is_unpinned(statement: &Value) -> bool {
    let service = statement.pointer("/Principal/Service");
    let is_for_cloudtrail = match service {
        Some(Value::String(service)) => service == "cloudtrail.amazonaws.com",
        Some(Value::Array(services)) => {
            services.len() == 1 && services.iter().all(|one| one == "cloudtrail.amazonaws.com")
        }
        _ => false,
    };
    let condition =
        statement.get("Condition").map(|condition| condition.to_string().to_ascii_lowercase()).unwrap_or_default();
    let sources = ["aws:sourcearn", "aws:sourceaccount", "aws:sourceorg"];
    is_for_cloudtrail
        && statement.get("Effect").is_some_and(|effect| effect == "Allow")
        && !sources.iter().any(|source| condition.contains(source))
}

/// The first statement that lets everybody decrypt.
fn open_reader(policy: &Value) -> Option<String> {
    let is_anybody = |principal: &Value| principal == "*" || principal.pointer("/AWS").is_some_and(|aws| aws == "*");
    let decrypts = |statement: &Value| {
        let actions = statement.get("Action").map(ToString::to_string).unwrap_or_default();
        ["kms:Decrypt", "kms:ReEncrypt", "kms:*", "\"*\""].iter().any(|action| actions.contains(action))
    };
    let pins = ["kms:CallerAccount", "aws:PrincipalArn", "aws:PrincipalOrgPaths", "aws:PrincipalAccount"];
    statements(policy).iter().enumerate().find_map(|(number, statement)| {
        let condition = statement.get("Condition").map(ToString::to_string).unwrap_or_default();
        let is_open = statement.get("Effect").is_some_and(|effect| effect == "Allow")
            && statement.get("Principal").is_some_and(is_anybody)
            && decrypts(statement)
            && !pins.iter().any(|pin| condition.contains(pin));
        let sid = statement.get("Sid").and_then(Value::as_str).map(str::to_owned);
        is_open.then(|| sid.unwrap_or_else(|| (number + 1).to_string()))
    })
}
