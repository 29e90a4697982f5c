//! Requests to a log bucket without TLS, by everybody whom policies tell apart.

use std::collections::BTreeSet;

use trailwarden_model::ids::AccountId;
use trailwarden_model::storage::LogBucket;
use trailwarden_policy::{Context, Document, Principal, Request, Values, callers_named};

use crate::cx::Cx;
use crate::stranger::{ELSEWHERE, MEMBER, OUTSIDER};

/// One read, one write and one deletion of an object.
const ON_OBJECTS: [&str; 3] = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"];

/// One read and one write of the bucket.
const ON_BUCKET: [&str; 2] = ["s3:ListBucket", "s3:PutBucketPolicy"];

impl Cx<'_> {
    /// Reads and writes of a bucket and its log objects over plain HTTP. AWS services are left out: they use TLS.
    pub(crate) fn plain_requests(
        &self,
        bucket: &LogBucket,
        owner: &AccountId,
        documents: &[&Document],
    ) -> Vec<Request> {
        let arn = self.bucket_arn(&bucket.name);
        let mut targets: Vec<(&str, String)> = ON_BUCKET.map(|action| (action, arn.clone())).into();
        for object in self.some_objects(bucket, owner) {
            targets.extend(ON_OBJECTS.map(|action| (action, format!("{arn}/{object}"))));
        }
        let callers = self.callers(owner, documents);
        let of_target = |(action, resource): &(&str, String)| {
            let request = |caller: &Caller| Request {
                principal: caller.principal.clone(),
                action: (*action).to_owned(),
                resource: resource.clone(),
                context: caller.context.clone(),
            };
            callers.iter().map(request).collect::<Vec<_>>()
        };
        targets.iter().flat_map(of_target).collect()
    }

    /// Keys of one object below each prefix that policies may tell apart: of the owners of the trails and of the bucket, and
    /// for an organization trail of an account that no policy names.
    fn some_objects(&self, bucket: &LogBucket, owner: &AccountId) -> BTreeSet<String> {
        let mut objects = BTreeSet::new();
        for trail in self.trails_of_bucket(&bucket.name) {
            let writers = [Some(trail.owner.clone()), Some(owner.clone()), MEMBER.parse().ok()];
            let n_writers = if trail.is_organization { writers.len() } else { 1 };
            for writer in writers.into_iter().flatten().take(n_writers) {
                objects.insert(format!("{}CloudTrail/any-log-file", self.log_prefix(trail, &writer)));
            }
        }
        objects
    }

    fn callers(&self, owner: &AccountId, documents: &[&Document]) -> Vec<Caller> {
        let partition = self.partition();
        let role = |account: &str| format!("arn:{partition}:iam::{account}:role/anyone");
        let mut arns = BTreeSet::from([role(owner.as_str()), role(MEMBER), role(OUTSIDER)]);
        arns.insert(format!("arn:{partition}:iam::{owner}:root"));
        arns.insert(format!("arn:{partition}:iam::{owner}:user/anyone"));
        let named = callers_named(documents.iter().copied(), partition, owner.as_str());
        arns.extend(named.into_iter().map(|name| if name.starts_with("arn:") { name } else { role(&name) }));
        let anonymous = Caller {
            principal: Principal::Anonymous,
            context: Context::new()
                .with("aws:PrincipalIsAWSService", "false")
                .with("aws:PrincipalType", "Anonymous")
                .with("aws:SecureTransport", "false")
                .with("aws:ViaAWSService", "false"),
        };
        arns.iter().map(|arn| self.caller(arn, owner)).chain([anonymous]).collect()
    }

    fn caller(&self, arn: &str, owner: &AccountId) -> Caller {
        let account = arn.split(':').nth(4).unwrap_or_default();
        let organization = self.snapshot.organization.id.as_str();
        let is_member = account == MEMBER
            || account
                .parse()
                .is_ok_and(|account: AccountId| self.snapshot.organization.accounts.contains_key(&account));
        let kind = match arn.splitn(6, ':').nth(5).unwrap_or_default() {
            "root" => "Account",
            resource if resource.starts_with("user/") => "User",
            _ => "AssumedRole",
        };
        let mut context = Context::new()
            .with("aws:PrincipalAccount", account)
            .with("aws:PrincipalArn", arn)
            .with("aws:PrincipalIsAWSService", "false")
            .with("aws:PrincipalOrgID", if is_member { organization } else { ELSEWHERE })
            .with("aws:PrincipalType", kind)
            .with("aws:ResourceAccount", owner.as_str())
            .with("aws:ResourceOrgID", organization)
            .with("aws:SecureTransport", "false")
            .with("aws:ViaAWSService", "false");
        if let Some(path) =
            account.parse().ok().filter(|_| is_member).and_then(|account| self.organization_path(&account))
        {
            context.set("aws:PrincipalOrgPaths", Values::Many(vec![path]));
        }
        Caller { principal: Principal::Aws(arn.to_owned()), context }
    }
}

/// Who asks, and what AWS says of it.
struct Caller {
    principal: Principal,
    context: Context,
}
