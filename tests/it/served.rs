//! A sandbox inside the test process, which the program under test reaches over HTTP.

use std::process::Command;
use std::sync::Arc;

use tokio::runtime::Runtime;
use trailwarden::settings::Settings;
use trailwarden_sandbox::scenario;
use trailwarden_sandbox::server::{Options, Sandbox};
use trailwarden_sandbox::world::World;

/// A running sandbox; it ends with its test.
pub struct Served {
    sandbox: Sandbox,
    _runtime: Runtime,
}

impl Served {
    /// Serves a scenario.
    pub fn scenario(name: &str) -> Self {
        Self::changed(name, |_| {})
    }

    /// Serves a scenario that was changed behind the back of AWS's rules.
    pub fn changed(name: &str, change: impl FnOnce(&mut World)) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let mut world = scenario::world(name).expect("a scenario");
        change(&mut world);
        let start = Sandbox::start(Options::new(world), Arc::new(Settings::clock));
        let sandbox = runtime.block_on(start).expect("the sandbox starts");
        Self { sandbox, _runtime: runtime }
    }

    /// The sandbox itself.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// The program, with the environment that leads to this sandbox.
    pub fn program(&self, arguments: &[&str]) -> Command {
        let mut command = crate::support::program(arguments);
        command.envs(self.sandbox.environment());
        command
    }
}
