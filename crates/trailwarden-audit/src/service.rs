//! The requests that CloudTrail itself makes of buckets, keys and delivery roles, and how policies answer them.
//!
//! Source: CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail", "Configure AWS KMS key policies for
//! CloudTrail" and "Role policy document for CloudTrail to use CloudWatch Logs for monitoring".

use trailwarden_model::ids::{AccountId, Arn};
use trailwarden_model::observed::{Gap, GapKind};
use trailwarden_model::organization::CLOUDTRAIL_PRINCIPAL;
use trailwarden_model::trail::Trail;
use trailwarden_policy::{
    ChainVerdict, Context, Document, Kind, Principal, Request, Values, Verdict, evaluate_resource_policy,
};

use crate::cx::Cx;
use crate::stranger::{ELSEWHERE, OUTSIDER};

/// The folders that CloudTrail writes logs and digests of management events to.
pub(crate) const FOLDERS: [&str; 2] = ["CloudTrail", "CloudTrail-Digest"];

/// What CloudTrail encrypts for, as the condition key of it.
pub(crate) const ENCRYPTION_CONTEXT: &str = "kms:EncryptionContext:aws:cloudtrail:arn";

/// How a policy answers a request of CloudTrail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    Allowed,
    /// Not allowed, and by what, as words that follow "is": `denied by statement "X" (line 3, column 5)`.
    Refused(String),
}

/// Reads a policy document; one that the tool cannot read is a gap of the call that returned it.
pub(crate) fn parse(kind: Kind, text: &str, call: &str, account: Option<&AccountId>) -> Result<Document, Gap> {
    Document::parse(kind, text).map_err(|malformed| unexpected("MalformedPolicy", malformed.to_string(), call, account))
}

/// What a resource or trust policy answers.
pub(crate) fn ask(
    document: &Document,
    request: &Request,
    call: &str,
    account: Option<&AccountId>,
) -> Result<Answer, Gap> {
    answer(evaluate_resource_policy(document, request), call, account)
}

/// An evaluation as an answer; what cannot be decided is a gap of the call that returned the policy.
pub(crate) fn answer(verdict: Verdict, call: &str, account: Option<&AccountId>) -> Result<Answer, Gap> {
    match verdict {
        Verdict::Allowed(_) => Ok(Answer::Allowed),
        Verdict::ExplicitDeny(statement) => Ok(Answer::Refused(format!("denied by {statement}"))),
        Verdict::ImplicitDeny => Ok(Answer::Refused("not allowed by any statement".to_owned())),
        Verdict::Undecided(reason) => Err(undecided(reason, call, account)),
    }
}

/// The gap of what a policy leaves open, in the call that returned the policy.
pub(crate) fn undecided(reason: String, call: &str, account: Option<&AccountId>) -> Gap {
    unexpected("UndecidedPolicy", reason, call, account)
}

fn unexpected(code: &str, reason: String, call: &str, account: Option<&AccountId>) -> Gap {
    Gap {
        kind: GapKind::Unexpected,
        call: call.to_owned(),
        account: account.cloned(),
        region: None,
        code: code.to_owned(),
        reason,
    }
}

impl Cx<'_> {
    /// How the resource control policies on the path of the account that owns the resource answer a request of CloudTrail.
    /// None binds the management account, and none is in force while their type is disabled.
    pub(crate) fn resource_controls_answer(&self, owner: &AccountId, request: &Request) -> Result<Answer, Gap> {
        if self.is_management(owner) {
            return Ok(Answer::Allowed);
        }
        let chain = self.resource_controls.as_ref().map_err(Clone::clone)?.of(owner)?;
        match chain.evaluate(request) {
            ChainVerdict::NotBound(_) | ChainVerdict::Allowed(_) => Ok(Answer::Allowed),
            ChainVerdict::ExplicitDeny(place) => {
                Ok(Answer::Refused(format!("denied by resource control policy: {place}")))
            }
            ChainVerdict::ImplicitDeny { node } => {
                Ok(Answer::Refused(format!("not allowed by any resource control policy at {node}")))
            }
            ChainVerdict::Undecided(reason) => {
                Err(self.undecided(&[&self.snapshot.organization.resource_control_policies], reason))
            }
        }
    }

    fn request(&self, trail: &Trail, action: &str, resource: String) -> Request {
        let organization = self.snapshot.organization.id.as_str();
        let mut context = Context::new()
            .with("aws:ResourceOrgID", organization)
            .with("aws:SourceArn", trail.arn.as_str())
            .with("aws:SourceAccount", trail.owner.as_str())
            .with("aws:SourceOrgID", organization)
            .with("aws:PrincipalIsAWSService", "true")
            .with("aws:PrincipalServiceName", CLOUDTRAIL_PRINCIPAL)
            .with("aws:SecureTransport", "true");
        if let Some(path) = self.organization_path(&trail.owner) {
            context.set("aws:SourceOrgPaths", Values::Many(vec![path]));
        }
        let principal = Principal::Service(CLOUDTRAIL_PRINCIPAL.to_owned());
        Request { principal, action: action.to_owned(), resource, context }
    }

    /// The path of an account as condition keys spell it: `o-…/r-…/ou-…/`.
    pub(crate) fn organization_path(&self, account: &AccountId) -> Option<String> {
        let nodes = self.snapshot.organization.path_to(account).ok()?;
        let above = nodes.iter().filter(|node| node.as_str() != account.as_str()).map(|node| format!("{node}/"));
        Some(format!("{}/{}", self.snapshot.organization.id, above.collect::<String>()))
    }

    pub(crate) fn bucket_arn(&self, name: &str) -> String {
        format!("arn:{}:s3:::{name}", self.partition())
    }

    /// CloudTrail looks at the ACL of the bucket.
    pub(crate) fn acl_request(&self, trail: &Trail) -> Request {
        self.request(trail, "s3:GetBucketAcl", self.bucket_arn(&trail.bucket))
    }

    /// CloudTrail writes an object under a prefix, such as `AWSLogs/111122223333/`, into one of its folders.
    pub(crate) fn write_request(&self, trail: &Trail, prefix: &str, folder: &str) -> Request {
        let (region, day) = (&trail.home_region, self.now().strftime("%Y/%m/%d"));
        let key = format!("{prefix}{folder}/{region}/{day}/{folder}_{region}.json.gz");
        let mut request = self.request(trail, "s3:PutObject", format!("{}/{key}", self.bucket_arn(&trail.bucket)));
        request.context.set("s3:x-amz-acl", "bucket-owner-full-control");
        if let Some(kms_key) = &trail.kms_key {
            request.context.set("s3:x-amz-server-side-encryption", "aws:kms");
            request.context.set("s3:x-amz-server-side-encryption-aws-kms-key-id", kms_key.as_str());
        }
        request
    }

    /// The same request on behalf of a trail outside the organization. Its owner is free to give it the same name in the
    /// same region, so that only its account and organization tell it apart.
    pub(crate) fn as_stranger(&self, mut request: Request, trail: &Trail) -> Request {
        let (partition, region, name) = (self.partition(), &trail.home_region, &trail.name);
        let foreign = format!("arn:{partition}:cloudtrail:{region}:{OUTSIDER}:trail/{name}");
        if request.context.get(ENCRYPTION_CONTEXT).is_some() {
            request.context.set(ENCRYPTION_CONTEXT, foreign.as_str());
        }
        request.context.set("aws:SourceArn", foreign);
        request.context.set("aws:SourceAccount", OUTSIDER);
        request.context.set("aws:SourceOrgID", ELSEWHERE);
        request.context.set("aws:SourceOrgPaths", Values::Many(vec![format!("{ELSEWHERE}/r-0000/")]));
        request
    }

    /// CloudTrail asks a key for something on behalf of a trail. Only cryptographic operations carry an encryption context.
    pub(crate) fn key_request(&self, trail: &Trail, key: &Arn, action: &str) -> Request {
        let mut request = self.request(trail, action, key.to_string());
        if action != "kms:DescribeKey" {
            request.context.set(ENCRYPTION_CONTEXT, trail.arn.as_str());
        }
        request
    }

    /// CloudTrail assumes the delivery role. Whether it names the trail as the source is not documented, so that a trust
    /// policy which depends on it cannot be decided.
    pub(crate) fn assume_requests(&self, trail: &Trail, role: &Arn) -> [Request; 2] {
        let named = self.request(trail, "sts:AssumeRole", role.to_string());
        let mut nameless = named.clone();
        for key in ["aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID"] {
            nameless.context.remove(key);
        }
        [named, nameless]
    }
}
