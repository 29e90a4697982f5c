//! The requests that CloudTrail makes of buckets, keys and roles, put to policies as they are and as they will be.
//!
//! Source: CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail", "Configure AWS KMS key policies for CloudTrail"
//! and "Role policy document for CloudTrail to use CloudWatch Logs for monitoring".

use serde_json::Value;
use trailwarden_model::ids::AccountId;
use trailwarden_model::organization::CLOUDTRAIL_PRINCIPAL;
use trailwarden_model::plan::Hindrance;
use trailwarden_policy::{Context, Document, Kind, Principal, Request, Verdict, evaluate_resource_policy};

use crate::bench::Bench;
use crate::facts::Stop;

/// What CloudTrail encrypts for, as the condition key of it.
pub(crate) const ENCRYPTION_CONTEXT: &str = "kms:EncryptionContext:aws:cloudtrail:arn";

/// An account and an organization that are nobody's.
const OUTSIDER: &str = "000000000000";
const ELSEWHERE: &str = "o-0000000000";

/// The folders that CloudTrail writes logs and digests to.
const FOLDERS: [&str; 2] = ["CloudTrail", "CloudTrail-Digest"];

/// A trail as the policies of bucket and key must know it: as it is, or as it will be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Source {
    pub(crate) arn: String,
    pub(crate) owner: AccountId,
    pub(crate) is_organization: bool,
    /// The key prefix before `AWSLogs/`, ending in a slash; empty for none.
    pub(crate) prefix: String,
    pub(crate) has_key: bool,
}

impl Bench<'_> {
    fn request(&self, source: &Source, action: &str, resource: String) -> Request {
        let organization = self.inputs.snapshot.organization.id.as_str();
        let context = Context::new()
            .with("aws:ResourceOrgID", organization)
            .with("aws:SourceArn", source.arn.as_str())
            .with("aws:SourceAccount", source.owner.as_str())
            .with("aws:SourceOrgID", organization)
            .with("aws:PrincipalIsAWSService", "true")
            .with("aws:PrincipalServiceName", CLOUDTRAIL_PRINCIPAL)
            .with("aws:SecureTransport", "true");
        let principal = Principal::Service(CLOUDTRAIL_PRINCIPAL.to_owned());
        Request { principal, action: action.to_owned(), resource, context }
    }

    /// CloudTrail looks at the ACL of a bucket.
    pub(crate) fn acl_request(&self, source: &Source, bucket: &str) -> Request {
        self.request(source, "s3:GetBucketAcl", format!("arn:{}:s3:::{bucket}", self.partition()))
    }

    /// CloudTrail writes logs and digests, for its owner and, if it records the organization, for another account.
    pub(crate) fn write_requests(&self, source: &Source, bucket: &str) -> Vec<Request> {
        let bases = self.prefixes(source);
        let write = |base: &String, folder: &str| {
            let key = format!("{base}{folder}/eu-west-1/2026/01/31/file.json.gz");
            let resource = format!("arn:{}:s3:::{bucket}/{key}", self.partition());
            let mut request = self.request(source, "s3:PutObject", resource);
            request.context.set("s3:x-amz-acl", "bucket-owner-full-control");
            if source.has_key {
                request.context.set("s3:x-amz-server-side-encryption", "aws:kms");
            }
            request
        };
        bases.iter().flat_map(|base| FOLDERS.map(|folder| write(base, folder))).collect()
    }

    /// The prefixes of the accounts that a trail writes for. An organization trail also writes where it would as a plain one,
    /// so that a later conversion goes on delivering (CloudTrail User Guide).
    pub(crate) fn prefixes(&self, source: &Source) -> Vec<String> {
        let (prefix, owner) = (&source.prefix, &source.owner);
        let mut prefixes = vec![format!("{prefix}AWSLogs/{owner}/")];
        if source.is_organization {
            let organization = &self.inputs.snapshot.organization;
            let folder = |account: &AccountId| format!("{prefix}AWSLogs/{}/{account}/", organization.id);
            prefixes.push(folder(owner));
            prefixes.extend(organization.accounts.keys().find(|account| *account != owner).map(folder));
        }
        prefixes
    }

    /// CloudTrail asks a key for something. Only cryptographic operations carry an encryption context.
    pub(crate) fn key_request(&self, source: &Source, key: &str, action: &str) -> Request {
        let mut request = self.request(source, action, key.to_owned());
        if action != "kms:DescribeKey" {
            request.context.set(ENCRYPTION_CONTEXT, source.arn.as_str());
        }
        request
    }

    /// CloudTrail assumes a delivery role.
    pub(crate) fn assume_request(&self, source: &Source, role: &str) -> Request {
        let mut request = self.request(source, "sts:AssumeRole", role.to_owned());
        for key in ["aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID"] {
            request.context.remove(key);
        }
        request
    }
}

/// The same request on behalf of a trail of the same name outside the organization.
pub(crate) fn as_stranger(mut request: Request, source: &Source) -> Request {
    let foreign = source.arn.replace(source.owner.as_str(), OUTSIDER);
    if request.context.get(ENCRYPTION_CONTEXT).is_some() {
        request.context.set(ENCRYPTION_CONTEXT, foreign.as_str());
    }
    request.context.set("aws:SourceArn", foreign);
    request.context.set("aws:SourceAccount", OUTSIDER);
    request.context.set("aws:SourceOrgID", ELSEWHERE);
    request
}

/// What a policy of a resource says; nothing for a resource without one.
pub(crate) fn answer(policy: &Value, request: &Request) -> Result<Verdict, Stop> {
    ask(Kind::Resource, policy, request)
}

/// What a policy of a kind says.
pub(crate) fn ask(kind: Kind, policy: &Value, request: &Request) -> Result<Verdict, Stop> {
    if policy.is_null() {
        return Ok(Verdict::ImplicitDeny);
    }
    let malformed = |error: String| Stop::new(Hindrance::Manual, format!("its policy cannot be read: {error}"));
    let document = Document::parse(kind, &policy.to_string()).map_err(|error| malformed(error.to_string()))?;
    match evaluate_resource_policy(&document, request) {
        Verdict::Undecided(reason) => {
            let reason = format!("whether its policy admits CloudTrail cannot be decided: {reason}");
            Err(Stop::new(Hindrance::Manual, reason))
        }
        verdict => Ok(verdict),
    }
}
