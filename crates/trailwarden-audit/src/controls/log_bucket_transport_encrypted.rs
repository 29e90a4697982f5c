//! log-bucket-transport-encrypted: nobody reads or writes the log bucket without TLS.

use std::collections::BTreeSet;

use trailwarden_model::control::Severity;
use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::Gap;
use trailwarden_model::snapshot::Need;
use trailwarden_model::storage::{BucketOwner, LogBucket};
use trailwarden_policy::{Admission, Document, Kind, Refusal, Request, admits, refuses};

use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::cx::Cx;
use crate::gone;
use crate::service::{parse, undecided};
use crate::verdict::{Tally, enumerate, fact};

const GET_POLICY: &str = "s3:GetBucketPolicy";

pub(super) static CONTROL: Control = Control {
    id: "log-bucket-transport-encrypted",
    title: "Requests to the log bucket need TLS",
    severity: Severity::Medium,
    practice: None,
    needs: &[Need::Trails, Need::BucketOwner, Need::BucketPolicy, Need::ResourceControlPolicies],
    rule: "Reads and writes of the bucket and its log objects over plain HTTP, by callers of the owning account and by everybody \
           whom the policies tell apart, are put to the bucket policy and to the resource control policies on the path of the \
           owning account. Fails when one is not denied: in the owning account, when no Deny catches it whatever else the \
           caller sends; elsewhere, when the bucket policy moreover allows it. AWS services are not asked for, they use TLS.",
    why: "S3 answers plain HTTP unless a policy forbids it, and whoever listens on the way then reads the logs or changes them.",
    remedy: "Deny s3:* on the bucket and its objects to everybody where aws:SecureTransport is false, in the bucket policy or \
             in a resource control policy.",
    references: &[
        "S3 User Guide: Security best practices for Amazon S3",
        "CloudTrail User Guide: Amazon S3 bucket policy for CloudTrail",
    ],
    frameworks: &[("aws-fsbp-1.0.0", &["S3.5"]), ("nist-800-53-r5", &["SI-7"]), ("iso-27001-2022", &["A.8.15"])],
    applies: Applies::Always,
    judge: Judge::LogBucket(Trailless::NotApplicable, judge),
};

fn judge(cx: &Cx<'_>, bucket: &LogBucket) -> Judged {
    if let Some(gone) = gone::bucket(bucket)? {
        return Ok(gone);
    }
    let BucketOwner::Account(owner) = bucket.owner.get()? else {
        return Err(Gap::not_collected("s3:HeadBucket", None, bucket.region.known()));
    };
    let own = match bucket.policy.get()? {
        Some(text) => Some(parse(Kind::Resource, text, GET_POLICY, Some(owner))?),
        None => None,
    };
    let controls = ResourceControls::of(cx, owner);
    let policies = Policies { owner, own: own.as_ref(), controls: &controls };
    let saw = |text: String| fact(text, GET_POLICY, owner, bucket.region.known());
    let mut tally = Tally::default();
    let mut denials = BTreeSet::new();
    let mut open = BTreeSet::new();
    for request in cx.plain_requests(bucket, owner, &policies.documents()) {
        match policies.ask(&request) {
            Ok(Some(denial)) => drop(denials.insert(denial)),
            // One caller is enough to show that a request gets through.
            Ok(None) if open.insert((request.action.clone(), request.resource.clone())) => {
                tally.fail(saw(format!(
                    "{} may call {} on {} without TLS",
                    request.principal, request.action, request.resource
                )));
            }
            Ok(None) => {}
            Err(gap) => tally.gap(gap),
        }
    }
    denials.into_iter().for_each(|denial| tally.support(saw(denial)));
    let name = &bucket.name;
    let missing = if own.is_none() { "it has no policy, and " } else { "" };
    Ok(tally.settle(
        cx,
        || format!("Requests to bucket {name} without TLS are denied"),
        |failures| {
            let words: Vec<&str> = failures.iter().map(|failure| failure.fact.as_str()).collect();
            format!("Bucket {name} can be used without TLS: {missing}{}", enumerate(&words))
        },
    ))
}

/// The resource control policies that bind the bucket, as far as they could be read.
struct ResourceControls {
    documents: Vec<Document>,
    gap: Option<Gap>,
}

impl ResourceControls {
    fn of(cx: &Cx<'_>, owner: &AccountId) -> Self {
        let none = |gap| Self { documents: Vec::new(), gap };
        if cx.is_management(owner) {
            return none(None);
        }
        let chain = match cx.resource_controls.as_ref().map_err(Clone::clone).and_then(|chains| chains.of(owner)) {
            Ok(chain) if chain.unbound.is_some() => return none(None),
            Ok(chain) => chain,
            Err(gap) => return none(Some(gap)),
        };
        let policies = || chain.nodes.iter().flat_map(|node| &node.policies);
        let unread = chain.nodes.iter().flat_map(|node| &node.gaps).next();
        let policies_of = &cx.snapshot.organization.resource_control_policies;
        Self {
            documents: policies().filter_map(|policy| policy.document.as_ref().ok().cloned()).collect(),
            gap: unread.map(|reason| cx.undecided(&[policies_of], reason.clone())),
        }
    }
}

/// What decides about requests to one bucket.
struct Policies<'p> {
    owner: &'p AccountId,
    own: Option<&'p Document>,
    controls: &'p ResourceControls,
}

impl Policies<'_> {
    fn documents(&self) -> Vec<&Document> {
        self.own.into_iter().chain(&self.controls.documents).collect()
    }

    /// What denies a request; none when it gets through.
    fn ask(&self, request: &Request) -> Result<Option<String>, Gap> {
        if let Some(Refusal::Certain(statement)) = self.own.map(|own| refuses([own], request)) {
            return Ok(Some(format!("denied by {statement} of the bucket policy")));
        }
        match refuses(self.documents(), request) {
            Refusal::Certain(statement) => {
                return Ok(Some(format!("denied by {statement} of a resource control policy")));
            }
            Refusal::Undecided(reason) => return Err(undecided(reason, GET_POLICY, Some(self.owner))),
            Refusal::Escapable => {}
        }
        if request.principal.account() != Some(self.owner.as_str()) {
            match self.own.map_or(Admission::Closed, |own| admits(own, request)) {
                Admission::Closed => return Ok(Some("not allowed to other accounts by any statement".to_owned())),
                Admission::Undecided(reason) => return Err(undecided(reason, GET_POLICY, Some(self.owner))),
                Admission::Open(_) => {}
            }
        }
        match &self.controls.gap {
            Some(gap) => Err(gap.clone()),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::Observed;
    use trailwarden_model::storage::BucketOwner;

    use crate::testing::clean::{BUCKET_ARN, ROOT, TRAIL_ARN, bucket_policy};
    use crate::testing::{MANAGEMENT, WORKLOAD, World, account, denied};

    const ID: &str = super::CONTROL.id;

    /// The clean policy with other statements in the place of its Deny.
    fn with(statements: &[Value]) -> World {
        let mut policy: Value = serde_json::from_str(&bucket_policy(&[TRAIL_ARN])).expect("JSON");
        let list = policy["Statement"].as_array_mut().expect("statements");
        list.pop();
        list.extend(statements.iter().cloned());
        World::clean().bucket(|bucket| bucket.policy = Observed::Known(Some(policy.to_string())))
    }

    fn deny(action: &Value, resource: &Value, condition: &Value) -> Value {
        json!({"Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource, "Condition": condition})
    }

    fn everything() -> Value {
        json!([BUCKET_ARN, format!("{BUCKET_ARN}/*")])
    }

    fn plain() -> Value {
        json!({"Bool": {"aws:SecureTransport": "false"}})
    }

    fn outcome(world: &World) -> Outcome {
        world.judge(ID).only().outcome
    }

    #[test]
    fn a_deny_of_everything_without_tls_passes_whatever_its_spelling() {
        assert_eq!(outcome(&World::clean()), Outcome::Pass);
        let spelt =
            deny(&json!("*"), &json!("*"), &json!({"StringNotEqualsIgnoreCase": {"AWS:SECURETRANSPORT": "TRUE"}}));
        assert_eq!(outcome(&with(&[spelt])), Outcome::Pass);
        let halves = [json!(BUCKET_ARN), json!(format!("{BUCKET_ARN}/*"))];
        assert_eq!(outcome(&with(&halves.map(|half| deny(&json!("s3:*"), &half, &plain())))), Outcome::Pass);
    }

    #[test]
    fn no_policy_or_none_that_denies_fails_with_an_example() {
        assert_eq!(outcome(&with(&[])), Outcome::Fail);
        let none = World::clean().bucket(|bucket| bucket.policy = Observed::Known(None));
        let reason = none.judge(ID).only().reason.clone();
        assert_eq!(outcome(&none), Outcome::Fail);
        assert!(reason.contains("no policy") && reason.contains("may call s3:ListBucket"), "{reason}");
    }

    #[test]
    fn a_deny_that_leaves_something_out_fails() {
        let all = json!("s3:*");
        for narrow in [
            deny(&all, &json!(format!("{BUCKET_ARN}/*")), &plain()),
            deny(&all, &json!(BUCKET_ARN), &plain()),
            deny(&json!("s3:GetObject"), &everything(), &plain()),
            deny(&all, &everything(), &json!({"Bool": {"aws:SecureTransport": "true"}})),
            deny(&all, &everything(), &json!({"NumericLessThan": {"s3:TlsVersion": "1.2"}})),
            deny(
                &all,
                &everything(),
                &json!({"Bool": {"aws:SecureTransport": "false"}, "NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
            ),
            deny(
                &all,
                &everything(),
                &json!({"Bool": {"aws:SecureTransport": "false"},
                "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}),
            ),
            deny(
                &all,
                &everything(),
                &json!({"Bool": {"aws:SecureTransport": "false"},
                "StringNotEquals": {"aws:PrincipalOrgID": "o-exampleorg"}}),
            ),
            deny(&all, &json!(format!("{BUCKET_ARN}/AWSLogs/o-exampleorg/111111111111/*")), &plain()),
        ] {
            assert_eq!(outcome(&with(std::slice::from_ref(&narrow))), Outcome::Fail, "{narrow}");
        }
    }

    #[test]
    fn other_accounts_matter_only_where_they_are_let_in() {
        let own = json!({"Effect": "Deny", "Principal": {"AWS": "222222222222"}, "Action": "s3:*",
            "Resource": everything(), "Condition": plain()});
        assert_eq!(outcome(&with(std::slice::from_ref(&own))), Outcome::Pass);
        let reader = json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::333333333333:role/reader"},
            "Action": "s3:GetObject", "Resource": format!("{BUCKET_ARN}/*")});
        let world = with(&[own, reader]);
        assert_eq!(outcome(&world), Outcome::Fail);
        assert!(world.judge(ID).only().reason.contains("role/reader may call s3:GetObject"));
    }

    #[test]
    fn a_resource_control_policy_can_do_it_where_it_binds() {
        let perimeter = json!({"Version": "2012-10-17", "Statement": [deny(&json!("s3:*"), &json!("*"), &plain())]});
        let none = || World::clean().bucket(|bucket| bucket.policy = Observed::Known(None));
        let bound = none().resource_control(&perimeter.to_string(), &[ROOT]);
        assert_eq!(outcome(&bound), Outcome::Pass);
        assert_eq!(outcome(&none().resource_control(&perimeter.to_string(), &[WORKLOAD])), Outcome::Fail);
        let of_management =
            bound.bucket(|bucket| bucket.owner = Observed::Known(BucketOwner::Account(account(MANAGEMENT))));
        assert_eq!(outcome(&of_management), Outcome::Fail);
    }

    #[test]
    fn unread_policies_are_unknown_where_they_could_matter() {
        let unread = |world: World| {
            world.resource_control("{}", &[]).edit(|snapshot| {
                snapshot.organization.resource_control_policies = Observed::Gap(denied("organizations:ListPolicies"));
            })
        };
        assert_eq!(outcome(&unread(World::clean())), Outcome::Pass);
        assert_eq!(outcome(&unread(with(&[]))), Outcome::Unknown);
        let hidden = World::clean().bucket(|bucket| bucket.policy = Observed::Gap(denied("s3:GetBucketPolicy")));
        assert_eq!(outcome(&hidden), Outcome::Unknown);
        let gone = World::clean().bucket(|bucket| bucket.owner = Observed::Known(BucketOwner::Missing));
        assert_eq!(outcome(&gone), Outcome::NotApplicable);
    }
}
