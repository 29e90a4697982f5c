//! What AWS itself puts into the context of a call, so that a counterexample is a request that can happen.
//! Source: IAM user guide, global condition context keys.

use trailwarden_model::partition::Partition;

use super::Call;
use crate::chain::Chain;
use crate::context::{Context, Values};

/// Keys that a call of a role, user or root of a member account never carries: they belong to calls by AWS services.
const NEVER_PRESENT: &[&str] = &[
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
];

/// Keys of free value that every call carries.
const ALWAYS_PRESENT: &[&str] =
    &["aws:currenttime", "aws:epochtime", "aws:userid", "aws:viaawsservice", "aws:requestedregion"];

/// How a key stands to a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Freedom {
    /// AWS sets it, or leaves it out: the caller has no say.
    Fixed,
    /// The caller may have any value.
    AnyValue,
    /// The caller may have any value, or none.
    AnyValueOrNone,
}

/// What is true of every caller of the account making this call.
pub(super) fn common(chain: &Chain, partition: &str, call: &Call) -> Context {
    let mut context = Context::new()
        .with("aws:PrincipalAccount", chain.account.as_str())
        .with("aws:PrincipalIsAWSService", "false")
        .with("aws:SecureTransport", "true");
    if let Some(organization) = &chain.organization {
        context.set("aws:PrincipalOrgID", organization.as_str());
        let path: Vec<&str> = chain.path().collect();
        let above = path.iter().rev().skip(1).rev().map(|node| format!("{node}/")).collect::<String>();
        if !above.is_empty() {
            context.set("aws:PrincipalOrgPaths", Values::Many(vec![format!("{organization}/{above}")]));
        }
    }
    let mut parts = call.resource.split(':').skip(3);
    // Trails and most resources can be changed in their own region only; Organizations answers in one region of the partition.
    let region = match parts.next().filter(|region| !region.is_empty()) {
        Some(region) => Some(region),
        None if call.action.starts_with("organizations:") => Partition::by_id(partition).map(|p| p.leader_region),
        None => None,
    };
    if let Some(region) = region {
        context.set("aws:RequestedRegion", region);
    }
    if let Some(account) = parts.next().filter(|account| !account.is_empty()) {
        context.set("aws:ResourceAccount", account);
        if let Some(organization) = &chain.organization {
            context.set("aws:ResourceOrgID", organization.as_str());
        }
    }
    context
}

/// What goes with one principal, given by the ARN of its identity.
pub(super) fn of_principal(mut context: Context, arn: &str) -> Context {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    let (kind, name) = match resource.split_once('/') {
        None => ("Account", None),
        Some(("user", path)) => ("User", path.rsplit('/').next()),
        Some(("federated-user", _)) => ("FederatedUser", None),
        Some(_) => ("AssumedRole", None),
    };
    context.set("aws:PrincipalArn", arn);
    context.set("aws:PrincipalType", kind);
    if let Some(name) = name {
        context.set("aws:username", name);
    }
    context
}

/// True when no caller of the account has a say in the value of a key, given in lower case.
pub(super) fn is_settled(key: &str, common: &Context) -> bool {
    let by_principal = ["aws:principalarn", "aws:principaltype", "aws:username"];
    by_principal.contains(&key) || is_common(key, common)
}

/// True when a key, given in lower case, has the same value for every caller of the account, or is absent for all.
pub(super) fn is_common(key: &str, common: &Context) -> bool {
    NEVER_PRESENT.contains(&key) || common.get(key).is_some()
}

/// How a key that is not settled stands to a caller with these facts.
pub(super) fn freedom(key: &str, facts: &Context) -> Freedom {
    let key = key.to_ascii_lowercase();
    let is_root = facts.get("aws:PrincipalType") == Some(&Values::from("Account"));
    let is_absent = key == "aws:assumedroot" && !is_root || key.starts_with("aws:principaltag/") && is_root;
    if is_absent {
        Freedom::Fixed
    } else if ALWAYS_PRESENT.contains(&key.as_str()) {
        Freedom::AnyValue
    } else {
        Freedom::AnyValueOrNone
    }
}
