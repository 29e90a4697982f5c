//! The browser that tests read HTML reports in.

use crate::debian::{self, says};
use crate::run::Done;

/// What it is called: by Debian, elsewhere, and by its vendor.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
const HINT: &str = "install Chromium (on Debian: apt-get install chromium)";

/// The name of the program; Debian's is installed when there is none.
pub fn program() -> Done<&'static str> {
    if let Some(name) = found() {
        return Ok(name);
    }
    debian::install(&["chromium"])
        .and_then(|()| found().ok_or_else(|| "it does not start".to_owned()))
        .map_err(|error| format!("no browser for the tests of HTML reports: {error}; {HINT}"))
}

fn found() -> Option<&'static str> {
    NAMES.into_iter().find(|name| says(name, "--version").is_some())
}
