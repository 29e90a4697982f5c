//! Fitting statements into as few documents as the quota allows.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::error::ComposeError;
use super::statement::{Deny, document};

/// The documents that hold all statements, none longer than `limit` characters. Statements stay whole where they can.
pub(super) fn pack(denies: Vec<Deny>, limit: usize, n_exceptions: usize) -> Result<Vec<String>, ComposeError> {
    let room = limit.saturating_sub(document(&[]).chars().count());
    let mut pieces = Vec::new();
    for deny in denies {
        split(deny, room, &mut pieces).map_err(|Unsplittable { action, resource }| ComposeError::TooLarge {
            action,
            resource,
            n_exceptions,
            limit,
        })?;
    }
    // First fit, longest first; equal lengths in the order of their text, so that equal inputs give equal documents.
    let mut sized: Vec<(Reverse<usize>, String)> =
        pieces.iter().map(Deny::text).map(|text| (Reverse(text.chars().count()), text)).collect();
    sized.sort();
    let mut bins: Vec<(usize, Vec<String>)> = Vec::new();
    for (Reverse(length), text) in sized {
        // One more for the comma.
        match bins.iter_mut().find(|(used, _)| used + 1 + length <= room) {
            Some((used, texts)) => {
                *used += 1 + length;
                texts.push(text);
            }
            None => bins.push((length, vec![text])),
        }
    }
    Ok(bins.iter().map(|(_, texts)| document(texts)).collect())
}

/// One action on one resource that is too long alone.
struct Unsplittable {
    action: String,
    resource: String,
}

/// Divides a statement until every piece has room: over its longer list first, since each piece repeats the other.
fn split(deny: Deny, room: usize, pieces: &mut Vec<Deny>) -> Result<(), Unsplittable> {
    if deny.text().chars().count() <= room {
        pieces.push(deny);
        return Ok(());
    }
    let length = |texts: &BTreeSet<String>| if texts.len() > 1 { texts.iter().map(String::len).sum() } else { 0 };
    let (of_actions, of_resources): (usize, usize) = (length(&deny.actions), length(&deny.resources));
    if of_actions == 0 && of_resources == 0 {
        let first = |texts: BTreeSet<String>| texts.into_iter().next().unwrap_or_default();
        return Err(Unsplittable { action: first(deny.actions), resource: first(deny.resources) });
    }
    if of_actions > of_resources {
        let with = |actions| Deny { actions, ..deny.clone() };
        chunks(&deny.actions, room, with).try_for_each(|piece| split(piece, room, pieces))
    } else {
        let with = |resources| Deny { resources, ..deny.clone() };
        chunks(&deny.resources, room, with).try_for_each(|piece| split(piece, room, pieces))
    }
}

/// The statements with the longest runs of a list that have room; an element that has none stands alone.
fn chunks(list: &BTreeSet<String>, room: usize, with: impl Fn(BTreeSet<String>) -> Deny) -> impl Iterator<Item = Deny> {
    let mut chunks: Vec<BTreeSet<String>> = Vec::new();
    for text in list {
        let longer = chunks.last().map(|last| last.iter().chain([text]).cloned().collect::<BTreeSet<_>>());
        match longer.filter(|longer| with(longer.clone()).text().chars().count() <= room) {
            Some(longer) => {
                chunks.pop();
                chunks.push(longer);
            }
            None => chunks.push(BTreeSet::from([text.clone()])),
        }
    }
    chunks.into_iter().map(with)
}
