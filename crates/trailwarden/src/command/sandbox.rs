//! `trailwarden sandbox`: the embedded AWS, for other tools and for `--sandbox`.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use trailwarden_sandbox::error::SandboxError;
use trailwarden_sandbox::scenario;
use trailwarden_sandbox::server::{Options, Sandbox};
use trailwarden_sandbox::world::World;

use super::source::runtime;
use crate::cli::{self, SandboxVerb, Serve, Switch};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{check_writable, write_stderr, write_stdout};
use crate::settings::Settings;

/// Serves a scenario or lists them.
pub(super) fn sandbox(arguments: &cli::Sandbox, settings: &Settings) -> Result<Exit, Failure> {
    match &arguments.verb {
        SandboxVerb::Serve(arguments) => runtime()?.block_on(serve(arguments, settings))?,
        SandboxVerb::Scenarios => write_stdout(&list())?,
    }
    Ok(Exit::Ok)
}

/// Starts a scenario, or the world in a state file, on a free port for this process.
pub(super) async fn start(name: &str) -> Result<Sandbox, Failure> {
    let options = if is_state_file(name) {
        Options::resume(Path::new(name)).map_err(|error| failure_of(&error))?
    } else {
        Options::new(world(name)?)
    };
    Sandbox::start(options, Arc::new(Settings::clock)).await.map_err(|error| failure_of(&error))
}

fn list() -> String {
    let mut text = String::new();
    for (name, about) in scenario::list() {
        let _ = writeln!(text, "{name:12}{about}");
    }
    text
}

async fn serve(arguments: &Serve, settings: &Settings) -> Result<(), Failure> {
    arguments.state.as_deref().map_or(Ok(()), check_writable)?;
    let options = Options {
        port: arguments.port,
        world: world(&arguments.scenario)?,
        latency: arguments.latency,
        throttle: arguments.throttle == Switch::On,
        faults: vec![],
        state: arguments.state.clone(),
        propagation: arguments.propagation,
        later: arguments.later,
    };
    let sandbox = Sandbox::start(options, Arc::new(Settings::clock)).await.map_err(|error| failure_of(&error))?;
    let mut text = String::new();
    for (name, value) in sandbox.environment() {
        let _ = writeln!(text, "export {name}={value}");
        if name == "AWS_REGION" {
            // boto3 and version 1 of the AWS CLI know only this name.
            let _ = writeln!(text, "export AWS_DEFAULT_REGION={value}");
        }
    }
    text.push_str("# Serving until Ctrl-C; set these variables wherever a client is to find the sandbox.\n");
    write_stdout(&text)?;
    asked_to_end().await.map_err(|error| Failure::internal(format!("waiting for Ctrl-C: {error}")))?;
    let n_requests: u64 = sandbox.stats().values().sum();
    write_stderr(&format!("served {n_requests} requests in {:.1} s\n", settings.elapsed().as_secs_f64()));
    sandbox.shutdown().await.map_err(|error| failure_of(&error))
}

/// Waits for Ctrl-C or, where there is such a thing, for the polite signal to end.
async fn asked_to_end() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// No scenario has such a name: a path, or something ending in `.json`.
fn is_state_file(name: &str) -> bool {
    !is_scenario_file(name) && (name.ends_with(".json") || name.contains(std::path::is_separator))
}

fn is_scenario_file(name: &str) -> bool {
    name.ends_with(".toml")
}

/// The world of an embedded scenario, or of one in a file.
fn world(name: &str) -> Result<World, Failure> {
    let world = if is_scenario_file(name) {
        let text = std::fs::read_to_string(name)
            .map_err(|error| Failure::usage(format!("reading scenario {name}: {error}")))?;
        scenario::parse(name, &text)
    } else {
        scenario::world(name)
    };
    world.map_err(|error| failure_of(&error))
}

fn failure_of(error: &SandboxError) -> Failure {
    Failure::usage(error).hint(error.hint().unwrap_or("`trailwarden sandbox scenarios` lists what there is"))
}
