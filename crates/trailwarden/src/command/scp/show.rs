//! `trailwarden scp show`: the tree, what is attached where, and what each node denies by itself.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::Gap;
use trailwarden_model::organization::{Organization, RESOURCE_CONTROL_POLICY, Root, SERVICE_CONTROL_POLICY};
use trailwarden_model::snapshot::Need;
use trailwarden_policy::{AttachedPolicy, Chains, Denials, Kind};
use trailwarden_report::scp::tree::{self, Attached, Node, Tree};

use super::super::source::{read_organization, sandbox_notice};
use crate::cli::{self, View};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::write_stdout;
use crate::settings::Settings;

/// Draws the tree. That something could not be read or told is all that the exit code says.
pub(super) fn show(arguments: &cli::Show, settings: &Settings) -> Result<Exit, Failure> {
    let needs = BTreeSet::from([Need::ServiceControlPolicies, Need::ResourceControlPolicies]);
    let organization = read_organization(&arguments.source, &needs, settings)?;
    let tree = named(&organization, arguments)?;
    let text = match arguments.format {
        View::Json => tree::render_json(&tree).map_err(Failure::internal)?,
        View::Table => {
            tree::render(&tree, &settings.view(false, sandbox_notice(&arguments.source.connect).as_deref(), ""))
        }
    };
    write_stdout(&text)?;
    Ok(if tree.is_incomplete() { Exit::FindingsUnknown } else { Exit::Ok })
}

fn named<'a>(organization: &'a Organization, arguments: &cli::Show) -> Result<Tree<'a>, Failure> {
    let tree = draw(organization, &arguments.account, arguments.depth).map_err(|gap| {
        Failure::usage(format!("the tree of {} was not read: {gap}", organization.id))
            .hint("use credentials that may list roots, OUs and policies, or a snapshot that holds them")
    })?;
    if let Some(id) = arguments.account.iter().find(|id| !organization.accounts.contains_key(id)) {
        return Err(Failure::usage(format!("account {id} is not in organization {}", organization.id))
            .hint("`trailwarden scp show` lists the accounts"));
    }
    Ok(Tree { is_unfolded: arguments.all, ..tree })
}

/// The tree down to a depth, on the way to some accounts; to all when none is named.
pub(in crate::command) fn draw<'a>(
    organization: &'a Organization,
    accounts: &[AccountId],
    depth: Option<usize>,
) -> Result<Tree<'a>, Gap> {
    let root = organization.root.get()?;
    let shown = shown(organization, accounts)?;
    let mut notes = Vec::new();
    let planter = Planter {
        organization,
        children: children(organization)?,
        layers: [
            layer(root, SERVICE_CONTROL_POLICY, Chains::new(organization), &mut notes),
            layer(root, RESOURCE_CONTROL_POLICY, Chains::resource_control(organization), &mut notes),
        ],
        denials: Denials::new(organization),
        shown,
    };
    let (node, accounts) = planter.node(&root.id, depth.unwrap_or(usize::MAX));
    let unplaced: BTreeMap<AccountId, String> = organization
        .accounts
        .values()
        .filter_map(|account| Some((account.id.clone(), account.parent.gap()?.to_string())))
        .collect();
    let n_placed = organization.accounts.len() - unplaced.len();
    Ok(Tree {
        organization,
        notes,
        root: node,
        unplaced,
        n_left_out: n_placed.saturating_sub(accounts.len()),
        is_unfolded: false,
    })
}

/// The policies of one type; none, with a note, when the type is disabled or its policies were not read.
fn layer<'a>(
    root: &Root,
    policy_type: &str,
    chains: Result<Chains<'a>, Gap>,
    notes: &mut Vec<String>,
) -> Option<Chains<'a>> {
    let is_service_control = policy_type == SERVICE_CONTROL_POLICY;
    let name = if is_service_control { "service control policies" } else { "resource control policies" };
    if !root.enabled_policy_types.contains(policy_type) {
        // Few organizations use resource control policies, and without them nothing is amiss.
        notes.extend(is_service_control.then(|| format!("{name} are disabled on the root: they bind nobody")));
        return None;
    }
    chains.map_err(|gap| notes.push(format!("{name} were not read: {gap}"))).ok()
}

/// The nodes on the way to the accounts that were named; all when none was.
fn shown(organization: &Organization, accounts: &[AccountId]) -> Result<Option<BTreeSet<String>>, Gap> {
    if accounts.is_empty() {
        return Ok(None);
    }
    let paths: Result<Vec<_>, Gap> = accounts.iter().map(|account| organization.path_to(account)).collect();
    Ok(Some(paths?.into_iter().flatten().collect()))
}

/// OUs and accounts by what is above them.
fn children(organization: &Organization) -> Result<BTreeMap<&str, Vec<&str>>, Gap> {
    let units = organization.units.get()?.values().map(|unit| (unit.parent.as_str(), unit.id.as_str()));
    let accounts = organization.accounts.values();
    let accounts = accounts.filter_map(|account| Some((account.parent.known()?.as_str(), account.id.as_str())));
    let mut children: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (parent, child) in units.chain(accounts) {
        children.entry(parent).or_default().push(child);
    }
    Ok(children)
}

/// Everything that nodes are made from.
struct Planter<'a> {
    organization: &'a Organization,
    children: BTreeMap<&'a str, Vec<&'a str>>,
    /// Service control policies and resource control policies, as far as enabled and read.
    layers: [Option<Chains<'a>>; 2],
    denials: Denials<'a>,
    shown: Option<BTreeSet<String>>,
}

impl Planter<'_> {
    /// A node with those below it down to a depth, and the accounts at or below it.
    fn node(&self, id: &str, depth: usize) -> (Node, Vec<AccountId>) {
        let mut accounts: Vec<AccountId> = id.parse().ok().into_iter().collect();
        let mut node = Node {
            id: id.to_owned(),
            policies: Vec::new(),
            gaps: Vec::new(),
            denies: BTreeMap::new(),
            children: Vec::new(),
            n_deeper: 0,
        };
        let is_shown = |child: &&&str| self.shown.as_ref().is_none_or(|shown| shown.contains(**child));
        for child in self.children.get(id).into_iter().flatten().filter(is_shown) {
            let (child, below) = self.node(child, depth.saturating_sub(1));
            if depth > 0 {
                node.children.push(child);
            } else {
                node.n_deeper += below.len();
            }
            accounts.extend(below);
        }
        for chains in self.layers.iter().flatten() {
            let attached = chains.node(id);
            node.policies.extend(attached.policies.iter().map(|policy| describe(policy, attached.kind)));
            node.gaps.extend(attached.gaps.iter().cloned());
            if attached.kind == Kind::ServiceControl {
                let is_member = |account: &&AccountId| **account != self.organization.management_account;
                let members: Vec<&AccountId> = accounts.iter().filter(is_member).collect();
                node.denies = self.denials.of(&attached, &members);
            }
        }
        (node, accounts)
    }
}

fn describe(policy: &AttachedPolicy, kind: Kind) -> Attached {
    Attached {
        id: policy.id.clone(),
        name: policy.name.clone(),
        is_resource_control: kind == Kind::ResourceControl,
        statements: match &policy.document {
            Ok(document) => Ok(document.n_statements()),
            Err(malformed) => Err(format!("{} at {}", malformed.reason, malformed.span)),
        },
    }
}
