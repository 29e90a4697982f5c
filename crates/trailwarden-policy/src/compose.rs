//! Service control and resource control policies from a profile, for the resources and exceptions of one organization: as few and
//! as short as they can be, and proved to deny what the profile promises.

mod error;
mod exceptions;
mod guarded;
mod kept_from;
mod nodes;
mod pack;
mod profile;
mod promised;
mod proof;
mod proposal;
mod resource_control;
mod snapshot;
mod statement;
mod target;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use trailwarden_model::baseline::Baseline;
use trailwarden_model::ids::AccountId;

use crate::document::Kind;
pub use error::ComposeError;
use exceptions::Exceptions;
pub use guarded::{Guarded, Owner, Resource, ResourceKind};
pub use kept_from::{KeptFrom, kept_from};
pub(crate) use profile::ProfileStatement;
pub use profile::{Profile, UnknownProfile};
pub use promised::{Promised, promised};
pub use proposal::Proposal;
use resource_control::Perimeter;
pub use resource_control::open_to_strangers;
use statement::Deny;
pub(crate) use target::Target;

/// The quotas of AWS Organizations that a composed set keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Characters of one SCP, as sent.
    pub characters: usize,
    /// SCPs attached directly to one root, OU or account. One of them is taken by the policy that allows.
    pub policies_per_node: usize,
    /// Characters of one RCP, as sent.
    pub rcp_characters: usize,
    /// RCPs attached directly to one node. One of them is `RCPFullAWSAccess`, which cannot be detached.
    pub rcp_policies_per_node: usize,
}

impl Limits {
    /// Characters of one policy of a kind.
    pub fn characters_of(&self, kind: Kind) -> usize {
        if kind == Kind::ResourceControl { self.rcp_characters } else { self.characters }
    }

    /// Policies of a kind that may be attached to one node.
    pub fn policies_of(&self, kind: Kind) -> usize {
        if kind == Kind::ResourceControl { self.rcp_policies_per_node } else { self.policies_per_node }
    }
}

impl From<&Baseline> for Limits {
    fn from(baseline: &Baseline) -> Self {
        let size = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        Self {
            characters: size(baseline.scp_policy_characters),
            policies_per_node: size(baseline.scp_policies_per_node),
            rcp_characters: size(baseline.rcp_policy_characters),
            rcp_policies_per_node: size(baseline.rcp_policies_per_node),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::from(&Baseline::default())
    }
}

/// A proved set of policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composition {
    /// What it was composed from.
    pub profile: Profile,
    /// The policies: SCPs, those of the root first, then RCPs.
    pub policies: Vec<ComposedPolicy>,
    /// What the profile speaks of and no policy guards.
    pub left_out: BTreeSet<LeftOut>,
    /// Calls proved denied by SCPs, each counted once for every account it was proved in.
    pub n_proved: usize,
}

impl Composition {
    /// How many SCPs go to each root or account.
    pub fn policies_by_node(&self) -> BTreeMap<&Attachment, usize> {
        let mut counts = BTreeMap::new();
        for policy in self.policies.iter().filter(|policy| policy.kind == Kind::ServiceControl) {
            *counts.entry(&policy.attach_to).or_default() += 1;
        }
        counts
    }
}

/// One policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComposedPolicy {
    /// [`Kind::ServiceControl`] or [`Kind::ResourceControl`].
    pub kind: Kind,
    /// `trailwarden-PROFILE-1`, with the account before the number when it is for one account, and `rcp` before it in an RCP.
    pub name: String,
    /// Where it belongs.
    pub attach_to: Attachment,
    /// The document without white space, as it should be sent.
    pub text: String,
}

impl ComposedPolicy {
    /// What counts against the quota.
    pub fn characters(&self) -> usize {
        self.text.chars().count()
    }

    /// The same document indented, ending in a line break. As sent it would count more characters.
    pub fn pretty(&self) -> String {
        statement::pretty(&self.text)
    }
}

/// Where a composed policy belongs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attachment {
    /// The root of the organization.
    Root,
    /// One account.
    Account(AccountId),
}

impl fmt::Display for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("the root"),
            Self::Account(account) => write!(f, "account {account}"),
        }
    }
}

/// Something that the profile speaks of and no policy guards.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// Its ARN, the declared exception, or the account whose resources are not all known.
    pub resource: String,
    /// Why.
    pub reason: String,
}

/// Composes the policies of a profile, and proves that together with the policies that allow everything the SCPs deny what it
/// promises to everybody but the declared exceptions, and the RCPs to everybody outside the organization and to nobody inside.
/// Equal inputs give equal bytes.
pub fn compose(profile: Profile, guarded: &Guarded, limits: Limits) -> Result<Composition, ComposeError> {
    let exceptions = Exceptions::new(&guarded.exceptions, &guarded.partition)?;
    let perimeter = Perimeter::new(profile, guarded)?;
    let mut left_out = perimeter.left_out();
    let mut policies = Vec::new();
    for (kind, n_exceptions, denies) in [
        (Kind::ServiceControl, exceptions.patterns().len(), denies(profile, guarded, &exceptions, &mut left_out)),
        (Kind::ResourceControl, perimeter.n_exceptions(), perimeter.denies()),
    ] {
        for (attach_to, denies) in denies {
            let texts = pack::pack(denies, limits.characters_of(kind), n_exceptions)?;
            if texts.len() >= limits.policies_of(kind) {
                return Err(ComposeError::TooMany {
                    at: attach_to.to_string(),
                    n_policies: texts.len(),
                    limit: limits.policies_of(kind),
                });
            }
            policies.extend(texts.into_iter().enumerate().map(|(index, text)| ComposedPolicy {
                kind,
                name: name(profile, kind, &attach_to, index + 1),
                attach_to: attach_to.clone(),
                text,
            }));
        }
    }
    let n_proved = proof::check(profile, guarded, &exceptions, &policies)?;
    perimeter.check(&policies)?;
    Ok(Composition { profile, policies, left_out, n_proved })
}

fn name(profile: Profile, kind: Kind, attach_to: &Attachment, number: usize) -> String {
    let kind = if kind == Kind::ResourceControl { "-rcp" } else { "" };
    match attach_to {
        Attachment::Root => format!("trailwarden-{profile}{kind}-{number}"),
        Attachment::Account(account) => format!("trailwarden-{profile}{kind}-{account}-{number}"),
    }
}

/// The statements of a profile by the place they belong to; those that agree in resources and condition are one.
fn denies(
    profile: Profile,
    guarded: &Guarded,
    exceptions: &Exceptions,
    left_out: &mut BTreeSet<LeftOut>,
) -> BTreeMap<Attachment, Vec<Deny>> {
    let mut merged: BTreeMap<(Attachment, BTreeSet<String>, String), BTreeSet<String>> = BTreeMap::new();
    for statement in profile.statements() {
        let condition = if statement.spares_exceptions { exceptions.condition() } else { String::new() };
        for (attach_to, resources) in resources(statement.on, guarded, exceptions, left_out) {
            let actions = merged.entry((attach_to, resources, condition.clone())).or_default();
            actions.extend(statement.deny.iter().cloned());
        }
    }
    let mut denies: BTreeMap<Attachment, Vec<Deny>> = BTreeMap::new();
    for ((attach_to, resources, condition), actions) in merged {
        denies.entry(attach_to).or_default().push(Deny { kind: Kind::ServiceControl, actions, resources, condition });
    }
    denies
}

/// What a policy names for one kind of resource, by the place where it does.
fn resources(
    target: Target,
    guarded: &Guarded,
    exceptions: &Exceptions,
    left_out: &mut BTreeSet<LeftOut>,
) -> BTreeMap<Attachment, BTreeSet<String>> {
    let mut by_place: BTreeMap<Attachment, BTreeSet<String>> = BTreeMap::new();
    let Some(kind) = target.resource_kind() else {
        let in_cloudtrail = |kind: &str| BTreeSet::from([format!("arn:{}:cloudtrail:*:*:{kind}/*", guarded.partition)]);
        let named = match target {
            Target::EventDataStores => in_cloudtrail("eventdatastore"),
            Target::Channels => in_cloudtrail("channel"),
            Target::ExemptRoles => {
                left_out.extend(exceptions.others().map(|pattern| LeftOut {
                    resource: pattern.clone(),
                    reason: "it is no role of IAM, so that who can become this exception is not guarded".to_owned(),
                }));
                exceptions.roles().cloned().collect()
            }
            _ => BTreeSet::from(["*".to_owned()]),
        };
        by_place.extend((!named.is_empty()).then_some((Attachment::Root, named)));
        return by_place;
    };
    left_out.extend(guarded.unread.iter().map(|(account, reason)| LeftOut {
        resource: format!("account {account}"),
        reason: format!("not all of its trails are known: {reason}"),
    }));
    for (arn, owner) in guarded.owned(kind) {
        match owner {
            Ok(account) => {
                let named = by_place.entry(Attachment::Account(account.clone())).or_default();
                named.insert(target.pattern(arn));
            }
            Err(reason) => {
                left_out.insert(LeftOut { resource: arn.to_owned(), reason });
            }
        }
    }
    by_place
}
