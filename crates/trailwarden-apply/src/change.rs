//! One change, whichever way: the call, and looking until it is known what came of it. Nothing is ever repeated blindly.

use std::time::Duration;

use serde_json::Value;
use trailwarden_model::observed::Gap;
use trailwarden_model::plan::{Call, Subject};

use crate::cloud::{Certainty, Clock, Cloud, Refusal};
use crate::executor::Executor;
use crate::progress::{Progress, Wait};

/// A question to what is observed.
pub(crate) type Test<'a> = Box<dyn Fn(&Value) -> bool + Send + Sync + 'a>;

/// One setting of one resource, from one state to another.
pub(crate) struct Change<'a> {
    pub(crate) step: &'a str,
    pub(crate) subject: Subject,
    pub(crate) is_before: Test<'a>,
    pub(crate) is_after: Test<'a>,
}

/// What watching a change showed.
#[derive(Debug)]
pub(crate) enum Seen {
    /// It is made; this is observed.
    After(Value),
    /// As before, at every look.
    Before(Value),
    /// Neither at all looks: what was observed last, or why nothing could be.
    Neither(Result<Value, Gap>),
}

/// What came of a call.
#[derive(Debug)]
pub(crate) enum Made {
    /// The change is made; this is observed.
    Done(Value),
    /// It is not, for certain.
    Refused(Refusal),
    /// It cannot be told.
    InDoubt(Refusal, Result<Value, Gap>),
}

impl<C: Cloud, K: Clock> Executor<'_, C, K> {
    /// Makes the call until it is known what came of it. It is made again only when AWS says that it changed nothing, or once
    /// when no answer came and the subject looked as before all the time that a change may take to be seen.
    pub(crate) async fn drive(&self, change: &Change<'_>, call: &Call) -> Made {
        let mut is_doubted = false;
        let mut throttled = Pace::new(self.options.throttled);
        let mut propagation = Pace::new(self.options.propagation);
        loop {
            let Err(refusal) = self.cloud.perform(&change.subject.place, call).await else {
                return self.confirm(change).await;
            };
            let (pace, wait) = match refusal.certainty {
                Certainty::Throttled => (&mut throttled, Wait::Throttled),
                Certainty::InDoubt => match self.watch(change, self.options.settle, Wait::Doubt).await {
                    Seen::After(left) => return Made::Done(left),
                    Seen::Before(_) if !is_doubted => {
                        is_doubted = true;
                        continue;
                    }
                    seen => return Made::InDoubt(refusal, seen.value()),
                },
                Certainty::NothingChanged => {
                    let limit = if is_doubted { self.options.settle } else { Duration::ZERO };
                    match self.watch(change, limit, Wait::Doubt).await {
                        // Somebody else did it, or an earlier try of ours whose answer was lost.
                        Seen::After(left) => return Made::Done(left),
                        // A failed look does not matter: AWS itself says that nothing changed.
                        Seen::Before(_) | Seen::Neither(Err(_)) if is_propagating(call, &refusal) => {
                            (&mut propagation, Wait::Propagation(refusal.code.clone()))
                        }
                        seen => return given_up(refusal, is_doubted, seen.value()),
                    }
                }
            };
            let Some(time) = pace.next() else {
                let observed = self.cloud.look(&change.subject).await;
                return given_up(refusal, is_doubted, observed);
            };
            self.observer.hear(&Progress::Waiting { step: change.step, wait });
            self.clock.sleep(time).await;
        }
    }

    /// AWS accepted the call: the change must come to be seen.
    async fn confirm(&self, change: &Change<'_>) -> Made {
        match self.watch(change, self.options.effect, Wait::Effect).await {
            Seen::After(left) => Made::Done(left),
            seen => {
                let limit = self.options.effect.as_secs();
                let reason = format!("AWS accepted the call, and its effect was not seen within {limit} s");
                let refusal = Refusal { code: "NoEffect".to_owned(), reason, certainty: Certainty::InDoubt };
                Made::InDoubt(refusal, seen.value())
            }
        }
    }

    /// Looks until the change is made, at most so long: reads of AWS may lag behind its writes.
    pub(crate) async fn watch(&self, change: &Change<'_>, limit: Duration, wait: Wait) -> Seen {
        let mut pace = Pace::new(limit);
        let mut is_all_before = true;
        loop {
            let observed = self.cloud.look(&change.subject).await;
            match &observed {
                Ok(value) if (change.is_after)(value) => return Seen::After(value.clone()),
                Ok(value) => is_all_before &= (change.is_before)(value),
                Err(_) => is_all_before = false,
            }
            let Some(time) = pace.next() else {
                return match observed {
                    Ok(value) if is_all_before => Seen::Before(value),
                    observed => Seen::Neither(observed),
                };
            };
            if pace.is_first() {
                self.observer.hear(&Progress::Waiting { step: change.step, wait: wait.clone() });
            }
            self.clock.sleep(time).await;
        }
    }
}

impl Seen {
    /// What was observed last.
    pub(crate) fn value(self) -> Result<Value, Gap> {
        match self {
            Self::After(value) | Self::Before(value) => Ok(value),
            Self::Neither(observed) => observed,
        }
    }
}

/// A refusal is certain unless an earlier try went without an answer.
fn given_up(refusal: Refusal, is_doubted: bool, observed: Result<Value, Gap>) -> Made {
    match is_doubted {
        true => Made::InDoubt(refusal, observed),
        false => Made::Refused(refusal),
    }
}

/// Whether a refusal may only mean that something written before does not count everywhere yet.
fn is_propagating(call: &Call, refusal: &Refusal) -> bool {
    call.propagation_codes().iter().any(|(code, text)| refusal.code == *code && refusal.reason.contains(text))
}

/// Waits that double, up to a limit of their sum. The sum and not the clock counts: machines are suspended.
struct Pace {
    next: Duration,
    left: Duration,
    n: usize,
}

impl Pace {
    const FIRST: Duration = Duration::from_millis(200);
    const LONGEST: Duration = Duration::from_secs(5);

    fn new(limit: Duration) -> Self {
        Self { next: Self::FIRST, left: limit, n: 0 }
    }

    fn next(&mut self) -> Option<Duration> {
        let time = self.next.min(self.left);
        self.left -= time;
        self.next = (self.next * 2).min(Self::LONGEST);
        self.n += 1;
        (!time.is_zero()).then_some(time)
    }

    fn is_first(&self) -> bool {
        self.n == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_five_seconds_and_end_at_the_limit() {
        let mut pace = Pace::new(Duration::from_secs(20));
        let waits: Vec<u128> = std::iter::from_fn(|| pace.next()).map(|wait| wait.as_millis()).collect();
        assert_eq!(waits, [200, 400, 800, 1600, 3200, 5000, 5000, 3800]);
        assert_eq!(Pace::new(Duration::ZERO).next(), None);
    }

    #[test]
    fn a_code_of_many_meanings_counts_only_with_its_text() {
        let call = Call::PutBucketPolicy { bucket: "b".to_owned(), policy: "{}".to_owned() };
        let refusal = |code: &str, reason: &str| Refusal {
            code: code.to_owned(),
            reason: reason.to_owned(),
            certainty: Certainty::NothingChanged,
        };
        assert!(is_propagating(&call, &refusal("MalformedPolicy", "Invalid principal in policy")));
        assert!(!is_propagating(&call, &refusal("MalformedPolicy", "Policies must be valid JSON")));
        assert!(!is_propagating(&call, &refusal("AccessDenied", "principal")));
    }
}
