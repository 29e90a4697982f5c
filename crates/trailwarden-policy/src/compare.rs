//! One value of a request against one value of a condition.

use std::cmp::Ordering;
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::context::Context;
use crate::operator::Comparison;
use crate::pattern::{ArnPattern, Pattern, Piece};
use crate::truth::Truth;
use crate::variable::Template;

/// The length of `2026`.
const YEAR: usize = 4;

/// The length of `2026-11`.
const YEAR_AND_MONTH: usize = 7;

/// Whether `value` of the request satisfies the un-negated comparison with `wanted` of the policy.
pub(crate) fn compare(comparison: Comparison, wanted: &Template, value: &str, context: &Context) -> Truth {
    match comparison {
        Comparison::StringEquals
        | Comparison::StringEqualsIgnoreCase
        | Comparison::StringLike
        | Comparison::ArnLike => match wanted.resolve(context) {
            Ok(Some(pieces)) => compare_text(comparison, pieces, value),
            Ok(None) => Truth::No,
            Err(reason) => Truth::Undecided(reason),
        },
        Comparison::NumericEquals => number(wanted, value, &[Ordering::Equal]),
        Comparison::NumericLessThan => number(wanted, value, &[Ordering::Less]),
        Comparison::NumericLessThanEquals => number(wanted, value, &[Ordering::Less, Ordering::Equal]),
        Comparison::NumericGreaterThan => number(wanted, value, &[Ordering::Greater]),
        Comparison::NumericGreaterThanEquals => number(wanted, value, &[Ordering::Greater, Ordering::Equal]),
        Comparison::DateEquals => date(wanted, value, &[Ordering::Equal]),
        Comparison::DateLessThan => date(wanted, value, &[Ordering::Less]),
        Comparison::DateLessThanEquals => date(wanted, value, &[Ordering::Less, Ordering::Equal]),
        Comparison::DateGreaterThan => date(wanted, value, &[Ordering::Greater]),
        Comparison::DateGreaterThanEquals => date(wanted, value, &[Ordering::Greater, Ordering::Equal]),
        Comparison::Bool => boolean(wanted.source(), value),
        Comparison::BinaryEquals => (wanted.source() == value).into(),
        Comparison::IpAddress => address(wanted.source(), value),
        Comparison::Null => Truth::undecided("Null compares no value"),
    }
}

fn compare_text(comparison: Comparison, pieces: Vec<Piece>, value: &str) -> Truth {
    match comparison {
        Comparison::ArnLike => ArnPattern::from_pieces(&pieces).matches(value),
        Comparison::StringLike => Pattern::from_pieces(pieces).matches(value).into(),
        Comparison::StringEqualsIgnoreCase => literal(pieces).ignoring_case().matches(value).into(),
        _ => literal(pieces).matches(value).into(),
    }
}

/// The pieces taken for themselves: no wildcards in `StringEquals`.
pub(crate) fn literal(pieces: Vec<Piece>) -> Pattern {
    Pattern::from_pieces(pieces.into_iter().map(|piece| match piece {
        Piece::Written(c) | Piece::Literal(c) => Piece::Literal(c),
    }))
}

fn unreadable(what: &str, text: &str) -> Truth {
    Truth::undecided(format!("{text:?} is not {what}"))
}

fn number(wanted: &Template, value: &str, holds: &[Ordering]) -> Truth {
    let (Some(wanted_number), Some(number)) = (parse_number(wanted.source()), parse_number(value)) else {
        let text = if parse_number(value).is_none() { value } else { wanted.source() };
        return unreadable("a number", text);
    };
    number.partial_cmp(&wanted_number).is_some_and(|order| holds.contains(&order)).into()
}

/// Integers and decimals as IAM takes them; `nan` and `inf`, which Rust would read, are none.
pub(crate) fn parse_number(text: &str) -> Option<f64> {
    let is_plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    text.parse::<f64>().ok().filter(|number| is_plain && number.is_finite())
}

fn date(wanted: &Template, value: &str, holds: &[Ordering]) -> Truth {
    let (Some(wanted_time), Some(time)) = (parse_date(wanted.source()), parse_date(value)) else {
        let text = if parse_date(value).is_none() { value } else { wanted.source() };
        return unreadable("a date", text);
    };
    holds.contains(&time.cmp(&wanted_time)).into()
}

/// The W3C profile of ISO 8601, or seconds since 1970. Four digits may be either, and a time without a zone is of neither form.
pub(crate) fn parse_date(text: &str) -> Option<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if let Ok(seconds) = text.parse::<i64>() {
        return Timestamp::from_second(seconds).ok().filter(|_| text.len() != YEAR);
    }
    let is_month = text.len() == YEAR_AND_MONTH;
    let day = if is_month { format!("{text}-01") } else { text.to_owned() };
    let is_day = day.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let day = day.parse::<Date>().ok().filter(|_| is_day)?;
    Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// False for what AWS refuses as a date: neither seconds since 1970 nor a year with what may follow it.
pub(crate) fn is_date_like(text: &str) -> bool {
    let day = text.split(['T', 't']).next().unwrap_or_default();
    let is_numeric = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = day.strip_prefix('-').unwrap_or(day).split('-').collect();
    parts.len() <= 3 && parts.into_iter().all(is_numeric)
}

/// What is no boolean, on either side, equals neither `true` nor `false`.
fn boolean(wanted: &str, value: &str) -> Truth {
    matches!((parse_bool(wanted), parse_bool(value)), (Some(wanted), Some(value)) if wanted == value).into()
}

/// `true` or `false` in any case.
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn address(wanted: &str, value: &str) -> Truth {
    let Some(block) = parse_block(wanted) else { return unreadable("an address block", wanted) };
    let Ok(address) = value.parse::<IpAddr>() else { return unreadable("an address", value) };
    block.contains(&address).into()
}

/// A CIDR block, or one address.
pub(crate) fn parse_block(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}
