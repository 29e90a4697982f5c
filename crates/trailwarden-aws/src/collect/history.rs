//! The event history: every account and region is asked for the tamper events, one name per call, at two calls a second.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use futures::StreamExt;
use trailwarden_model::history::{History, PastEvent};
use trailwarden_model::observed::{Gap, Observed};

use super::Context;
use super::questions::{Place, Question};
use crate::read::cloudtrail::history;

/// The first gap of each place, where there is one.
type Refusals<'a> = BTreeMap<&'a Place, OnceLock<Gap>>;

/// Asks every place its questions: each place once, then each place once more, so that the rate of one place makes
/// nobody wait while there are others to ask.
pub(crate) async fn read_all(
    context: &Context<'_>,
    questions: &BTreeMap<Place, Vec<Question>>,
) -> BTreeMap<Place, Observed<History>> {
    let mut rounds: Vec<(usize, &Place, &Question)> = Vec::new();
    for (place, asked) in questions {
        rounds.extend(asked.iter().enumerate().map(|(round, question)| (round, place, question)));
    }
    rounds.sort_by_key(|(round, ..)| *round);
    let refusals: Refusals<'_> = questions.keys().map(|place| (place, OnceLock::new())).collect();
    let answers: Vec<(&Place, Vec<PastEvent>)> = futures::stream::iter(rounds)
        .map(|(_, place, question)| answer(context, place, question, &refusals))
        .buffer_unordered(context.width)
        .collect()
        .await;
    let mut found: BTreeMap<&Place, BTreeMap<String, PastEvent>> = BTreeMap::new();
    for (place, events) in answers {
        found.entry(place).or_default().extend(events.into_iter().map(|event| (event.id.clone(), event)));
    }
    let histories = refusals.into_iter().map(|(place, refusal)| {
        let history = match refusal.into_inner() {
            // Half a history would look like a quiet one.
            Some(gap) => Observed::Gap(gap),
            None => Observed::Known(newest_first(context, found.remove(place).unwrap_or_default())),
        };
        (place.clone(), history)
    });
    histories.collect()
}

/// What one question brings to light; nothing where the place refused it or one before: what it says to one name, it says
/// to all.
async fn answer<'q>(
    context: &Context<'_>,
    place: &'q Place,
    question: &Question,
    refusals: &Refusals<'_>,
) -> (&'q Place, Vec<PastEvent>) {
    let refusal = refusals.get(place);
    if refusal.is_some_and(|refusal| refusal.get().is_some()) {
        return (place, Vec::new());
    }
    let events = ask(context, place, question).await.unwrap_or_else(|gap| {
        refusal.map(|refusal| refusal.get_or_init(|| gap));
        Vec::new()
    });
    (place, events)
}

async fn ask(context: &Context<'_>, (account, region): &Place, question: &Question) -> Result<Vec<PastEvent>, Gap> {
    let site = context.site(account, region).await?;
    let (events, _) = history::events(context.session, &site, question.name, (context.since, None)).await;
    let mut events = events?;
    events.retain(|event| question.is_about(event));
    Ok(events)
}

fn newest_first(context: &Context<'_>, events: BTreeMap<String, PastEvent>) -> History {
    let mut events: Vec<PastEvent> = events.into_values().collect();
    events.sort_by(|a, b| (b.time, &a.id).cmp(&(a.time, &b.id)));
    History { since: context.since, events }
}
