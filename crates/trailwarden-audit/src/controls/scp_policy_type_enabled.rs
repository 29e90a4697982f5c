//! scp-policy-type-enabled: service control policies are in force at all.

use trailwarden_model::control::Severity;
use trailwarden_model::organization::SERVICE_CONTROL_POLICY;
use trailwarden_model::snapshot::Need;

use crate::control::{Applies, Control, Judge, Judged};
use crate::cx::Cx;
use crate::verdict::{Verdict, fact};

pub(super) static CONTROL: Control = Control {
    id: "scp-policy-type-enabled",
    title: "Service control policies are enabled",
    severity: Severity::Critical,
    practice: None,
    needs: &[Need::ServiceControlPolicies],
    rule: "Fails when the policy type SERVICE_CONTROL_POLICY is not enabled on the root.",
    why: "While the policy type is disabled on the root, no service control policy binds anyone, however many exist.",
    remedy: "Enable the policy type SERVICE_CONTROL_POLICY on the root, which needs all features of AWS Organizations, and \
             attach the policies again: disabling detached every one of them.",
    references: &["Organizations User Guide: Enabling a policy type"],
    frameworks: &[
        ("cis-aws-7.0.0", &["2.1.2"]),
        ("nist-800-53-r5", &["AC-6", "AU-9"]),
        ("mitre-attack", &["T1562.008"]),
    ],
    applies: Applies::Always,
    judge: Judge::Organization(judge),
};

fn judge(cx: &Cx<'_>) -> Judged {
    let root = cx.snapshot.organization.root.get()?;
    let management = &cx.snapshot.organization.management_account;
    let types: Vec<&str> = root.enabled_policy_types.iter().map(String::as_str).collect();
    let listed = if types.is_empty() { "none".to_owned() } else { types.join(", ") };
    let seen =
        fact(format!("policy types enabled on {}: {listed}", root.id), "organizations:ListRoots", management, None);
    Ok(if root.enabled_policy_types.contains(SERVICE_CONTROL_POLICY) {
        Verdict::pass(format!("Service control policies are enabled on root {}", root.id))
    } else {
        Verdict::fail(format!("Service control policies are disabled on root {}, so that none binds anyone", root.id))
    }
    .with([seen]))
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::Observed;

    use crate::testing::{World, denied};

    const ID: &str = super::CONTROL.id;

    #[test]
    fn enabled_passes() {
        assert_eq!(World::clean().judge(ID).only().outcome, Outcome::Pass);
    }

    #[test]
    fn disabled_fails_even_with_policies_around() {
        assert_eq!(World::clean().disable_policies().judge(ID).only().outcome, Outcome::Fail);
    }

    #[test]
    fn an_unread_root_is_unknown() {
        let unread = World::clean()
            .edit(|snapshot| snapshot.organization.root = Observed::Gap(denied("organizations:ListRoots")));
        assert_eq!(unread.judge(ID).only().outcome, Outcome::Unknown);
    }
}
