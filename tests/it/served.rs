//! A sandbox inside the test process, which the program under test reaches over HTTP.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;

use tokio::runtime::Runtime;
use trailwarden::settings::Settings;
use trailwarden_aws::{Connection, Session, StaticCredentials};
use trailwarden_sandbox::scenario;
use trailwarden_sandbox::server::{Options, Sandbox};
use trailwarden_sandbox::world::World;

/// A running sandbox; it ends with its test.
pub struct Served {
    sandbox: Sandbox,
    runtime: Runtime,
}

impl Served {
    /// Serves a scenario.
    pub fn scenario(name: &str) -> Self {
        Self::changed(name, |_| {})
    }

    /// Serves a scenario that was changed behind the back of AWS's rules.
    pub fn changed(name: &str, change: impl FnOnce(&mut World)) -> Self {
        let mut world = scenario::world(name).expect("a scenario");
        change(&mut world);
        Self::start(Options::new(world))
    }

    /// Serves as these options say.
    pub fn start(options: Options) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let start = Sandbox::start(options, Arc::new(Settings::clock));
        let sandbox = runtime.block_on(start).expect("the sandbox starts");
        Self { sandbox, runtime }
    }

    /// The sandbox itself.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Runs something asynchronous to its end.
    pub fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// A session of the library, connected to this sandbox.
    pub fn session(&self) -> Session {
        self.session_as(&Connection::default().role_name)
    }

    /// The same, entering accounts by another role.
    pub fn session_as(&self, role: &str) -> Session {
        let environment: BTreeMap<&str, String> = self.sandbox.environment().into_iter().collect();
        let of = |name: &str| environment[name].clone();
        let connection = Connection {
            region: Some(of("AWS_REGION").parse().expect("a region")),
            endpoint_url: Some(self.sandbox.endpoint()),
            credentials: Some(StaticCredentials {
                access_key_id: of("AWS_ACCESS_KEY_ID"),
                secret_access_key: of("AWS_SECRET_ACCESS_KEY"),
            }),
            role_name: role.to_owned(),
            ..Connection::default()
        };
        self.wait(Session::connect(connection)).expect("the sandbox answers")
    }

    /// The program, with the environment that leads to this sandbox.
    pub fn program(&self, arguments: &[&str]) -> Command {
        let mut command = crate::support::program(arguments);
        command.envs(self.sandbox.environment());
        command
    }
}
