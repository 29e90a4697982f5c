//! The `trailwarden` program.

use std::process::ExitCode;

use trailwarden::settings::Settings;

fn main() -> ExitCode {
    let settings = Settings::from_environment();
    trailwarden::run::run(std::env::args_os(), &settings).into()
}
