//! The context of a request: condition keys and their values. A key that is not there is absent.

use std::collections::BTreeMap;

/// The value or values of one condition key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Values {
    /// A single-valued key.
    One(String),
    /// A multivalued key; an empty list counts as absent.
    Many(Vec<String>),
}

impl Values {
    /// The values in order.
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

impl From<&str> for Values {
    fn from(value: &str) -> Self {
        Self::One(value.to_owned())
    }
}

impl From<String> for Values {
    fn from(value: String) -> Self {
        Self::One(value)
    }
}

/// Condition keys with their values. Names of keys are compared without case, values are kept as given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Context {
    entries: BTreeMap<String, (String, Values)>,
}

impl Context {
    /// A context without any key.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same context with one key set.
    pub fn with(mut self, key: &str, values: impl Into<Values>) -> Self {
        self.set(key, values);
        self
    }

    /// Sets one key.
    pub fn set(&mut self, key: &str, values: impl Into<Values>) {
        self.entries.insert(key.to_ascii_lowercase(), (key.to_owned(), values.into()));
    }

    /// Makes one key absent.
    pub fn remove(&mut self, key: &str) {
        self.entries.remove(&key.to_ascii_lowercase());
    }

    /// The values of a key; `None` when it is absent or an empty list.
    pub fn get(&self, key: &str) -> Option<&Values> {
        let (_, values) = self.entries.get(&key.to_ascii_lowercase())?;
        (!values.as_slice().is_empty()).then_some(values)
    }

    /// Keys as spelt when they were set, with their values, ordered by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Values)> {
        self.entries.values().map(|(key, values)| (key.as_str(), values))
    }
}
