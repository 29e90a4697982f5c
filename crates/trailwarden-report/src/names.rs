//! Accounts, OUs, policies and statements as people know them: by name first, by id after it.

use trailwarden_model::observed::Observed;
use trailwarden_model::organization::Organization;
use trailwarden_policy::{Place, StatementRef};

/// The names that an organization gives.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names<'a> {
    pub(crate) organization: &'a Organization,
}

impl<'a> Names<'a> {
    /// The name of an account; none when it has none or is not of the organization.
    pub(crate) fn account_name(self, id: &str) -> Option<&'a str> {
        let account = self.organization.accounts.get(&id.parse().ok()?)?;
        Some(account.name.as_str()).filter(|name| !name.is_empty())
    }

    /// `payments-prod (523908114477)`.
    pub(crate) fn account(self, id: &str) -> String {
        named(self.account_name(id), id)
    }

    /// The name of a root, OU or account; none when it has none.
    pub(crate) fn node_name(self, id: &str) -> Option<&'a str> {
        let unit = self.organization.units.known().and_then(|units| units.get(id));
        unit.map(|unit| unit.name.as_str()).or_else(|| self.account_name(id))
    }

    /// `the root (r-ac7f)`, `OU Prod (ou-ac7f-prodprod)`, `account payments-prod (523908114477)`.
    pub(crate) fn node(self, id: &str) -> String {
        let kind = match id {
            _ if id.starts_with("r-") => return format!("the root ({id})"),
            _ if id.starts_with("ou-") => "OU",
            _ => "account",
        };
        format!("{kind} {}", named(self.node_name(id), id))
    }

    /// The name of a policy; none when it was not read.
    pub(crate) fn policy_name(self, id: &str) -> Option<&'a str> {
        let Organization { service_control_policies, resource_control_policies, .. } = self.organization;
        let mut read = [service_control_policies, resource_control_policies].into_iter().filter_map(Observed::known);
        read.find_map(|policies| policies.get(id)).map(|policy| policy.name.as_str())
    }

    /// `guard-cloudtrail (p-acg1guard)`.
    pub(crate) fn policy(self, id: &str) -> String {
        named(self.policy_name(id), id)
    }

    /// `statement "DenyTrailTampering" of guard-cloudtrail (p-acg1guard)`.
    pub(crate) fn statement(self, policy: &str, statement: &StatementRef) -> String {
        format!("{} of {}", statement_name(statement), self.policy(policy))
    }

    /// The same with where it is attached.
    pub(crate) fn place(self, place: &Place) -> String {
        format!("{}, attached to {}", self.statement(&place.policy, &place.statement), self.node(&place.node))
    }
}

/// `statement "Sid"`, or its number from 1.
fn statement_name(statement: &StatementRef) -> String {
    match &statement.sid {
        Some(sid) if !sid.is_empty() => format!("statement {sid:?}"),
        _ => format!("statement {}", statement.index + 1),
    }
}

fn named(name: Option<&str>, id: &str) -> String {
    match name {
        Some(name) => format!("{name} ({id})"),
        None => id.to_owned(),
    }
}
