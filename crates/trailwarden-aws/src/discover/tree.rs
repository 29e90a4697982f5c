//! The OU tree, level by level, and the place of each account in it.

use std::collections::BTreeMap;

use futures::future::try_join_all;
use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::organization::{Account, NodeId, Root, Unit};

use crate::gap::Failure;
use crate::read::organizations;
use crate::session::{Session, Site};

/// Every OU, or the gap of the first list that failed: half a tree would hide SCPs.
pub(crate) async fn units(session: &Session, site: &Site, root: &Observed<Root>) -> Observed<BTreeMap<NodeId, Unit>> {
    match root {
        Observed::Gap(gap) => Observed::Gap(gap.clone()),
        Observed::Known(root) => walk(session, site, root).await.map_err(Gap::from).into(),
    }
}

async fn walk(session: &Session, site: &Site, root: &Root) -> Result<BTreeMap<NodeId, Unit>, Failure> {
    let mut units = BTreeMap::new();
    let mut level = vec![root.id.clone()];
    while !level.is_empty() {
        let lists = level.iter().map(|parent| organizations::units_below(session, site, parent));
        let below: Vec<Unit> = try_join_all(lists).await?.into_iter().flatten().collect();
        // A unit seen before would be a loop; Organizations has none, and we would never end in one.
        level = below.iter().map(|unit| unit.id.clone()).filter(|id| !units.contains_key(id)).collect();
        units.extend(below.into_iter().map(|unit| (unit.id.clone(), unit)));
    }
    Ok(units)
}

/// Fills in the parents that `ListAccounts` did not give, by listing the accounts below each node.
pub(crate) async fn place_accounts(
    session: &Session,
    site: &Site,
    root: &Observed<Root>,
    units: &Observed<BTreeMap<NodeId, Unit>>,
    accounts: &mut BTreeMap<AccountId, Account>,
) {
    if accounts.values().all(|account| account.parent.known().is_some()) {
        return;
    }
    let parents = match (root, units) {
        (Observed::Known(root), Observed::Known(units)) => list_parents(session, site, root, units).await,
        (Observed::Gap(gap), _) | (_, Observed::Gap(gap)) => Err(gap.clone()),
    };
    for (id, account) in accounts.iter_mut().filter(|(_, account)| account.parent.known().is_none()) {
        account.parent = match &parents {
            Err(gap) => Observed::Gap(gap.clone()),
            Ok(parents) => match parents.get(id) {
                Some(parent) => Observed::Known(parent.clone()),
                None => Observed::Gap(not_placed(id)),
            },
        };
    }
}

async fn list_parents(
    session: &Session,
    site: &Site,
    root: &Root,
    units: &BTreeMap<NodeId, Unit>,
) -> Result<BTreeMap<AccountId, NodeId>, Gap> {
    let nodes: Vec<&NodeId> = std::iter::once(&root.id).chain(units.keys()).collect();
    let lists = nodes.iter().map(|node| organizations::accounts_below(session, site, node));
    let lists = try_join_all(lists).await?;
    let placed = nodes.iter().zip(lists).flat_map(|(node, ids)| ids.into_iter().map(|id| (id, (*node).clone())));
    Ok(placed.collect())
}

/// Accounts may move while we look.
fn not_placed(account: &AccountId) -> Gap {
    Gap {
        kind: trailwarden_model::observed::GapKind::Unexpected,
        call: "organizations:ListAccountsForParent".to_owned(),
        account: Some(account.clone()),
        region: None,
        code: "NotPlaced".to_owned(),
        reason: "the account is below no root or OU that was listed".to_owned(),
    }
}
