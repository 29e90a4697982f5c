//! Signing: `Sign`, `Verify` and `GetPublicKey`, with keys of P-256. The private half of a key follows from its id: nothing is
//! signed here that anybody should trust.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use p256::PublicKey;
use p256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use p256::ecdsa::{DerSignature, SigningKey, VerifyingKey};
use p256::pkcs8::EncodePublicKey;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use trailwarden_model::ids::Arn;

use super::{lifecycle, not_found, validation};
use crate::error::AwsError;
use crate::request::Request;
use crate::world::World;
use crate::world::kms::{Key, KeyState};

/// The algorithms of a key that signs, by its spec.
///
/// Source: KMS Developer Guide, "Key spec reference".
pub fn algorithms(key: &Key) -> Option<&'static [&'static str]> {
    if key.usage != "SIGN_VERIFY" {
        return None;
    }
    match key.spec.as_str() {
        "ECC_NIST_P256" | "ECC_SECG_P256K1" => Some(&["ECDSA_SHA_256"]),
        "ECC_NIST_P384" => Some(&["ECDSA_SHA_384"]),
        "ECC_NIST_P521" => Some(&["ECDSA_SHA_512"]),
        "ECC_NIST_EDWARDS25519" => Some(&["ED25519_PH_SHA_512", "ED25519_SHA_512"]),
        "RSA_2048" | "RSA_3072" | "RSA_4096" => Some(&[
            "RSASSA_PKCS1_V1_5_SHA_256",
            "RSASSA_PKCS1_V1_5_SHA_384",
            "RSASSA_PKCS1_V1_5_SHA_512",
            "RSASSA_PSS_SHA_256",
            "RSASSA_PSS_SHA_384",
            "RSASSA_PSS_SHA_512",
        ]),
        "SM2" => Some(&["SM2DSA"]),
        _ => Some(&["ML_DSA_SHAKE_256"]),
    }
}

/// The longest message, in bytes.
const LONGEST_MESSAGE: usize = 4_096;
/// The longest signature, in bytes.
const LONGEST_SIGNATURE: usize = 6_144;

/// `Sign`.
pub fn sign(request: &Request, world: &World) -> Result<Value, AwsError> {
    let asked = Asked::read(request, world)?;
    let made: DerSignature = asked.secret()?.sign_prehash(&asked.digest).map_err(|_| internal())?;
    let signature = STANDARD.encode(made.as_bytes());
    Ok(json!({ "KeyId": asked.arn, "Signature": signature, "SigningAlgorithm": asked.algorithm }))
}

/// `Verify`. A signature that is not one is an error, not an answer.
pub fn verify(request: &Request, world: &World) -> Result<Value, AwsError> {
    let asked = Asked::read(request, world)?;
    let signature = bytes(request, "Signature", LONGEST_SIGNATURE)?;
    let signature = DerSignature::from_bytes(&signature);
    let key = VerifyingKey::from(&asked.secret()?);
    match signature.map(|signature| key.verify_prehash(&asked.digest, &signature)) {
        Ok(Ok(())) => Ok(json!({ "KeyId": asked.arn, "SignatureValid": true, "SigningAlgorithm": asked.algorithm })),
        _ => Err(AwsError::bad("KMSInvalidSignatureException", "")),
    }
}

/// `GetPublicKey`.
pub fn public_key(request: &Request, world: &World) -> Result<Value, AwsError> {
    let (arn, key) = usable(request, world)?;
    if key.spec == "SYMMETRIC_DEFAULT" || key.spec.starts_with("HMAC_") {
        return Err(AwsError::bad("UnsupportedOperationException", format!("{arn} is not an asymmetric key.")));
    }
    let der = PublicKey::from(VerifyingKey::from(&secret(key)?)).to_public_key_der().map_err(|_| internal())?;
    Ok(json!({
        "KeyId": arn,
        "PublicKey": STANDARD.encode(der.as_bytes()),
        "CustomerMasterKeySpec": key.spec,
        "KeySpec": key.spec,
        "KeyUsage": key.usage,
        "SigningAlgorithms": algorithms(key),
    }))
}

/// What both `Sign` and `Verify` ask.
struct Asked<'w> {
    arn: String,
    key: &'w Key,
    algorithm: String,
    digest: Vec<u8>,
}

impl<'w> Asked<'w> {
    fn read(request: &Request, world: &'w World) -> Result<Self, AwsError> {
        let algorithm = request.require("SigningAlgorithm", "ValidationException")?;
        let message = bytes(request, "Message", LONGEST_MESSAGE)?;
        let (arn, key) = usable(request, world)?;
        let misused = |what: String| AwsError::bad("InvalidKeyUsageException", what);
        let Some(known) = algorithms(key) else {
            let words = format!("{arn} key usage is {} which is not valid for {}.", key.usage, request.operation);
            return Err(misused(words));
        };
        if !known.contains(&algorithm) {
            return Err(misused(format!("Algorithm {algorithm} is incompatible with key spec {}.", key.spec)));
        }
        let digest = match request.text("MessageType").unwrap_or("RAW") {
            "RAW" => Sha256::digest(&message).to_vec(),
            "DIGEST" if message.len() == 32 => message,
            "DIGEST" => return Err(validation(format!("Digest is invalid length for algorithm {algorithm}."))),
            other => {
                return Err(validation(format!("1 validation error detected: MessageType {other:?} is not valid.")));
            }
        };
        Ok(Self { arn, key, algorithm: algorithm.to_owned(), digest })
    }

    fn secret(&self) -> Result<SigningKey, AwsError> {
        secret(self.key)
    }
}

/// The key that the request names, in whatever account; the key policy was asked before.
fn usable<'w>(request: &Request, world: &'w World) -> Result<(String, &'w Key), AwsError> {
    let text = request.require("KeyId", "ValidationException")?;
    if text.starts_with("arn:")
        && !text
            .parse::<Arn>()
            .is_ok_and(|arn| arn.service() == "kms" && arn.region().as_ref() == Some(&request.region))
    {
        return Err(AwsError::bad("InvalidArnException", format!("Invalid arn {text}")));
    }
    let found = world.find_key(&request.caller.account, &request.region, text);
    let (owner, key) = found.ok_or_else(|| not_found(text))?;
    let arn = key.arn(world.partition_id(), &owner);
    match key.state {
        KeyState::Enabled | KeyState::Updating => Ok((arn, key)),
        KeyState::Disabled => Err(AwsError::bad("DisabledException", format!("{arn} is disabled."))),
        _ => Err(lifecycle::invalid_state(&arn, key)),
    }
}

/// The private half of a key.
fn secret(key: &Key) -> Result<SigningKey, AwsError> {
    if key.spec != "ECC_NIST_P256" {
        let words = format!("the sandbox has no keys of {} to sign with; it has those of ECC_NIST_P256", key.spec);
        return Err(AwsError::new(501, "NotImplemented", words));
    }
    SigningKey::from_slice(&Sha256::digest(format!("a key of the sandbox: {}", key.id))).map_err(|_| internal())
}

fn bytes(request: &Request, member: &str, most: usize) -> Result<Vec<u8>, AwsError> {
    let text = request.require(member, "ValidationException")?;
    let bytes = STANDARD.decode(text).map_err(|_| AwsError::bad("SerializationException", ""))?;
    match bytes.len() {
        0 => Err(validation(format!("1 validation error detected: Value at '{member}' must not be empty"))),
        n if n > most => Err(validation(format!(
            "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have length less \
             than or equal to {most}"
        ))),
        _ => Ok(bytes),
    }
}

fn internal() -> AwsError {
    AwsError::new(500, "KMSInternalException", "")
}
