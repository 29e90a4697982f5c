//! Delivery channels: where recorders deliver to, and what must let them.

use serde::Deserialize;
use serde_json::{Value, json};
use trailwarden_model::ids::Arn;

use super::{PRINCIPAL, channel, own_recorder};
use crate::authorize::guardrail;
use crate::error::AwsError;
use crate::policy::{Asker, Context, Decision, Kind, Question, decide, decide_all};
use crate::request::Request;
use crate::service::json::input;
use crate::world::World;
use crate::world::config::{DeliveryChannel, Recorder};

const FREQUENCIES: [&str; 5] = ["One_Hour", "Three_Hours", "Six_Hours", "Twelve_Hours", "TwentyFour_Hours"];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put {
    delivery_channel: Sent,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Sent {
    name: Option<String>,
    #[serde(rename = "s3BucketName")]
    bucket: Option<String>,
    #[serde(rename = "s3KeyPrefix")]
    prefix: Option<String>,
    #[serde(rename = "s3KmsKeyArn")]
    kms_key: Option<String>,
    #[serde(rename = "snsTopicARN")]
    sns_topic: Option<String>,
    #[serde(rename = "configSnapshotDeliveryProperties")]
    snapshots: Option<Snapshots>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Snapshots {
    delivery_frequency: Option<String>,
}

/// `PutDeliveryChannel`: needs a recorder, and a bucket that lets it in.
pub fn put(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let sent = input::<Put>(request)?.delivery_channel;
    let name = sent.name.unwrap_or_else(|| "default".to_owned());
    if name.is_empty() || name.len() > 256 {
        let message = format!("The delivery channel name '{name}' is not valid, blank string.");
        return Err(AwsError::bad("InvalidDeliveryChannelNameException", message));
    }
    let recorder = own_recorder(request, world).ok_or_else(|| {
        let message = "Configuration recorder is not available to put delivery channel.";
        AwsError::bad("NoAvailableConfigurationRecorderException", message)
    })?;
    if channel(request, world).is_some_and(|held| held.name != name) {
        let message = format!(
            "Failed to put delivery channel '{name}' because the maximum number of delivery channels: 1 is reached."
        );
        return Err(AwsError::bad("MaxNumberOfDeliveryChannelsExceededException", message));
    }
    let bucket = sent.bucket.unwrap_or_default();
    if world.bucket(&bucket).is_none() {
        let message = format!("Cannot find a S3 bucket with an empty bucket name or with the name '{bucket}'.");
        return Err(AwsError::bad("NoSuchBucketException", message));
    }
    check_links(sent.prefix.as_deref(), sent.kms_key.as_deref(), sent.sns_topic.as_deref())?;
    let frequency = sent.snapshots.and_then(|snapshots| snapshots.delivery_frequency);
    if frequency.as_deref().is_some_and(|frequency| !FREQUENCIES.contains(&frequency)) {
        return Err(super::validation("deliveryFrequency is not one of the values that can be set."));
    }
    let made = DeliveryChannel {
        name,
        region: request.region.clone(),
        bucket,
        prefix: sent.prefix,
        kms_key: sent.kms_key,
        sns_topic: sent.sns_topic,
        frequency,
    };
    if !may_deliver(request, &world.as_seen(), recorder, &made) {
        let message = format!("Insufficient delivery policy to s3 bucket: {}, unable to write to bucket.", made.bucket);
        return Err(AwsError::bad("InsufficientDeliveryPolicyException", message));
    }
    let held = world.config.entry(request.caller.account.clone()).or_default();
    held.channels.retain(|held| held.region != made.region);
    held.channels.push(made);
    Ok(json!({}))
}

fn check_links(prefix: Option<&str>, key: Option<&str>, topic: Option<&str>) -> Result<(), AwsError> {
    let is_of = |text: &str, service: &str| text.parse::<Arn>().is_ok_and(|arn| arn.service() == service);
    if prefix == Some("") {
        return Err(AwsError::bad(
            "InvalidS3KeyPrefixException",
            "The s3 key prefix '' is not valid, empty s3 key prefix.",
        ));
    }
    if key.is_some_and(|key| !is_of(key, "kms")) {
        return Err(AwsError::bad("InvalidS3KmsKeyArnException", "The arn '' is not a valid kms key or alias arn."));
    }
    if topic.is_some_and(|topic| !is_of(topic, "sns")) {
        return Err(AwsError::bad("InvalidSNSTopicARNException", "The sns topic arn '' is not valid."));
    }
    Ok(())
}

/// True when the bucket policy lets AWS Config write, or the recorder's role may: a service-linked role may not by itself.
fn may_deliver(request: &Request, world: &World, recorder: &Recorder, channel: &DeliveryChannel) -> bool {
    let Some((owner, bucket)) = world.bucket(&channel.bucket) else { return false };
    let account = &request.caller.account;
    let prefix = channel.prefix.as_ref().map(|prefix| format!("{prefix}/")).unwrap_or_default();
    let key = format!("{prefix}AWSLogs/{account}/Config/ConfigWritabilityCheckFile");
    let resource = format!("arn:{}:s3:::{}/{key}", world.partition_id(), channel.bucket);
    let mut context = Context::new()
        .with("s3:x-amz-acl", "bucket-owner-full-control")
        .with("aws:SecureTransport", "true")
        .with("aws:PrincipalIsAWSService", "true")
        .with("aws:PrincipalServiceName", PRINCIPAL);
    context.extend(&guardrail::whose(world, "Source", account));
    context.extend(&guardrail::whose(world, "Resource", owner));
    let ask = |asker: &Asker, documents: &[&str], kind: Kind| {
        let question = Question { asker, action: "s3:PutObject", resource: &resource, context: &context };
        match kind {
            Kind::Identity => decide_all(documents.iter().copied(), kind, &question),
            _ => documents.first().map_or(Decision::Silent, |text| decide(text, kind, &question)),
        }
    };
    let policy: Vec<&str> = bucket.policy.as_deref().into_iter().collect();
    if ask(&Asker::Service(PRINCIPAL.to_owned()), &policy, Kind::Resource) == Decision::Allowed {
        return true;
    }
    let name = recorder.role.rsplit('/').next().unwrap_or_default();
    let Some(iam) = world.iam.get(account) else { return false };
    let Some(role) = iam.roles.get(name).filter(|role| !role.is_service_linked()) else { return false };
    let arn = iam.role_arn(world.partition_id(), account, name);
    let asker = Asker::Principal { account: account.clone(), arn: arn.clone(), session_arn: arn };
    let attached = role.attached.iter().filter_map(|policy| iam.managed_text(policy));
    let documents: Vec<&str> = role.inline.values().map(String::as_str).chain(attached).collect();
    let by_bucket = ask(&asker, &policy, Kind::Resource);
    let by_role = ask(&asker, &documents, Kind::Identity) == Decision::Allowed;
    by_role && by_bucket != Decision::Denied && (owner == account || by_bucket != Decision::Silent)
}

/// The delivery channels that the request names; without names, the one there is.
fn named<'w>(request: &Request, world: &'w World) -> Result<Vec<&'w DeliveryChannel>, AwsError> {
    let names = request.texts("DeliveryChannelNames");
    let held = channel(request, world);
    match names.iter().find(|name| held.is_none_or(|held| held.name != **name)) {
        Some(name) => Err(no_channel(name)),
        None => Ok(held.into_iter().collect()),
    }
}

fn no_channel(name: &str) -> AwsError {
    let message = format!("Cannot find delivery channel with specified name '{name}'.");
    AwsError::bad("NoSuchDeliveryChannelException", message)
}

/// `DescribeDeliveryChannels`.
pub fn describe(request: &Request, world: &World) -> Result<Value, AwsError> {
    let show = |channel: &DeliveryChannel| {
        let frequency = channel.frequency.as_ref().map(|frequency| json!({ "deliveryFrequency": frequency }));
        json!({
            "name": channel.name,
            "s3BucketName": channel.bucket,
            "s3KeyPrefix": channel.prefix,
            "s3KmsKeyArn": channel.kms_key,
            "snsTopicARN": channel.sns_topic,
            "configSnapshotDeliveryProperties": frequency,
        })
    };
    let shown: Vec<Value> = named(request, world)?.into_iter().map(show).collect();
    Ok(json!({ "DeliveryChannels": shown }))
}

/// `DescribeDeliveryChannelStatus`.
pub fn status(request: &Request, world: &World) -> Result<Value, AwsError> {
    let show = |channel: &DeliveryChannel| {
        let works = world.bucket(&channel.bucket).is_some();
        let info = json!({
            "lastStatus": if works { "SUCCESS" } else { "FAILURE" },
            "lastErrorCode": (!works).then_some("NoSuchBucket"),
        });
        let stream = if channel.sns_topic.is_some() { "SUCCESS" } else { "NOT_APPLICABLE" };
        json!({
            "name": channel.name,
            "configSnapshotDeliveryInfo": info,
            "configHistoryDeliveryInfo": info,
            "configStreamDeliveryInfo": { "lastStatus": stream },
        })
    };
    let shown: Vec<Value> = named(request, world)?.into_iter().map(show).collect();
    Ok(json!({ "DeliveryChannelsStatus": shown }))
}

/// `DeleteDeliveryChannel`: not while the recorder records.
pub fn delete(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let name = request.require("DeliveryChannelName", "ValidationException")?;
    if channel(request, world).is_none_or(|held| held.name != name) {
        return Err(no_channel(name));
    }
    if own_recorder(request, world).is_some_and(|recorder| recorder.recording) {
        let message = format!(
            "Failed to delete last specified delivery channel with name '{name}', because there is a running configuration recorder."
        );
        return Err(AwsError::bad("LastDeliveryChannelDeleteFailedException", message));
    }
    let held = world.config.entry(request.caller.account.clone()).or_default();
    held.channels.retain(|held| held.region != request.region);
    Ok(json!({}))
}
