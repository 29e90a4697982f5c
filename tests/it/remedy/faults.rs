//! AWS at its worst while a plan is applied: every call refused, throttled, lost or answered wrongly once, and the program
//! killed. Going on with the run ends in the same world as a run that nothing disturbed.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;
use trailwarden::settings::Settings;
use trailwarden_apply::{ApplyError, Clock, Executor, Observer, Options, Progress, Report, StageCheck};
use trailwarden_aws::Session;
use trailwarden_model::journal::Outcome;
use trailwarden_model::plan::{Plan, Stage, Step};
use trailwarden_sandbox::faults::{Effect, Fault};
use trailwarden_sandbox::scenario;
use trailwarden_sandbox::server;
use trailwarden_sandbox::world::World;

use super::canon::{canon, differences};
use super::{Desk, Planned};
use crate::served::Served;

const ORGANIZATION: [&str; 2] = ["--only", "organization"];

/// A call that is refused changes nothing; after the others it must be found out what was done.
pub(super) fn effects() -> [Effect; 5] {
    [
        Effect::Error { code: "ValidationException".to_owned(), status: 400 },
        Effect::Throttle,
        Effect::Drop,
        Effect::DropAfter,
        Effect::ErrorAfter { code: "InternalFailure".to_owned(), status: 500 },
    ]
}

pub(super) struct Wall;

impl Clock for Wall {
    fn now(&self) -> Timestamp {
        Settings::clock()
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

struct Deaf;

impl Observer for Deaf {
    fn hear(&self, _: &Progress<'_>) {}
}

/// These plans have no stages.
struct Stageless;

impl StageCheck for Stageless {
    fn reach<'a>(&'a self, _: &'a Plan, stage: &'a Stage) -> BoxFuture<'a, Result<(), String>> {
        panic!("{}: nobody planned it", stage.name)
    }

    fn show<'a>(&'a self, _: &'a Plan, stage: &'a Stage) -> BoxFuture<'a, Result<(), String>> {
        panic!("{}: nobody planned it", stage.name)
    }
}

/// A fresh organization, and a session in it.
pub(super) struct Trial {
    pub(super) served: Served,
    session: Session,
    folder: TempDir,
}

impl Trial {
    fn open() -> Self {
        Self::of(scenario::world("blank").expect("a scenario"))
    }

    pub(super) fn of(world: World) -> Self {
        let served = Served::start(server::Options { throttle: false, ..server::Options::new(world) });
        let session = served.session();
        Self { served, session, folder: tempfile::tempdir().expect("a folder") }
    }

    /// Applies a plan, or goes on with its run. Waits are short: nothing here takes long to be seen.
    pub(super) fn apply(&self, planned: &Planned, is_begun: bool) -> Result<Report, ApplyError> {
        let text = fs::read_to_string(&planned.file).expect("the plan");
        self.work(&planned.plan.organization, async |executor, folder| match is_begun {
            true => executor.resume(folder).await,
            false => executor.apply(&text, folder).await,
        })
    }

    /// Takes back what was applied.
    pub(super) fn roll_back(&self, planned: &Planned) -> Result<Report, ApplyError> {
        self.work(&planned.plan.organization, async |executor, folder| executor.roll_back(folder).await)
    }

    fn work(
        &self,
        organization: &str,
        work: impl AsyncFnOnce(Executor<'_, Session, Wall>, &Path) -> Result<Report, ApplyError>,
    ) -> Result<Report, ApplyError> {
        let second = Duration::from_secs(1);
        let waits =
            Options { effect: second, settle: second, propagation: second, throttled: second, ..Options::default() };
        let lock = self.folder.path().join("lock");
        let executor = Executor {
            cloud: &self.session,
            clock: &Wall,
            stages: &Stageless,
            observer: &Deaf,
            stop: &AtomicBool::new(false),
            lock: &lock,
            organization,
            by: "test",
            tool_version: "test",
            options: waits,
        };
        let folder = self.folder.path().join("run");
        self.served.wait(work(executor, &folder))
    }

    fn world(&self) -> Value {
        canon(&self.served.sandbox().world())
    }
}

/// A fault that hits the call of one step once: the n-th of its operation.
pub(super) fn fault(plan: &Plan, n: usize, effect: Effect) -> Fault {
    let step = &plan.steps[n];
    let operation = step.call.operation();
    let account = &step.subject.place.account;
    let is_alike = |other: &&Step| other.call.operation() == operation && other.subject.place.account == *account;
    let earlier = plan.steps[..n].iter().filter(is_alike).count();
    Fault {
        service: None,
        operation: operation.split(':').next_back().map(str::to_owned),
        account: Some(account.to_string()),
        region: None,
        mentions: None,
        after: u64::try_from(earlier).expect("few"),
        times: Some(1),
        effect,
    }
}

#[test]
fn every_call_may_fail_once_in_every_way() {
    let desk = Desk::open("blank");
    let planned = desk.plan("plan.json", &ORGANIZATION);
    let undisturbed = Trial::open();
    assert_eq!(undisturbed.apply(&planned, false).expect("applies").outcome, Outcome::Applied);
    let wanted = undisturbed.world();
    let mut n_struck = [0; 5];
    let mut wrong = Vec::new();
    for n in 0..planned.plan.steps.len() {
        for kind in [n % 5, (n + 2) % 5] {
            let effect = effects()[kind].clone();
            let trial = Trial::open();
            trial.served.sandbox().inject(fault(&planned.plan, n, effect.clone()));
            let mut report = trial.apply(&planned, false).expect("begins");
            n_struck[kind] += 1;
            let refused = matches!(effect, Effect::Error { .. });
            let id = format!("{} {effect:?}", planned.plan.steps[n].call.operation());
            if report.outcome != Outcome::Applied {
                assert!(refused, "{id}: {:?}", report.steps);
                report = trial.apply(&planned, true).unwrap_or_else(|error| panic!("{id}: {error}"));
            }
            if report.outcome != Outcome::Applied {
                wrong.push(format!("{id}: {:?}", report.steps));
            }
            let differences = differences(&wanted, &trial.world());
            if !differences.is_empty() {
                wrong.push(format!("{id}: {differences:#?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(n_struck.iter().all(|n| *n >= 6), "{n_struck:?}");
}

#[test]
fn a_run_that_was_killed_goes_on() {
    let undisturbed = Desk::open("blank");
    let planned = undisturbed.plan("plan.json", &ORGANIZATION);
    let run = undisturbed.apply(&planned);
    assert!(run.code == Some(0) || run.code == Some(11), "{run:?}");
    let wanted = canon(&undisturbed.world());
    for n_lines in [1, 2, 9, 20, 33] {
        let desk = Desk::open("blank");
        let journal = desk.folder.path().join("runs").join(planned.run()).join("journal.jsonl");
        let file = planned.file.to_str().expect("UTF-8");
        let arguments = ["apply", file, "--approve", &planned.plan.digest, "--runs", &desk.runs()];
        let mut child =
            desk.program(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        while fs::read_to_string(&journal).unwrap_or_default().lines().count() < n_lines {
            assert!(child.try_wait().expect("a child").is_none(), "it ended before line {n_lines}");
            thread::sleep(Duration::from_millis(5));
        }
        child.kill().expect("killed");
        child.wait().expect("ended");
        let run = desk.run(&["apply", "--resume", &planned.run(), "--runs", &desk.runs()]);
        assert!(run.code == Some(0) || run.code == Some(11), "killed at line {n_lines}: {run:?}");
        assert_eq!(differences(&wanted, &canon(&desk.world())), Vec::<String>::new(), "killed at line {n_lines}");
    }
}
