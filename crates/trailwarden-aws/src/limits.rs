//! How fast and how much at once: AWS's documented rates per (operation, account, region), calls in flight, call counts.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::{DefaultKeyedRateLimiter, Quota};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use trailwarden_model::ids::{AccountId, Region};

struct Lane {
    rate: DefaultKeyedRateLimiter<(AccountId, Region)>,
    n_calls: AtomicU64,
    spent_micros: AtomicU64,
}

/// The gate every call goes through.
pub(crate) struct Limits {
    lanes: BTreeMap<&'static str, Lane>,
    in_flight: Semaphore,
}

impl Limits {
    /// One lane per declared operation, and `in_flight` calls at once over all of them.
    pub(crate) fn new(lanes: impl Iterator<Item = (&'static str, Quota)>, in_flight: usize) -> Self {
        let lane = |quota| Lane {
            rate: DefaultKeyedRateLimiter::keyed(quota),
            n_calls: AtomicU64::new(0),
            spent_micros: AtomicU64::new(0),
        };
        Self {
            lanes: lanes.map(|(operation, quota)| (operation, lane(quota))).collect(),
            in_flight: Semaphore::new(in_flight.max(1)),
        }
    }

    /// Runs the call when its rate and the number of calls in flight allow, and counts it.
    pub(crate) async fn admit<T>(
        &self,
        operation: &str,
        account: &AccountId,
        region: &Region,
        call: impl Future<Output = T>,
    ) -> T {
        let lane = self.lanes.get(operation);
        if let Some(lane) = lane {
            lane.rate.until_key_ready(&(account.clone(), region.clone())).await;
            lane.n_calls.fetch_add(1, Ordering::Relaxed);
        }
        // Acquiring fails only on a closed semaphore, and this one is never closed.
        let _permit = self.in_flight.acquire().await;
        let begun = Instant::now();
        let answer = call.await;
        if let Some(lane) = lane {
            let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
            lane.spent_micros.fetch_add(micros, Ordering::Relaxed);
        }
        answer
    }

    /// The time that the calls of an operation have taken, waiting for their rate not counted.
    pub(crate) fn spent(&self, operation: &str) -> Duration {
        let micros = self.lanes.get(operation).map(|lane| lane.spent_micros.load(Ordering::Relaxed));
        Duration::from_micros(micros.unwrap_or_default())
    }

    /// Calls made so far per operation, retries not counted; operations never called are absent.
    pub(crate) fn calls(&self) -> BTreeMap<&'static str, u64> {
        let counted = self.lanes.iter().map(|(operation, lane)| (*operation, lane.n_calls.load(Ordering::Relaxed)));
        counted.filter(|(_, n_calls)| *n_calls > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use crate::catalog::Read;

    use super::*;

    const SLOW: Read = Read::organization("organizations:ListRoots", 1, 2);

    #[tokio::test]
    async fn the_third_call_of_a_burst_of_two_waits_but_another_account_does_not() {
        let limits = Limits::new([SLOW.lane()].into_iter(), 8);
        let region: Region = "us-east-1".parse().unwrap();
        let (one, two): (AccountId, AccountId) = ("111111111111".parse().unwrap(), "222222222222".parse().unwrap());
        let begun = Instant::now();
        for account in [&one, &one, &two] {
            limits.admit(SLOW.operation, account, &region, async {}).await;
        }
        assert!(begun.elapsed() < Duration::from_millis(500));
        limits.admit(SLOW.operation, &one, &region, async {}).await;
        assert!(begun.elapsed() > Duration::from_millis(800));
        assert_eq!(limits.calls().get("organizations:ListRoots"), Some(&4));
    }
}
