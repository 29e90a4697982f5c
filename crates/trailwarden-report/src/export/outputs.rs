//! Texts that hold what earlier steps leave behind, taken apart at the placeholders.

use std::collections::BTreeSet;

use serde_json::Value;

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    /// What a step left behind: its id, and the member.
    Output(&'a str, &'a str),
}

/// The parts of a text in order. Policy variables of IAM such as `${aws:username}` are text.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut rest, mut from) = (text, 0);
    while let Some((start, end)) = span(rest, from) {
        let name = rest.get(start + 2..end).unwrap_or_default();
        match output(name) {
            Some((step, member)) => {
                pieces.extend(rest.get(..start).filter(|text| !text.is_empty()).map(Piece::Text));
                pieces.push(Piece::Output(step, member));
                rest = rest.get(end + 1..).unwrap_or_default();
                from = 0;
            }
            None => from = start + 2,
        }
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// The next `${…}`.
fn span(text: &str, from: usize) -> Option<(usize, usize)> {
    let start = from + text.get(from..)?.find("${")?;
    Some((start, start + text.get(start..)?.find('}')?))
}

fn output(name: &str) -> Option<(&str, &str)> {
    let (step, member) = name.split_once('.')?;
    let digits = step.strip_prefix('s')?;
    let is = |text: &str, allowed: fn(&u8) -> bool| !text.is_empty() && text.as_bytes().iter().all(allowed);
    (is(digits, u8::is_ascii_digit) && is(member, u8::is_ascii_alphabetic)).then_some((step, member))
}

/// Every step and member that a value mentions.
pub(super) fn mentioned(value: &Value) -> BTreeSet<(String, String)> {
    let text = value.to_string();
    let outputs = pieces(&text).into_iter().filter_map(|piece| match piece {
        Piece::Output(step, member) => Some((step.to_owned(), member.to_owned())),
        Piece::Text(_) => None,
    });
    outputs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_taken_apart_at_outputs_only() {
        let (text, output) = (Piece::Text, Piece::Output);
        assert_eq!(
            pieces("${aws:username} ${s004.Arn}/x"),
            [text("${aws:username} "), output("s004", "Arn"), text("/x")]
        );
        assert_eq!(pieces("${s1.A}${s2.B}"), [output("s1", "A"), output("s2", "B")]);
        assert_eq!(pieces("${${s1.A}"), [text("${"), output("s1", "A")]);
        assert_eq!(pieces("${s1"), [text("${s1")]);
    }
}
