//! What keeps objects and tells who touched them: versioning, Object Lock, access logging and replication.

use super::buckets::malformed;
use super::gate::no_such_bucket;
use super::settings::{missing, root};
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::{CallerKind, Request};
use crate::world::World;
use crate::world::s3::{Bucket, Logging, ObjectLock, Ownership, Versioning};
use crate::xml::Element;

/// The longest default retention, in days.
const LONGEST_DAYS: i64 = 36_500;
/// The longest default retention, in years.
const LONGEST_YEARS: i64 = 100;

/// Reads one of them.
pub fn read(request: &Request, bucket: &Bucket, name: &str) -> Result<Reply, AwsError> {
    let element = match request.operation.as_str() {
        "GetBucketVersioning" => {
            let status = match bucket.versioning {
                Versioning::Never => None,
                Versioning::Enabled => Some("Enabled"),
                Versioning::Suspended => Some("Suspended"),
            };
            let mfa = bucket.mfa_delete.map(|on| if on { "Enabled" } else { "Disabled" });
            root("VersioningConfiguration").maybe("Status", status).maybe("MfaDelete", mfa)
        }
        "GetBucketLogging" => root("BucketLoggingStatus").all(bucket.logging.as_ref().map(show_logging)),
        "GetObjectLockConfiguration" => {
            let code = "ObjectLockConfigurationNotFoundError";
            let message = "Object Lock configuration does not exist for this bucket";
            show_lock(bucket.object_lock.as_ref().ok_or_else(|| missing(code, message, name))?)
        }
        _ => {
            let code = "ReplicationConfigurationNotFoundError";
            let set = bucket.replication.as_deref();
            let set = set.ok_or_else(|| missing(code, "The replication configuration was not found", name))?;
            return Ok(Reply::bytes(set.as_bytes().to_vec()).header("content-type", "application/xml"));
        }
    };
    Ok(Reply::xml(element))
}

fn show_logging(logging: &Logging) -> Element {
    let format = logging.key_format.as_deref().map(|format| {
        let kind = match format {
            "SimplePrefix" => Element::new("SimplePrefix"),
            source => Element::new("PartitionedPrefix").leaf("PartitionDateSource", source),
        };
        Element::new("TargetObjectKeyFormat").with(kind)
    });
    Element::new("LoggingEnabled")
        .leaf("TargetBucket", &logging.target_bucket)
        .leaf("TargetPrefix", &logging.target_prefix)
        .all(format)
}

fn show_lock(lock: &ObjectLock) -> Element {
    let retention = lock.mode.as_ref().map(|mode| {
        let retention =
            Element::new("DefaultRetention").leaf("Mode", mode).maybe("Days", lock.days).maybe("Years", lock.years);
        Element::new("Rule").with(retention)
    });
    root("ObjectLockConfiguration").leaf("ObjectLockEnabled", "Enabled").all(retention)
}

/// The body, when its root is this element.
fn sent(request: &Request, name: &str) -> Result<Element, AwsError> {
    let body = std::str::from_utf8(&request.http.body).map_err(|_| malformed())?;
    Element::parse(body).filter(|sent| sent.name == name).ok_or_else(malformed)
}

/// `PutBucketVersioning` and `PutObjectLockConfiguration`.
pub fn write(request: &Request, bucket: &mut Bucket) -> Result<Reply, AwsError> {
    if request.operation == "PutBucketVersioning" {
        put_versioning(request, bucket, &sent(request, "VersioningConfiguration")?)?;
    } else {
        let sent = sent(request, "ObjectLockConfiguration")?;
        if sent.child("Rule").and_then(|rule| rule.child("DefaultRetention")?.child("DefaultEventHold")).is_some() {
            return Err(request.not_implemented("s3 (event holds)"));
        }
        bucket.object_lock = Some(read_lock(bucket, &sent)?);
    }
    Ok(Reply::empty())
}

/// Versioning never goes back to never, and is not suspended under Object Lock or replication. What touches MFA delete
/// needs the root user and the root user's device.
fn put_versioning(request: &Request, bucket: &mut Bucket, sent: &Element) -> Result<(), AwsError> {
    let has_device = request.caller.kind == CallerKind::Root && request.header("x-amz-mfa").is_some();
    let wanted = sent.child_text("MfaDelete").map(|wanted| wanted == "Enabled");
    let had = bucket.mfa_delete == Some(true);
    if !has_device && (had || wanted.is_some_and(|wanted| wanted)) {
        return Err(AwsError::new(403, "AccessDenied", "Mfa Authentication must be used for this request"));
    }
    let held_by = match (bucket.object_lock.is_some(), bucket.replication.is_some()) {
        (true, _) => Some("An Object Lock configuration"),
        (false, true) => Some("A replication configuration"),
        (false, false) => None,
    };
    bucket.versioning = match (sent.child_text("Status"), held_by) {
        (Some("Enabled"), _) => Versioning::Enabled,
        (Some("Suspended"), Some(what)) => {
            let message = format!("{what} is present on this bucket, so the versioning state cannot be changed.");
            return Err(AwsError::new(409, "InvalidBucketState", message));
        }
        (Some("Suspended"), None) => Versioning::Suspended,
        _ => {
            return Err(AwsError::bad(
                "IllegalVersioningConfigurationException",
                "The Versioning element must be specified",
            ));
        }
    };
    bucket.mfa_delete = wanted.or(bucket.mfa_delete);
    Ok(())
}

/// Object Lock needs versioning, and never goes away again.
fn read_lock(bucket: &Bucket, sent: &Element) -> Result<ObjectLock, AwsError> {
    if bucket.versioning != Versioning::Enabled {
        let message = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration";
        return Err(AwsError::new(409, "InvalidBucketState", message));
    }
    let is_on = sent.child_text("ObjectLockEnabled").map(|text| text == "Enabled");
    if !is_on.unwrap_or(bucket.object_lock.is_some()) {
        return Err(malformed());
    }
    let Some(retention) = sent.child("Rule").and_then(|rule| rule.child("DefaultRetention")) else {
        return Ok(ObjectLock::default());
    };
    let number = |name: &str| retention.child_text(name).map(|text| text.parse::<i64>().map_err(|_| malformed()));
    let (days, years) = (number("Days").transpose()?, number("Years").transpose()?);
    let mode = retention.child_text("Mode").filter(|mode| ["GOVERNANCE", "COMPLIANCE"].contains(mode));
    if mode.is_none() || days.is_some() == years.is_some() {
        return Err(malformed());
    }
    let fits = |number: Option<i64>, longest: i64| number.is_none_or(|number| (1..=longest).contains(&number));
    if !fits(days, LONGEST_DAYS) || !fits(years, LONGEST_YEARS) {
        let message = "Default retention period must be a positive integer value and within the longest retention.";
        return Err(AwsError::bad("InvalidArgument", message));
    }
    Ok(ObjectLock { mode: mode.map(str::to_owned), days, years })
}

/// `PutBucketLogging`: the target is a bucket of the same account and region.
pub fn put_logging(request: &Request, world: &mut World, name: &str) -> Result<Reply, AwsError> {
    let sent = sent(request, "BucketLoggingStatus")?;
    let logging = sent.child("LoggingEnabled").map(|enabled| read_logging(request, enabled)).transpose()?;
    let (owner, bucket) = world.bucket(name).ok_or_else(|| no_such_bucket(name))?;
    if let Some(target) = logging.as_ref().map(|logging| logging.target_bucket.as_str()) {
        let refuse =
            |message: &str| Err(AwsError::bad("InvalidTargetBucketForLogging", message).field("TargetBucket", target));
        match world.bucket(target) {
            None => return refuse("The target bucket for logging does not exist"),
            Some((held_by, _)) if held_by != owner => {
                return refuse("The owner for the bucket to be logged and the target bucket must be the same.");
            }
            Some((_, held)) if held.region != bucket.region => {
                let message = "Cross S3 location logging not allowed.";
                let error = AwsError::new(403, "CrossLocationLoggingProhibitted", message);
                return Err(error.field("TargetBucketLocation", held.region.as_str()));
            }
            Some((_, held)) if held.object_lock.as_ref().is_some_and(|lock| lock.mode.is_some()) => {
                return refuse("The target bucket for logging must not have a default retention period.");
            }
            Some((_, held)) if !takes_access_logs(held) => {
                let message =
                    "You must give the log-delivery group WRITE and READ_ACP permissions to the target bucket";
                return refuse(message);
            }
            Some(_) => {}
        }
    }
    if let Some(bucket) = world.bucket_mut(name) {
        bucket.logging = logging;
    }
    Ok(Reply::empty())
}

/// Where ACLs count and there is no policy, S3 looks for grants to its log-delivery group. It does not read policies here:
/// with one that keeps the logs out, or without any, nothing is refused and nothing arrives.
fn takes_access_logs(target: &Bucket) -> bool {
    let is_granted = |permission: &str| {
        target.grants.iter().any(|grant| {
            grant.grantee.ends_with("/s3/LogDelivery")
                && [permission, "FULL_CONTROL"].contains(&grant.permission.as_str())
        })
    };
    target.policy.is_some()
        || target.ownership.get() == Some(&Ownership::BucketOwnerEnforced)
        || ["WRITE", "READ_ACP"].into_iter().all(is_granted)
}

fn read_logging(request: &Request, enabled: &Element) -> Result<Logging, AwsError> {
    if enabled.child("TargetGrants").is_some() {
        return Err(request.not_implemented("s3 (grants on access logs)"));
    }
    let key_format = match enabled.child("TargetObjectKeyFormat") {
        None => None,
        Some(format) if format.child("SimplePrefix").is_some() => Some("SimplePrefix".to_owned()),
        Some(format) => {
            let partitioned = format.child("PartitionedPrefix").ok_or_else(malformed)?;
            let source = partitioned.child_text("PartitionDateSource");
            let known = source.filter(|source| ["EventTime", "DeliveryTime"].contains(source));
            Some(known.ok_or_else(malformed)?.to_owned())
        }
    };
    Ok(Logging {
        target_bucket: enabled.child_text("TargetBucket").ok_or_else(malformed)?.to_owned(),
        target_prefix: enabled.child_text("TargetPrefix").ok_or_else(malformed)?.to_owned(),
        key_format,
    })
}

/// `PutBucketReplication`: source and destinations keep versions.
pub fn put_replication(request: &Request, world: &mut World, name: &str) -> Result<Reply, AwsError> {
    let sent = sent(request, "ReplicationConfiguration")?;
    let refuse = |message: &str| Err(AwsError::bad("InvalidRequest", message));
    let (_, bucket) = world.bucket(name).ok_or_else(|| no_such_bucket(name))?;
    if bucket.versioning != Versioning::Enabled {
        return refuse("Versioning must be 'Enabled' on the bucket to apply a replication configuration");
    }
    if sent.child_text("Role").is_none_or(str::is_empty) || sent.child("Rule").is_none() {
        return Err(malformed());
    }
    for rule in sent.children_named("Rule") {
        if !rule.child_text("Status").is_some_and(|status| ["Enabled", "Disabled"].contains(&status)) {
            return Err(malformed());
        }
        if rule.child("Filter").is_some()
            && (rule.child("Priority").is_none() || rule.child("DeleteMarkerReplication").is_none())
        {
            return refuse(
                "Priority and DeleteMarkerReplication must be specified for this version of the replication configuration schema.",
            );
        }
        let arn = rule.child("Destination").and_then(|to| to.child_text("Bucket")).ok_or_else(malformed)?;
        match arn.rsplit_once(":::").and_then(|(_, bucket)| world.bucket(bucket)) {
            None => return refuse("Destination bucket must exist."),
            Some((_, to)) if to.versioning != Versioning::Enabled => {
                return refuse("Destination bucket must have versioning enabled.");
            }
            Some(_) => {}
        }
    }
    let body = String::from_utf8_lossy(&request.http.body).into_owned();
    if let Some(bucket) = world.bucket_mut(name) {
        bucket.replication = Some(body);
    }
    Ok(Reply::empty())
}
