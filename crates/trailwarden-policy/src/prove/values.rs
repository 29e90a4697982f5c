//! The values worth trying for one free key.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};

use super::classes::{Union, Universe, members};
use super::sets::sets;
use crate::compare::{literal, parse_block, parse_date, parse_number};
use crate::condition::Condition;
use crate::context::{Context, Values};
use crate::operator::Comparison;
use crate::pattern::{ArnPattern, Pattern, Piece};

/// Keys that hold nothing but `true` and `false`, however a policy compares them.
const BOOLEAN_KEYS: &[&str] = &[
    "aws:assumedroot",
    "aws:multifactorauthpresent",
    "aws:securetransport",
    "aws:viaawsservice",
    "kms:bypasspolicylockoutsafetycheck",
    "kms:grantisforawsresource",
    "kms:multiregion",
];

/// Global keys that may hold several values. Source: IAM user guide, global condition context keys.
const SEVERAL_VALUES: &[&str] =
    &["aws:calledvia", "aws:principalorgpaths", "aws:resourceorgpaths", "aws:tagkeys", "aws:vpceorgpaths"];

/// Values people know, preferred over invented ones.
const SEEDS: &[&str] = &["other", "different", "true", "false"];

/// An address that few policies name, of each version; the first of every range a policy names comes besides.
const ADDRESSES: &[&str] = &["198.51.100.7", "2001:db8::7"];

/// What compares a free key, and with what.
#[derive(Default)]
pub(super) struct KeyUse<'a> {
    /// The key as first spelt.
    pub(super) spelt: String,
    /// The conditions on it.
    pub(super) conditions: Vec<&'a Condition>,
    /// The sets that they, or other conditions through a variable, compare it with.
    pub(super) unions: BTreeSet<Union>,
    /// Single values besides that may matter.
    pub(super) literals: BTreeSet<String>,
    /// How many keys, itself included, are compared with it and with each other.
    pub(super) n_compared: usize,
    /// True when those comparisons ignore case.
    pub(super) ignores_case: bool,
}

/// Values to try, and whether nothing else could make a difference.
#[derive(Default)]
pub(super) struct Domain {
    pub(super) values: Vec<Values>,
    pub(super) is_complete: bool,
}

impl KeyUse<'_> {
    /// True when the key may hold several values.
    pub(super) fn is_multivalued(&self, key: &str) -> bool {
        let has_set_form = || self.conditions.iter().any(|condition| condition.operator.set_form.is_some());
        SEVERAL_VALUES.contains(&key) || !key.starts_with("aws:") && has_set_form()
    }

    /// True when its values are more than texts: numbers, dates, addresses, booleans.
    pub(super) fn is_typed(&self, key: &str) -> bool {
        BOOLEAN_KEYS.contains(&key) || self.conditions.iter().any(|condition| kind(condition).is_some())
    }

    /// One value of every class that the conditions tell apart, as many of each as keys are compared. `common` fills in variables.
    pub(super) fn domain(&self, key: &str, common: &Context, budget: &mut usize) -> Domain {
        let (mut texts, mut is_complete) = self.typed(key);
        let is_text = texts.is_empty();
        if is_text || !BOOLEAN_KEYS.contains(&key) && !self.unions.is_empty() {
            is_complete &= is_text;
            let (found, all) = self.texts(budget);
            is_complete &= all;
            texts.extend(found);
        }
        is_complete &= is_text || self.literals.is_empty() || BOOLEAN_KEYS.contains(&key);
        texts.extend(self.literals.iter().cloned());
        let mut seen = BTreeSet::new();
        texts.retain(|text| seen.insert(text.clone()));
        if self.is_multivalued(key) {
            let (values, all) = sets(key, &texts, &self.conditions, common);
            return Domain { values, is_complete: is_complete && all };
        }
        Domain { values: texts.into_iter().map(Values::One).collect(), is_complete }
    }

    /// Values that are more than texts, and whether they are of one kind.
    fn typed(&self, key: &str) -> (Vec<String>, bool) {
        if BOOLEAN_KEYS.contains(&key) {
            return (vec!["true".to_owned(), "false".to_owned()], true);
        }
        let kinds: BTreeSet<Kind> = self.conditions.iter().filter_map(|condition| kind(condition)).collect();
        let sources = |wanted: Kind| {
            let conditions = self.conditions.iter().filter(move |condition| kind(condition) == Some(wanted));
            conditions.flat_map(|condition| condition.values.iter().map(|value| value.value.source()))
        };
        let of_kind = |found: &Kind| match found {
            Kind::Number => numbers(sources(Kind::Number)),
            Kind::Date => dates(sources(Kind::Date)),
            Kind::Address => addresses(sources(Kind::Address)),
        };
        (kinds.iter().flat_map(of_kind).collect(), kinds.len() <= 1)
    }

    /// Members of every class of texts, and whether all classes were found.
    fn texts(&self, budget: &mut usize) -> (Vec<String>, bool) {
        let literals: Vec<Pattern> = self.literals.iter().map(|text| Pattern::literal(text)).collect();
        let universe = Universe {
            pattern: Pattern::parse("*"),
            without: literals.iter().collect(),
            seeds: SEEDS.iter().map(|&seed| seed.to_owned()).collect(),
            n_members: self.n_compared.max(1),
            ignores_case: self.ignores_case,
        };
        match members(&universe, &self.unions.iter().collect::<Vec<_>>(), budget) {
            Ok(found) => (found, true),
            Err(_) => {
                let shortest = self.unions.iter().flatten().map(Pattern::shortest);
                (SEEDS.iter().map(|&seed| seed.to_owned()).chain(shortest).collect(), false)
            }
        }
    }
}

/// The sets of texts that a value of a condition stands for, its variables filled in.
pub(crate) fn pattern(comparison: Comparison, pieces: Vec<Piece>) -> Option<Pattern> {
    match comparison {
        Comparison::StringEquals => Some(literal(pieces)),
        Comparison::StringEqualsIgnoreCase => Some(literal(pieces).ignoring_case()),
        Comparison::StringLike => Some(Pattern::from_pieces(pieces)),
        Comparison::ArnLike => Some(ArnPattern::from_pieces(&pieces).widest().clone()),
        _ => None,
    }
}

/// The sets of texts that a condition without variables tells apart.
pub(super) fn plain_patterns(condition: &Condition) -> Vec<Pattern> {
    let sources = condition.values.iter().map(|value| value.value.source());
    match condition.operator.comparison {
        Comparison::BinaryEquals => sources.map(Pattern::literal).collect(),
        Comparison::Bool => sources.map(|text| Pattern::literal(text).ignoring_case()).collect(),
        _ => Vec::new(),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Number,
    Date,
    Address,
}

/// The kind of values that a condition compares, when they are not texts.
fn kind(condition: &Condition) -> Option<Kind> {
    match condition.operator.comparison {
        Comparison::NumericEquals
        | Comparison::NumericLessThan
        | Comparison::NumericLessThanEquals
        | Comparison::NumericGreaterThan
        | Comparison::NumericGreaterThanEquals => Some(Kind::Number),
        Comparison::DateEquals
        | Comparison::DateLessThan
        | Comparison::DateLessThanEquals
        | Comparison::DateGreaterThan
        | Comparison::DateGreaterThanEquals => Some(Kind::Date),
        Comparison::IpAddress => Some(Kind::Address),
        _ => None,
    }
}

/// True when a condition compares values that are more than texts.
pub(super) fn is_typed(condition: &Condition) -> bool {
    kind(condition).is_some()
}

/// Every number named, and one in each gap between them and beyond: a whole one where there is one.
fn numbers<'a>(sources: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut named: Vec<f64> = sources.filter_map(parse_number).collect();
    named.sort_by(f64::total_cmp);
    named.dedup();
    let mut all = Vec::new();
    for (at, &number) in named.iter().enumerate() {
        let below = at.checked_sub(1).and_then(|before| named.get(before));
        let whole = (number - 1.0).ceil();
        all.push(match below {
            Some(&below) if whole <= below => below.midpoint(number),
            _ => whole.min(number.next_down()),
        });
        all.push(number);
    }
    all.extend(named.last().map(|last| (last + 1.0).floor().max(last.next_up())));
    // A key compared with nothing but what is no number may still have one.
    if all.is_empty() {
        all.push(0.0);
    }
    all.iter().map(f64::to_string).collect()
}

/// Every time named, and one in each gap between them and beyond.
fn dates<'a>(sources: impl Iterator<Item = &'a str>) -> Vec<String> {
    let named: BTreeSet<Timestamp> = sources.filter_map(parse_date).collect();
    let named: Vec<Timestamp> = named.into_iter().collect();
    let second = SignedDuration::from_secs(1);
    let mut all: Vec<Timestamp> = Vec::new();
    for (at, &time) in named.iter().enumerate() {
        let below = at.checked_sub(1).and_then(|before| named.get(before));
        let gap = below.map_or(second, |below| (time.duration_since(*below) / 2).min(second));
        all.extend(time.checked_sub(gap).ok().filter(|earlier| Some(earlier) != below));
        all.push(time);
    }
    all.extend(named.last().and_then(|last| last.checked_add(second).ok()));
    if all.is_empty() {
        all.push(Timestamp::UNIX_EPOCH);
    }
    all.iter().map(Timestamp::to_string).collect()
}

/// An address of every range that the blocks cut out: the ranges begin where a block does or just behind one.
fn addresses<'a>(sources: impl Iterator<Item = &'a str>) -> Vec<String> {
    let behind = |last: IpAddr| match last {
        IpAddr::V4(last) => last.to_bits().checked_add(1).map(|bits| IpAddr::V4(bits.into())),
        IpAddr::V6(last) => last.to_bits().checked_add(1).map(|bits| IpAddr::V6(bits.into())),
    };
    let of_block = |block: IpNet| std::iter::once(block.network()).chain(behind(block.broadcast()));
    let mut all: BTreeSet<String> =
        sources.filter_map(parse_block).flat_map(of_block).map(|address| address.to_string()).collect();
    all.extend(["0.0.0.0", "::"].map(str::to_owned));
    ADDRESSES.iter().map(|&address| address.to_owned()).chain(all).collect()
}
