//! The server as a client meets it.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

fn clock() -> Clock {
    Arc::new(|| "2026-11-20T12:00:00Z".parse().expect("valid"))
}

async fn exchange(sandbox: &Sandbox, request: &str) -> String {
    let mut stream = TcpStream::connect(sandbox.address).await.expect("listening");
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("answered");
    answer
}

#[tokio::test]
async fn a_request_without_a_signature_or_with_a_foreign_key_is_refused() {
    let sandbox = Sandbox::start(Options::new(World::default()), clock()).await.expect("starts");
    let head = "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\ncontent-type: application/x-amz-json-1.1\r\n";
    let answer = exchange(&sandbox, &format!("{head}\r\n{{}}")).await;
    assert!(answer.contains("MissingAuthenticationTokenException"), "{answer}");
    let signed = "authorization: AWS4-HMAC-SHA256 Credential=AKIA0/20261120/us-east-1/organizations/aws4_request, \
                  SignedHeaders=host, Signature=00\r\nx-amz-target: AWSOrganizationsV20161128.ListAccounts\r\n";
    let answer = exchange(&sandbox, &format!("{head}{signed}\r\n{{}}")).await;
    assert!(answer.contains("UnrecognizedClientException"), "{answer}");
    assert_eq!(sandbox.stats().get("organizations:ListAccounts"), Some(&1));
    sandbox.inject(Fault::on("organizations", "ListAccounts", crate::faults::Effect::Drop));
    assert_eq!(exchange(&sandbox, &format!("{head}{signed}\r\n{{}}")).await, "");
    sandbox.shutdown().await.expect("stops");
}

#[tokio::test]
async fn a_port_in_use_is_an_error_of_its_own() {
    let first = Sandbox::start(Options::new(World::default()), clock()).await.expect("starts");
    let port = first.address.port();
    let second = Sandbox::start(Options { port, ..Options::new(World::default()) }, clock()).await;
    assert!(matches!(second.err(), Some(SandboxError::PortInUse { port: used }) if used == port));
}

#[tokio::test]
async fn the_state_file_outlives_the_sandbox_and_a_broken_one_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("world.json");
    let options = || Options { state: Some(path.clone()), ..Options::new(World::default()) };
    let sandbox = Sandbox::start(options(), clock()).await.expect("starts");
    sandbox.change(|world| world.entry = "AKIAKEPT".to_owned());
    sandbox.shutdown().await.expect("saves");
    let sandbox = Sandbox::start(options(), clock()).await.expect("starts again");
    assert_eq!(sandbox.world().entry, "AKIAKEPT");
    drop(sandbox);
    for foreign in ["{", "{}", r#"{"format": "trailwarden.snapshot/1", "world": {}}"#] {
        std::fs::write(&path, foreign).expect("written");
        let broken = Sandbox::start(options(), clock()).await.err().expect("refused");
        assert!(matches!(broken, SandboxError::State { .. }) && broken.hint().is_some());
    }
}
