//! Events of which some fields are known, and what a test says about one field.

use std::collections::BTreeMap;

use super::json::{Test, Value};

/// What one field of an event holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Datum {
    /// The event has no such field.
    Absent,
    Null,
    Flag(bool),
    Number(f64),
    Text(String),
}

/// The fields of an event that are known, by their paths.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Event(BTreeMap<String, Datum>);

impl Event {
    pub(crate) fn get(&self, field: &str) -> Option<&Datum> {
        self.0.get(field)
    }

    pub(crate) fn set(&mut self, field: &str, datum: Datum) {
        self.0.insert(field.to_owned(), datum);
    }

    pub(crate) fn forget(&mut self, field: &str) -> Option<Datum> {
        self.0.remove(field)
    }

    /// The paths of the known fields.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The known texts as they stand in the record: `"eventName":"StopLogging"`.
    pub(super) fn text(&self) -> impl Iterator<Item = String> {
        self.0.iter().filter_map(|(path, datum)| {
            let name = path.rsplit('.').next()?;
            match datum {
                Datum::Text(text) => Some(format!("\"{name}\":\"{text}\"")),
                Datum::Flag(flag) => Some(format!("\"{name}\":{flag}")),
                Datum::Absent | Datum::Null | Datum::Number(_) => None,
            }
        })
    }
}

impl FromIterator<(String, Datum)> for Event {
    fn from_iter<T: IntoIterator<Item = (String, Datum)>>(fields: T) -> Self {
        Self(fields.into_iter().collect())
    }
}

/// Whether a pattern matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth<'a> {
    Yes,
    No,
    /// It depends on this field, which is not known.
    Open(&'a str),
    /// It depends on something that this version cannot decide; the words say what.
    Undecided(&'a str),
}

impl<'a> Truth<'a> {
    /// True when all are. One that is false settles it, then one that is open, then one that cannot be decided.
    pub(super) fn all(parts: impl Iterator<Item = Self>) -> Self {
        Self::fold(parts, Self::No, Self::Yes)
    }

    /// True when one is.
    pub(crate) fn any(parts: impl Iterator<Item = Self>) -> Self {
        Self::fold(parts, Self::Yes, Self::No)
    }

    fn fold(parts: impl Iterator<Item = Self>, settles: Self, otherwise: Self) -> Self {
        let (mut open, mut undecided) = (None, None);
        for part in parts {
            match part {
                part if part == settles => return settles,
                Self::Open(_) => open = open.or(Some(part)),
                Self::Undecided(_) => undecided = undecided.or(Some(part)),
                Self::Yes | Self::No => {}
            }
        }
        open.or(undecided).unwrap_or(otherwise)
    }

    fn of(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }

    fn opposite(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            other => other,
        }
    }
}

impl Test {
    pub(super) fn holds(&self, datum: &Datum) -> Truth<'static> {
        match (self, datum) {
            (Self::IsNull, datum) => Truth::of(*datum == Datum::Null),
            (Self::NotExists, datum) => Truth::of(*datum == Datum::Absent),
            (Self::IsFlag(flag), datum) => Truth::of(*datum == Datum::Flag(*flag)),
            (Self::Equals(_) | Self::Compares(..), Datum::Absent | Datum::Null) => Truth::No,
            // The guide says of arrays and objects that they neither equal nor differ; of absent fields it says nothing.
            (Self::Differs(_), Datum::Absent | Datum::Null) => {
                Truth::Undecided("whether a field that is absent differs from a value")
            }
            (Self::Equals(value), datum) => value.equals(datum),
            (Self::Differs(value), datum) => value.equals(datum).opposite(),
            (Self::Compares(comparison, right), Datum::Number(left)) => Truth::of(comparison.holds(*left, *right)),
            (Self::Compares(..), Datum::Text(_) | Datum::Flag(_)) => {
                Truth::Undecided("an order between a number and something else")
            }
        }
    }
}

impl Value {
    fn equals(&self, datum: &Datum) -> Truth<'static> {
        match (self, datum) {
            (Self::Regex, _) => Truth::Undecided("a regular expression"),
            (Self::Text(glob, _), Datum::Text(text)) => Truth::of(glob.matches(text)),
            (Self::Text(_, Some(right)), Datum::Number(left)) => Truth::of((left - right).abs() < f64::EPSILON),
            _ => Truth::Undecided("a text compared with something else"),
        }
    }
}
