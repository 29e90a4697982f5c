//! Whether the accounts, roots and OUs that a baseline names are of the organization that it is held against.

use std::collections::BTreeSet;
use std::path::Path;

use trailwarden_model::baseline::Baseline;
use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::Observed;
use trailwarden_model::organization::Organization;

use super::names;
use crate::failure::Failure;
use crate::nearest::nearest;

/// Refuses a baseline that names an account, root or OU which the organization does not have: most likely it is mistyped,
/// and what it asks for would silently be asked of nobody.
pub(crate) fn check_against(
    organization: &Organization,
    baseline: &Baseline,
    path: Option<&Path>,
) -> Result<(), Failure> {
    let Some(path) = path else { return Ok(()) };
    let accounts: BTreeSet<&str> = organization.accounts.keys().map(AccountId::as_str).collect();
    let overrides = baseline.overrides.keys().map(|id| ("override", id.as_str()));
    let named = overrides
        .chain(names("log_archive_accounts", &baseline.log_archive_accounts))
        .chain(names("delegated_administrators", &baseline.delegated_administrators));
    for (key, id) in named {
        let nodes = match id.len() == 12 && id.parse::<AccountId>().is_ok() {
            true => Some(accounts.clone()),
            false => nodes(organization),
        };
        // Without the tree, nobody can tell.
        let Some(known) = nodes.filter(|known| !known.contains(id)) else { continue };
        let failure = Failure::usage(format!(
            "baseline {}: {key} names {id}, which is not of organization {}",
            path.display(),
            organization.id
        ));
        return Err(match nearest(id, known.into_iter()) {
            Some(near) => failure.hint(format!("did you mean {near}?")),
            None => failure.hint("correct the id, or take it out when the account or OU is gone"),
        });
    }
    check_approved(organization, baseline, path)
}

/// The ids of the root and of every OU; none where the tree could not be read.
fn nodes(organization: &Organization) -> Option<BTreeSet<&str>> {
    let (Observed::Known(root), Observed::Known(units)) = (&organization.root, &organization.units) else {
        return None;
    };
    Some(units.keys().map(String::as_str).chain([root.id.as_str()]).collect())
}

fn check_approved(organization: &Organization, baseline: &Baseline, path: &Path) -> Result<(), Failure> {
    let Some(approved) = baseline.approved_trails.as_ref().filter(|approved| !approved.is_empty()) else {
        return Ok(());
    };
    match approved.values().any(|trail| organization.accounts.contains_key(&trail.owner)) {
        true => Ok(()),
        false => Err(Failure::usage(format!(
            "baseline {}: the approved trails are of another organization than {}",
            path.display(),
            organization.id
        ))
        .hint("approve the trails of this organization with `trailwarden baseline approve`")),
    }
}
