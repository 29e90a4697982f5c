//! What the trails of an account and region record of some events, one by one and together.

use trailwarden_model::finding::Evidence;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::{Gap, GapKind};
use trailwarden_model::trail::Trail;

use super::events::{EVERYTHING, Event, Events};
use super::words::{MAX_WORK, TooComplex};
use crate::cx::Cx;
use crate::reach::Reach;

/// Whether some events are recorded by all trails together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<'a> {
    /// Every one is: by each of these trails alone, or else by all of them together.
    Covered(Vec<&'a Trail>),
    /// Not known: something that could not be read or understood might record the rest.
    Undecided(Gap),
    /// This one, for example, is not.
    Lost(Event),
}

/// What one trail does for some events of an account and region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Share {
    /// It records them all.
    All,
    /// It records some of them.
    Some,
    /// Its selectors take none; the words follow its name.
    Nothing(String),
    /// It delivers nothing; the fact names the broken link.
    Broken(Evidence),
    /// It is not known what it records.
    Undecided(Gap),
}

/// One trail and its share.
#[derive(Debug)]
pub struct Contribution<'a> {
    /// The trail.
    pub trail: &'a Trail,
    /// What it does.
    pub share: Share,
    /// Boxes that it surely records, as far as they matter.
    sure: Vec<&'a Events>,
    /// Boxes that it may record, and what hides whether it does.
    maybe: Option<(Vec<&'a Events>, Gap)>,
}

impl<'a> Contribution<'a> {
    /// One of the events that this trail and another both record; a gap when it is not known whether there is one.
    pub(crate) fn shares(&self, other: &Self, events: &Events) -> Result<Option<Event>, Gap> {
        let (mine, theirs) = (self.all_boxes(), other.all_boxes());
        let shared = |mine: &[&Events], theirs: &[&Events]| {
            let budget = &mut MAX_WORK.clone();
            for (one, two) in mine.iter().flat_map(|one| theirs.iter().map(move |two| (one, two))) {
                if let Some(event) = events.and(one).and(two).example(budget)? {
                    return Ok(Some(event));
                }
            }
            Ok(None)
        };
        let is_complex = |error: TooComplex| unsure_selectors(self.trail, "TooComplex", error);
        if let Some(event) = shared(&self.sure, &other.sure).map_err(is_complex)? {
            return Ok(Some(event));
        }
        let gap = [self, other].into_iter().find_map(|one| Some(&one.maybe.as_ref()?.1));
        match (gap, shared(&mine, &theirs).map_err(is_complex)?) {
            (Some(gap), Some(_)) => Err(gap.clone()),
            _ => Ok(None),
        }
    }

    fn all_boxes(&self) -> Vec<&'a Events> {
        let maybe = self.maybe.iter().flat_map(|(boxes, _)| boxes);
        self.sure.iter().chain(maybe).copied().collect()
    }

    fn new(trail: &'a Trail, share: Share) -> Self {
        Self { trail, share, sure: Vec::new(), maybe: None }
    }

    fn undecided(trail: &'a Trail, maybe: Vec<&'a Events>, gap: Gap) -> Self {
        Self { maybe: Some((maybe, gap.clone())), ..Self::new(trail, Share::Undecided(gap)) }
    }
}

impl Cx<'_> {
    /// What each trail that `counts` admits does for some events of an account and region.
    /// Fails when the trails of the region could not be listed.
    pub(crate) fn contributions(
        &self,
        account: &AccountId,
        region: &Region,
        events: &Events,
        mut counts: impl FnMut(&Trail) -> bool,
    ) -> Result<Vec<Contribution<'_>>, Gap> {
        let sighted = self.sighted(account, region)?.into_iter().filter(|trail| counts(trail));
        let contribution = |trail| {
            let done = self.contribution(trail, account, region, events);
            done.unwrap_or_else(|error| {
                Contribution::undecided(trail, vec![&EVERYTHING], unsure_selectors(trail, "TooComplex", error))
            })
        };
        Ok(sighted.map(contribution).collect())
    }

    /// False when it is known that the selectors of a trail take none of some events.
    pub(crate) fn may_take(&self, trail: &Trail, events: &Events) -> bool {
        let budget = &mut MAX_WORK.clone();
        self.recording(trail).map_or(true, |recording| {
            !recording.0.iter().all(|taken| events.is_apart_from(&taken.events, budget) == Ok(true))
        })
    }

    fn contribution<'c>(
        &'c self,
        trail: &'c Trail,
        account: &AccountId,
        region: &Region,
        events: &Events,
    ) -> Result<Contribution<'c>, TooComplex> {
        let hidden = match self.reach(trail, account, region) {
            Reach::Broken(link) => return Ok(Contribution::new(trail, Share::Broken(link))),
            Reach::Undecided(gap) => Some(gap),
            Reach::Effective => None,
        };
        let recording = match self.recording(trail) {
            Ok(recording) => recording,
            Err(gap) => return Ok(Contribution::undecided(trail, vec![&EVERYTHING], hidden.unwrap_or(gap))),
        };
        let budget = &mut MAX_WORK.clone();
        let (mut sure, mut maybe, mut doubt) = (Vec::new(), Vec::new(), None);
        for taken in &recording.0 {
            if !events.is_plainly_within(&taken.events) && events.is_apart_from(&taken.events, budget)? {
                continue;
            }
            match &taken.doubt {
                None => sure.push(&taken.events),
                Some(word) => {
                    doubt = doubt.or_else(|| Some(unsure_selectors(trail, "UnknownSelector", word)));
                    maybe.push(&taken.events);
                }
            }
        }
        if sure.is_empty() && maybe.is_empty() {
            return Ok(Contribution::new(trail, Share::Nothing(recording.why_nothing(events, budget)?)));
        }
        if let Some(gap) = hidden {
            maybe.extend(sure);
            return Ok(Contribution::undecided(trail, maybe, gap));
        }
        let share = match (is_covered(events, &sure, budget)?, &doubt) {
            (true, _) => Share::All,
            (false, Some(gap)) if sure.is_empty() => Share::Undecided(gap.clone()),
            (false, _) => Share::Some,
        };
        Ok(Contribution { trail, share, sure, maybe: doubt.map(|gap| (maybe, gap)) })
    }
}

fn is_covered(events: &Events, recorded: &[&Events], budget: &mut usize) -> Result<bool, TooComplex> {
    Ok(recorded.iter().any(|boxed| events.is_plainly_within(boxed)) || events.lost(recorded, budget)?.is_none())
}

/// What the trails record together of some events.
pub(crate) fn together<'a>(contributions: &[Contribution<'a>], events: &Events) -> Answer<'a> {
    let with = |share: &Share| -> Vec<&'a Trail> {
        contributions.iter().filter(|one| one.share == *share).map(|one| one.trail).collect()
    };
    let alone = with(&Share::All);
    if !alone.is_empty() {
        return Answer::Covered(alone);
    }
    let mut recorded: Vec<&Events> = contributions.iter().flat_map(|one| one.sure.iter().copied()).collect();
    let doubts = contributions.iter().filter_map(|one| one.maybe.as_ref());
    let budget = &mut MAX_WORK.clone();
    let lost = match events.lost(&recorded, budget) {
        Ok(None) => return Answer::Covered(with(&Share::Some)),
        Ok(Some(event)) => Ok(event),
        Err(error) => Err(error),
    };
    let Some((_, gap)) = doubts.clone().next() else {
        return lost.map_or_else(|error| too_complex(contributions, error), Answer::Lost);
    };
    recorded.extend(doubts.flat_map(|(boxes, _)| boxes.iter().copied()));
    match events.lost(&recorded, budget) {
        Ok(Some(event)) => Answer::Lost(event),
        Ok(None) | Err(TooComplex) => Answer::Undecided(gap.clone()),
    }
}

fn too_complex<'a>(contributions: &[Contribution<'a>], error: TooComplex) -> Answer<'a> {
    match contributions.first() {
        Some(one) => Answer::Undecided(unsure_selectors(one.trail, "TooComplex", error)),
        None => Answer::Undecided(Gap::not_collected("cloudtrail:DescribeTrails", None, None)),
    }
}

fn unsure_selectors(trail: &Trail, code: &str, why: impl std::fmt::Display) -> Gap {
    Gap {
        kind: GapKind::Unexpected,
        call: "cloudtrail:GetEventSelectors".to_owned(),
        account: Some(trail.owner.clone()),
        region: Some(trail.home_region.clone()),
        code: code.to_owned(),
        reason: format!("trail {} has {why}", trail.name),
    }
}
