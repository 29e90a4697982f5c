//! kms-key-policy-least-privilege: the key serves the organization's trails alone, and not everybody may decrypt with it.

use trailwarden_model::control::Severity;
use trailwarden_model::finding::Evidence;
use trailwarden_model::observed::Gap;
use trailwarden_model::snapshot::Need;
use trailwarden_model::storage::TrailKey;
use trailwarden_model::trail::Trail;
use trailwarden_policy::{Admission, Document, Kind, admits};

use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::cx::Cx;
use crate::gone;
use crate::service::{Answer, ask, parse, undecided};
use crate::stranger::Stranger;
use crate::verdict::{Tally, Verdict, enumerate, fact};

const GET_POLICY: &str = "kms:GetKeyPolicy";

/// The calls that turn a log file back into text.
const DECRYPTIONS: [&str; 2] = ["kms:Decrypt", "kms:ReEncryptFrom"];

pub(super) static CONTROL: Control = Control {
    id: "kms-key-policy-least-privilege",
    title: "The trail key serves the organization's trails alone",
    severity: Severity::Medium,
    practice: None,
    needs: &[Need::Trails, Need::Key, Need::KeyPolicy],
    rule: "Fails when the key policy lets CloudTrail generate data keys for a trail outside the organization, because \
           neither aws:SourceArn, aws:SourceAccount or aws:SourceOrgID nor the encryption context pins it, or lets \
           principals that it does not name decrypt log files: those of any account, or of every account of the \
           organization. Delegating to named accounts is fine, and so is letting CloudTrail describe the key. Where it \
           depends on conditions such as the network of the caller, it is unknown. The key policy is judged alone: that a \
           resource control policy may keep strangers out does not count.",
    why: "A key that encrypts for any trail lets strangers use it through CloudTrail, and one that decrypts for everybody \
          adds nothing to the permissions of the bucket: whoever can copy a log file can read it.",
    remedy: "Pin the statement of cloudtrail.amazonaws.com by aws:SourceArn and by the encryption context \
             kms:EncryptionContext:aws:cloudtrail:arn, and let only the principals that read logs decrypt, by name or by \
             kms:CallerAccount.",
    references: &["CloudTrail User Guide: Configure AWS KMS key policies for CloudTrail"],
    frameworks: &[
        ("aws-fsbp-1.0.0", &["KMS.5"]),
        ("nist-800-53-r5", &["AC-6", "AU-9"]),
        ("pci-dss-4.0.1", &["10.3.1"]),
        ("iso-27001-2022", &["A.8.15"]),
    ],
    applies: Applies::Always,
    judge: Judge::TrailKey(Trailless::NotApplicable, judge),
};

fn judge(cx: &Cx<'_>, key: &TrailKey) -> Judged {
    if let Err(gone) = gone::key(key)? {
        return Ok(gone);
    }
    let Some(text) = key.policy.get()? else {
        return Ok(Verdict::not_applicable(format!("Key {} has no policy; see kms-key-usable", key.arn)));
    };
    let document = parse(Kind::Resource, text, GET_POLICY, key.arn.account().as_ref())?;
    let mut tally = Tally::default();
    for trail in cx.trails_of_key(&key.arn) {
        judge_encryption(cx, key, &document, trail, &mut tally);
        judge_decryption(cx, key, &document, trail, &mut tally);
    }
    Ok(tally.settle(
        cx,
        || format!("The policy of key {} admits the organization's trails and the principals it names", key.arn),
        |failures| {
            let words: Vec<&str> = failures.iter().map(|failure| failure.fact.as_str()).collect();
            format!("The policy of key {} is wide: {}", key.arn, enumerate(&words))
        },
    ))
}

fn judge_encryption(cx: &Cx<'_>, key: &TrailKey, document: &Document, trail: &Trail, tally: &mut Tally) {
    let request = cx.as_stranger(cx.key_request(trail, &key.arn, "kms:GenerateDataKey"), trail);
    match ask(document, &request, GET_POLICY, key.arn.account().as_ref()) {
        Err(gap) => tally.gap(gap),
        Ok(Answer::Allowed) => tally.fail(saw(
            cx,
            key,
            format!("CloudTrail may encrypt for a trail outside the organization that is named as {} is", trail.name),
        )),
        Ok(Answer::Refused(by)) => {
            tally.support(saw(cx, key, format!("CloudTrail's kms:GenerateDataKey for a foreign trail is {by}")));
        }
    }
}

/// Asks for the outsider first: a policy that is open to everybody need not be called open to members too.
fn judge_decryption(cx: &Cx<'_>, key: &TrailKey, document: &Document, trail: &Trail, tally: &mut Tally) {
    for action in DECRYPTIONS {
        for (who, words) in [
            (Stranger::Outsider, "principals of any account, outside the organization too,"),
            (Stranger::Member, "principals of every account of the organization"),
        ] {
            match admission(cx, key, document, (who, trail, action)) {
                Ok(None) => {
                    tally.support(saw(cx, key, format!("{words} may not call {action} on logs of {}", trail.name)))
                }
                Ok(Some(by)) => {
                    tally.fail(saw(cx, key, format!("{words} may call {action} on logs of {} by {by}", trail.name)));
                    break;
                }
                Err(gap) => tally.gap(gap),
            }
        }
    }
}

/// The statement that lets the stranger decrypt, directly or through the bucket; none when the policy does not.
fn admission(
    cx: &Cx<'_>,
    key: &TrailKey,
    document: &Document,
    (who, trail, action): (Stranger, &Trail, &str),
) -> Result<Option<String>, Gap> {
    let mut unsure = None;
    for request in cx.decrypt_requests(who, (document, &key.arn), trail, action) {
        match admits(document, &request) {
            Admission::Open(statement) => return Ok(Some(statement.to_string())),
            Admission::Closed => {}
            Admission::Undecided(reason) => unsure = Some(reason),
        }
    }
    unsure.map_or(Ok(None), |reason| Err(undecided(reason, GET_POLICY, key.arn.account().as_ref())))
}

fn saw(cx: &Cx<'_>, key: &TrailKey, text: String) -> Evidence {
    let owner = key.arn.account().unwrap_or_else(|| cx.snapshot.organization.management_account.clone());
    fact(text, GET_POLICY, &owner, key.arn.region().as_ref())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use trailwarden_model::finding::{Finding, Outcome};
    use trailwarden_model::observed::Observed;

    use crate::testing::clean::{TRAIL_ARN, key_policy};
    use crate::testing::{WORKLOAD, World, denied};

    const ID: &str = super::CONTROL.id;

    /// The clean policy with one change.
    fn changed(change: impl FnOnce(&mut Vec<Value>)) -> Finding {
        let mut policy: Value = serde_json::from_str(&key_policy(TRAIL_ARN)).expect("JSON");
        change(policy["Statement"].as_array_mut().expect("statements"));
        let world = World::clean().key(|key| key.policy = Observed::Known(Some(policy.to_string())));
        world.judge(ID).only().clone()
    }

    /// The clean policy and a statement that lets principals decrypt.
    fn decrypting(principal: &Value, condition: &Value) -> Finding {
        changed(|statements| {
            statements.push(json!({"Sid": "Readers", "Effect": "Allow", "Principal": principal,
                "Action": ["kms:Decrypt", "kms:ReEncryptFrom"], "Resource": "*", "Condition": condition}));
        })
    }

    #[test]
    fn the_documented_policy_passes_although_cloudtrail_may_describe_the_key_for_anybody() {
        assert_eq!(World::clean().judge(ID).only().outcome, Outcome::Pass);
    }

    #[test]
    fn a_statement_for_cloudtrail_without_a_pin_serves_strangers() {
        let open = changed(|statements| drop(statements[1].as_object_mut().expect("a statement").remove("Condition")));
        assert_eq!(open.outcome, Outcome::Fail);
        assert!(open.reason.contains("outside the organization"), "{}", open.reason);
        let by_name = json!({"StringLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:*:trail/*"}});
        assert_eq!(changed(|statements| statements[1]["Condition"] = by_name).outcome, Outcome::Fail);
    }

    #[test]
    fn one_pin_is_enough() {
        for condition in [
            json!({"StringEquals": {"aws:SourceArn": TRAIL_ARN}}),
            json!({"StringEquals": {"aws:SourceAccount": "111111111111"}}),
            json!({"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:111111111111:trail/*"}}),
        ] {
            let pinned = changed(|statements| statements[1]["Condition"] = condition.clone());
            assert_eq!(pinned.outcome, Outcome::Pass, "{condition}");
        }
    }

    #[test]
    fn decryption_for_everybody_fails_whatever_the_service_and_the_trail() {
        for condition in [
            json!({}),
            json!({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}),
            json!({"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:*:trail/*"}}),
            json!({"Null": {"kms:EncryptionContext:aws:cloudtrail:arn": "false"}}),
        ] {
            let open = decrypting(&json!("*"), &condition);
            assert_eq!(open.outcome, Outcome::Fail, "{condition}");
            assert!(open.reason.contains("any account") && open.reason.contains("\"Readers\""), "{}", open.reason);
        }
    }

    #[test]
    fn decryption_for_the_whole_organization_fails_and_says_so() {
        let open = decrypting(&json!({"AWS": "*"}), &json!({"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg"}}));
        assert_eq!(open.outcome, Outcome::Fail);
        assert!(open.reason.contains("every account of the organization"), "{}", open.reason);
        assert!(!open.reason.contains("any account"), "{}", open.reason);
    }

    #[test]
    fn named_readers_and_pinned_accounts_pass() {
        assert_eq!(decrypting(&json!({"AWS": "arn:aws:iam::333333333333:root"}), &json!({})).outcome, Outcome::Pass);
        for condition in [
            json!({"StringEquals": {"kms:CallerAccount": "222222222222"}}),
            json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::222222222222:role/log-reader"}}),
            json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-exampleorg/r-root/ou-root-security/*"}}),
        ] {
            assert_eq!(decrypting(&json!("*"), &condition).outcome, Outcome::Pass, "{condition}");
        }
    }

    #[test]
    fn a_reader_known_by_name_only_may_be_a_stranger_with_that_name() {
        for pattern in ["arn:aws:iam::*:role/*", "arn:aws:iam::*:role/log-reader"] {
            let named = json!({"ArnLike": {"aws:PrincipalArn": pattern}});
            assert_eq!(decrypting(&json!("*"), &named).outcome, Outcome::Fail, "{pattern}");
        }
    }

    #[test]
    fn what_a_stranger_chooses_pins_nothing() {
        for condition in [
            json!({"StringEquals": {"aws:PrincipalTag/team": "security"}}),
            json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        ] {
            assert_eq!(decrypting(&json!("*"), &condition).outcome, Outcome::Fail, "{condition}");
        }
        let spared = changed(|statements| {
            statements.push(json!({"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}));
            statements.push(json!({"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "security"}}}));
        });
        assert_eq!(spared.outcome, Outcome::Fail, "{}", spared.reason);
    }

    #[test]
    fn what_depends_on_the_network_is_unknown_and_a_deny_that_holds_anyway_passes() {
        let network = json!({"StringEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}});
        let finding = decrypting(&json!("*"), &network);
        assert_eq!(finding.outcome, Outcome::Unknown);
        assert!(finding.reason.contains("aws:SourceVpce"), "{}", finding.reason);
        let perimeter = changed(|statements| {
            statements.push(json!({"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*",
                "Condition": network}));
            statements.push(json!({"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:PrincipalAccount": ["222222222222"]}}}));
        });
        assert_eq!(perimeter.outcome, Outcome::Pass, "{}", perimeter.reason);
    }

    #[test]
    fn gaps_are_unknown_and_a_key_that_is_gone_does_not_apply() {
        let unread = World::clean().key(|key| key.policy = Observed::Gap(denied("kms:GetKeyPolicy")));
        assert_eq!(unread.judge(ID).only().outcome, Outcome::Unknown);
        let gone = World::clean().key(|key| key.detail = Observed::Known(None));
        assert_eq!(gone.judge(ID).only().outcome, Outcome::NotApplicable);
        assert_eq!(World::bare().judge(ID).at(WORKLOAD).outcome, Outcome::NotApplicable);
    }
}
