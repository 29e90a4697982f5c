//! Configuration recorders: what they record, whether they do, and how the last delivery went.

use serde_json::{Value, json};

use super::{channel, no_recorder, own_recorder, recorders, validation};
use crate::error::AwsError;
use crate::request::Request;
use crate::service::page::slice;
use crate::world::World;
use crate::world::config::{Failure, Recorder};
use crate::world::when::When;

pub(super) const ALL: &str = "ALL_SUPPORTED_RESOURCE_TYPES";
pub(super) const ONLY: &str = "INCLUSION_BY_RESOURCE_TYPES";
pub(super) const EXCEPT: &str = "EXCLUSION_BY_RESOURCE_TYPES";
/// Entries of one page of `ListConfigurationRecorders`.
const PAGE: i64 = 20;

/// The recorders that the request names, by name, service or ARN; without any, the customer's own.
fn named<'w>(request: &'w Request, world: &'w World) -> Result<Vec<&'w Recorder>, AwsError> {
    let (names, service, wanted) =
        (request.texts("ConfigurationRecorderNames"), request.text("ServicePrincipal"), request.text("Arn"));
    let n_ways = [!names.is_empty(), service.is_some(), wanted.is_some()].iter().filter(|is_given| **is_given).count();
    if n_ways > 1 || names.len() > 1 {
        return Err(validation("You can only specify one configuration recorder."));
    }
    let missing = |name: &str| no_recorder(name);
    if let Some(name) = names.first() {
        let found = recorders(request, world).find(|recorder| recorder.name == *name);
        return Ok(vec![found.ok_or_else(|| missing(name))?]);
    }
    if let Some(service) = service {
        let found = recorders(request, world).find(|held| held.service_principal.as_deref() == Some(service));
        return Ok(vec![found.ok_or_else(|| missing(service))?]);
    }
    if let Some(wanted) = wanted {
        let found = recorders(request, world).find(|recorder| arn(request, world, recorder) == wanted);
        return Ok(vec![found.ok_or_else(|| missing(wanted))?]);
    }
    Ok(own_recorder(request, world).into_iter().collect())
}

fn arn(request: &Request, world: &World, recorder: &Recorder) -> String {
    let (partition, account) = (world.partition_id(), &request.caller.account);
    format!(
        "arn:{partition}:config:{}:{account}:configuration-recorder/{}/a1b2c3d4e5f6a7b8",
        recorder.region, recorder.name
    )
}

fn scope(recorder: &Recorder) -> &'static str {
    if recorder.service_principal.is_some() { "INTERNAL" } else { "PAID" }
}

/// `DescribeConfigurationRecorders`.
pub fn describe(request: &Request, world: &World) -> Result<Value, AwsError> {
    let show = |recorder: &Recorder| {
        let strategy = match (recorder.all_types, recorder.excluded_types.is_empty()) {
            (true, _) => ALL,
            (false, true) => ONLY,
            (false, false) => EXCEPT,
        };
        json!({
            "arn": arn(request, world, recorder),
            "name": recorder.name,
            "roleARN": recorder.role,
            "recordingGroup": {
                "allSupported": recorder.all_types,
                "includeGlobalResourceTypes": recorder.global_types,
                "resourceTypes": recorder.types,
                "exclusionByResourceTypes": { "resourceTypes": recorder.excluded_types },
                "recordingStrategy": { "useOnly": strategy },
            },
            "recordingMode": { "recordingFrequency": recorder.frequency, "recordingModeOverrides": [] },
            "recordingScope": scope(recorder),
            "servicePrincipal": recorder.service_principal,
        })
    };
    let shown: Vec<Value> = named(request, world)?.into_iter().map(show).collect();
    Ok(json!({ "ConfigurationRecorders": shown }))
}

/// Why the last delivery failed: as stated, or because the bucket is gone.
fn failure(request: &Request, world: &World, recorder: &Recorder) -> Option<Failure> {
    let gone = || {
        let bucket = &channel(request, world)?.bucket;
        let message = format!("The specified bucket does not exist: {bucket}");
        world.bucket(bucket).is_none().then(|| Failure { code: "NoSuchBucket".to_owned(), message })
    };
    recorder.failure.clone().or_else(gone)
}

/// `DescribeConfigurationRecorderStatus`. A recorder that was never started has no last status.
pub fn status(request: &Request, world: &World) -> Result<Value, AwsError> {
    let show = |recorder: &Recorder| {
        let started = recorder.started.map(|when| when.by(request.now).as_second());
        let stopped = recorder.stopped.map(|when| when.by(request.now).as_second());
        let failure = failure(request, world, recorder);
        let last = match (&recorder.status, &failure) {
            (Some(status), _) => status,
            (None, _) if started.is_none() => "PENDING",
            (None, Some(_)) => "FAILURE",
            (None, None) => "SUCCESS",
        };
        json!({
            "arn": arn(request, world, recorder),
            "name": recorder.name,
            "recording": recorder.recording,
            "lastStartTime": started,
            "lastStopTime": stopped,
            "lastStatus": last,
            "lastErrorCode": failure.as_ref().map(|failure| &failure.code),
            "lastErrorMessage": failure.as_ref().map(|failure| &failure.message),
            "lastStatusChangeTime": started.max(stopped),
            "servicePrincipal": recorder.service_principal,
        })
    };
    let shown: Vec<Value> = named(request, world)?.into_iter().map(show).collect();
    Ok(json!({ "ConfigurationRecordersStatus": shown }))
}

/// `ListConfigurationRecorders`: the customer's own and those of services.
pub fn list(request: &Request, world: &World) -> Result<Value, AwsError> {
    let limit = request.integer("MaxResults").filter(|limit| *limit != 0).unwrap_or(PAGE);
    if !(1..=PAGE).contains(&limit) || request.input.get("Filters").is_some_and(|filters| !filters.is_array()) {
        return Err(validation(format!("MaxResults takes 0 to {PAGE}.")));
    }
    let wanted = filtered_scopes(request)?;
    let shown = recorders(request, world)
        .filter(|recorder| wanted.is_empty() || wanted.iter().any(|wanted| wanted == scope(recorder)))
        .map(|recorder| {
            json!({
                "arn": arn(request, world, recorder),
                "name": recorder.name,
                "servicePrincipal": recorder.service_principal,
                "recordingScope": scope(recorder),
            })
        })
        .collect();
    let limit = usize::try_from(limit).unwrap_or(1);
    let (shown, next) = slice(&request.operation, shown, request.text("NextToken"), limit)
        .ok_or_else(|| validation("The specified next token is not valid."))?;
    Ok(json!({ "ConfigurationRecorderSummaries": shown, "NextToken": next }))
}

/// The values of the one filter there is, `recordingScope`.
fn filtered_scopes(request: &Request) -> Result<Vec<String>, AwsError> {
    let filters = request.input.get("Filters").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if filters.iter().any(|filter| filter.get("filterName").and_then(Value::as_str) != Some("recordingScope")) {
        return Err(validation("The filter name must be recordingScope."));
    }
    let values = filters.iter().filter_map(|filter| filter.get("filterValue")?.as_array()).flatten();
    Ok(values.filter_map(|value| value.as_str().map(str::to_owned)).collect())
}

/// The customer's recorder of this name, to change it; those of services are out of reach.
fn changeable<'w>(request: &Request, world: &'w mut World) -> Result<&'w mut Recorder, AwsError> {
    let name = request.require("ConfigurationRecorderName", "ValidationException")?;
    let held = world.config.get_mut(&request.caller.account).map(|held| held.recorders.as_mut_slice());
    let mut held = held.unwrap_or_default().iter_mut();
    let found =
        held.find(|held| held.region == request.region && held.name == name).ok_or_else(|| no_recorder(name))?;
    if found.service_principal.is_some() {
        let message = "The requested operation is not valid for a service-linked configuration recorder.";
        return Err(AwsError::bad("UnmodifiableEntityException", message));
    }
    Ok(found)
}

/// `StartConfigurationRecorder`, which needs a delivery channel, and `StopConfigurationRecorder`.
pub fn set_recording(request: &Request, world: &mut World, on: bool) -> Result<Value, AwsError> {
    let has_channel = channel(request, world).is_some();
    let recorder = changeable(request, world)?;
    if on && !has_channel {
        let message = "Delivery channel is not available to start configuration recorder.";
        return Err(AwsError::bad("NoAvailableDeliveryChannelException", message));
    }
    let moment = Some(When::At(request.now));
    recorder.status = None;
    if on {
        recorder.started = moment;
    } else {
        recorder.stopped = moment;
    }
    recorder.recording = on;
    Ok(json!({}))
}

/// `DeleteConfigurationRecorder`, recording or not.
pub fn delete(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let name = changeable(request, world)?.name.clone();
    let held = world.config.entry(request.caller.account.clone()).or_default();
    held.recorders.retain(|held| held.region != request.region || held.name != name);
    Ok(json!({}))
}
