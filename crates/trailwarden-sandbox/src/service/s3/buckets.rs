//! Buckets themselves: create, delete, head, location, list.

use super::gate::ask;
use super::route::action;
use crate::error::AwsError;
use crate::reply::Reply;
use crate::request::Request;
use crate::service::Access;
use crate::service::page::slice;
use crate::world::World;
use crate::world::s3::{Bucket, ObjectLock, Ownership, Setting, Versioning};
use crate::xml::Element;
use trailwarden_model::ids::AccountId;

/// True for 3 to 63 lower-case letters, digits, dots and dashes, alphanumeric at both ends, not an IP address.
pub fn is_bucket_name(name: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (3..=63).contains(&name.len())
        && name.bytes().all(|b| is_plain(b) || b == b'.' || b == b'-')
        && name.bytes().next().is_some_and(is_plain)
        && name.bytes().last().is_some_and(is_plain)
        && !name.contains("..")
        && name.parse::<std::net::Ipv4Addr>().is_err()
}

/// The canonical user id of an account: 64 hexadecimal digits that only AWS can read.
pub fn canonical_id(account: &AccountId) -> String {
    account.as_str().repeat(6).chars().take(64).collect()
}

/// A time as S3 writes it in XML.
pub fn time(moment: jiff::Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

/// An owner element.
pub fn owner(account: &AccountId) -> Element {
    Element::new("Owner").leaf("ID", canonical_id(account))
}

/// `CreateBucket`.
pub fn create(request: &Request, world: &mut World, name: &str) -> Result<Reply, AwsError> {
    let arn = format!("arn:{}:s3:::{name}", world.partition_id());
    let locks = request.header("x-amz-bucket-object-lock-enabled").is_some_and(|on| on.eq_ignore_ascii_case("true"));
    let access = Access::on(action("CreateBucket", false), arn)
        .also_when(locks, "s3:PutBucketObjectLockConfiguration")
        .also_when(locks, "s3:PutBucketVersioning")
        .also_when(request.header("x-amz-object-ownership").is_some(), "s3:PutBucketOwnershipControls");
    ask(request, &world.as_seen(), &access)?;
    if !is_bucket_name(name) {
        return Err(AwsError::bad("InvalidBucketName", "The specified bucket is not valid.").field("BucketName", name));
    }
    if let Some((owner, _)) = world.bucket(name) {
        let mine = *owner == request.caller.account;
        let (code, message) = if mine {
            (
                "BucketAlreadyOwnedByYou",
                "Your previous request to create the named bucket succeeded and you already own it.",
            )
        } else {
            (
                "BucketAlreadyExists",
                "The requested bucket name is not available. The bucket namespace is shared by all users of the system.",
            )
        };
        return Err(AwsError::new(409, code, message).field("BucketName", name));
    }
    check_location(request, world)?;
    let mut bucket = Bucket::new(request.region.clone(), request.now);
    if let Some(ownership) = request.header("x-amz-object-ownership") {
        bucket.ownership = Setting::Set(ownership_of(ownership)?);
    }
    if locks {
        bucket.object_lock = Some(ObjectLock::default());
        bucket.versioning = Versioning::Enabled;
    }
    if request.header("x-amz-acl").is_some_and(|acl| acl != "private") {
        // A new bucket has ACLs off and Block Public Access on.
        return Err(AwsError::bad(
            "InvalidBucketAclWithObjectOwnership",
            "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
        ));
    }
    world.s3.entry(request.caller.account.clone()).or_default().buckets.insert(name.to_owned(), bucket);
    Ok(Reply::empty().header("location", format!("/{name}")))
}

/// Reads Object Ownership as the API spells it.
pub fn ownership_of(text: &str) -> Result<Ownership, AwsError> {
    match text {
        "BucketOwnerEnforced" => Ok(Ownership::BucketOwnerEnforced),
        "BucketOwnerPreferred" => Ok(Ownership::BucketOwnerPreferred),
        "ObjectWriter" => Ok(Ownership::ObjectWriter),
        _ => Err(AwsError::bad("InvalidArgument", format!("Invalid object ownership: {text}"))),
    }
}

/// The location constraint must be the region called; the leader region takes none, and no other region goes without.
fn check_location(request: &Request, world: &World) -> Result<(), AwsError> {
    let leader = world.partition().map_or("us-east-1", |partition| partition.leader_region);
    let body = std::str::from_utf8(&request.http.body).unwrap_or_default();
    let root = if body.trim().is_empty() { None } else { Some(Element::parse(body).ok_or_else(malformed)?) };
    let wanted = root.as_ref().and_then(|root| root.child_text("LocationConstraint")).unwrap_or_default();
    let region = request.region.as_str();
    if wanted.is_empty() && region == leader || !wanted.is_empty() && wanted == region && region != leader {
        return Ok(());
    }
    if wanted == leader {
        return Err(AwsError::bad("InvalidLocationConstraint", "The specified location-constraint is not valid"));
    }
    let shown = if wanted.is_empty() { "unspecified" } else { wanted };
    let message = format!(
        "The {shown} location constraint is incompatible for the region specific endpoint this request was sent to."
    );
    Err(AwsError::bad("IllegalLocationConstraintException", message))
}

/// The refusal of a body that is not the XML wanted.
pub fn malformed() -> AwsError {
    let message = "The XML you provided was not well-formed or did not validate against our published schema";
    AwsError::bad("MalformedXML", message)
}

/// `HeadBucket`.
pub fn head(bucket: &Bucket, name: &str) -> Reply {
    Reply::empty()
        .header("x-amz-bucket-region", bucket.region.as_str())
        .header("x-amz-bucket-arn", format!("arn:aws:s3:::{name}"))
        .header("x-amz-access-point-alias", "false")
}

/// `GetBucketLocation`: empty for us-east-1.
pub fn location(bucket: &Bucket) -> Reply {
    let region = Some(bucket.region.as_str()).filter(|region| *region != "us-east-1").unwrap_or_default();
    Reply::xml(Element::text("LocationConstraint", region).attribute("xmlns", super::settings::NAMESPACE))
}

/// `DeleteBucket`: only an empty one.
pub fn delete(world: &mut World, name: &str) -> Result<Reply, AwsError> {
    if world.bucket(name).is_some_and(|(_, bucket)| !bucket.objects.is_empty()) {
        let message = "The bucket you tried to delete is not empty";
        return Err(AwsError::new(409, "BucketNotEmpty", message).field("BucketName", name));
    }
    for held in world.s3.values_mut() {
        held.buckets.remove(name);
    }
    Ok(Reply::empty().status(204))
}

/// `ListBuckets`: the caller's own, of every region. The region of each is shown when the request has a parameter.
pub fn list(request: &Request, world: &World) -> Result<Reply, AwsError> {
    ask(request, &world.as_seen(), &Access::on(action("ListBuckets", false), "*"))?;
    let text = |name: &str| request.http.query.get(name).map(String::as_str);
    let limit = match text("max-buckets").map(str::parse::<usize>) {
        Some(Ok(limit)) if (1..=10_000).contains(&limit) => limit,
        None => usize::MAX,
        Some(_) => return Err(AwsError::bad("InvalidArgument", "MaxBuckets takes 1 to 10000.")),
    };
    let with_region =
        ["max-buckets", "prefix", "bucket-region", "continuation-token"].iter().any(|name| text(name).is_some());
    let held = world.s3.get(&request.caller.account).map(|held| &held.buckets).into_iter().flatten();
    let wanted: Vec<(&String, &Bucket)> = held
        .filter(|(name, _)| text("prefix").is_none_or(|prefix| name.starts_with(prefix)))
        .filter(|(_, bucket)| text("bucket-region").is_none_or(|region| bucket.region.as_str() == region))
        .collect();
    let (wanted, next) = slice("ListBuckets", wanted, text("continuation-token"), limit)
        .ok_or_else(|| AwsError::bad("InvalidArgument", "The continuation token provided is incorrect"))?;
    let shown = wanted.into_iter().map(|(name, bucket)| {
        let element =
            Element::new("Bucket").leaf("Name", name).leaf("CreationDate", time(bucket.created.by(request.now)));
        if with_region { element.leaf("BucketRegion", bucket.region.as_str()) } else { element }
    });
    let result = Element::new("ListAllMyBucketsResult")
        .attribute("xmlns", super::settings::NAMESPACE)
        .with(owner(&request.caller.account))
        .with(Element::new("Buckets").all(shown))
        .maybe("Prefix", text("prefix"))
        .maybe("ContinuationToken", next);
    Ok(Reply::xml(result))
}
