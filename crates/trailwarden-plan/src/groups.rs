//! Log groups and delivery roles: new ones for trails without, and those that are there, kept long, encrypted, let in.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::plan::{Aspect, Call, Hindrance, Rollback, Subject};

use crate::asks::{GroupWant, Wants, all};
use crate::bench::{Bench, Draft, Earlier, Findings, Phase, subject};
use crate::facts::Stop;
use crate::keys::Purpose;
use crate::requests::Source;

mod role;

/// The only class that carries metric filters.
const FILTERABLE: &str = "STANDARD";

/// The days that AWS takes for retention. Source: CloudWatch Logs API reference, `PutRetentionPolicy`.
const RETENTIONS: [u32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// A log group with the role to deliver to it.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    /// The group's name.
    pub(crate) group: String,
    /// The group's ARN as trails name it, ending in `:*`.
    pub(crate) group_arn: String,
    pub(crate) role_arn: String,
    pub(crate) needs: BTreeSet<Subject>,
}

impl Bench<'_> {
    /// The log group and role of a trail that has none, in its owner's account and home region.
    pub(crate) fn delivery_for(
        &mut self,
        source: &Source,
        name: &str,
        region: &Region,
        findings: &Findings,
    ) -> Result<Delivery, Stop> {
        let (account, partition) = (source.owner.clone(), self.partition());
        let group = format!("cloudtrail/{name}");
        let arn = format!("arn:{partition}:logs:{region}:{account}:log-group:{group}");
        let mut needs = BTreeSet::new();
        let aspect = Aspect::LogGroup { group: group.clone() };
        let before = self.look(&account, region, aspect.clone())?;
        match before.get("logGroupClass").and_then(Value::as_str) {
            Some(FILTERABLE) => needs.extend(self.keep_events(&account, region, &group, source, findings)?),
            Some(class) => {
                let reason = format!("log group {group} is there, and its class {class} carries no metric filters");
                return Err(Stop::new(Hindrance::Impossible, reason));
            }
            None => needs.extend(self.create_group(&account, region, &group, source, findings)?),
        }
        let (role_arn, of_role) = self.delivery_role(source, name, &arn, findings)?;
        needs.extend(of_role);
        Ok(Delivery { group, group_arn: format!("{arn}:*"), role_arn, needs })
    }

    fn create_group(
        &mut self,
        account: &AccountId,
        region: &Region,
        group: &str,
        source: &Source,
        findings: &Findings,
    ) -> Result<BTreeSet<Subject>, Stop> {
        let key = self.key_for(account, region, &Purpose::LogGroups, findings)?;
        let days = self.days_for(source)?;
        let created = self.step(Draft {
            phase: Phase::LogGroup,
            title: format!("create log group {group}"),
            subject: subject(account, region, Aspect::LogGroup { group: group.to_owned() }),
            call: Call::CreateLogGroup {
                log_group_name: group.to_owned(),
                kms_key_id: Some(key.arn.clone()),
                tags: [("trailwarden".to_owned(), "cloudtrail".to_owned())].into(),
            },
            before: Earlier::Is(Value::Null),
            after: json!({ "logGroupClass": FILTERABLE }),
            guards: vec![],
            needs: key.needs,
            findings: findings.clone(),
            rollback: Rollback::Keep(
                "events may have arrived in it: delete it by hand once nobody needs them".to_owned(),
            ),
            cost: Some("ingestion and storage of what is delivered to CloudWatch Logs".to_owned()),
        })?;
        let kept = self.step(Draft {
            phase: Phase::LogGroup,
            title: format!("keep its events for {days} days"),
            subject: subject(account, region, Aspect::LogGroupRetention { group: group.to_owned() }),
            call: Call::PutRetentionPolicy { log_group_name: group.to_owned(), retention_in_days: days },
            before: Earlier::CreatedBy(created.clone()),
            after: json!({ "retentionInDays": days }),
            guards: vec![],
            needs: BTreeSet::from([created.clone()]),
            findings: findings.clone(),
            rollback: Rollback::Keep("it stays with the log group".to_owned()),
            cost: None,
        })?;
        Ok(BTreeSet::from([created, kept]))
    }

    /// Retention of a group that is there: only ever longer.
    fn keep_events(
        &mut self,
        account: &AccountId,
        region: &Region,
        group: &str,
        source: &Source,
        findings: &Findings,
    ) -> Result<Option<Subject>, Stop> {
        let days = self.days_for(source)?;
        let aspect = Aspect::LogGroupRetention { group: group.to_owned() };
        let before = self.look(account, region, aspect.clone())?;
        let present = before.get("retentionInDays").and_then(Value::as_i64);
        let Some(present) = present.filter(|present| *present < i64::from(days)) else { return Ok(None) };
        let restored = i32::try_from(present).unwrap_or(i32::MAX);
        let step = self.step(Draft {
            phase: Phase::LogGroup,
            title: format!("keep events of log group {group} for {days} days instead of {present}"),
            subject: subject(account, region, aspect),
            call: Call::PutRetentionPolicy { log_group_name: group.to_owned(), retention_in_days: days },
            before: Earlier::Is(before),
            after: json!({ "retentionInDays": days }),
            guards: vec![],
            needs: BTreeSet::new(),
            findings: findings.clone(),
            rollback: Rollback::Undo(Call::PutRetentionPolicy {
                log_group_name: group.to_owned(),
                retention_in_days: restored,
            }),
            cost: Some("storage of events for longer".to_owned()),
        })?;
        Ok(Some(step))
    }

    /// The smallest retention that AWS takes and that is long enough for a trail.
    fn days_for(&self, source: &Source) -> Result<i32, Stop> {
        let required = self.retention_of(&BTreeSet::from([source.clone()]))?;
        let days = RETENTIONS.into_iter().find(|days| *days >= required);
        let days = days.and_then(|days| i32::try_from(days).ok());
        days.ok_or_else(|| {
            let reason =
                format!("CloudWatch Logs keeps events for 3653 days at most, or for ever, and {required} are required");
            Stop::new(Hindrance::Impossible, reason).hint("keep them for ever: take the retention of the group away")
        })
    }
}

/// Plans a log group that is there.
pub(crate) fn plan(bench: &mut Bench<'_>, arn: &Arn, wants: &Wants<GroupWant>, sources: &BTreeSet<Source>) {
    let account = arn.account().unwrap_or_else(|| bench.management().clone());
    bench.target(&account.clone(), Some(arn.to_string()), &all(wants), |bench| {
        plan_group(bench, &account, arn, wants, sources)
    });
}

fn plan_group(
    bench: &mut Bench<'_>,
    account: &AccountId,
    arn: &Arn,
    wants: &Wants<GroupWant>,
    sources: &BTreeSet<Source>,
) -> Result<(), Stop> {
    let region = arn.region().ok_or_else(|| Stop::new(Hindrance::Impossible, format!("{arn} names no region")))?;
    let group = arn.resource().strip_prefix("log-group:").unwrap_or(arn.resource()).to_owned();
    let before = bench.look(account, &region, Aspect::LogGroup { group: group.clone() })?;
    if before.is_null() {
        let reason =
            format!("log group {group}, which a trail names, does not exist; create it, or plan the trail anew");
        return Err(Stop::new(Hindrance::Manual, reason));
    }
    bench.check_owner(account, &region, arn.as_str(), &group)?;
    if let Some(findings) = wants.get(&GroupWant::Settings) {
        if let Some(class) = before.get("logGroupClass").and_then(Value::as_str).filter(|class| *class != FILTERABLE) {
            let reason =
                format!("the class {class} of log group {group} is fixed at creation and carries no metric filters");
            let stop =
                Stop::new(Hindrance::Impossible, reason).hint("point the trail at a new group of class STANDARD");
            bench.leave(account, Some(arn.to_string()), findings, stop);
        }
        let retention = bench.look(account, &region, Aspect::LogGroupRetention { group: group.clone() })?;
        if retention.get("isAccountRetention").is_some() {
            let reason = format!("an account-level policy sets the retention of log group {group}");
            let stop = Stop::new(Hindrance::Manual, reason)
                .hint("change that policy: the group's own retention has no effect");
            bench.leave(account, Some(arn.to_string()), findings, stop);
        } else if let Some(source) = sources.iter().max_by_key(|source| source.is_organization) {
            bench.keep_events(account, &region, &group, source, findings)?;
        }
        encrypt(bench, account, &region, &group, findings)?;
    }
    if let Some(findings) = wants.get(&GroupWant::Role) {
        for source in sources {
            bench.mend_role(source, arn, findings)?;
        }
    }
    Ok(())
}

fn encrypt(
    bench: &mut Bench<'_>,
    account: &AccountId,
    region: &Region,
    group: &str,
    findings: &Findings,
) -> Result<(), Stop> {
    let aspect = Aspect::LogGroupKey { group: group.to_owned() };
    let before = bench.look(account, region, aspect.clone())?;
    if before.get("kmsKeyId").is_some() {
        return Ok(());
    }
    let key = bench.key_for(account, region, &Purpose::LogGroups, findings)?;
    bench.step(Draft {
        phase: Phase::LogGroup,
        title: format!("encrypt what log group {group} receives from now on"),
        subject: subject(account, region, aspect),
        call: Call::AssociateKmsKey { log_group_name: group.to_owned(), kms_key_id: key.arn.clone() },
        before: Earlier::Is(before),
        after: json!({ "kmsKeyId": key.arn }),
        guards: vec![],
        needs: key.needs,
        findings: findings.clone(),
        rollback: Rollback::Undo(Call::DisassociateKmsKey { log_group_name: group.to_owned() }),
        cost: None,
    })?;
    Ok(())
}
