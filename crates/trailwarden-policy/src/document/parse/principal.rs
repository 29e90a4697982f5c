//! `Principal` and `NotPrincipal`: who may have them, and in which form.

use super::element::{Members, either, object, parse_all, string};
use crate::document::{Kind, PrincipalKind, PrincipalPattern, Principals, Statement};
use crate::json::{Node, Value};
use crate::span::{Malformed, Span, Spanned};

pub(super) fn principals(kind: Kind, members: &Members, whole: Span) -> Result<Option<Principals>, Malformed> {
    let found = either(members, "Principal", whole)?;
    let refused = |reason: &str, node: &Node| Err(Malformed::new(reason, node.span));
    match (kind, found) {
        (Kind::ServiceControl | Kind::Identity, None) => Ok(None),
        (Kind::ServiceControl | Kind::Identity, Some((_, node))) => {
            refused("a Principal where the policy's place names it", node)
        }
        (_, None) => Err(Malformed::new("no Principal", whole)),
        (Kind::ResourceControl, Some((true, node))) => refused("NotPrincipal in a resource control policy", node),
        (Kind::Trust, Some((true, node))) => refused("NotPrincipal in a trust policy", node),
        (Kind::ResourceControl, Some((false, node))) if node.value != Value::String("*".to_owned()) => {
            refused("a Principal other than \"*\" in a resource control policy", node)
        }
        (_, Some((is_negated, node))) => Ok(Some(Principals { is_negated, patterns: patterns(node)? })),
    }
}

fn patterns(node: &Node) -> Result<Vec<Spanned<PrincipalPattern>>, Malformed> {
    if matches!(node.value, Value::String(_)) {
        return match string(node, "Principal")? {
            "*" => parse_all(node, "Principal", |text| PrincipalPattern::parse(PrincipalKind::Everyone, text)),
            other => Err(Malformed::new(format!("principal {other:?} has no type"), node.span)),
        };
    }
    let mut patterns = Vec::new();
    for (key, entries) in object(node, "Principal")? {
        let kind = match key.value.as_str() {
            "AWS" => PrincipalKind::Aws,
            "Service" => PrincipalKind::Service,
            "Federated" => PrincipalKind::Federated,
            "CanonicalUser" => PrincipalKind::CanonicalUser,
            other => return Err(Malformed::new(format!("unknown principal type {other:?}"), key.span)),
        };
        patterns.extend(parse_all(entries, "Principal", |text| PrincipalPattern::parse(kind, text))?);
    }
    if patterns.is_empty() { Err(Malformed::new("no Principal", node.span)) } else { Ok(patterns) }
}

/// `NotPrincipal` goes with Deny only (IAM user guide, NotPrincipal).
pub(super) fn check_allow(statement: &Statement) -> Result<(), Malformed> {
    match &statement.principals {
        Some(principals) if principals.is_negated => Err(Malformed::new("NotPrincipal with Allow", statement.span)),
        _ => Ok(()),
    }
}
