//! Running other programs, and the folders everything happens in.

use std::env;
use std::fmt::Display;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Tasks fail with a line for people.
pub type Done<T = ()> = Result<T, String>;

/// Adds to an error what was being done.
pub fn doing<E: Display>(what: &str) -> impl FnOnce(E) -> String {
    move |error| format!("{what}: {error}")
}

/// Says something to people.
pub fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_owned()
}

/// The folder cargo builds into.
pub fn target_dir() -> PathBuf {
    let named = env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    root().join(named)
}

/// The cargo that runs us, at the root of the workspace. What it told us of our own package is taken out again: build
/// scripts that watch those variables would see them change with every way of starting a build, and compile anew.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&*name);
        }
    }
    command
}

/// Runs a program to its end; fails unless it succeeds.
pub fn run(command: &mut Command) -> Done {
    let status = command.status().map_err(doing(&format!("starting {command:?}")))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} ended with {status}")) }
}
