//! The expected outcomes of a scenario, per control and resource.

use std::collections::BTreeMap;

use serde::Deserialize;
use trailwarden_model::finding::{Finding, Outcome};
use trailwarden_model::ids::{AccountId, Region};

use super::file::File;
use crate::error::SandboxError;

/// Expected outcomes by control id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// Every control that the truth speaks about.
    pub controls: BTreeMap<String, Expected>,
}

/// What one control must find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// How many findings there are, of any outcome.
    pub findings: usize,
    /// The outcome where no exception applies.
    pub default: Outcome,
    /// Departures; the first that applies wins.
    pub except: Vec<Exception>,
}

/// Findings that differ from the default. What is left out matches everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The outcome.
    pub outcome: Outcome,
    /// Findings of these accounts; empty means any.
    pub accounts: Vec<AccountId>,
    /// Findings of these regions; empty means any. `none` in the file stands for a finding without region.
    pub regions: Vec<Option<Region>>,
    /// Findings of these resources; empty means any. `none` in the file stands for a finding without resource.
    pub resources: Vec<Option<String>>,
}

impl Truth {
    /// The outcome that this finding must have; none when the truth does not know its control.
    pub fn expected(&self, finding: &Finding) -> Option<Outcome> {
        let control = self.controls.get(&finding.control)?;
        Some(control.except.iter().find(|e| e.applies(finding)).map_or(control.default, |e| e.outcome))
    }
}

impl Exception {
    /// True when it speaks of this finding.
    pub fn applies(&self, finding: &Finding) -> bool {
        (self.accounts.is_empty() || self.accounts.contains(&finding.account))
            && (self.regions.is_empty() || self.regions.contains(&finding.region))
            && (self.resources.is_empty() || self.resources.contains(&finding.resource))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ControlEntry {
    findings: usize,
    default: Outcome,
    #[serde(default)]
    except: Vec<ExceptionEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExceptionEntry {
    outcome: Outcome,
    #[serde(default)]
    accounts: Vec<String>,
    #[serde(default)]
    regions: Vec<String>,
    #[serde(default)]
    resources: Vec<String>,
}

/// The file: controls by id, and lists that several of them name as `@NAME`.
#[derive(Deserialize)]
struct TruthFile {
    #[serde(default)]
    lists: BTreeMap<String, Vec<String>>,
    #[serde(flatten)]
    controls: BTreeMap<String, ControlEntry>,
}

/// Reads a truth; accounts are written by name.
pub(super) fn parse(name: &str, text: &str, file: &File) -> Result<Truth, SandboxError> {
    let wrong = |reason: String| SandboxError::Scenario { name: name.to_owned(), reason };
    let TruthFile { lists, controls: entries } = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
    let spelled_out = |texts: Vec<String>| -> Result<Vec<String>, SandboxError> {
        let one = |text: String| match text.strip_prefix('@') {
            Some(list) => lists.get(list).cloned().ok_or_else(|| wrong(format!("the truth has no list {list}"))),
            None => Ok(vec![text]),
        };
        texts.into_iter().map(one).collect::<Result<Vec<_>, _>>().map(|lists| lists.concat())
    };
    let account = |wanted: &String| {
        let entry = file.account.iter().find(|entry| entry.name == *wanted);
        entry.map(|entry| entry.id.clone()).ok_or_else(|| wrong(format!("the truth names account {wanted}")))
    };
    let mut controls = BTreeMap::new();
    for (id, entry) in entries {
        let mut except = Vec::new();
        for exception in entry.except {
            let accounts = spelled_out(exception.accounts)?.iter().map(account).collect::<Result<_, _>>()?;
            let region = |text: &String| match text.as_str() {
                "none" => Ok(None),
                text => text.parse().map(Some).map_err(|error| wrong(format!("{error}"))),
            };
            let regions = spelled_out(exception.regions)?.iter().map(region).collect::<Result<_, _>>()?;
            let resources = spelled_out(exception.resources)?;
            let resources = resources.into_iter().map(|text| (text != "none").then_some(text)).collect();
            except.push(Exception { outcome: exception.outcome, accounts, regions, resources });
        }
        controls.insert(id, Expected { findings: entry.findings, default: entry.default, except });
    }
    Ok(Truth { controls })
}
