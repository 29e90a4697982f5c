//! scp-exceptions-declared: whoever the tamper-denying policies exempt is declared in the baseline, and no wider.

use trailwarden_model::control::{BestPractice, Severity};
use trailwarden_model::ids::AccountId;
use trailwarden_model::snapshot::Need;
use trailwarden_policy::Exemption;

use crate::control::{Accounts, Applies, Control, Judge, Judged};
use crate::cx::Cx;
use crate::verdict::{Tally, Verdict, enumerate};

pub(super) static CONTROL: Control = Control {
    id: "scp-exceptions-declared",
    title: "Exemptions from the tamper-denying policies are declared",
    severity: Severity::High,
    practice: Some(BestPractice::TamperingDenied),
    needs: &[Need::Trails, Need::ServiceControlPolicies],
    rule: "Fails when a Deny of a tamper call exempts principals that no pattern of tamper_exceptions in the \
           baseline contains. An exemption by a pattern over names that somebody who is not exempt may give to a new role or \
           user is told with the evidence, declared or not. Not applicable where nothing denies tampering, and for the management account.",
    why: "Every exemption is a key to the switch. One that nobody remembers, or a pattern wide enough for anyone who may \
          create a role, opens the guard from inside.",
    remedy: "Remove the exemption from the policy, narrow it to full role ARNs, or declare it under tamper_exceptions in \
             the baseline.",
    references: &["Organizations User Guide: SCP syntax", "IAM User Guide: AWS global condition context keys"],
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
    if cx.policies_disabled(&guardrail.chain).is_some() {
        return Ok(Verdict::not_applicable("Service control policies are disabled on the root"));
    }
    if !guardrail.chain.nodes.iter().any(|node| guardrail.calls.iter().any(|call| node.may_deny(call))) {
        return match guardrail.chain.nodes.iter().flat_map(|node| &node.gaps).next() {
            Some(unread) => Err(cx.undecided_policies(unread.clone())),
            None => {
                Ok(Verdict::not_applicable(format!("No policy denies tampering in {name}, so none exempts anyone")))
            }
        };
    }
    let found = cx.prover.exemptions(&guardrail.question(cx)).map_err(|reason| cx.undecided_policies(reason))?;
    Ok(judge_exemptions(cx, &name, &found, &guardrail.exceptions))
}

fn judge_exemptions(cx: &Cx<'_>, name: &str, found: &[Exemption], declared: &[String]) -> Verdict {
    let mut tally = Tally::default();
    let (mut undeclared, mut takeable) = (Vec::new(), None);
    for exemption in found {
        let mut text = format!("{} exempts {} {}", exemption.place, exemption.key, exemption.value);
        let is_covered = exemption.is_covered_by(declared);
        if let Some(example) = exemption.undeclared(cx.partition(), declared).filter(|_| is_covered == Ok(false)) {
            text.push_str(&format!(", for example {example}"));
        }
        if let Some(arn) = &exemption.nameable {
            text.push_str(&format!("; whoever may create {arn} can come to be exempt"));
        }
        match is_covered {
            Ok(true) => tally.support(cx.of_policies(text)),
            Ok(false) => {
                undeclared.push(exemption.value.clone());
                takeable = takeable.or(exemption.nameable.as_ref());
                tally.fail(cx.of_policies(text));
            }
            Err(_) => {
                let reason = format!("exemption {} is too complex to compare with the declared ones", exemption.value);
                tally.gap(cx.undecided_policies(reason));
            }
        }
    }
    let n_found = found.len();
    undeclared.dedup();
    tally.settle(
        cx,
        || match n_found {
            0 => format!("The policies that deny tampering in {name} exempt nobody"),
            1 => format!("The only exemption from the policies that deny tampering in {name} is declared"),
            _ => format!("All {n_found} exemptions from the policies that deny tampering in {name} are declared"),
        },
        |_| {
            let patterns = enumerate(&undeclared);
            let taken = takeable.map(|arn| format!("; whoever may create {arn} can come to be exempt"));
            let taken = taken.unwrap_or_default();
            format!("The policies that deny tampering in {name} exempt {patterns}, which the baseline does not declare{taken}")
        },
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use trailwarden_model::finding::{Finding, Outcome};
    use trailwarden_model::observed::Observed;

    use crate::testing::clean::{GUARD, ROOT, guard, guard_unless};
    use crate::testing::{MANAGEMENT, WORKLOAD, World, denied};

    const ID: &str = super::CONTROL.id;
    const AUTOMATION: &str = "arn:aws:iam::*:role/automation";

    fn exempting(patterns: &[&str], declared: &[&str]) -> World {
        let condition = json!({"ArnNotLike": {"aws:PrincipalArn": patterns}});
        let world = World::clean().guard(&guard_unless(&condition), &[ROOT]);
        world.baseline(|b| b.tamper_exceptions = declared.iter().map(|&pattern| pattern.to_owned()).collect())
    }

    fn outcome(world: &World) -> Outcome {
        world.judge(ID).at(WORKLOAD).outcome
    }

    #[test]
    fn exempting_nobody_passes() {
        assert_eq!(outcome(&World::clean()), Outcome::Pass);
        assert_eq!(World::clean().judge(ID).at(MANAGEMENT).outcome, Outcome::NotApplicable);
    }

    #[test]
    fn a_declared_exemption_or_a_narrower_one_passes() {
        assert_eq!(outcome(&exempting(&[AUTOMATION], &[AUTOMATION])), Outcome::Pass);
        assert_eq!(outcome(&exempting(&["arn:aws:iam::333333333333:role/automation"], &[AUTOMATION])), Outcome::Pass);
    }

    #[test]
    fn an_undeclared_or_wider_exemption_fails_and_is_named() {
        assert_eq!(outcome(&exempting(&[AUTOMATION], &[])), Outcome::Fail);
        let wide = exempting(&["arn:aws:iam::*:role/*"], &[AUTOMATION]);
        assert_eq!(outcome(&wide), Outcome::Fail);
        let finding = wide.judge(ID).at(WORKLOAD).clone();
        assert!(finding.reason.contains("arn:aws:iam::*:role/*"));
        assert!(finding.evidence[0].fact.contains("for example arn:aws:iam::333333333333:role/"), "{finding:#?}");
        assert_eq!(outcome(&exempting(&[AUTOMATION, "arn:aws:iam::*:role/other"], &[AUTOMATION])), Outcome::Fail);
    }

    #[test]
    fn the_example_of_a_wider_exemption_is_nobody_declared() {
        let wide = exempting(&["arn:aws:iam::*:role/automation*"], &["arn:aws:iam::*:role/automation"]);
        let finding = wide.judge(ID).at(WORKLOAD).clone();
        assert_eq!(finding.outcome, Outcome::Fail);
        let example = finding.evidence[0].fact.split("for example ").nth(1).expect("an example");
        assert!(example.starts_with("arn:aws:iam::333333333333:role/automation"), "{example}");
        assert_ne!(example, "arn:aws:iam::333333333333:role/automation");
    }

    fn told(finding: &Finding) -> Vec<&str> {
        let facts = finding.evidence.iter().map(|seen| seen.fact.as_str());
        facts.filter_map(|fact| fact.split("whoever may create ").nth(1)).collect()
    }

    #[test]
    fn a_name_that_anybody_may_give_is_told_whether_declared_or_not() {
        const ADMINS: &str = "arn:aws:iam::*:role/platform-admin*";
        let undeclared = exempting(&[ADMINS], &[]).judge(ID).at(WORKLOAD).clone();
        assert_eq!((undeclared.outcome, told(&undeclared).len()), (Outcome::Fail, 1), "{undeclared:#?}");
        let name = "whoever may create arn:aws:iam::333333333333:role/platform-admin";
        assert!(undeclared.reason.contains(name), "{}", undeclared.reason);
        let declared = exempting(&[ADMINS], &[ADMINS]).judge(ID).at(WORKLOAD).clone();
        assert_eq!((declared.outcome, told(&declared).len()), (Outcome::Pass, 1), "{declared:#?}");
        let of_one_name = exempting(&[AUTOMATION], &[AUTOMATION]).judge(ID).at(WORKLOAD).clone();
        assert!(told(&of_one_name).is_empty(), "{of_one_name:#?}");
    }

    #[test]
    fn service_linked_roles_are_no_exception() {
        let linked = "arn:aws:iam::*:role/aws-service-role/cloudtrail.amazonaws.com/*";
        assert_eq!(outcome(&exempting(&[linked], &[])), Outcome::Pass);
    }

    #[test]
    fn without_a_deny_it_does_not_apply() {
        assert_eq!(outcome(&World::clean().guard(&guard(), &[])), Outcome::NotApplicable);
        assert_eq!(outcome(&World::clean().disable_policies()), Outcome::NotApplicable);
    }

    #[test]
    fn unread_policies_are_unknown() {
        let content = World::clean().edit(|snapshot| {
            if let Observed::Known(policies) = &mut snapshot.organization.service_control_policies {
                let guard = policies.get_mut(GUARD).expect("the guard");
                guard.content = Observed::Gap(denied("organizations:DescribePolicy"));
            }
        });
        assert_eq!(outcome(&content), Outcome::Unknown);
    }

    #[test]
    fn an_account_that_was_not_entered_is_judged_all_the_same() {
        assert_eq!(outcome(&exempting(&[AUTOMATION], &[]).unentered(WORKLOAD)), Outcome::Fail);
    }
}
