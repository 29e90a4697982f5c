//! Resource control policies: nobody outside the organization, and no AWS service acting for an account outside, reaches log
//! buckets and trail keys of member accounts.

mod present;
mod proof;
mod requests;

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::{AccountId, Arn};

use super::error::ComposeError;
use super::exceptions::Exceptions;
use super::guarded::Guarded;
use super::profile::{Profile, Stranger};
use super::statement::{Deny, values};
use super::target::Target;
use super::{Attachment, ComposedPolicy, LeftOut};
use crate::document::Kind;
pub use present::open_to_strangers;

/// More accounts with trails than these are not named one by one: two statements of that length still fit one policy.
const MOST_NAMED: usize = 100;

/// Who is outside the organization, and what of a profile they must not reach.
pub(super) struct Perimeter<'a> {
    profile: Profile,
    guarded: &'a Guarded,
    /// The declared exceptions that belong to an account outside the organization, and name it. One that names no account would
    /// let in whoever gives a role of theirs that name.
    exceptions: Exceptions,
    /// Member accounts with trails of their own.
    trail_owners: BTreeSet<AccountId>,
}

impl<'a> Perimeter<'a> {
    pub(super) fn new(profile: Profile, guarded: &'a Guarded) -> Result<Self, ComposeError> {
        let is_outside = |pattern: &&String| {
            let account = pattern.split(':').nth(4).and_then(|account| account.parse::<AccountId>().ok());
            account.is_some_and(|id| id != guarded.management_account && !guarded.members.contains(&id))
        };
        let outside = guarded.exceptions.iter().filter(is_outside).cloned().collect();
        let owners = guarded.trails.iter().filter_map(Arn::account);
        Ok(Self {
            profile,
            guarded,
            exceptions: Exceptions::new(&outside, &guarded.partition)?,
            trail_owners: owners.filter(|owner| guarded.members.contains(owner)).collect(),
        })
    }

    pub(super) fn n_exceptions(&self) -> usize {
        self.exceptions.patterns().len()
    }

    /// Too many accounts have trails for each to be named.
    pub(super) fn left_out(&self) -> BTreeSet<LeftOut> {
        if self.trail_owners.len() <= MOST_NAMED || self.denies().is_empty() {
            return BTreeSet::new();
        }
        let reason = format!(
            "more than {MOST_NAMED} accounts own trails: resource control policies know CloudTrail's delivery for it by \
             aws:SourceOrgID alone"
        );
        let owners = self.trail_owners.iter();
        owners.map(|owner| LeftOut { resource: format!("account {owner}"), reason: reason.clone() }).collect()
    }

    /// The statements for each account that owns something to guard.
    pub(super) fn denies(&self) -> BTreeMap<Attachment, Vec<Deny>> {
        let mut denies: BTreeMap<Attachment, Vec<Deny>> = BTreeMap::new();
        for statement in self.profile.resource_controls() {
            let mut by_owner: BTreeMap<&AccountId, BTreeSet<String>> = BTreeMap::new();
            for target in &statement.on {
                for (arn, owner) in self.owned(*target) {
                    by_owner.entry(owner).or_default().insert(target.pattern(arn));
                }
            }
            for (owner, resources) in by_owner {
                denies.entry(Attachment::Account(owner.clone())).or_default().push(Deny {
                    kind: Kind::ResourceControl,
                    actions: statement.deny.iter().cloned().collect(),
                    resources,
                    condition: self.condition(statement.to, owner),
                });
            }
        }
        denies
    }

    /// Proves both ways that the RCPs among some policies stop whom they should and nobody else.
    pub(super) fn check(&self, policies: &[ComposedPolicy]) -> Result<(), ComposeError> {
        proof::check(self, policies)
    }

    /// The resources of a kind that member accounts own.
    fn owned(&self, target: Target) -> impl Iterator<Item = (&'a str, &'a AccountId)> {
        let owned = target.resource_kind().into_iter().flat_map(|kind| self.guarded.owned(kind));
        owned.filter_map(|(arn, owner)| Some((arn, owner.ok()?)))
    }

    /// Accounts for which services act that are let through whatever they say about the organization.
    ///
    /// `aws:SourceOrgID` comes with a request for a member's resource; but logs must arrive even where a service leaves it out.
    fn sources(&self, owner: &AccountId) -> BTreeSet<String> {
        let named = self.trail_owners.iter().filter(|_| self.trail_owners.len() <= MOST_NAMED);
        named.chain([owner, &self.guarded.management_account]).map(ToString::to_string).collect()
    }

    /// Whom a statement for the resources of an account stops. Source: AWS, data perimeter policy examples, identity perimeter RCP.
    fn condition(&self, stranger: Stranger, owner: &AccountId) -> String {
        let organization = &self.guarded.organization;
        match stranger {
            Stranger::Outsiders => {
                let sparing = self.exceptions.test().map(|test| test + ",").unwrap_or_default();
                format!(
                    r#"{{{sparing}"BoolIfExists":{{"aws:PrincipalIsAWSService":"false"}},"StringNotEqualsIfExists":{{"aws:PrincipalOrgID":"{organization}"}}}}"#
                )
            }
            Stranger::ServicesForOutsiders => {
                let sources = values(&self.sources(owner));
                // Where AWS names no account that the service acts for, nothing tells strangers from others.
                format!(
                    r#"{{"Bool":{{"aws:PrincipalIsAWSService":"true"}},"Null":{{"aws:SourceAccount":"false"}},"StringNotEqualsIfExists":{{"aws:SourceAccount":{sources},"aws:SourceOrgID":"{organization}"}}}}"#
                )
            }
        }
    }
}

#[cfg(test)]
mod tests;
