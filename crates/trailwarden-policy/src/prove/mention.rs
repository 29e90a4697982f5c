//! What texts say about account numbers: whether anything in the policies of an account could tell it from another one.
//!
//! An account number stands alone wherever AWS puts one: between colons, or as a whole value. A run of digits in a pattern can only
//! meet it as a whole, unless a wildcard or a variable stands next to the run.

use std::collections::BTreeSet;

use crate::chain::AttachedPolicy;
use crate::operator::Comparison;

/// How many digits an account number has.
const N_DIGITS: usize = 12;

/// Keys whose value is an account number.
const ACCOUNT_KEYS: &[&str] = &["aws:principalaccount", "aws:resourceaccount", "aws:userid"];

/// What some texts say about account numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mentions {
    /// The accounts named in full.
    accounts: BTreeSet<String>,
    /// Runs of digits that may be a part of a number.
    parts: BTreeSet<(Neighbour, Neighbour)>,
    /// True when numbers are compared by size.
    by_size: bool,
}

/// What stands next to a run of digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Neighbour {
    /// The text begins or ends here.
    Edge,
    Char(char),
    /// A wildcard or a variable.
    Open,
}

/// The characters between which the number of an account stands in some texts, besides their edges.
pub(super) struct Slots {
    before: BTreeSet<char>,
    after: BTreeSet<char>,
}

impl Mentions {
    pub(super) fn of_policy(policy: &AttachedPolicy) -> Self {
        let mut mentions = Self::default();
        for statement in policy.statements() {
            let resources = statement.resources.iter().flat_map(|resources| &resources.patterns);
            resources.for_each(|pattern| mentions.read(pattern.value.template().source()));
            let principals = statement.principals.iter().flat_map(|principals| &principals.patterns);
            principals.for_each(|pattern| mentions.read(&pattern.value.text));
            for condition in &statement.conditions {
                condition.values.iter().for_each(|value| mentions.read(value.value.source()));
                let is_account = ACCOUNT_KEYS.contains(&condition.key.to_ascii_lowercase().as_str());
                mentions.by_size |= is_account && compares_size(condition.operator.comparison);
            }
        }
        mentions
    }

    /// Takes in one text of the language: `*` and `?` are wildcards, `${…}` is a variable.
    pub(super) fn read(&mut self, text: &str) {
        let mut before = Neighbour::Edge;
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let n_digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (run, behind) = rest.split_at(n_digits);
            if n_digits > 0 {
                self.add(run, before, neighbour(behind));
                before = Neighbour::Char('0');
                rest = behind;
            } else if let Some(inner) = rest.strip_prefix("${") {
                let (variable, behind) = inner.split_once('}').unwrap_or((inner, ""));
                // The default of a variable may come next to anything.
                if variable.split_once(',').is_some_and(|(_, default)| default.contains(|c: char| c.is_ascii_digit())) {
                    self.parts.insert((Neighbour::Open, Neighbour::Open));
                }
                before = Neighbour::Open;
                rest = behind;
            } else {
                before = neighbour(rest);
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            }
        }
    }

    fn add(&mut self, run: &str, before: Neighbour, after: Neighbour) {
        if before != Neighbour::Open && after != Neighbour::Open {
            if run.len() == N_DIGITS {
                self.accounts.insert(run.to_owned());
            }
        } else if run.len() <= N_DIGITS {
            self.parts.insert((before, after));
        }
    }

    /// True when something here may hold for this account and not for another one that is named nowhere.
    pub(super) fn tell_apart(&self, account: &str, slots: &Slots) -> bool {
        let fits = |neighbour: Neighbour, delimiters: &BTreeSet<char>| match neighbour {
            Neighbour::Edge | Neighbour::Open => true,
            Neighbour::Char(c) => delimiters.contains(&c),
        };
        let may_be_part =
            |(before, after): &(Neighbour, Neighbour)| fits(*before, &slots.before) && fits(*after, &slots.after);
        self.by_size || self.accounts.contains(account) || self.parts.iter().any(may_be_part)
    }
}

fn neighbour(rest: &str) -> Neighbour {
    match rest.chars().next() {
        None => Neighbour::Edge,
        Some('*' | '?') => Neighbour::Open,
        Some('$') if rest.starts_with("${") => Neighbour::Open,
        Some(c) => Neighbour::Char(c),
    }
}

fn compares_size(comparison: Comparison) -> bool {
    !matches!(
        comparison,
        Comparison::StringEquals
            | Comparison::StringEqualsIgnoreCase
            | Comparison::StringLike
            | Comparison::ArnLike
            | Comparison::Bool
            | Comparison::BinaryEquals
            | Comparison::Null
    )
}

impl Slots {
    /// Where the number of an account stands in ARNs, and in these texts besides.
    pub(super) fn of<'t>(account: &str, texts: impl Iterator<Item = &'t str>) -> Self {
        let mut slots = Self { before: BTreeSet::from([':']), after: BTreeSet::from([':']) };
        for text in texts {
            for (at, _) in text.match_indices(account) {
                slots.before.extend(text.get(..at).and_then(|before| before.chars().next_back()));
                slots.after.extend(text.get(at + account.len()..).and_then(|after| after.chars().next()));
            }
        }
        slots
    }
}

/// True for twelve digits.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == N_DIGITS && text.bytes().all(|b| b.is_ascii_digit())
}

/// The text with one account number for another, where it stands alone; none when it is also part of a longer run of digits.
pub(super) fn renamed(text: &str, account: &str, other: &str) -> Option<String> {
    if text.len() < account.len() {
        return Some(text.to_owned());
    }
    let mut found = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(account) {
        found.push_str(before);
        let touches = found.ends_with(|c: char| c.is_ascii_digit()) || after.starts_with(|c: char| c.is_ascii_digit());
        if touches {
            return None;
        }
        found.push_str(other);
        rest = after;
    }
    found.push_str(rest);
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "111122223333";

    fn tells(text: &str) -> bool {
        let mut mentions = Mentions::default();
        mentions.read(text);
        mentions.tell_apart(ACCOUNT, &Slots::of(ACCOUNT, ["arn:aws:s3:::logs-111122223333/x"].into_iter()))
    }

    #[test]
    fn only_an_account_named_in_full_is_told_apart_by_whole_runs_of_digits() {
        assert!(tells("arn:aws:iam::111122223333:role/x"));
        assert!(tells(ACCOUNT));
        for text in [
            "arn:aws:iam::444455556666:role/x",
            "us-east-1",
            "role/Admin2",
            "2026-11-20",
            "11112222333",
            "m5*",
            "*.2xlarge",
        ] {
            assert!(!tells(text), "{text}");
        }
    }

    #[test]
    fn digits_next_to_a_wildcard_or_a_variable_may_be_part_of_a_number() {
        for text in
            ["1111*", "arn:aws:iam::*3333:role/x", "*2*", "logs-1?", "1${aws:username}", "${aws:username, '7'}", "*3/x"]
        {
            assert!(tells(text), "{text}");
        }
    }

    #[test]
    fn an_account_is_renamed_where_it_stands_alone() {
        let rename = |text: &str| renamed(text, ACCOUNT, "444455556666");
        assert_eq!(rename("a:111122223333:b/111122223333"), Some("a:444455556666:b/444455556666".to_owned()));
        assert_eq!(rename("a"), Some("a".to_owned()));
        assert_eq!(rename("1111222233334"), None);
    }
}
