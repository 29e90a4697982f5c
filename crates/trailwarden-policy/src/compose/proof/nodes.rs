//! The organization as it would be with the composed policies attached.

use std::collections::BTreeMap;
use std::sync::Arc;

use trailwarden_model::ids::AccountId;

use crate::chain::{AttachedPolicy, Chain, ChainNode};
use crate::compose::error::ComposeError;
use crate::compose::{Attachment, ComposedPolicy};
use crate::document::{Document, Kind};
use crate::span::Malformed;

const FULL_ACCESS: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

/// What would be attached at the root and at each account, besides what AWS attaches everywhere.
pub(super) struct Nodes {
    root: Arc<ChainNode>,
    accounts: BTreeMap<AccountId, Arc<ChainNode>>,
}

impl Nodes {
    /// Fails when a document is not one that AWS would accept.
    pub(super) fn new(policies: &[ComposedPolicy]) -> Result<Self, ComposeError> {
        let mut root = node("root");
        let mut accounts: BTreeMap<AccountId, ChainNode> = BTreeMap::new();
        for policy in policies {
            let document = Document::parse(Kind::ServiceControl, &policy.text)
                .map_err(|reason| ComposeError::Malformed { name: policy.name.clone(), reason })?;
            let at = match &policy.attach_to {
                Attachment::Root => &mut root,
                Attachment::Account(id) => accounts.entry(id.clone()).or_insert_with(|| node(id.as_str())),
            };
            at.policies.push(attached(&policy.name, Ok(document)));
        }
        let accounts = accounts.into_iter().map(|(id, node)| (id, Arc::new(node))).collect();
        Ok(Self { root: Arc::new(root), accounts })
    }

    /// The accounts with policies of their own.
    pub(super) fn accounts(&self) -> impl Iterator<Item = &str> {
        self.accounts.keys().map(AccountId::as_str)
    }

    /// The way down to an account right below the root.
    pub(super) fn chain(&self, account: &str, organization: &str) -> Chain {
        let own = account.parse().ok().and_then(|id: AccountId| self.accounts.get(&id).cloned());
        let own = own.unwrap_or_else(|| Arc::new(node(account)));
        Chain {
            account: account.to_owned(),
            organization: Some(organization.to_owned()),
            unbound: None,
            nodes: vec![Arc::clone(&self.root), own],
        }
    }
}

fn node(id: &str) -> ChainNode {
    let full = attached("FullAWSAccess", Document::parse(Kind::ServiceControl, FULL_ACCESS));
    ChainNode { id: id.to_owned(), kind: Kind::ServiceControl, policies: vec![full], gaps: Vec::new() }
}

fn attached(name: &str, document: Result<Document, Malformed>) -> Arc<AttachedPolicy> {
    Arc::new(AttachedPolicy { id: name.to_owned(), name: name.to_owned(), document })
}
