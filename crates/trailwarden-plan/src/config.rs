//! AWS Config: recorders that record everything, channels that deliver, and recording switched on.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::log_source::ConfigRecorder;
use trailwarden_model::plan::{Aspect, Call, Hindrance, Rollback, Subject};
use trailwarden_policy::{Context, Principal, Request};

use crate::archive;
use crate::bench::{Bench, Draft, Earlier, Findings, Phase, subject};
use crate::buckets::Change;
use crate::facts::Stop;
use crate::requests::answer;
use crate::statements::{config_delivery, transport, with_more};

const SERVICE: &str = "config.amazonaws.com";
const ROLE: &str = "AWSServiceRoleForConfig";

/// What both recorder and channel are called where there is none: as AWS calls them.
const NAME: &str = "default";

/// Plans the recorder of an account and region.
pub(crate) fn plan(bench: &mut Bench<'_>, account: &AccountId, region: &Region, findings: &Findings) {
    let target = Some(format!("AWS Config in {region}"));
    bench.target(account, target, findings, |bench| plan_region(bench, account, region, findings));
}

fn plan_region(bench: &mut Bench<'_>, account: &AccountId, region: &Region, findings: &Findings) -> Result<(), Stop> {
    let seen = bench.inputs.snapshot.accounts.get(account).and_then(|account| account.regions.get(region));
    let present = match seen {
        Some(seen) => {
            seen.config_recorders.get()?.iter().find(|recorder| recorder.service_principal.is_none()).cloned()
        }
        None => None,
    };
    if let Some(error) = present.as_ref().and_then(failure) {
        let reason = format!("the recorder in {region} fails to deliver: {error}");
        return Err(
            Stop::new(Hindrance::Manual, reason).hint("mend the bucket policy or the role that its channel uses")
        );
    }
    let recorder = recorder(bench, account, region, findings)?;
    let channel = channel(bench, account, region, recorder.clone(), findings)?;
    let aspect = Aspect::ConfigRecording;
    let before = match &recorder {
        Some(made) if is_new(bench, made) => Earlier::CreatedBy(made.clone()),
        _ => Earlier::Is(bench.look(account, region, aspect.clone())?),
    };
    if before == Earlier::Is(json!(true)) {
        return Ok(());
    }
    let name = present.map_or_else(|| NAME.to_owned(), |recorder| recorder.name);
    bench.step(Draft {
        phase: Phase::Record,
        title: format!("start recording with AWS Config in {region}"),
        subject: subject(account, region, aspect),
        call: Call::StartConfigurationRecorder { configuration_recorder_name: name.clone() },
        before,
        after: json!(true),
        guards: vec![],
        needs: recorder.into_iter().chain(channel).collect(),
        findings: findings.clone(),
        rollback: Rollback::Undo(Call::StopConfigurationRecorder { configuration_recorder_name: name }),
        cost: Some("AWS Config charges for each configuration item that it records".to_owned()),
    })?;
    Ok(())
}

fn failure(recorder: &ConfigRecorder) -> Option<String> {
    let failed = recorder.last_status.as_deref().is_some_and(|status| status.eq_ignore_ascii_case("failure"));
    failed.then(|| recorder.last_error.clone().unwrap_or_else(|| "no reason given".to_owned()))
}

fn is_new(bench: &Bench<'_>, recorder: &Subject) -> bool {
    bench.drafts.get(recorder).is_some_and(|draft| draft.before == Earlier::Is(Value::Null))
}

/// The recorder: made where there is none, and told to record every type where it does not.
fn recorder(
    bench: &mut Bench<'_>,
    account: &AccountId,
    region: &Region,
    findings: &Findings,
) -> Result<Option<Subject>, Stop> {
    let before = bench.look(account, region, Aspect::ConfigRecorder)?;
    let with_globals = *region == bench.leader()?;
    let group = json!({"allSupported": true, "includeGlobalResourceTypes": with_globals,
        "recordingStrategy": {"useOnly": "ALL_SUPPORTED_RESOURCE_TYPES"}});
    let records_all = before.pointer("/recordingGroup/allSupported").is_some_and(|all| *all == json!(true));
    let has_globals =
        before.pointer("/recordingGroup/includeGlobalResourceTypes").is_some_and(|globals| *globals == json!(true));
    if records_all && (has_globals || !with_globals) {
        return Ok(None);
    }
    let mut needs = BTreeSet::new();
    let mut after = before.clone();
    match after.as_object_mut() {
        Some(members) => drop(members.insert("recordingGroup".to_owned(), group)),
        None => {
            needs.extend(service_role(bench, account, findings)?);
            let role = format!("arn:{}:iam::{account}:role/aws-service-role/{SERVICE}/{ROLE}", bench.partition());
            after = json!({"name": NAME, "roleARN": role, "recordingGroup": group});
        }
    }
    let rollback = match &before {
        Value::Null => Call::DeleteConfigurationRecorder { configuration_recorder_name: NAME.to_owned() },
        before => Call::PutConfigurationRecorder { configuration_recorder: before.clone() },
    };
    let step = bench.step(Draft {
        phase: Phase::Config,
        title: format!("record every resource type with AWS Config in {region}"),
        subject: subject(account, region, Aspect::ConfigRecorder),
        call: Call::PutConfigurationRecorder { configuration_recorder: after.clone() },
        before: Earlier::Is(before),
        after,
        guards: vec![],
        needs,
        findings: findings.clone(),
        rollback: Rollback::Undo(rollback),
        cost: Some("AWS Config charges for each configuration item that it records".to_owned()),
    })?;
    Ok(Some(step))
}

/// The service-linked role of AWS Config in an account, which is global.
fn service_role(bench: &mut Bench<'_>, account: &AccountId, findings: &Findings) -> Result<Option<Subject>, Stop> {
    let leader = bench.leader()?;
    let aspect = Aspect::Role { name: ROLE.to_owned() };
    if !bench.look(account, &leader, aspect.clone())?.is_null() {
        return Ok(None);
    }
    let trust = json!({"Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "sts:AssumeRole"}});
    let step = bench.step(Draft {
        phase: Phase::Trust,
        title: "create the service-linked role of AWS Config".to_owned(),
        subject: subject(account, &leader, aspect),
        call: Call::CreateServiceLinkedRole { aws_service_name: SERVICE.to_owned() },
        before: Earlier::Is(Value::Null),
        after: json!({ "AssumeRolePolicyDocument": trust }),
        guards: vec![],
        needs: BTreeSet::new(),
        findings: findings.clone(),
        rollback: Rollback::Keep(
            "a service-linked role serves its service alone, and does nothing by itself".to_owned(),
        ),
        cost: None,
    })?;
    Ok(Some(step))
}

fn channel(
    bench: &mut Bench<'_>,
    account: &AccountId,
    region: &Region,
    recorder: Option<Subject>,
    findings: &Findings,
) -> Result<Option<Subject>, Stop> {
    let before = bench.look(account, region, Aspect::ConfigChannel)?;
    if !before.is_null() {
        return Ok(None);
    }
    let (bucket, mut needs) = bucket(bench, account, region, findings)?;
    needs.extend(recorder);
    let after = json!({"name": NAME, "s3BucketName": bucket});
    let step = bench.step(Draft {
        phase: Phase::Config,
        title: format!("deliver what AWS Config records in {region} to bucket {bucket}"),
        subject: subject(account, region, Aspect::ConfigChannel),
        call: Call::PutDeliveryChannel { delivery_channel: after.clone() },
        before: Earlier::Is(before),
        after,
        guards: vec![],
        needs,
        findings: findings.clone(),
        rollback: Rollback::Undo(Call::DeleteDeliveryChannel { delivery_channel_name: NAME.to_owned() }),
        cost: Some("storage of configuration history".to_owned()),
    })?;
    Ok(Some(step))
}

/// The bucket that takes what AWS Config records: the one that some recorder delivers to already, else a new one in the log
/// archive account.
fn bucket(
    bench: &mut Bench<'_>,
    account: &AccountId,
    region: &Region,
    findings: &Findings,
) -> Result<(String, BTreeSet<Subject>), Stop> {
    if let Some((other, there)) = delivering(bench, account) {
        let channel = bench.look(&other, &there, Aspect::ConfigChannel)?;
        if let Some(name) = channel.get("s3BucketName").and_then(Value::as_str) {
            return Ok((name.to_owned(), BTreeSet::new()));
        }
    }
    let archive = archive::choose(bench)?;
    let organization = bench.inputs.snapshot.organization.id.clone();
    let home = bench.inputs.options.home_region.clone().map_or_else(|| bench.leader(), Ok)?;
    let name = format!("{organization}-config-{archive}");
    let mut bucket = bench.bucket(&name, &archive, &home, BTreeSet::new());
    bench.create(&mut bucket, findings)?;
    let mut needs: BTreeSet<Subject> = bucket.created.iter().cloned().collect();
    needs.extend(bench.close(&bucket, findings)?);
    let before = bench.present_policy(&bucket)?;
    if !admits(&before, &bucket.arn, &organization, region)? {
        let after = with_more(&before, vec![config_delivery(&bucket.arn, &organization), transport(&bucket.arn)]);
        let title = format!("let AWS Config deliver to bucket {name} for the organization alone");
        let change = Change::of_policy(&bucket, title, after);
        needs.extend(bench.change(&bucket, change, findings)?);
    }
    Ok((name, needs))
}

/// A place whose recorder delivers: one of the same account before those of others.
fn delivering(bench: &Bench<'_>, account: &AccountId) -> Option<(AccountId, Region)> {
    let works = |recorder: &ConfigRecorder| {
        recorder.service_principal.is_none() && recorder.has_delivery_channel && failure(recorder).is_none()
    };
    let accounts = &bench.inputs.snapshot.accounts;
    let own = accounts.iter().filter(|(id, _)| *id == account);
    own.chain(accounts).find_map(|(id, seen)| {
        let regions = seen.regions.iter();
        let mut found =
            regions.filter(|(_, seen)| seen.config_recorders.known().is_some_and(|all| all.iter().any(works)));
        found.next().map(|(region, _)| (id.clone(), region.clone()))
    })
}

fn admits(policy: &Value, bucket: &str, organization: &str, region: &Region) -> Result<bool, Stop> {
    let request = Request {
        principal: Principal::Service(SERVICE.to_owned()),
        action: "s3:PutObject".to_owned(),
        resource: format!("{bucket}/AWSLogs/000000000000/Config/{region}/file"),
        context: Context::new()
            .with("aws:SourceOrgID", organization)
            .with("s3:x-amz-acl", "bucket-owner-full-control")
            .with("aws:SecureTransport", "true"),
    };
    Ok(answer(policy, &request)?.is_allowed())
}
