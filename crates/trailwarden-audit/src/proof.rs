//! What the policies of the organization deny, prove or leave undecided, in the words of findings.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::finding::Evidence;
use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::{Gap, GapKind, Observed};
use trailwarden_model::organization::AuthorizationPolicy;
use trailwarden_policy::{Answer, By, Chain, Counterexample, Question, Unbound, Values};

use crate::cx::Cx;
use crate::verdict::{Verdict, enumerate, fact};

const DESCRIBE_POLICY: &str = "organizations:DescribePolicy";

/// The policies of one type, as the organization has them.
type Policies = Observed<BTreeMap<String, AuthorizationPolicy>>;

impl Cx<'_> {
    /// The verdict on the management account, which no service control policy binds; none on a member.
    pub(crate) fn beyond_policies(&self, account: &AccountId) -> Option<Verdict> {
        let reason =
            || format!("{} is the management account, which no service control policy binds", self.name(account));
        self.is_management(account).then(|| Verdict::not_applicable(reason()))
    }

    /// The fact that no service control policy is in force at all, when so.
    pub(crate) fn policies_disabled(&self, chain: &Chain) -> Option<Evidence> {
        let management = &self.snapshot.organization.management_account;
        (chain.unbound == Some(Unbound::TypeDisabled))
            .then(|| fact("SERVICE_CONTROL_POLICY is not enabled", "organizations:ListRoots", management, None))
    }

    /// A fact about the policies of the organization.
    pub(crate) fn of_policies(&self, text: impl Into<String>) -> Evidence {
        fact(text, DESCRIBE_POLICY, &self.snapshot.organization.management_account, None)
    }

    /// An account or OU by name and id, the root by its id.
    pub(crate) fn node_name(&self, node: &str) -> String {
        let organization = &self.snapshot.organization;
        if let Some(account) = node.parse().ok().filter(|account| organization.accounts.contains_key(account)) {
            return self.name(&account);
        }
        match organization.units.known().and_then(|units| units.get(node)) {
            Some(unit) => format!("{} ({node})", unit.name),
            None => node.to_owned(),
        }
    }

    /// The gap behind something the service control policies leave undecided.
    pub(crate) fn undecided_policies(&self, reason: String) -> Gap {
        self.undecided(&[&self.snapshot.organization.service_control_policies], reason)
    }

    /// The gap behind something that policies of the organization leave undecided: the read that failed when there is
    /// one, else the words.
    pub(crate) fn undecided(&self, policies: &[&Policies], reason: String) -> Gap {
        let known = policies.iter().flat_map(|policies| policies.known()).flatten();
        let unread = known.flat_map(|(_, policy)| policy.content.gap().into_iter().chain(policy.targets.gap())).next();
        unread.cloned().unwrap_or_else(|| Gap {
            kind: GapKind::Unexpected,
            call: DESCRIBE_POLICY.to_owned(),
            account: Some(self.snapshot.organization.management_account.clone()),
            region: None,
            code: "UndecidedPolicy".to_owned(),
            reason,
        })
    }

    /// Puts calls to the policies of an account.
    pub(crate) fn prove(&self, question: &Question<'_>) -> Proof {
        let mut proof = Proof::default();
        for answer in self.prover.prove(question) {
            match answer {
                Answer::Denied { by } => proof.by.extend(by),
                Answer::Open(example) => proof.open.push(example),
                Answer::Undecided(reason) => proof.undecided = proof.undecided.or(Some(reason)),
            }
        }
        proof
    }
}

/// What became of some calls together.
#[derive(Debug, Default)]
pub(crate) struct Proof {
    /// Those that get through, in the order of the calls.
    pub(crate) open: Vec<Counterexample>,
    /// Why one of the others could not be decided.
    undecided: Option<String>,
    /// What the rest is denied by.
    by: BTreeSet<By>,
}

impl Proof {
    /// True when every call is denied for certain.
    pub(crate) fn is_complete(&self) -> bool {
        self.open.is_empty() && self.undecided.is_none()
    }

    /// What the denials rest on. Fails when a call could not be decided.
    pub(crate) fn support(self, cx: &Cx<'_>) -> Result<Vec<Evidence>, Gap> {
        match self.undecided {
            Some(reason) => Err(cx.undecided_policies(reason)),
            None => Ok(self.by.iter().map(|by| cx.of_policies(words(by))).collect()),
        }
    }
}

fn words(by: &By) -> String {
    match by {
        By::Statement(place) => format!("denied by {place}"),
        By::NoAllow { node } => format!("no statement at {node} allows it"),
    }
}

/// `arn:… may call cloudtrail:StopLogging on arn:…`, or without the resource where there is none.
pub(crate) fn describe(example: &Counterexample) -> String {
    let request = &example.request;
    match request.resource.as_str() {
        "*" => format!("{} may call {}", request.principal, request.action),
        resource => format!("{} may call {} on {resource}", request.principal, request.action),
    }
}

/// Counterexamples in full, those that differ in action and resource alone as one: who may call what on what, with which
/// values, what misses it, and where a Deny would close it.
pub(crate) fn explain_all(examples: &[Counterexample]) -> Vec<String> {
    let by_resource = grouped(examples.iter().map(|example| {
        let request = &example.request;
        let circumstances = (request.principal.to_string(), request.resource.clone(), circumstances(example));
        (circumstances, request.action.clone())
    }));
    let groups = grouped(
        by_resource.into_iter().map(|((who, resource, rest), actions)| ((who, actions.join(", "), rest), resource)),
    );
    let words = |((who, actions, rest), resources): ((String, String, String), Vec<String>)| match resources.as_slice()
    {
        [none] if none == "*" => format!("{who} may call {actions}{rest}"),
        _ => format!("{who} may call {actions} on {}{rest}", enumerate(&resources)),
    };
    groups.into_iter().map(words).collect()
}

/// The values of equal keys together, keys and values in the order of their first appearance.
fn grouped<K: PartialEq>(pairs: impl Iterator<Item = (K, String)>) -> Vec<(K, Vec<String>)> {
    let mut groups: Vec<(K, Vec<String>)> = Vec::new();
    for (key, value) in pairs {
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(value),
            None => groups.push((key, vec![value])),
        }
    }
    groups
}

/// What an explanation says besides who may call what on what.
fn circumstances(example: &Counterexample) -> String {
    let mut text = String::new();
    // The caller is named already.
    let is_caller = |values: &Values| example.request.principal.arn().is_some_and(|arn| values.as_slice() == [arn]);
    let value = |(key, values): &(String, Values)| format!("{key}={}", values.as_slice().join(","));
    let keys: Vec<String> = example.deciding.iter().filter(|(_, values)| !is_caller(values)).map(value).collect();
    if !keys.is_empty() {
        text.push_str(&format!(" with {}", keys.join(" ")));
    }
    for miss in &example.missed_by {
        text.push_str(&format!("; {miss}"));
    }
    if let Some(node) = &example.close_at {
        text.push_str(&format!("; a Deny at {node} would close it"));
    }
    text
}
