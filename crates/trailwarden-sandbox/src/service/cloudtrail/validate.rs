//! What CloudTrail refuses when a trail is created or changed.

use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::organization::CLOUDTRAIL_PRINCIPAL;

use super::links;
use super::visibility::{Viewer, manages_organization_trails};
use crate::error::AwsError;
use crate::world::World;
use crate::world::cloudtrail::Trail;
use crate::world::kms::Key;

/// Refuses names that are not 3 to 128 letters, digits and single `.`, `_`, `-` between them, or that look like an IP address.
pub fn trail_name(name: &str) -> Result<(), AwsError> {
    let invalid = |reason: &str| Err(AwsError::bad("InvalidTrailNameException", format!("Trail name {reason}.")));
    if !(3..=128).contains(&name.len()) {
        return invalid("must have 3 to 128 characters");
    }
    let is_mark = |c: char| matches!(c, '.' | '_' | '-');
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || is_mark(c)) {
        return invalid("must have only letters, digits, periods, underscores and dashes");
    }
    if name.starts_with(is_mark) || name.ends_with(is_mark) {
        return invalid("must begin and end with a letter or digit");
    }
    let marks: Vec<bool> = name.chars().map(is_mark).collect();
    if marks.windows(2).any(|pair| matches!(pair, [true, true])) {
        return invalid("must have no two marks side by side");
    }
    if name.parse::<std::net::Ipv4Addr>().is_ok() {
        return invalid("must not be an IP address");
    }
    Ok(())
}

/// The refusal of what only the management account or a delegated administrator may do.
pub fn not_management() -> AwsError {
    let message = "The account is neither the management account nor a delegated administrator of CloudTrail.";
    AwsError::bad("NotOrganizationMasterAccountException", message)
}

/// Checks that the account may make an organization trail; answers the account that will own it.
pub fn organization_trail_possible(world: &World, account: &AccountId) -> Result<AccountId, AwsError> {
    let organization = world.organization.as_ref().filter(|organization| organization.accounts.contains_key(account));
    let Some(organization) = organization else {
        let message = "The account is not in an organization.";
        return Err(AwsError::bad("OrganizationsNotInUseException", message));
    };
    if organization.feature_set != "ALL" {
        let message = "The organization does not have all features enabled.";
        return Err(AwsError::bad("OrganizationNotInAllFeaturesModeException", message));
    }
    if !manages_organization_trails(world, account) {
        return Err(not_management());
    }
    if !organization.trusted_services.contains_key(CLOUDTRAIL_PRINCIPAL) {
        let message = "Trusted access for CloudTrail is not enabled in the organization.";
        return Err(AwsError::bad("CloudTrailAccessNotEnabledException", message));
    }
    let management = &organization.management_account;
    let has_role = world.iam.get(management).is_some_and(|iam| iam.roles.contains_key(super::SERVICE_LINKED_ROLE));
    if !has_role && account != management {
        let message = "The service-linked role of CloudTrail does not exist in the management account.";
        return Err(AwsError::bad("NoManagementAccountSLRExistsException", message));
    }
    Ok(management.clone())
}

/// Checks the topic of a trail, by name in the trail's own account and home region or by ARN; answers its ARN.
pub fn topic(
    world: &World,
    viewer: Viewer<'_>,
    owner: &AccountId,
    trail: &Trail,
    text: &str,
) -> Result<String, AwsError> {
    let is_name =
        |text: &str| text.len() <= 256 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    let arn = match text.parse::<Arn>() {
        Ok(arn) if arn.service() == "sns" => arn.to_string(),
        Err(_) if is_name(text) => {
            format!("arn:{}:sns:{}:{}:{text}", world.partition_id(), trail.home_region, viewer.account)
        }
        _ => return Err(AwsError::bad("InvalidSnsTopicNameException", format!("SNS topic name {text} is invalid."))),
    };
    let trail = Trail { sns_topic: Some(arn.clone()), ..trail.clone() };
    match links::topic_error(world, owner, &trail) {
        None => Ok(arn),
        Some("KMSNotFound") => {
            Err(AwsError::bad("KmsKeyNotFoundException", "The KMS key of the SNS topic was not found."))
        }
        Some(_) => {
            let message = "SNS Topic does not exist or the topic policy is incorrect!";
            Err(AwsError::bad("InsufficientSnsTopicPolicyException", message))
        }
    }
}

/// Checks bucket name, prefix, existence and policy; answers the bucket's region.
pub fn bucket(world: &World, owner: &AccountId, trail: &Trail) -> Result<Region, AwsError> {
    if !crate::service::s3::is_bucket_name(&trail.bucket) {
        let message = format!("Bucket name {} is invalid.", trail.bucket);
        return Err(AwsError::bad("InvalidS3BucketNameException", message));
    }
    let is_prefix = |prefix: &str| prefix.len() <= 200 && !prefix.starts_with('/');
    if !trail.prefix.as_deref().is_none_or(is_prefix) {
        return Err(AwsError::bad("InvalidS3PrefixException", "The prefix is too long or begins with a slash."));
    }
    let Some((_, bucket)) = world.bucket(&trail.bucket) else {
        let message = format!("S3 bucket {} does not exist!", trail.bucket);
        return Err(AwsError::bad("S3BucketDoesNotExistException", message));
    };
    if !links::bucket_policy_allows(world, owner, trail, owner, &trail.home_region) {
        let message = format!("Incorrect S3 bucket policy is detected for bucket: {}", trail.bucket);
        return Err(AwsError::bad("InsufficientS3BucketPolicyException", message));
    }
    Ok(bucket.region.clone())
}

/// The key behind a key id, ARN or alias, and its ARN; it must be in this region.
pub fn existing_key<'w>(
    world: &'w World,
    viewer: Viewer<'_>,
    text: &str,
    region: &Region,
) -> Result<((AccountId, &'w Key), String), AwsError> {
    let is_arn = text.parse::<Arn>().is_ok_and(|arn| arn.service() == "kms");
    let is_bare = !text.is_empty()
        && !text.contains(':')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_/".contains(&b));
    if !is_arn && !is_bare {
        return Err(AwsError::bad("InvalidKmsKeyIdException", format!("Invalid KMS key id: {text}")));
    }
    let (key_owner, key) =
        world.find_key(viewer.account, region, text).filter(|(_, key)| key.region == *region).ok_or_else(|| {
            AwsError::bad("KmsKeyNotFoundException", format!("KMS key {text} was not found in {region}."))
        })?;
    if key.spec != "SYMMETRIC_DEFAULT" {
        return Err(AwsError::bad("InvalidKmsKeyIdException", format!("KMS key {text} is not symmetric.")));
    }
    if !key.is_usable() {
        return Err(AwsError::bad("KmsException", format!("KMS key {text} is in state {:?}.", key.state)));
    }
    let arn = key.arn(world.partition_id(), &key_owner);
    Ok(((key_owner, key), arn))
}

/// Checks the key of a trail; answers its ARN. It must be in the bucket's region and its policy must let CloudTrail use it.
pub fn key(
    world: &World,
    viewer: Viewer<'_>,
    owner: &AccountId,
    trail: &Trail,
    text: &str,
    bucket_region: &Region,
) -> Result<String, AwsError> {
    let ((key_owner, key), arn) = existing_key(world, viewer, text, bucket_region)?;
    if !links::key_policy_allows(world, owner, trail, &key_owner, key) {
        let message = format!("Insufficient permissions to access S3 bucket {} or KMS key {arn}.", trail.bucket);
        return Err(AwsError::bad("InsufficientEncryptionPolicyException", message));
    }
    Ok(arn)
}

/// Checks log group and role, both of the calling account and the group at home; answers the group's ARN, ending in `:*`.
pub fn log_group(
    world: &World,
    viewer: Viewer<'_>,
    owner: &AccountId,
    trail: &Trail,
    group: &str,
    role: &str,
) -> Result<String, AwsError> {
    let bad_group = |message: &str| AwsError::bad("InvalidCloudWatchLogsLogGroupArnException", message);
    let bad_role = |message: &str| AwsError::bad("InvalidCloudWatchLogsRoleArnException", message);
    let group: Arn = group.parse().map_err(|_| bad_group("The log group ARN is invalid."))?;
    let role_arn: Arn = role.parse().map_err(|_| bad_role("The role ARN is invalid."))?;
    let is_ours =
        group.account().as_ref() == Some(viewer.account) && group.region().as_ref() == Some(&trail.home_region);
    if !is_ours || !group.resource().ends_with(":*") || world.log_group(&group).is_none() {
        return Err(bad_group("CloudTrail cannot validate the specified log group ARN."));
    }
    let own_role = links::role(world, &role_arn).filter(|(account, _)| account == viewer.account);
    let Some((account, found)) = own_role else {
        return Err(bad_role("Access denied. Check the trust relationships for your role."));
    };
    if !links::role_trusts(world, owner, trail, (&account, found), role) {
        return Err(bad_role("Access denied. Check the trust relationships for your role."));
    }
    if !links::role_may_write(world, &account, trail, found, role, &group) {
        return Err(bad_group("Access denied. Check the permissions for your role."));
    }
    Ok(group.to_string())
}
