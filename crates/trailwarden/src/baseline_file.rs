//! The baseline file (TOML): what an organization requires of its trails, with errors that name line and column.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use trailwarden_model::baseline::{Baseline, Required};
use trailwarden_model::ids::AccountId;

use crate::failure::Failure;
use crate::output::read_file;

/// What stands in the file. Everything left out keeps its default.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BaselineFile {
    retention_days: Option<NonZeroU32>,
    freshness_hours: Option<NonZeroU32>,
    #[serde(default)]
    log_archive_accounts: BTreeSet<AccountId>,
    #[serde(default)]
    tamper_exceptions: BTreeSet<PrincipalPattern>,
    scp_policies_per_node: Option<NonZeroU32>,
    scp_policy_characters: Option<NonZeroU32>,
}

/// An ARN pattern with `*` and `?`. A bare `*` would excuse everybody and is refused.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(try_from = "String")]
struct PrincipalPattern(String);

impl TryFrom<String> for PrincipalPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.starts_with("arn:") {
            Ok(Self(text))
        } else {
            Err(format!("{text:?} is not a principal pattern such as \"arn:aws:iam::*:role/TrailAdministrator\""))
        }
    }
}

/// Reads a baseline file, or gives the defaults when none is named.
pub(crate) fn read_baseline(path: Option<&Path>) -> Result<Baseline, Failure> {
    let Some(path) = path else { return Ok(Baseline::default()) };
    parse(&read_file(path)?).map_err(|error| {
        Failure::usage(format!("baseline {}:{error}", path.display()))
            .hint("policies/baseline.toml of the source shows every setting with its default")
    })
}

fn parse(text: &str) -> Result<Baseline, String> {
    let file: BaselineFile = toml::from_str(text).map_err(|error| {
        let (line, column) = position(text, error.span());
        format!("{line}:{column}: {}", error.message())
    })?;
    let defaults = Baseline::default();
    Ok(Baseline {
        required: Required {
            retention_days: file.retention_days.map_or(defaults.required.retention_days, NonZeroU32::get),
            ..defaults.required
        },
        freshness_hours: file.freshness_hours.map_or(defaults.freshness_hours, NonZeroU32::get),
        log_archive_accounts: file.log_archive_accounts,
        tamper_exceptions: file.tamper_exceptions.into_iter().map(|pattern| pattern.0).collect(),
        scp_policies_per_node: file.scp_policies_per_node.map_or(defaults.scp_policies_per_node, NonZeroU32::get),
        scp_policy_characters: file.scp_policy_characters.map_or(defaults.scp_policy_characters, NonZeroU32::get),
        ..Baseline::default()
    })
}

/// Line and column, both from 1, of the start of a span.
fn position(text: &str, span: Option<Range<usize>>) -> (usize, usize) {
    let before = span.and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_is_the_default() {
        let text = include_str!("../../../policies/baseline.toml");
        assert_eq!(parse(text), Ok(Baseline::default()));
    }

    #[test]
    fn the_quotas_of_an_organization_may_differ() {
        let old = parse("scp_policies_per_node = 5\nscp_policy_characters = 5120\n").expect("a baseline");
        assert_eq!((old.scp_policies_per_node, old.scp_policy_characters), (5, 5120));
    }

    #[test]
    fn a_mistake_is_named_with_line_and_column() {
        for (text, position, word) in [
            ("retention_days = 90\nretention = 3\n", "2:1", "unknown field `retention`"),
            ("retention_days = 0\n", "1:18", "nonzero"),
            ("\nfreshness_hours = -24\n", "2:19", "nonzero"),
            ("log_archive_accounts = [\"123\"]\n", "1:24", "twelve digits"),
            ("tamper_exceptions = [\n  \"*\",\n]\n", "1:21", "principal pattern"),
            ("scp_policies_per_node = 0\n", "1:25", "nonzero"),
            ("retention_days = \n", "1:18", ""),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.starts_with(position), "{text}: {error}");
            assert!(error.contains(word), "{text}: {error}");
        }
    }
}
