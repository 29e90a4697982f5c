//! Format versions of artifacts: `name/MAJOR` or `name/MAJOR.MINOR`. Newer majors are refused (a law of `docs/architecture.md`).

use serde::Deserialize;

/// Why an artifact cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// Not JSON, or cut short.
    #[error("not complete JSON: {0}")]
    Truncated(String),
    /// JSON of something else.
    #[error("not a {expected} file: its format is {found}")]
    Foreign {
        /// The format wanted.
        expected: &'static str,
        /// What stands in the file.
        found: String,
    },
    /// The right name, but a version this tool does not read.
    #[error("format {found} is newer than {expected}, the newest that this version reads")]
    TooNew {
        /// The format wanted.
        expected: &'static str,
        /// What stands in the file.
        found: String,
    },
    /// The right format, but the content does not fit it.
    #[error("the content does not fit {expected}: {reason}")]
    Invalid {
        /// The format wanted.
        expected: &'static str,
        /// What does not fit.
        reason: String,
    },
}

/// What is read of a file before the rest is looked at.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    format: serde_json::Value,
}

/// Reads a JSON artifact of the wanted format, for example `trailwarden.snapshot/1`.
pub fn read<T: serde::de::DeserializeOwned>(text: &str, expected: &'static str) -> Result<T, FormatError> {
    let head = match serde_json::from_str::<Head>(text) {
        Ok(head) => head,
        // JSON that is no object has no format.
        Err(error) if error.is_data() => Head { format: serde_json::Value::Null },
        Err(error) => return Err(FormatError::Truncated(error.to_string())),
    };
    check(head.format.as_str().unwrap_or("not stated"), expected)?;
    serde_json::from_str(text).map_err(|error| FormatError::Invalid { expected, reason: error.to_string() })
}

/// True for a JSON artifact of this kind, of whatever version.
pub fn is_of_kind(text: &str, expected: &str) -> bool {
    let found = serde_json::from_str::<Head>(text).ok();
    found.is_some_and(|head| split(head.format.as_str().unwrap_or_default()).0 == split(expected).0)
}

/// Checks the format that an artifact states, where it is not a member of the whole file.
///
/// # Errors
/// When it is another artifact's, or a newer major version.
pub fn check(found: &str, expected: &'static str) -> Result<(), FormatError> {
    let (name, wanted) = split(expected);
    let (found_name, version) = split(found);
    match version {
        _ if found_name != name => Err(FormatError::Foreign { expected, found: found.to_owned() }),
        Some(major) if Some(major) == wanted => Ok(()),
        Some(major) if Some(major) > wanted => Err(FormatError::TooNew { expected, found: found.to_owned() }),
        _ => Err(FormatError::Foreign { expected, found: found.to_owned() }),
    }
}

fn split(format: &str) -> (&str, Option<u32>) {
    let (name, version) = format.split_once('/').unwrap_or((format, ""));
    (name, version.split('.').next().and_then(|major| major.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_truncated_and_newer_artifacts_are_told_apart() {
        let read = |text: &str| read::<serde_json::Value>(text, "trailwarden.snapshot/1");
        assert!(read(r#"{"format":"trailwarden.snapshot/1"}"#).is_ok());
        assert!(matches!(read(r#"{"format":"trailwarden.snap"#), Err(FormatError::Truncated(_))));
        assert!(matches!(read(r#"{"format":"trailwarden.plan/1"}"#), Err(FormatError::Foreign { .. })));
        assert!(matches!(read(r#"{"Records":[]}"#), Err(FormatError::Foreign { .. })));
        assert!(matches!(read(r#"{"format":"trailwarden.snapshot/2"}"#), Err(FormatError::TooNew { .. })));
        let is_snapshot = |text: &str| is_of_kind(text, "trailwarden.snapshot/1");
        assert!(is_snapshot(r#"{"a":1,"format":"trailwarden.snapshot/2"}"#) && !is_snapshot("[]"));
    }
}
