//! Account Management: the regions an account has enabled.

use std::collections::BTreeSet;

use aws_sdk_account::types::RegionOptStatus;
use trailwarden_model::ids::Region;

use crate::catalog::{Read, reads};
use crate::gap::Failure;
use crate::read::pages;
use crate::session::{Session, Site, at};

reads! {
    LIST_REGIONS = Read::global("account:ListRegions", 5);
}

/// The enabled regions of the account of the site.
///
/// Asked inside each account: the other way, from the management account by account id, needs trusted access for
/// `account.amazonaws.com`, shares one rate for the whole organization and refuses the management account's own id.
pub(crate) async fn enabled_regions(session: &Session, site: &Site) -> Result<BTreeSet<Region>, Failure> {
    let names = pages::all(|token| async move {
        let call = session
            .clients
            .account
            .list_regions()
            .region_opt_status_contains(RegionOptStatus::Enabled)
            .region_opt_status_contains(RegionOptStatus::EnabledByDefault)
            .max_results(50)
            .set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_account, site)).send();
        let answer = session.call(&LIST_REGIONS, site, call).await?;
        let names: Vec<Region> =
            answer.regions().iter().filter_map(|region| region.region_name()?.parse().ok()).collect();
        Ok((names, answer.next_token().map(str::to_owned)))
    })
    .await?;
    if names.is_empty() {
        let reason = "the answer holds no enabled region, which no account has";
        return Err(crate::gap::unexpected(&LIST_REGIONS, &site.account, &site.region, reason));
    }
    Ok(names.into_iter().collect())
}
