//! The seal of a plan file: one changed byte shows.

use sha2::{Digest, Sha256};

use super::{FORMAT, Plan};
use crate::format::{self, FormatError};

/// Hex digits of a SHA-256.
const DIGITS: usize = 64;

/// What stands before the digest in a plan file.
const MARK: &str = "\"digest\": \"";

/// Why a plan file is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// It is no plan, or a newer one.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// It is not what was sealed.
    #[error("the plan was changed after it was made: it says digest {stated}, and its content has {found}")]
    Broken {
        /// The digest that stands in the file.
        stated: String,
        /// The digest of what stands in the file.
        found: String,
    },
}

/// The text of a plan file, and the digest that approves it.
///
/// # Errors
/// When the plan cannot be written as JSON.
pub fn seal(plan: &Plan) -> Result<(String, String), serde_json::Error> {
    let blank = Plan { digest: "0".repeat(DIGITS), ..plan.clone() };
    let text = format!("{}\n", serde_json::to_string_pretty(&blank)?);
    let digest = hex(&text);
    Ok((text.replacen(&blank.digest, &digest, 1), digest))
}

/// Reads a plan file whose seal holds.
///
/// # Errors
/// When it is no plan, one of a newer major version, or was changed after it was made.
pub fn open(text: &str) -> Result<Plan, SealError> {
    let plan: Plan = format::read(text, FORMAT)?;
    let blanked = text.find(MARK).and_then(|mark| {
        let (start, end) = (mark + MARK.len(), mark + MARK.len() + DIGITS);
        Some(format!("{}{}{}", text.get(..start)?, "0".repeat(DIGITS), text.get(end..)?))
    });
    let found = hex(blanked.as_deref().unwrap_or(text));
    match found == plan.digest {
        true => Ok(plan),
        false => Err(SealError::Broken { stated: plan.digest, found }),
    }
}

fn hex(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn plan() -> Plan {
        Plan {
            format: FORMAT.to_owned(),
            digest: "0".repeat(DIGITS),
            tool_version: "0.1.0".to_owned(),
            organization: "o-example".to_owned(),
            management_account: "111122223333".parse().expect("an account"),
            partition: "aws".to_owned(),
            snapshot: "00".to_owned(),
            collected_at: "2026-11-28T00:00:00Z".parse().expect("a time"),
            accounts: BTreeMap::new(),
            choices: vec![],
            steps: vec![],
            stages: vec![],
            unreached: BTreeSet::new(),
            unplanned: vec![],
        }
    }

    #[test]
    fn a_sealed_plan_opens_and_no_byte_of_it_can_change() {
        let (text, digest) = seal(&plan()).expect("seals");
        assert_eq!(open(&text).expect("opens").digest, digest);
        for place in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[place] = if bytes[place] == b' ' { b'\t' } else { bytes[place] ^ 1 };
            let changed = String::from_utf8(bytes).expect("ASCII");
            assert!(open(&changed).is_err(), "byte {place} of {text}");
        }
        assert!(open(&format!("{text}\n")).is_err(), "a byte more");
    }
}
