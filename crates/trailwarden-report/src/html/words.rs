//! Counts as people read them. Templates hand over references, code hands over numbers: both are taken.

use std::borrow::Borrow;

/// `12,345`.
pub(super) fn thousands(n: impl Borrow<usize>) -> String {
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
pub(super) fn counted(n: impl Borrow<usize>, noun: &str) -> String {
    let n = *n.borrow();
    format!("{} {noun}{}", thousands(n), if n == 1 { "" } else { "s" })
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
