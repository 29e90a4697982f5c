//! The callers of an account, one of every class that the statements tell apart.

use super::classes::{Universe, members};
use super::facts::of_principal;
use crate::context::Context;
use crate::pattern::{Pattern, TooComplex};

/// The role that Organizations puts into every account it creates: an administrator.
const DEFAULT_ACCESS_ROLE: &str = "OrganizationAccountAccessRole";

/// Characters that a policy may name and no name of a role or user holds. Source: IAM user guide, IAM name requirements.
const NOT_IN_NAMES: &[char] = &['*', '?', '$', '{', '}', ' ', '"', '#', '%', '&', '<', '>', '[', ']', '(', ')'];

/// Someone who may call.
pub(super) struct Caller {
    /// The ARN of the identity.
    pub(super) arn: String,
    /// `aws:PrincipalType`.
    pub(super) kind: &'static str,
    /// What AWS sets for every call of theirs.
    pub(super) facts: Context,
}

/// Which callers of an account to tell apart.
pub(super) struct Callers<'a> {
    pub(super) partition: &'a str,
    pub(super) account: &'a str,
    /// Whoever matches one of these is no caller.
    pub(super) exceptions: &'a [Pattern],
}

impl Callers<'_> {
    /// Roles first, then users, federated users and the root user. Service-linked roles, which no SCP binds, and the exceptions are
    /// left out. `arns` and `names` are what statements compare `aws:PrincipalArn` and `aws:username` with.
    pub(super) fn list(
        &self,
        arns: &[Pattern],
        names: &[Pattern],
        common: &Context,
        budget: &mut usize,
    ) -> Result<Vec<Caller>, TooComplex> {
        let (partition, account) = (self.partition, self.account);
        let iam = format!("arn:{partition}:iam::{account}:");
        let sso = "aws-reserved/sso.amazonaws.com/AWSReservedSSO_AdministratorAccess_0123456789abcdef";
        let shapes = [
            (format!("{iam}role/?*"), vec!["Developer", "Administrator", DEFAULT_ACCESS_ROLE, sso]),
            (format!("{iam}user/?*"), vec!["alice", "admin"]),
            (format!("arn:{partition}:sts::{account}:federated-user/?*"), vec!["alice"]),
            (format!("{iam}root"), Vec::new()),
        ];
        let users = [Pattern::parse(&format!("{iam}user/")), Pattern::parse(&format!("{iam}user/*/"))];
        let of_names = names.iter().flat_map(|name| users.each_ref().map(|prefix| name.as_name_after(prefix)));
        let patterns: Vec<Pattern> = arns.iter().cloned().chain(of_names).collect();
        let impossible = impossible(&iam, &patterns);
        let without: Vec<&Pattern> = self.exceptions.iter().chain(&impossible).collect();
        let mut found = Vec::new();
        for (shape, names) in shapes {
            let prefix = shape.trim_end_matches("?*");
            let seeds: Vec<String> = names.iter().map(|name| format!("{prefix}{name}")).collect();
            let universe = Universe {
                pattern: Pattern::parse(&shape).within_parts(),
                without: without.clone(),
                seeds: seeds.clone(),
                n_members: 1,
                ignores_case: false,
            };
            let mut arns = members(&universe, &patterns, budget)?;
            arns.sort_by_key(|arn| seeds.iter().position(|seed| seed == arn).unwrap_or(seeds.len()));
            found.extend(arns);
        }
        let caller = |arn: String| {
            let (facts, kind) = of_principal(common.clone(), &arn);
            Caller { arn, kind, facts }
        };
        Ok(found.into_iter().map(caller).collect())
    }
}

/// ARNs that are no caller's, or that SCPs do not bind.
fn impossible(iam: &str, patterns: &[Pattern]) -> Vec<Pattern> {
    let mut found = vec![Pattern::parse(&format!("{iam}role/aws-service-role/*")), Pattern::parse("*/")];
    let named = NOT_IN_NAMES.iter().filter(|c| patterns.iter().any(|pattern| pattern.names(**c)));
    let any = Pattern::parse("*");
    found.extend(named.map(|c| any.as_name_after(&any.followed_by(*c))));
    found
}
