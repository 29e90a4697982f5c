//! log-archive-guarded: in the account that owns what holds logs, nobody can destroy or open it.

use trailwarden_model::control::Severity;
use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::Gap;
use trailwarden_model::snapshot::Need;
use trailwarden_policy::Question;

use crate::control::{Accounts, Applies, Control, Judge, Judged};
use crate::cx::Cx;
use crate::holdings::Holdings;
use crate::proof::{Proof, describe, explain_all};
use crate::verdict::{Verdict, enumerate};

pub(super) static CONTROL: Control = Control {
    id: "log-archive-guarded",
    title: "Policies of the organization guard what holds the logs",
    severity: Severity::High,
    practice: None,
    needs: &[
        Need::Trails,
        Need::BucketOwner,
        Need::Key,
        Need::LogGroup,
        Need::DeliveryRole,
        Need::ServiceControlPolicies,
        Need::ResourceControlPolicies,
    ],
    rule: "The calls of profile strict that destroy, open or starve a log bucket and its objects, a trail key, a log group or \
           a delivery role are put to the service control policies and, for the services they cover, to the resource \
           control policies on the path of the account that owns it. Fails when one gets through for a caller of that \
           account whom no exception of the baseline covers. Not applicable to accounts that own none of these, and to \
           the management account, which no policy binds: what it owns is out of their reach.",
    why: "Whoever empties the bucket, lets its objects expire or deletes the key erases the record without touching a trail.",
    remedy: "Attach a service control policy of profile strict to the account that owns the bucket, the key or the log group.",
    references: &[
        "CloudTrail User Guide: Security best practices in AWS CloudTrail",
        "Organizations User Guide: Resource control policies (RCPs)",
    ],
    frameworks: &[
        ("cis-aws-7.0.0", &["2.1.2"]),
        ("nist-800-53-r5", &["AC-6", "AU-9"]),
        ("pci-dss-4.0.1", &["10.3.2"]),
        ("iso-27001-2022", &["A.8.15"]),
        ("mitre-attack", &["T1070", "T1485"]),
    ],
    applies: Applies::Always,
    judge: Judge::Account(Accounts::InScope, judge),
};

fn judge(cx: &Cx<'_>, account: &AccountId) -> Judged {
    let name = cx.name(account);
    if cx.is_management(account) {
        let reason = format!("{name} is the management account, whose resources no policy of the organization guards");
        return Ok(Verdict::not_applicable(reason));
    }
    let holdings = cx.holdings(account);
    if holdings.calls.is_empty() {
        let none = || Verdict::not_applicable(format!("{name} owns nothing that holds logs of the trails in scope"));
        return holdings.gap.map_or_else(|| Ok(none()), Err);
    }
    let proof = prove(cx, account, &holdings)?;
    let owned = enumerate(&holdings.names);
    if let Some(first) = proof.open.first() {
        let (n_open, n_calls) = (proof.open.len(), holdings.calls.len());
        let example = describe(first);
        let reason = format!(
            "{n_open} of {n_calls} destructive calls on {owned} get past the policies of {name}; for example {example}"
        );
        return Ok(Verdict::fail(reason).with(explain_all(&proof.open).into_iter().map(|text| cx.of_policies(text))));
    }
    let support = proof.support(cx)?;
    match holdings.gap {
        Some(gap) => Err(gap),
        None => Ok(Verdict::pass(format!("In {name}, policies deny every destructive call on {owned}")).with(support)),
    }
}

/// Asks service control policies and resource control policies together. Where the latter could not be read, the former
/// must do alone, or it is not known.
fn prove(cx: &Cx<'_>, account: &AccountId, holdings: &Holdings) -> Result<Proof, Gap> {
    let chain = cx.chains.as_ref().map_err(Clone::clone)?.of(account)?;
    let exceptions: Vec<String> = cx.baseline.tamper_exceptions.iter().cloned().collect();
    let ask = |chain| {
        cx.prove(&Question { chain, partition: cx.partition(), calls: &holdings.calls, exceptions: &exceptions })
    };
    match cx.resource_controls.as_ref().map_err(Clone::clone).and_then(|chains| chains.of(account)) {
        Ok(resource_controls) => Ok(ask(&chain.joined_with(resource_controls))),
        Err(gap) => Some(ask(&chain)).filter(Proof::is_complete).ok_or(gap),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use trailwarden_model::finding::{Finding, Outcome};
    use trailwarden_model::observed::Observed;
    use trailwarden_model::storage::{BucketOwner, KeyDetail};

    use crate::testing::clean::{ARCHIVE_GUARD, BUCKET_ARN, KEY_ARN, ROOT, archive_guard};
    use crate::testing::{ARCHIVE, HOME, MANAGEMENT, ORG_TRAIL, WORKLOAD, World, account, denied};

    const ID: &str = super::CONTROL.id;

    fn at(world: &World, account: &str) -> Finding {
        world.judge(ID).at(account).clone()
    }

    /// The clean world with another guard of the archive.
    fn guarded_by(statements: &Value, target: &str) -> World {
        let content = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        World::clean().policy(ARCHIVE_GUARD, &content, &[target])
    }

    fn says(finding: &Finding, text: &str) -> bool {
        finding.evidence.iter().any(|seen| seen.fact.contains(text))
    }

    #[test]
    fn a_guarded_archive_passes_and_accounts_without_holdings_are_left_alone() {
        let findings = World::clean().judge(ID);
        assert_eq!(findings.at(ARCHIVE).outcome, Outcome::Pass, "{}", findings.at(ARCHIVE).reason);
        assert_eq!(findings.at(WORKLOAD).outcome, Outcome::NotApplicable);
        assert_eq!(findings.at(MANAGEMENT).outcome, Outcome::NotApplicable);
        assert!(says(findings.at(ARCHIVE), "p-archive"));
    }

    #[test]
    fn an_unguarded_archive_fails_in_few_lines_that_name_every_action() {
        let finding = at(&World::clean().policy(ARCHIVE_GUARD, &archive_guard(), &[WORKLOAD]), ARCHIVE);
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("bucket acme-log-archive") && finding.reason.contains(KEY_ARN));
        for text in
            ["s3:DeleteBucket,", "s3:PutLifecycleConfiguration", "kms:ScheduleKeyDeletion", "s3:DeleteObjectVersion"]
        {
            assert!(says(&finding, text), "{text}: {finding:#?}");
        }
        assert!(finding.evidence.len() <= 8, "{finding:#?}");
        assert!(says(&finding, "a Deny at r-root would close it"));
    }

    #[test]
    fn a_guard_that_forgets_the_objects_or_the_key_fails_and_names_them() {
        let bucket_only = json!([{"Effect": "Deny", "Action": "s3:*", "Resource": BUCKET_ARN},
            {"Effect": "Deny", "Action": "kms:*", "Resource": KEY_ARN}]);
        let finding = at(&guarded_by(&bucket_only, ARCHIVE), ARCHIVE);
        assert!(says(&finding, "s3:DeleteObject") && !says(&finding, "s3:DeleteBucket"), "{finding:#?}");
        let no_key = json!([{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]);
        let finding = at(&guarded_by(&no_key, ARCHIVE), ARCHIVE);
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(says(&finding, "kms:DisableKey") && !says(&finding, "s3:"), "{finding:#?}");
    }

    #[test]
    fn declared_exceptions_count_here() {
        let condition = json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/keeper"}});
        let sparing = json!([{"Effect": "Deny", "Action": ["s3:*", "kms:*"], "Resource": "*", "Condition": condition}]);
        let world = guarded_by(&sparing, ROOT);
        assert_eq!(at(&world, ARCHIVE).outcome, Outcome::Fail);
        let declared = world.baseline(|b| {
            b.tamper_exceptions.insert("arn:aws:iam::*:role/keeper".to_owned());
        });
        assert_eq!(at(&declared, ARCHIVE).outcome, Outcome::Pass);
    }

    #[test]
    fn a_resource_control_policy_closes_what_service_control_policies_leave_open() {
        let unguarded = World::clean().policy(ARCHIVE_GUARD, &archive_guard(), &[WORKLOAD]);
        let deny = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Deny", "Principal": "*", "Action": ["s3:*", "kms:*"], "Resource": "*"}]});
        let closed = unguarded.clone().resource_control(&deny.to_string(), &[ARCHIVE]);
        let finding = at(&closed, ARCHIVE);
        assert_eq!(finding.outcome, Outcome::Pass, "{finding:#?}");
        assert!(says(&finding, "p-perimeter"), "{finding:#?}");
        let elsewhere = unguarded.resource_control(&deny.to_string(), &[WORKLOAD]);
        assert_eq!(at(&elsewhere, ARCHIVE).outcome, Outcome::Fail);
    }

    #[test]
    fn resource_control_policies_do_not_guard_a_delivery_role() {
        let deny = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Deny", "Principal": "*", "Action": ["s3:*", "kms:*", "logs:*"], "Resource": "*"}]});
        let role = "arn:aws:iam::333333333333:role/deliver";
        let world = World::clean().resource_control(&deny.to_string(), &[ROOT]).group(|group| {
            let detail = group.roles.values().next().expect("a role").clone();
            group.roles.insert(crate::testing::arn(role), detail);
        });
        let finding = at(&world, WORKLOAD);
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(says(&finding, "iam:DeleteRole") && !says(&finding, "logs:"), "{finding:#?}");
    }

    fn unread_resource_controls(world: World) -> World {
        world.resource_control("{}", &[]).edit(|snapshot| {
            let gap = denied("organizations:ListPolicies");
            snapshot.organization.resource_control_policies = Observed::Gap(gap);
        })
    }

    #[test]
    fn unread_resource_control_policies_matter_where_the_others_leave_something_open() {
        assert_eq!(at(&unread_resource_controls(World::clean()), ARCHIVE).outcome, Outcome::Pass);
        let unguarded = World::clean().policy(ARCHIVE_GUARD, &archive_guard(), &[WORKLOAD]);
        assert_eq!(at(&unread_resource_controls(unguarded), ARCHIVE).outcome, Outcome::Unknown);
    }

    #[test]
    fn what_the_account_may_own_besides_is_unknown_unless_something_is_open() {
        for hidden in [World::clean().unentered(ARCHIVE), World::clean().unread_region(ARCHIVE, HOME)] {
            assert_eq!(at(&hidden, ARCHIVE).outcome, Outcome::Unknown);
            let open = hidden.policy(ARCHIVE_GUARD, &archive_guard(), &[WORKLOAD]);
            assert_eq!(at(&open, ARCHIVE).outcome, Outcome::Fail);
        }
        assert_eq!(at(&World::clean().unentered(WORKLOAD), WORKLOAD).outcome, Outcome::Unknown);
        let mut gap = denied("s3:ListBuckets");
        gap.account = Some(account(WORKLOAD));
        let unowned = World::clean().bucket(|bucket| bucket.owner = Observed::Gap(gap));
        assert_eq!(at(&unowned, WORKLOAD).outcome, Outcome::Unknown);
        assert_eq!(at(&unowned, ARCHIVE).outcome, Outcome::Pass, "its key is still guarded");
    }

    #[test]
    fn a_key_that_is_known_by_an_alias_alone_is_unknown() {
        let alias = crate::testing::arn("arn:aws:kms:eu-west-1:222222222222:alias/trail");
        assert_eq!(at(&World::clean().key(|key| key.arn = alias), ARCHIVE).outcome, Outcome::Unknown);
    }

    #[test]
    fn what_does_not_exist_needs_no_guard() {
        let gone = World::clean()
            .bucket(|bucket| bucket.owner = Observed::Known(BucketOwner::Missing))
            .key(|key| key.detail = Observed::Known(None::<KeyDetail>));
        assert_eq!(at(&gone, ARCHIVE).outcome, Outcome::NotApplicable);
        let disabled = World::clean().disable_policies();
        assert_eq!(at(&disabled, ARCHIVE).outcome, Outcome::Fail);
    }

    #[test]
    fn an_own_bucket_of_a_workload_is_judged_there() {
        let world = World::clean().add_trail("own", WORKLOAD, |trail| trail.bucket = "payments-logs".to_owned());
        let world = world.edit(|snapshot| {
            let mut bucket = snapshot.buckets.values().next().expect("a bucket").clone();
            bucket.name = "payments-logs".to_owned();
            bucket.owner = Observed::Known(BucketOwner::Account(account(WORKLOAD)));
            snapshot.buckets.insert(bucket.name.clone(), bucket);
        });
        let finding = at(&world, WORKLOAD);
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(says(&finding, "arn:aws:s3:::payments-logs/AWSLogs/333333333333/CloudTrail-Digest/"), "{finding:#?}");
        assert_ne!(world.arn_of(ORG_TRAIL), world.arn_of("own"));
    }
}
