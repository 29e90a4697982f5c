//! Texts with a wildcard at their ends: `*` before, after or around a text stands for anything; elsewhere it is a star.

/// A text of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Glob {
    /// The text without its wildcards.
    pub(crate) text: String,
    /// Anything may come before it.
    pub(crate) is_open_before: bool,
    /// Anything may come after it.
    pub(crate) is_open_after: bool,
}

impl Glob {
    pub(crate) fn new(text: &str) -> Self {
        let (is_open_before, rest) = text.strip_prefix('*').map_or((false, text), |rest| (true, rest));
        let (is_open_after, rest) = rest.strip_suffix('*').map_or((false, rest), |rest| (true, rest));
        // A lone star is open on both sides.
        let is_all = is_open_before && rest.is_empty();
        Self { text: rest.to_owned(), is_open_before, is_open_after: is_open_after || is_all }
    }

    /// A text anywhere in another.
    pub(crate) fn inside(text: &str) -> Self {
        Self { text: text.to_owned(), is_open_before: true, is_open_after: true }
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        match (self.is_open_before, self.is_open_after) {
            (false, false) => text == self.text,
            (false, true) => text.starts_with(&self.text),
            (true, false) => text.ends_with(&self.text),
            (true, true) => text.contains(&self.text),
        }
    }
}
