//! The principals of an account, one of every class that the statements tell apart.

use super::classes::{Universe, representatives};
use crate::pattern::{Pattern, TooComplex};

/// The role that Organizations puts into every account it creates: an administrator.
const DEFAULT_ACCESS_ROLE: &str = "OrganizationAccountAccessRole";

/// ARNs of identities: roles first, then users, federated users and the root user. Service-linked roles, which no SCP binds, and
/// the exceptions are left out.
pub(super) fn principals(
    partition: &str,
    account: &str,
    exceptions: &[Pattern],
    patterns: &[Pattern],
) -> Result<Vec<String>, TooComplex> {
    let iam = format!("arn:{partition}:iam::{account}:");
    let sso = "aws-reserved/sso.amazonaws.com/AWSReservedSSO_AdministratorAccess_0123456789abcdef";
    let service_linked = Pattern::parse(&format!("{iam}role/aws-service-role/*"));
    let mut without: Vec<&Pattern> = exceptions.iter().collect();
    without.push(&service_linked);
    let shapes = [
        (format!("{iam}role/?*"), vec!["Developer", "Administrator", DEFAULT_ACCESS_ROLE, sso]),
        (format!("{iam}user/?*"), vec!["alice", "admin"]),
        (format!("arn:{partition}:sts::{account}:federated-user/?*"), vec!["alice"]),
        (format!("{iam}root"), Vec::new()),
    ];
    let mut found = Vec::new();
    for (shape, names) in shapes {
        let prefix = shape.trim_end_matches("?*");
        let seeds: Vec<String> = names.iter().map(|name| format!("{prefix}{name}")).collect();
        let universe =
            Universe { pattern: Pattern::parse(&shape).within_parts(), without: without.clone(), seeds: seeds.clone() };
        let mut arns = representatives(&universe, patterns)?;
        arns.sort_by_key(|arn| seeds.iter().position(|seed| seed == arn).unwrap_or(seeds.len()));
        found.extend(arns);
    }
    Ok(found)
}
