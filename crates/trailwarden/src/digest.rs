//! Digests by which artifacts name what they were made from.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::failure::Failure;

/// SHA-256 of an artifact as compact JSON, in hex.
pub(crate) fn digest(artifact: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_vec(artifact).map(|bytes| digest_of_bytes(&bytes)).map_err(Failure::internal)
}

/// SHA-256, in hex.
pub(crate) fn digest_of_bytes(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
