//! S3: existence, owner and settings of a log bucket. Every setting is read by the owner in the bucket's region.

use aws_sdk_s3::operation::get_bucket_versioning::GetBucketVersioningOutput;
use aws_sdk_s3::types;
use trailwarden_model::ids::Region;
use trailwarden_model::observed::Gap;
use trailwarden_model::storage::{AclGrant, BlockPublicAccess, Versioning};

use crate::catalog::{Read, reads};
use crate::gap::Failure;
use crate::session::{Session, Site, at};

pub(crate) mod lifecycle;
pub(crate) mod log_files;
pub(crate) mod protection;

reads! {
    HEAD_BUCKET = Read::regional("s3:HeadBucket", 50).needs("s3:ListBucket").by_management();
    LIST_BUCKETS = Read::regional("s3:ListBuckets", 20).needs("s3:ListAllMyBuckets");
    GET_BUCKET_POLICY = Read::regional("s3:GetBucketPolicy", 20);
    GET_BUCKET_POLICY_STATUS = Read::regional("s3:GetBucketPolicyStatus", 20);
    GET_BUCKET_ACL = Read::regional("s3:GetBucketAcl", 20);
    GET_PUBLIC_ACCESS_BLOCK = Read::regional("s3:GetPublicAccessBlock", 20).needs("s3:GetBucketPublicAccessBlock");
    GET_BUCKET_VERSIONING = Read::regional("s3:GetBucketVersioning", 20);
}

/// The code for a public access block that was never set, of a bucket or an account.
pub(crate) const NO_PUBLIC_ACCESS_BLOCK: &str = "NoSuchPublicAccessBlockConfiguration";
const NO_POLICY: &str = "NoSuchBucketPolicy";

/// What `HeadBucket` from any account says about a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Existence {
    /// No bucket has this name.
    Missing,
    /// A bucket has this name; its region when S3 told it.
    Exists(Option<Region>),
    /// No telling.
    Unknown(Gap),
}

/// Whether a bucket of this name exists anywhere in the partition, and where. S3 tells the region to strangers too.
pub(crate) async fn existence(session: &Session, site: &Site, bucket: &str) -> Existence {
    let call = session.clients.s3.head_bucket().bucket(bucket);
    let call = || call.clone().customize().config_override(at!(aws_sdk_s3, site)).send();
    match session.call(&HEAD_BUCKET, site, call).await {
        Ok(answer) => Existence::Exists(answer.bucket_region().and_then(|region| region.parse().ok())),
        Err(failure) => from_failure(failure),
    }
}

fn from_failure(failure: Failure) -> Existence {
    match failure.status {
        Some(404) if failure.code() != "NotImplemented" => Existence::Missing,
        Some(301 | 307 | 403) => Existence::Exists(failure.bucket_region),
        _ if failure.bucket_region.is_some() => Existence::Exists(failure.bucket_region),
        _ => Existence::Unknown(failure.gap),
    }
}

/// Whether the account of the site owns a bucket of this name.
pub(crate) async fn owns(session: &Session, site: &Site, bucket: &str) -> Result<bool, Failure> {
    let mut token = None;
    loop {
        let call = session.clients.s3.list_buckets().prefix(bucket).max_buckets(100).set_continuation_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_s3, site)).send();
        let answer = session.call(&LIST_BUCKETS, site, call).await?;
        if answer.buckets().iter().any(|listed| listed.name() == Some(bucket)) {
            return Ok(true);
        }
        token = answer.continuation_token().filter(|token| !token.is_empty()).map(str::to_owned);
        if token.is_none() {
            return Ok(false);
        }
    }
}

/// The bucket policy; none when there is none.
pub(crate) async fn policy(session: &Session, site: &Site, bucket: &str) -> Result<Option<String>, Failure> {
    let call = session.clients.s3.get_bucket_policy().bucket(bucket).expected_bucket_owner(site.account.as_str());
    let call = || call.clone().customize().config_override(at!(aws_sdk_s3, site)).send();
    match session.call(&GET_BUCKET_POLICY, site, call).await {
        Err(failure) if failure.code() == NO_POLICY => Ok(None),
        answer => Ok(answer?.policy().map(str::to_owned)),
    }
}

/// AWS's verdict on the bucket policy; none when there is none.
pub(crate) async fn policy_is_public(session: &Session, site: &Site, bucket: &str) -> Result<Option<bool>, Failure> {
    let call = session.clients.s3.get_bucket_policy_status().bucket(bucket);
    let call = call.expected_bucket_owner(site.account.as_str());
    let call = || call.clone().customize().config_override(at!(aws_sdk_s3, site)).send();
    let answer = match session.call(&GET_BUCKET_POLICY_STATUS, site, call).await {
        Err(failure) if failure.code() == NO_POLICY => return Ok(None),
        answer => answer?,
    };
    let verdict = answer.policy_status().and_then(types::PolicyStatus::is_public);
    let reason = "the answer does not say whether the policy is public";
    let missing = || crate::gap::unexpected(&GET_BUCKET_POLICY_STATUS, &site.account, &site.region, reason);
    verdict.map(Some).ok_or_else(missing)
}

/// The grants of the bucket ACL.
pub(crate) async fn acl(session: &Session, site: &Site, bucket: &str) -> Result<Vec<AclGrant>, Failure> {
    let call = session.clients.s3.get_bucket_acl().bucket(bucket).expected_bucket_owner(site.account.as_str());
    let call = || call.clone().customize().config_override(at!(aws_sdk_s3, site)).send();
    let answer = session.call(&GET_BUCKET_ACL, site, call).await?;
    let grant = |grant: &types::Grant| {
        let to = grant.grantee()?;
        let grantee = to.uri().or_else(|| to.id()).or_else(|| to.email_address())?;
        Some(AclGrant { grantee: grantee.to_owned(), permission: grant.permission()?.to_string() })
    };
    let grants: Option<Vec<AclGrant>> = answer.grants().iter().map(grant).collect();
    let reason = "the answer holds a grant without a grantee or a permission";
    grants.ok_or_else(|| crate::gap::unexpected(&GET_BUCKET_ACL, &site.account, &site.region, reason))
}

/// Block Public Access of the bucket; none when never set.
pub(crate) async fn public_access_block(
    session: &Session,
    site: &Site,
    bucket: &str,
) -> Result<Option<BlockPublicAccess>, Failure> {
    let call = session.clients.s3.get_public_access_block().bucket(bucket);
    let call = call.expected_bucket_owner(site.account.as_str());
    let call = || call.clone().customize().config_override(at!(aws_sdk_s3, site)).send();
    let answer = match session.call(&GET_PUBLIC_ACCESS_BLOCK, site, call).await {
        Err(failure) if failure.code() == NO_PUBLIC_ACCESS_BLOCK => return Ok(None),
        answer => answer?,
    };
    Ok(answer.public_access_block_configuration().map(|block| BlockPublicAccess {
        block_public_acls: block.block_public_acls().unwrap_or(false),
        ignore_public_acls: block.ignore_public_acls().unwrap_or(false),
        block_public_policy: block.block_public_policy().unwrap_or(false),
        restrict_public_buckets: block.restrict_public_buckets().unwrap_or(false),
    }))
}

/// Versioning of the bucket, and whether MFA protects it.
pub(crate) async fn versioning(session: &Session, site: &Site, bucket: &str) -> Result<(Versioning, bool), Failure> {
    let answer = get_versioning(session, site, bucket).await?;
    let versioning = match answer.status().map(types::BucketVersioningStatus::as_str) {
        None => Versioning::Never,
        Some("Enabled") => Versioning::Enabled,
        Some("Suspended") => Versioning::Suspended,
        Some(other) => {
            let reason = format!("versioning status {other:?} is not known to this version");
            return Err(crate::gap::unexpected(&GET_BUCKET_VERSIONING, &site.account, &site.region, &reason));
        }
    };
    Ok((versioning, answer.mfa_delete() == Some(&types::MfaDeleteStatus::Enabled)))
}

/// What S3 says of versioning: nothing about a bucket that never had it or MFA delete.
pub(crate) async fn get_versioning(
    session: &Session,
    site: &Site,
    bucket: &str,
) -> Result<GetBucketVersioningOutput, Failure> {
    let call = session.clients.s3.get_bucket_versioning().bucket(bucket).expected_bucket_owner(site.account.as_str());
    let call = || call.clone().customize().config_override(at!(aws_sdk_s3, site)).send();
    session.call(&GET_BUCKET_VERSIONING, site, call).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use trailwarden_model::observed::GapKind;

    fn failure(status: Option<u16>, code: &str, region: Option<&str>) -> Failure {
        let gap = Gap {
            kind: GapKind::Unexpected,
            call: "s3:HeadBucket".to_owned(),
            account: None,
            region: None,
            code: code.to_owned(),
            reason: String::new(),
        };
        Failure { gap, status, bucket_region: region.map(|region| region.parse().unwrap()) }
    }

    #[test]
    fn only_a_404_of_s3_itself_says_missing() {
        let of = |status, code, region| from_failure(failure(status, code, region));
        let frankfurt = Existence::Exists(Some("eu-central-1".parse().unwrap()));
        assert_eq!(of(Some(404), "NotFound", None), Existence::Missing);
        assert_eq!(of(Some(403), "Http403", None), Existence::Exists(None));
        assert_eq!(of(Some(301), "PermanentRedirect", Some("eu-central-1")), frankfurt);
        assert_eq!(of(Some(400), "Http400", Some("eu-central-1")), frankfurt);
        assert!(matches!(of(Some(404), "NotImplemented", None), Existence::Unknown(_)));
        assert!(matches!(of(Some(503), "SlowDown", None), Existence::Unknown(_)));
        assert!(matches!(of(None, "ConnectionFailed", None), Existence::Unknown(_)));
    }
}
