//! Where findings are: accounts by name and id, with their regions and resources, kept short.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::finding::Finding;
use trailwarden_model::ids::{AccountId, Region};

use super::Page;
use crate::paint::count;
use crate::plain::plain;

/// Accounts listed before the rest is only counted.
const MAX_ACCOUNTS: usize = 6;
/// Regions or resources listed per account before the rest is only counted.
const MAX_ITEMS: usize = 3;

/// The accounts, regions and resources of a group of findings.
#[derive(Debug, Default)]
pub(super) struct Places<'a> {
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
    pub(super) fn add(&mut self, finding: &'a Finding) {
        let place = self.accounts.entry(&finding.account).or_default();
        place.regions.extend(finding.region.as_ref());
        place.resources.extend(finding.resource.as_deref().map(short_resource).map(plain));
        self.first.get_or_insert(finding);
        self.n_findings += 1;
    }

    /// The id of one of the findings, to ask for the rest of it.
    pub(super) fn render_id(&self, page: &Page<'_>) -> String {
        let Some(first) = self.first else { return String::new() };
        let more = match self.n_findings {
            1 => String::new(),
            n => format!(" and {} more", n - 1),
        };
        page.wrap(&page.paint.dim(&format!("id {}{more}", first.id())), "      ", "        ")
    }

    pub(super) fn n_accounts(&self) -> usize {
        self.accounts.len()
    }

    pub(super) fn n_findings(&self) -> usize {
        self.n_findings
    }

    /// `3 accounts`, and the number of findings when it differs.
    pub(super) fn extent(&self) -> String {
        let accounts = count(self.n_accounts(), "account");
        if self.n_findings == self.n_accounts() {
            accounts
        } else {
            format!("{accounts}, {}", count(self.n_findings, "finding"))
        }
    }

    /// One line per account, indented.
    pub(super) fn render(&self, page: &Page<'_>) -> String {
        let mut text = String::new();
        for (id, place) in self.accounts.iter().take(MAX_ACCOUNTS) {
            let name = page.assessment.organization.accounts.get(*id).filter(|name| !name.is_empty());
            let name = name.map_or_else(|| id.to_string(), |name| format!("{} ({id})", page.paint.bold(name)));
            text.push_str(&page.wrap(&format!("{name}{}", place.describe()), "      ", "        "));
        }
        if let Some(more @ 1..) = self.accounts.len().checked_sub(MAX_ACCOUNTS) {
            text.push_str(&page.wrap(&format!("… and {}", count(more, "more account")), "      ", "        "));
        }
        text
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
