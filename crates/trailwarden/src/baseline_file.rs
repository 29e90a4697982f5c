//! The baseline file (TOML): what an organization requires of its trails, with errors that name line and column.

mod approval;
mod known;
mod required;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;
use trailwarden_model::baseline::{AlarmPatterns, Baseline, Override, Required};
use trailwarden_model::ids::AccountId;

pub(crate) use self::approval::{Approvable, Approval};
use self::approval::{Approved, ApprovedKeys};
pub(crate) use self::known::check_against;
use self::required::{DataEventsKeys, InsightKeys, OverrideKeys};
use crate::failure::Failure;
use crate::output::read_file;
use crate::toml_file::{Mistake, each, in_range, node};

/// CloudTrail keeps its event history for so many days.
const MAX_HISTORY_DAYS: u32 = 90;

const HINT: &str = "policies/baseline.toml of the source shows every setting with its default";

/// What stands in the file. Everything left out keeps its default.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BaselineFile {
    retention_days: Option<Spanned<u32>>,
    data_events: Option<Vec<Spanned<DataEventsKeys>>>,
    network_activity_sources: Option<Vec<Spanned<String>>>,
    insights: Option<Vec<Spanned<InsightKeys>>>,
    log_bucket_replication: Option<bool>,
    tamper_event_routing: Option<bool>,
    freshness_hours: Option<Spanned<u32>>,
    #[serde(default)]
    log_archive_accounts: Vec<Spanned<String>>,
    #[serde(default)]
    tamper_exceptions: Vec<Spanned<String>>,
    #[serde(default)]
    delegated_administrators: Vec<Spanned<String>>,
    tamper_history_days: Option<Spanned<u32>>,
    #[serde(default)]
    alarm_patterns: AlarmPatterns,
    approved_snapshot: Option<Spanned<PathBuf>>,
    approved_trails: Option<ApprovedKeys>,
    scp_policies_per_node: Option<Spanned<u32>>,
    scp_policy_characters: Option<Spanned<u32>>,
    rcp_policies_per_node: Option<Spanned<u32>>,
    rcp_policy_characters: Option<Spanned<u32>>,
    #[serde(default, rename = "override")]
    overrides: BTreeMap<Spanned<String>, OverrideKeys>,
}

/// Reads a baseline file, or gives the defaults when none is named.
pub(crate) fn read_baseline(path: Option<&Path>) -> Result<Baseline, Failure> {
    let Some(path) = path else { return Ok(Baseline::default()) };
    let text = read_file(path)?;
    let (mut baseline, approved) = parse(&text).map_err(|mistake| mistake.in_file("baseline", path, &text, HINT))?;
    if let Some(approved) = approved {
        baseline.approved_trails = Some(approved.read_trails(path, &text)?);
    }
    Ok(baseline)
}

/// The baseline without the approved trails, and where these are.
fn parse(text: &str) -> Result<(Baseline, Option<Approved>), Mistake> {
    let file: BaselineFile = toml::from_str(text)?;
    let defaults = Baseline::default();
    let everywhere = OverrideKeys {
        retention_days: file.retention_days,
        data_events: file.data_events,
        network_activity_sources: file.network_activity_sources,
        insights: file.insights,
        log_bucket_replication: file.log_bucket_replication,
        tamper_event_routing: file.tamper_event_routing,
    };
    let or = |number, default| in_range(number, u32::MAX).map(|number| number.unwrap_or(default));
    let baseline = Baseline {
        required: Required::default().with(&everywhere.read()?),
        overrides: overrides(file.overrides)?,
        freshness_hours: or(file.freshness_hours, defaults.freshness_hours)?,
        log_archive_accounts: each(file.log_archive_accounts, account)?,
        tamper_exceptions: each(file.tamper_exceptions, principal_pattern)?,
        delegated_administrators: each(file.delegated_administrators, account)?,
        tamper_history_days: in_range(file.tamper_history_days, MAX_HISTORY_DAYS)?
            .unwrap_or(defaults.tamper_history_days),
        alarm_patterns: file.alarm_patterns,
        approved_trails: None,
        scp_policies_per_node: or(file.scp_policies_per_node, defaults.scp_policies_per_node)?,
        scp_policy_characters: or(file.scp_policy_characters, defaults.scp_policy_characters)?,
        rcp_policies_per_node: or(file.rcp_policies_per_node, defaults.rcp_policies_per_node)?,
        rcp_policy_characters: or(file.rcp_policy_characters, defaults.rcp_policy_characters)?,
    };
    Ok((baseline, Approved::of(file.approved_snapshot, file.approved_trails)?))
}

fn overrides(keys: BTreeMap<Spanned<String>, OverrideKeys>) -> Result<BTreeMap<String, Override>, Mistake> {
    keys.into_iter()
        .map(|(place, keys)| {
            let id = node(place.get_ref()).map_err(|message| Mistake::at(&place, message))?;
            Ok((id, keys.read()?))
        })
        .collect()
}

fn account(text: &str) -> Result<AccountId, String> {
    text.parse().map_err(|error: trailwarden_model::ids::IdError| error.to_string())
}

/// An ARN pattern with `*` and `?`. A bare `*` would excuse everybody and is refused.
fn principal_pattern(text: &str) -> Result<String, String> {
    match text.starts_with("arn:") {
        true => Ok(text.to_owned()),
        false => Err(format!("{text:?} is not a principal pattern such as \"arn:aws:iam::*:role/TrailAdministrator\"")),
    }
}

/// Ids that a list of the baseline names, to be held against the organization.
fn names<'b>(what: &'static str, ids: &'b BTreeSet<AccountId>) -> impl Iterator<Item = (&'static str, &'b str)> {
    ids.iter().map(move |id| (what, id.as_str()))
}

#[cfg(test)]
mod tests;
