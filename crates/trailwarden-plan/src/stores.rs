//! Event data stores of CloudTrail Lake: kept long, protected against deletion, and, only when asked for, encrypted.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::log_source::EventDataStore;
use trailwarden_model::plan::{Aspect, Call, Hindrance, Rollback};

use crate::bench::{Bench, Draft, Earlier, Findings, Phase, subject};
use crate::facts::Stop;
use crate::keys::Purpose;

/// Plans the stores of an account and region.
pub(crate) fn plan(bench: &mut Bench<'_>, account: &AccountId, region: &Region, findings: &Findings) {
    let seen = bench.inputs.snapshot.accounts.get(account).and_then(|account| account.regions.get(region));
    let Some(stores) = seen.and_then(|seen| seen.event_data_stores.known()) else { return };
    for store in stores {
        bench.target(account, Some(store.arn.to_string()), findings, |bench| {
            plan_store(bench, account, region, store, findings)
        });
    }
}

fn plan_store(
    bench: &mut Bench<'_>,
    account: &AccountId,
    region: &Region,
    store: &EventDataStore,
    findings: &Findings,
) -> Result<(), Stop> {
    let aspect = Aspect::EventDataStore { store: store.arn.to_string() };
    let before = bench.look(account, region, aspect.clone())?;
    if before.get("Status").is_some_and(|status| status == "PENDING_DELETION") {
        let reason = format!("event data store {} is about to be deleted", store.name);
        return Err(Stop::new(Hindrance::Manual, reason).hint("restore it when its events are still wanted"));
    }
    bench.check_owner(account, region, store.arn.as_str(), &store.name)?;
    let required = i32::try_from(bench.required_of(account, false)?.retention_days).unwrap_or(i32::MAX);
    let days = before.get("RetentionPeriod").and_then(Value::as_i64).unwrap_or_default();
    let longer = (days < i64::from(required)).then_some(required);
    let is_protected = before.get("TerminationProtectionEnabled").is_some_and(|on| *on == json!(true));
    let mut after = before.clone();
    if let Some(members) = after.as_object_mut() {
        members.insert("TerminationProtectionEnabled".to_owned(), json!(true));
        longer.map(|days| members.insert("RetentionPeriod".to_owned(), json!(days)));
    }
    let mut needs = BTreeSet::new();
    let mut key_id = None;
    if before.get("KmsKeyId").is_none() {
        if bench.inputs.options.encrypt_stores {
            let key = bench.key_for(account, region, &Purpose::Stores([store.arn.to_string()].into()), findings)?;
            needs.extend(key.needs);
            after.as_object_mut().map(|members| members.insert("KmsKeyId".to_owned(), json!(key.arn)));
            key_id = Some(key.arn);
        } else {
            let reason = format!("the key of event data store {} can never be taken off again", store.name);
            let stop = Stop::new(Hindrance::OnRequest, reason).hint("plan with --encrypt-event-data-stores");
            bench.leave(account, Some(store.arn.to_string()), findings, stop);
        }
    }
    if after == before {
        return Ok(());
    }
    let rollback = match &key_id {
        Some(_) => Rollback::Irreversible("the key of an event data store can never be taken off again".to_owned()),
        None => Rollback::Undo(Call::UpdateEventDataStore {
            event_data_store: store.arn.to_string(),
            retention_period: longer.and(i32::try_from(days).ok()),
            termination_protection_enabled: (!is_protected).then_some(false),
            kms_key_id: None,
        }),
    };
    bench.step(Draft {
        phase: Phase::Stores,
        title: format!("protect event data store {}", store.name),
        subject: subject(account, region, aspect),
        call: Call::UpdateEventDataStore {
            event_data_store: store.arn.to_string(),
            retention_period: longer,
            termination_protection_enabled: (!is_protected).then_some(true),
            kms_key_id: key_id,
        },
        before: Earlier::Is(before),
        after,
        guards: vec![],
        needs,
        findings: findings.clone(),
        rollback,
        cost: longer.map(|_| "retention of events for longer".to_owned()),
    })?;
    Ok(())
}
