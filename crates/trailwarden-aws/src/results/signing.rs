//! KMS as the holder of a signing key: its public half, and signatures of digests. The private half never leaves KMS.

use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{KeyUsageType, MessageType, SigningAlgorithmSpec};
use trailwarden_model::ids::Arn;
use trailwarden_model::observed::{Gap, GapKind};

use crate::catalog::{Read, reads};
use crate::gap::unexpected;
use crate::session::{Session, Site, at};

reads! {
    GET_PUBLIC_KEY = Read::regional("kms:GetPublicKey", 10);
    SIGN = Read::regional("kms:Sign", 10);
}

impl Session {
    /// The public half of a key that signs, as the DER of a `SubjectPublicKeyInfo`. The call is made with the caller's own
    /// credentials in the region of the key, also for a key of another account.
    ///
    /// # Errors
    /// The call that failed.
    pub async fn public_key(&self, key: &Arn) -> Result<Vec<u8>, Gap> {
        let site = self.site_of_key(key).await?;
        let call = self.clients.kms.get_public_key().key_id(key.as_str());
        let call = || call.clone().customize().config_override(at!(aws_sdk_kms, site)).send();
        let answer = self.call(&GET_PUBLIC_KEY, &site, call).await?;
        let lacks = |reason: &str| unexpected(&GET_PUBLIC_KEY, &site.account, &site.region, reason).gap;
        if answer.key_usage() != Some(&KeyUsageType::SignVerify) {
            return Err(lacks("the key does not sign: its usage is not SIGN_VERIFY"));
        }
        answer.public_key().map(|key| key.as_ref().to_vec()).ok_or_else(|| lacks("the answer holds no public key"))
    }

    /// The signature of a SHA-256 digest with this algorithm of KMS, such as `ECDSA_SHA_256`.
    ///
    /// # Errors
    /// The call that failed.
    pub async fn sign_digest(&self, key: &Arn, algorithm: &str, digest: &[u8]) -> Result<Vec<u8>, Gap> {
        let site = self.site_of_key(key).await?;
        let call = self
            .clients
            .kms
            .sign()
            .key_id(key.as_str())
            .message(Blob::new(digest))
            .message_type(MessageType::Digest)
            .signing_algorithm(SigningAlgorithmSpec::from(algorithm));
        let call = || call.clone().customize().config_override(at!(aws_sdk_kms, site)).send();
        let answer = self.call(&SIGN, &site, call).await?;
        let reason = "the answer holds no signature";
        let signature = answer.signature().map(|signature| signature.as_ref().to_vec());
        signature.ok_or_else(|| unexpected(&SIGN, &site.account, &site.region, reason).gap)
    }

    async fn site_of_key(&self, key: &Arn) -> Result<Site, Gap> {
        let region = key.region().ok_or_else(|| Gap {
            kind: GapKind::Unexpected,
            call: GET_PUBLIC_KEY.operation.to_owned(),
            account: key.account(),
            region: None,
            code: "NoRegion".to_owned(),
            reason: format!("{key} names no region"),
        })?;
        self.own_site(&region).await
    }
}
