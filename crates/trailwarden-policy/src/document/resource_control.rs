//! What is special about resource control policies (RCPs): their narrower grammar and the services that they cover.
//! Source: AWS Organizations user guide, RCP syntax and the list of services that support RCPs; KMS developer guide, resource
//! control policies.

use super::{Effect, Statement};
use crate::span::Malformed;

/// Services whose resources RCPs protect, as the user guide listed them in November 2026. On any other, an RCP counts for nothing:
/// a service that AWS has added since is then called unguarded, and never guarded by mistake.
const COVERED: &[&str] = &[
    "aoss",
    "cognito-identity",
    "cognito-idp",
    "dynamodb",
    "ecr",
    "kms",
    "logs",
    "s3",
    "secretsmanager",
    "sqs",
    "sts",
];

/// A grant is retired by those the grant names, whatever an RCP says.
const NEVER_COVERED: &str = "kms:retiregrant";

/// Whether RCPs have a say in an action. (They have none on the keys that AWS manages itself, which no ARN tells apart.)
pub(crate) fn covered_by_resource_control(action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    let service = action.split(':').next().unwrap_or_default();
    action != NEVER_COVERED && COVERED.contains(&service)
}

/// Refuses a statement that AWS accepts in no RCP, and limits a Deny to what RCPs cover.
///
/// `Allow`, and `*` for every action, are only in `RCPFullAWSAccess`, which AWS attaches to every node itself.
pub(super) fn check(statement: &mut Statement) -> Result<(), Malformed> {
    let refused = |reason: &str| Err(Malformed::new(format!("{reason} in a resource control policy"), statement.span));
    if statement.actions.is_negated {
        return refused("NotAction");
    }
    let is_everything = |text: &str| text == "*" || text == "*:*";
    let mut actions = statement.actions.patterns.iter();
    match statement.effect {
        Effect::Allow if statement.allows_everything() => return Ok(()),
        Effect::Allow => return refused("Allow"),
        Effect::Deny if actions.any(|pattern| is_everything(pattern.value.text())) => return refused("action \"*\""),
        Effect::Deny => {}
    }
    statement.actions.only_resource_control = true;
    Ok(())
}
