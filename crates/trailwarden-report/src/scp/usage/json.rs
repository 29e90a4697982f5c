//! `trailwarden.scp-usage/1`: every use by itself, nothing folded.

use std::collections::BTreeSet;

use serde::Serialize;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::Gap;
use trailwarden_policy::Unbound;
use trailwarden_policy::usage::{Caller, Fate, OwnDenial, Unseen, Use};

use super::Usage;
use crate::ReportError;

/// The format written by [`render_json`].
pub const FORMAT: &str = "trailwarden.scp-usage/1";

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    tool_version: &'a str,
    organization: &'a str,
    management_account: &'a AccountId,
    delegated_administrators: Vec<Administrator>,
    profile: &'static str,
    exceptions: &'a BTreeSet<String>,
    since: String,
    until: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    logs: Option<String>,
    is_partial: bool,
    n_accounts: usize,
    n_places: usize,
    n_answered: usize,
    n_not_asked: usize,
    uses: Vec<UseJson<'a>>,
    gaps: Vec<GapJson<'a>>,
    unseen: &'a Unseen,
    own_denials: Vec<OwnJson<'a>>,
    pace: PaceJson,
}

#[derive(Serialize)]
struct Administrator {
    account: String,
    services: String,
}

#[derive(Serialize)]
struct UseJson<'a> {
    account: &'a AccountId,
    action: &'a str,
    caller: String,
    caller_kind: &'static str,
    fate: &'static str,
    /// The policy that would deny, the exception that spares, or the reason.
    because: Option<String>,
    denied_today_by: Option<&'a str>,
    automation: Option<&'static str>,
    via: &'a BTreeSet<String>,
    regions: &'a BTreeSet<Region>,
    first: String,
    last: String,
    n_succeeded: usize,
    n_failed: usize,
}

#[derive(Serialize)]
struct GapJson<'a> {
    account: &'a AccountId,
    region: Option<&'a Region>,
    gap: &'a Gap,
}

#[derive(Serialize)]
struct OwnJson<'a> {
    account: &'a AccountId,
    role: &'a str,
    action: &'a str,
    resource: &'a str,
    policy: &'a str,
    only_rollback: bool,
}

#[derive(Serialize)]
struct PaceJson {
    n_asked: usize,
    n_requests: u64,
    wall_seconds: f64,
    floor_of_rate_seconds: f64,
    floor_of_width_seconds: f64,
    in_flight: usize,
    ratio: Option<f64>,
}

/// Renders as pretty-printed JSON with a newline at the end.
///
/// # Errors
/// [`ReportError::Json`] when the writer refuses a value.
pub fn render_json(usage: &Usage<'_>) -> Result<String, ReportError> {
    let administrators = usage.administrators().into_iter();
    let gaps = usage.places.iter().filter_map(|place| {
        let (account, region) = (&place.account, place.region.as_ref());
        place.gap.as_ref().map(|gap| GapJson { account, region, gap })
    });
    let pace = &usage.pace;
    let document = Document {
        format: FORMAT,
        tool_version: usage.tool_version,
        organization: &usage.organization.id,
        management_account: &usage.organization.management_account,
        delegated_administrators: administrators
            .map(|(account, services)| Administrator { account, services })
            .collect(),
        profile: usage.profile.as_str(),
        exceptions: usage.exceptions,
        since: usage.since.to_string(),
        until: usage.until.to_string(),
        logs: usage.logs.map(ToString::to_string),
        is_partial: usage.is_partial(),
        n_accounts: usage.n_accounts,
        n_places: usage.n_places,
        n_answered: usage.n_answered(),
        n_not_asked: usage.n_not_asked(),
        uses: usage.uses.iter().map(used).collect(),
        gaps: gaps.collect(),
        unseen: usage.unseen,
        own_denials: usage.own.denials.iter().map(|denial| own(usage, denial)).collect(),
        pace: PaceJson {
            n_asked: pace.n_asked,
            n_requests: pace.n_requests,
            wall_seconds: pace.wall.as_secs_f64(),
            floor_of_rate_seconds: pace.floor_of_rate.as_secs_f64(),
            floor_of_width_seconds: pace.floor_of_width.as_secs_f64(),
            in_flight: pace.in_flight,
            ratio: pace.ratio(),
        },
    };
    crate::json::write(FORMAT, &document)
}

fn own<'a>(usage: &Usage<'_>, denial: &'a OwnDenial) -> OwnJson<'a> {
    let OwnDenial { account, role, action, resource, policy } = denial;
    let only_rollback = usage.own.only_back.contains(action.as_str());
    OwnJson { account, role, action, resource, policy, only_rollback }
}

fn used(used: &Use) -> UseJson<'_> {
    let (fate, because) = fate(&used.fate);
    let today = match &used.fate {
        Fate::Denied { today, .. } => today.as_deref(),
        _ => None,
    };
    UseJson {
        account: &used.account,
        action: &used.action,
        caller: used.caller.to_string(),
        caller_kind: match used.caller {
            Caller::Identity(_) => "identity",
            Caller::Service(_) => "service",
            Caller::Unnamed => "unnamed",
        },
        fate,
        because,
        denied_today_by: today,
        automation: used.automation.map(|automation| automation.name()),
        via: &used.via,
        regions: &used.regions,
        first: used.first.to_string(),
        last: used.last.to_string(),
        n_succeeded: used.n_succeeded,
        n_failed: used.n_failed,
    }
}

fn fate(fate: &Fate) -> (&'static str, Option<String>) {
    match fate {
        Fate::Denied { by, .. } => ("denied", Some(by.to_string())),
        Fate::Undecided(reason) => ("undecided", Some(reason.clone())),
        Fate::Spared(pattern) => ("spared", Some(pattern.clone())),
        Fate::DeniedToday(by) => ("denied-today", Some(by.clone())),
        Fate::Elsewhere => ("elsewhere", None),
        Fate::Service => ("service", None),
        Fate::NotBound(unbound) => {
            let why = match unbound {
                Unbound::ManagementAccount => "management-account",
                Unbound::ServiceLinkedRole => "service-linked-role",
                Unbound::OtherAccount => "outside-organization",
                Unbound::TypeDisabled | Unbound::NotCovered => "not-covered",
            };
            ("not-bound", Some(why.to_owned()))
        }
    }
}
