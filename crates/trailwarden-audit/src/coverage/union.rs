//! What the trails of an account and region record of some events, one by one and together.

use trailwarden_model::finding::Evidence;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::{Gap, GapKind};
use trailwarden_model::trail::Trail;

use super::events::{EVERYTHING, Event, Events};
use super::memo::{Seat, Sum};
use super::recording::{Doubt, Recording};
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
    number: usize,
    /// Boxes that it surely records, as far as they matter.
    sure: Vec<&'a Events>,
    /// Boxes that it may record, and what hides whether it does.
    maybe: Option<(Vec<&'a Events>, Gap)>,
}

/// What one trail takes of some events wherever it is effective; its boxes by their place in the recording.
#[derive(Debug)]
pub(super) struct Part {
    share: Share,
    sure: Vec<usize>,
    /// None stands for a trail that may take anything.
    maybe: Option<Vec<usize>>,
    doubt: Option<Gap>,
}

impl Part {
    fn of(trail: &Trail, recording: &Result<Recording, Gap>, events: &Events) -> Self {
        let anything =
            |gap: Gap| Self { share: Share::Undecided(gap.clone()), sure: vec![], maybe: None, doubt: Some(gap) };
        let recording = match recording {
            Ok(recording) => recording,
            Err(gap) => return anything(gap.clone()),
        };
        Self::of_recording(trail, recording, events)
            .unwrap_or_else(|error| anything(unsure_selectors(trail, "TooComplex", error)))
    }

    fn of_recording(trail: &Trail, recording: &Recording, events: &Events) -> Result<Self, TooComplex> {
        let budget = &mut MAX_WORK.clone();
        let (mut sure, mut maybe, mut doubt) = (Vec::new(), Vec::new(), None);
        for (index, taken) in recording.0.iter().enumerate() {
            if !events.is_plainly_within(&taken.events) && events.is_apart_from(&taken.events, budget)? {
                continue;
            }
            match &taken.doubt {
                None => sure.push(index),
                Some(reason) => {
                    doubt = doubt.or_else(|| Some(gap_of(trail, reason)));
                    maybe.push(index);
                }
            }
        }
        let boxes = recording.boxes(&sure);
        let share = match (is_covered(events, &boxes, budget)?, &doubt) {
            (true, _) => Share::All,
            (false, Some(gap)) if sure.is_empty() => Share::Undecided(gap.clone()),
            (false, None) if sure.is_empty() => Share::Nothing(recording.why_nothing(events, budget)?),
            (false, _) => Share::Some,
        };
        Ok(Self { share, sure, maybe: Some(maybe), doubt })
    }
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

    fn broken(trail: &'a Trail, number: usize, link: Evidence) -> Self {
        Self { trail, share: Share::Broken(link), number, sure: Vec::new(), maybe: None }
    }

    /// What a trail whose state hides behind a gap, if any, does.
    fn of(
        trail: &'a Trail,
        number: usize,
        recording: &'a Result<Recording, Gap>,
        part: &Part,
        hidden: Option<Gap>,
    ) -> Self {
        let boxes = |indices: &[usize]| recording.as_ref().map(|known| known.boxes(indices)).unwrap_or_default();
        let sure = boxes(&part.sure);
        let maybe = part.maybe.as_ref().map_or_else(|| vec![&EVERYTHING], |indices| boxes(indices));
        match (hidden, &part.share) {
            (None, share) => {
                let maybe = part.doubt.clone().map(|gap| (maybe, gap));
                Self { trail, share: share.clone(), number, sure, maybe }
            }
            (Some(_), Share::Nothing(_)) => Self { trail, share: part.share.clone(), number, sure, maybe: None },
            (Some(gap), _) => {
                let maybe = [maybe, sure].concat();
                Self {
                    trail,
                    share: Share::Undecided(gap.clone()),
                    number,
                    sure: Vec::new(),
                    maybe: Some((maybe, gap)),
                }
            }
        }
    }

    /// Who it is and whether its state is hidden: equal seats record the same.
    fn seat(&self) -> Seat {
        (self.number, self.sure.is_empty())
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
        let mut contributions = Vec::new();
        for (trail, status) in self.sighted_with_status(account, region)? {
            if counts(trail) {
                // What was read is at hand; a gap may be filled from elsewhere.
                let reach = match status.known() {
                    Some(status) => self.reach_with(status, trail, account, region),
                    None => self.reach(trail, account, region),
                };
                contributions.push(self.contribution(trail, reach, events)?);
            }
        }
        Ok(contributions)
    }

    /// False when it is known that the selectors of a trail take none of some events.
    pub(crate) fn may_take(&self, trail: &Trail, events: &Events) -> Result<bool, Gap> {
        let (number, recording) = self.recording(trail)?;
        let part = self.memo.part(events, number, || Part::of(trail, recording, events));
        Ok(!matches!(part.share, Share::Nothing(_)))
    }

    fn contribution<'c>(&'c self, trail: &'c Trail, reach: Reach, events: &Events) -> Result<Contribution<'c>, Gap> {
        let (number, recording) = self.recording(trail)?;
        let hidden = match reach {
            Reach::Broken(link) => return Ok(Contribution::broken(trail, number, link)),
            Reach::Undecided(gap) => Some(gap),
            Reach::Effective => None,
        };
        let part = self.memo.part(events, number, || Part::of(trail, recording, events));
        Ok(Contribution::of(trail, number, recording, &part, hidden))
    }

    /// What the selectors of a trail take of some events, whether or not it delivers them anywhere.
    pub(crate) fn selected<'c>(&'c self, trail: &'c Trail, events: &Events) -> Result<Contribution<'c>, Gap> {
        let (number, recording) = self.recording(trail)?;
        let part = self.memo.part(events, number, || Part::of(trail, recording, events));
        Ok(Contribution::of(trail, number, recording, &part, None))
    }

    /// What the trails record together of some events.
    pub(crate) fn together<'c>(&self, contributions: &[Contribution<'c>], events: &Events) -> Answer<'c> {
        let with = |share: &Share| -> Vec<&'c Trail> {
            contributions.iter().filter(|one| one.share == *share).map(|one| one.trail).collect()
        };
        let alone = with(&Share::All);
        if !alone.is_empty() {
            return Answer::Covered(alone);
        }
        let taking = contributions.iter().filter(|one| !one.sure.is_empty() || one.maybe.is_some());
        let seats = taking.map(Contribution::seat).collect();
        let gap = contributions.iter().find_map(|one| Some(&one.maybe.as_ref()?.1));
        match (self.memo.sum(events, seats, || sum(contributions, events)), gap) {
            (Sum::Covered, _) => Answer::Covered(with(&Share::Some)),
            (Sum::Lost(event), _) => Answer::Lost(event),
            (Sum::Undecided | Sum::TooComplex, Some(gap)) => Answer::Undecided(gap.clone()),
            (Sum::Undecided | Sum::TooComplex, None) => too_complex(contributions),
        }
    }
}

fn is_covered(events: &Events, recorded: &[&Events], budget: &mut usize) -> Result<bool, TooComplex> {
    Ok(recorded.iter().any(|boxed| events.is_plainly_within(boxed)) || events.lost(recorded, budget)?.is_none())
}

fn sum(contributions: &[Contribution<'_>], events: &Events) -> Sum {
    let mut recorded: Vec<&Events> = contributions.iter().flat_map(|one| one.sure.iter().copied()).collect();
    let budget = &mut MAX_WORK.clone();
    let lost = match events.lost(&recorded, budget) {
        Ok(None) => return Sum::Covered,
        Ok(Some(event)) => Sum::Lost(event),
        Err(TooComplex) => Sum::TooComplex,
    };
    let n_sure = recorded.len();
    recorded
        .extend(contributions.iter().filter_map(|one| one.maybe.as_ref()).flat_map(|(boxes, _)| boxes.iter().copied()));
    if recorded.len() == n_sure {
        return lost;
    }
    match events.lost(&recorded, budget) {
        Ok(Some(event)) => Sum::Lost(event),
        Ok(None) | Err(TooComplex) => Sum::Undecided,
    }
}

fn too_complex<'a>(contributions: &[Contribution<'_>]) -> Answer<'a> {
    match contributions.first() {
        Some(one) => Answer::Undecided(unsure_selectors(one.trail, "TooComplex", TooComplex)),
        None => Answer::Undecided(Gap::not_collected("cloudtrail:DescribeTrails", None, None)),
    }
}

fn gap_of(trail: &Trail, doubt: &Doubt) -> Gap {
    match doubt {
        Doubt::Word(word) => unsure_selectors(trail, "UnknownSelector", word),
        Doubt::Unread(gap) => gap.clone(),
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
