//! Where findings are: accounts by name and id, with their regions and resources, kept short.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::finding::Finding;
use trailwarden_model::ids::{AccountId, Region};

use crate::paint::count;
use crate::plain::plain;

/// Regions or resources listed per account before the rest is only counted.
const MAX_ITEMS: usize = 3;

/// The accounts, regions and resources of a group of findings.
#[derive(Debug, Default)]
pub(crate) struct Places<'a> {
    accounts: BTreeMap<&'a AccountId, Place<'a>>,
    first: Option<&'a Finding>,
    n_findings: usize,
}

#[derive(Debug, Default)]
struct Place<'a> {
    regions: BTreeSet<&'a Region>,
    resources: BTreeSet<String>,
}

impl<'a> Places<'a> {
    pub(crate) fn add(&mut self, finding: &'a Finding) {
        let place = self.accounts.entry(&finding.account).or_default();
        place.regions.extend(finding.region.as_ref());
        place.resources.extend(finding.resource.as_deref().map(short_resource).map(plain));
        self.first.get_or_insert(finding);
        self.n_findings += 1;
    }

    /// One of the findings, which stands for the others.
    pub(crate) fn first(&self) -> Option<&'a Finding> {
        self.first
    }

    pub(crate) fn n_accounts(&self) -> usize {
        self.accounts.len()
    }

    pub(crate) fn n_findings(&self) -> usize {
        self.n_findings
    }

    /// `3 accounts`, and the number of findings when it differs.
    pub(crate) fn extent(&self) -> String {
        let accounts = count(self.n_accounts(), "account");
        if self.n_findings == self.n_accounts() {
            accounts
        } else {
            format!("{accounts}, {}", count(self.n_findings, "finding"))
        }
    }

    /// The accounts with what there is of regions and resources in each.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&'a AccountId, String)> {
        self.accounts.iter().map(|(id, place)| (*id, place.describe()))
    }
}

impl Place<'_> {
    fn describe(&self) -> String {
        let regions = self.regions.iter().map(|region| region.as_str());
        let parts =
            [list(regions.collect(), "region"), list(self.resources.iter().map(String::as_str).collect(), "resource")];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() { String::new() } else { format!(" {}", parts.join(" · ")) }
    }
}

fn list(items: Vec<&str>, noun: &str) -> Option<String> {
    let shown = items.iter().take(MAX_ITEMS).copied().collect::<Vec<_>>().join(", ");
    match items.len() {
        0 => None,
        n if n > MAX_ITEMS => Some(format!("{} ({shown}, …)", count(n, noun))),
        _ => Some(shown),
    }
}

/// The part of an ARN that people know the resource by; the whole ARN is in the JSON.
fn short_resource(arn: &str) -> &str {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    resource.strip_prefix("log-group:").unwrap_or(resource)
}
