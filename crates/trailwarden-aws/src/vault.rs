//! Credentials per account: assumed once, kept while they last, a refusal remembered as a gap.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_credential_types::Credentials;
use tokio::sync::Mutex;
use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::Gap;

/// Assumed roles last an hour; they are renewed ten minutes before. Role chaining allows no more than an hour.
pub(crate) const ROLE_SECONDS: i32 = 3600;
const RENEW_ROLE_AFTER: Duration = Duration::from_secs(3000);
/// The caller's own credentials are asked again of their provider, which caches them as long as they last.
const RENEW_OWN_AFTER: Duration = Duration::from_secs(300);

struct Held {
    credentials: Result<Credentials, Gap>,
    since: Instant,
}

type Slot = Arc<Mutex<Option<Held>>>;

/// The credentials of every account entered so far.
#[derive(Default)]
pub(crate) struct Vault {
    slots: Mutex<BTreeMap<AccountId, Slot>>,
}

impl Vault {
    /// The credentials of an account, from `obtain` when none are held or they are about to end at `now`. Concurrent callers
    /// of one account wait for one `obtain`.
    pub(crate) async fn credentials<F>(
        &self,
        account: &AccountId,
        is_own: bool,
        now: Instant,
        obtain: F,
    ) -> Result<Credentials, Gap>
    where
        F: Future<Output = Result<Credentials, Gap>>,
    {
        let slot = Arc::clone(self.slots.lock().await.entry(account.clone()).or_default());
        let mut held = slot.lock().await;
        let renew_after = if is_own { RENEW_OWN_AFTER } else { RENEW_ROLE_AFTER };
        match held.as_ref() {
            Some(Held { credentials: Err(gap), .. }) => Err(gap.clone()),
            Some(Held { credentials: Ok(credentials), since })
                if now.saturating_duration_since(*since) < renew_after =>
            {
                Ok(credentials.clone())
            }
            _ => {
                let credentials = obtain.await;
                *held = Some(Held { credentials: credentials.clone(), since: now });
                credentials
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use trailwarden_model::observed::GapKind;

    use super::*;

    fn keys() -> Credentials {
        Credentials::new("key", "secret", None, None, "test")
    }

    #[tokio::test]
    async fn credentials_are_renewed_before_they_end_and_a_refusal_is_not_asked_again() {
        let vault = Vault::default();
        let account: AccountId = "111122223333".parse().unwrap();
        let refused: AccountId = "444455556666".parse().unwrap();
        let begun = Instant::now();
        let n_asked = AtomicU32::new(0);
        let obtain = || async {
            n_asked.fetch_add(1, Ordering::Relaxed);
            Ok(keys())
        };
        for _ in 0..3 {
            vault.credentials(&account, false, begun, obtain()).await.unwrap();
        }
        assert_eq!(n_asked.load(Ordering::Relaxed), 1);
        let later = begun + Duration::from_secs(3100);
        vault.credentials(&account, false, later, obtain()).await.unwrap();
        assert_eq!(n_asked.load(Ordering::Relaxed), 2);

        let gap = Gap {
            kind: GapKind::AccountNotEntered,
            call: "sts:AssumeRole".to_owned(),
            account: Some(refused.clone()),
            region: None,
            code: "AccessDenied".to_owned(),
            reason: "not authorized".to_owned(),
        };
        assert!(vault.credentials(&refused, false, begun, async { Err(gap.clone()) }).await.is_err());
        assert_eq!(vault.credentials(&refused, false, later, obtain()).await.unwrap_err(), gap);
    }
}
