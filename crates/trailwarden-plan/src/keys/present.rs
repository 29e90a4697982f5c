//! Trail keys that are there: usable, pinned to their trails and rotated.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::plan::{Aspect, Call, Hindrance, Rollback, Subject};

use super::policy::policy_of;
use crate::asks::{KeyWant, Wants, all};
use crate::bench::{Bench, Draft, Earlier, Findings, Phase, subject};
use crate::facts::Stop;
use crate::requests::Source;

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
    let enabled = match wants.get(&KeyWant::Usable) {
        Some(findings) => enable(bench, account, &region, arn, findings)?,
        None => None,
    };
    let policy_findings: Findings =
        [KeyWant::Usable, KeyWant::Pinned].iter().filter_map(|want| wants.get(want)).flatten().cloned().collect();
    if !policy_findings.is_empty() {
        policy_of(bench, account, &region, arn, sources, &policy_findings)?;
    }
    if let Some(findings) = wants.get(&KeyWant::Rotation) {
        rotate(bench, account, &region, arn, enabled, findings)?;
    }
    Ok(())
}

/// Enables a key, after its deletion is taken back where it waits for that; tells the step that brought it back. Other
/// states are beyond a call.
fn enable(
    bench: &mut Bench<'_>,
    account: &AccountId,
    region: &Region,
    arn: &Arn,
    findings: &Findings,
) -> Result<Option<Subject>, Stop> {
    let aspect = Aspect::Key { key: arn.to_string() };
    let found = bench.look(account, region, aspect.clone())?;
    let kept = match found.get("KeyState").and_then(Value::as_str) {
        Some("Enabled" | "Updating") => return Ok(None),
        Some("Disabled") => None,
        Some("PendingDeletion") => Some(keep(bench, account, region, arn, findings)?),
        Some(state) => return Err(Stop::new(Hindrance::Manual, format!("key {arn} is in state {state}"))),
        None => {
            let reason = format!("key {arn} does not exist any more, and what it encrypted cannot be read");
            return Err(Stop::new(Hindrance::Manual, reason).hint("give the trail another key"));
        }
    };
    let key_id = arn.to_string();
    let step = bench.step(Draft {
        phase: Phase::Key,
        title: format!("enable key {arn}"),
        subject: subject(account, region, aspect),
        call: Call::EnableKey { key_id: key_id.clone() },
        before: kept.clone().map_or(Earlier::Is(found), Earlier::CreatedBy),
        after: json!({"Arn": arn, "KeyState": "Enabled"}),
        guards: vec![],
        needs: BTreeSet::new(),
        findings: findings.clone(),
        rollback: Rollback::Undo(Call::DisableKey { key_id }),
        cost: None,
    })?;
    Ok(kept.map(|_| step))
}

/// Takes the deletion of a key back, which leaves it disabled.
fn keep(
    bench: &mut Bench<'_>,
    account: &AccountId,
    region: &Region,
    arn: &Arn,
    findings: &Findings,
) -> Result<Subject, Stop> {
    let aspect = Aspect::KeyDeletion { key: arn.to_string() };
    let before = bench.look(account, region, aspect.clone())?;
    bench.step(Draft {
        phase: Phase::Key,
        title: format!("cancel the deletion of key {arn}"),
        subject: subject(account, region, aspect),
        call: Call::CancelKeyDeletion { key_id: arn.to_string() },
        before: Earlier::Is(before),
        after: json!(false),
        guards: vec![],
        needs: BTreeSet::new(),
        findings: findings.clone(),
        rollback: Rollback::Keep("a key that is not deleted loses nothing; it stays disabled".to_owned()),
        cost: None,
    })
}

/// Rotates a key. One that waits for its deletion shows no rotation: once it is back, as it was before.
fn rotate(
    bench: &mut Bench<'_>,
    account: &AccountId,
    region: &Region,
    arn: &Arn,
    enabled: Option<Subject>,
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
        before: enabled.map_or(Earlier::Is(before), Earlier::CreatedBy),
        after: json!(true),
        guards: vec![],
        needs: BTreeSet::new(),
        findings: findings.clone(),
        rollback: Rollback::Undo(Call::DisableKeyRotation { key_id: arn.to_string() }),
        cost: Some("each of the first two rotations adds to the price of the key".to_owned()),
    })?;
    Ok(())
}
