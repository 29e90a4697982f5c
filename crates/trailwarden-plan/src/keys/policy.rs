//! The policy of a trail key: CloudTrail is let in for the trails that use the key, and for no stranger's.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::observed::{GapKind, Observed};
use trailwarden_model::plan::{Aspect, Call, Hindrance, Rollback, Subject};
use trailwarden_policy::Verdict;

use super::Purpose;
use crate::bench::{Bench, Draft, Earlier, Findings, Phase, subject};
use crate::facts::Stop;
use crate::requests::{Source, answer, as_stranger};
use crate::statements::{statements, with_missing, with_more, with_statements};

impl Bench<'_> {
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
        let step = self.key_policy_step((account, region, key), only_cloudtrail(key), before, after, findings)?;
        Ok(BTreeSet::from([step]))
    }

    /// Lets a service use a key of ours for a purpose, where its policy has no statement that does the same.
    pub(super) fn admit_stated(
        &mut self,
        account: &AccountId,
        region: &Region,
        key: &str,
        purpose: &Purpose,
        findings: &Findings,
    ) -> Result<BTreeSet<Subject>, Stop> {
        let subject = subject(account, region, Aspect::KeyPolicy { key: key.to_owned() });
        let before = self.look(account, region, subject.aspect.clone())?;
        let wanted = self.drafts.get(&subject).map_or(&before, |draft| &draft.after);
        let after = with_missing(wanted, purpose.statements(self.partition(), account, region));
        if after == before {
            return Ok(BTreeSet::new());
        }
        // A second purpose adds to what the first has put there.
        let mut findings = findings.clone();
        findings.extend(self.drafts.remove(&subject).into_iter().flat_map(|draft| draft.findings));
        let title = format!("let AWS services encrypt with key {key} what they are to encrypt");
        Ok(BTreeSet::from([self.key_policy_step((account, region, key), title, before, after, &findings)?]))
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
        (account, region, key): (&AccountId, &Region, &str),
        title: String,
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
            title,
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

fn only_cloudtrail(key: &str) -> String {
    format!("let CloudTrail, and nobody else for it, use key {key}")
}

/// Lets CloudTrail use the key for the trails that use it, and for no stranger's.
pub(super) fn policy_of(
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
        let mut users: BTreeSet<String> = sources.iter().map(|source| source.arn.clone()).collect();
        users.extend(stores_with(bench, region, arn)?);
        after = pinned(&after, &users);
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
    let title = only_cloudtrail(arn.as_str());
    bench.key_policy_step((account, region, arn.as_str()), title, before, after, findings)?;
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

/// The event data stores that a key of a region encrypts: CloudTrail uses it for them as well. Where stores could not be listed,
/// a key may have more users than are known; where there is no such operation, there are no stores.
fn stores_with(bench: &Bench<'_>, region: &Region, key: &Arn) -> Result<BTreeSet<String>, Stop> {
    let mut found = BTreeSet::new();
    for seen in bench.inputs.snapshot.accounts.values().filter_map(|account| account.regions.get(region)) {
        match &seen.event_data_stores {
            Observed::Gap(gap) if gap.kind == GapKind::NotImplemented => {}
            stores => {
                let encrypted = stores.get()?.iter().filter(|store| store.kms_key.as_deref() == Some(key.as_str()));
                found.extend(encrypted.map(|store| store.arn.to_string()));
            }
        }
    }
    Ok(found)
}

/// Statements for CloudTrail alone that name no source get these users as their source.
pub(crate) fn pinned(policy: &Value, users: &BTreeSet<String>) -> Value {
    let pin = |mut statement: Value| {
        if is_unpinned(&statement)
            && let Some(members) = statement.as_object_mut()
        {
            let conditions = members.entry("Condition").or_insert_with(|| json!({}));
            if let Some(operators) = conditions.as_object_mut() {
                let equals = operators.entry("StringEquals").or_insert_with(|| json!({}));
                if let Some(keys) = equals.as_object_mut() {
                    keys.insert("aws:SourceArn".to_owned(), json!(users));
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
