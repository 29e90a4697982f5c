//! Log groups themselves, their retention and their key.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use trailwarden_model::ids::AccountId;

use super::{group_mut, invalid, no_group, own, paged};
use crate::authorize::guardrail;
use crate::error::AwsError;
use crate::policy::{Asker, Context, Decision, Kind, Question, decide};
use crate::request::Request;
use crate::world::World;
use crate::world::kms::Key;
use crate::world::logs::LogGroup;
use crate::world::when::When;

/// The retentions that can be set, in days.
const RETENTIONS: &[i64] =
    &[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// `CreateLogGroup`.
pub fn create(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let name = request.require("logGroupName", "InvalidParameterException")?;
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-/.#".contains(c);
    if name.len() > 512 || !name.chars().all(fits) || name.starts_with("aws/") {
        return Err(invalid(format!("{name} is not a valid log group name.")));
    }
    if own(request, world).any(|group| group.name == name) {
        return Err(AwsError::bad("ResourceAlreadyExistsException", "The specified log group already exists"));
    }
    let class = request.text("logGroupClass").unwrap_or("STANDARD");
    if !["STANDARD", "INFREQUENT_ACCESS", "DELIVERY", "ESSENTIALS"].contains(&class) {
        return Err(invalid(format!("{class} is not a log group class.")));
    }
    let key = request.text("kmsKeyId").map(|key| usable_key(request, &world.as_seen(), name, key)).transpose()?;
    let tags = request.input.get("tags").and_then(Value::as_object).into_iter().flatten();
    let tags: BTreeMap<String, String> =
        tags.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect();
    let group = LogGroup {
        name: name.to_owned(),
        region: request.region.clone(),
        retention_days: None,
        kms_key: key,
        class: class.to_owned(),
        deletion_protection: request.flag("deletionProtectionEnabled").unwrap_or(false),
        metric_filters: BTreeMap::new(),
        streams: BTreeMap::new(),
        created: When::At(request.now),
        tags,
    };
    world.logs.entry(request.caller.account.clone()).or_default().groups.push(group);
    Ok(json!({}))
}

/// The key, when it exists, is in this region, works, and lets CloudWatch Logs encrypt this group with it.
fn usable_key(request: &Request, world: &World, group: &str, key: &str) -> Result<String, AwsError> {
    let found = world.find_key(&request.caller.account, &request.region, key);
    let is_usable = |found: &Key| {
        key.starts_with("arn:")
            && found.region == request.region
            && found.is_usable()
            && found.spec == "SYMMETRIC_DEFAULT"
    };
    let Some((owner, found)) = found.filter(|(_, found)| is_usable(found)) else {
        return Err(invalid(format!("The specified KMS Key Id could not be found. '{group}'")));
    };
    let key_arn = found.arn(world.partition_id(), &owner);
    let group =
        format!("arn:{}:logs:{}:{}:log-group:{group}", world.partition_id(), request.region, request.caller.account);
    if lets_logs_encrypt(request, world, (&owner, found), &key_arn, &group) {
        return Ok(key_arn);
    }
    let message = format!("The specified KMS key does not exist or is not allowed to be used with Arn '{group}'");
    Err(AwsError::bad("AccessDeniedException", message))
}

fn lets_logs_encrypt(request: &Request, world: &World, key: (&AccountId, &Key), key_arn: &str, group: &str) -> bool {
    let (owner, key) = key;
    let document = key.policy_in_force(world.partition_id(), owner);
    let asker = Asker::Service(format!("logs.{}.amazonaws.com", request.region));
    let mut plain = Context::new()
        .with("aws:SourceArn", group)
        .with("aws:PrincipalIsAWSService", "true")
        .with("aws:SecureTransport", "true");
    plain.extend(&guardrail::whose(world, "Source", &request.caller.account));
    plain.extend(&guardrail::whose(world, "Resource", owner));
    let encrypting = plain.with("kms:EncryptionContext:aws:logs:arn", group);
    // Not DescribeKey: the documented policy grants it under an encryption context, which it never carries, and suffices.
    ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"].into_iter().all(|action| {
        let question = Question { asker: &asker, action, resource: key_arn, context: &encrypting };
        decide(&document, Kind::Resource, &question) == Decision::Allowed
            && guardrail::resource_control(world, Some(owner), false, &question) == Decision::Allowed
    })
}

/// `DeleteLogGroup`.
pub fn delete(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let group = group_mut(request, world)?;
    if group.deletion_protection {
        let message = "The log group is protected from deletion.";
        return Err(AwsError::bad("ValidationException", message));
    }
    let (name, region) = (group.name.clone(), request.region.clone());
    let held = world.logs.get_mut(&request.caller.account).ok_or_else(no_group)?;
    held.groups.retain(|group| group.name != name || group.region != region);
    Ok(json!({}))
}

/// `DescribeLogGroups`, by prefix or pattern and class, in order of names.
pub fn describe(request: &Request, world: &World) -> Result<Value, AwsError> {
    let (prefix, pattern) = (request.text("logGroupNamePrefix"), request.text("logGroupNamePattern"));
    if prefix.is_some() && pattern.is_some() {
        return Err(invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."));
    }
    if request.flag("includeLinkedAccounts") == Some(true) || request.input.get("logGroupIdentifiers").is_some() {
        return Err(request.not_implemented("logs"));
    }
    let class = request.text("logGroupClass");
    let wanted = |group: &&LogGroup| {
        prefix.is_none_or(|prefix| group.name.starts_with(prefix))
            && pattern.is_none_or(|pattern| group.name.to_lowercase().contains(&pattern.to_lowercase()))
            && class.is_none_or(|class| group.class == class)
    };
    let mut groups: Vec<&LogGroup> = own(request, world).filter(wanted).collect();
    groups.sort_by(|a, b| a.name.cmp(&b.name));
    let account_retention = super::policies::retention(request, world);
    let show = |group: &LogGroup| {
        let arn = group.arn(world.partition_id(), &request.caller.account);
        let retention = account_retention.as_ref().map(|(_, days)| *days).or(group.retention_days);
        json!({
            "logGroupName": group.name,
            "creationTime": group.created.by(request.now).as_millisecond(),
            "retentionInDays": retention,
            "retentionPolicyName": account_retention.as_ref().map(|(name, _)| name),
            "metricFilterCount": group.metric_filters.len(),
            "arn": format!("{arn}:*"),
            "logGroupArn": arn,
            "storedBytes": 0,
            "kmsKeyId": group.kms_key,
            "logGroupClass": group.class,
            "deletionProtectionEnabled": group.deletion_protection,
        })
    };
    paged(request, groups.into_iter().map(show).collect(), "logGroups")
}

/// `PutRetentionPolicy`.
pub fn put_retention(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let days = request.integer("retentionInDays").filter(|days| RETENTIONS.contains(days));
    let days = days.ok_or_else(|| invalid("retentionInDays is not one of the values that can be set."))?;
    set(request, world, |group| group.retention_days = Some(days))
}

/// `AssociateKmsKey`, of a log group.
pub fn associate_key(request: &Request, world: &mut World) -> Result<Value, AwsError> {
    let name = super::group(request, world)?.name.clone();
    let key = request.require("kmsKeyId", "InvalidParameterException")?;
    let key = usable_key(request, &world.as_seen(), &name, key)?;
    set(request, world, |group| group.kms_key = Some(key))
}

/// Changes the log group that the request names.
pub fn set(request: &Request, world: &mut World, change: impl FnOnce(&mut LogGroup)) -> Result<Value, AwsError> {
    change(group_mut(request, world)?);
    Ok(json!({}))
}
