//! What tests need of the machine besides registries: Debian's packages, installed where we may.

use std::process::{Command, Stdio};

use crate::run::{Done, run, tell};

/// Installs packages; an error where we are not root or there is no apt-get.
pub fn install(packages: &[&str]) -> Done {
    let is_root = says("id", "-u").is_some_and(|user| user.trim() == "0");
    if !is_root || says("apt-get", "--version").is_none() {
        return Err("not installed here, where apt-get cannot be run as root".to_owned());
    }
    tell(&format!("installing Debian's {}", packages.join(" and ")));
    run(Command::new("apt-get").args(["update", "--quiet"]).stdout(Stdio::null()))?;
    let install = ["install", "--yes", "--no-install-recommends"];
    run(Command::new("apt-get").args(install).args(packages).stdout(Stdio::null()))
}

/// What a program prints, when it is there and succeeds.
pub fn says(program: &str, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
