//! What an assessment keeps of the snapshot for those who read it: the tree of `scp show` and the matrix of `coverage`.

use std::collections::BTreeMap;

use trailwarden_audit::coverage::EventClass;
use trailwarden_model::baseline::Baseline;
use trailwarden_model::ids::AccountId;
use trailwarden_model::map::{Coverage, Denied, Node, Policy, PolicyKind, Recorded, Tree};
use trailwarden_model::organization::{FULL_AWS_ACCESS, Organization, RCP_FULL_AWS_ACCESS};
use trailwarden_model::snapshot::Snapshot;
use trailwarden_policy::Extent;
use trailwarden_report::coverage::{Cell, Row};
use trailwarden_report::scp::tree::{Attached, Node as Drawn};

use super::coverage::of_all;
use super::scp::show::draw;

/// The tree of an organization; none when it was not read.
pub(super) fn tree(organization: &Organization) -> Option<Tree> {
    let drawn = draw(organization, &[], None).ok()?;
    let mut nodes = Vec::new();
    keep(organization, drawn.root, None, &mut nodes);
    let accounts = organization.accounts.iter();
    let accounts = accounts.map(|(id, account)| (id.clone(), account.parent.known().cloned())).collect();
    Some(Tree { notes: drawn.notes, nodes, accounts })
}

/// Keeps a node before those below it. An account with nothing of its own is known by what is above it.
fn keep(organization: &Organization, drawn: Drawn, parent: Option<&str>, nodes: &mut Vec<Node>) {
    let account = drawn.id.parse::<AccountId>().ok().and_then(|id| organization.accounts.get(&id));
    let is_default = |policy: &Attached| [FULL_AWS_ACCESS, RCP_FULL_AWS_ACCESS].contains(&policy.id.as_str());
    let is_plain = drawn.gaps.is_empty() && drawn.denies.is_empty() && drawn.policies.iter().all(is_default);
    if account.is_some() && is_plain {
        return;
    }
    let unit = organization.units.known().and_then(|units| units.get(&drawn.id)).map(|unit| unit.name.clone());
    nodes.push(Node {
        id: drawn.id.clone(),
        name: account.map(|account| account.name.clone()).or(unit).unwrap_or_else(|| "Root".to_owned()),
        parent: parent.map(str::to_owned),
        policies: drawn.policies.into_iter().map(policy).collect(),
        gaps: drawn.gaps,
        denies: drawn.denies.into_iter().map(|(action, extent)| (action, denied(extent))).collect(),
    });
    drawn.children.into_iter().for_each(|child| keep(organization, child, Some(&drawn.id), nodes));
}

fn policy(attached: Attached) -> Policy {
    let Attached { id, name, is_resource_control, statements } = attached;
    let kind = if is_resource_control { PolicyKind::ResourceControl } else { PolicyKind::ServiceControl };
    Policy { id, name, kind, malformed: statements.err() }
}

fn denied(extent: Extent) -> Denied {
    match extent {
        Extent::Everyone => Denied::Everyone,
        Extent::AllBut(exempt) => Denied::AllBut(exempt),
        Extent::Partly => Denied::Partly,
        Extent::Undecided(reason) => Denied::Undecided(reason),
    }
}

/// What each account and region records, regions that record the same told once; none when that was not read.
pub(super) fn coverage(snapshot: &Snapshot, baseline: &Baseline) -> Option<Vec<Coverage>> {
    let mut kept: Vec<Coverage> = Vec::new();
    let mut first = 0;
    for row in of_all(snapshot, baseline)?.rows {
        let Row { account, region, cells } = row;
        let classes = EventClass::ALL.iter().map(|class| class.id().to_owned());
        let classes: BTreeMap<String, Recorded> = classes.zip(cells.into_iter().map(recorded)).collect();
        if kept.last().is_some_and(|last| last.account != account) {
            first = kept.len();
        }
        let same = kept.get_mut(first..).unwrap_or_default().iter_mut().find(|known| known.classes == classes);
        match same {
            Some(known) => known.regions.extend(region),
            None => kept.push(Coverage { account, regions: region.into_iter().collect(), classes }),
        }
    }
    Some(kept)
}

fn recorded(cell: Cell) -> Recorded {
    match cell {
        Cell::Covered { .. } => Recorded::Recorded,
        Cell::Lost { example } => Recorded::Lost(example),
        Cell::Unknown(gap) => Recorded::Unknown(gap.to_string()),
        Cell::NotApplicable => Recorded::NotApplicable,
    }
}
