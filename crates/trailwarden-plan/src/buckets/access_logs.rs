//! Server access logging of log buckets, with a target that S3 may deliver to.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::plan::{Aspect, Call, Rollback, Subject};
use trailwarden_model::storage::BucketOwner;
use trailwarden_policy::{Context, Principal, Request};

use super::{Bucket, Change};
use crate::bench::{Bench, Earlier, Findings, Phase};
use crate::facts::Stop;
use crate::requests::answer;
use crate::statements::{access_logs, transport, with_more};

impl Bench<'_> {
    /// Logs who uses a bucket, into another one of its account and region.
    pub(crate) fn log_access(&mut self, bucket: &Bucket, findings: &Findings) -> Result<Option<Subject>, Stop> {
        let aspect = Aspect::BucketLogging { bucket: bucket.name.clone() };
        let before = self.setting(bucket, aspect.clone())?;
        let elsewhere = |target: &Value| target.get("TargetBucket").is_some_and(|name| *name != bucket.name);
        if matches!(&before, Earlier::Is(present) if elsewhere(present)) {
            return Ok(None);
        }
        let (target, mut needs) = self.access_log_target(bucket, findings)?;
        let status = json!({"TargetBucket": target, "TargetPrefix": format!("{}/", bucket.name)});
        let enabled = |status: &Value| json!({"LoggingEnabled": status});
        let change = Change {
            phase: Phase::LogGroup,
            title: format!("log who uses bucket {} into {target}", bucket.name),
            aspect,
            call: Call::PutBucketLogging { bucket: bucket.name.clone(), bucket_logging_status: enabled(&status) },
            after: status,
            back: |name, before| {
                let status = if before.is_null() { json!({}) } else { json!({"LoggingEnabled": before}) };
                Rollback::Undo(Call::PutBucketLogging { bucket: name.to_owned(), bucket_logging_status: status })
            },
            cost: Some("storage of the access logs".to_owned()),
        };
        let step = self.change(bucket, change, findings)?;
        if let Some(draft) = step.as_ref().and_then(|step| self.drafts.get_mut(step)) {
            draft.needs.append(&mut needs);
        }
        Ok(step)
    }

    /// The bucket that takes the access logs of an account and region: the one that takes some already, else one of ours.
    fn access_log_target(&mut self, bucket: &Bucket, findings: &Findings) -> Result<(String, BTreeSet<Subject>), Stop> {
        if let Some(target) = self.present_target(&bucket.account, &bucket.region, &bucket.name) {
            return Ok((target, BTreeSet::new()));
        }
        let name = format!("s3-access-logs-{}-{}", bucket.account, bucket.region);
        let mut target = self.bucket(&name, &bucket.account, &bucket.region, BTreeSet::new());
        self.create_plain(&mut target, findings)?;
        let mut needs: BTreeSet<Subject> = target.created.iter().cloned().collect();
        needs.extend(self.close(&target, findings)?);
        needs.extend(self.admit_access_logs(&target, findings)?);
        Ok((name, needs))
    }

    /// A bucket with default Object Lock retention cannot be a target. While a bucket logs to it, nobody else may take its name.
    fn create_plain(&mut self, target: &mut Bucket, findings: &Findings) -> Result<(), Stop> {
        self.create(target, findings)?;
        let Some(draft) = target.created.as_ref().and_then(|created| self.drafts.get_mut(created)) else {
            return Ok(());
        };
        draft.rollback =
            Rollback::Keep("access logs may arrive in it: delete it by hand once no bucket logs to it".to_owned());
        if let Call::CreateBucket { object_lock_enabled_for_bucket, .. } = &mut draft.call {
            *object_lock_enabled_for_bucket = None;
        }
        Ok(())
    }

    fn present_target(&self, account: &AccountId, region: &Region, not: &str) -> Option<String> {
        let buckets = self.inputs.snapshot.buckets.values();
        let mut targets = buckets.filter_map(|bucket| {
            let logging = bucket.access_logging.known()?.as_ref()?;
            let is_here = bucket.owner.known() == Some(&BucketOwner::Account(account.clone()))
                && bucket.region.known() == Some(region);
            (is_here && logging.bucket != bucket.name && logging.bucket != not).then(|| logging.bucket.clone())
        });
        targets.next()
    }

    fn admit_access_logs(&mut self, target: &Bucket, findings: &Findings) -> Result<Option<Subject>, Stop> {
        let before = self.present_policy(target)?;
        let request = Request {
            principal: Principal::Service("logging.s3.amazonaws.com".to_owned()),
            action: "s3:PutObject".to_owned(),
            resource: format!("{}/log", target.arn),
            context: Context::new()
                .with("aws:SourceAccount", target.account.as_str())
                .with("aws:SecureTransport", "true"),
        };
        if answer(&before, &request)?.is_allowed() {
            return Ok(None);
        }
        let after = with_more(&before, vec![access_logs(&target.arn, target.account.as_str()), transport(&target.arn)]);
        let title = format!("let S3 deliver access logs to bucket {}", target.name);
        self.change(target, Change::of_policy(target, title, after), findings)
    }
}
