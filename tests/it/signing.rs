//! Signed assessments: with keys of files and of KMS, checked by us and by a tool that is not ours, and refused once a byte
//! is another.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::served::Served;
use crate::support::{Run, acme, program, root};
use crate::venv::tool;

/// A key of RFC 8410's example form, as OpenSSL writes it, and its public half.
const KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
                   MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
                   -----END PRIVATE KEY-----\n";
const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\n\
                      MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
                      -----END PUBLIC KEY-----\n";

const KMS_KEY: &str = "arn:aws:kms:eu-central-1:116622338844:key/51900000-0000-4000-8000-000000000001";

fn run(folder: &Path, arguments: &[&str]) -> Run {
    program(arguments).current_dir(folder).output().expect("the program runs").into()
}

/// A folder with our keys and a run, kept with these arguments besides, and the file of its assessment.
fn kept(more: &[&str]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("key.pem"), KEY).expect("writes");
    fs::write(folder.path().join("public.pem"), PUBLIC).expect("writes");
    let audited = run(folder.path(), &[&["audit", "--snapshot", acme(), "-q", "--keep"], more].concat());
    assert_eq!(audited.code, Some(10), "{}", audited.stderr);
    let runs = fs::read_dir(folder.path().join("trailwarden-runs")).expect("lists");
    let mut files = runs.map(|run| run.expect("a run").path().join("assessment.json"));
    let file = files.find(|file| file.is_file()).expect("an assessment");
    (folder, file)
}

/// What a tool that is not ours says of a signature.
fn elsewhere(file: &Path, public_key: &Path) -> String {
    let script = root().join("tests/clients/signatures.py");
    let run: Run = tool("python").arg(script).arg("check").args([file, public_key]).output().expect("runs").into();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run.stdout.trim().to_owned()
}

/// The one line that says why a signature does not hold.
fn broken(run: &Run) -> &str {
    assert_eq!((run.code, run.stdout.as_str()), (Some(41), ""), "{}", run.stderr);
    run.stderr.lines().next().expect("an error")
}

#[test]
fn a_signed_run_is_checked_by_us_and_by_others_until_a_byte_is_changed() {
    let (folder, file) = kept(&["--sign-key", "key.pem"]);
    let path = folder.path();
    let check = || run(path, &["report", "check", "latest", "--public-key", "public.pem"]);
    let checked = check();
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    let assessment: Value = serde_json::from_str(&fs::read_to_string(&file).expect("reads")).expect("JSON");
    for said in [
        "signature valid, ED25519 with key ",
        "o-acme7f3k2q",
        assessment["provenance"]["snapshot"].as_str().expect("a digest"),
    ] {
        assert!(checked.stdout.contains(said), "{said}: {}", checked.stdout);
    }
    assert_eq!(elsewhere(&file, &path.join("public.pem")), "valid");

    let whole = fs::read_to_string(&file).expect("reads");
    fs::write(&file, whole.replacen("\"fail\"", "\"pass\"", 1)).expect("writes");
    assert!(broken(&check()).contains("was changed after it was signed"));
    fs::write(&file, &whole).expect("writes");
    let signature = file.with_file_name("assessment.json.sig");
    let signed = fs::read_to_string(&signature).expect("reads");
    let made = serde_json::from_str::<Value>(&signed).expect("JSON")["signature"].as_str().expect("text").to_owned();
    fs::write(&signature, signed.replace(&made[..4], "AAAA")).expect("writes");
    assert!(broken(&check()).contains("is not one of this key"));
    fs::remove_file(&signature).expect("removes");
    assert!(broken(&check()).contains("is not signed"));
    let again = run(path, &["report", "sign", "latest", "--key", "key.pem", "-q"]);
    assert_eq!((again.code, again.stderr.as_str()), (Some(0), ""));
    assert_eq!(fs::read_to_string(&signature).expect("reads"), signed, "Ed25519 gives one signature of one file");
    run(path, &["runs", "prune", "--keep", "0"]);
    assert!(!file.parent().expect("a folder").exists(), "a signed run is removed whole");
}

#[test]
fn signatures_of_others_and_of_other_keys_are_told_apart() {
    let (folder, file) = kept(&[]);
    let path = folder.path();
    let make = |arguments: &[&str]| {
        let made = Command::new("openssl").args(arguments).current_dir(path).output().expect("openssl runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    };
    make(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "rsa.pem"]);
    make(&["pkey", "-in", "rsa.pem", "-pubout", "-out", "rsa-public.pem"]);
    make(&["genpkey", "-algorithm", "ed448", "-out", "ed448.pem"]);
    make(&["pkey", "-in", "ed448.pem", "-pubout", "-out", "ed448-public.pem"]);
    let script = root().join("tests/clients/signatures.py");
    let signed = tool("python").arg(script).arg("rsa").args([&file, &path.join("rsa.pem")]).status().expect("runs");
    assert!(signed.success());
    let check = |key: &str| run(path, &["report", "check", "latest", "--public-key", key]);
    let checked = check("rsa-public.pem");
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    assert!(checked.stdout.contains("RSASSA_PSS_SHA_256"), "{}", checked.stdout);
    assert!(broken(&check("public.pem")).contains("was signed with another key"));
    check("ed448-public.pem").assert_refused("are not supported");
    check("key.pem").assert_refused("holds no PEM of a public key");
    let sign = |key: &str| run(path, &["report", "sign", "latest", "--key", key]);
    sign("rsa.pem").assert_refused("is no Ed25519 key");
    sign("public.pem").assert_refused("holds no PEM of a private key");
    run(path, &["report", "sign", "latest"]).assert_refused("--key");
    run(path, &["report"]).assert_refused("RUN");
}

#[test]
fn the_signature_of_another_key_is_replaced_only_on_request() {
    let (folder, file) = kept(&["--sign-key", "key.pem"]);
    let path = folder.path();
    let made = Command::new("openssl")
        .args(["genpkey", "-algorithm", "ed25519", "-out", "other.pem"])
        .current_dir(path)
        .status()
        .expect("openssl runs");
    assert!(made.success());
    let signature = file.with_file_name("assessment.json.sig");
    let ours = fs::read(&signature).expect("reads");
    let sign = |more: &[&str]| run(path, &[&["report", "sign", "latest", "-q"], more].concat());
    sign(&["--key", "other.pem"]).assert_refused("holds a signature that is not of this key");
    fs::write(&signature, "{}").expect("writes");
    sign(&["--key", "key.pem"]).assert_refused("holds a signature that is not of this key");
    fs::write(&signature, &ours).expect("writes");
    assert_eq!(sign(&["--key", "key.pem"]).code, Some(0));
    assert_eq!(sign(&["--key", "other.pem", "--replace"]).code, Some(0));
    assert!(fs::read(&signature).expect("reads") != ours);

    let again = ["audit", "--snapshot", acme(), "-q", "--keep", "--sign-key", "key.pem", "-o", "json:a.json"];
    let audited = run(path, &again);
    assert_eq!(audited.code, Some(2), "the same run, signed by somebody else: {}", audited.stderr);
    assert!(path.join("a.json").is_file(), "the audit's output is written all the same");
}

/// The documented commands, word for word.
#[test]
fn openssl_checks_what_we_signed() {
    let (folder, file) = kept(&["--sign-key", "key.pem"]);
    fs::copy(&file, folder.path().join("assessment.json")).expect("copies");
    fs::copy(file.with_file_name("assessment.json.sig"), folder.path().join("assessment.json.sig")).expect("copies");
    let readme = fs::read_to_string(root().join("README.md")).expect("the README");
    let is_one = |line: &&str| line.contains("base64 -d > signature.bin") || line.starts_with("openssl pkeyutl ");
    let commands: Vec<&str> = readme.lines().filter(is_one).collect();
    let [decode, verify] = commands.as_slice() else { panic!("{commands:?}") };
    let script = format!("set -e\n{decode}\n{verify}\n");
    let verified = Command::new("bash").args(["-c", &script]).current_dir(folder.path()).output().expect("bash runs");
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.status.success() && said.contains("Signature Verified Successfully"), "{said}{verified:?}");
}

fn with_key(state: &'static str) -> Served {
    Served::changed("clean", move |world| {
        let key = serde_json::json!({
            "id": KMS_KEY.rsplit('/').next(), "region": "eu-central-1", "spec": "ECC_NIST_P256", "usage": "SIGN_VERIFY",
            "state": state
        });
        let owner = "116622338844".parse().expect("an account");
        world.kms.entry(owner).or_default().keys.push(serde_json::from_value(key).expect("a key"));
    })
}

#[test]
fn a_key_in_kms_signs_what_no_message_to_it_could_hold() {
    let (folder, file) = kept(&[]);
    let served = with_key("Enabled");
    let run = |arguments: &[&str]| -> Run {
        served.program(arguments).current_dir(folder.path()).output().expect("the program runs").into()
    };
    assert!(fs::metadata(&file).expect("a file").len() > 4096);
    let signed = run(&["report", "sign", "latest", "--kms", KMS_KEY]);
    assert_eq!(signed.code, Some(0), "{}", signed.stderr);
    let checked = run(&["report", "check", "latest", "--kms", KMS_KEY]);
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    assert!(checked.stdout.contains("ECDSA_SHA_256"), "{}", checked.stdout);
    let der = served.wait(served.session().public_key(&KMS_KEY.parse().expect("an ARN"))).expect("a public key");
    let public = folder.path().join("kms.der");
    fs::write(&public, der).expect("writes");
    let pem = folder.path().join("kms.pem");
    let convert = ["pkey", "-pubin", "-inform", "DER", "-in", "kms.der", "-out", "kms.pem"];
    let converted = Command::new("openssl").args(convert).current_dir(folder.path()).status().expect("openssl runs");
    assert!(converted.success());
    assert_eq!(elsewhere(&file, &pem), "valid");
    let offline = run(&["report", "check", "latest", "--public-key", "kms.pem"]);
    assert_eq!(offline.code, Some(0), "{}", offline.stderr);
    let whole = fs::read_to_string(&file).expect("reads");
    fs::write(&file, whole + " ").expect("writes");
    assert!(broken(&run(&["report", "check", "latest", "--kms", KMS_KEY])).contains("was changed"));
    assert_eq!(elsewhere_of_changed(&file, &pem), Some(1), "not ours either");

    let trail_key = "arn:aws:kms:eu-central-1:227733449955:key/5d0f8a52-2b7c-4b7e-9d0a-6c1f0e4a9b31";
    for (key, says) in [(trail_key, "kms:GetPublicKey"), ("arn:aws:s3:::bucket", "is not the ARN of a key in KMS")] {
        let refused = run(&["report", "sign", "latest", "--kms", key]);
        assert_eq!(refused.code, Some(2), "{}", refused.stderr);
        assert!(refused.stderr.contains(says), "{}", refused.stderr);
    }
    let disabled = with_key("Disabled");
    let refused: Run = disabled
        .program(&["report", "sign", "latest", "--kms", KMS_KEY])
        .current_dir(folder.path())
        .output()
        .expect("runs")
        .into();
    assert!(refused.code == Some(2) && refused.stderr.contains("DisabledException"), "{}", refused.stderr);
}

fn elsewhere_of_changed(file: &Path, public_key: &Path) -> Option<i32> {
    let script = root().join("tests/clients/signatures.py");
    let run: Run = tool("python").arg(script).arg("check").args([file, public_key]).output().expect("runs").into();
    run.code
}
