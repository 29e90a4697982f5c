//! One waiver while findings are held against it: what it accepts, and why that may not be known.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use trailwarden_model::finding::Finding;
use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::Gap;
use trailwarden_model::waiver::{Scope, Waiver};
use trailwarden_policy::Pattern;

use crate::control::Control;
use crate::cx::Cx;

/// A waiver, and what became of it.
#[derive(Debug)]
pub(crate) struct Use<'w> {
    pub(super) waiver: &'w Waiver,
    resources: Vec<Pattern>,
    pub(super) is_expired: bool,
    /// Its control was judged.
    pub(super) is_selected: bool,
    /// An account that it names and that the organization does not have.
    pub(super) stranger: Option<&'w AccountId>,
    /// Filters of the run left out something that it may speak of.
    pub(super) is_left_out: bool,
    /// Findings that it accepts, also those that another waiver accepts as well.
    pub(super) n_accepted: usize,
    /// The first gap that hides whether it accepts something.
    pub(super) open: Option<Gap>,
}

impl<'w> Use<'w> {
    pub(super) fn new(cx: &Cx<'_>, controls: &[&'static Control], waiver: &'w Waiver) -> Self {
        let organization = &cx.snapshot.organization;
        let today = cx.now().to_zoned(TimeZone::UTC).date();
        Self {
            waiver,
            resources: waiver.scope.resources.iter().map(|pattern| Pattern::parse(pattern)).collect(),
            is_expired: waiver.is_expired(today),
            is_selected: controls.iter().any(|control| control.id == waiver.control),
            stranger: waiver.scope.accounts.iter().find(|id| !organization.accounts.contains_key(id)),
            is_left_out: is_left_out(cx, &waiver.scope),
            n_accepted: 0,
            open: None,
        }
    }

    /// Counts a finding of its control that fails or is unknown. True when the waiver accepts it.
    pub(super) fn meet(&mut self, cx: &Cx<'_>, finding: &Finding) -> bool {
        let is_covered = self.covers(cx, finding);
        let is_accepted = matches!(is_covered, Ok(true)) && self.waiver.accepts(finding.outcome);
        self.n_accepted += usize::from(is_accepted);
        let hidden = match is_covered {
            Err(gap) => Some(gap),
            // What is not known may turn out to be something that the waiver accepts.
            Ok(true) if !is_accepted => finding.gap.clone(),
            Ok(_) => None,
        };
        self.open = self.open.take().or(hidden);
        is_accepted
    }

    /// True when the finding is in the waiver's scope. A gap when that is not known: when the OU tree decides and could not
    /// be read, and for the unknown finding that stands for everything of an account or region that could not be read. Then
    /// the waiver does not apply.
    fn covers(&self, cx: &Cx<'_>, finding: &Finding) -> Result<bool, Gap> {
        let Scope { accounts, units, regions, resources } = &self.waiver.scope;
        let is_like = |resource: &String| self.resources.iter().any(|pattern| pattern.matches(resource));
        let is_of_account = accounts.contains(&finding.account) || (accounts.is_empty() && units.is_empty());
        if !is_of_account && !is_below(cx, &finding.account, units)? {
            return Ok(false);
        }
        let region = finding.region.as_ref().map(|region| regions.is_empty() || regions.contains(region));
        let resource = finding.resource.as_ref().map(|resource| resources.is_empty() || is_like(resource));
        if region == Some(false) || resource == Some(false) {
            return Ok(false);
        }
        let lacks_place = (region.is_none() && !regions.is_empty()) || (resource.is_none() && !resources.is_empty());
        match (lacks_place, &finding.gap) {
            (true, Some(gap)) => Err(gap.clone()),
            (lacks_place, _) => Ok(!lacks_place),
        }
    }
}

fn is_below(cx: &Cx<'_>, account: &AccountId, units: &BTreeSet<String>) -> Result<bool, Gap> {
    Ok(!units.is_empty() && cx.snapshot.organization.path_to(account)?.iter().any(|node| units.contains(node)))
}

/// True when the run did not look at something that the scope may speak of: excluded accounts, filtered regions.
fn is_left_out(cx: &Cx<'_>, scope: &Scope) -> bool {
    let snapshot = cx.snapshot;
    let is_named = |account: &AccountId| match (scope.accounts.is_empty(), scope.units.is_empty()) {
        (true, true) => true,
        (_, false) => scope.accounts.contains(account) || is_below(cx, account, &scope.units).unwrap_or(true),
        (false, true) => scope.accounts.contains(account),
    };
    let regions = &snapshot.region_filter;
    let is_filtered = !regions.is_empty() && (scope.regions.is_empty() || !scope.regions.is_subset(regions));
    is_filtered || snapshot.excluded.iter().any(is_named)
}
