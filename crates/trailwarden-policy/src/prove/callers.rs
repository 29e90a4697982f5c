//! The callers of an account, one of every class that the statements tell apart.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::classes::{Union, Universe, members};
use super::facts::of_principal;
use crate::context::Context;
use crate::pattern::{Pattern, Piece, TooComplex};

/// The role that Organizations puts into every account it creates: an administrator.
const DEFAULT_ACCESS_ROLE: &str = "OrganizationAccountAccessRole";

/// What the name of a role, user or federated user may hold besides letters and digits. Source: IAM user guide, IAM name
/// requirements.
const IN_NAMES: &[char] = &['+', '=', ',', '.', '@', '_', '-'];

/// What a path may hold: the colon too. Source: IAM API reference, CreateRole.
const IN_PATHS: RangeInclusive<char> = '!'..='\u{7f}';

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
        arns: &BTreeSet<Union>,
        names: &BTreeSet<Union>,
        common: &Context,
        budget: &mut usize,
    ) -> Result<Vec<Caller>, TooComplex> {
        let (partition, account) = (self.partition, self.account);
        let iam = format!("arn:{partition}:iam::{account}:");
        let sso = "aws-reserved/sso.amazonaws.com/AWSReservedSSO_AdministratorAccess_0123456789abcdef";
        let federated = format!("arn:{partition}:sts::{account}:federated-user/");
        let shapes = [
            (format!("{iam}role/"), vec!["Developer", "Administrator", DEFAULT_ACCESS_ROLE, sso]),
            (format!("{iam}user/"), vec!["alice", "admin"]),
            (federated.clone(), vec!["alice"]),
            (format!("{iam}root"), Vec::new()),
        ];
        let users = [Pattern::parse(&format!("{iam}user/")), Pattern::parse(&format!("{iam}user/*/"))];
        let of_name = |name: &Pattern| users.each_ref().map(|prefix| name.as_name_after(prefix));
        let of_names: Vec<Union> = names.iter().map(|union| union.iter().flat_map(of_name).collect()).collect();
        let unions: Vec<&Union> = arns.iter().chain(&of_names).collect();
        let impossible = impossible(&iam, &federated, &unions);
        let mut found = Vec::new();
        for (prefix, seeds) in shapes {
            // All of a shape begin alike, so that only the rest is told apart.
            let rest = |pattern: &Pattern| pattern.after(&prefix);
            let without: Vec<Pattern> = self.exceptions.iter().chain(&impossible).flat_map(rest).collect();
            let unions: Vec<Union> = unions.iter().map(|union| union.iter().flat_map(rest).collect()).collect();
            let universe = Universe {
                pattern: Pattern::parse(if seeds.is_empty() { "" } else { "?*" }),
                without: without.iter().collect(),
                seeds: seeds.iter().map(|&seed| seed.to_owned()).collect(),
                n_members: 1,
                ignores_case: false,
            };
            let mut names = members(&universe, &unions.iter().collect::<Vec<_>>(), budget)?;
            names.sort_by_key(|name| (seeds.iter().position(|seed| seed == name).unwrap_or(seeds.len()), name.len()));
            found.extend(names.iter().map(|name| format!("{prefix}{name}")));
        }
        let caller = |arn: String| {
            let (facts, kind) = of_principal(common.clone(), &arn);
            Caller { arn, kind, facts }
        };
        Ok(found.into_iter().map(caller).collect())
    }
}

/// ARNs that are no caller's, or that SCPs do not bind.
fn impossible(iam: &str, federated: &str, unions: &[&Union]) -> Vec<Pattern> {
    let any = Pattern::parse("*");
    let starts = [format!("{iam}role/"), format!("{iam}user/"), federated.to_owned()];
    // A path is empty, or has something between its slashes; a federated user has none.
    let without_path = |start: &String| any.as_name_after(&Pattern::parse(&format!("{start}/")));
    let mut found: Vec<Pattern> = starts.iter().map(without_path).collect();
    found
        .extend([format!("{iam}role/aws-service-role/*"), format!("{federated}*/*")].map(|text| Pattern::parse(&text)));
    found.push(Pattern::parse("*/"));
    // Characters that no pattern spells out do not come up, but for the colon.
    let named: BTreeSet<char> = unions.iter().copied().flatten().flat_map(Pattern::spelt).chain([':']).collect();
    let is_in_names = |c: &char| c.is_ascii_alphanumeric() || IN_NAMES.contains(c) || *c == '/';
    for c in named.into_iter().filter(|c| !is_in_names(c)) {
        match IN_PATHS.contains(&c) {
            true => found.extend(starts.iter().map(|start| {
                let until = Pattern::parse(start).followed_by(Piece::Written('*')).followed_by(Piece::Literal(c));
                any.as_name_after(&until)
            })),
            false => found.push(any.followed_by(Piece::Literal(c)).followed_by(Piece::Written('*'))),
        }
    }
    found
}
