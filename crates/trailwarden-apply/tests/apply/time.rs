//! Time that passes only when everybody sleeps, and so costs none.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use jiff::Timestamp;
use trailwarden_apply::Clock;

/// The clock.
#[derive(Default)]
pub struct Time {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    now: Duration,
    n_sleeps: u64,
    sleepers: BTreeMap<(Duration, u64), Waker>,
}

impl Time {
    /// Since the beginning.
    pub fn passed(&self) -> Duration {
        self.state.lock().unwrap().now
    }

    /// Begins later.
    pub fn set(&self, passed: Duration) {
        self.state.lock().unwrap().now = passed;
    }

    /// Wakes the next sleeper; false when there is none.
    fn advance(&self) -> bool {
        let mut state = self.state.lock().unwrap();
        let Some(((at, _), waker)) = state.sleepers.pop_first() else { return false };
        state.now = state.now.max(at);
        waker.wake();
        true
    }
}

impl Clock for Time {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + self.passed()
    }

    async fn sleep(&self, time: Duration) {
        let mut slot = None;
        poll_fn(|cx| {
            let mut state = self.state.lock().unwrap();
            let (at, n) = *slot.get_or_insert_with(|| {
                state.n_sleeps += 1;
                (state.now + time, state.n_sleeps)
            });
            if state.now >= at {
                return Poll::Ready(());
            }
            state.sleepers.insert((at, n), cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Runs something to its end, or drops it where it was killed.
pub fn run<T>(time: &Time, killed: &AtomicBool, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let flag = Arc::new(Flag(AtomicBool::new(true)));
    let waker = Waker::from(Arc::clone(&flag));
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(ended) = work.as_mut().poll(&mut cx) {
            return (!killed.load(Ordering::SeqCst)).then_some(ended);
        }
        if killed.load(Ordering::SeqCst) {
            time.state.lock().unwrap().sleepers.clear();
            return None;
        }
        while !flag.0.swap(false, Ordering::SeqCst) {
            assert!(time.advance(), "nobody would ever wake up");
        }
    }
}
