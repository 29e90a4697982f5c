//! `KEY=VALUE` and `KEY[]=VALUE`: one condition key of a request.

use std::str::FromStr;

/// One value of one condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The key, such as `aws:PrincipalTag/team`.
    pub key: String,
    /// The value; may be empty.
    pub value: String,
    /// True when the key was written with `[]`, so that the value is one of a list.
    pub is_many: bool,
}

impl FromStr for Pair {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((key, value)) = text.split_once('=') else {
            return Err(format!("{text:?} is not KEY=VALUE, such as aws:SourceIp=203.0.113.7"));
        };
        let (key, is_many) = key.strip_suffix("[]").map_or((key, false), |key| (key, true));
        if !key.contains(':') {
            return Err(format!("{key:?} is not a condition key such as aws:SourceIp"));
        }
        Ok(Self { key: key.to_owned(), value: value.to_owned(), is_many })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_may_hold_equals_signs_and_be_empty() {
        let pair = |text: &str| text.parse::<Pair>();
        let one = |key: &str, value: &str| Pair { key: key.to_owned(), value: value.to_owned(), is_many: false };
        assert_eq!(pair("aws:PrincipalTag/a=b=c"), Ok(one("aws:PrincipalTag/a", "b=c")));
        assert_eq!(pair("aws:SourceIdentity="), Ok(one("aws:SourceIdentity", "")));
        assert_eq!(pair("aws:TagKeys[]=x"), Ok(Pair { is_many: true, ..one("aws:TagKeys", "x") }));
        assert!(pair("aws:SourceIp").is_err() && pair("SourceIp=1").is_err());
    }
}
