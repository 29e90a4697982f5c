//! `cargo xtask test`: a virtual environment with the pinned Python clients and back ends, the pinned evaluator from npm,
//! a browser, then every test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Done, cargo, doing, root, run, target_dir, tell};
use crate::{browser, node};

/// Runs every test of the workspace.
pub fn test(arguments: &[String]) -> Done {
    let environments = [
        ("TRAILWARDEN_TEST_VENV", python_environment()?),
        ("TRAILWARDEN_TEST_NODE", node::environment()?),
        ("TRAILWARDEN_TEST_BROWSER", browser::program()?.into()),
    ];
    run(cargo().args(["test", "--workspace"]).args(arguments).envs(environments))
}

/// The virtual environment, made anew whenever the requirements changed.
fn python_environment() -> Done<PathBuf> {
    let requirements = root().join("tests/requirements.txt");
    let wanted = fs::read_to_string(&requirements).map_err(doing("reading tests/requirements.txt"))?;
    let environment = target_dir().join("test-venv");
    let stamp = environment.join("installed-requirements.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(environment);
    }
    tell("installing the Python clients and back ends of the tests");
    make(&environment, &requirements)?;
    fs::write(&stamp, wanted).map_err(doing("noting what was installed"))?;
    Ok(environment)
}

fn make(environment: &Path, requirements: &Path) -> Done {
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(environment))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    run(Command::new(environment.join("bin/python")).args(pip).arg(requirements))
}
