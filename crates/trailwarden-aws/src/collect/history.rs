//! The event history: every account and region is asked for the tamper events, one name per call, at two calls a second.

use std::collections::BTreeMap;

use futures::StreamExt;
use trailwarden_model::history::{History, PastEvent};
use trailwarden_model::observed::{Gap, Observed};

use super::Context;
use super::questions::{Place, Question};
use crate::read::cloudtrail::history;

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
    let answers = futures::stream::iter(rounds).map(|(_, place, question)| async move {
        let answer = ask(context, place, question).await;
        (place, answer)
    });
    let answers = answers.buffer_unordered(context.width).collect::<Vec<_>>().await;
    let mut by_place: BTreeMap<Place, Result<BTreeMap<String, PastEvent>, Gap>> =
        questions.keys().map(|place| (place.clone(), Ok(BTreeMap::new()))).collect();
    for (place, answer) in answers {
        if let Some(known) = by_place.get_mut(place) {
            merge(known, answer);
        }
    }
    by_place.into_iter().map(|(place, events)| (place, of_events(context, events).into())).collect()
}

async fn ask(context: &Context<'_>, (account, region): &Place, question: &Question) -> Result<Vec<PastEvent>, Gap> {
    let site = context.site(account, region).await?;
    let mut events = history::events(context.session, &site, question.name, context.since).await?;
    events.retain(|event| question.is_about(event));
    Ok(events)
}

/// One question without an answer leaves the whole place without: half a history would look like a quiet one. Of several
/// gaps the least stays, so that equal answers in any order make equal snapshots.
fn merge(known: &mut Result<BTreeMap<String, PastEvent>, Gap>, answer: Result<Vec<PastEvent>, Gap>) {
    match (&mut *known, answer) {
        (Ok(events), Ok(more)) => events.extend(more.into_iter().map(|event| (event.id.clone(), event))),
        (Ok(_), Err(gap)) => *known = Err(gap),
        (Err(first), Err(gap)) if gap < *first => *first = gap,
        (Err(_), _) => {}
    }
}

/// Newest first.
fn of_events(context: &Context<'_>, events: Result<BTreeMap<String, PastEvent>, Gap>) -> Result<History, Gap> {
    let mut events: Vec<PastEvent> = events?.into_values().collect();
    events.sort_by(|a, b| (b.time, &a.id).cmp(&(a.time, &b.id)));
    Ok(History { since: context.since, events })
}
