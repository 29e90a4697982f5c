//! The folder with iam-simulate, the evaluator from the npm registry that tests and benchmarks run beside ours.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::debian::{self, says};
use crate::run::{Done, doing, root, run, target_dir, tell};

const MANIFEST: &str = "package.json";
const LOCK: &str = "package-lock.json";
const HINT: &str = "install Node.js 20 or newer with npm (on Debian: apt-get install nodejs npm)";

/// The folder, installed anew whenever the locked versions changed.
pub fn environment() -> Done<PathBuf> {
    let source = root().join("tests/iam_simulate");
    let wanted = fs::read_to_string(source.join(LOCK)).map_err(doing("reading the lock of iam-simulate"))?;
    let folder = target_dir().join("test-node");
    let stamp = folder.join("installed-lock.json");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }
    tell("installing iam-simulate for the tests");
    have_npm()?;
    fs::create_dir_all(&folder).map_err(doing("making the folder of iam-simulate"))?;
    for name in [MANIFEST, LOCK] {
        fs::copy(source.join(name), folder.join(name)).map_err(doing(&format!("copying {name}")))?;
    }
    install(&folder)?;
    fs::write(&stamp, wanted).map_err(doing("noting what was installed"))?;
    Ok(folder)
}

fn install(folder: &Path) -> Done {
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    run(Command::new("npm").args(arguments).current_dir(folder).stdout(Stdio::null()))
}

/// npm as the machine has it, else Debian's when we may install it.
fn have_npm() -> Done {
    if says("npm", "--version").is_some() && says("node", "--version").is_some() {
        return Ok(());
    }
    debian::install(&["nodejs", "npm"]).map_err(|error| format!("npm or node was not found; {error}; {HINT}"))
}
