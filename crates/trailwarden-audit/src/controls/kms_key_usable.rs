//! kms-key-usable: CloudTrail can encrypt with the key: it exists, is enabled, fits, and its policy lets CloudTrail.

use trailwarden_model::control::{BestPractice, Severity};
use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::snapshot::Need;
use trailwarden_model::storage::{BucketOwner, KeyDetail, LogBucket, TrailKey};
use trailwarden_model::trail::Trail;
use trailwarden_policy::{Document, Kind};

use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::cx::Cx;
use crate::reach::is_usable_key_state;
use crate::service::{Answer, ask, parse};
use crate::verdict::{Tally, fact};

const GET_POLICY: &str = "kms:GetKeyPolicy";

/// What CloudTrail asks of the key.
const ACTIONS: [&str; 2] = ["kms:GenerateDataKey", "kms:DescribeKey"];

pub(super) static CONTROL: Control = Control {
    id: "kms-key-usable",
    title: "CloudTrail can use the trail key",
    severity: Severity::Critical,
    practice: Some(BestPractice::KmsEncryption),
    needs: &[Need::Trails, Need::BucketOwner, Need::Key, Need::KeyPolicy, Need::ResourceControlPolicies],
    rule: "Fails when the key does not exist, is not enabled (disabled, pending deletion, pending import, \
           unavailable), is not symmetric, lies in another region than the bucket, or its policy does not let \
           CloudTrail generate data keys and describe the key for each trail that uses it, or a resource control policy \
           on the path of its account denies that.",
    why: "With a key that is disabled, about to be deleted, in another region or closed to CloudTrail, no log file is \
          delivered; and once the key is deleted, the old ones can never be read again.",
    remedy: "Enable the key or cancel its deletion, or give the trail a symmetric key in the region of the bucket; let \
             cloudtrail.amazonaws.com generate data keys and describe the key in the key policy, pinned to the trail; \
             exempt AWS services from resource control policies that deny use of keys.",
    references: &["CloudTrail User Guide: Configure AWS KMS key policies for CloudTrail"],
    frameworks: &[
        ("aws-cloudtrail-best-practices", &["3"]),
        ("aws-fsbp-1.0.0", &["KMS.3"]),
        ("nist-800-53-r5", &["AU-5", "AU-9"]),
        ("iso-27001-2022", &["A.8.15"]),
        ("mitre-attack", &["T1485", "T1562.008"]),
    ],
    applies: Applies::Always,
    judge: Judge::TrailKey(Trailless::NotApplicable, judge),
};

fn judge(cx: &Cx<'_>, key: &TrailKey) -> Judged {
    let mut tally = Tally::default();
    match &key.detail {
        Observed::Gap(gap) => tally.gap(gap.clone()),
        Observed::Known(None) => flaw(cx, key, "it does not exist", "kms:DescribeKey", &mut tally),
        Observed::Known(Some(detail)) => judge_detail(cx, key, detail, &mut tally),
    }
    if !matches!(key.detail, Observed::Known(None)) {
        judge_regions(cx, key, &mut tally);
        match policy(key) {
            Err(gap) => tally.gap(gap),
            Ok(None) => flaw(cx, key, "it has no policy", GET_POLICY, &mut tally),
            Ok(Some(document)) => judge_policy(cx, key, &document, &mut tally),
        }
    }
    Ok(tally.settle(
        cx,
        || format!("Key {} is enabled and CloudTrail may encrypt with it", key.arn),
        |failures| {
            let words: Vec<&str> = failures.iter().map(|failure| failure.fact.as_str()).collect();
            format!("CloudTrail cannot use key {}: {}", key.arn, crate::verdict::enumerate(&words))
        },
    ))
}

fn owner(cx: &Cx<'_>, key: &TrailKey) -> AccountId {
    key.arn.account().unwrap_or_else(|| cx.snapshot.organization.management_account.clone())
}

fn flaw(cx: &Cx<'_>, key: &TrailKey, text: &str, call: &str, tally: &mut Tally) {
    tally.fail(fact(text, call, &owner(cx, key), key.arn.region().as_ref()));
}

fn judge_detail(cx: &Cx<'_>, key: &TrailKey, detail: &KeyDetail, tally: &mut Tally) {
    let date = detail.deletion_date.map(|date| format!(", to be deleted at {date}")).unwrap_or_default();
    let state = format!("its state is {}{date}", detail.state);
    if is_usable_key_state(&detail.state) {
        tally.support(fact(state, "kms:DescribeKey", &owner(cx, key), key.arn.region().as_ref()));
    } else {
        flaw(cx, key, &state, "kms:DescribeKey", tally);
    }
    if detail.spec != "SYMMETRIC_DEFAULT" {
        flaw(cx, key, &format!("its spec is {}, not SYMMETRIC_DEFAULT", detail.spec), "kms:DescribeKey", tally);
    }
}

/// CloudTrail wants the key in the region of the bucket, wherever the trail is. A bucket that does not exist is nowhere.
fn judge_regions(cx: &Cx<'_>, key: &TrailKey, tally: &mut Tally) {
    let is_missing = |bucket: &LogBucket| matches!(bucket.owner, Observed::Known(BucketOwner::Missing));
    for trail in cx.trails_of_key(&key.arn) {
        if cx.bucket(&trail.bucket).is_ok_and(is_missing) {
            continue;
        }
        match cx.bucket(&trail.bucket).and_then(|bucket| bucket.region.get()) {
            Err(gap) => tally.gap(gap),
            Ok(region) if key.arn.region().as_ref() == Some(region) => {}
            Ok(region) => {
                let text = format!("it is not in {region}, where bucket {} of trail {} is", trail.bucket, trail.name);
                flaw(cx, key, &text, "s3:HeadBucket", tally);
            }
        }
    }
}

fn policy(key: &TrailKey) -> Result<Option<Document>, Gap> {
    let text = key.policy.get()?.as_deref();
    text.map(|text| parse(Kind::Resource, text, GET_POLICY, key.arn.account().as_ref())).transpose()
}

fn judge_policy(cx: &Cx<'_>, key: &TrailKey, document: &Document, tally: &mut Tally) {
    for trail in cx.trails_of_key(&key.arn) {
        for action in ACTIONS {
            match answer(cx, key, document, trail, action) {
                Err(gap) => tally.gap(gap),
                Ok(Answer::Allowed) => {}
                Ok(Answer::Refused(by)) => {
                    flaw(cx, key, &format!("{action} for trail {} is {by}", trail.name), GET_POLICY, tally);
                }
            }
            match cx.resource_controls_answer(&owner(cx, key), &cx.key_request(trail, &key.arn, action)) {
                Err(gap) => tally.gap(gap),
                Ok(Answer::Allowed) => {}
                Ok(Answer::Refused(by)) => {
                    tally.fail(cx.of_policies(format!("{action} for trail {} is {by}", trail.name)));
                }
            }
        }
    }
}

fn answer(cx: &Cx<'_>, key: &TrailKey, document: &Document, trail: &Trail, action: &str) -> Result<Answer, Gap> {
    ask(document, &cx.key_request(trail, &key.arn, action), GET_POLICY, key.arn.account().as_ref())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::Observed;
    use trailwarden_model::storage::BucketOwner;

    use crate::testing::clean::{ROOT, key_policy};
    use crate::testing::{ARCHIVE, WORKLOAD, World, denied, region};

    const ID: &str = super::CONTROL.id;

    fn with_policy(policy: &str) -> World {
        World::clean().key(|key| key.policy = Observed::Known(Some(policy.to_owned())))
    }

    fn outcome(world: &World) -> Outcome {
        world.judge(ID).only().outcome
    }

    #[test]
    fn a_bucket_that_does_not_exist_is_in_no_region_to_compare_with() {
        let world = World::clean().bucket(|bucket| {
            bucket.owner = Observed::Known(BucketOwner::Missing);
            bucket.region = Observed::Gap(denied("s3:HeadBucket"));
        });
        assert_eq!(world.judge(ID).only().outcome, Outcome::Pass);
    }

    #[test]
    fn an_enabled_key_with_the_documented_policy_passes() {
        assert_eq!(outcome(&World::clean()), Outcome::Pass);
        assert_eq!(outcome(&World::clean().key_detail(|key| key.state = "Updating".to_owned())), Outcome::Pass);
    }

    #[test]
    fn states_and_specs_that_cannot_encrypt_fail() {
        for state in ["Disabled", "PendingDeletion", "PendingImport", "Unavailable", "SomethingNew"] {
            assert_eq!(
                outcome(&World::clean().key_detail(|key| key.state = state.to_owned())),
                Outcome::Fail,
                "{state}"
            );
        }
        assert_eq!(outcome(&World::clean().key_detail(|key| key.spec = "RSA_2048".to_owned())), Outcome::Fail);
        assert_eq!(outcome(&World::clean().key(|key| key.detail = Observed::Known(None))), Outcome::Fail);
    }

    #[test]
    fn a_key_away_from_the_bucket_fails() {
        let away = World::clean().bucket(|bucket| bucket.region = Observed::Known(region("eu-central-1")));
        assert_eq!(outcome(&away), Outcome::Fail);
        assert!(away.judge(ID).only().reason.contains("eu-central-1"));
    }

    #[test]
    fn the_root_statement_alone_does_not_help_cloudtrail() {
        let root_only = json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:root"}, "Action": "kms:*", "Resource": "*"}});
        assert_eq!(outcome(&with_policy(&root_only.to_string())), Outcome::Fail);
    }

    #[test]
    fn describing_a_key_carries_no_encryption_context_that_a_statement_could_ask_for() {
        let policy = json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*",
            "Condition": {"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:*:trail/*"}}}});
        let finding = with_policy(&policy.to_string()).judge(ID).only().clone();
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("kms:DescribeKey") && !finding.reason.contains("GenerateDataKey for"));
    }

    #[test]
    fn a_policy_pinned_to_another_trail_fails() {
        let other = key_policy("arn:aws:cloudtrail:eu-west-1:111111111111:trail/other");
        assert_eq!(outcome(&with_policy(&other)), Outcome::Fail);
    }

    fn under_resource_control(deny: &serde_json::Value, targets: &[&str]) -> World {
        let statement = json!({"Sid": "Perimeter", "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
            "Condition": deny});
        World::clean()
            .resource_control(&json!({"Version": "2012-10-17", "Statement": [statement]}).to_string(), targets)
    }

    #[test]
    fn a_resource_control_policy_above_the_key_can_stop_cloudtrail() {
        let forgets_services = json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-exampleorg"}});
        for targets in [[ROOT], [ARCHIVE]] {
            let finding = under_resource_control(&forgets_services, &targets).judge(ID).only().clone();
            assert_eq!(finding.outcome, Outcome::Fail);
            assert!(
                finding.reason.contains("\"Perimeter\"") && finding.reason.contains(targets[0]),
                "{}",
                finding.reason
            );
        }
        assert_eq!(outcome(&under_resource_control(&forgets_services, &[WORKLOAD])), Outcome::Pass);
        let spares_services = json!({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-exampleorg"},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}});
        assert_eq!(outcome(&under_resource_control(&spares_services, &[ROOT])), Outcome::Pass);
    }

    #[test]
    fn gaps_are_unknown_unless_something_known_fails() {
        let unread = World::clean().key(|key| key.policy = Observed::Gap(denied("kms:GetKeyPolicy")));
        assert_eq!(outcome(&unread), Outcome::Unknown);
        assert_eq!(outcome(&unread.key_detail(|key| key.state = "Disabled".to_owned())), Outcome::Fail);
        let detail = World::clean().key(|key| key.detail = Observed::Gap(denied("kms:DescribeKey")));
        assert_eq!(outcome(&detail), Outcome::Unknown);
        let bucket = World::clean().bucket(|bucket| bucket.region = Observed::Gap(denied("s3:HeadBucket")));
        assert_eq!(outcome(&bucket), Outcome::Unknown);
        assert_eq!(outcome(&with_policy("{\"Version\": \"2012-10-17\"")), Outcome::Unknown);
    }

    #[test]
    fn without_a_trail_there_is_nothing_to_judge() {
        assert_eq!(World::bare().judge(ID).at(WORKLOAD).outcome, Outcome::NotApplicable);
    }
}
