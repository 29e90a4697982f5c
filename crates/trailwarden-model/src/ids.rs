//! Identifiers as AWS writes them: account ids, regions, ARNs. Parsed once, at the edge.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a string is not the identifier it claims to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not twelve decimal digits.
    #[error("{0:?} is not an account id of twelve digits")]
    Account(String),
    /// Not a region code such as `eu-central-1`.
    #[error("{0:?} is not a region code such as eu-central-1")]
    Region(String),
    /// Not `arn:partition:service:region:account:resource`.
    #[error("{0:?} is not an ARN")]
    Arn(String),
}

macro_rules! string_id {
    ($(#[$doc:meta])* $name:ident, $valid:expr, $error:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The identifier as AWS writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::try_from(text.to_owned())
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                let valid: fn(&str) -> bool = $valid;
                if valid(&text) { Ok(Self(text)) } else { Err($error(text)) }
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

string_id!(
    /// An AWS account id: twelve decimal digits.
    AccountId,
    |text| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()),
    IdError::Account
);

string_id!(
    /// A region code: lower-case letters, digits and dashes, for example `eu-central-1`.
    Region,
    |text| {
        text.len() >= 3
            && text.contains('-')
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    },
    IdError::Region
);

string_id!(
    /// An ARN of six parts, `arn:partition:service:region:account:resource`; region and account may be empty.
    Arn,
    |text| text.starts_with("arn:") && text.splitn(6, ':').count() == 6,
    IdError::Arn
);

impl Arn {
    fn part(&self, index: usize) -> &str {
        self.0.splitn(6, ':').nth(index).unwrap_or_default()
    }

    /// The partition, for example `aws` or `aws-us-gov`.
    pub fn partition(&self) -> &str {
        self.part(1)
    }

    /// The service namespace, for example `cloudtrail`.
    pub fn service(&self) -> &str {
        self.part(2)
    }

    /// The region part, when there is one.
    pub fn region(&self) -> Option<Region> {
        self.part(3).parse().ok()
    }

    /// The account part, when there is one.
    pub fn account(&self) -> Option<AccountId> {
        self.part(4).parse().ok()
    }

    /// Everything after the fifth colon, for example `trail/org-trail`.
    pub fn resource(&self) -> &str {
        self.part(5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_keeps_colons_in_its_resource() {
        let arn: Arn = "arn:aws:logs:eu-west-1:111122223333:log-group:trail:*".parse().expect("valid");
        assert_eq!(arn.resource(), "log-group:trail:*");
        assert_eq!(arn.region().map(String::from).as_deref(), Some("eu-west-1"));
        assert_eq!(arn.account().map(String::from).as_deref(), Some("111122223333"));
    }

    #[test]
    fn a_bucket_arn_has_neither_region_nor_account() {
        let arn: Arn = "arn:aws:s3:::logs".parse().expect("valid");
        assert_eq!((arn.region(), arn.account()), (None, None));
    }

    #[test]
    fn ids_refuse_what_aws_would_refuse() {
        assert!("12345678901".parse::<AccountId>().is_err());
        assert!("US-EAST-1".parse::<Region>().is_err());
        assert!("not-an-arn".parse::<Arn>().is_err());
    }
}
