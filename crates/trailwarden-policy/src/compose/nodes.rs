//! The organization as it would be with the composed policies attached.

use std::collections::BTreeMap;
use std::sync::Arc;

use trailwarden_model::ids::AccountId;

use super::error::ComposeError;
use super::{Attachment, ComposedPolicy};
use crate::chain::{AttachedPolicy, Chain, ChainNode, RCP_FULL_AWS_ACCESS_TEXT};
use crate::document::{Document, Kind};
use crate::span::Malformed;

const FULL_ACCESS: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

/// The policies of one kind that would be attached at the root and at each account, besides what AWS attaches everywhere.
pub(super) struct Nodes {
    kind: Kind,
    root: Arc<ChainNode>,
    accounts: BTreeMap<AccountId, Arc<ChainNode>>,
}

impl Nodes {
    /// Fails when a document is not one that AWS would accept.
    pub(super) fn new(kind: Kind, policies: &[ComposedPolicy]) -> Result<Self, ComposeError> {
        let mut root = node(kind, "root");
        let mut accounts: BTreeMap<AccountId, ChainNode> = BTreeMap::new();
        for policy in policies.iter().filter(|policy| policy.kind == kind) {
            let document = Document::parse(kind, &policy.text)
                .map_err(|reason| ComposeError::Malformed { name: policy.name.clone(), reason })?;
            let at = match &policy.attach_to {
                Attachment::Root => &mut root,
                Attachment::Account(id) => accounts.entry(id.clone()).or_insert_with(|| node(kind, id.as_str())),
            };
            at.policies.push(attached(&policy.name, Ok(document)));
        }
        let accounts = accounts.into_iter().map(|(id, node)| (id, Arc::new(node))).collect();
        Ok(Self { kind, root: Arc::new(root), accounts })
    }

    /// The accounts with policies of their own.
    pub(super) fn accounts(&self) -> impl Iterator<Item = &str> {
        self.accounts.keys().map(AccountId::as_str)
    }

    /// The way down to an account right below the root.
    pub(super) fn chain(&self, account: &str, organization: &str) -> Chain {
        let own = account.parse().ok().and_then(|id: AccountId| self.accounts.get(&id).cloned());
        let own = own.unwrap_or_else(|| Arc::new(node(self.kind, account)));
        Chain {
            account: account.to_owned(),
            organization: Some(organization.to_owned()),
            unbound: None,
            nodes: vec![Arc::clone(&self.root), own],
        }
    }
}

fn node(kind: Kind, id: &str) -> ChainNode {
    let full = match kind {
        Kind::ResourceControl => ("RCPFullAWSAccess", RCP_FULL_AWS_ACCESS_TEXT),
        _ => ("FullAWSAccess", FULL_ACCESS),
    };
    let full = attached(full.0, Document::parse(kind, full.1));
    ChainNode { id: id.to_owned(), kind, policies: vec![full], gaps: Vec::new() }
}

fn attached(name: &str, document: Result<Document, Malformed>) -> Arc<AttachedPolicy> {
    Arc::new(AttachedPolicy { id: name.to_owned(), name: name.to_owned(), document })
}
