//! Keys that sign and check: PEM files as OpenSSL writes them, and public keys as KMS gives them.

use std::path::Path;

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, Ed25519KeyPair, KeyPair, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer};
use spki::{ObjectIdentifier, SubjectPublicKeyInfoRef};

use super::Algorithm;
use crate::digest::digest_of_bytes;
use crate::failure::Failure;
use crate::output::read_file;

const ED25519_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const EC_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const RSA_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// What comes before the 32 bytes of an Ed25519 key in a `SubjectPublicKeyInfo` (RFC 8410).
const ED25519_HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A key that checks signatures.
#[derive(Debug)]
pub(crate) struct PublicKey {
    /// The `SubjectPublicKeyInfo`.
    der: Vec<u8>,
    /// The key in it.
    raw: Vec<u8>,
    algorithm: Algorithm,
}

impl PublicKey {
    /// Reads a PEM file.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let refused = |reason: String| {
            Failure::usage(format!("public key {}: {reason}", path.display()))
                .hint("give a file that `openssl pkey -in KEY -pubout` wrote: Ed25519, P-256 or RSA")
        };
        let text = read_file(path)?;
        let der = SubjectPublicKeyInfoDer::from_pem_slice(text.as_bytes());
        let der = der.map_err(|_| refused("it holds no PEM of a public key".to_owned()))?;
        Self::of_der(&der).map_err(refused)
    }

    /// The key in a `SubjectPublicKeyInfo`.
    pub(crate) fn of_der(der: &[u8]) -> Result<Self, String> {
        let info = SubjectPublicKeyInfoRef::try_from(der).map_err(|error| error.to_string())?;
        let algorithm = match (info.algorithm.oid, info.algorithm.parameters_oid().ok()) {
            (ED25519_OID, _) => Algorithm::Ed25519,
            (EC_OID, Some(P256_OID)) => Algorithm::EcdsaSha256,
            (RSA_OID, _) => Algorithm::RsassaPssSha256,
            (oid, _) => return Err(format!("keys of this kind ({oid}) are not supported: take Ed25519, P-256 or RSA")),
        };
        let raw = info.subject_public_key.raw_bytes().to_vec();
        Ok(Self { der: der.to_vec(), raw, algorithm })
    }

    /// How signatures of the key are made.
    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The name of the key: the SHA-256 of its DER, in hex.
    pub(crate) fn digest(&self) -> String {
        digest_of_bytes(&self.der)
    }

    /// True when this is a signature of these bytes with the private half.
    pub(crate) fn verifies(&self, bytes: &[u8], signature: &[u8]) -> bool {
        let algorithm: &dyn VerificationAlgorithm = match self.algorithm {
            Algorithm::Ed25519 => &ED25519,
            Algorithm::EcdsaSha256 => &ECDSA_P256_SHA256_ASN1,
            Algorithm::RsassaPssSha256 => &RSA_PSS_2048_8192_SHA256,
        };
        UnparsedPublicKey::new(algorithm, &self.raw).verify(bytes, signature).is_ok()
    }
}

/// A key that signs, of a file: Ed25519.
pub(crate) struct SecretKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl SecretKey {
    /// Reads a PEM file.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let refused = |reason: &str| {
            Failure::usage(format!("key {}: {reason}", path.display()))
                .hint("make one with `openssl genpkey -algorithm ed25519 -out FILE`, or sign with --kms")
        };
        let text = read_file(path)?;
        if text.contains("BEGIN ENCRYPTED PRIVATE KEY") {
            return Err(refused("it is encrypted, and nobody is asked for its password"));
        }
        let der = PrivatePkcs8KeyDer::from_pem_slice(text.as_bytes())
            .map_err(|_| refused("it holds no PEM of a private key in PKCS #8"))?;
        // OpenSSL writes the form without the public half, which is computed then.
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_pkcs8_der())
            .map_err(|_| refused("it is no Ed25519 key"))?;
        let der = [&ED25519_HEAD[..], pair.public_key().as_ref()].concat();
        let public = PublicKey::of_der(&der).map_err(Failure::internal)?;
        Ok(Self { pair, public })
    }

    /// Its public half.
    pub(crate) fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The signature of these bytes.
    pub(crate) fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.pair.sign(bytes).as_ref().to_vec()
    }
}
