//! Policy documents: what IAM refuses in them, and how it writes them in answers.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::AwsError;
use crate::policy::grammar::{Attached, statements};
use crate::policy::{principals, texts};
use crate::world::World;

/// RFC 3986: everything but unreserved characters is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The document as answers carry it: percent-encoded.
pub fn encoded(document: &str) -> String {
    utf8_percent_encode(document, ENCODED).to_string()
}

/// Its size as IAM counts it: without white space.
pub fn size(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}

fn malformed(message: &str) -> AwsError {
    AwsError::bad("MalformedPolicyDocument", message)
}

/// Refuses what is no identity policy.
pub fn check_identity(document: &str) -> Result<(), AwsError> {
    statements(document, Attached::ToPrincipal).map(drop).map_err(|reason| malformed(&reason))
}

/// Refuses what is no trust policy.
pub fn check_trust(world: &World, document: &str) -> Result<(), AwsError> {
    let statements = statements(document, Attached::ToRole).map_err(|reason| malformed(&reason))?;
    if let Some(named) = principals::unknown(world, &statements) {
        return Err(malformed(&format!("Invalid principal in policy: \"AWS\":\"{named}\"")));
    }
    let is_sts = |action: &str| action.to_ascii_lowercase().starts_with("sts:");
    if !statements.iter().all(|statement| texts(statement.get("Action")).all(is_sts)) {
        return Err(malformed("AssumeRole policy may only specify STS AssumeRole actions."));
    }
    Ok(())
}
