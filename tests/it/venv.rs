//! The Python environment of the end-to-end tests, and servers that tests start beside themselves.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::support::{program, root};

/// A program of the environment that `cargo xtask test` makes.
pub fn tool(name: &str) -> Command {
    let environment = std::env::var("TRAILWARDEN_TEST_VENV")
        .expect("TRAILWARDEN_TEST_VENV names the Python environment; run the tests by `cargo xtask test`");
    Command::new(PathBuf::from(environment).join("bin").join(name))
}

/// A process that is ended with its test.
pub struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}

/// A moto server and its endpoint.
pub fn moto() -> (Server, String) {
    moto_by(&["-m", "moto.server"])
}

/// The same with the one answer put right that the SDK cannot read.
pub fn moto_put_right() -> (Server, String) {
    moto_by(&[root().join("tests/moto/server.py").to_str().expect("UTF-8")])
}

fn moto_by(arguments: &[&str]) -> (Server, String) {
    let port = free_port();
    let server = tool("python")
        .args(arguments)
        .args(["-H", "127.0.0.1", "-p", &port.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map(Server)
        .expect("moto starts");
    wait_for(port);
    (server, format!("http://127.0.0.1:{port}"))
}

fn wait_for(port: u16) {
    for _ in 0..600 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("nothing listens on port {port} after a minute");
}

/// `sandbox serve` of a scenario, with the variables it says to export.
pub fn sandbox(arguments: &[&str]) -> (Server, Vec<(String, String)>) {
    let mut child = program(&["sandbox", "serve", "--port", "0"])
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the sandbox starts");
    let stdout = child.stdout.take().expect("its standard output");
    let server = Server(child);
    let mut exports = Vec::new();
    for line in BufReader::new(stdout).lines() {
        let line = line.expect("a line");
        if let Some((name, value)) = line.strip_prefix("export ").and_then(|export| export.split_once('=')) {
            exports.push((name.to_owned(), value.trim_matches(['\'', '"']).to_owned()));
        }
        if exports.iter().any(|(name, _)| name == "AWS_ENDPOINT_URL")
            && exports.iter().any(|(name, _)| name == "AWS_SECRET_ACCESS_KEY")
            && exports.iter().any(|(name, _)| name == "AWS_REGION" || name == "AWS_DEFAULT_REGION")
        {
            break;
        }
    }
    assert!(!exports.is_empty(), "the sandbox says which variables to export");
    (server, exports)
}
