//! Runs the built program the way a shell would, in an environment that leads nowhere by itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace")
}

/// What a run left.
#[derive(Debug)]
pub struct Run {
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("UTF-8 on stdout"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8 on stderr"),
        }
    }
}

impl Run {
    /// Asserts one `error:` line that says this, one `hint:` line, nothing on stdout, and exit code 2.
    pub fn assert_refused(&self, says: &str) {
        let lines: Vec<&str> = self.stderr.lines().collect();
        assert_eq!(self.code, Some(2), "{self:?}");
        assert_eq!(lines.len(), 2, "{}", self.stderr);
        assert!(lines[0].starts_with("error: ") && lines[0].contains(says), "wanted {says:?}: {}", self.stderr);
        assert!(lines[1].starts_with("hint: "), "{}", self.stderr);
        assert_eq!(self.stdout, "");
    }

    /// Standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A file with a snapshot of the sandbox's organization `acme` that was taken once.
pub fn acme() -> &'static str {
    static ACME: LazyLock<(tempfile::TempDir, String)> = LazyLock::new(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("acme.json").to_str().expect("UTF-8").to_owned();
        let run = trailwarden(&["collect", "--sandbox", "-o", &path]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        (folder, path)
    });
    &ACME.1
}

/// The program, ready to run without credentials, configuration or colours.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trailwarden"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") {
            command.env_remove(name);
        }
    }
    command
        .args(arguments)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env_remove("COLUMNS")
        .stdin(Stdio::null());
    command
}

/// Runs the program to its end.
pub fn trailwarden(arguments: &[&str]) -> Run {
    program(arguments).output().expect("the program runs").into()
}
