//! Accounts with equal answers, put together: the same calls, open or denied for the same reason.
//!
//! What differs from account to account without making a difference (its number, the names of its own trails, the OU that a
//! policy is attached to) is kept beside the comparison.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::ids::Arn;
use trailwarden_model::observed::Gap;
use trailwarden_model::organization::CLOUDTRAIL_PRINCIPAL;
use trailwarden_policy::{Answer, By, Call, Counterexample, Missing, Place, StatementRef};

use super::{AccountProof, Answers, Found, Proof, Standing};

/// What a call is made on, told alike in every account; what matters most comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// Trails of the account itself.
    OwnTrails,
    /// An organization trail that the account may change, being its owner or a delegated administrator; by ARN.
    AdministeredTrail(String),
    /// A trail that the account may have or create; none was seen.
    FutureTrail,
    /// Any of these trails, where it makes no difference which.
    AnyTrail,
    /// The account itself.
    Account,
    /// Something else, by ARN.
    Resource(String),
    /// An organization trail, by ARN, whose changes CloudTrail itself refuses to this account.
    OrganizationTrail(String),
}

/// A statement of a policy, wherever that is attached.
pub(super) type Text = (String, StatementRef);

/// Why some calls have the answer they have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cause {
    /// They get through.
    Open {
        /// Denies that name the action and miss the request, with what lets it slip by.
        missed_by: BTreeSet<(Text, Slip)>,
        /// Whom those Denies spare, where that is what lets the request slip by: key and value of the exemption.
        spared: BTreeSet<(String, String)>,
        /// Keys of the request that the policies read.
        reads: BTreeSet<String>,
        /// The highest node where a Deny would close it.
        close_at: Option<String>,
    },
    /// It cannot be told, for this reason.
    Undecided(String),
    /// They are denied by these statements, or since no statement allows them.
    Denied {
        /// The statements.
        by: BTreeSet<Text>,
        /// True when also the want of an Allow is needed.
        lacks_allow: bool,
    },
}

/// What lets a request slip by a Deny.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slip {
    /// It names other resources.
    Resource,
    /// This operator on this key.
    Condition(String, String),
}

/// Calls with the same cause: the actions, and what they are made on.
pub(super) type Calls = BTreeMap<Target, BTreeSet<String>>;

/// What all accounts of a group have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Common {
    pub(super) standing: Standing,
    pub(super) is_disabled: bool,
    /// Why nothing, or not everything, can be said: a read that failed.
    pub(super) gap: Option<String>,
    pub(super) strands: BTreeMap<Cause, Calls>,
}

/// Accounts with equal answers.
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) common: Common,
    pub(super) accounts: Vec<&'a AccountProof>,
    /// The names of the accounts' own trails.
    pub(super) own_trails: BTreeSet<&'a str>,
    /// Where the statements that matter are attached.
    pub(super) nodes: BTreeMap<Text, BTreeSet<&'a str>>,
    /// A request that gets through, for each cause, on what matters most.
    pub(super) examples: BTreeMap<Cause, (Target, &'a Counterexample)>,
    /// Whom the policies spare, by key and value of the exemption.
    pub(super) exempt: BTreeMap<(&'a str, &'a str), Exempt<'a>>,
}

/// An exemption.
#[derive(Debug, Clone)]
pub(super) struct Exempt<'a> {
    /// The statement that spares them.
    pub(super) by: Text,
    /// True when the baseline declares it.
    pub(super) is_declared: bool,
    /// A name that somebody could give to a role or user to be spared.
    pub(super) nameable: Option<&'a str>,
}

/// The groups, open ones first, larger ones first.
pub(super) fn groups<'a>(proof: &'a Proof<'_>) -> Vec<Group<'a>> {
    let mut groups: BTreeMap<Common, Group<'a>> = BTreeMap::new();
    for account in &proof.accounts {
        let mut seen =
            Seen { proof, account, own_trails: BTreeSet::new(), nodes: BTreeMap::new(), examples: BTreeMap::new() };
        let common = seen.common();
        let exempt = seen.exempt();
        let Seen { own_trails, nodes, examples, .. } = seen;
        let group = groups.entry(common.clone()).or_insert_with(|| Group {
            common,
            accounts: Vec::new(),
            own_trails: BTreeSet::new(),
            nodes: BTreeMap::new(),
            examples: BTreeMap::new(),
            exempt: BTreeMap::new(),
        });
        group.accounts.push(account);
        group.exempt.extend(exempt);
        group.own_trails.extend(own_trails);
        for (text, at) in nodes {
            group.nodes.entry(text).or_default().extend(at);
        }
        for (cause, example) in examples {
            keep_first(&mut group.examples, cause, example);
        }
    }
    let mut groups: Vec<Group<'a>> = groups.into_values().collect();
    groups.sort_by_key(|group| (group.common.standing, std::cmp::Reverse(group.accounts.len())));
    groups
}

/// What is noted while the answers of one account are read.
struct Seen<'a, 'p> {
    proof: &'p Proof<'p>,
    account: &'a AccountProof,
    own_trails: BTreeSet<&'a str>,
    nodes: BTreeMap<Text, BTreeSet<&'a str>>,
    examples: BTreeMap<Cause, (Target, &'a Counterexample)>,
}

/// Notes the example of a cause whose target matters most.
fn keep_first<'a>(
    examples: &mut BTreeMap<Cause, (Target, &'a Counterexample)>,
    cause: Cause,
    example: (Target, &'a Counterexample),
) {
    let kept = examples.entry(cause).or_insert_with(|| example.clone());
    if example.0 < kept.0 {
        *kept = example;
    }
}

impl<'a> Seen<'a, '_> {
    fn common(&mut self) -> Common {
        let standing = self.account.standing();
        let (mut is_disabled, mut gap, mut strands) = (false, None, BTreeMap::new());
        match &self.account.found {
            Found::Management => {}
            Found::Unread(unread) => gap = Some(in_short(unread)),
            Found::Answers(answers) => {
                is_disabled = answers.is_disabled;
                let untold = answers.exemptions.as_ref().err();
                let untold = untold.map(|reason| format!("whom the policies exempt cannot be told: {reason}"));
                gap = answers.hidden.as_ref().map(in_short).or(untold);
                let some_future = self.on_some_future_trail(&answers.calls);
                for (call, answer) in &answers.calls {
                    let target = self.target(call, standing);
                    // What is denied on some trails that may be made, and not on all, is not denied.
                    if target == Target::FutureTrail && answer.is_denied() && some_future.contains(call.action.as_str())
                    {
                        continue;
                    }
                    let cause = self.cause(answers, answer, &target);
                    let calls: &mut Calls = strands.entry(cause).or_default();
                    calls.entry(target).or_default().insert(call.action.clone());
                }
            }
        }
        Common { standing, is_disabled, gap, strands }
    }

    /// The actions that are not denied on every trail that the account may create.
    fn on_some_future_trail(&mut self, calls: &'a [(Call, Answer)]) -> BTreeSet<&'a str> {
        let mut actions = BTreeSet::new();
        for (call, answer) in calls {
            if !answer.is_denied() && self.target_of(call) == Target::FutureTrail {
                actions.insert(call.action.as_str());
            }
        }
        actions
    }

    /// What a call is made on. Which trail it is makes no difference where all is proved.
    fn target(&mut self, call: &'a Call, standing: Standing) -> Target {
        match self.target_of(call) {
            Target::OwnTrails | Target::AdministeredTrail(_) | Target::FutureTrail | Target::OrganizationTrail(_)
                if standing == Standing::Proved =>
            {
                Target::AnyTrail
            }
            target => target,
        }
    }

    fn target_of(&mut self, call: &'a Call) -> Target {
        if call.resource == "*" {
            return Target::Account;
        }
        let account = &self.account.account;
        let trail = call.resource.parse().ok().and_then(|arn: Arn| self.proof.trails.get(&arn));
        match trail {
            Some(trail) if trail.is_organization && (trail.owner == *account || self.administers_cloudtrail()) => {
                Target::AdministeredTrail(call.resource.clone())
            }
            Some(trail) if trail.is_organization => Target::OrganizationTrail(call.resource.clone()),
            Some(trail) if trail.owner == *account => {
                let name = call.resource.rsplit('/').next().unwrap_or_default();
                self.own_trails.insert(name);
                Target::OwnTrails
            }
            None if call.resource.contains(&format!(":{account}:trail/")) => Target::FutureTrail,
            _ => Target::Resource(call.resource.clone()),
        }
    }

    fn administers_cloudtrail(&self) -> bool {
        let administrators = self.proof.organization.delegated_administrators.known().into_iter().flatten();
        administrators.filter(|administrator| administrator.account == self.account.account).any(|administrator| {
            administrator.services.known().is_none_or(|services| services.contains(CLOUDTRAIL_PRINCIPAL))
        })
    }

    fn cause(&mut self, answers: &'a Answers, answer: &'a Answer, target: &Target) -> Cause {
        match answer {
            Answer::Denied { by } => self.denied(by),
            Answer::Undecided(reason) => Cause::Undecided(reason.clone()),
            Answer::Open(example) => {
                let cause = self.open(answers, example);
                keep_first(&mut self.examples, cause.clone(), (target.clone(), example));
                cause
            }
        }
    }

    fn exempt(&mut self) -> BTreeMap<(&'a str, &'a str), Exempt<'a>> {
        let Found::Answers(Answers { exemptions: Ok(exemptions), .. }) = &self.account.found else {
            return BTreeMap::new();
        };
        let declared: Vec<String> = self.proof.exceptions.iter().cloned().collect();
        let exempt = exemptions.iter().map(|exemption| {
            let exempt = Exempt {
                by: self.text(&exemption.place),
                is_declared: exemption.is_covered_by(&declared) == Ok(true),
                nameable: exemption.nameable.as_deref(),
            };
            ((exemption.key.as_str(), exemption.value.as_str()), exempt)
        });
        exempt.collect()
    }

    fn denied(&mut self, by: &'a [By]) -> Cause {
        let statements = by.iter().filter_map(|by| match by {
            By::Statement(place) => Some(self.text(place)),
            By::NoAllow { .. } => None,
        });
        let lacks_allow = by.iter().any(|by| matches!(by, By::NoAllow { .. }));
        Cause::Denied { by: statements.collect(), lacks_allow }
    }

    fn open(&mut self, answers: &'a Answers, example: &'a Counterexample) -> Cause {
        let mut spared = BTreeSet::new();
        let mut missed_by = BTreeSet::new();
        for miss in &example.missed_by {
            let slip = match &miss.because {
                Missing::Resource => Slip::Resource,
                Missing::Condition { operator, key } => {
                    let exemptions = answers.exemptions.iter().flatten();
                    let of_miss = exemptions.filter(|e| e.place == miss.place && e.key.eq_ignore_ascii_case(key));
                    spared.extend(of_miss.map(|exemption| (exemption.key.clone(), exemption.value.clone())));
                    Slip::Condition(operator.clone(), key.clone())
                }
            };
            missed_by.insert((self.text(&miss.place), slip));
        }
        let reads = example.deciding.iter().map(|(key, _)| key.clone()).collect();
        Cause::Open { missed_by, spared, reads, close_at: example.close_at.clone() }
    }

    /// The statement of a place, whose node is noted.
    fn text(&mut self, place: &'a Place) -> Text {
        let text = (place.policy.clone(), place.statement.clone());
        self.nodes.entry(text.clone()).or_default().insert(&place.node);
        text
    }
}

/// A read that failed, alike in every account.
fn in_short(gap: &Gap) -> String {
    format!("{} answered {}, so this may not be all", gap.call, gap.code)
}
