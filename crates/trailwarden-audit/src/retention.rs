//! How long the logs of accounts must be kept, and which of them share a place.

use std::collections::BTreeSet;

use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::Gap;
use trailwarden_model::trail::{Selectors, Trail};

use crate::cx::Cx;
use crate::service::FOLDERS;

/// The longest retention that some accounts require.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Retention {
    /// Days that are required for certain.
    pub(crate) days: u32,
    /// The account that requires them, where not all require the same.
    whom: Option<AccountId>,
    /// The most that an account may require whose place in the tree is not known.
    perhaps: Option<(u32, Gap)>,
}

impl Retention {
    /// Whether something kept for so many days is kept too short. Fails when that depends on an account whose requirement is
    /// not known.
    pub(crate) fn is_missed_by(&self, days: i64) -> Result<bool, Gap> {
        match &self.perhaps {
            _ if days < i64::from(self.days) => Ok(true),
            Some((perhaps, gap)) if days < i64::from(*perhaps) => Err(gap.clone()),
            _ => Ok(false),
        }
    }

    /// `2555 days, which payments (333333333333) requires`.
    pub(crate) fn words(&self, cx: &Cx<'_>) -> String {
        match &self.whom {
            Some(account) => format!("{} days, which {} requires", self.days, cx.name(account)),
            None => format!("{} days", self.days),
        }
    }
}

/// Whose objects a key prefix shares with those of a trail.
#[derive(Debug, Default)]
pub(crate) struct Touched<'a> {
    /// The accounts.
    pub(crate) accounts: Vec<&'a AccountId>,
    /// Why there may be objects all the same, where it is not known which folders the trail writes to.
    pub(crate) gap: Option<Gap>,
}

impl<'a> Cx<'a> {
    /// The longest retention that one of the accounts requires; the baseline's own when there is none.
    pub(crate) fn retention<'x>(&self, accounts: impl IntoIterator<Item = &'x AccountId>) -> Retention {
        let everywhere = self.baseline.required.retention_days;
        let mut longest: Option<(u32, &AccountId)> = None;
        let mut unknown = None;
        if !self.baseline.overrides.is_empty() {
            for account in accounts {
                match self.required(account) {
                    Ok(required) if longest.is_none_or(|(days, _)| required.retention_days > days) => {
                        longest = Some((required.retention_days, account));
                    }
                    Ok(_) => {}
                    Err(gap) => unknown = unknown.or(Some(gap)),
                }
            }
        }
        let overridden = self.baseline.overrides.values().filter_map(|change| change.retention_days);
        let most = overridden.chain([everywhere]).max().unwrap_or(everywhere);
        let days = longest.map_or(if unknown.is_some() { 0 } else { everywhere }, |(days, _)| days);
        Retention {
            days,
            whom: longest.filter(|(days, _)| *days != everywhere).map(|(_, account)| account.clone()),
            perhaps: unknown.map(|gap| (most, gap)),
        }
    }

    /// The accounts whose events a trail writes: its owner, or every account of the organization, whatever its state.
    pub(crate) fn written_for(&self, trail: &'a Trail) -> Vec<&'a AccountId> {
        match trail.is_organization {
            true => self.snapshot.organization.accounts.keys().collect(),
            false => vec![&trail.owner],
        }
    }

    /// The accounts whose events the trails of a bucket write.
    pub(crate) fn accounts_of_bucket(&self, name: &str) -> BTreeSet<&'a AccountId> {
        self.trails_of_bucket(name).iter().flat_map(|trail| self.written_for(trail)).collect()
    }

    /// Whose log or digest objects of a trail begin with the prefix. Below the base of an organization trail come account and
    /// folder, below that of an account trail the folder.
    pub(crate) fn touched(&self, trail: &'a Trail, prefix: &str) -> Touched<'a> {
        let base = self.base_prefix(trail);
        if base.starts_with(prefix) {
            return Touched { accounts: self.written_for(trail), gap: None };
        }
        let Some(rest) = prefix.strip_prefix(&base) else { return Touched::default() };
        if !trail.is_organization {
            return in_folder(trail, vec![&trail.owner], rest);
        }
        let start = rest.split('/').next().unwrap_or_default();
        let folder = rest.strip_prefix(start).and_then(|rest| rest.strip_prefix('/'));
        let mut accounts = self.written_for(trail);
        match folder {
            None => accounts.retain(|account| account.as_str().starts_with(start)),
            Some(_) => accounts.retain(|account| account.as_str() == start),
        }
        in_folder(trail, accounts, folder.unwrap_or_default())
    }
}

fn in_folder<'a>(trail: &Trail, accounts: Vec<&'a AccountId>, rest: &str) -> Touched<'a> {
    let is_touched = |folder: &str| match rest.split_once('/') {
        Some((name, _)) => folder == name,
        None => folder.starts_with(rest),
    };
    if accounts.is_empty() || FOLDERS.into_iter().any(is_touched) {
        return Touched { accounts, gap: None };
    }
    let other = OTHER_FOLDERS.iter().find(|(folder, _)| is_touched(folder));
    match other.map(|(_, is_written)| is_written(trail)) {
        Some(Ok(true)) => Touched { accounts, gap: None },
        Some(Ok(false)) | None => Touched::default(),
        Some(Err(gap)) => Touched { accounts: Vec::new(), gap: Some(gap) },
    }
}

/// Whether a trail writes to a folder.
type IsWritten = fn(&Trail) -> Result<bool, Gap>;

/// The folders of events besides management and data events. Source: CloudTrail User Guide, "Getting and viewing your
/// CloudTrail log files".
const OTHER_FOLDERS: [(&str, IsWritten); 3] = [
    ("CloudTrail-Insight", |trail| Ok(!trail.insights.get()?.is_empty())),
    ("CloudTrail-NetworkActivity", |trail| records(trail, "NetworkActivity")),
    ("CloudTrail-Aggregated", aggregates),
];

/// Summaries of data events; whether a trail writes them is not read.
fn aggregates(trail: &Trail) -> Result<bool, Gap> {
    match records(trail, "Data")? {
        false => Ok(false),
        true => {
            let call = "cloudtrail:GetEventConfiguration";
            Err(Gap::not_collected(call, Some(&trail.owner), Some(&trail.home_region)))
        }
    }
}

/// Whether a selector may take events of a category.
fn records(trail: &Trail, category: &str) -> Result<bool, Gap> {
    Ok(match trail.selectors.get()? {
        Selectors::Basic(selectors) => {
            category == "Data" && selectors.iter().any(|selector| !selector.data_resources.is_empty())
        }
        Selectors::Advanced(selectors) => selectors.iter().flat_map(|selector| &selector.fields).any(|field| {
            field.field == "eventCategory"
                && (field.equals.is_empty() || field.equals.iter().any(|one| one == category))
        }),
    })
}
