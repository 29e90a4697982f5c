//! The calls that a profile promises to deny, as AWS would authorize them.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::Arn;

use crate::chain::Chain;
use crate::compose::exceptions::Exceptions;
use crate::compose::guarded::{Guarded, Resource};
use crate::compose::profile::Profile;
use crate::compose::target::Target;
use crate::future::{Future, FutureKind, regions_of_partition};
use crate::pattern::{ArnPattern, Pattern, TooComplex, witness};
use crate::prove::Call;
use crate::tamper::TRAIL_TAMPER_ACTIONS;

/// What a profile promises to deny.
pub(in crate::compose) struct Promise<'a> {
    pub(super) profile: Profile,
    pub(super) guarded: &'a Guarded,
    pub(super) exceptions: &'a Exceptions,
    /// An account that nobody has seen yet.
    pub(super) unseen: &'a str,
    pub(super) owned: &'a BTreeMap<&'a str, Vec<&'a Resource>>,
}

impl Promise<'_> {
    /// The calls that a caller of the account of a chain may try, on what is guarded and on what may yet be made: those that the
    /// exceptions may make, or the others.
    pub(in crate::compose) fn calls(&self, chain: &Chain, spares_exceptions: bool) -> Result<Vec<Call>, TooComplex> {
        let account = chain.account.as_str();
        let mut calls = BTreeSet::new();
        for statement in self.profile.statements() {
            if statement.spares_exceptions != spares_exceptions {
                continue;
            }
            let resources = match statement.on.resource_kind() {
                Some(kind) => {
                    let owned = self.owned.get(account).into_iter().flatten().filter(|owned| owned.kind == kind);
                    owned.map(|owned| statement.on.authorized(&owned.arn)).collect()
                }
                None => self.everywhere(statement.on, chain)?,
            };
            for action in &statement.deny {
                let is_on_trails = statement.on == Target::Anything && TRAIL_TAMPER_ACTIONS.contains(&action.as_str());
                let on = if is_on_trails { self.trails(chain)? } else { resources.clone() };
                calls.extend(on.into_iter().map(|resource| Call { action: action.clone(), resource }));
            }
        }
        Ok(calls.into_iter().collect())
    }

    /// The trails that concern an account, and those that it may create. The account that nobody has seen stands for all.
    fn trails(&self, chain: &Chain) -> Result<Vec<String>, TooComplex> {
        let account = chain.account.as_str();
        let own = self.future(FutureKind::Trail, chain)?;
        let concerns = |trail: &&Arn| {
            let owner = trail.account();
            let is_owner = |id: &str| owner.as_ref().is_some_and(|owner| owner.as_str() == id);
            account == self.unseen || is_owner(account) || is_owner(self.guarded.management_account.as_str())
        };
        Ok(self.guarded.trails.iter().filter(concerns).map(ToString::to_string).chain(own).collect())
    }

    /// Each kind that is named for all accounts alike, as this account would have it.
    fn everywhere(&self, target: Target, chain: &Chain) -> Result<Vec<String>, TooComplex> {
        let account = chain.account.as_str();
        Ok(match target {
            Target::EventDataStores => self.future(FutureKind::EventDataStore, chain)?,
            Target::Channels => self.future(FutureKind::Channel, chain)?,
            Target::ExemptRoles => {
                let of_account = Pattern::parse(&format!("arn:{}:iam::{account}:role/?*", self.guarded.partition));
                let role = |pattern: &String| {
                    let exempt = ArnPattern::parse(pattern);
                    witness(&[exempt.widest(), &of_account], &[]).ok().flatten()
                };
                self.exceptions.roles().filter_map(role).collect()
            }
            _ => vec!["*".to_owned()],
        })
    }

    fn future(&self, kind: FutureKind, chain: &Chain) -> Result<Vec<String>, TooComplex> {
        let partition = self.guarded.partition.as_str();
        Future { partition, account: &chain.account, regions: &regions_of_partition(partition) }.arns(kind, chain)
    }
}
