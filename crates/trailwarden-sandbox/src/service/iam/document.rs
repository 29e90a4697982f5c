//! Policy documents: what IAM refuses in them, and how it writes them in answers.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::error::AwsError;

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

fn statements(document: &str) -> Result<Vec<Value>, AwsError> {
    let parsed: Value = serde_json::from_str(document).map_err(|_| malformed("Syntax errors in policy."))?;
    let statements = match parsed.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(statement @ Value::Object(_)) => vec![statement.clone()],
        _ => return Err(malformed("Missing required field Statement")),
    };
    let effects = ["Allow", "Deny"];
    let has_effect =
        |statement: &Value| effects.contains(&statement.get("Effect").and_then(Value::as_str).unwrap_or_default());
    if statements.is_empty() || !statements.iter().all(has_effect) {
        return Err(malformed("Missing required field Effect"));
    }
    Ok(statements)
}

/// Refuses what is no identity policy.
pub fn check_identity(document: &str) -> Result<(), AwsError> {
    for statement in statements(document)? {
        let has = |name: &str| statement.get(name).is_some();
        if has("Principal") || has("NotPrincipal") {
            return Err(malformed("Policy document should not specify a principal."));
        }
        if !has("Action") && !has("NotAction") {
            return Err(malformed("Missing required field Action"));
        }
        if !has("Resource") && !has("NotResource") {
            return Err(malformed("Missing required field Resource"));
        }
    }
    Ok(())
}

/// Refuses what is no trust policy.
pub fn check_trust(document: &str) -> Result<(), AwsError> {
    for statement in statements(document)? {
        let has = |name: &str| statement.get(name).is_some();
        if has("Resource") || has("NotResource") {
            return Err(malformed("Has prohibited field Resource"));
        }
        if !has("Principal") {
            return Err(malformed("AssumeRolepolicy must contain a Principal"));
        }
        let actions = match statement.get("Action") {
            Some(Value::Array(actions)) => actions.clone(),
            Some(action) => vec![action.clone()],
            None => return Err(malformed("Missing required field Action")),
        };
        let is_sts = |action: &Value| action.as_str().is_some_and(|a| a.to_ascii_lowercase().starts_with("sts:"));
        if !actions.iter().all(is_sts) {
            return Err(malformed("AssumeRole policy may only specify STS AssumeRole actions."));
        }
    }
    Ok(())
}
