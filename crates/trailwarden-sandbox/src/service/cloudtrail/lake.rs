//! CloudTrail Lake: event data stores, which belong to an account and a region.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::links;
use super::selectors::{Recorder, check_advanced};
use super::tags::{TagEntry, checked_tags};
use super::validate;
use super::visibility::Viewer;
use crate::error::AwsError;
use crate::world::World;
use crate::world::cloudtrail::{AdvancedEventSelector, EventDataStore, FieldSelector};
use crate::world::when::When;

/// The most event data stores of one account in one region.
const STORES_PER_REGION: usize = 10;
const FIXED: &str = "FIXED_RETENTION_PRICING";
const EXTENDABLE: &str = "EXTENDABLE_RETENTION_PRICING";

/// The input of `CreateEventDataStore` and `UpdateEventDataStore`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Settings {
    event_data_store: String,
    name: Option<String>,
    advanced_event_selectors: Option<Vec<AdvancedEventSelector>>,
    multi_region_enabled: Option<bool>,
    organization_enabled: Option<bool>,
    retention_period: Option<i64>,
    termination_protection_enabled: Option<bool>,
    tags_list: Vec<TagEntry>,
    kms_key_id: Option<String>,
    start_ingestion: Option<bool>,
    billing_mode: Option<String>,
}

fn arn(world: &World, viewer: Viewer<'_>, store: &EventDataStore) -> String {
    format!("arn:{}:cloudtrail:{}:{}:eventdatastore/{}", world.partition_id(), store.region, viewer.account, store.id)
}

fn stores<'w>(world: &'w World, viewer: Viewer<'_>) -> impl Iterator<Item = &'w EventDataStore> {
    let held = world.cloudtrail.get(viewer.account).map(|held| held.event_data_stores.as_slice()).unwrap_or_default();
    let region = viewer.region.clone();
    held.iter().filter(move |store| store.region == region)
}

/// The id in an ARN or its last part.
fn id_of<'a>(viewer: Viewer<'_>, text: &'a str) -> Result<&'a str, AwsError> {
    let Some((before, id)) = text.rsplit_once(":eventdatastore/") else {
        let is_id = !text.starts_with("arn:") && text.len() >= 3;
        let invalid =
            || AwsError::bad("EventDataStoreARNInvalidException", format!("Invalid event data store ARN: {text}"));
        return is_id.then_some(text).ok_or_else(invalid);
    };
    if before.ends_with(&format!(":cloudtrail:{}:{}", viewer.region, viewer.account)) {
        return Ok(id);
    }
    Err(not_found(text))
}

fn not_found(text: &str) -> AwsError {
    AwsError::bad("EventDataStoreNotFoundException", format!("Event data store {text} was not found."))
}

/// The store of this ARN or id.
pub fn find<'w>(world: &'w World, viewer: Viewer<'_>, text: &str) -> Result<&'w EventDataStore, AwsError> {
    let id = id_of(viewer, text)?;
    stores(world, viewer).find(|store| store.id == id).ok_or_else(|| not_found(text))
}

/// The store of this ARN or id, to change it.
pub fn find_mut<'w>(world: &'w mut World, viewer: Viewer<'_>, text: &str) -> Result<&'w mut EventDataStore, AwsError> {
    let id = id_of(viewer, text)?;
    let held = world.cloudtrail.get_mut(viewer.account).map(|held| held.event_data_stores.as_mut_slice());
    held.unwrap_or_default()
        .iter_mut()
        .find(|store| store.id == id && store.region == *viewer.region)
        .ok_or_else(|| not_found(text))
}

/// A store as every operation but `ListEventDataStores` shows it.
fn show(world: &World, viewer: Viewer<'_>, store: &EventDataStore, now: Timestamp) -> Value {
    json!({
        "EventDataStoreArn": arn(world, viewer, store),
        "Name": store.name,
        "Status": store.status,
        "AdvancedEventSelectors": store.advanced_event_selectors,
        "MultiRegionEnabled": store.multi_region,
        "OrganizationEnabled": store.organization,
        "RetentionPeriod": store.retention_days,
        "TerminationProtectionEnabled": store.termination_protection,
        "CreatedTimestamp": store.created.by(now).as_second(),
        "UpdatedTimestamp": store.updated.by(now).as_second(),
        "KmsKeyId": store.kms_key,
        "BillingMode": store.billing_mode,
    })
}

/// `CreateEventDataStore`.
pub fn create(world: &mut World, viewer: Viewer<'_>, input: &Settings, now: Timestamp) -> Result<Value, AwsError> {
    let name = input.name.clone().unwrap_or_default();
    validate::trail_name(&name).map_err(|refused| AwsError::bad("InvalidParameterException", refused.message))?;
    check_is_new(world, viewer, "", &name)?;
    if stores(world, viewer).count() >= STORES_PER_REGION {
        let message = format!("The account has {STORES_PER_REGION} event data stores in {}.", viewer.region);
        return Err(AwsError::bad("EventDataStoreMaxLimitExceededException", message));
    }
    let billing_mode = input.billing_mode.clone().unwrap_or_else(|| EXTENDABLE.to_owned());
    let draft = EventDataStore {
        id: world.uuid(),
        name,
        region: viewer.region.clone(),
        status: if input.start_ingestion == Some(false) { "CREATED" } else { "ENABLED" }.to_owned(),
        advanced_event_selectors: vec![all_management_events()],
        multi_region: true,
        organization: false,
        retention_days: if billing_mode == FIXED { 2557 } else { 366 },
        termination_protection: true,
        kms_key: None,
        billing_mode,
        created: When::At(now),
        updated: When::At(now),
        tags: checked_tags(&BTreeMap::new(), &input.tags_list)?,
    };
    let store = changed(&world.as_seen(), viewer, draft, input)?;
    let answer = show(world, viewer, &store, now);
    world.cloudtrail.entry(viewer.account.clone()).or_default().event_data_stores.push(store);
    Ok(answer)
}

/// Refuses the name of another store.
fn check_is_new(world: &World, viewer: Viewer<'_>, own_id: &str, name: &str) -> Result<(), AwsError> {
    if stores(world, viewer).any(|store| store.id != own_id && store.name == name) {
        let message = format!("Event data store {name} already exists.");
        return Err(AwsError::bad("EventDataStoreAlreadyExistsException", message));
    }
    Ok(())
}

fn all_management_events() -> AdvancedEventSelector {
    let field = FieldSelector {
        field: "eventCategory".to_owned(),
        equals: vec!["Management".to_owned()],
        ..FieldSelector::default()
    };
    AdvancedEventSelector { name: Some("Default management events".to_owned()), field_selectors: vec![field] }
}

fn changed(
    world: &World,
    viewer: Viewer<'_>,
    mut store: EventDataStore,
    input: &Settings,
) -> Result<EventDataStore, AwsError> {
    let invalid = |message: &str| AwsError::bad("InvalidParameterException", message);
    store.name = input.name.clone().unwrap_or(store.name);
    store.multi_region = input.multi_region_enabled.unwrap_or(store.multi_region);
    store.termination_protection = input.termination_protection_enabled.unwrap_or(store.termination_protection);
    store.retention_days = input.retention_period.unwrap_or(store.retention_days);
    store.billing_mode = input.billing_mode.clone().unwrap_or(store.billing_mode);
    let longest = match store.billing_mode.as_str() {
        EXTENDABLE => 3653,
        FIXED => 2557,
        _ => return Err(invalid("BillingMode takes EXTENDABLE_RETENTION_PRICING and FIXED_RETENTION_PRICING.")),
    };
    if !(7..=longest).contains(&store.retention_days) {
        return Err(invalid("RetentionPeriod is out of range for the billing mode."));
    }
    if let Some(wanted) = input.organization_enabled.filter(|wanted| *wanted != store.organization) {
        validate::organization_trail_possible(world, viewer.account)?;
        store.organization = wanted;
    }
    if let Some(selectors) = &input.advanced_event_selectors {
        if selectors.is_empty() {
            return Err(AwsError::bad("InvalidEventSelectorsException", "AdvancedEventSelectors must not be empty."));
        }
        check_advanced(selectors, Recorder::DataStore)?;
        store.advanced_event_selectors.clone_from(selectors);
    }
    if let Some(key) = &input.kms_key_id {
        store.kms_key = Some(encrypted(world, viewer, &store, key)?);
    }
    Ok(store)
}

/// The key of a store, which is given once: it is neither removed nor exchanged afterwards.
fn encrypted(world: &World, viewer: Viewer<'_>, store: &EventDataStore, key: &str) -> Result<String, AwsError> {
    if key.is_empty() {
        let message = "1 validation error detected: Value '' at 'kmsKeyId' must have length greater than or equal to 1";
        return Err(AwsError::bad("ValidationException", message));
    }
    let ((owner, found), key_arn) = validate::existing_key(world, viewer, key, viewer.region)?;
    if store.kms_key.as_ref().is_some_and(|held| *held != key_arn) {
        let message = "The KMS key of an event data store cannot be removed or changed.";
        return Err(AwsError::bad("OperationNotPermittedException", message));
    }
    if !links::key_lets_store(world, viewer.account, &arn(world, viewer, store), &owner, found) {
        let message = format!("Insufficient permissions to access KMS key {key_arn}.");
        return Err(AwsError::bad("InsufficientEncryptionPolicyException", message));
    }
    Ok(key_arn)
}

/// `GetEventDataStore`.
pub fn get(world: &World, viewer: Viewer<'_>, text: &str, now: Timestamp) -> Result<Value, AwsError> {
    Ok(show(world, viewer, find(world, viewer, text)?, now))
}

/// `ListEventDataStores`: names and ARNs only; the other members are deprecated.
pub fn list(world: &World, viewer: Viewer<'_>) -> Vec<Value> {
    stores(world, viewer)
        .map(|store| json!({ "EventDataStoreArn": arn(world, viewer, store), "Name": store.name }))
        .collect()
}

/// `UpdateEventDataStore`.
pub fn update(world: &mut World, viewer: Viewer<'_>, input: &Settings, now: Timestamp) -> Result<Value, AwsError> {
    let store = find(world, viewer, &input.event_data_store)?.clone();
    if store.status == "PENDING_DELETION" {
        return Err(inactive(&store));
    }
    let mut store = changed(&world.as_seen(), viewer, store, input)?;
    check_is_new(world, viewer, &store.id, &store.name)?;
    store.updated = When::At(now);
    let answer = show(world, viewer, &store, now);
    *find_mut(world, viewer, &input.event_data_store)? = store;
    Ok(answer)
}

fn inactive(store: &EventDataStore) -> AwsError {
    AwsError::bad("InactiveEventDataStoreException", format!("Event data store {} is pending deletion.", store.name))
}

/// `DeleteEventDataStore`: it waits seven days, and can be restored.
pub fn delete(world: &mut World, viewer: Viewer<'_>, text: &str) -> Result<Value, AwsError> {
    let store = find_mut(world, viewer, text)?;
    if store.status == "PENDING_DELETION" {
        return Err(inactive(store));
    }
    if store.termination_protection {
        let message = format!("Event data store {} is termination protected.", store.name);
        return Err(AwsError::bad("EventDataStoreTerminationProtectedException", message));
    }
    "PENDING_DELETION".clone_into(&mut store.status);
    Ok(json!({}))
}

/// A change of status, allowed from some statuses only.
fn transition(world: &mut World, viewer: Viewer<'_>, text: &str, from: &[&str], to: &str) -> Result<(), AwsError> {
    let store = find_mut(world, viewer, text)?;
    if !from.contains(&store.status.as_str()) {
        let message = format!("Event data store {} has status {}.", store.name, store.status);
        return Err(AwsError::bad("InvalidEventDataStoreStatusException", message));
    }
    to.clone_into(&mut store.status);
    Ok(())
}

/// `RestoreEventDataStore`.
pub fn restore(world: &mut World, viewer: Viewer<'_>, text: &str, now: Timestamp) -> Result<Value, AwsError> {
    transition(world, viewer, text, &["PENDING_DELETION"], "ENABLED")?;
    get(world, viewer, text, now)
}

/// `StartEventDataStoreIngestion`.
pub fn start(world: &mut World, viewer: Viewer<'_>, text: &str) -> Result<Value, AwsError> {
    transition(world, viewer, text, &["STOPPED_INGESTION", "CREATED"], "ENABLED")?;
    Ok(json!({}))
}

/// `StopEventDataStoreIngestion`.
pub fn stop(world: &mut World, viewer: Viewer<'_>, text: &str) -> Result<Value, AwsError> {
    transition(world, viewer, text, &["ENABLED"], "STOPPED_INGESTION")?;
    Ok(json!({}))
}
