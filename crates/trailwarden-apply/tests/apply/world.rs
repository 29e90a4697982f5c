//! A small AWS: what exists, what reads show of it a while later, and what goes wrong. It insists that an intent is on disk
//! before it makes a call.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use trailwarden_apply::{Certainty, Clock, Cloud, Observer, Progress, Refusal};
use trailwarden_model::journal::{Direction, Line, Run, Standing};
use trailwarden_model::observed::{Gap, GapKind};
use trailwarden_model::plan::{Aspect, Call, Place, Plan, Rollback, StepId, Subject, bind};

use crate::plans;
use crate::time::Time;

mod effects;
mod stages;

/// What goes wrong with one call.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// Refused with this code; nothing is changed.
    Refuse(&'static str),
    /// Throttled.
    Throttle,
    /// Done, and no answer.
    LoseAnswer,
    /// Not done, and no answer.
    LoseCall,
    /// Done a while later, and no answer.
    Late(Duration),
    /// Done, and so many looks at it fail.
    Blind(u32),
    /// Answered with success, and something else is there than what was asked for.
    Twist(Value),
}

/// Where the process is killed.
#[derive(Debug, Clone, PartialEq)]
pub enum Kill {
    /// Before this step's call arrives.
    BeforeCall(StepId, Direction),
    /// After this step's call is done, before its answer.
    AfterCall(StepId, Direction),
    /// When this line of the journal is on disk.
    AfterLine(u64),
}

/// A call that arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Performed {
    pub step: StepId,
    pub direction: Direction,
    /// It changed something.
    pub is_effective: bool,
}

#[derive(Clone, Default)]
pub struct State {
    /// What was written, and when: the last is the truth.
    pub written: BTreeMap<Subject, Vec<(Duration, Value)>>,
    pub n_keys: u32,
    pub n_policies: u32,
    /// Stages that do not hold, by name: for so many questions more, and why.
    pub unshown: BTreeMap<String, (u32, String)>,
    /// Why stages no longer reach what they were planned to reach, by name.
    pub moved: BTreeMap<String, String>,
    /// What was asked about stages.
    pub asked: Vec<String>,
    pub faults: BTreeMap<(StepId, Direction), VecDeque<Fault>>,
    pub gaps: BTreeMap<Subject, u32>,
    pub kill: Option<Kill>,
    pub performed: Vec<Performed>,
    /// Bytes of the journal when the process was killed.
    pub n_kept: Option<u64>,
    pub heard: Vec<String>,
    /// How long reads lag behind writes.
    pub lag: Duration,
    /// How long a policy takes to count.
    pub spread: Duration,
    /// Members must be recorded at any time.
    pub is_guarded: bool,
    n_calls: u64,
    journal: (u64, Run),
}

pub struct World {
    pub time: Arc<Time>,
    pub plan: Plan,
    pub dir: PathBuf,
    pub killed: AtomicBool,
    pub stop: AtomicBool,
    /// Sets the stop flag when this step's call arrives.
    pub stop_at: Mutex<Option<StepId>>,
    state: Mutex<State>,
}

impl World {
    pub fn new(plan: Plan, dir: &Path, initial: &[(Subject, Value)]) -> Self {
        let written = initial.iter().map(|(subject, value)| (subject.clone(), vec![(Duration::ZERO, value.clone())]));
        let state = State {
            written: written.collect(),
            lag: Duration::from_secs(2),
            spread: Duration::from_secs(5),
            ..State::default()
        };
        Self {
            time: Arc::default(),
            plan,
            dir: dir.to_owned(),
            killed: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            stop_at: Mutex::new(None),
            state: Mutex::new(state),
        }
    }

    pub fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap())
    }

    /// What exists.
    pub fn truth(&self) -> BTreeMap<Subject, Value> {
        self.with(|state| {
            let written = state.written.iter().filter_map(|(subject, values)| Some((subject, &values.last()?.1)));
            written.filter(|(_, value)| !value.is_null()).map(|(s, value)| (s.clone(), value.clone())).collect()
        })
    }

    /// Somebody else changes something, long enough ago for everybody to see it.
    pub fn meddle(&self, subject: &Subject, value: Value) {
        let now = self.time.passed();
        self.with(|state| {
            let at = now.saturating_sub(state.lag);
            state.written.entry(subject.clone()).or_default().push((at, value));
        });
    }

    pub fn fault(&self, step: &str, direction: Direction, faults: &[Fault]) {
        self.with(|state| state.faults.insert((step.to_owned(), direction), faults.iter().cloned().collect()));
    }

    pub fn kill_at(&self, kill: Option<Kill>) {
        self.with(|state| state.kill = kill);
    }

    /// Another process begins where a killed one left the disk.
    pub fn restart(&self) {
        if let Some(n_kept) = self.with(|state| state.n_kept.take()) {
            let file = fs::OpenOptions::new().write(true).open(self.dir.join("journal.jsonl"));
            file.and_then(|file| file.set_len(n_kept)).expect("cuts the journal");
        }
        self.with(|state| state.journal = Default::default());
        self.killed.store(false, Ordering::SeqCst);
        self.stop.store(false, Ordering::SeqCst);
    }

    fn kill(&self) {
        let length = fs::metadata(self.dir.join("journal.jsonl")).map_or(0, |file| file.len());
        if !self.killed.swap(true, Ordering::SeqCst) {
            self.with(|state| {
                state.kill = None;
                state.n_kept = Some(length);
            });
        }
    }

    /// Nothing more happens in a killed process. Calls take their time, each another.
    async fn pass(&self) {
        self.dead().await;
        let n = self.with(|state| {
            state.n_calls += 1;
            state.n_calls
        });
        self.time.sleep(Duration::from_millis(10 + n * 37 % 100)).await;
        self.dead().await;
    }

    async fn dead(&self) {
        if self.killed.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
    }

    /// The state of the run, by what is on disk.
    fn read_journal(&self) -> Run {
        let text = fs::read_to_string(self.dir.join("journal.jsonl")).expect("a journal is on disk before any call");
        self.with(|state| {
            let (from, run) = &mut state.journal;
            for line in text[*from as usize..].lines() {
                run.take(&serde_json::from_str::<Line>(line).expect("a line")).expect("the journal folds");
            }
            *from = text.len() as u64;
            run.clone()
        })
    }

    /// The step whose intent is on disk and asks for this call.
    fn intended(&self, place: &Place, call: &Call) -> (StepId, Direction) {
        let run = self.read_journal();
        let call = serde_json::to_value(call).unwrap();
        let intended = run.steps.iter().find_map(|(id, standing)| {
            let step = self.plan.step(id)?;
            let (wanted, direction) = match (standing, &step.rollback) {
                (Standing::InDoubt { .. }, _) => (&step.call, Direction::Forward),
                (Standing::UndoInDoubt { .. }, Rollback::Undo(undo)) => (undo, Direction::Back),
                _ => return None,
            };
            let wanted = bind(&serde_json::to_value(wanted).unwrap(), &run.bindings).ok()?;
            (wanted == call && step.subject.place == *place).then(|| (id.clone(), direction))
        });
        intended.unwrap_or_else(|| panic!("no intent on disk for {call}"))
    }

    fn effect(&self, (step, direction): &(StepId, Direction), place: &Place, call: &Call) -> Result<(), Refusal> {
        let now = self.time.passed();
        self.with(|state| {
            let changes =
                effects::changes(state, now, place, call).map_err(|code| refusal(code, Certainty::NothingChanged))?;
            let is_effective =
                changes.iter().any(|(subject, value)| state.truth(subject).unwrap_or(&Value::Null) != value);
            for (subject, value) in changes {
                state.written.entry(subject).or_default().push((now, value));
            }
            if state.is_guarded {
                let logging = |subject: &Subject| state.truth(subject) == Some(&json!(true));
                assert!(plans::is_covered(logging), "{step} leaves a member without a trail");
            }
            state.performed.push(Performed { step: step.clone(), direction: *direction, is_effective });
            Ok(())
        })
    }
}

impl State {
    pub fn truth(&self, subject: &Subject) -> Option<&Value> {
        self.written.get(subject)?.last().map(|(_, value)| value)
    }

    /// What reads show.
    fn shown(&self, now: Duration, subject: &Subject) -> Value {
        let part = |group: &str, member: &str| {
            let whole = Subject { place: subject.place.clone(), aspect: Aspect::LogGroup { group: group.to_owned() } };
            match self.whole(now, &whole) {
                Value::Object(members) => members.get(member).map_or(json!({}), |value| json!({member: value})),
                other => other,
            }
        };
        match &subject.aspect {
            Aspect::LogGroup { group } => part(group, "logGroupClass"),
            Aspect::LogGroupRetention { group } => part(group, "retentionInDays"),
            Aspect::PolicyType { .. } | Aspect::PolicyAttachment { .. } => match self.whole(now, subject) {
                Value::Null => json!(false),
                value => value,
            },
            _ => self.whole(now, subject),
        }
    }

    fn whole(&self, now: Duration, subject: &Subject) -> Value {
        let written = self.written.get(subject).map(Vec::as_slice).unwrap_or_default();
        let shown = written.iter().rfind(|(at, _)| at.is_zero() || *at + self.lag <= now);
        shown.map_or(Value::Null, |(_, value)| value.clone())
    }
}

impl Cloud for World {
    async fn look(&self, subject: &Subject) -> Result<Value, Gap> {
        self.pass().await;
        let now = self.time.passed();
        self.with(|state| match state.gaps.get_mut(subject) {
            Some(n) if *n > 0 => {
                *n -= 1;
                Err(gap(subject))
            }
            _ => Ok(state.shown(now, subject)),
        })
    }

    async fn perform(&self, place: &Place, call: &Call) -> Result<(), Refusal> {
        let intended = self.intended(place, call);
        self.check_stages(&intended);
        let kill = self.with(|state| state.kill.clone());
        if kill == Some(Kill::BeforeCall(intended.0.clone(), intended.1)) {
            self.kill();
        }
        if self.stop_at.lock().unwrap().as_ref() == Some(&intended.0) {
            self.stop.store(true, Ordering::SeqCst);
        }
        self.pass().await;
        let fault = self.with(|state| state.faults.get_mut(&intended).and_then(VecDeque::pop_front));
        let lost = || Err(refusal("NoAnswer", Certainty::InDoubt));
        let answer = match fault {
            None => self.effect(&intended, place, call),
            Some(Fault::Refuse(code)) => Err(refusal(code, Certainty::NothingChanged)),
            Some(Fault::Throttle) => Err(refusal("ThrottlingException", Certainty::Throttled)),
            Some(Fault::LoseCall) => lost(),
            Some(Fault::LoseAnswer) => self.effect(&intended, place, call).and_then(|()| lost()),
            Some(Fault::Late(time)) => {
                let real = self.time.passed();
                let answer = self.effect(&intended, place, call);
                self.with(|state| {
                    for (at, _) in state.written.values_mut().flatten().filter(|(at, _)| *at == real) {
                        *at += time;
                    }
                });
                answer.and_then(|()| lost())
            }
            Some(Fault::Blind(n)) => {
                let answer = self.effect(&intended, place, call);
                let run = self.with(|state| state.journal.1.clone());
                let subject = &self.plan.step(&intended.0).unwrap().subject;
                let subject = bind(&serde_json::to_value(subject).unwrap(), &run.bindings).unwrap();
                self.with(|state| state.gaps.insert(serde_json::from_value(subject).unwrap(), n));
                answer
            }
            Some(Fault::Twist(value)) => {
                let subject = self.plan.step(&intended.0).unwrap().subject.clone();
                let now = self.time.passed();
                self.with(|state| state.written.entry(subject).or_default().push((now, value)));
                Ok(())
            }
        };
        if kill == Some(Kill::AfterCall(intended.0, intended.1)) {
            self.kill();
        }
        self.pass().await;
        answer
    }
}

impl Observer for World {
    fn hear(&self, progress: &Progress<'_>) {
        if self.killed.load(Ordering::SeqCst) {
            return;
        }
        let said = match progress {
            Progress::Turn(step) => format!("turn {}", step.id),
            Progress::Written(line) => format!("line {}", line.number),
            Progress::Waiting { step, wait } => format!("wait {step} {wait:?}"),
            Progress::Held { step, by } => format!("held {step} by {by}"),
        };
        self.with(|state| state.heard.push(said));
        if let Progress::Written(line) = progress
            && self.with(|state| state.kill == Some(Kill::AfterLine(line.number)))
        {
            self.kill();
        }
    }
}

fn refusal(code: &str, certainty: Certainty) -> Refusal {
    Refusal { code: code.to_owned(), reason: format!("{code} says the small AWS"), certainty }
}

pub fn gap(subject: &Subject) -> Gap {
    Gap {
        kind: GapKind::AccessDenied,
        call: "any:Read".to_owned(),
        account: Some(subject.place.account.clone()),
        region: Some(subject.place.region.clone()),
        code: "AccessDenied".to_owned(),
        reason: "the small AWS denies it".to_owned(),
    }
}
