//! Entering the accounts in scope and finding their regions.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::snapshot::RegionList;

use super::Context;
use crate::progress::Event;
use crate::read;

/// An account that was tried.
#[derive(Debug, Clone)]
pub(crate) struct Entered {
    /// The role, none for the caller's own account; a gap when it stayed closed.
    pub(crate) entered_as: Observed<Option<Arn>>,
    /// Where `regions` comes from.
    pub(crate) region_list: Observed<RegionList>,
    /// The regions to read; none when the account stayed closed.
    pub(crate) regions: BTreeSet<Region>,
}

/// Tries every account in scope.
pub(crate) async fn enter_all(context: &Context<'_>, accounts: &BTreeSet<AccountId>) -> BTreeMap<AccountId, Entered> {
    let tried = futures::stream::iter(accounts).map(|account| async move {
        let entered = enter(context, account).await;
        context.progress.event(Event::AccountEntered { account, n_regions: entered.regions.len() });
        (account.clone(), entered)
    });
    tried.buffer_unordered(context.width).collect().await
}

async fn enter(context: &Context<'_>, account: &AccountId) -> Entered {
    let session = context.session;
    let listed = match context.site(account, &session.leader).await {
        Err(gap) => {
            return Entered {
                entered_as: Observed::Gap(gap.clone()),
                region_list: Observed::Gap(gap),
                regions: BTreeSet::new(),
            };
        }
        Ok(site) => read::account::enabled_regions(session, &site).await,
    };
    let (region_list, regions) = choose(listed.map_err(Gap::from), session.partition.default_regions, context.regions);
    Entered {
        entered_as: Observed::Known(session.role_in(account)),
        region_list: Observed::Known(region_list),
        regions,
    }
}

/// The regions to read: the enabled ones, or the partition's defaults and the named ones when the list is not to be had;
/// of these only the named ones when any are named.
fn choose(
    listed: Result<BTreeSet<Region>, Gap>,
    defaults: &[&str],
    named: &BTreeSet<Region>,
) -> (RegionList, BTreeSet<Region>) {
    let (region_list, mut regions) = match listed {
        Ok(regions) => (RegionList::Read, regions),
        Err(gap) => {
            let defaults = defaults.iter().filter_map(|region| region.parse().ok());
            (RegionList::Assumed(gap), defaults.chain(named.iter().cloned()).collect())
        }
    };
    regions.retain(|region| named.is_empty() || named.contains(region));
    (region_list, regions)
}

#[cfg(test)]
mod tests {
    use trailwarden_model::observed::GapKind;

    use super::*;

    fn regions(names: &[&str]) -> BTreeSet<Region> {
        names.iter().map(|name| name.parse().unwrap()).collect()
    }

    fn gap() -> Gap {
        Gap {
            kind: GapKind::NotImplemented,
            call: "account:ListRegions".to_owned(),
            account: None,
            region: None,
            code: "NotImplemented".to_owned(),
            reason: String::new(),
        }
    }

    #[test]
    fn a_named_region_that_is_not_enabled_is_not_read() {
        let (list, chosen) =
            choose(Ok(regions(&["us-east-1", "eu-west-1"])), &[], &regions(&["eu-west-1", "me-south-1"]));
        assert_eq!((list, chosen), (RegionList::Read, regions(&["eu-west-1"])));
    }

    #[test]
    fn without_a_list_the_defaults_and_the_named_regions_are_assumed() {
        let (list, chosen) = choose(Err(gap()), &["us-east-1", "eu-west-1"], &BTreeSet::new());
        assert_eq!((list, chosen), (RegionList::Assumed(gap()), regions(&["eu-west-1", "us-east-1"])));
        let (_, chosen) = choose(Err(gap()), &["us-east-1"], &regions(&["me-south-1"]));
        assert_eq!(chosen, regions(&["me-south-1"]));
    }
}
