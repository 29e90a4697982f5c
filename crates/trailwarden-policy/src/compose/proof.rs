//! No composed policy leaves without the proof that, with the others of its set, it denies what the profile promises.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use trailwarden_model::partition::Partition;

use super::error::ComposeError;
use super::exceptions::Exceptions;
use super::guarded::Guarded;
use super::profile::{Profile, ProfileStatement};
use super::target::Target;
use super::{Attachment, ComposedPolicy};
use crate::chain::{AttachedPolicy, Chain, ChainNode};
use crate::document::{Document, Kind};
use crate::exemptions::exemptions;
use crate::pattern::{ArnPattern, Pattern, witness};
use crate::prove::{Answer, By, Call, Question, prove};
use crate::tamper::TRAIL_TAMPER_ACTIONS;

const FULL_ACCESS: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

/// Proves every call that a profile promises denied: in an account that nobody has seen yet, in every account that owns something
/// guarded, and in every account that an exception names. Returns how many calls were proved, each counted in every account.
pub(super) fn check(
    profile: Profile,
    guarded: &Guarded,
    exceptions: &Exceptions,
    policies: &[ComposedPolicy],
) -> Result<usize, ComposeError> {
    let nodes = nodes(policies)?;
    let unseen = unseen_account(guarded);
    let owners = policies.iter().filter_map(|policy| match &policy.attach_to {
        Attachment::Root => None,
        Attachment::Account(account) => Some(account.to_string()),
    });
    let named = guarded.exceptions.iter().filter_map(|pattern| pattern.split(':').nth(4)).map(str::to_owned);
    let is_bound = |account: &String| {
        account.len() == 12
            && account.bytes().all(|b| b.is_ascii_digit())
            && account != guarded.management_account.as_str()
    };
    let accounts: BTreeSet<String> = owners.chain(named).filter(is_bound).chain([unseen.clone()]).collect();
    let declared: Vec<String> = guarded.exceptions.iter().cloned().collect();
    let mut n_proved = 0;
    for account in accounts {
        let chain = chain(&account, guarded, &nodes);
        for spares_exceptions in [true, false] {
            let calls = promised(profile, guarded, exceptions, &account, spares_exceptions);
            let exceptions = if spares_exceptions { declared.as_slice() } else { &[] };
            let question = Question { chain: &chain, partition: &guarded.partition, calls: &calls, exceptions };
            // Where an exception names an account as a whole, nobody is left there to be denied.
            check_question(&question, account == unseen)?;
            n_proved += calls.len();
        }
    }
    Ok(n_proved)
}

fn check_question(question: &Question<'_>, needs_somebody: bool) -> Result<(), ComposeError> {
    let not_proved = |call: &Call, reason: String| ComposeError::NotProved {
        action: call.action.clone(),
        resource: call.resource.clone(),
        account: question.chain.account.clone(),
        reason,
    };
    for (call, answer) in question.calls.iter().zip(prove(question)) {
        match answer {
            Answer::Denied { by } if by.is_empty() && needs_somebody => {
                return Err(not_proved(call, "the exceptions spare everybody".to_owned()));
            }
            Answer::Denied { by } => {
                // Everything is allowed here, so that a lack of Allow would be a mistake of ours.
                if let Some(other) = by.iter().find(|by| !matches!(by, By::Statement(_))) {
                    return Err(not_proved(call, other.to_string()));
                }
            }
            Answer::Open(open) => return Err(not_proved(call, format!("{} gets through", open.request.principal))),
            Answer::Undecided(reason) => return Err(not_proved(call, reason)),
        }
    }
    let Some(first) = question.calls.first() else { return Ok(()) };
    for exemption in exemptions(question).map_err(|reason| not_proved(first, reason))? {
        if exemption.is_covered_by(question.exceptions) != Ok(true) {
            return Err(not_proved(first, format!("{} spares more than was declared", exemption.value)));
        }
    }
    Ok(())
}

/// The calls of a profile that a caller of this account may try, on what is guarded.
fn promised(
    profile: Profile,
    guarded: &Guarded,
    exceptions: &Exceptions,
    account: &str,
    spares_exceptions: bool,
) -> Vec<Call> {
    let statements = profile.statements().into_iter().filter(|entry| entry.spares_exceptions == spares_exceptions);
    let calls = statements.flat_map(|statement| {
        let resources = match statement.on.resource_kind() {
            Some(kind) => {
                let owned = guarded.owned(kind);
                let owned = owned.filter(|(_, owner)| owner.as_ref().is_ok_and(|owner| owner.as_str() == account));
                owned.map(|(arn, _)| statement.on.authorized(arn)).collect()
            }
            None => everywhere(statement.on, guarded, exceptions, account),
        };
        calls(statement, &resources, guarded, account)
    });
    calls.collect::<BTreeSet<_>>().into_iter().collect()
}

fn calls(statement: &ProfileStatement, resources: &[String], guarded: &Guarded, account: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    for action in &statement.deny {
        let is_on_trails = statement.on == Target::Anything && TRAIL_TAMPER_ACTIONS.contains(&action.as_str());
        let on: Vec<String> = if is_on_trails { trails(guarded, account) } else { resources.to_vec() };
        calls.extend(on.into_iter().map(|resource| Call { action: action.clone(), resource }));
    }
    calls
}

/// The trails of the organization, and one that this account may create.
fn trails(guarded: &Guarded, account: &str) -> Vec<String> {
    let own = format!("arn:{}:cloudtrail:{}:{account}:trail/any-trail", guarded.partition, region(guarded));
    guarded.trails.iter().map(ToString::to_string).chain([own]).collect()
}

/// One of each kind that is named for all accounts alike, as this account would have it.
fn everywhere(target: Target, guarded: &Guarded, exceptions: &Exceptions, account: &str) -> Vec<String> {
    let partition = &guarded.partition;
    let in_cloudtrail =
        |resource: &str| vec![format!("arn:{partition}:cloudtrail:{}:{account}:{resource}", region(guarded))];
    match target {
        Target::EventDataStores => in_cloudtrail("eventdatastore/any-store"),
        Target::Channels => in_cloudtrail("channel/any-channel"),
        Target::ExemptRoles => {
            let of_account = Pattern::parse(&format!("arn:{partition}:iam::{account}:role/?*"));
            let role = |pattern: &String| {
                let exempt = ArnPattern::parse(pattern);
                witness(&[exempt.certain(), &of_account], &[]).ok().flatten()
            };
            exceptions.roles().filter_map(role).collect()
        }
        _ => vec!["*".to_owned()],
    }
}

fn region(guarded: &Guarded) -> &'static str {
    Partition::by_id(&guarded.partition).map_or("us-east-1", |partition| partition.leader_region)
}

/// An account id that nothing in the organization bears.
fn unseen_account(guarded: &Guarded) -> String {
    let is_taken = |id: &str| {
        id == guarded.management_account.as_str()
            || guarded.members.iter().any(|member| member.as_str() == id)
            || guarded.exceptions.iter().any(|pattern| pattern.contains(id))
    };
    (1_u64..).map(|n| format!("{n:012}")).find(|id| !is_taken(id)).unwrap_or_default()
}

type Nodes = BTreeMap<Attachment, Arc<ChainNode>>;

/// What would be attached where, besides what AWS attaches everywhere.
fn nodes(policies: &[ComposedPolicy]) -> Result<Nodes, ComposeError> {
    let mut nodes: BTreeMap<Attachment, ChainNode> = BTreeMap::from([(Attachment::Root, node("root"))]);
    for policy in policies {
        let document = Document::parse(Kind::ServiceControl, &policy.text)
            .map_err(|reason| ComposeError::Malformed { name: policy.name.clone(), reason })?;
        let at = nodes.entry(policy.attach_to.clone()).or_insert_with(|| node(&policy.attach_to.to_string()));
        at.policies.push(attached(&policy.name, Ok(document)));
    }
    Ok(nodes.into_iter().map(|(at, node)| (at, Arc::new(node))).collect())
}

fn node(id: &str) -> ChainNode {
    let full = attached("FullAWSAccess", Document::parse(Kind::ServiceControl, FULL_ACCESS));
    ChainNode { id: id.to_owned(), kind: Kind::ServiceControl, policies: vec![full], gaps: Vec::new() }
}

fn attached(name: &str, document: Result<Document, crate::Malformed>) -> Arc<AttachedPolicy> {
    Arc::new(AttachedPolicy { id: name.to_owned(), name: name.to_owned(), document })
}

fn chain(account: &str, guarded: &Guarded, nodes: &Nodes) -> Chain {
    let own = nodes.iter().find(|(at, _)| matches!(at, Attachment::Account(id) if id.as_str() == account));
    let own = own.map_or_else(|| Arc::new(node(account)), |(_, node)| Arc::clone(node));
    Chain {
        account: account.to_owned(),
        organization: Some(guarded.organization.clone()),
        unbound: None,
        nodes: nodes.get(&Attachment::Root).cloned().into_iter().chain([own]).collect(),
    }
}
