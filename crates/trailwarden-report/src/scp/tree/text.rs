//! The tree drawn for people. Accounts, and OUs, that are alike are folded, so that a large organization stays readable.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::finding::Outcome;
use trailwarden_model::organization::{FULL_AWS_ACCESS, RCP_FULL_AWS_ACCESS};

use super::{Attached, Extent, Node, Tree};
use crate::names::Names;
use crate::paint::{count, join_and, wrap};
use crate::scp::proof::words::deeds;
use crate::scp::{Page, View};

/// Accounts or OUs alike below one node that are still shown one by one.
const MAX_ALIKE: usize = 4;
/// Names given of what is folded.
const MAX_NAMES: usize = 3;

/// Renders a tree for people, ending in a newline.
pub fn render(tree: &Tree<'_>, view: &View<'_>) -> String {
    let artist = Artist {
        tree,
        page: Page::new(view),
        names: Names { organization: tree.organization },
        management: tree.organization.management_account.as_str(),
    };
    let management = artist.names.account(artist.management);
    let mut text = artist.page.line(0, &format!("organization {}, managed by {management}", tree.organization.id));
    text.extend(view.notice.map(|notice| artist.page.line(0, &format!("! {notice}"))));
    text.extend(tree.notes.iter().map(|note| artist.page.line(0, &format!("! {note}"))));
    text.push('\n');
    artist.node(&tree.root, "", "", &mut text);
    text.push_str(&format!("\n{}", artist.page.line(0, &artist.page.paint.dim(UNSHOWN))));
    if !tree.unplaced.is_empty() {
        text.push_str("\nAccounts whose place in the tree could not be read\n");
    }
    for (account, reason) in &tree.unplaced {
        text.push_str(&artist.page.line(2, &format!("{}: {reason}", artist.names.account(account.as_str()))));
    }
    if tree.n_left_out > 0 {
        text.push_str(&format!("\n{} not shown\n", count(tree.n_left_out, "other account")));
    }
    text
}

/// What AWS attaches to every node to begin with. The second cannot be detached.
const ALLOW_ALL: [&str; 2] = [FULL_AWS_ACCESS, RCP_FULL_AWS_ACCESS];
const NARROWED: &str = "without FullAWSAccess: only what these policies allow gets through";
const UNSHOWN: &str = "FullAWSAccess and RCPFullAWSAccess, which allow everything, are not shown.";

struct Artist<'a> {
    tree: &'a Tree<'a>,
    page: Page,
    names: Names<'a>,
    management: &'a str,
}

/// What is drawn at one place: a node, or nodes that are alike.
enum Branch<'a> {
    Node(&'a Node),
    Folded(Vec<&'a Node>),
}

impl Artist<'_> {
    /// Draws a node: `first` stands before its own line, `rest` before everything below it.
    fn node(&self, node: &Node, first: &str, rest: &str, text: &mut String) {
        let mut title = self.page.paint.bold(&self.names.node(&node.id));
        if !node.is_account() {
            title.push_str(&format!("  {}", count(node.n_accounts(), "account")));
        }
        let details = self.details(node);
        if node.id == self.management {
            title.push_str("  the management account: no service control policy binds it");
        }
        let branches = self.branches(node);
        let below = format!("{rest}{}", if branches.is_empty() { "    " } else { "│   " });
        text.push_str(&wrap(self.page.width, &title, first, rest));
        details.iter().for_each(|line| {
            text.push_str(&wrap(self.page.width, line, &below, &format!("{below}  ")));
        });
        let n_branches = branches.len();
        for (index, branch) in branches.iter().enumerate() {
            let is_last = index + 1 == n_branches;
            let first = format!("{rest}{}", if is_last { "└── " } else { "├── " });
            let rest = format!("{rest}{}", if is_last { "    " } else { "│   " });
            match branch {
                Branch::Node(child) => self.node(child, &first, &rest, text),
                Branch::Folded(alike) => self.folded(alike, &first, &rest, text),
            }
        }
        if node.n_deeper > 0 {
            text.push_str(&format!("{rest}    … {} deeper\n", count(node.n_deeper, "account")));
        }
    }

    /// The children in order; many that are alike as one.
    fn branches<'n>(&self, node: &'n Node) -> Vec<Branch<'n>> {
        let mut alike: BTreeMap<_, Vec<(usize, &Node)>> = BTreeMap::new();
        for (index, child) in node.children.iter().enumerate() {
            // What must not be folded is like nothing else.
            let alone = (self.tree.is_unfolded || !self.is_foldable(child)).then_some(index);
            let key = (child.is_account(), alone, &child.policies, &child.gaps, &child.denies);
            alike.entry(key).or_default().push((index, child));
        }
        let mut branches: BTreeMap<usize, Branch<'n>> = BTreeMap::new();
        for group in alike.into_values() {
            match group.first() {
                Some((first, _)) if group.len() > MAX_ALIKE => {
                    let nodes = group.iter().map(|(_, node)| *node).collect();
                    branches.insert(*first, Branch::Folded(nodes));
                }
                _ => branches.extend(group.into_iter().map(|(index, node)| (index, Branch::Node(node)))),
            }
        }
        branches.into_values().collect()
    }

    /// True for accounts, and for OUs below which there is nothing to tell.
    fn is_foldable(&self, node: &Node) -> bool {
        let is_quiet = |child: &Node| self.details(child).is_empty() && self.is_foldable(child);
        node.id != self.management && node.children.iter().all(is_quiet)
    }

    fn folded(&self, alike: &[&Node], first: &str, rest: &str, text: &mut String) {
        let Some(example) = alike.first() else { return };
        let name =
            |node: &Node| if node.is_account() { self.names.account(&node.id) } else { self.names.node(&node.id) };
        let names: Vec<String> = alike.iter().take(MAX_NAMES).map(|node| name(node)).collect();
        let n_more = alike.len().saturating_sub(names.len());
        let title = if example.is_account() {
            format!("{} alike: {} and {n_more} others", count(alike.len(), "account"), names.join(", "))
        } else {
            let n_accounts = count(alike.iter().map(|node| node.n_accounts()).sum(), "account");
            format!("{} alike, with {n_accounts}: {} and {n_more} others", count(alike.len(), "OU"), names.join(", "))
        };
        text.push_str(&wrap(self.page.width, &title, first, rest));
        let below = format!("{rest}    ");
        for line in self.details(example) {
            text.push_str(&wrap(self.page.width, &line, &below, &format!("{below}  ")));
        }
    }

    /// What is attached besides what allows everything, what could not be read, and what is denied.
    fn details(&self, node: &Node) -> Vec<String> {
        let is_bound = node.policies.iter().any(|policy| !policy.is_resource_control);
        let is_usual = node.policies.iter().any(|policy| policy.id == FULL_AWS_ACCESS);
        let narrowed = (is_bound && !is_usual).then(|| NARROWED.to_owned());
        let policies = node.policies.iter().filter(|policy| !ALLOW_ALL.contains(&policy.id.as_str()));
        let policies = narrowed.into_iter().chain(policies.map(|policy| self.policy(policy)));
        let gaps = node.gaps.iter().map(|gap| self.page.paint.outcome(Outcome::Unknown, &format!("? not read: {gap}")));
        policies.chain(gaps).chain(self.denies(&node.denies)).collect()
    }

    fn policy(&self, policy: &Attached) -> String {
        let name = format!("{} ({})", policy.name, policy.id);
        let kind = if policy.is_resource_control { "resource control policy, " } else { "" };
        match &policy.statements {
            Ok(n) => format!("{name}  {kind}{}", count(*n, "statement")),
            Err(reason) => {
                let warning = format!("✗ {kind}not in force, since AWS would refuse it: {reason}");
                format!("{name}  {}", self.page.paint.outcome(Outcome::Fail, &warning))
            }
        }
    }

    fn denies(&self, denies: &BTreeMap<String, Extent>) -> Vec<String> {
        let mut by_extent: BTreeMap<&Extent, BTreeSet<String>> = BTreeMap::new();
        for (action, extent) in denies {
            by_extent.entry(extent).or_default().insert(action.clone());
        }
        let line = |(extent, actions): (&Extent, BTreeSet<String>)| {
            let what = deeds(&actions, None, "or");
            let (outcome, line) = match extent {
                Extent::Everyone => (Outcome::Pass, format!("✓ nobody can {what}")),
                Extent::AllBut(exempt) => {
                    let exempt = join_and(&exempt.iter().cloned().collect::<Vec<_>>());
                    (Outcome::Fail, format!("✗ nobody but {exempt} can {what}"))
                }
                Extent::Partly => (
                    Outcome::Fail,
                    format!("✗ denied only in part, by caller, trail or account: {what}; see `scp prove`"),
                ),
                Extent::Undecided(reason) => {
                    (Outcome::Unknown, format!("? it cannot be told who can {what}: {reason}"))
                }
            };
            self.page.paint.outcome(outcome, &line)
        };
        by_extent.into_iter().map(line).collect()
    }
}
