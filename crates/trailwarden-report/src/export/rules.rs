//! How members that AWS observes are called elsewhere: the form of the tables that both languages of desired state use.

/// The name in the API, the name there, and what becomes of the value.
pub(super) type Rule = (&'static str, &'static str, As);

/// What becomes of a value.
#[derive(Debug, Clone, Copy)]
pub(super) enum As {
    /// It stays as it is.
    Same,
    /// A number or boolean becomes a text.
    Text,
    /// An object, or each object of a list, is renamed by these rules.
    Nested(&'static [Rule]),
    /// The members of an object, renamed by these rules, stand beside it.
    Beside(&'static [Rule]),
    /// A list of names and values, such as tags, becomes a map.
    Map,
    /// A map becomes a list of keys and values.
    Pairs,
    /// One object becomes a list of one.
    Listed,
    /// It is said elsewhere, or follows from the rest.
    Said,
}

/// The rule for a member; none when there is no word for it.
pub(super) fn rule(rules: &[Rule], name: &str) -> Option<(&'static str, As)> {
    rules.iter().find(|(ours, ..)| *ours == name).map(|(_, theirs, becomes)| (*theirs, *becomes))
}
