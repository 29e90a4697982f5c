//! Exemptions of principals that exempt nobody, or need not be.

use super::{LintRule, Lints};
use crate::condition::Condition;
use crate::document::{Document, Effect, Kind, Statement};
use crate::exemptions::PRINCIPAL_KEYS;

pub(super) fn lint(document: &Document, statement: &Statement, lints: &mut Lints) {
    for condition in &statement.conditions {
        if condition.key.eq_ignore_ascii_case("aws:PrincipalArn") {
            arns(document, statement, condition, lints);
        }
    }
    // Of a resource, whoever is trusted for one reason needs no other.
    if document.kind == Kind::ServiceControl {
        two(statement, lints);
    }
}

fn arns(document: &Document, statement: &Statement, condition: &Condition, lints: &mut Lints) {
    let exempts =
        document.kind.is_of_organization() && statement.effect == Effect::Deny && condition.operator.is_negated;
    for value in &condition.values {
        let text = value.value.source();
        if text.contains(":assumed-role/") {
            let reason = format!("aws:PrincipalArn of a session is the ARN of its role, never {text:?}");
            lints.add(LintRule::SessionArn, value.span, reason, Some(as_role(text)));
        }
        if exempts && (text.contains("role/aws-service-role/") || text.contains("role/AWSServiceRoleFor")) {
            let reason = format!(
                "organization policies never bind service-linked roles; {text:?} exempts whoever takes the name"
            );
            lints.add(LintRule::ServiceLinkedRoleExempted, value.span, reason, None);
        }
    }
}

/// The ARN of the role of a session.
fn as_role(session: &str) -> String {
    let role = session.replace(":sts:", ":iam:").replace(":assumed-role/", ":role/");
    let (prefix, name) = role.split_once(":role/").unwrap_or((&role, ""));
    format!("{prefix}:role/{}", name.split('/').next().unwrap_or_default())
}

/// Each negated condition lifts a Deny alone, so that two on who calls exempt more than either says.
fn two(statement: &Statement, lints: &mut Lints) {
    if statement.effect != Effect::Deny {
        return;
    }
    let exempting = |condition: &&Condition| {
        let key = condition.key.to_ascii_lowercase();
        condition.operator.is_negated && PRINCIPAL_KEYS.contains(&key.as_str())
    };
    let mut found = statement.conditions.iter().filter(exempting);
    let Some(first) = found.next() else { return };
    for other in found.filter(|other| !other.key.eq_ignore_ascii_case(&first.key)) {
        let reason = format!("{} and {} each lift the Deny alone, whatever the other says", first.key, other.key);
        lints.add(LintRule::TwoExemptions, other.span, reason, None);
    }
}
