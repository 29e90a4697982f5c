//! Detached signatures of assessments: a small JSON file beside the signed one, over the bytes of that file and nothing else,
//! in encodings that other tools check too.

mod key;

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use trailwarden_model::format;

pub(crate) use self::key::{PublicKey, SecretKey};
use crate::digest::digest_of_bytes;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{is_private, read_file, write_file, write_private};

/// The format of a signature.
pub const FORMAT: &str = "trailwarden.signature/1.0";

/// What is put behind the name of a signed file.
const SUFFIX: &str = ".sig";

/// How a file was signed, by the names that KMS has for it. Which one is used follows from the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Algorithm {
    /// Ed25519 over the file itself (RFC 8032).
    Ed25519,
    /// ECDSA on the curve P-256 over its SHA-256, encoded in ASN.1.
    #[serde(rename = "ECDSA_SHA_256")]
    EcdsaSha256,
    /// RSASSA-PSS over its SHA-256, with a salt of 32 bytes.
    #[serde(rename = "RSASSA_PSS_SHA_256")]
    RsassaPssSha256,
}

impl Algorithm {
    /// Its name.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ed25519 => "ED25519",
            Self::EcdsaSha256 => "ECDSA_SHA_256",
            Self::RsassaPssSha256 => "RSASSA_PSS_SHA_256",
        }
    }
}

/// `trailwarden.signature/1.0`. All but the signature itself only helps whoever looks for the right key; it proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Signature {
    format: String,
    tool_version: String,
    /// The name that the signed file had.
    file: String,
    /// Its SHA-256, in hex.
    sha256: String,
    algorithm: Algorithm,
    /// The SHA-256 of the public key's DER (`SubjectPublicKeyInfo`), in hex.
    public_key_sha256: String,
    /// The key in KMS that signed.
    kms_key: Option<String>,
    /// Base64.
    signature: String,
}

impl Signature {
    /// What is written down of a signature of these bytes.
    pub(crate) fn new(file: &Path, bytes: &[u8], key: &PublicKey, kms_key: Option<&str>, signature: &[u8]) -> Self {
        Self {
            format: FORMAT.to_owned(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            file: file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned(),
            sha256: digest_of_bytes(bytes),
            algorithm: key.algorithm(),
            public_key_sha256: key.digest(),
            kms_key: kms_key.map(str::to_owned),
            signature: STANDARD.encode(signature),
        }
    }

    /// Writes it beside the signed file, and gives its own. The signature of another key is replaced only when that is
    /// asked for: whoever relies on it would find it gone.
    pub(crate) fn write(&self, signed: &Path, is_replacing: bool) -> Result<PathBuf, Failure> {
        let path = beside(signed);
        if !is_replacing
            && path.exists()
            && !Self::read(signed).is_ok_and(|old| old.public_key_sha256 == self.public_key_sha256)
        {
            return Err(Failure::usage(format!("{} holds a signature that is not of this key", path.display()))
                .hint("keep it elsewhere, or replace it with `trailwarden report sign --replace`"));
        }
        let text = serde_json::to_string_pretty(self).map_err(Failure::internal)? + "\n";
        match is_private(signed) {
            true => write_private(&path, &text)?,
            false => write_file(&path, &text)?,
        }
        Ok(path)
    }

    /// Reads the one beside a file.
    pub(crate) fn read(signed: &Path) -> Result<Self, Failure> {
        let path = beside(signed);
        if !path.exists() {
            return Err(broken(format!("{} is not signed: there is no {}", signed.display(), path.display()))
                .hint("sign it with `trailwarden report sign`"));
        }
        format::read(&read_file(&path)?, FORMAT)
            .map_err(|error| broken(format!("signature {}: {error}", path.display())))
    }

    /// Fails unless this is a signature of these bytes with this key. Only key and bytes decide; what else the file says is
    /// used to tell what is wrong.
    pub(crate) fn check(&self, signed: &Path, bytes: &[u8], key: &PublicKey) -> Result<(), Failure> {
        let signature = STANDARD.decode(&self.signature).unwrap_or_default();
        if key.verifies(bytes, &signature) {
            return Ok(());
        }
        let file = signed.display();
        Err(if self.public_key_sha256 != key.digest() {
            broken(format!("{file} was signed with another key: {}", self.public_key_sha256))
                .hint(format!("this key is {}; check with the key of whoever ought to have signed", key.digest()))
        } else if self.sha256 != digest_of_bytes(bytes) {
            broken(format!("{file} was changed after it was signed"))
                .hint("do not rely on it: take the file from where it was signed, or audit anew")
        } else {
            broken(format!("the signature of {file} is not one of this key"))
                .hint("do not rely on it: the signature file was changed or damaged")
        })
    }
}

/// The file of the signature of a file.
pub(crate) fn beside(signed: &Path) -> PathBuf {
    let mut name = signed.as_os_str().to_owned();
    name.push(SUFFIX);
    name.into()
}

fn broken(message: String) -> Failure {
    Failure::with(Exit::IntegrityBroken, message)
}
