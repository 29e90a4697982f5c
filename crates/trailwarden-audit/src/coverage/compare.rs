//! Whether events that are recorded stay recorded: without one trail, or in a later snapshot.

use std::collections::BTreeSet;

use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::trail::Trail;

use super::map::CoverageMap;
use super::union::{Answer, Contribution, Share};

/// An account and region with what would be lost or is not known there, in words.
pub type Loss = (AccountId, Region, String);

impl CoverageMap<'_> {
    /// The trails that record all that one trail records, wherever it is effective.
    ///
    /// # Errors
    /// The words say which event would be lost without the trail, or what is not known, and where.
    pub fn without(&self, trail: &Trail) -> Result<BTreeSet<Arn>, String> {
        if trail.insights.get().map_err(|gap| gap.to_string())?.iter().next().is_some() {
            return Err("it records Insights events, which are not compared".to_owned());
        }
        let mut others = BTreeSet::new();
        for (account, region) in self.places_of(trail) {
            for taken in self.recorded_by(trail)? {
                let counted = self.contributions(&account, &region, taken, |other| other.arn != trail.arn)?;
                match self.sum(&counted, taken) {
                    Answer::Covered(trails) => others.extend(trails.into_iter().map(|other| other.arn.clone())),
                    Answer::Lost(event) => return Err(format!("{event} of {account} in {region} would be lost")),
                    Answer::Undecided(gap) => return Err(format!("{account} in {region}: {gap}")),
                }
            }
        }
        Ok(others)
    }

    /// The first events that effective trails record here and that are not recorded later.
    pub fn lost_in(&self, later: &CoverageMap<'_>) -> Option<Loss> {
        for trail in self.trails() {
            for (account, region) in self.places_of(trail) {
                for taken in self.recorded_by(trail).unwrap_or_default() {
                    let is_effective = |one: &Contribution<'_>| one.share == Share::All;
                    let own = self.contributions(&account, &region, taken, |other| other.arn == trail.arn);
                    if !own.is_ok_and(|own| own.iter().any(is_effective)) {
                        continue;
                    }
                    let loss = match later.answer(&account, &region, taken) {
                        Answer::Covered(_) => continue,
                        Answer::Lost(event) => format!("{event} is lost"),
                        Answer::Undecided(gap) => format!("not known: {gap}"),
                    };
                    return Some((account, region, loss));
                }
            }
        }
        None
    }
}
