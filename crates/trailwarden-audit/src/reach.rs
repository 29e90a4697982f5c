//! Which trails are effective for an account and region: sighted, logging, and no known-broken link behind them.

use std::fmt::Display;

use trailwarden_model::finding::Evidence;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::Gap;
use trailwarden_model::storage::BucketOwner;
use trailwarden_model::trail::{Trail, TrailStatus};

use crate::coverage::{Answer, Contribution, Event, Events, Share};
use crate::cx::Cx;
use crate::verdict::fact;

/// Key states in which CloudTrail can encrypt. Source: CloudTrail User Guide, key policy page; KMS `KeyState`.
const USABLE_KEY_STATES: [&str; 2] = ["Enabled", "Updating"];

/// Whether a sighted trail records anything for an account and region.
pub(crate) enum Reach {
    /// It records and delivers, as far as known links tell.
    Effective,
    /// It does not; the fact names the broken link.
    Broken(Evidence),
    /// Its status could not be read.
    Undecided(Gap),
}

/// Whether some events of an account and region are recorded by the union of its effective trails.
pub(crate) enum Coverage {
    /// The effective trails record them; the facts name those that do.
    Covered(Vec<Evidence>),
    /// Not known: a trail whose status or selectors could not be read might record them.
    Undecided(Gap),
    /// This event, for example, is recorded by none; the facts say why each trail that is seen does not record them all.
    Lost(Event, Vec<Evidence>),
}

/// True when CloudTrail can encrypt with a key in this state.
pub(crate) fn is_usable_key_state(state: &str) -> bool {
    USABLE_KEY_STATES.contains(&state)
}

impl Cx<'_> {
    /// Whether a trail sighted in an account and region is effective there.
    pub(crate) fn reach(&self, trail: &Trail, account: &AccountId, region: &Region) -> Reach {
        match self.status(trail, account, region) {
            Ok(status) => self.reach_with(status, trail, account, region),
            Err(gap) => Reach::Undecided(gap),
        }
    }

    /// The same, with its status there at hand.
    pub(crate) fn reach_with(
        &self,
        status: &TrailStatus,
        trail: &Trail,
        account: &AccountId,
        region: &Region,
    ) -> Reach {
        if !status.is_logging {
            let text = format!("trail {} is not logging", trail.name);
            return Reach::Broken(fact(text, "cloudtrail:GetTrailStatus", account, Some(region)));
        }
        if let Some(error) = &status.log_files.last_error {
            let text = format!("the last delivery of trail {} failed: {error}", trail.name);
            return Reach::Broken(fact(text, "cloudtrail:GetTrailStatus", account, Some(region)));
        }
        match self.broken_link(trail) {
            Ok(None) => Reach::Effective,
            Ok(Some(link)) => Reach::Broken(link),
            Err(gap) => Reach::Undecided(gap),
        }
    }

    /// Whether the effective trails that `counts` admits record some events of an account and region, called `what` in the
    /// facts. Fails when the trails of the region could not be listed.
    pub(crate) fn covered(
        &self,
        account: &AccountId,
        region: &Region,
        events: &Events,
        what: &dyn Display,
        counts: impl FnMut(&Trail) -> bool,
    ) -> Result<Coverage, Gap> {
        let contributions = self.contributions(account, region, events, counts)?;
        Ok(match self.together(&contributions, events) {
            Answer::Covered(trails) => {
                let together = if contributions.iter().any(|one| one.share == Share::All) { "" } else { "part of " };
                Coverage::Covered(trails.into_iter().map(|trail| recorded(trail, together, what)).collect())
            }
            Answer::Undecided(gap) => Coverage::Undecided(gap),
            Answer::Lost(event) => {
                Coverage::Lost(event, contributions.iter().filter_map(|one| shortfall(one, what)).collect())
            }
        })
    }

    /// The dead bucket or key behind a trail, if there is one. Fails when none is known and one of them could not be read.
    fn broken_link(&self, trail: &Trail) -> Result<Option<Evidence>, Gap> {
        match (self.dead_bucket(trail), self.dead_key(trail)) {
            (Ok(Some(link)), _) | (_, Ok(Some(link))) => Ok(Some(link)),
            (Err(gap), _) | (_, Err(gap)) => Err(gap),
            (Ok(None), Ok(None)) => Ok(None),
        }
    }

    fn dead_bucket(&self, trail: &Trail) -> Result<Option<Evidence>, Gap> {
        let end = match self.bucket(&trail.bucket)?.owner.get()? {
            BucketOwner::Account(_) => return Ok(None),
            BucketOwner::Missing => "does not exist",
            BucketOwner::OutsideOrganization => "belongs to an account outside the organization",
        };
        let text = format!("bucket {} of trail {} {end}", trail.bucket, trail.name);
        Ok(Some(fact(text, "s3:HeadBucket", &trail.owner, Some(&trail.home_region))))
    }

    fn dead_key(&self, trail: &Trail) -> Result<Option<Evidence>, Gap> {
        let Some(arn) = &trail.kms_key else { return Ok(None) };
        let text = match self.key(arn)?.detail.get()? {
            None => format!("key {arn} of trail {} does not exist", trail.name),
            Some(key) if is_usable_key_state(&key.state) => return Ok(None),
            Some(key) => format!("key {arn} of trail {} is in state {}", trail.name, key.state),
        };
        let account = arn.account().unwrap_or_else(|| trail.owner.clone());
        Ok(Some(fact(text, "kms:DescribeKey", &account, arn.region().as_ref())))
    }
}

fn recorded(trail: &Trail, part: &str, what: &dyn Display) -> Evidence {
    of_selectors(trail, format!("trail {} records {part}{what}", trail.name))
}

/// Why a trail does not record all of it; none when that is not known.
fn shortfall(contribution: &Contribution<'_>, what: &dyn Display) -> Option<Evidence> {
    let trail = contribution.trail;
    match &contribution.share {
        Share::Broken(link) => Some(link.clone()),
        Share::Nothing(why) => {
            Some(of_selectors(trail, format!("trail {} does not record {what}: it {why}", trail.name)))
        }
        Share::Some => Some(recorded(trail, "only part of ", what)),
        Share::All | Share::Undecided(_) => None,
    }
}

fn of_selectors(trail: &Trail, text: String) -> Evidence {
    fact(text, "cloudtrail:GetEventSelectors", &trail.owner, Some(&trail.home_region))
}
