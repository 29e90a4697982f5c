//! Log buckets: settings and how they are changed, new ones made right from the start, and ([`present`]) those that are there.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::plan::{Aspect, Call, Hindrance, Rollback, Subject};

pub(crate) use self::present::plan;
use crate::bench::{Bench, Draft, Earlier, Findings, Phase, subject};
use crate::facts::Stop;
use crate::requests::Source;

mod access_logs;
mod lifecycle;
mod lock;
mod policy;
mod present;

/// A bucket while it is planned.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    /// The step that creates it; none for one that is there.
    pub(crate) created: Option<Subject>,
    /// The trails that deliver to it, now or after this plan.
    pub(crate) sources: BTreeSet<Source>,
}

impl Bucket {
    fn subject(&self, aspect: Aspect) -> Subject {
        subject(&self.account, &self.region, aspect)
    }
}

/// What to do about a setting of a bucket, before the common parts are filled in.
pub(crate) struct Change {
    pub(crate) phase: Phase,
    pub(crate) title: String,
    pub(crate) aspect: Aspect,
    pub(crate) call: Call,
    pub(crate) after: Value,
    /// The way back, given what was there before.
    pub(crate) back: fn(&str, &Value) -> Rollback,
    pub(crate) cost: Option<String>,
}

impl Change {
    /// Another policy, by which something is let in.
    pub(crate) fn of_policy(bucket: &Bucket, title: String, after: Value) -> Self {
        Self {
            phase: Phase::Admit,
            title,
            aspect: Aspect::BucketPolicy { bucket: bucket.name.clone() },
            call: Call::PutBucketPolicy { bucket: bucket.name.clone(), policy: after.to_string() },
            after,
            back: |name, before| {
                let bucket = name.to_owned();
                Rollback::Undo(match before {
                    Value::Null => Call::DeleteBucketPolicy { bucket },
                    before => Call::PutBucketPolicy { bucket, policy: before.to_string() },
                })
            },
            cost: None,
        }
    }
}

impl Bench<'_> {
    pub(crate) fn bucket(&self, name: &str, account: &AccountId, region: &Region, sources: BTreeSet<Source>) -> Bucket {
        let arn = format!("arn:{}:s3:::{name}", self.partition());
        let (account, region) = (account.clone(), region.clone());
        Bucket { name: name.to_owned(), arn, account, region, created: None, sources }
    }

    /// What a setting is: of a bucket that is there as observed, of a new one whatever AWS gives it.
    fn setting(&mut self, bucket: &Bucket, aspect: Aspect) -> Result<Earlier, Stop> {
        match &bucket.created {
            Some(created) => Ok(Earlier::CreatedBy(created.clone())),
            None => self.look(&bucket.account, &bucket.region, aspect).map(Earlier::Is),
        }
    }

    /// The policy of a bucket; a new one has none.
    pub(crate) fn present_policy(&mut self, bucket: &Bucket) -> Result<Value, Stop> {
        match self.setting(bucket, Aspect::BucketPolicy { bucket: bucket.name.clone() })? {
            Earlier::Is(policy) => Ok(policy),
            Earlier::CreatedBy(_) => Ok(Value::Null),
        }
    }

    /// Notes a change of a setting, unless it is so already.
    pub(crate) fn change(
        &mut self,
        bucket: &Bucket,
        change: Change,
        findings: &Findings,
    ) -> Result<Option<Subject>, Stop> {
        let before = self.setting(bucket, change.aspect.clone())?;
        let rollback = match &before {
            Earlier::Is(value) if *value == change.after => return Ok(None),
            Earlier::Is(value) => (change.back)(&bucket.name, value),
            Earlier::CreatedBy(_) => Rollback::Keep("it goes with the bucket".to_owned()),
        };
        let step = self.step(Draft {
            phase: change.phase,
            title: change.title,
            subject: bucket.subject(change.aspect),
            call: change.call,
            before,
            after: change.after,
            guards: vec![],
            needs: bucket.created.iter().cloned().collect(),
            findings: findings.clone(),
            rollback,
            cost: change.cost,
        })?;
        Ok(Some(step))
    }

    /// Makes a bucket with all that a log bucket needs. One of that name that the account owns already is taken as it is.
    pub(crate) fn log_bucket(
        &mut self,
        name: &str,
        (account, region): (&AccountId, &Region),
        sources: BTreeSet<Source>,
        findings: &Findings,
    ) -> Result<(Bucket, BTreeSet<Subject>), Stop> {
        let mut bucket = self.bucket(name, account, region, sources);
        self.create(&mut bucket, findings)?;
        let mut needs: BTreeSet<Subject> = bucket.created.iter().cloned().collect();
        needs.extend(self.close(&bucket, findings)?);
        needs.extend(self.keep_versions(&bucket, findings)?);
        if self.inputs.options.object_lock.is_some() {
            needs.extend(self.lock(&bucket, findings)?);
        }
        needs.extend(self.bucket_policy(&bucket, true, findings)?);
        needs.extend(self.keep_long_enough(&bucket, findings)?);
        needs.extend(self.log_access(&bucket, findings)?);
        Ok((bucket, needs))
    }

    /// Creates a bucket, unless the account owns it already.
    pub(crate) fn create(&mut self, bucket: &mut Bucket, findings: &Findings) -> Result<(), Stop> {
        let aspect = Aspect::Bucket { bucket: bucket.name.clone() };
        let before = self.look(&bucket.account, &bucket.region, aspect.clone())?;
        if let Some(region) = before.get("Region").and_then(Value::as_str) {
            if region != bucket.region.as_str() {
                let reason =
                    format!("bucket {} is there already, in {region} instead of {}", bucket.name, bucket.region);
                return Err(Stop::new(Hindrance::Impossible, reason));
            }
            return Ok(());
        }
        if !before.is_null() {
            let reason = format!("the name {} is taken by another account", bucket.name);
            return Err(Stop::new(Hindrance::Impossible, reason).hint("name another bucket, or find out who took it"));
        }
        let constraint = (bucket.region.as_str() != "us-east-1").then(|| json!({"LocationConstraint": bucket.region}));
        let place = bucket.subject(aspect);
        self.step(Draft {
            phase: Phase::Bucket,
            title: format!("create bucket {}", bucket.name),
            subject: place.clone(),
            call: Call::CreateBucket {
                bucket: bucket.name.clone(),
                create_bucket_configuration: constraint,
                object_lock_enabled_for_bucket: self.inputs.options.object_lock.map(|_| true),
            },
            before: Earlier::Is(Value::Null),
            after: json!({"Region": bucket.region}),
            guards: vec![],
            needs: BTreeSet::new(),
            findings: findings.clone(),
            rollback: Rollback::Undo(Call::DeleteBucket { bucket: bucket.name.clone() }),
            cost: Some("storage of what is delivered to it".to_owned()),
        })?;
        bucket.created = Some(place);
        Ok(())
    }

    /// Block Public Access, all four switches.
    pub(crate) fn close(&mut self, bucket: &Bucket, findings: &Findings) -> Result<Option<Subject>, Stop> {
        let switches = json!({"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true,
            "RestrictPublicBuckets": true});
        let name = bucket.name.clone();
        let change = Change {
            phase: Phase::Bucket,
            title: format!("block all public access to bucket {name}"),
            aspect: Aspect::BucketPublicAccess { bucket: name.clone() },
            call: Call::PutPublicAccessBlock { bucket: name, public_access_block_configuration: switches.clone() },
            after: switches,
            back: |name, before| {
                let bucket = name.to_owned();
                Rollback::Undo(match before {
                    Value::Null => Call::DeletePublicAccessBlock { bucket },
                    before => Call::PutPublicAccessBlock { bucket, public_access_block_configuration: before.clone() },
                })
            },
            cost: None,
        };
        self.change(bucket, change, findings)
    }

    /// Versioning. It can be suspended later, but never be as if it had not been on.
    pub(crate) fn keep_versions(&mut self, bucket: &Bucket, findings: &Findings) -> Result<Option<Subject>, Stop> {
        let aspect = Aspect::BucketVersioning { bucket: bucket.name.clone() };
        let before = self.setting(bucket, aspect.clone())?;
        let status = |value: &Value| value.get("Status").and_then(Value::as_str).map(str::to_owned);
        let mut after = json!({"Status": "Enabled"});
        if let Earlier::Is(value) = &before {
            if status(value).as_deref() == Some("Enabled") {
                return Ok(None);
            }
            if let (Some(mfa), Some(members)) = (value.get("MFADelete"), after.as_object_mut()) {
                members.insert("MFADelete".to_owned(), mfa.clone());
            }
        }
        let name = bucket.name.clone();
        let change = Change {
            phase: Phase::Bucket,
            title: format!("keep versions of what bucket {name} holds"),
            aspect,
            call: Call::PutBucketVersioning { bucket: name, versioning_configuration: json!({"Status": "Enabled"}) },
            after,
            back: |_, _| Rollback::Keep("versions lose nothing, and versioning can only be suspended".to_owned()),
            cost: Some("storage of versions that are overwritten or deleted".to_owned()),
        };
        self.change(bucket, change, findings)
    }
}
