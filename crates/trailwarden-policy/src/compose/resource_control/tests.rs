//! A composed RCP with a hole in it, or one that shuts out whom it must not, does not pass.

use std::collections::BTreeMap;

use super::*;
use crate::compose::nodes::Nodes;
use crate::compose::{Limits, Owner, Resource, ResourceKind, compose};

const MANAGEMENT: &str = "999988887777";
const ARCHIVE: &str = "222233334444";
const WORKLOAD: &str = "111122223333";
const COLLECTOR: &str = "arn:aws:iam::555566667777:role/Collector";

fn account(id: &str) -> AccountId {
    id.parse().expect("an account id")
}

fn guarded() -> Guarded {
    let trail = |owner: &str| format!("arn:aws:cloudtrail:eu-west-1:{owner}:trail/x").parse().expect("an ARN");
    let owned = |kind, arn: &str| (Resource { kind, arn: arn.to_owned() }, Owner::Account(account(ARCHIVE)));
    Guarded {
        partition: "aws".to_owned(),
        organization: "o-a1b2c3d4e5".to_owned(),
        management_account: account(MANAGEMENT),
        members: [account(ARCHIVE), account(WORKLOAD)].into(),
        trails: [trail(MANAGEMENT), trail(WORKLOAD)].into(),
        resources: [
            owned(ResourceKind::Bucket, "arn:aws:s3:::acme-trail"),
            owned(ResourceKind::Key, "arn:aws:kms:eu-west-1:222233334444:key/1a2b"),
        ]
        .into(),
        unread: BTreeMap::new(),
        exceptions: ["arn:aws:iam::*:role/TrailAdministrator", COLLECTOR].map(str::to_owned).into(),
    }
}

fn composed(guarded: &Guarded) -> Vec<ComposedPolicy> {
    compose(Profile::Strict, guarded, Limits::default()).expect("composed").policies
}

fn text(policies: &[ComposedPolicy]) -> String {
    let texts = policies.iter().filter(|policy| policy.kind == Kind::ResourceControl).map(|policy| &policy.text);
    texts.cloned().collect()
}

/// What becomes of the RCPs when a text of theirs is replaced by another.
fn with(written: &str, instead: &str) -> Result<(), ComposeError> {
    let guarded = guarded();
    let mut policies = composed(&guarded);
    assert!(text(&policies).contains(written), "{written} is nowhere");
    for policy in &mut policies {
        policy.text = policy.text.replace(written, instead);
    }
    Perimeter::new(Profile::Strict, &guarded).expect("expressible").check(&policies)
}

#[test]
fn unchanged_policies_are_proved() {
    assert_eq!(with("acme-trail", "acme-trail"), Ok(()));
    assert_eq!(composed(&guarded()).iter().filter(|policy| policy.kind == Kind::ResourceControl).count(), 1);
}

#[test]
fn a_hole_is_found_and_named() {
    for (written, instead, says) in [
        // Another organization, an account or a role outside is spared.
        (r#":"o-a1b2c3d4e5"}"#, r#":["o-a1b2c3d4e5","o-partner000"]}"#, "o-partner000"),
        (r#""999988887777"]"#, r#""999988887777","444455556666"]"#, "for account 444455556666"),
        (COLLECTOR, "arn:aws:iam::*:role/Collector", "gets through"),
        ("role/Collector", "role/C*", "gets through"),
        // A key that strangers lack, or choose, decides.
        ("StringNotEqualsIfExists", "StringEquals", "gets through"),
        (r#""BoolIfExists""#, r#""Bool""#, "anyone gets through"),
        (r#""aws:SourceAccount":"false""#, r#""aws:SourceOrgID":"false""#, "without aws:SourceOrgID gets through"),
        ("aws:PrincipalOrgID", "aws:PrincipalTag/org", "a statement reads aws:PrincipalTag/org"),
        ("o-a1b2c3d4e5", "${aws:ResourceOrgID}", "a statement reads aws:ResourceOrgID"),
        (r#""Bool":"#, r#""NumericEquals":"#, "is not proved denied"),
        // Something is not named.
        (r#""arn:aws:s3:::acme-trail/*""#, r#""arn:aws:s3:::acme-trails/*""#, "acme-trail/AWSLogs"),
        (r#""s3:*""#, r#""s3:Get*""#, "s3:"),
        (r#""kms:*""#, r#""kms:D*""#, "kms:"),
        ("key/1a2b", "key/1a2c", "key/1a2b"),
    ] {
        let outcome = with(written, instead);
        let Err(error @ ComposeError::NotProved { .. }) = &outcome else { panic!("{instead} passes: {outcome:?}") };
        assert!(error.to_string().contains(says), "{instead}: {error}");
    }
}

#[test]
fn whoever_must_get_through_does() {
    for (written, instead, says) in [
        // Members, then CloudTrail for an account that it names, with and without its organization.
        (r#","StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}"#, "", "role/member of o-a1b2c3d4e5"),
        (r#","aws:SourceOrgID":"o-a1b2c3d4e5""#, "", "for account 000000000001 of o-a1b2c3d4e5"),
        (r#","999988887777"]"#, "]", "for account 999988887777 without aws:SourceOrgID"),
        (r#""111122223333","#, "", "for account 111122223333 without aws:SourceOrgID"),
        (r#""BoolIfExists":{"aws:PrincipalIsAWSService":"false"},"#, "", "cloudtrail.amazonaws.com"),
        (r#""Null":{"aws:SourceAccount":"false"},"#, "", "cloudtrail.amazonaws.com without aws:SourceOrgID"),
        (r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::555566667777:role/Collector"},"#, "", COLLECTOR),
    ] {
        let outcome = with(written, instead);
        let Err(error @ ComposeError::ShutsOut { .. }) = &outcome else { panic!("{instead} passes: {outcome:?}") };
        assert!(error.to_string().contains(says), "{instead}: {error}");
    }
}

/// Whether strangers are shut out where somebody else's RCP is attached beside ours, if ours is.
fn beside(foreign: &str, ours: bool) -> Result<(), ComposeError> {
    let guarded = guarded();
    let mut policies = composed(&guarded);
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{foreign}]}}"#);
    let of_ours = policies.iter().find(|policy| policy.kind == Kind::ResourceControl).expect("ours");
    let foreign = ComposedPolicy { text, ..of_ours.clone() };
    policies.retain(|policy| ours && policy.kind == Kind::ResourceControl);
    policies.push(foreign);
    let perimeter = Perimeter::new(Profile::Strict, &guarded).expect("expressible");
    let nodes = Nodes::new(Kind::ResourceControl, &policies)?;
    for (owner, promised) in proof::promised(&perimeter) {
        let chain = nodes.chain(owner.as_str(), &guarded.organization);
        proof::check_strangers(&perimeter, owner, &present::readable(&chain), &promised)?;
    }
    Ok(())
}

#[test]
fn what_somebody_else_denies_neither_hides_a_hole_nor_looks_like_one() {
    let by_tag = r#"{"Effect":"Deny","Principal":"*","Action":["s3:*","kms:*"],"Resource":"*",
        "Condition":{"StringNotEqualsIfExists":{"aws:ResourceTag/shared":"yes"}}}"#;
    let one_to_all = r#"{"Effect":"Deny","Principal":"*","Action":"kms:CancelKeyDeletion","Resource":"*"}"#;
    for foreign in [by_tag, one_to_all] {
        assert_eq!(beside(foreign, true), Ok(()), "{foreign}");
        assert!(matches!(beside(foreign, false), Err(ComposeError::NotProved { .. })), "{foreign}");
    }
    let everything_to_all = r#"{"Effect":"Deny","Principal":"*","Action":["s3:*","kms:*"],"Resource":"*"}"#;
    assert_eq!(beside(everything_to_all, false), Ok(()));
}

#[test]
fn a_document_that_aws_refuses_is_no_policy() {
    for (written, instead) in [
        (r#""Principal":"*","#, ""),
        (r#""Principal":"*""#, r#""Principal":{"AWS":"555566667777"}"#),
        (r#""s3:*""#, r#""*""#),
        (r#""Effect":"Deny""#, r#""Effect":"Allow""#),
    ] {
        assert!(matches!(with(written, instead), Err(ComposeError::Malformed { .. })), "{instead}");
    }
}

#[test]
fn exceptions_are_spared_that_name_an_account_outside() {
    let inside = format!("arn:aws:iam::{WORKLOAD}:role/Inside");
    let mut guarded = guarded();
    guarded.exceptions.insert(inside.clone());
    let text = text(&composed(&guarded));
    assert!(text.contains(COLLECTOR), "{text}");
    assert!(!text.contains("TrailAdministrator") && !text.contains(&inside), "{text}");
}

#[test]
fn more_accounts_with_trails_than_can_be_named_are_told_by_their_organization() {
    let mut guarded = guarded();
    for n in 0..=MOST_NAMED {
        let id = format!("{:012}", 700_000_000_000_u64 + u64::try_from(n).expect("small"));
        guarded.members.insert(account(&id));
        guarded.trails.insert(format!("arn:aws:cloudtrail:eu-west-1:{id}:trail/own").parse().expect("an ARN"));
    }
    let set = compose(Profile::Strict, &guarded, Limits::default()).expect("composed");
    assert!(text(&set.policies).contains(r#""aws:SourceAccount":["222233334444","999988887777"]"#));
    let told = set.left_out.iter().filter(|left| left.reason.contains("aws:SourceOrgID alone"));
    assert_eq!(told.count(), MOST_NAMED + 2);
    let standard = compose(Profile::Standard, &guarded, Limits::default()).expect("composed");
    assert!(standard.left_out.is_empty() && text(&standard.policies).is_empty());
}

#[test]
fn what_the_management_account_owns_is_out_of_their_reach() {
    let mut guarded = guarded();
    guarded.resources.values_mut().for_each(|owner| *owner = Owner::Account(account(MANAGEMENT)));
    assert_eq!(text(&composed(&guarded)), "");
}
