//! What changed between two assessments. What the later one could not see has not gone, and what only one of them judges is
//! not compared.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::assessment::Assessment;
use trailwarden_model::difference::{Change, Difference, FORMAT, Kind, Owner, Side, Standing};
use trailwarden_model::finding::{Finding, Outcome};
use trailwarden_model::ids::{AccountId, Arn};
use trailwarden_model::observed::GapKind;

/// The control whose findings also speak of trails that are not there.
const OF_ABSENT_TRAILS: &str = "trails-match-baseline";

/// Compares two assessments of one organization.
pub fn difference(before: &Assessment, after: &Assessment) -> Difference {
    let controls = |assessment: &Assessment| assessment.summary.controls.keys().cloned().collect::<BTreeSet<_>>();
    let not_compared: BTreeSet<String> = controls(before).symmetric_difference(&controls(after)).cloned().collect();
    let sides = [before, after].map(|assessment| Compared::new(assessment, &not_compared));
    let [was, is] = &sides;
    let known = |assessment: &Assessment| assessment.organization.accounts.keys().cloned().collect::<BTreeSet<_>>();
    let (accounts_before, accounts_after) = (known(before), known(after));
    let joined = |trail: &Arn| trail.account().is_some_and(|account| !accounts_before.contains(&account));
    let (trails_gone, lost): (BTreeSet<_>, BTreeSet<_>) =
        was.trails.difference(&is.trails).cloned().partition(|trail| is.sees(trail));
    let (trails_appeared, found): (BTreeSet<_>, BTreeSet<_>) =
        is.trails.difference(&was.trails).cloned().partition(|trail| was.sees(trail) || joined(trail));
    let (changes, n_not_compared) = changes(was, is);
    let mut accounts = before.organization.accounts.clone();
    accounts.extend(after.organization.accounts.clone());
    Difference {
        format: FORMAT.to_owned(),
        organization: after.organization.id.clone(),
        before: side(before),
        after: side(after),
        accounts,
        changes,
        accounts_appeared: accounts_after.difference(&accounts_before).cloned().collect(),
        accounts_vanished: accounts_before.difference(&accounts_after).cloned().collect(),
        trails_appeared: texts(trails_appeared),
        trails_gone: texts(trails_gone),
        trails_unread: texts(lost.into_iter().chain(found).collect()),
        owners: owners(was, is),
        not_compared,
        n_not_compared,
    }
}

/// An assessment without the controls that the other does not judge.
struct Compared<'a> {
    assessment: &'a Assessment,
    findings: BTreeMap<String, &'a Finding>,
    trails: BTreeSet<Arn>,
}

impl<'a> Compared<'a> {
    fn new(assessment: &'a Assessment, not_compared: &BTreeSet<String>) -> Self {
        let compared = || assessment.findings.iter().filter(|finding| !not_compared.contains(&finding.control));
        let trails = compared().filter(|finding| finding.control != OF_ABSENT_TRAILS).filter_map(trail);
        Self {
            assessment,
            findings: compared().map(|finding| (finding.id(), finding)).collect(),
            trails: trails.collect(),
        }
    }

    /// True when this assessment was not told to look at what a finding that only the other has is about. What trails point
    /// at is found by way of the trails, so that a narrower one may have missed it in accounts that it did look at.
    fn leaves_out(&self, finding: &Finding, other: &Self) -> bool {
        let organization = &self.assessment.organization;
        let regions = &organization.region_filter;
        let is_pointed_at = || finding.resource.is_some() && trail(finding).is_none();
        organization.excluded.contains(&finding.account)
            || finding.region.as_ref().is_some_and(|region| !regions.is_empty() && !regions.contains(region))
            || is_pointed_at() && !side(other.assessment).is_within(&side(self.assessment))
    }

    /// True when a trail that is there would have been seen.
    fn sees(&self, trail: &Arn) -> bool {
        let (Some(account), Some(region)) = (trail.account(), trail.region()) else { return false };
        let organization = &self.assessment.organization;
        let is_asked_for = organization.region_filter.is_empty() || organization.region_filter.contains(&region);
        let is_in_scope = self.assessment.findings.iter().any(|finding| finding.account == account);
        let is_hidden = |finding: &&Finding| {
            finding.outcome == Outcome::Unknown
                && finding.resource.is_none()
                && finding.account == account
                && finding.region.as_ref().is_none_or(|unread| *unread == region)
                && finding.gap.as_ref().is_some_and(|gap| {
                    gap.kind == GapKind::AccountNotEntered || gap.call == "cloudtrail:DescribeTrails"
                })
        };
        is_asked_for && is_in_scope && !self.assessment.findings.iter().any(|finding| is_hidden(&finding))
    }
}

fn side(assessment: &Assessment) -> Side {
    Side {
        collected_at: assessment.collected_at,
        tool_version: assessment.tool_version.clone(),
        provenance: assessment.provenance.clone(),
        excluded: assessment.organization.excluded.clone(),
        region_filter: assessment.organization.region_filter.clone(),
    }
}

fn trail(finding: &Finding) -> Option<Arn> {
    let arn: Arn = finding.resource.as_deref()?.parse().ok()?;
    (arn.service() == "cloudtrail" && arn.resource().starts_with("trail/")).then_some(arn)
}

fn texts(arns: BTreeSet<Arn>) -> BTreeSet<String> {
    arns.into_iter().map(|arn| arn.to_string()).collect()
}

/// What changed, and how many open findings the other side was not told to look at.
fn changes(was: &Compared<'_>, is: &Compared<'_>) -> (Vec<Change>, usize) {
    let ids: BTreeSet<&String> = was.findings.keys().chain(is.findings.keys()).collect();
    let mut n_not_compared = 0;
    let change = |id: &String| {
        let (before, after) = (was.findings.get(id).copied(), is.findings.get(id).copied());
        let is_left_out = match (before, after) {
            (Some(before), None) => is.leaves_out(before, was),
            (None, Some(after)) => was.leaves_out(after, is),
            _ => false,
        };
        if is_left_out {
            n_not_compared += usize::from(before.or(after).is_some_and(Finding::is_open));
            return None;
        }
        let about = after.or(before)?;
        Some(Change {
            kind: kind(before, after)?,
            id: id.clone(),
            control: about.control.clone(),
            severity: about.severity,
            account: about.account.clone(),
            region: about.region.clone(),
            resource: about.resource.clone(),
            before: before.map(standing),
            after: after.map(standing),
        })
    };
    let mut changes: Vec<Change> = ids.into_iter().filter_map(change).collect();
    changes.sort_by(|a, b| (a.kind, b.severity, &a.id).cmp(&(b.kind, a.severity, &b.id)));
    (changes, n_not_compared)
}

/// How a finding changed; none where it was open in neither.
fn kind(before: Option<&Finding>, after: Option<&Finding>) -> Option<Kind> {
    let open = |finding: Option<&Finding>| finding.filter(|finding| finding.is_open()).map(|finding| finding.outcome);
    Some(match (open(before), open(after)) {
        (None, None) => return None,
        (Some(was), Some(is)) if was == is => {
            let reason = |finding: Option<&Finding>| finding.map(|finding| finding.reason.clone());
            if reason(before) == reason(after) { Kind::Still } else { Kind::Reason }
        }
        (_, Some(Outcome::Unknown)) => Kind::Unread,
        (_, Some(_)) => Kind::New,
        (Some(_), None) => match after {
            None => Kind::Gone,
            Some(after) if after.waiver.is_some() => Kind::Waived,
            Some(_) => Kind::Fixed,
        },
    })
}

fn standing(finding: &Finding) -> Standing {
    Standing {
        outcome: finding.outcome,
        reason: finding.reason.clone(),
        waiver: finding.waiver.as_ref().map(|waiver| waiver.id.clone()),
    }
}

/// Owners that both assessments know: where a resource could not be read, its owner is a guess.
fn owners(was: &Compared<'_>, is: &Compared<'_>) -> BTreeSet<Owner> {
    let (before, after) = (known_owners(was), known_owners(is));
    let changed = before.iter().filter_map(|(resource, before)| {
        let after = after.get(resource).filter(|after| *after != before)?;
        Some(Owner { resource: (*resource).to_owned(), before: (*before).clone(), after: (*after).clone() })
    });
    changed.collect()
}

fn known_owners<'a>(side: &Compared<'a>) -> BTreeMap<&'a str, &'a AccountId> {
    let known = side.findings.values().filter(|finding| finding.outcome != Outcome::Unknown);
    known.filter_map(|finding| Some((finding.resource.as_deref()?, &finding.account))).collect()
}

#[cfg(test)]
mod tests {
    use trailwarden_model::difference::Alarm;

    use super::*;
    use crate::controls;
    use crate::testing::World;

    fn assessed() -> Assessment {
        let world = World::clean();
        crate::assess(&world.snapshot, &world.baseline, &[], controls::ALL, "test")
    }

    #[test]
    fn an_assessment_does_not_differ_from_itself() {
        let assessment = assessed();
        assert!(difference(&assessment, &assessment).is_empty());
    }

    #[test]
    fn every_change_of_a_finding_has_its_kind() {
        let before = assessed();
        let mut after = before.clone();
        let index = after.findings.iter().position(|finding| finding.outcome == Outcome::Pass).expect("a pass");
        let kinds = |before: &Assessment, after: &Assessment| {
            difference(before, after).changes.iter().map(|change| change.kind).collect::<Vec<_>>()
        };
        after.findings[index].outcome = Outcome::Unknown;
        assert_eq!(kinds(&before, &after), [Kind::Unread]);
        after.findings[index].outcome = Outcome::Fail;
        assert_eq!(kinds(&before, &after), [Kind::New]);
        assert_eq!(kinds(&after, &before), [Kind::Fixed]);
        assert_eq!(kinds(&after, &after), [Kind::Still]);
        let mut other = after.clone();
        other.findings[index].reason.push_str(" still");
        assert_eq!(kinds(&after, &other), [Kind::Reason]);
        other.findings.remove(index);
        assert_eq!(kinds(&after, &other), [Kind::Gone]);
    }

    #[test]
    fn trails_of_accounts_that_were_not_looked_at_are_not_gone() {
        let before = assessed();
        let trails = Compared::new(&before, &BTreeSet::new()).trails;
        assert!(!trails.is_empty(), "the clean world has a trail");
        let mut after = before.clone();
        after.findings.retain(|finding| trail(finding).is_none());
        let found = difference(&before, &after);
        assert_eq!((found.trails_gone, found.trails_unread), (texts(trails.clone()), BTreeSet::new()));
        let owners: BTreeSet<AccountId> = trails.iter().filter_map(Arn::account).collect();
        after.findings.retain(|finding| !owners.contains(&finding.account));
        let found = difference(&before, &after);
        assert_eq!((found.trails_gone, found.trails_unread), (BTreeSet::new(), texts(trails)));
    }

    #[test]
    fn controls_of_one_side_are_not_compared() {
        let before = assessed();
        let mut after = before.clone();
        after.summary.controls.remove("trail-is-logging");
        after.findings.retain(|finding| finding.control != "trail-is-logging");
        let found = difference(&before, &after);
        assert_eq!(found.not_compared, BTreeSet::from(["trail-is-logging".to_owned()]));
        assert!(found.changes.is_empty() && found.trails_gone.is_empty(), "{found:?}");
    }

    #[test]
    fn what_one_side_was_not_told_to_look_at_is_not_compared() {
        let whole = assessed();
        let mut narrow = whole.clone();
        let trail = whole.findings.iter().find_map(trail).expect("a trail");
        let account = trail.account().expect("an owner");
        narrow.organization.excluded = [account.clone()].into();
        narrow.findings.retain(|finding| finding.account != account);
        let mut failing = whole.clone();
        failing.findings.iter_mut().for_each(|finding| finding.outcome = Outcome::Fail);
        let n = failing.findings.iter().filter(|finding| finding.account == account).count();
        for (before, after, kind) in [(&failing, &narrow, Kind::Fixed), (&narrow, &failing, Kind::New)] {
            let found = difference(before, after);
            assert_eq!(found.n_not_compared, n);
            assert!(found.changes.iter().all(|change| change.kind == kind && change.account != account), "{found:?}");
            assert!(found.trails_gone.is_empty() && found.trails_appeared.is_empty(), "{found:?}");
            assert!(found.trails_unread.contains(trail.as_str()) && !found.sets_off(Alarm::TrailsGone));
        }
        assert!(!difference(&narrow, &narrow.clone()).sets_off(Alarm::Finding(Kind::Gone)));
    }

    #[test]
    fn what_trails_of_accounts_left_out_point_at_is_not_compared() {
        let mut before = assessed();
        before.findings.iter_mut().for_each(|finding| finding.outcome = Outcome::Fail);
        let mut after = before.clone();
        let is_bucket = |finding: &Finding| finding.resource.as_ref().is_some_and(|arn| arn.starts_with("arn:aws:s3:"));
        let n = before.findings.iter().filter(|finding| is_bucket(finding)).count();
        after.findings.retain(|finding| !is_bucket(finding));
        assert!(n > 0 && difference(&before, &after).n(Kind::Gone) == n);
        after.organization.excluded = ["999999999999".parse().expect("an account")].into();
        let found = difference(&before, &after);
        assert_eq!((found.n(Kind::Gone), found.n_not_compared), (0, n));
        assert!(!found.is_empty());
    }
}
