//! Plans applied, rolled back and verified against the sandbox, by the program itself, as a person or a pipeline would.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;
use trailwarden_model::plan::{Plan, open};
use trailwarden_model::verification::Verification;
use trailwarden_sandbox::scenario;
use trailwarden_sandbox::server::Options;
use trailwarden_sandbox::world::World;

use crate::served::Served;
use crate::support::Run;

mod back;
mod canon;
mod coverage;
mod faults;
mod refusals;
mod script;
mod story;

/// How long changes take to count everywhere.
const PROPAGATION: Duration = Duration::from_secs(1);

/// One configuration recorder in each account and region is most of a plan, and has a test of its own.
const WITHOUT_RECORDERS: [&str; 2] = ["--exclude", "config"];

/// A sandbox, and a folder for plans and runs.
pub(crate) struct Desk {
    pub(crate) served: Served,
    pub(crate) folder: TempDir,
}

/// A plan as a file.
pub(crate) struct Planned {
    pub(crate) file: PathBuf,
    pub(crate) plan: Plan,
}

/// Without the published rates, which other tests are about and which would make these take minutes.
fn options(world: World) -> Options {
    Options { propagation: PROPAGATION, throttle: false, ..Options::new(world) }
}

impl Desk {
    pub(crate) fn open(name: &str) -> Self {
        Self::of(scenario::world(name).expect("a scenario"))
    }

    pub(crate) fn of(world: World) -> Self {
        let served = Served::start(options(world));
        Self { served, folder: tempfile::tempdir().expect("a folder") }
    }

    /// Somebody else changes the world, behind the back of AWS's rules.
    pub(crate) fn changed(self, change: impl FnOnce(&mut World)) -> Self {
        let mut world = self.world();
        change(&mut world);
        Self { served: Served::start(options(world)), folder: self.folder }
    }

    /// The same world, seen so much later.
    fn later(self, later: Duration) -> Self {
        let world = self.world();
        Self { served: Served::start(Options { later, ..options(world) }), folder: self.folder }
    }

    pub(crate) fn world(&self) -> World {
        self.served.sandbox().world()
    }

    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        self.served.program(arguments)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.program(arguments).output().expect("the program runs").into()
    }

    pub(crate) fn runs(&self) -> String {
        self.folder.path().join("runs").to_str().expect("UTF-8").to_owned()
    }

    fn plan(&self, name: &str, arguments: &[&str]) -> Planned {
        self.planned(name, &[&["plan"], arguments].concat())
    }

    /// What a command that plans writes to a file.
    pub(crate) fn planned(&self, name: &str, command: &[&str]) -> Planned {
        let file = self.folder.path().join(name);
        let output = format!("json:{}", file.display());
        let run = self.run(&[command, &["-o", &output]].concat());
        assert!(run.code == Some(0) || run.code == Some(21), "{run:?}");
        let plan = open(&fs::read_to_string(&file).expect("the plan")).expect("it opens");
        Planned { file, plan }
    }

    pub(crate) fn apply(&self, planned: &Planned) -> Run {
        self.apply_approved(planned, &planned.plan.digest)
    }

    fn apply_approved(&self, planned: &Planned, digest: &str) -> Run {
        let file = planned.file.to_str().expect("UTF-8");
        self.run(&["apply", file, "--approve", digest, "--runs", &self.runs()])
    }

    pub(crate) fn roll_back(&self, planned: &Planned) -> Run {
        self.run(&["rollback", &planned.run(), "--yes", "--runs", &self.runs()])
    }

    /// The verification that is kept with a run.
    fn verification(&self, planned: &Planned) -> Verification {
        let file = self.folder.path().join("runs").join(planned.run()).join("verification.json");
        serde_json::from_str(&fs::read_to_string(file).expect("a verification")).expect("it reads")
    }
}

impl Planned {
    /// The name of its run.
    pub(crate) fn run(&self) -> String {
        format!("{}-{}", self.plan.organization, &self.plan.digest[..12])
    }
}
