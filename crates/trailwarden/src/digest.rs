//! Digests by which artifacts name what they were made from.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::failure::Failure;

/// SHA-256 of an artifact as compact JSON, in hex.
pub(crate) fn digest(artifact: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string(artifact).map_err(Failure::internal)?;
    Ok(Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect())
}
