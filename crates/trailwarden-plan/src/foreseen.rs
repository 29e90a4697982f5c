//! Failures that a plan brings about by what it mends: said beforehand, and not taken for a mishap afterwards.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use trailwarden_model::finding::Outcome;
use trailwarden_model::ids::{AccountId, Arn};
use trailwarden_model::plan::{Aspect, Call, Hindrance};

use crate::bench::{Bench, Findings};
use crate::facts::Stop;
use crate::organization::{is_logging, takes_management};

/// What fails where two trails record the same.
const COPIES: &str = "no-redundant-management-event-copies";

/// Notes where trails that begin to record, or to record more accounts, meet others that are logging there.
pub(crate) fn plan(bench: &mut Bench<'_>) {
    let beginning = beginning(bench);
    let mut copied: BTreeMap<(AccountId, BTreeSet<String>), (Findings, BTreeSet<String>)> = BTreeMap::new();
    for account in bench.inputs.snapshot.accounts.keys() {
        let here: BTreeSet<&Recorder> =
            beginning.iter().filter(|trail| trail.is_organization || trail.owner == *account).collect();
        let others = recording(bench, account);
        let new = here.iter().map(|trail| trail.name.clone()).collect::<BTreeSet<_>>();
        let all: BTreeSet<String> = here.iter().map(|trail| trail.id.clone()).chain(others.keys().cloned()).collect();
        let findings = still_sound(bench, account);
        if !here.is_empty() && all.len() > 1 && !findings.is_empty() {
            copied.insert((account.clone(), new), (findings, others.into_values().collect()));
        }
    }
    for ((account, new), (findings, others)) in copied {
        let list = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>().join(", ");
        let others = if others.is_empty() { "another of them".to_owned() } else { list(others) };
        let reason = format!(
            "once {} records here, management events that {others} records as well are recorded and paid for twice",
            list(new)
        );
        let stop = Stop::new(Hindrance::OnRequest, reason);
        let stop = stop.hint("where the second copy is not wanted, plan again afterwards with --remove-trail ARN");
        bench.leave(&account, None, &findings, stop);
    }
}

/// A trail that begins to record somewhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Recorder {
    id: String,
    name: String,
    owner: AccountId,
    is_organization: bool,
}

/// Trails that steps start, and those that are logging and become organization trails.
fn beginning(bench: &Bench<'_>) -> Vec<Recorder> {
    let becomes_organization = |id: &str| {
        bench.drafts.values().any(|draft| {
            matches!(&draft.subject.aspect, Aspect::Trail { trail } if trail == id)
                && draft.after.get("IsOrganizationTrail") == Some(&json!(true))
        })
    };
    let of = |id: &str, owner: &AccountId| {
        let present = id.parse::<Arn>().ok().and_then(|arn| bench.inputs.snapshot.trails.get(&arn));
        Recorder {
            id: id.to_owned(),
            name: present.map_or_else(|| id.rsplit('/').next().unwrap_or(id).to_owned(), |trail| trail.name.clone()),
            owner: owner.clone(),
            is_organization: becomes_organization(id) || present.is_some_and(|trail| trail.is_organization),
        }
    };
    let started = bench.drafts.values().filter_map(|draft| match (&draft.call, &draft.subject.aspect) {
        (Call::StartLogging { .. }, Aspect::TrailLogging { trail }) => Some(of(trail, &draft.subject.place.account)),
        _ => None,
    });
    let trails = bench.inputs.snapshot.trails.values();
    let widened = trails
        .filter(|trail| !trail.is_organization && is_logging(bench, trail) && becomes_organization(trail.arn.as_str()))
        .map(|trail| of(trail.arn.as_str(), &trail.owner));
    started.chain(widened).collect()
}

/// The trails that take management events of an account now, by ARN, with their names.
fn recording(bench: &Bench<'_>, account: &AccountId) -> BTreeMap<String, String> {
    let trails = bench.inputs.snapshot.trails.values();
    trails
        .filter(|trail| trail.is_organization || trail.owner == *account)
        .filter(|trail| is_logging(bench, trail) && takes_management(trail))
        .map(|trail| (trail.arn.to_string(), trail.name.clone()))
        .collect()
}

/// The findings on copies in an account that do not fail yet.
fn still_sound(bench: &Bench<'_>, account: &AccountId) -> Findings {
    let findings = bench.inputs.findings.iter();
    findings
        .filter(|one| one.control == COPIES && one.account == *account && one.outcome != Outcome::Fail)
        .map(trailwarden_model::finding::Finding::id)
        .collect()
}
