//! The values worth trying for one condition key.

use std::collections::BTreeSet;

use super::classes::{Universe, representatives};
use crate::compare::{literal, parse_block, parse_date, parse_number};
use crate::condition::Condition;
use crate::context::{Context, Values};
use crate::operator::Comparison;
use crate::pattern::{ArnPattern, Pattern, Piece, TooComplex};

/// Classes of a multivalued key of which every combination is tried.
const MAX_SUBSET_CLASSES: usize = 4;

/// Keys that hold nothing but `true` and `false`, however a policy compares them.
const BOOLEAN_KEYS: &[&str] = &["aws:assumedroot", "aws:multifactorauthpresent", "aws:viaawsservice"];

/// Values to try, and whether nothing else could make a difference.
pub(super) struct Candidates {
    pub(super) values: Vec<Values>,
    pub(super) is_complete: bool,
}

/// One value of every class that the conditions on a key tell apart. `facts` fill in variables; `also` are tried besides.
pub(super) fn candidates(
    key: &str,
    conditions: &[&Condition],
    facts: &Context,
    also: &BTreeSet<String>,
) -> Result<Candidates, TooComplex> {
    let patterns = patterns(conditions, facts);
    let mut texts: Vec<String> = Vec::new();
    for condition in conditions {
        texts.extend(typed(condition));
    }
    if BOOLEAN_KEYS.contains(&key) {
        texts = vec!["true".to_owned(), "false".to_owned()];
    } else if texts.is_empty() || !patterns.is_empty() {
        let seeds = vec!["other".to_owned()];
        let universe = Universe { pattern: Pattern::parse("*"), without: Vec::new(), seeds };
        texts.extend(representatives(&universe, &patterns)?);
    }
    texts.extend(also.iter().cloned());
    let mut seen = BTreeSet::new();
    texts.retain(|text| seen.insert(text.clone()));
    let mut values = Vec::new();
    let mut is_complete = true;
    if conditions.iter().all(|condition| condition.operator.set_form.is_none()) {
        values.extend(texts.into_iter().map(Values::One));
    } else {
        is_complete = texts.len() <= MAX_SUBSET_CLASSES;
        values.extend(subsets(&texts).into_iter().map(Values::Many));
    }
    Ok(Candidates { values, is_complete })
}

/// The sets that string and ARN conditions compare with, as far as the variables in them are known.
pub(super) fn patterns(conditions: &[&Condition], facts: &Context) -> Vec<Pattern> {
    let mut found = BTreeSet::new();
    for condition in conditions {
        for value in &condition.values {
            if let Ok(Some(pieces)) = value.value.resolve(facts) {
                found.extend(pattern(condition.operator.comparison, pieces));
            }
        }
    }
    found.into_iter().collect()
}

fn pattern(comparison: Comparison, pieces: Vec<Piece>) -> Option<Pattern> {
    match comparison {
        Comparison::StringEquals | Comparison::BinaryEquals => Some(literal(pieces)),
        Comparison::StringEqualsIgnoreCase => Some(literal(pieces).ignoring_case()),
        Comparison::StringLike => Some(Pattern::from_pieces(pieces)),
        Comparison::ArnLike => Some(ArnPattern::from_pieces(&pieces).certain().clone()),
        _ => None,
    }
}

/// Values around those of a numeric, date, boolean or address condition.
fn typed(condition: &Condition) -> Vec<String> {
    let texts = condition.values.iter().map(|value| value.value.source());
    match condition.operator.comparison {
        Comparison::Bool => vec!["true".to_owned(), "false".to_owned()],
        Comparison::NumericEquals
        | Comparison::NumericLessThan
        | Comparison::NumericLessThanEquals
        | Comparison::NumericGreaterThan
        | Comparison::NumericGreaterThanEquals => texts
            .filter_map(parse_number)
            .flat_map(|number| [number - 1.0, number, number + 1.0].map(|number| number.to_string()))
            .collect(),
        Comparison::DateEquals
        | Comparison::DateLessThan
        | Comparison::DateLessThanEquals
        | Comparison::DateGreaterThan
        | Comparison::DateGreaterThanEquals => texts
            .filter_map(parse_date)
            .flat_map(|time| [-1, 0, 1].map(|offset| (time.as_second().saturating_add(offset)).to_string()))
            .collect(),
        Comparison::IpAddress => texts.flat_map(addresses).collect(),
        _ => Vec::new(),
    }
}

/// Inside a block and just outside it on both sides.
fn addresses(text: &str) -> Vec<String> {
    use std::net::IpAddr;
    let Some(block) = parse_block(text) else { return Vec::new() };
    let (first, last) = (block.network(), block.broadcast());
    let (below, above) = match (first, last) {
        (IpAddr::V4(first), IpAddr::V4(last)) => (
            first.to_bits().checked_sub(1).map(|bits| IpAddr::V4(bits.into())),
            last.to_bits().checked_add(1).map(|bits| IpAddr::V4(bits.into())),
        ),
        (IpAddr::V6(first), IpAddr::V6(last)) => (
            first.to_bits().checked_sub(1).map(|bits| IpAddr::V6(bits.into())),
            last.to_bits().checked_add(1).map(|bits| IpAddr::V6(bits.into())),
        ),
        _ => (None, None),
    };
    [Some(first), above, below].into_iter().flatten().map(|address| address.to_string()).collect()
}

/// Every non-empty selection of a few texts; of many, each alone and all together.
fn subsets(texts: &[String]) -> Vec<Vec<String>> {
    if texts.len() > MAX_SUBSET_CLASSES {
        return texts.iter().map(|text| vec![text.clone()]).chain([texts.to_vec()]).collect();
    }
    let mut all: Vec<Vec<String>> = vec![Vec::new()];
    for text in texts {
        let longer: Vec<Vec<String>> = all
            .iter()
            .map(|set| {
                let mut longer = set.clone();
                longer.push(text.clone());
                longer
            })
            .collect();
        all.extend(longer);
    }
    all.retain(|set| !set.is_empty());
    all
}
