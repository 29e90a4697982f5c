//! The log archive account: the one that the user names, the baseline's, the present one, or one that is called so.

use std::collections::BTreeSet;

use trailwarden_model::ids::AccountId;
use trailwarden_model::plan::{Choice, Hindrance};
use trailwarden_model::storage::BucketOwner;

use crate::bench::Bench;
use crate::facts::Stop;

/// What log archive accounts are called, the surest names first.
const NAMES: [&[&str]; 3] = [
    &["log-archive", "log archive", "logarchive", "log_archive"],
    &["logging", "logs", "audit-logs", "central-logs", "audit", "security"],
    &["shared", "shared-services", "core"],
];

/// How to name another.
const OTHERWISE: &str = "--log-archive ACCOUNT";

/// The account that is to hold the logs of the organization. What was decided is noted for the reader of the plan.
pub(crate) fn choose(bench: &mut Bench<'_>) -> Result<AccountId, Stop> {
    let (chosen, because) = candidate(bench)?;
    let organization = &bench.inputs.snapshot.organization;
    if !organization.accounts.contains_key(&chosen) {
        return Err(
            Stop::new(Hindrance::Manual, format!("account {chosen} is not in the organization")).hint(OTHERWISE)
        );
    }
    if chosen == organization.management_account {
        let reason = "the management account cannot be the log archive: no service control policy binds it";
        return Err(Stop::new(Hindrance::Manual, reason).hint(OTHERWISE));
    }
    if let Some(account) = bench.inputs.snapshot.accounts.get(&chosen) {
        account.entered_as.get()?;
    }
    bench.choose(Choice {
        what: "log archive account".to_owned(),
        chosen: bench.name(&chosen),
        because,
        otherwise: Some(OTHERWISE.to_owned()),
    });
    Ok(chosen)
}

/// The account and why.
pub(crate) fn candidate(bench: &Bench<'_>) -> Result<(AccountId, String), Stop> {
    let inputs = &bench.inputs;
    if let Some(account) = &inputs.options.log_archive {
        return Ok((account.clone(), "it was named".to_owned()));
    }
    if let Some(account) = inputs.baseline.log_archive_accounts.first() {
        return Ok((account.clone(), "the baseline names it".to_owned()));
    }
    if let Some(account) = present(bench) {
        return Ok((account, "it owns the bucket of the organization trail".to_owned()));
    }
    for names in NAMES {
        let called = |account: &&trailwarden_model::organization::Account| {
            account.state.is_audited()
                && account.id != inputs.snapshot.organization.management_account
                && names.contains(&account.name.to_ascii_lowercase().as_str())
        };
        let found: Vec<_> = inputs.snapshot.organization.accounts.values().filter(called).collect();
        match found.as_slice() {
            [] => {}
            [account] => return Ok((account.id.clone(), format!("it is called {}", account.name))),
            several => {
                let names: Vec<&str> = several.iter().map(|account| account.name.as_str()).collect();
                let reason = format!("which account is to hold the logs is not clear: {}", names.join(", "));
                return Err(Stop::new(Hindrance::Manual, reason).hint(OTHERWISE));
            }
        }
    }
    let reason = "which account is to hold the logs is not known: no account is called log-archive or the like";
    Err(Stop::new(Hindrance::Manual, reason).hint(OTHERWISE))
}

/// The member account that owns the bucket of an organization trail.
fn present(bench: &Bench<'_>) -> Option<AccountId> {
    let snapshot = bench.inputs.snapshot;
    let owners: BTreeSet<&AccountId> = snapshot
        .trails
        .values()
        .filter(|trail| trail.is_organization)
        .filter_map(|trail| match snapshot.buckets.get(&trail.bucket)?.owner.known()? {
            BucketOwner::Account(owner) if *owner != snapshot.organization.management_account => Some(owner),
            _ => None,
        })
        .collect();
    owners.first().map(|owner| (*owner).clone())
}

/// The name of a new central log bucket. Names are unique in the partition: the organization's id and the account make it so.
pub(crate) fn bucket_name(bench: &Bench<'_>, archive: &AccountId) -> String {
    format!("{}-cloudtrail-{archive}", bench.inputs.snapshot.organization.id)
}
