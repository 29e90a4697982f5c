//! `PutConfigurationRecorder`: what a recorder is given, and what AWS Config refuses in it.

use serde::Deserialize;
use serde_json::{Value, json};
use trailwarden_model::ids::Arn;

use super::recorders::{ALL, EXCEPT, ONLY};
use super::{PRINCIPAL, own_recorder, validation};
use crate::authorize::guardrail;
use crate::error::AwsError;
use crate::policy::{Asker, Context, Decision, Kind, Question, decide};
use crate::request::Request;
use crate::service::json::input;
use crate::world::World;
use crate::world::config::Recorder;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put {
    configuration_recorder: Sent,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Sent {
    name: Option<String>,
    #[serde(rename = "roleARN")]
    role: Option<String>,
    #[serde(rename = "recordingGroup")]
    group: Option<Group>,
    #[serde(rename = "recordingMode")]
    mode: Option<Mode>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Group {
    all_supported: bool,
    include_global_resource_types: bool,
    resource_types: Vec<String>,
    exclusion_by_resource_types: Types,
    recording_strategy: Option<Strategy>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Types {
    resource_types: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Strategy {
    use_only: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mode {
    recording_frequency: String,
}

/// `PutConfigurationRecorder`: makes the one recorder of the region, or changes it. A new one does not record yet.
pub fn put(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let sent = input::<Put>(request)?.configuration_recorder;
    let name = sent.name.unwrap_or_else(|| "default".to_owned());
    if name.is_empty() || name.len() > 256 {
        let message = format!("The configuration recorder name '{name}' is not valid, blank string.");
        return Err(AwsError::bad("InvalidConfigurationRecorderNameException", message));
    }
    let held = own_recorder(request, world);
    if held.is_some_and(|held| held.name != name) {
        let message = format!(
            "Failed to put configuration recorder '{name}' because the maximum number of configuration recorders: 1 is reached."
        );
        return Err(AwsError::bad("MaxNumberOfConfigurationRecordersExceededException", message));
    }
    let role = sent.role.or_else(|| held.map(|held| held.role.clone())).unwrap_or_default();
    check_role(request, &world.as_seen(), &role)?;
    let mut recorder = held.cloned().unwrap_or(Recorder {
        name,
        region: request.region.clone(),
        role: String::new(),
        all_types: true,
        global_types: false,
        types: Vec::new(),
        excluded_types: Vec::new(),
        frequency: "CONTINUOUS".to_owned(),
        recording: false,
        started: None,
        stopped: None,
        status: None,
        failure: None,
        service_principal: None,
    });
    recorder.role = role;
    if let Some(mode) = sent.mode {
        if !["CONTINUOUS", "DAILY"].contains(&mode.recording_frequency.as_str()) {
            return Err(validation("recordingFrequency takes CONTINUOUS and DAILY."));
        }
        recorder.frequency = mode.recording_frequency;
    }
    apply_group(&mut recorder, sent.group)?;
    let region = request.region.clone();
    let held = world.config.entry(request.caller.account.clone()).or_default();
    held.recorders.retain(|held| held.region != region || held.service_principal.is_some());
    held.recorders.push(recorder);
    Ok(json!({}))
}

/// The role must exist in the account and trust AWS Config.
fn check_role(request: &Request, world: &World, role: &str) -> Result<(), AwsError> {
    let invalid = |message: &str| Err(AwsError::bad("InvalidRoleException", message));
    let Some(arn) =
        role.parse::<Arn>().ok().filter(|arn| arn.service() == "iam" && arn.resource().starts_with("role/"))
    else {
        return invalid("You have provided a null or empty role ARN");
    };
    let account = &request.caller.account;
    let asker = Asker::Service(PRINCIPAL.to_owned());
    let mut context = Context::new().with("aws:PrincipalIsAWSService", "true");
    context.extend(&guardrail::whose(world, "Source", account));
    let question = Question { asker: &asker, action: "sts:AssumeRole", resource: role, context: &context };
    let found = world.iam.get(account).and_then(|held| {
        let name = arn.resource().rsplit('/').next()?;
        held.roles.get(name).filter(|_| held.role_arn(world.partition_id(), account, name) == role)
    });
    match found {
        Some(found) if decide(&found.trust, Kind::Resource, &question) == Decision::Allowed => Ok(()),
        _ => invalid("AWS Config cannot assume the role that you provided."),
    }
}

/// Takes over what is to be recorded; the four members must agree with each other.
fn apply_group(recorder: &mut Recorder, group: Option<Group>) -> Result<(), AwsError> {
    let Some(group) = group else { return Ok(()) };
    let excluded = group.exclusion_by_resource_types.resource_types;
    let implied = match (group.all_supported, excluded.is_empty()) {
        (true, _) => ALL,
        (false, false) => EXCEPT,
        (false, true) => ONLY,
    };
    let strategy = group.recording_strategy.map_or_else(|| implied.to_owned(), |strategy| strategy.use_only);
    let agrees = match strategy.as_str() {
        ALL => group.all_supported && group.resource_types.is_empty() && excluded.is_empty(),
        ONLY => !group.all_supported && !group.resource_types.is_empty() && excluded.is_empty(),
        EXCEPT => !group.all_supported && group.resource_types.is_empty() && !excluded.is_empty(),
        _ => false,
    };
    if !agrees || (group.include_global_resource_types && strategy != ALL) {
        let message = "The recording group provided is not valid";
        return Err(AwsError::bad("InvalidRecordingGroupException", message));
    }
    recorder.all_types = strategy == ALL;
    recorder.global_types = group.include_global_resource_types;
    recorder.types = group.resource_types;
    recorder.excluded_types = excluded;
    Ok(())
}
