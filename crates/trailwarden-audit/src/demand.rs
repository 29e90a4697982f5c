//! Events that must be recorded in a place: one verdict over what its effective trails take together.

use trailwarden_model::ids::{AccountId, Region};

use crate::control::Judged;
use crate::coverage::{Event, EventClass, Events};
use crate::cx::Cx;
use crate::reach::Coverage;
use crate::verdict::{Verdict, fact};

/// Events that are demanded as a whole.
#[derive(Debug, Clone)]
pub(crate) struct Demand {
    /// The events.
    pub(crate) events: Events,
    /// What they are called, as the object of a sentence: `management read events`.
    pub(crate) words: String,
}

impl From<EventClass> for Demand {
    fn from(class: EventClass) -> Self {
        Self { events: class.events().clone(), words: class.to_string() }
    }
}

impl Cx<'_> {
    /// Passes where the effective trails together record everything demanded, and names an event that is lost where they
    /// do not. A loss that is certain is one, whatever else could not be read.
    pub(crate) fn judge_demands(&self, account: &AccountId, region: &Region, demands: &[Demand]) -> Judged {
        let mut lost: Vec<(&str, Event)> = Vec::new();
        let (mut undecided, mut facts) = (None, Vec::new());
        for Demand { events, words } in demands {
            match self.covered(account, region, events, words, |_| true)? {
                Coverage::Covered(recorded) => facts.extend(recorded),
                Coverage::Undecided(gap) => undecided = undecided.or(Some(gap)),
                Coverage::Lost(event, shortfalls) => {
                    lost.push((words, event));
                    facts.extend(shortfalls);
                }
            }
        }
        facts.dedup();
        let place = format!("{} in {region}", self.name(account));
        let Some((_, example)) = lost.first() else {
            let words: Vec<&str> = demands.iter().map(|demand| demand.words.as_str()).collect();
            let pass = || Verdict::pass(format!("The {} of {place} are recorded", words.join(" and ")));
            return undecided.map_or_else(|| Ok(pass().with(facts)), Err);
        };
        if facts.is_empty() {
            facts.push(fact("no trail is shown", "cloudtrail:DescribeTrails", account, Some(region)));
        }
        let words: Vec<&str> = lost.iter().map(|(words, _)| *words).collect();
        let reason = format!("{place} loses {}; for example {example} would not be recorded", words.join(" and "));
        Ok(Verdict::fail(reason).with(facts))
    }
}
