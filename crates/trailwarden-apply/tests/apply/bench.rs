//! A run directory, a small AWS and an executor between them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use trailwarden_apply::{ApplyError, Executor, Options, Report, RunFiles, read, verify_steps};
use trailwarden_model::journal::{Direction, Outcome, Run, Standing};
use trailwarden_model::plan::{Aspect, Plan, Subject};

use crate::plans;
use crate::time::{Time, run};
use crate::world::{State, World};

/// How a process ended: with an answer, or killed.
pub type Ended = Option<Result<Report, ApplyError>>;

pub struct Bench {
    pub world: World,
    pub text: String,
    pub home: TempDir,
    pub organization: &'static str,
    pub options: Options,
}

impl Bench {
    pub fn new((plan, text): (Plan, String), initial: &[(Subject, Value)]) -> Self {
        // Lines are synced, which memory does at once.
        let memory = PathBuf::from("/dev/shm");
        let home = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let world = World::new(plan, &home.path().join("run"), initial);
        Self { world, text, home, organization: plans::ORGANIZATION, options: Options::default() }
    }

    pub fn thirty() -> Self {
        let bench = Self::new(plans::thirty(), &plans::initial());
        bench.world.with(|state| state.is_guarded = true);
        bench
    }

    /// With the plan of thirty steps applied.
    pub fn applied() -> Self {
        static APPLIED: OnceLock<(State, Duration, String)> = OnceLock::new();
        let (state, passed, journal) = APPLIED.get_or_init(|| {
            let bench = Self::thirty();
            bench.assert_applied(bench.apply());
            (bench.world.with(|state| state.clone()), bench.world.time.passed(), bench.journal_text())
        });
        let bench = Self::thirty();
        bench.world.with(|fresh| *fresh = state.clone());
        bench.world.time.set(*passed);
        fs::create_dir_all(&bench.world.dir).unwrap();
        fs::write(bench.world.dir.join("plan.json"), &bench.text).unwrap();
        fs::write(bench.journal(), journal).unwrap();
        bench
    }

    /// The subject of a step, when nothing has to be filled in.
    pub fn subject(&self, step: &str) -> Subject {
        self.world.plan.step(step).unwrap().subject.clone()
    }

    fn ended(&self, work: impl AsyncFnOnce(Executor<'_, World, Time>) -> Result<Report, ApplyError>) -> Ended {
        let lock = self.home.path().join("o-example.lock");
        let executor = self.executor(&lock);
        self.world.restart();
        run(&self.world.time, &self.world.killed, work(executor))
    }

    fn executor<'a>(&'a self, lock: &'a Path) -> Executor<'a, World, Time> {
        Executor {
            cloud: &self.world,
            clock: &*self.world.time,
            stages: &self.world,
            observer: &self.world,
            stop: &self.world.stop,
            lock,
            organization: self.organization,
            by: "arn:aws:sts::111111111111:assumed-role/admin/me",
            tool_version: "0.1.0",
            options: self.options,
        }
    }

    pub fn apply(&self) -> Ended {
        self.ended(async |executor| executor.apply(&self.text, &self.world.dir).await)
    }

    pub fn resume(&self) -> Ended {
        self.ended(async |executor| executor.resume(&self.world.dir).await)
    }

    pub fn roll_back(&self) -> Ended {
        self.ended(async |executor| executor.roll_back(&self.world.dir).await)
    }

    pub fn journal(&self) -> PathBuf {
        self.world.dir.join("journal.jsonl")
    }

    /// The state of the run.
    pub fn files(&self) -> RunFiles {
        self.world.restart();
        read(&self.world.dir).unwrap()
    }

    /// The journal as text, without what a killed process wrote in its death.
    pub fn journal_text(&self) -> String {
        self.world.restart();
        fs::read_to_string(self.journal()).unwrap()
    }

    /// What must hold whatever happened: the journal folds, and no call had an effect twice.
    pub fn check(&self) {
        self.world.restart();
        if self.journal().exists() {
            match read(&self.world.dir) {
                Ok(_) | Err(ApplyError::NothingBegun(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
        let mut effects: BTreeMap<(String, Direction), u32> = BTreeMap::new();
        for performed in self.world.with(|state| state.performed.clone()) {
            if performed.is_effective {
                *effects.entry((performed.step, performed.direction)).or_default() += 1;
            }
        }
        assert!(effects.values().all(|n| *n == 1), "{effects:?}");
        assert!(self.world.with(|state| state.n_keys) <= 1, "a key was created twice");
    }

    /// The run ended applied, and the world is as after one that nothing disturbed.
    pub fn assert_applied(&self, ended: Ended) {
        let report = ended.expect("not killed").expect("applies");
        assert_eq!(report.outcome, Outcome::Applied, "{report:?}");
        self.assert_world_after();
    }

    /// The run ended rolled back, and the world is as before it.
    pub fn assert_rolled_back(&self, ended: Ended) {
        let report = ended.expect("not killed").expect("rolls back");
        assert_eq!(report.outcome, Outcome::RolledBack, "{report:?}");
        self.assert_world_before();
    }

    /// The world is as after a run that nothing disturbed.
    pub fn assert_world_after(&self) {
        assert_eq!(self.world.truth(), undisturbed());
        self.check();
    }

    /// The world is as before the run, but for what is kept.
    pub fn assert_world_before(&self) {
        let mut truth = self.world.truth();
        if matches!(self.files().run.steps.get("s011"), Some(Standing::Kept(_))) {
            let kept = Aspect::LogGroup { group: "cloudtrail".to_owned() };
            assert!(truth.remove(&plans::subject("111111111111", kept)).is_some(), "the log group is kept");
        }
        assert_eq!(truth, plans::initial().into_iter().collect());
        self.check();
    }
}

/// The world after the plan of thirty steps.
pub fn undisturbed() -> BTreeMap<Subject, Value> {
    static TRUTH: OnceLock<BTreeMap<Subject, Value>> = OnceLock::new();
    TRUTH
        .get_or_init(|| {
            let bench = Bench::thirty();
            let report = bench.apply().expect("not killed").expect("applies");
            assert_eq!(report.outcome, Outcome::Applied, "{report:?}");
            bench.check();
            bench.world.truth()
        })
        .clone()
}

#[test]
fn runs_may_move_between_threads() {
    fn is_send(_: impl Send) {}
    let bench = Bench::thirty();
    let executor = bench.executor(Path::new("lock"));
    is_send(executor.apply("", Path::new("run")));
    is_send(executor.resume(Path::new("run")));
    is_send(executor.roll_back(Path::new("run")));
    is_send(verify_steps(&bench.world.plan, &Run::default(), &bench.world));
}
