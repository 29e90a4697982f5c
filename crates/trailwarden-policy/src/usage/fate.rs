//! The verdict on past calls: whether each caller would be denied, is spared, or is none of those whom the policies bind.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use trailwarden_model::history::PastEvent;
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::observed::Gap;
use trailwarden_model::organization::Organization;
use trailwarden_model::usage::PlaceUsage;

use super::automation::Automation;
use super::caller::Caller;
use super::lookups::actions_of_events;
use super::resource::resources;
use crate::chain::{Chain, ChainVerdict, Chains, Place, Unbound};
use crate::compose::Proposal;
use crate::context::Context;
use crate::document::{Effect, Statement};
use crate::pattern::ArnPattern;
use crate::prove::{Call, facts_of};
use crate::request::{Principal, Request};

/// What would become of calls like the ones that were made, worst first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// A new policy would deny them.
    Denied {
        /// The statement.
        by: Place,
        /// Today's policies deny them too, for all that is known, though the calls succeeded: at the time, or under conditions
        /// that a record does not tell.
        today: Option<String>,
    },
    /// It cannot be told, for this reason.
    Undecided(String),
    /// They would be denied to anybody else.
    Spared(Spared),
    /// Today's policies deny them, and they failed.
    DeniedToday(String),
    /// They were made on something that the new policies do not name.
    Elsewhere,
    /// The new policies do not bind the caller.
    NotBound(Unbound),
    /// A service made them of its own accord, and no SCP binds a service.
    Service,
}

/// The declared exception that spares a caller, as declared.
pub type Spared = String;

/// The use that one caller made of one action in one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The account whose event history shows it.
    pub account: AccountId,
    /// For example `cloudtrail:StopLogging`.
    pub action: String,
    /// Who.
    pub caller: Caller,
    /// What would become of it.
    pub fate: Fate,
    /// Whose role it is, where its name tells.
    pub automation: Option<Automation>,
    /// Services through which it was made on behalf of the caller.
    pub via: BTreeSet<String>,
    /// Where.
    pub regions: BTreeSet<Region>,
    /// The first time.
    pub first: Timestamp,
    /// The last time.
    pub last: Timestamp,
    /// How often it succeeded.
    pub n_succeeded: usize,
    /// How often it failed, for whatever reason.
    pub n_failed: usize,
}

/// Judges what places answered: one entry for each account, action, caller and fate; first what would be denied and succeeded, the
/// latest first. `exceptions` are the declared ones, `accelerator_prefix` that of Landing Zone Accelerator.
///
/// # Errors
/// The gap of policies or a tree that could not be read today.
pub fn uses(
    organization: &Organization,
    proposal: &Proposal,
    exceptions: &BTreeSet<String>,
    accelerator_prefix: &str,
    places: &[PlaceUsage],
) -> Result<Vec<Use>, Gap> {
    let mut judge = Judge {
        proposal,
        exceptions,
        roles: roles(proposal, exceptions)?,
        today: Chains::new(organization)?,
        proposed: Chains::new(&proposal.organization)?,
        chains: BTreeMap::new(),
    };
    let actions = actions_of_events(proposal);
    let mut found: BTreeMap<(AccountId, String, Caller, Fate), Use> = BTreeMap::new();
    for (place, event) in places.iter().flat_map(|place| place.events.iter().map(move |event| (place, event))) {
        let Some(action) = actions.get(&(event.source.clone(), event.name.clone())) else { continue };
        let caller = Caller::of(event);
        let fate = judge.judge(&place.account, action, &caller, event);
        let key = (place.account.clone(), action.clone(), caller, fate);
        let (account, action, caller, fate) = key.clone();
        let automation = match &caller {
            Caller::Identity(identity) => Automation::of(identity, accelerator_prefix),
            Caller::Service(_) | Caller::Unnamed => None,
        };
        let (regions, via) = (BTreeSet::new(), BTreeSet::new());
        let (first, last, n_succeeded, n_failed) = (event.time, event.time, 0, 0);
        let used = Use { account, action, caller, fate, automation, via, regions, first, last, n_succeeded, n_failed };
        found.entry(key).or_insert(used).add(event);
    }
    let mut uses: Vec<Use> = found.into_values().collect();
    uses.sort_by_key(|used| (used.rank(), used.n_succeeded == 0, Reverse(used.last)));
    Ok(uses)
}

impl Use {
    fn add(&mut self, event: &PastEvent) {
        self.first = self.first.min(event.time);
        self.last = self.last.max(event.time);
        self.regions.insert(event.region.clone());
        if self.caller != Caller::Service(event.invoked_by.clone().unwrap_or_default()) {
            self.via.extend(event.invoked_by.clone());
        }
        match event.error_code {
            None => self.n_succeeded += 1,
            Some(_) => self.n_failed += 1,
        }
    }

    /// Fates in the order of their weight, whatever they hold.
    fn rank(&self) -> usize {
        match self.fate {
            Fate::Denied { .. } => 0,
            Fate::Undecided(_) => 1,
            Fate::Spared(_) => 2,
            Fate::DeniedToday(_) => 3,
            Fate::Elsewhere => 4,
            Fate::NotBound(_) | Fate::Service => 5,
        }
    }
}

/// The roles that the new policies and the exceptions name, as they name them.
fn roles(proposal: &Proposal, exceptions: &BTreeSet<String>) -> Result<BTreeSet<String>, Gap> {
    let mut roles = exceptions.clone();
    for policy in proposal.policies() {
        let document = crate::document::Document::parse(crate::document::Kind::ServiceControl, policy.content.get()?);
        let statements = document.into_iter().flat_map(|document| document.statements);
        let named = statements.filter_map(|statement| statement.resources).flat_map(|resources| resources.patterns);
        roles.extend(named.map(|pattern| pattern.value.template().source().to_owned()));
    }
    roles.retain(|arn| arn.contains(":role/"));
    Ok(roles)
}

struct Judge<'a> {
    proposal: &'a Proposal,
    exceptions: &'a BTreeSet<String>,
    roles: BTreeSet<String>,
    today: Chains<'a>,
    proposed: Chains<'a>,
    /// The chains of accounts that were met, as they are and as they would be.
    chains: BTreeMap<AccountId, Result<(Chain, Chain), Gap>>,
}

impl Judge<'_> {
    fn judge(&mut self, account: &AccountId, action: &str, caller: &Caller, event: &PastEvent) -> Fate {
        let identity = match caller {
            Caller::Identity(identity) => identity,
            Caller::Service(_) => return Fate::Service,
            Caller::Unnamed => return Fate::Undecided("the record names no caller".to_owned()),
        };
        let Some(home) = identity.parse().ok().and_then(|arn: Arn| arn.account()) else {
            return Fate::Undecided(format!("{identity} names no account"));
        };
        let (today, proposed) = match self.chains_of(home) {
            Ok(chains) => chains,
            Err(gap) => return Fate::Undecided(gap.to_string()),
        };
        let (today, proposed) = (&today, &proposed);
        if let Some(unbound) = proposed.unbound {
            return Fate::NotBound(unbound);
        }
        let partition = self.proposal.organization.arn.partition();
        let resources = resources(event, account, partition, &self.roles);
        let is_told = !resources.is_empty();
        let resources = if is_told { resources } else { BTreeSet::from(["*".to_owned()]) };
        let past = Past { partition, action, identity, event };
        let fates = resources.iter().map(|resource| {
            let request = past.request(proposed, resource);
            if !self.is_named(proposed, &request) {
                let hidden = || Fate::Undecided("the record does not tell what it was done to".to_owned());
                return if is_told || !self.may_be_named(proposed, action) { Fate::Elsewhere } else { hidden() };
            }
            self.fate(today, proposed, &request, identity, event.error_code.is_some())
        });
        fates.min().unwrap_or(Fate::Elsewhere)
    }

    /// The chains of an account. Their nodes are shared, so that a copy is cheap.
    fn chains_of(&mut self, account: AccountId) -> Result<(Chain, Chain), Gap> {
        let (today, proposed) = (&self.today, &self.proposed);
        let read = |account: &AccountId| Ok((today.of(account)?, proposed.of(account)?));
        self.chains.entry(account).or_insert_with_key(read).clone()
    }

    fn fate(&self, today: &Chain, proposed: &Chain, request: &Request, identity: &str, has_failed: bool) -> Fate {
        let would = proposed.evaluate(request);
        let denied_today = match today.evaluate(request) {
            ChainVerdict::ExplicitDeny(place) => Some(place.to_string()),
            ChainVerdict::ImplicitDeny { node } => Some(format!("nothing allows it at {node}")),
            _ => None,
        };
        match (would, denied_today) {
            (ChainVerdict::NotBound(unbound), _) => Fate::NotBound(unbound),
            (_, Some(by)) if has_failed => Fate::DeniedToday(by),
            (ChainVerdict::ExplicitDeny(by), today) => Fate::Denied { by, today },
            (ChainVerdict::Undecided(reason), _) => Fate::Undecided(reason),
            (ChainVerdict::ImplicitDeny { node }, _) => Fate::DeniedToday(format!("nothing allows it at {node}")),
            (ChainVerdict::Allowed(_), _) => self.spared(identity),
        }
    }

    /// A call that a new policy names and lets through is one of an exception: a composed policy has no other condition.
    fn spared(&self, identity: &str) -> Fate {
        let spares = |pattern: &&String| ArnPattern::parse(pattern).matches(identity).is_yes();
        match self.exceptions.iter().find(spares) {
            Some(pattern) => Fate::Spared(pattern.clone()),
            None => Fate::Undecided("it is let through by no declared exception".to_owned()),
        }
    }

    fn new_denies<'c>(&'c self, chain: &'c Chain) -> impl Iterator<Item = &'c Statement> {
        let statements = chain.statements().filter(|(_, policy, _)| self.proposal.new.contains(&policy.id));
        statements.map(|(_, _, statement)| statement).filter(|statement| statement.effect == Effect::Deny)
    }

    /// Whether a new policy denies the action on the resource to anybody.
    fn is_named(&self, chain: &Chain, request: &Request) -> bool {
        self.new_denies(chain).any(|statement| {
            let on =
                statement.resources.as_ref().map(|resources| resources.contain(&request.resource, &request.context));
            !statement.actions.contain(&request.action).is_no() && on.is_none_or(|on| !on.is_no())
        })
    }

    /// Whether a new policy denies the action on anything.
    fn may_be_named(&self, chain: &Chain, action: &str) -> bool {
        self.new_denies(chain).any(|statement| !statement.actions.contain(action).is_no())
    }
}

/// A call that was made.
struct Past<'a> {
    partition: &'a str,
    action: &'a str,
    identity: &'a str,
    event: &'a PastEvent,
}

impl Past<'_> {
    /// The same call on a resource, with what its record tells of the context.
    fn request(&self, chain: &Chain, resource: &str) -> Request {
        let Self { partition, action, identity, event } = *self;
        let call = Call { action: action.to_owned(), resource: resource.to_owned() };
        let mut context: Context = facts_of(chain, partition, &call, identity);
        context.set("aws:RequestedRegion", event.region.as_str());
        context.set("aws:ViaAWSService", if event.invoked_by.is_some() { "true" } else { "false" });
        let principal = event.principal.clone().unwrap_or_else(|| identity.to_owned());
        let address = event.source_ip.as_deref().filter(|address| address.parse::<std::net::IpAddr>().is_ok());
        if let Some(address) = address {
            context.set("aws:SourceIp", address);
        }
        Request { principal: Principal::Aws(principal), action: call.action, resource: call.resource, context }
    }
}
