//! What a trail points at, as CloudTrail's own requests find it: bucket, key, topic, log group and role.

use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::organization::CLOUDTRAIL_PRINCIPAL;

use super::visibility::{Viewer, arn};
use crate::authorize::guardrail;
use crate::policy::{Asker, Context, Decision, Kind, Question, decide, decide_all};
use crate::world::World;
use crate::world::cloudtrail::Trail;
use crate::world::iam::Role;
use crate::world::kms::{Key, KeyState};

/// The condition keys that CloudTrail's requests for a trail carry.
fn context(world: &World, owner: &AccountId, trail: &Trail) -> Context {
    context_for(world, owner, &arn(world, owner, trail))
}

/// The same for whatever has this ARN.
fn context_for(world: &World, owner: &AccountId, source: &str) -> Context {
    let mut context = Context::new()
        .with("aws:SourceArn", source)
        .with("aws:PrincipalIsAWSService", "true")
        .with("aws:PrincipalServiceName", CLOUDTRAIL_PRINCIPAL)
        .with("aws:SecureTransport", "true");
    context.extend(&guardrail::whose(world, "Source", owner));
    context
}

/// A resource as CloudTrail meets it: its own policy, and the RCPs that bind the account owning it.
struct Met<'a> {
    world: &'a World,
    owner: &'a AccountId,
    document: &'a str,
}

impl Met<'_> {
    /// True when the policies let CloudTrail do this.
    fn lets_cloudtrail(&self, action: &str, resource: &str, context: &Context) -> bool {
        let asker = Asker::Service(CLOUDTRAIL_PRINCIPAL.to_owned());
        let mut context = context.clone();
        context.extend(&guardrail::whose(self.world, "Resource", self.owner));
        let question = Question { asker: &asker, action, resource, context: &context };
        decide(self.document, Kind::Resource, &question) == Decision::Allowed
            && guardrail::resource_control(self.world, Some(self.owner), false, &question) == Decision::Allowed
    }
}

/// The prefix of the objects that the trail writes for one account, ending in a slash.
pub fn log_prefix(world: &World, trail: &Trail, account: &AccountId) -> String {
    let prefix = trail.prefix.as_deref().map(|prefix| format!("{prefix}/")).unwrap_or_default();
    match world.organization.as_ref().filter(|_| trail.organization) {
        Some(organization) => format!("{prefix}AWSLogs/{}/{account}/", organization.id),
        None => format!("{prefix}AWSLogs/{account}/"),
    }
}

/// True when bucket policy and RCPs let the trail read the bucket's ACL and write the logs of one account.
pub fn bucket_policy_allows(
    world: &World,
    owner: &AccountId,
    trail: &Trail,
    account: &AccountId,
    region: &Region,
) -> bool {
    let Some((holder, bucket)) = world.bucket(&trail.bucket) else { return false };
    let Some(document) = bucket.policy.as_deref() else { return false };
    let met = Met { world, owner: holder, document };
    let bucket_arn = format!("arn:{}:s3:::{}", world.partition_id(), trail.bucket);
    let plain = context(world, owner, trail);
    let write = plain.clone().with("s3:x-amz-acl", "bucket-owner-full-control");
    let prefix = log_prefix(world, trail, account);
    let writes = |folder: &str| {
        let object = format!("{bucket_arn}/{prefix}{folder}/{region}/2026/01/01/{account}_{folder}_{region}.json.gz");
        met.lets_cloudtrail("s3:PutObject", &object, &write)
    };
    met.lets_cloudtrail("s3:GetBucketAcl", &bucket_arn, &plain)
        && writes("CloudTrail")
        && (!trail.log_file_validation || writes("CloudTrail-Digest"))
}

/// True when key policy and RCPs let CloudTrail make data keys for the trail.
pub fn key_policy_allows(world: &World, owner: &AccountId, trail: &Trail, key_owner: &AccountId, key: &Key) -> bool {
    let document = key.policy_in_force(world.partition_id(), key_owner);
    let met = Met { world, owner: key_owner, document: &document };
    let key_arn = key.arn(world.partition_id(), key_owner);
    let plain = context(world, owner, trail);
    let encrypting = plain.clone().with("kms:EncryptionContext:aws:cloudtrail:arn", arn(world, owner, trail));
    met.lets_cloudtrail("kms:GenerateDataKey", &key_arn, &encrypting)
        && met.lets_cloudtrail("kms:DescribeKey", &key_arn, &plain)
}

/// True when key policy and RCPs let CloudTrail encrypt and decrypt the events of an event data store.
pub fn key_lets_store(world: &World, account: &AccountId, store: &str, key_owner: &AccountId, key: &Key) -> bool {
    let document = key.policy_in_force(world.partition_id(), key_owner);
    let met = Met { world, owner: key_owner, document: &document };
    let key_arn = key.arn(world.partition_id(), key_owner);
    let context = context_for(world, account, store);
    ["kms:GenerateDataKey", "kms:Decrypt"].iter().all(|action| met.lets_cloudtrail(action, &key_arn, &context))
}

/// True when the role, in the account given, may be assumed by CloudTrail.
pub fn role_trusts(
    world: &World,
    owner: &AccountId,
    trail: &Trail,
    (account, role): (&AccountId, &Role),
    role_arn: &str,
) -> bool {
    let met = Met { world, owner: account, document: &role.trust };
    met.lets_cloudtrail("sts:AssumeRole", role_arn, &context(world, owner, trail))
}

/// True when the role may create the trail's log streams and write to them, and neither SCPs nor RCPs are against it.
pub fn role_may_write(
    world: &World,
    role_account: &AccountId,
    trail: &Trail,
    role: &Role,
    role_arn: &str,
    group: &Arn,
) -> bool {
    let Some(iam) = world.iam.get(role_account) else { return false };
    let attached = role.attached.iter().filter_map(|policy| iam.managed_text(policy));
    let documents: Vec<&str> = role.inline.values().map(String::as_str).chain(attached).collect();
    let group = group.as_str().strip_suffix(":*").unwrap_or(group.as_str());
    let own = format!("{role_account}_CloudTrail_{}", trail.home_region);
    let organization = world.organization.as_ref().filter(|_| trail.organization);
    let streams = [Some(own.clone()), organization.map(|organization| format!("{}_{own}", organization.id))];
    let asker =
        Asker::Principal { account: role_account.clone(), arn: role_arn.to_owned(), session_arn: role_arn.to_owned() };
    let mut context = Context::new()
        .with("aws:PrincipalArn", role_arn)
        .with("aws:PrincipalType", "AssumedRole")
        .with("aws:PrincipalIsAWSService", "false")
        .with("aws:RequestedRegion", trail.home_region.as_str())
        .with("aws:SecureTransport", "true");
    context.extend(&guardrail::whose(world, "Principal", role_account));
    context.extend(&guardrail::whose(world, "Resource", role_account));
    streams.iter().flatten().all(|stream| {
        let resource = format!("{group}:log-stream:{stream}");
        ["logs:CreateLogStream", "logs:PutLogEvents"].iter().all(|action| {
            let question = Question { asker: &asker, action, resource: &resource, context: &context };
            let decisions = [
                decide_all(documents.iter().copied(), Kind::Identity, &question),
                guardrail::service_control(world, role_account, false, &question),
                guardrail::resource_control(world, Some(role_account), false, &question),
            ];
            decisions.iter().all(|decision| *decision == Decision::Allowed)
        })
    })
}

/// The role of an ARN, in the account that the ARN names.
pub fn role<'w>(world: &'w World, role_arn: &Arn) -> Option<(AccountId, &'w Role)> {
    let account = role_arn.account()?;
    let name = role_arn.resource().strip_prefix("role/")?.rsplit('/').next()?;
    let iam = world.iam.get(&account)?;
    let role = iam.roles.get(name)?;
    (iam.role_arn(world.partition_id(), &account, name) == role_arn.as_str()).then_some((account, role))
}

/// Why log and digest files for the viewer's account do not reach the bucket now, as an S3 or KMS error code.
pub fn bucket_error(world: &World, owner: &AccountId, trail: &Trail, viewer: Viewer<'_>) -> Option<&'static str> {
    let Some((_, bucket)) = world.bucket(&trail.bucket) else { return Some("NoSuchBucket") };
    if !bucket_policy_allows(world, owner, trail, viewer.account, viewer.region) {
        return Some("AccessDenied");
    }
    let key_arn = trail.kms_key.as_deref()?;
    let Some((key_owner, key)) = world.find_key(owner, &bucket.region, key_arn) else {
        return Some("KMS.NotFoundException");
    };
    match key.state {
        _ if key.region != bucket.region => Some("KMS.NotFoundException"),
        KeyState::Enabled | KeyState::Updating => {
            (!key_policy_allows(world, owner, trail, &key_owner, key)).then_some("AccessDenied")
        }
        KeyState::Disabled => Some("KMS.DisabledException"),
        _ => Some("KMS.KMSInvalidStateException"),
    }
}

/// Why events do not reach the log group now.
pub fn log_group_error(world: &World, owner: &AccountId, trail: &Trail) -> Option<&'static str> {
    let group: Option<Arn> = trail.log_group.as_deref().and_then(|group| group.parse().ok());
    let role_arn: Option<Arn> = trail.log_role.as_deref().and_then(|role| role.parse().ok());
    let (Some(group), Some(role_arn)) = (group, role_arn) else { return Some("InvalidParameterException") };
    if world.log_group(&group).is_none() {
        return Some("The specified log group does not exist.");
    }
    let Some((account, role)) = role(world, &role_arn) else { return Some("Access denied. The role does not exist.") };
    if !role_trusts(world, owner, trail, (&account, role), role_arn.as_str()) {
        return Some("Access denied. Check the trust relationships for your role.");
    }
    let may_write = role_may_write(world, &account, trail, role, role_arn.as_str(), &group);
    (!may_write).then_some("Access denied. Check the permissions for your role.")
}

/// Why notifications do not reach the topic now, as an error code of SNS.
pub fn topic_error(world: &World, owner: &AccountId, trail: &Trail) -> Option<&'static str> {
    let topic_arn: Arn = trail.sns_topic.as_deref()?.parse().ok()?;
    let Some((topic_owner, topic)) = world.topic(&topic_arn) else { return Some("NotFound") };
    let document = topic.policy_in_force(world.partition_id(), &topic_owner);
    let plain = context(world, owner, trail);
    let met = Met { world, owner: &topic_owner, document: &document };
    if !met.lets_cloudtrail("sns:Publish", topic_arn.as_str(), &plain) {
        return Some("AuthorizationError");
    }
    let text = topic.kms_key.as_deref()?;
    let Some((key_owner, key)) = world.find_key(&topic_owner, &topic.region, text) else {
        // A key of AWS's own, such as `alias/aws/sns`, has a policy that nobody can open to CloudTrail.
        return Some(if text.contains("alias/aws/") { "KMSAccessDenied" } else { "KMSNotFound" });
    };
    let document = key.policy_in_force(world.partition_id(), &key_owner);
    let met = Met { world, owner: &key_owner, document: &document };
    let key_arn = key.arn(world.partition_id(), &key_owner);
    let may = |action: &str| met.lets_cloudtrail(action, &key_arn, &plain);
    match key.state {
        KeyState::Disabled => Some("KMSDisabled"),
        _ if !key.is_usable() => Some("KMSInvalidState"),
        _ => (!may("kms:GenerateDataKey") || !may("kms:Decrypt")).then_some("KMSAccessDenied"),
    }
}
