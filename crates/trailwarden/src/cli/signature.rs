//! Arguments of `report sign` and `report check`.

use std::path::PathBuf;

use clap::Args;
use trailwarden_model::ids::Arn;

use super::Store;
use crate::failure::Failure;

/// A key in KMS.
#[derive(Debug, Args)]
pub struct KmsKey {
    /// The key in KMS, by its ARN: of ECC_NIST_P256 or RSA, with the usage SIGN_VERIFY.
    #[arg(long, value_name = "ARN")]
    pub kms: Option<Arn>,
    /// Use this profile of the AWS configuration files for KMS.
    #[arg(long, value_name = "NAME", requires = "kms")]
    pub profile: Option<String>,
}

impl KmsKey {
    /// The key, where KMS is asked at all.
    pub(crate) fn key(&self) -> Result<&Arn, Failure> {
        let named = self.kms.as_ref().filter(|key| key.service() == "kms" && key.resource().starts_with("key/"));
        named.ok_or_else(|| {
            let key = self.kms.as_ref().map_or("no key", Arn::as_str);
            Failure::usage(format!("{key} is not the ARN of a key in KMS"))
                .hint("give an ARN such as arn:aws:kms:REGION:ACCOUNT:key/ID")
        })
    }
}

/// Arguments of `report sign`.
#[derive(Debug, Args)]
pub struct Sign {
    /// A file that `audit -o json:FILE` wrote, a run by its name in --runs or its folder, or `latest` or `previous`.
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// The private key: Ed25519 in PKCS #8, as `openssl genpkey -algorithm ed25519` writes it.
    #[arg(long, value_name = "FILE", conflicts_with = "kms", required_unless_present = "kms")]
    pub key: Option<PathBuf>,
    /// A key that signs in KMS.
    #[command(flatten)]
    pub kms: KmsKey,
    /// Replace a signature that was made with another key.
    #[arg(long)]
    pub replace: bool,
    /// Where runs are kept.
    #[command(flatten)]
    pub store: Store,
}

/// Arguments of `report check`.
#[derive(Debug, Args)]
pub struct CheckSignature {
    /// A file that `audit -o json:FILE` wrote, a run by its name in --runs or its folder, or `latest` or `previous`.
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// The public key: a PEM file, as `openssl pkey -pubout` writes it.
    #[arg(long, value_name = "FILE", conflicts_with = "kms", required_unless_present = "kms")]
    pub public_key: Option<PathBuf>,
    /// A key in KMS, asked for its public half.
    #[command(flatten)]
    pub kms: KmsKey,
    /// Where runs are kept.
    #[command(flatten)]
    pub store: Store,
}
