//! The policy of a log bucket: what the trails need is added by meaning, what others wrote stays.

use std::collections::BTreeSet;

use serde_json::Value;
use trailwarden_model::plan::{Hindrance, Subject};
use trailwarden_policy::{Context, Principal, Request, Verdict};

use super::{Bucket, Change};
use crate::bench::{Bench, Findings};
use crate::facts::Stop;
use crate::keys::pinned;
use crate::requests::{Source, answer, as_stranger};
use crate::statements::{acl_check, delivery, transport, with_more};

/// The most bytes that AWS takes. Source: S3 User Guide, bucket policies.
const LONGEST: usize = 20 * 1024;

impl Bench<'_> {
    /// Lets CloudTrail deliver for the trails of the bucket and no others, and, if wanted, nobody in without TLS.
    pub(crate) fn bucket_policy(
        &mut self,
        bucket: &Bucket,
        with_transport: bool,
        findings: &Findings,
    ) -> Result<Option<Subject>, Stop> {
        let before = self.present_policy(bucket)?;
        let mut after = self.admitting(bucket, &before)?;
        if with_transport && !denies_plain(self.partition(), bucket, &after)? {
            after = with_more(&after, vec![transport(&bucket.arn)]);
        }
        self.check_policy(bucket, &after)?;
        let n_bytes = after.to_string().len();
        if n_bytes > LONGEST {
            let reason =
                format!("the policy of bucket {} would have {n_bytes} bytes, more than AWS takes", bucket.name);
            return Err(Stop::new(Hindrance::Impossible, reason).hint("shorten the policy by hand first"));
        }
        let title = format!("let CloudTrail deliver to bucket {} for its trails alone", bucket.name);
        let change = Change::of_policy(bucket, title, after);
        self.change(bucket, change, findings)
    }

    /// The policy with what the trails lack, and pinned where it lets strangers write.
    fn admitting(&self, bucket: &Bucket, before: &Value) -> Result<Value, Stop> {
        let mut after = before.clone();
        let (mut unseen, mut unwritten, mut prefixes) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for source in &bucket.sources {
            if !answer(before, &self.acl_request(source, &bucket.name))?.is_allowed() {
                unseen.insert(source.arn.clone());
            }
            for prefix in self.refused_prefixes(bucket, source, before)? {
                unwritten.insert(source.arn.clone());
                prefixes.insert(prefix);
            }
        }
        let mut more = Vec::new();
        if !unseen.is_empty() {
            more.push(acl_check(&bucket.arn, &unseen));
        }
        if !unwritten.is_empty() {
            more.push(delivery(&bucket.arn, &prefixes, &unwritten));
        }
        after = with_more(&after, more);
        if self.admits_strangers(bucket, &after)? {
            self.check_all_trails_known()?;
            let trails: BTreeSet<String> = bucket.sources.iter().map(|source| source.arn.clone()).collect();
            after = pinned(&after, &trails);
        }
        Ok(after)
    }

    /// The prefixes under which a trail may not write, each as the statement would name it.
    fn refused_prefixes(&self, bucket: &Bucket, source: &Source, policy: &Value) -> Result<BTreeSet<String>, Stop> {
        let organization = &self.inputs.snapshot.organization.id;
        let mut refused = BTreeSet::new();
        for request in self.write_requests(source, &bucket.name) {
            if !answer(policy, &request)?.is_allowed() {
                let is_of_organization = request.resource.contains(&format!("/AWSLogs/{organization}/"));
                let folder = if is_of_organization { organization.as_str() } else { source.owner.as_str() };
                refused.insert(format!("{}AWSLogs/{folder}/", source.prefix));
            }
        }
        Ok(refused)
    }

    fn admits_strangers(&self, bucket: &Bucket, policy: &Value) -> Result<bool, Stop> {
        for source in &bucket.sources {
            for request in self.write_requests(source, &bucket.name) {
                if answer(policy, &as_stranger(request, source))?.is_allowed() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Holds the new policy against what it is for. A Deny of others that catches CloudTrail is theirs to change.
    fn check_policy(&self, bucket: &Bucket, policy: &Value) -> Result<(), Stop> {
        for source in &bucket.sources {
            let requests = self.write_requests(source, &bucket.name);
            for request in requests.iter().chain([&self.acl_request(source, &bucket.name)]) {
                if let Verdict::ExplicitDeny(statement) = answer(policy, request)? {
                    let reason =
                        format!("{statement} of the policy of bucket {} denies CloudTrail's own requests", bucket.name);
                    return Err(Stop::new(Hindrance::Manual, reason)
                        .hint("exempt AWS services from it (aws:PrincipalIsAWSService)"));
                }
            }
        }
        if self.admits_strangers(bucket, policy)? {
            let reason = format!(
                "a statement of the policy of bucket {} admits CloudTrail for anybody, together with others",
                bucket.name
            );
            return Err(
                Stop::new(Hindrance::Manual, reason).hint("give CloudTrail a statement of its own, with aws:SourceArn")
            );
        }
        Ok(())
    }

    /// Pinning a policy to the trails that are known cuts off those that are not.
    pub(crate) fn check_all_trails_known(&self) -> Result<(), Stop> {
        for account in self.inputs.snapshot.accounts.values() {
            account.entered_as.get()?;
            for region in account.regions.values() {
                region.trails.get()?;
            }
        }
        match self.inputs.snapshot.excluded.first() {
            Some(account) => {
                let reason = format!("account {account} was left out, and may have a trail that delivers there too");
                Err(Stop::new(Hindrance::Manual, reason).hint("plan for the whole organization"))
            }
            None => Ok(()),
        }
    }
}

/// True when a read of an object without TLS is denied to the bucket's own account.
fn denies_plain(partition: &str, bucket: &Bucket, policy: &Value) -> Result<bool, Stop> {
    let mut denied = true;
    for (action, resource) in [
        ("s3:GetObject", format!("{}/AWSLogs/file", bucket.arn)),
        ("s3:PutObject", format!("{}/AWSLogs/file", bucket.arn)),
        ("s3:ListBucket", bucket.arn.clone()),
    ] {
        let principal = Principal::Aws(format!("arn:{partition}:iam::{}:role/someone", bucket.account));
        let context = Context::new().with("aws:SecureTransport", "false");
        let request = Request { principal, action: action.to_owned(), resource, context };
        denied &= matches!(answer(policy, &request)?, Verdict::ExplicitDeny(_));
    }
    Ok(denied)
}
