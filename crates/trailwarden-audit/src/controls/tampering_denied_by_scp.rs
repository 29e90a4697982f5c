//! tampering-denied-by-scp: nobody in a member account gets past the service control policies to blind its trails.

use trailwarden_model::control::{BestPractice, Severity};
use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::Gap;
use trailwarden_model::snapshot::Need;
use trailwarden_policy::Counterexample;

use crate::control::{Accounts, Applies, Control, Judge, Judged};
use crate::cx::Cx;
use crate::proof::{describe, explain_all};
use crate::verdict::Verdict;

pub(super) static CONTROL: Control = Control {
    id: "tampering-denied-by-scp",
    title: "Service control policies deny tampering with trails",
    severity: Severity::Critical,
    practice: Some(BestPractice::TamperingDenied),
    needs: &[Need::Trails, Need::ServiceControlPolicies],
    rule: "The core tamper calls, on the trails that record the account, are put to the service control policies \
           from the root to the account, for every kind of caller that the policies can tell apart. Fails when \
           one gets through that no exception of the baseline covers; the finding names call, caller and \
           conditions. Service-linked roles are never bound, and the management account is not either, so it is \
           not applicable there.",
    why: "An administrator of an account, or whoever has become one, can stop its trails, narrow what they record or leave \
          the organization. Only a service control policy binds administrators and the root user.",
    remedy: "Attach a service control policy to the root or an OU above the account that denies StopLogging, DeleteTrail, \
             UpdateTrail, PutEventSelectors, PutInsightSelectors, PutEventConfiguration and LeaveOrganization to everyone \
             but the principals that the baseline declares.",
    references: &[
        "Organizations User Guide: Service control policies (SCPs)",
        "CloudTrail User Guide: Security best practices in AWS CloudTrail",
    ],
    frameworks: &[
        ("aws-cloudtrail-best-practices", &["7"]),
        ("cis-aws-7.0.0", &["2.1.2"]),
        ("nist-800-53-r5", &["AC-6", "AU-9"]),
        ("pci-dss-4.0.1", &["10.3.2"]),
        ("iso-27001-2022", &["A.8.15"]),
        ("mitre-attack", &["T1562.008"]),
    ],
    applies: Applies::Always,
    judge: Judge::Account(Accounts::InScope, judge),
};

fn judge(cx: &Cx<'_>, account: &AccountId) -> Judged {
    if let Some(beyond) = cx.beyond_policies(account) {
        return Ok(beyond);
    }
    let name = cx.name(account);
    let guardrail = cx.guardrail(account)?;
    if let Some(seen) = cx.policies_disabled(&guardrail.chain) {
        let reason = format!("Nothing denies tampering in {name}: service control policies are disabled on the root");
        return Ok(Verdict::fail(reason).with([seen]));
    }
    let n_calls = guardrail.calls.len();
    let proof = cx.prove(&guardrail.question(cx));
    if !proof.open.is_empty() {
        return Ok(open(cx, &name, n_calls, &proof.open));
    }
    let support = proof.support(cx)?;
    if let Some(gap) = hidden_trail(cx, account)? {
        return Err(gap);
    }
    let reason = format!("Service control policies deny all {n_calls} tamper calls in {name}");
    Ok(Verdict::pass(reason).with(support))
}

/// Why trails of the account may have gone unseen, when the policies would not guard each that it may have there.
fn hidden_trail(cx: &Cx<'_>, account: &AccountId) -> Result<Option<Gap>, Gap> {
    let Some((gap, guardrail)) = cx.guardrail_of_hidden_trails(account)? else { return Ok(None) };
    Ok((!cx.prove(&guardrail.question(cx)).is_complete()).then_some(gap))
}

fn open(cx: &Cx<'_>, name: &str, n_calls: usize, examples: &[Counterexample]) -> Verdict {
    let n_open = examples.len();
    let reason = match examples.first() {
        Some(first) => format!(
            "{n_open} of {n_calls} tamper calls get past the service control policies of {name}; for example {}",
            describe(first)
        ),
        None => format!("Tamper calls get past the service control policies of {name}"),
    };
    Verdict::fail(reason).with(explain_all(examples).into_iter().map(|text| cx.of_policies(text)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::Observed;

    use crate::testing::clean::{GUARD, ROOT, WORKLOADS_OU, guard, guard_unless};
    use crate::testing::{ARCHIVE, LEADER, MANAGEMENT, WORKLOAD, World, denied};

    const ID: &str = super::CONTROL.id;
    const AUTOMATION: &str = "arn:aws:iam::*:role/automation";

    fn exempting(pattern: &str) -> World {
        let condition = json!({"ArnNotLike": {"aws:PrincipalArn": pattern}});
        World::clean().guard(&guard_unless(&condition), &[ROOT])
    }

    #[test]
    fn a_deny_at_the_root_binds_members_and_not_the_management_account() {
        let findings = World::clean().judge(ID);
        assert_eq!(findings.at(WORKLOAD).outcome, Outcome::Pass);
        assert_eq!(findings.at(ARCHIVE).outcome, Outcome::Pass);
        assert_eq!(findings.at(MANAGEMENT).outcome, Outcome::NotApplicable);
    }

    /// A guard that names the organization trail and no other.
    fn of_the_organization_trail() -> String {
        json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Deny", "Action": "cloudtrail:*", "Resource": "arn:aws:cloudtrail:*:*:trail/org-trail"},
            {"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}]})
        .to_string()
    }

    #[test]
    fn an_unread_region_may_hide_a_trail_that_the_guard_does_not_name() {
        let named = World::clean().guard(&of_the_organization_trail(), &[ROOT]);
        assert_eq!(named.judge(ID).at(WORKLOAD).outcome, Outcome::Pass);
        let finding = named.unread_region(WORKLOAD, LEADER).judge(ID).at(WORKLOAD).clone();
        assert_eq!(finding.outcome, Outcome::Unknown);
        assert_eq!(finding.gap.map(|gap| gap.call), Some("cloudtrail:DescribeTrails".to_owned()));
        let every_trail = World::clean().unread_region(WORKLOAD, LEADER);
        assert_eq!(every_trail.judge(ID).at(WORKLOAD).outcome, Outcome::Pass, "the clean guard names every trail");
    }

    #[test]
    fn a_guard_that_aws_would_refuse_is_not_in_force() {
        let misspelt = guard().replace("Deny", "Denny");
        assert_eq!(World::clean().guard(&misspelt, &[ROOT]).judge(ID).at(WORKLOAD).outcome, Outcome::Fail);
    }

    #[test]
    fn a_deny_on_another_ou_binds_nobody_here() {
        let world = World::clean().unit("ou-root-elsewhere").guard(&guard(), &["ou-root-elsewhere"]);
        let finding = world.judge(ID).at(WORKLOAD).clone();
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("cloudtrail:StopLogging"), "{}", finding.reason);
        let on_ou = World::clean().guard(&guard(), &[WORKLOADS_OU]).judge(ID);
        assert_eq!((on_ou.at(WORKLOAD).outcome, on_ou.at(ARCHIVE).outcome), (Outcome::Pass, Outcome::Fail));
    }

    #[test]
    fn an_exemption_passes_when_declared_and_only_then() {
        assert_eq!(exempting(AUTOMATION).judge(ID).at(WORKLOAD).outcome, Outcome::Fail);
        let declared = exempting(AUTOMATION).baseline(|b| {
            b.tamper_exceptions.insert(AUTOMATION.to_owned());
        });
        assert_eq!(declared.judge(ID).at(WORKLOAD).outcome, Outcome::Pass);
    }

    #[test]
    fn an_exemption_of_every_role_is_no_guard() {
        let world = exempting("arn:aws:iam::*:role/*").baseline(|b| {
            b.tamper_exceptions.insert(AUTOMATION.to_owned());
        });
        assert_eq!(world.judge(ID).at(WORKLOAD).outcome, Outcome::Fail);
    }

    #[test]
    fn a_policy_that_forgets_an_action_fails_and_names_it() {
        let minimal = json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Deny", "Action": ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"], "Resource": "*"}});
        let finding = World::clean().guard(&minimal.to_string(), &[ROOT]).judge(ID).at(WORKLOAD).clone();
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(!finding.reason.contains("StopLogging"), "{}", finding.reason);
        assert!(finding.evidence.iter().any(|e| e.fact.contains("organizations:LeaveOrganization")));
    }

    #[test]
    fn a_deny_on_own_trails_misses_the_organization_trail() {
        let own = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Deny", "Action": "cloudtrail:*", "Resource": "arn:aws:cloudtrail:*:333333333333:trail/*"},
            {"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}]});
        let world = World::clean().guard(&own.to_string(), &[ROOT]);
        assert_eq!(world.judge(ID).at(WORKLOAD).outcome, Outcome::Fail);
        assert_eq!(World::bare().guard(&own.to_string(), &[ROOT]).judge(ID).at(WORKLOAD).outcome, Outcome::Pass);
    }

    #[test]
    fn a_deny_on_some_trails_leaves_the_others_that_may_be_made() {
        for some in [
            format!("arn:aws:cloudtrail:{LEADER}:*:trail/*"),
            "arn:aws:cloudtrail:*:*:trail/any-trail".to_owned(),
            "arn:aws:cloudtrail:*:*:trail/a*".to_owned(),
        ] {
            let guard = json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Deny", "Action": "cloudtrail:*", "Resource": some},
                {"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}]});
            let finding = World::bare().guard(&guard.to_string(), &[ROOT]).judge(ID).at(WORKLOAD).clone();
            assert_eq!(finding.outcome, Outcome::Fail, "{some}: {}", finding.reason);
        }
        let here = json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": ["cloudtrail:*",
            "organizations:LeaveOrganization"], "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": LEADER}}}});
        let finding = World::bare().guard(&here.to_string(), &[ROOT]).judge(ID).at(WORKLOAD).clone();
        assert_eq!(finding.outcome, Outcome::Fail, "{}", finding.reason);
    }

    #[test]
    fn an_account_that_was_not_entered_may_have_a_trail_that_the_guard_does_not_name() {
        for some in [format!("arn:aws:cloudtrail:{LEADER}:*:trail/*"), "arn:aws:cloudtrail:*:*:trail/any*".to_owned()] {
            let guard = json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Deny", "Action": "cloudtrail:*", "Resource": [some, "arn:aws:cloudtrail:*:*:trail/org-trail"]},
                {"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}]});
            let world = World::clean().guard(&guard.to_string(), &[ROOT]).unentered(WORKLOAD);
            assert_eq!(world.judge(ID).at(WORKLOAD).outcome, Outcome::Unknown, "{some}");
        }
    }

    #[test]
    fn a_disabled_policy_type_fails() {
        assert_eq!(World::clean().disable_policies().judge(ID).at(WORKLOAD).outcome, Outcome::Fail);
    }

    #[test]
    fn an_account_that_was_not_entered_is_judged_all_the_same() {
        assert_eq!(World::clean().unentered(WORKLOAD).judge(ID).at(WORKLOAD).outcome, Outcome::Pass);
        let open = World::clean().guard(&guard(), &[]).unentered(WORKLOAD);
        assert_eq!(open.judge(ID).at(WORKLOAD).outcome, Outcome::Fail);
    }

    #[test]
    fn unread_policies_are_unknown() {
        let unlisted = World::clean().edit(|snapshot| {
            let gap = denied("organizations:ListPolicies");
            snapshot.organization.service_control_policies = Observed::Gap(gap);
        });
        assert_eq!(unlisted.judge(ID).at(WORKLOAD).outcome, Outcome::Unknown);
        let content = World::clean().edit(|snapshot| {
            if let Observed::Known(policies) = &mut snapshot.organization.service_control_policies {
                let guard = policies.get_mut(GUARD).expect("the guard");
                guard.content = Observed::Gap(denied("organizations:DescribePolicy"));
            }
        });
        let finding = content.judge(ID).at(WORKLOAD).clone();
        assert_eq!(finding.outcome, Outcome::Unknown);
        assert_eq!(finding.gap.map(|gap| gap.call).as_deref(), Some("organizations:DescribePolicy"));
    }
}
