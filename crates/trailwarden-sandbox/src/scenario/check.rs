//! What a scenario of one's own may get wrong that its format does not forbid: names that mean nothing.

use std::collections::BTreeSet;

use super::file::File;
use crate::error::SandboxError;

/// Refuses units, accounts and policies that hang on nothing.
pub(super) fn check(name: &str, file: &File) -> Result<(), SandboxError> {
    let wrong = |reason: String| Err(SandboxError::Scenario { name: name.to_owned(), reason });
    let header = &file.organization;
    let accounts: BTreeSet<&str> = file.account.iter().map(|entry| entry.id.as_str()).collect();
    if !accounts.contains(header.management.as_str()) {
        return wrong(format!("the management account {} is not among the accounts", header.management));
    }
    if let Some((service, account)) = header.delegated.iter().find(|(_, account)| !accounts.contains(account.as_str()))
    {
        return wrong(format!("{account}, which administers {service}, is not among the accounts"));
    }
    let mut nodes = BTreeSet::from([header.root.as_str()]);
    for unit in &file.unit {
        if let Some(parent) = unit.parent.as_deref().filter(|parent| !nodes.contains(parent)) {
            return wrong(format!("unit {} lies under {parent}, which does not stand before it", unit.id));
        }
        nodes.insert(&unit.id);
    }
    for account in &file.account {
        if let Some(unit) = account.unit.as_deref().filter(|unit| !nodes.contains(unit)) {
            return wrong(format!("account {} lies in {unit}, which is not a unit", account.id));
        }
    }
    nodes.extend(accounts);
    for policy in &file.policy {
        if let Some(node) = policy.attached.iter().find(|node| !nodes.contains(node.as_str())) {
            return wrong(format!("policy {} is attached to {node}, which does not exist", policy.id));
        }
    }
    Ok(())
}
