//! What AWS itself puts into the context of a call, so that a counterexample is a request that can happen.
//! Source: IAM user guide, global condition context keys.

use trailwarden_model::partition::Partition;

use super::Call;
use crate::chain::{Chain, Unbound};
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
const ALWAYS_PRESENT: &[&str] = &[
    "aws:currenttime",
    "aws:epochtime",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:userid",
    "aws:viaawsservice",
];

/// Keys that tell where a role session comes from, so that no other caller has them.
const OF_ROLE_SESSIONS: &[&str] = &[
    "aws:ec2instancesourceprivateipv4",
    "aws:ec2instancesourcevpc",
    "aws:federatedprovider",
    "aws:sourceidentity",
    "ec2:roledelivery",
    "ec2:sourceinstancearn",
    "lambda:sourcefunctionarn",
];

/// Services of which no endpoint takes plain HTTP, as those of S3, CloudWatch and others do. Source: AWS general reference,
/// service endpoints.
const HTTPS_ONLY: &[&str] = &["cloudtrail", "iam", "kms", "logs"];

/// The partition where IAM and Organizations answer in different regions.
const CHINA: &str = "aws-cn";

/// What decides the value of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing: it has the same value for every caller of the account, or is absent for all.
    Common,
    /// Who calls.
    Caller,
    /// The caller may choose, or come to have, any value.
    Free,
}

/// How a free key stands to a caller of some type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Freedom {
    /// The caller never has it.
    Never,
    /// The caller may have any value.
    AnyValue,
    /// The caller may have any value, or none.
    AnyValueOrNone,
}

/// What AWS sets in the context of a call by one principal of the chain's account, given by the ARN of its identity: a role, never
/// its session.
///
/// Only what follows from the account, the identity and the call is there; whatever else a request may carry is left out.
pub fn facts_of(chain: &Chain, partition: &str, call: &Call, identity: &str) -> Context {
    of_principal(common(chain, partition, call), identity).0
}

/// What is true of every caller of the account making this call.
pub(super) fn common(chain: &Chain, partition: &str, call: &Call) -> Context {
    let mut context =
        Context::new().with("aws:PrincipalAccount", chain.account.as_str()).with("aws:PrincipalIsAWSService", "false");
    let service = call.action.split(':').next().unwrap_or_default().to_ascii_lowercase();
    if HTTPS_ONLY.contains(&service.as_str()) {
        context.set("aws:SecureTransport", "true");
    }
    let is_outside = chain.unbound == Some(Unbound::OtherAccount);
    if let Some(organization) = chain.organization.as_ref().filter(|_| !is_outside) {
        context.set("aws:PrincipalOrgID", organization.as_str());
        let path: Vec<&str> = chain.path().collect();
        let above = path.iter().rev().skip(1).rev().map(|node| format!("{node}/")).collect::<String>();
        if !above.is_empty() {
            context.set("aws:PrincipalOrgPaths", Values::Many(vec![format!("{organization}/{above}")]));
        }
    }
    let mut parts = call.resource.split(':').skip(3);
    // Trails and most resources can be changed in their own region only.
    let region = parts.next().filter(|region| !region.is_empty()).or_else(|| only_region(&service, partition));
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

/// The region of a service that answers in one region of the partition.
fn only_region(service: &str, partition: &str) -> Option<&'static str> {
    let is_global = service == "organizations" || service == "iam" && partition != CHINA;
    Partition::by_id(partition).filter(|_| is_global).map(|partition| partition.leader_region)
}

/// What goes with one principal, given by the ARN of its identity, and its type.
pub(super) fn of_principal(mut context: Context, arn: &str) -> (Context, &'static str) {
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
    (context, kind)
}

/// What decides the value of a key, given in lower case.
pub(super) fn standing(key: &str, common: &Context) -> Standing {
    if is_common(key, common) {
        Standing::Common
    } else if ["aws:principalarn", "aws:principaltype", "aws:username"].contains(&key) {
        Standing::Caller
    } else {
        Standing::Free
    }
}

/// True when only calls by AWS services carry a key, given in lower case.
pub(crate) fn is_of_services(key: &str) -> bool {
    NEVER_PRESENT.contains(&key)
}

/// True when a key, given in lower case, has the same value for every caller of the account, or is absent for all.
pub(super) fn is_common(key: &str, common: &Context) -> bool {
    is_of_services(key) || common.get(key).is_some()
}

/// How a free key, given in lower case, stands to a caller of a type (`aws:PrincipalType`).
pub(super) fn freedom(key: &str, caller: &str) -> Freedom {
    let is_root = caller == "Account";
    let is_absent = match key {
        "aws:assumedroot" => !is_root,
        _ if OF_ROLE_SESSIONS.contains(&key) => caller != "AssumedRole",
        _ => is_root && key.starts_with("aws:principaltag/"),
    };
    if is_absent {
        Freedom::Never
    } else if ALWAYS_PRESENT.contains(&key) {
        Freedom::AnyValue
    } else {
        Freedom::AnyValueOrNone
    }
}
