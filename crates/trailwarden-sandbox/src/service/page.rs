//! Pages behind opaque tokens, with now and then a page that is empty and still has a token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::request::Request;

/// A page of a list.
#[derive(Debug, PartialEq)]
pub struct Page {
    items: Vec<Value>,
    token: Option<String>,
}

impl Page {
    /// The JSON answer with the items under this name, and `NextToken` when there is more.
    pub fn named(self, name: &str) -> Value {
        match self.token {
            Some(token) => json!({name: self.items, "NextToken": token}),
            None => json!({name: self.items}),
        }
    }
}

/// Where a page begins, and whether it is an empty one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Position {
    offset: usize,
    is_empty: bool,
}

/// Tokens belong to one operation: one of another operation is not valid.
fn seal(operation: &str, position: Position) -> String {
    URL_SAFE_NO_PAD.encode(format!("{operation}/{}/{}", position.offset, position.is_empty))
}

fn open(operation: &str, token: Option<&str>) -> Option<Position> {
    let Some(token) = token else { return Some(Position { offset: 0, is_empty: false }) };
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let mut parts = text.strip_prefix(operation)?.strip_prefix('/')?.split('/');
    Some(Position { offset: parts.next()?.parse().ok()?, is_empty: parts.next()?.parse().ok()? })
}

fn cut(request: &Request, items: Vec<Value>, most: usize, at: Position, then_empty: bool) -> Page {
    let end = at.offset.saturating_add(most).min(items.len());
    let is_last = end == items.len();
    let items = items.into_iter().take(end).skip(at.offset).collect();
    let next = Position { offset: end, is_empty: then_empty };
    Page { items, token: (!is_last).then(|| seal(&request.operation, next)) }
}

/// One page of any list and the token of the next; none when the token is not one of this operation.
pub fn slice<T>(operation: &str, items: Vec<T>, token: Option<&str>, most: usize) -> Option<(Vec<T>, Option<String>)> {
    let at = open(operation, token)?.offset;
    let end = at.saturating_add(most);
    let next = (end < items.len()).then(|| seal(operation, Position { offset: end, is_empty: false }));
    Some((items.into_iter().skip(at).take(most).collect(), next))
}

/// A page of at most this many items; none when the request's token is not valid.
pub fn plain(request: &Request, items: Vec<Value>, most: usize) -> Option<Page> {
    let at = open(&request.operation, request.text("NextToken"))?;
    Some(cut(request, items, most, at, false))
}

/// A page as Organizations gives it: the first holds at most ten items, the second of a longer list is empty.
pub fn uneven(request: &Request, items: Vec<Value>, most: usize) -> Option<Page> {
    const FIRST: usize = 10;
    let at = open(&request.operation, request.text("NextToken"))?;
    if at.is_empty {
        let next = Position { is_empty: false, ..at };
        return Some(Page { items: Vec::new(), token: Some(seal(&request.operation, next)) });
    }
    let is_first = at.offset == 0;
    Some(cut(request, items, if is_first { most.min(FIRST) } else { most }, at, is_first))
}

#[cfg(test)]
mod tests;
