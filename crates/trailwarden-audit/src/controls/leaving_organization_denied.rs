//! leaving-organization-denied: nobody in a member account can take it out of the organization.

use trailwarden_model::control::Severity;
use trailwarden_model::finding::Evidence;
use trailwarden_model::ids::AccountId;
use trailwarden_model::snapshot::Need;
use trailwarden_policy::{Call, Chain, LEAVE_ORGANIZATION, Question};

use crate::control::{Accounts, Applies, Control, Judge, Judged};
use crate::cx::Cx;
use crate::proof::{Proof, describe, explain_all};
use crate::verdict::Verdict;

/// Accepting the invitation of another organization moves the account there. Source: Organizations API Reference,
/// AcceptHandshake.
const ACCEPT_HANDSHAKE: &str = "organizations:AcceptHandshake";

pub(super) static CONTROL: Control = Control {
    id: "leaving-organization-denied",
    title: "No member account can leave the organization",
    severity: Severity::High,
    practice: None,
    needs: &[Need::ServiceControlPolicies],
    rule: "Fails when somebody in the account gets past the service control policies with \
           organizations:LeaveOrganization. Nobody may: the exceptions of the baseline do not count here. Whether \
           organizations:AcceptHandshake is denied too is told with the evidence and does not decide. Not applicable to \
           the management account, which cannot leave.",
    why: "An account that leaves takes its trail with it: the organization trail and its role are removed from the account, \
          and no service control policy binds it any more.",
    remedy: "Deny organizations:LeaveOrganization to everybody, at the root, without an exemption, and \
             organizations:AcceptHandshake beside it. To let an account go, remove it from the management account.",
    references: &[
        "Organizations User Guide: Leave an organization from your member account",
        "CloudTrail User Guide: Creating a trail for an organization",
    ],
    frameworks: &[("cis-aws-7.0.0", &["2.1.2"]), ("nist-800-53-r5", &["AC-6"]), ("mitre-attack", &["T1562.008"])],
    applies: Applies::Always,
    judge: Judge::Account(Accounts::InScope, judge),
};

fn judge(cx: &Cx<'_>, account: &AccountId) -> Judged {
    if let Some(beyond) = cx.beyond_policies(account) {
        return Ok(beyond);
    }
    let name = cx.name(account);
    let chain = cx.chains.as_ref().map_err(Clone::clone)?.of(account)?;
    if let Some(seen) = cx.policies_disabled(&chain) {
        let reason = format!("Nothing keeps {name} in the organization: service control policies are disabled");
        return Ok(Verdict::fail(reason).with([seen]));
    }
    let proof = ask(cx, &chain, LEAVE_ORGANIZATION, "*");
    if let Some(first) = proof.open.first() {
        let reason = format!("{name} can leave the organization: {}", describe(first));
        let examples = explain_all(&proof.open).into_iter().map(|text| cx.of_policies(text));
        return Ok(Verdict::fail(reason).with(examples).with(way_around(cx, &chain)));
    }
    let reason = format!("Service control policies deny leaving the organization to everybody in {name}");
    Ok(Verdict::pass(reason).with(proof.support(cx)?).with(way_around(cx, &chain)))
}

fn ask(cx: &Cx<'_>, chain: &Chain, action: &str, resource: &str) -> Proof {
    let calls = [Call { action: action.to_owned(), resource: resource.to_owned() }];
    cx.prove(&Question { chain, partition: cx.partition(), calls: &calls, exceptions: &[] })
}

/// The fact that the account may be moved by an invitation of another organization, unless that is denied.
fn way_around(cx: &Cx<'_>, chain: &Chain) -> Option<Evidence> {
    let invitation =
        format!("arn:{}:organizations::000000000000:handshake/o-stranger00/invite/h-0123456789", cx.partition());
    let is_open = !ask(cx, chain, ACCEPT_HANDSHAKE, &invitation).is_complete();
    let text =
        format!("{ACCEPT_HANDSHAKE} is not denied: accepting an invitation moves the account to another organization");
    is_open.then(|| cx.of_policies(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use trailwarden_model::finding::{Finding, Outcome};
    use trailwarden_model::observed::Observed;

    use crate::testing::clean::{GUARD, ROOT, guard};
    use crate::testing::{ARCHIVE, MANAGEMENT, WORKLOAD, World, denied};

    const ID: &str = super::CONTROL.id;
    const AUTOMATION: &str = "arn:aws:iam::*:role/automation";

    fn denying(actions: &[&str], condition: &serde_json::Value) -> World {
        let policy = json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Deny", "Action": actions, "Resource": "*", "Condition": condition}});
        World::clean().guard(&policy.to_string(), &[ROOT])
    }

    fn at(world: &World, account: &str) -> Finding {
        world.judge(ID).at(account).clone()
    }

    fn warns(finding: &Finding) -> bool {
        finding.evidence.iter().any(|seen| seen.fact.contains("organizations:AcceptHandshake is not denied"))
    }

    #[test]
    fn a_deny_at_the_root_keeps_every_member() {
        let findings = World::clean().judge(ID);
        assert_eq!((findings.at(WORKLOAD).outcome, findings.at(ARCHIVE).outcome), (Outcome::Pass, Outcome::Pass));
        assert_eq!(findings.at(MANAGEMENT).outcome, Outcome::NotApplicable);
    }

    #[test]
    fn without_a_deny_anybody_may_leave() {
        let finding = at(&World::clean().guard(&guard(), &[]), WORKLOAD);
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("payments (333333333333) can leave"), "{}", finding.reason);
        assert!(finding.evidence.iter().any(|seen| seen.fact.contains("a Deny at r-root would close it")));
        assert_eq!(at(&World::clean().disable_policies(), WORKLOAD).outcome, Outcome::Fail);
    }

    #[test]
    fn not_even_a_declared_exception_may_leave() {
        let condition = json!({"ArnNotLike": {"aws:PrincipalArn": AUTOMATION}});
        let world = denying(&["organizations:LeaveOrganization"], &condition).baseline(|b| {
            b.tamper_exceptions.insert(AUTOMATION.to_owned());
        });
        let finding = at(&world, WORKLOAD);
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("role/automation"), "{}", finding.reason);
    }

    #[test]
    fn the_other_way_out_is_told_and_does_not_decide() {
        let finding = at(&World::clean(), WORKLOAD);
        assert!(warns(&finding), "{finding:#?}");
        let both = denying(&["organizations:LeaveOrganization", "organizations:AcceptHandshake"], &json!({}));
        assert_eq!(at(&both, WORKLOAD).outcome, Outcome::Pass);
        assert!(!warns(&at(&both, WORKLOAD)));
    }

    #[test]
    fn accounts_that_were_not_entered_are_judged_and_unread_policies_are_unknown() {
        assert_eq!(at(&World::clean().unentered(WORKLOAD), WORKLOAD).outcome, Outcome::Pass);
        let unread = World::clean().edit(|snapshot| {
            if let Observed::Known(policies) = &mut snapshot.organization.service_control_policies {
                let guard = policies.get_mut(GUARD).expect("the guard");
                guard.content = Observed::Gap(denied("organizations:DescribePolicy"));
            }
        });
        let finding = at(&unread, WORKLOAD);
        assert_eq!(finding.outcome, Outcome::Unknown);
        assert_eq!(finding.gap.map(|gap| gap.call).as_deref(), Some("organizations:DescribePolicy"));
    }
}
