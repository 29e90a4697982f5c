//! log-bucket-policy-correct: the bucket policy lets CloudTrail write what its trails need, and only for them.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::control::Severity;
use trailwarden_model::finding::Evidence;
use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::Gap;
use trailwarden_model::snapshot::Need;
use trailwarden_model::storage::{BucketOwner, LogBucket};
use trailwarden_model::trail::Trail;
use trailwarden_policy::{Document, Kind, Request};

use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::cx::Cx;
use crate::gone;
use crate::service::{Answer, FOLDERS, ask, parse};
use crate::verdict::{Tally, Verdict, enumerate, fact};

const GET_POLICY: &str = "s3:GetBucketPolicy";

pub(super) static CONTROL: Control = Control {
    id: "log-bucket-policy-correct",
    title: "The bucket policy admits exactly the organization's trails",
    severity: Severity::High,
    practice: None,
    needs: &[Need::Trails, Need::BucketOwner, Need::BucketPolicy, Need::ResourceControlPolicies],
    rule: "The requests that CloudTrail makes are put to the bucket policy and to the resource control policies on the \
           path of the account that owns the bucket. Fails when it may not read the ACL or may not write under a log or \
           digest prefix that a trail needs, when a Deny catches it, or when the bucket policy allows the same write for a \
           trail outside the organization because nothing pins aws:SourceArn, aws:SourceAccount or aws:SourceOrgID.",
    why: "Where CloudTrail may not write, logs are lost; where it may write for anybody's trail, a stranger can fill the \
          bucket with forged logs through the same service.",
    remedy: "Let cloudtrail.amazonaws.com read the bucket ACL and put objects under the prefix of each trail (for an \
             organization trail the organization's), pinned by aws:SourceArn; exempt AWS services from broad denies in the bucket \
             policy and in resource control policies.",
    references: &["CloudTrail User Guide: Amazon S3 bucket policy for CloudTrail"],
    frameworks: &[
        ("nist-800-53-r5", &["AU-5", "AU-9"]),
        ("iso-27001-2022", &["A.8.15"]),
        ("mitre-attack", &["T1562.008"]),
    ],
    applies: Applies::Always,
    judge: Judge::LogBucket(Trailless::NotApplicable, judge),
};

fn judge(cx: &Cx<'_>, bucket: &LogBucket) -> Judged {
    if let Some(gone) = gone::bucket(bucket)? {
        return Ok(gone);
    }
    let name = &bucket.name;
    let Some(text) = bucket.policy.get()? else {
        let seen = Evidence {
            fact: "the bucket has no policy".to_owned(),
            call: Some(GET_POLICY.to_owned()),
            account: None,
            region: bucket.region.known().cloned(),
        };
        let reason = format!("Bucket {name} has no policy, so that CloudTrail may not write to it");
        return Ok(Verdict::fail(reason).with([seen]));
    };
    let questions = Questions::new(cx, bucket, text)?;
    let mut tally = Tally::default();
    for trail in cx.trails_of_bucket(name) {
        questions.judge_trail(cx, trail, &mut tally);
    }
    Ok(tally.settle(
        cx,
        || format!("Bucket {name} lets CloudTrail write for its trails and for no other"),
        |failures| {
            let words: Vec<&str> = failures.iter().map(|failure| failure.fact.as_str()).collect();
            format!("Bucket {name} does not admit exactly the trails that deliver to it: {}", enumerate(&words))
        },
    ))
}

/// Why CloudTrail may not do something, as words that follow "is".
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Refusal {
    is_of_bucket: bool,
    by: String,
}

/// The requests put to one bucket policy.
struct Questions<'b> {
    bucket: &'b LogBucket,
    owner: AccountId,
    document: Document,
}

impl<'b> Questions<'b> {
    fn new(cx: &Cx<'_>, bucket: &'b LogBucket, text: &str) -> Result<Self, Gap> {
        let owner = match bucket.owner.get()? {
            BucketOwner::Account(owner) => owner.clone(),
            _ => cx.snapshot.organization.management_account.clone(),
        };
        let document = parse(Kind::Resource, text, GET_POLICY, Some(&owner))?;
        Ok(Self { bucket, owner, document })
    }

    fn judge_trail(&self, cx: &Cx<'_>, trail: &Trail, tally: &mut Tally) {
        let mut refused: BTreeMap<Refusal, Vec<String>> = BTreeMap::new();
        let mut must_allow = |request: &Request, what: String, tally: &mut Tally| match self.refusal(cx, request) {
            Ok(None) => tally.support(self.saw(format!("{what} for trail {} is allowed", trail.name))),
            Ok(Some(refusal)) => refused.entry(refusal).or_default().push(what),
            Err(gap) => tally.gap(gap),
        };
        must_allow(&cx.acl_request(trail), "GetBucketAcl".to_owned(), tally);
        let mut is_pinned = true;
        for account in writers(cx, trail) {
            let prefix = cx.log_prefix(trail, &account);
            for folder in FOLDERS {
                let request = cx.write_request(trail, &prefix, folder);
                must_allow(&request, format!("PutObject under {prefix}{folder}/"), tally);
                is_pinned &= self.must_refuse(&cx.as_stranger(request, trail), is_pinned, tally);
            }
        }
        for (refusal, requests) in refused {
            let verb = if requests.len() == 1 { "is" } else { "are" };
            let text = format!("{} for trail {} {verb} {}", enumerate(&requests), trail.name, refusal.by);
            tally.fail(if refusal.is_of_bucket { self.saw(text) } else { cx.of_policies(text) });
        }
    }

    /// What stops a request: the bucket policy or a resource control policy.
    fn refusal(&self, cx: &Cx<'_>, request: &Request) -> Result<Option<Refusal>, Gap> {
        let of_bucket = ask(&self.document, request, GET_POLICY, Some(&self.owner))?;
        let of_organization = || cx.resource_controls_answer(&self.owner, request);
        Ok(match of_bucket {
            Answer::Refused(by) => Some(Refusal { is_of_bucket: true, by }),
            Answer::Allowed => match of_organization()? {
                Answer::Refused(by) => Some(Refusal { is_of_bucket: false, by }),
                Answer::Allowed => None,
            },
        })
    }

    /// False when the policy lets a stranger's trail write; said once per trail.
    fn must_refuse(&self, request: &Request, say: bool, tally: &mut Tally) -> bool {
        match ask(&self.document, request, GET_POLICY, Some(&self.owner)) {
            Ok(Answer::Refused(_)) => true,
            Ok(Answer::Allowed) => {
                if say {
                    let text = "CloudTrail may write for trails outside the organization too: no aws:SourceArn, \
                                aws:SourceAccount or aws:SourceOrgID pins it";
                    tally.fail(self.saw(text.to_owned()));
                }
                false
            }
            Err(gap) => {
                tally.gap(gap);
                true
            }
        }
    }

    fn saw(&self, text: String) -> Evidence {
        fact(text, GET_POLICY, &self.owner, self.bucket.region.known())
    }
}

/// The accounts whose events the trail writes, as far as they are in scope; its owner when none shows it.
fn writers(cx: &Cx<'_>, trail: &Trail) -> BTreeSet<AccountId> {
    let seen: BTreeSet<AccountId> = cx.sightings(trail).iter().map(|sighting| sighting.account.clone()).collect();
    if seen.is_empty() { BTreeSet::from([trail.owner.clone()]) } else { seen }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::Observed;
    use trailwarden_model::storage::BucketOwner;

    use crate::testing::clean::{BUCKET_ARN, ROOT, TRAIL_ARN, bucket_policy};
    use crate::testing::{MANAGEMENT, ORG_TRAIL, WORKLOAD, World, account, denied};

    const ID: &str = super::CONTROL.id;

    /// The clean policy with one change.
    fn changed(change: impl FnOnce(&mut Vec<Value>)) -> World {
        let mut policy: Value = serde_json::from_str(&bucket_policy(&[TRAIL_ARN])).expect("JSON");
        change(policy["Statement"].as_array_mut().expect("statements"));
        World::clean().bucket(|bucket| bucket.policy = Observed::Known(Some(policy.to_string())))
    }

    fn outcome(world: &World) -> Outcome {
        world.judge(ID).only().outcome
    }

    #[test]
    fn the_documented_policy_passes_and_its_tls_deny_is_harmless() {
        assert_eq!(outcome(&World::clean()), Outcome::Pass);
    }

    #[test]
    fn no_policy_or_a_missing_statement_fails() {
        let none = World::clean().bucket(|bucket| bucket.policy = Observed::Known(None));
        assert_eq!(outcome(&none), Outcome::Fail);
        assert_eq!(outcome(&changed(|statements| drop(statements.remove(0)))), Outcome::Fail);
        assert_eq!(outcome(&changed(|statements| drop(statements.remove(1)))), Outcome::Fail);
    }

    #[test]
    fn an_organization_trail_needs_the_organization_prefix() {
        let narrow = changed(|statements| {
            statements[1]["Resource"] = json!(format!("{BUCKET_ARN}/AWSLogs/111111111111/*"));
        });
        assert_eq!(outcome(&narrow), Outcome::Fail);
    }

    #[test]
    fn digests_need_their_folder_too() {
        let logs_only = changed(|statements| {
            statements[1]["Resource"] = json!(format!("{BUCKET_ARN}/AWSLogs/*/CloudTrail/*"));
        });
        assert_eq!(outcome(&logs_only), Outcome::Fail);
        assert!(logs_only.judge(ID).only().reason.contains("CloudTrail-Digest"));
    }

    #[test]
    fn a_deny_that_forgets_services_catches_cloudtrail() {
        let deny = |condition| {
            json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": format!("{BUCKET_ARN}/*"),
                   "Condition": condition})
        };
        let organization = json!({"aws:PrincipalOrgID": "o-exampleorg"});
        let caught = changed(|list| list.push(deny(json!({"StringNotEquals": organization.clone()}))));
        assert_eq!(outcome(&caught), Outcome::Fail);
        assert!(caught.judge(ID).only().reason.contains("denied by"));
        let exempt = json!({"StringNotEquals": organization, "Bool": {"aws:PrincipalIsAWSService": "false"}});
        assert_eq!(outcome(&changed(|list| list.push(deny(exempt)))), Outcome::Pass);
    }

    #[test]
    fn a_write_without_source_is_open_to_strangers() {
        let open = changed(|statements| {
            statements[1]["Condition"] = json!({"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}});
        });
        assert_eq!(outcome(&open), Outcome::Fail);
        assert!(open.judge(ID).only().reason.contains("outside the organization"));
        for pin in [json!({"aws:SourceAccount": "111111111111"}), json!({"aws:SourceOrgID": "o-exampleorg"})] {
            let pinned = changed(|statements| statements[1]["Condition"] = json!({"StringEquals": pin}));
            assert_eq!(outcome(&pinned), Outcome::Pass);
        }
    }

    #[test]
    fn a_pin_on_the_name_of_the_trail_alone_is_open_to_a_stranger_who_takes_the_name() {
        let pin = json!({"aws:SourceArn": "arn:aws:cloudtrail:*:*:trail/org-trail"});
        let named = changed(|statements| statements[1]["Condition"] = json!({"StringLike": pin}));
        assert_eq!(outcome(&named), Outcome::Fail);
    }

    #[test]
    fn the_prefix_of_the_trail_counts() {
        let prefixed = World::clean().trail(ORG_TRAIL, |trail| trail.prefix = Some("audit".to_owned()));
        assert_eq!(outcome(&prefixed), Outcome::Fail);
    }

    #[test]
    fn each_trail_is_asked_for() {
        let second = World::clean().add_trail("second", WORKLOAD, |_| {});
        let reason = second.judge(ID).only().reason.clone();
        assert!(reason.contains("trail second"), "{reason}");
    }

    /// A resource control policy in which one Deny of S3 has a condition.
    fn perimeter(condition: &Value) -> String {
        json!({"Version": "2012-10-17", "Statement": [{"Sid": "Perimeter", "Effect": "Deny", "Principal": "*",
            "Action": "s3:*", "Resource": "*", "Condition": condition}]})
        .to_string()
    }

    #[test]
    fn a_resource_control_policy_above_the_bucket_can_stop_delivery() {
        let forgets_services = perimeter(&json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-exampleorg"}}));
        let caught = World::clean().resource_control(&forgets_services, &[ROOT]);
        assert_eq!(outcome(&caught), Outcome::Fail);
        let reason = caught.judge(ID).only().reason.clone();
        let names = ["denied by resource control policy", "\"Perimeter\"", "p-perimeter", ROOT];
        assert!(names.iter().all(|name| reason.contains(name)), "{reason}");
        assert_eq!(outcome(&World::clean().resource_control(&forgets_services, &[WORKLOAD])), Outcome::Pass);
    }

    #[test]
    fn the_documented_perimeters_let_the_organizations_trails_through() {
        let foreign_sources = json!({"StringNotEqualsIfExists": {"aws:SourceOrgID": "o-exampleorg"},
            "Null": {"aws:SourceAccount": "false"}, "Bool": {"aws:PrincipalIsAWSService": "true"}});
        let foreign_callers = json!({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-exampleorg"},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}});
        let plain_http = json!({"BoolIfExists": {"aws:SecureTransport": "false"}});
        let other_tree = json!({"ForAllValues:StringNotLike": {"aws:SourceOrgPaths": "o-exampleorg/r-root/*"},
            "Bool": {"aws:PrincipalIsAWSService": "true"}});
        for condition in [foreign_sources, foreign_callers, plain_http, other_tree] {
            let world = World::clean().resource_control(&perimeter(&condition), &[ROOT]);
            assert_eq!(outcome(&world), Outcome::Pass, "{condition}");
        }
    }

    #[test]
    fn resource_control_policies_matter_only_where_they_bind() {
        let everything = perimeter(&json!({}));
        let of_management = World::clean().resource_control(&everything, &[ROOT]).bucket(|bucket| {
            bucket.owner = Observed::Known(BucketOwner::Account(account(MANAGEMENT)));
        });
        assert_eq!(outcome(&of_management), Outcome::Pass, "no policy binds the management account");
        let unread = World::clean().edit(|snapshot| {
            let gap = denied("organizations:ListPolicies");
            snapshot.organization.resource_control_policies = Observed::Gap(gap);
        });
        assert_eq!(outcome(&unread), Outcome::Pass, "their type is disabled");
        let enabled = World::clean().resource_control(&everything, &[]).edit(|snapshot| {
            let gap = denied("organizations:ListPolicies");
            snapshot.organization.resource_control_policies = Observed::Gap(gap);
        });
        assert_eq!(outcome(&enabled), Outcome::Unknown);
        assert_eq!(
            enabled.judge(ID).only().gap.as_ref().map(|gap| gap.call.as_str()),
            Some("organizations:ListPolicies")
        );
    }

    #[test]
    fn gaps_are_unknown_and_gone_does_not_apply() {
        let unread = World::clean().bucket(|bucket| bucket.policy = Observed::Gap(denied("s3:GetBucketPolicy")));
        assert_eq!(outcome(&unread), Outcome::Unknown);
        let garbled = World::clean().bucket(|bucket| bucket.policy = Observed::Known(Some("{".to_owned())));
        assert_eq!(outcome(&garbled), Outcome::Unknown);
        let gone = World::clean().bucket(|bucket| bucket.owner = Observed::Known(BucketOwner::Missing));
        assert_eq!(outcome(&gone), Outcome::NotApplicable);
    }
}
