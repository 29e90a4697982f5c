//! The calls that a profile promises to deny, as AWS would authorize them.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::Arn;
use trailwarden_model::partition::Partition;

use crate::compose::exceptions::Exceptions;
use crate::compose::guarded::{Guarded, Resource};
use crate::compose::profile::Profile;
use crate::compose::target::Target;
use crate::pattern::{ArnPattern, Pattern, witness};
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
    /// The calls that a caller of this account may try, on what is guarded: those that the exceptions may make, or the others.
    pub(in crate::compose) fn calls(&self, account: &str, spares_exceptions: bool) -> Vec<Call> {
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
                None => self.everywhere(statement.on, account),
            };
            for action in &statement.deny {
                let is_on_trails = statement.on == Target::Anything && TRAIL_TAMPER_ACTIONS.contains(&action.as_str());
                let on = if is_on_trails { self.trails(account) } else { resources.clone() };
                calls.extend(on.into_iter().map(|resource| Call { action: action.clone(), resource }));
            }
        }
        calls.into_iter().collect()
    }

    /// The trails that concern an account, and one that it may create. The account that nobody has seen stands for all.
    fn trails(&self, account: &str) -> Vec<String> {
        let own = self.in_cloudtrail(account, "trail/any-trail");
        let concerns = |trail: &&Arn| {
            let owner = trail.account();
            let is_owner = |id: &str| owner.as_ref().is_some_and(|owner| owner.as_str() == id);
            account == self.unseen || is_owner(account) || is_owner(self.guarded.management_account.as_str())
        };
        self.guarded.trails.iter().filter(concerns).map(ToString::to_string).chain([own]).collect()
    }

    /// One of each kind that is named for all accounts alike, as this account would have it.
    fn everywhere(&self, target: Target, account: &str) -> Vec<String> {
        match target {
            Target::EventDataStores => vec![self.in_cloudtrail(account, "eventdatastore/any-store")],
            Target::Channels => vec![self.in_cloudtrail(account, "channel/any-channel")],
            Target::ExemptRoles => {
                let of_account = Pattern::parse(&format!("arn:{}:iam::{account}:role/?*", self.guarded.partition));
                let role = |pattern: &String| {
                    let exempt = ArnPattern::parse(pattern);
                    witness(&[exempt.widest(), &of_account], &[]).ok().flatten()
                };
                self.exceptions.roles().filter_map(role).collect()
            }
            _ => vec!["*".to_owned()],
        }
    }

    fn in_cloudtrail(&self, account: &str, resource: &str) -> String {
        let partition = &self.guarded.partition;
        let region = Partition::by_id(partition).map_or("us-east-1", |partition| partition.leader_region);
        format!("arn:{partition}:cloudtrail:{region}:{account}:{resource}")
    }
}
