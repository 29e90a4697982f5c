//! `trailwarden report sign` and `report check`: an assessment signed as it is on disk, and the signature checked.

use std::path::Path;

use trailwarden_aws::{Connection, Session};
use trailwarden_model::assessment::Assessment;
use trailwarden_model::ids::Arn;
use trailwarden_report::{json, plain};

use super::source::runtime;
use crate::cli::{CheckSignature, KmsKey, Sign};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{read_bytes, write_stderr, write_stdout};
use crate::run_store;
use crate::settings::Settings;
use crate::signature::{Algorithm, PublicKey, SecretKey, Signature};

/// Signs the assessment of a run.
pub(super) fn sign(arguments: &Sign, settings: &Settings) -> Result<Exit, Failure> {
    let file = run_store::file_of(&arguments.store.runs, &arguments.run, settings)?;
    match (&arguments.key, &arguments.kms) {
        (Some(key), _) => sign_with(&SecretKey::read(key)?, &file, arguments.replace, settings)?,
        (None, kms) => sign_in_kms(kms, &file, arguments.replace, settings)?,
    }
    Ok(Exit::Ok)
}

/// Signs a file with a key of a file.
pub(super) fn sign_with(key: &SecretKey, file: &Path, is_replacing: bool, settings: &Settings) -> Result<(), Failure> {
    let bytes = read_signable(file)?;
    let signature = Signature::new(file, &bytes, key.public(), None, &key.sign(&bytes));
    finish(&signature, file, is_replacing, settings)
}

fn sign_in_kms(kms: &KmsKey, file: &Path, is_replacing: bool, settings: &Settings) -> Result<(), Failure> {
    let key = kms.key()?;
    let bytes = read_signable(file)?;
    let (public, made) = in_kms(kms, async |session| {
        let public = kms_key(&session, key).await?;
        if public.algorithm() == Algorithm::Ed25519 {
            return Err(Failure::usage(format!(
                "{key} is an Ed25519 key, which KMS lets sign no more than 4096 bytes"
            ))
            .hint("take a key of ECC_NIST_P256 or RSA"));
        }
        let made = session.sign_digest(key, public.algorithm().as_str(), &sha256(&bytes)).await;
        Ok((public, made.map_err(Failure::usage)?))
    })?;
    let signature = Signature::new(file, &bytes, &public, Some(key.as_str()), &made);
    // Never a signature on disk that its own key would not confirm.
    signature.check(file, &bytes, &public)?;
    finish(&signature, file, is_replacing, settings)
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    ring::digest::digest(&ring::digest::SHA256, bytes).as_ref().to_vec()
}

fn finish(signature: &Signature, file: &Path, is_replacing: bool, settings: &Settings) -> Result<(), Failure> {
    let path = signature.write(file, is_replacing)?;
    if !settings.quiet {
        write_stderr(&format!("wrote {}\n", path.display()));
    }
    Ok(())
}

/// The bytes of an assessment; nothing else is signed.
fn read_signable(file: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = read_bytes(file)?;
    parse(file, &bytes)?;
    Ok(bytes)
}

fn parse(file: &Path, bytes: &[u8]) -> Result<Assessment, Failure> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string());
    let assessment = text.and_then(|text| json::read(text).map_err(|error| error.to_string()));
    assessment.map_err(|error| Failure::usage(format!("assessment {}: {error}", file.display())))
}

/// Lets `work` use a session for KMS.
fn in_kms<T>(kms: &KmsKey, work: impl AsyncFnOnce(Session) -> Result<T, Failure>) -> Result<T, Failure> {
    let connection = Connection { profile: kms.profile.clone(), ..Connection::default() };
    runtime()?.block_on(async { work(Session::connect(connection).await?).await })
}

async fn kms_key(session: &Session, key: &Arn) -> Result<PublicKey, Failure> {
    let der = session.public_key(key).await.map_err(Failure::usage)?;
    PublicKey::of_der(&der).map_err(|reason| Failure::usage(format!("key {key}: {reason}")))
}

/// Checks the signature of a run, and tells what the assessment was made from.
pub(super) fn check(arguments: &CheckSignature, settings: &Settings) -> Result<Exit, Failure> {
    let file = run_store::file_of(&arguments.store.runs, &arguments.run, settings)?;
    let key = match &arguments.public_key {
        Some(path) => PublicKey::read(path)?,
        None => in_kms(&arguments.kms, async |session| kms_key(&session, arguments.kms.key()?).await)?,
    };
    // Read once: what is checked is what is told about.
    let bytes = read_bytes(&file)?;
    Signature::read(&file)?.check(&file, &bytes, &key)?;
    let assessment = parse(&file, &bytes)?;
    let algorithm = key.algorithm().as_str();
    write_stdout(&format!(
        "{}: signature valid, {algorithm} with key {}\n{}",
        file.display(),
        key.digest(),
        provenance(&assessment)
    ))?;
    Ok(Exit::Ok)
}

fn provenance(assessment: &Assessment) -> String {
    let time = assessment.collected_at.strftime("%Y-%m-%d %H:%M:%S UTC");
    let mut rows = vec![
        ("organization", assessment.organization.id.clone()),
        ("collected", time.to_string()),
        ("trailwarden", assessment.tool_version.clone()),
    ];
    if let Some(provenance) = &assessment.provenance {
        rows.extend([("snapshot", provenance.snapshot.clone()), ("baseline", provenance.baseline.clone())]);
        rows.extend(provenance.sandbox.clone().map(|scenario| ("sandbox", scenario)));
    }
    rows.into_iter().map(|(name, value)| format!("  {name:<12}  {}\n", plain(&value))).collect()
}
