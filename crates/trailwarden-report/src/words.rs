//! Counts and sentences as people read them. Templates hand over references, code hands over numbers: both are taken.

use std::borrow::Borrow;

/// `12,345`.
pub(crate) fn thousands(n: impl Borrow<usize>) -> String {
    let digits = n.borrow().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 account`, `12,345 accounts`.
pub(crate) fn counted(n: impl Borrow<usize>, noun: &str) -> String {
    let n = *n.borrow();
    format!("{} {noun}{}", thousands(n), if n == 1 { "" } else { "s" })
}

/// `Nothing fails.` of `nothing fails`.
pub(crate) fn sentence(fragment: &str) -> String {
    let mut rest = fragment.chars();
    let first: String = rest.next().into_iter().flat_map(char::to_uppercase).collect();
    let stop = if fragment.ends_with('.') { "" } else { "." };
    format!("{first}{}{stop}", rest.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_told_apart() {
        assert_eq!([0, 999, 1000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([counted(1, "account"), counted(2, "account")], ["1 account", "2 accounts"]);
    }
}
