//! Object Lock, which cannot be taken back: only where the user asks for it.

use serde_json::{Value, json};
use trailwarden_model::plan::{Aspect, Call, Hindrance, Rollback, Subject};

use super::{Bucket, Change};
use crate::bench::{Bench, Earlier, Findings, Phase};
use crate::facts::Stop;

impl Bench<'_> {
    /// Locks what is delivered from now on, by the default retention that the user asked for.
    pub(crate) fn lock(&mut self, bucket: &Bucket, findings: &Findings) -> Result<Option<Subject>, Stop> {
        let Some(wanted) = self.inputs.options.object_lock else {
            let reason = format!(
                "Object Lock of bucket {} cannot be taken back, so it is planned only when asked for",
                bucket.name
            );
            let hint = "plan with --object-lock governance:DAYS or compliance:DAYS";
            let stop = Stop::new(Hindrance::OnRequest, reason).hint(hint);
            self.leave(&bucket.account, Some(bucket.name.clone()), findings, stop);
            return Ok(None);
        };
        let required = self.retention_of(&bucket.sources)?;
        if wanted.days < required {
            let reason =
                format!("Object Lock for {} days is less than the {required} days that are required", wanted.days);
            return Err(Stop::new(Hindrance::Manual, reason).hint(format!("ask for {required} days or more")));
        }
        let aspect = Aspect::BucketObjectLock { bucket: bucket.name.clone() };
        if let Earlier::Is(present) = self.setting(bucket, aspect.clone())? {
            let days = present.pointer("/Rule/DefaultRetention/Days").and_then(Value::as_u64).unwrap_or_default();
            let years = present.pointer("/Rule/DefaultRetention/Years").and_then(Value::as_u64).unwrap_or_default();
            if days + 365 * years >= u64::from(required) {
                return Ok(None);
            }
            // A bucket that nobody can unlock must not become one that somebody may, for all that it is locked for longer.
            let mode = present.pointer("/Rule/DefaultRetention/Mode").and_then(Value::as_str);
            if mode == Some("COMPLIANCE") && !wanted.is_compliance {
                let reason = format!("bucket {} locks in COMPLIANCE mode, which GOVERNANCE would weaken", bucket.name);
                let hint = format!("plan with --object-lock compliance:{}", wanted.days);
                return Err(Stop::new(Hindrance::Manual, reason).hint(hint));
            }
        }
        let mode = if wanted.is_compliance { "COMPLIANCE" } else { "GOVERNANCE" };
        let configuration = json!({"ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": mode, "Days": wanted.days}}});
        let name = bucket.name.clone();
        let change = Change {
            phase: Phase::Admit,
            title: format!("lock what is delivered to bucket {name} for {} days ({mode})", wanted.days),
            aspect,
            call: Call::PutObjectLockConfiguration { bucket: name, object_lock_configuration: configuration.clone() },
            after: configuration,
            back: |_, _| Rollback::Irreversible("Object Lock can never be switched off again".to_owned()),
            cost: Some("locked versions are stored, and paid for, until their time is over".to_owned()),
        };
        self.change(bucket, change, findings)
    }
}
