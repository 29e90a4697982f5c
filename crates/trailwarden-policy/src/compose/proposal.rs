//! The organization as it would be with a policy written and attached.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::organization::{
    AuthorizationPolicy, FULL_AWS_ACCESS, NodeId, Organization, SERVICE_CONTROL_POLICY,
};

const ALLOW_EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// The organization with an SCP of this name and text, attached to these nodes besides where one of the name is attached already.
/// A disabled policy type is enabled first, which attaches AWS's own policy everywhere.
///
/// # Errors
/// When the root, the OUs or the policies of the organization could not be read.
pub fn propose(
    organization: &Organization,
    (name, text): (&str, &str),
    targets: &BTreeSet<NodeId>,
) -> Result<Organization, Gap> {
    let mut proposed = enabled(organization)?;
    let mut policies = proposed.service_control_policies.get()?.clone();
    let present = policies.values().find(|policy| policy.name == name);
    let id = present.map_or_else(|| format!("p-{name}"), |policy| policy.id.clone());
    let mut attached = match present {
        Some(policy) => policy.targets.get()?.clone(),
        None => BTreeSet::new(),
    };
    attached.extend(targets.iter().cloned());
    let policy = AuthorizationPolicy {
        id: id.clone(),
        name: name.to_owned(),
        aws_managed: false,
        content: Observed::Known(text.to_owned()),
        targets: Observed::Known(attached),
    };
    policies.insert(id, policy);
    proposed.service_control_policies = Observed::Known(policies);
    Ok(proposed)
}

fn enabled(organization: &Organization) -> Result<Organization, Gap> {
    let mut enabled = organization.clone();
    let mut root = organization.root.get()?.clone();
    if root.enabled_policy_types.insert(SERVICE_CONTROL_POLICY.to_owned()) {
        let accounts = organization.accounts.keys().map(ToString::to_string);
        let nodes = organization.units.get()?.keys().cloned().chain(accounts).chain([root.id.clone()]);
        let full_access = AuthorizationPolicy {
            id: FULL_AWS_ACCESS.to_owned(),
            name: "FullAWSAccess".to_owned(),
            aws_managed: true,
            content: Observed::Known(ALLOW_EVERYTHING.to_owned()),
            targets: Observed::Known(nodes.collect()),
        };
        enabled.service_control_policies = Observed::Known(BTreeMap::from([(full_access.id.clone(), full_access)]));
        enabled.root = Observed::Known(root);
    }
    Ok(enabled)
}
