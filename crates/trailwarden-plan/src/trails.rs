//! Trails that are there: one update for all attributes, then selectors, Insights and logging, always at home.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use trailwarden_model::baseline::Required;
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::plan::{Aspect, Call, Hindrance, Rollback, Subject, TrailInput};
use trailwarden_model::snapshot::Snapshot;
use trailwarden_model::storage::BucketOwner;
use trailwarden_model::trail::Trail;

use crate::asks::{TrailWant, Wants, all};
use crate::bench::{Bench, Draft, Earlier, Findings, Phase, subject};
use crate::facts::Stop;
use crate::keys::{Key, Purpose};
use crate::requests::Source;
use crate::selectors::{Demand, demanded};

mod attributes;
mod topic;

/// Which trails will need a new key, by the account and region of their buckets: one key serves them all.
pub(crate) type KeyUsers = BTreeMap<(AccountId, Region), BTreeSet<Source>>;

/// Trails of one account that AWS allows in a region, shadows included. Source: CloudTrail User Guide, quotas.
pub(crate) const TRAILS_PER_REGION: usize = 5;

/// A trail as policies must know it.
pub(crate) fn source(trail: &Trail) -> Source {
    Source {
        arn: trail.arn.to_string(),
        owner: trail.owner.clone(),
        is_organization: trail.is_organization,
        prefix: trail.prefix.as_deref().map(|prefix| format!("{prefix}/")).unwrap_or_default(),
        has_key: trail.kms_key.is_some(),
    }
}

/// The account and region of a trail's bucket, where both are known.
pub(crate) fn bucket_place(snapshot: &Snapshot, bucket: &str) -> Option<(AccountId, Region)> {
    let bucket = snapshot.buckets.get(bucket)?;
    match bucket.owner.known()? {
        BucketOwner::Account(owner) => Some((owner.clone(), bucket.region.known()?.clone())),
        _ => None,
    }
}

/// The place of every key that trails will need.
pub(crate) fn key_users(bench: &Bench<'_>, trails: &BTreeMap<Arn, Wants<TrailWant>>) -> KeyUsers {
    let mut users = KeyUsers::new();
    for (arn, _) in trails.iter().filter(|(_, wants)| wants.contains_key(&TrailWant::Key)) {
        let Some(trail) = bench.inputs.snapshot.trails.get(arn) else { continue };
        let place = bucket_place(bench.inputs.snapshot, &trail.bucket)
            // A bucket that is to be made again is made by the trail's owner, at the trail's home.
            .unwrap_or_else(|| (trail.owner.clone(), trail.home_region.clone()));
        users.entry(place).or_default().insert(Source { has_key: true, ..source(trail) });
    }
    users
}

/// Plans one trail.
pub(crate) fn plan(bench: &mut Bench<'_>, arn: &Arn, wants: &Wants<TrailWant>, users: &KeyUsers) {
    let findings = all(wants);
    let Some(trail) = bench.inputs.snapshot.trails.get(arn) else { return };
    bench.target(&trail.owner, Some(arn.to_string()), &findings, |bench| plan_trail(bench, trail, wants, users));
}

fn plan_trail(bench: &mut Bench<'_>, trail: &Trail, wants: &Wants<TrailWant>, users: &KeyUsers) -> Result<(), Stop> {
    let organization = &bench.inputs.snapshot.organization;
    if !organization.accounts.contains_key(&trail.owner) {
        let reason =
            format!("trail {} belongs to account {}, which is not in the organization", trail.name, trail.owner);
        return Err(Stop::new(Hindrance::Manual, reason));
    }
    bench.check_owner(&trail.owner, &trail.home_region, trail.arn.as_str(), &trail.name)?;
    let updated = attributes::update(bench, trail, wants, users);
    let updated = match updated {
        Ok(step) => step,
        // What needs no update of the trail is planned all the same.
        Err(stop @ Stop::Hindered { .. }) => {
            let findings = attributes::findings(wants);
            bench.leave(&trail.owner, Some(trail.arn.to_string()), &findings, stop);
            None
        }
        Err(stop) => return Err(stop),
    };
    let needs: BTreeSet<Subject> = updated.into_iter().collect();
    part(
        bench,
        trail,
        wants,
        &[TrailWant::Management, TrailWant::DataEvents, TrailWant::NetworkActivity],
        |bench, findings| select(bench, trail, wants, &needs, findings),
    )?;
    part(bench, trail, wants, &[TrailWant::Insights], |bench, findings| {
        insights(bench, trail, wants, &needs, findings)
    })?;
    part(bench, trail, wants, &[TrailWant::Topic], |bench, findings| topic::plan(bench, trail, findings))?;
    part(bench, trail, wants, &[TrailWant::Logging], |bench, findings| start(bench, trail, &needs, findings))
}

/// One part of a trail: what hinders it hinders no other part.
fn part(
    bench: &mut Bench<'_>,
    trail: &Trail,
    wants: &Wants<TrailWant>,
    of: &[TrailWant],
    plan: impl FnOnce(&mut Bench<'_>, &Findings) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let findings: Findings = of.iter().filter_map(|want| wants.get(want)).flatten().cloned().collect();
    if findings.is_empty() {
        return Ok(());
    }
    match plan(bench, &findings) {
        Err(stop @ Stop::Hindered { .. }) => {
            bench.leave(&trail.owner, Some(trail.arn.to_string()), &findings, stop);
            Ok(())
        }
        other => other,
    }
}

fn select(
    bench: &mut Bench<'_>,
    trail: &Trail,
    wants: &Wants<TrailWant>,
    needs: &BTreeSet<Subject>,
    findings: &Findings,
) -> Result<(), Stop> {
    let aspect = Aspect::TrailSelectors { trail: trail.arn.to_string() };
    let before = bench.look(&trail.owner, &trail.home_region, aspect.clone())?;
    let wants_more = wants.contains_key(&TrailWant::DataEvents) || wants.contains_key(&TrailWant::NetworkActivity);
    let required = if wants_more { Some(required(bench, trail, wants)?) } else { None };
    let demand = Demand { management: wants.contains_key(&TrailWant::Management), required: required.as_ref() };
    let after = demanded(&before, demand)?;
    if after == before {
        let reason = format!("trail {} selects these events already; see why they do not count", trail.name);
        return Err(Stop::new(Hindrance::Manual, reason));
    }
    bench.step(Draft {
        phase: Phase::Selectors,
        title: format!("record what is demanded with trail {}, and all that it records now", trail.name),
        subject: subject(&trail.owner, &trail.home_region, aspect),
        call: put_selectors(trail.arn.as_str(), &after),
        rollback: Rollback::Undo(put_selectors(trail.arn.as_str(), &before)),
        before: Earlier::Is(before),
        after,
        guards: vec![],
        needs: needs.clone(),
        findings: findings.clone(),
        cost: wants_more.then(|| "AWS charges for data and network activity events by their number".to_owned()),
    })?;
    Ok(())
}

/// The call that puts selectors as they are observed.
pub(crate) fn put_selectors(trail: &str, selectors: &Value) -> Call {
    Call::PutEventSelectors {
        trail_name: trail.to_owned(),
        event_selectors: selectors.get("EventSelectors").cloned(),
        advanced_event_selectors: selectors.get("AdvancedEventSelectors").cloned(),
    }
}

/// Insights that the baseline requires, beside those that are on.
pub(crate) fn required_insights(present: &Value, required: &Required) -> Value {
    let mut kinds: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for selector in present.as_array().into_iter().flatten() {
        let kind = selector.get("InsightType").and_then(Value::as_str).unwrap_or_default();
        let categories = selector.get("EventCategories").and_then(Value::as_array).into_iter().flatten();
        let categories: Vec<String> = categories.filter_map(Value::as_str).map(str::to_owned).collect();
        kinds.entry(kind.to_owned()).or_default().extend(categories);
    }
    for insight in &required.insights {
        kinds.entry(insight.kind.clone()).or_default().insert(insight.category.clone());
    }
    kinds.into_iter().map(|(kind, categories)| json!({"InsightType": kind, "EventCategories": categories})).collect()
}

/// What the baseline requires of a trail as it will be after this plan.
fn required(bench: &Bench<'_>, trail: &Trail, wants: &Wants<TrailWant>) -> Result<Required, Stop> {
    bench.required_of(&trail.owner, trail.is_organization || wants.contains_key(&TrailWant::Organization))
}

fn insights(
    bench: &mut Bench<'_>,
    trail: &Trail,
    wants: &Wants<TrailWant>,
    needs: &BTreeSet<Subject>,
    findings: &Findings,
) -> Result<(), Stop> {
    let aspect = Aspect::TrailInsights { trail: trail.arn.to_string() };
    let before = bench.look(&trail.owner, &trail.home_region, aspect.clone())?;
    let after = required_insights(&before, &required(bench, trail, wants)?);
    if after == before {
        let reason = format!("trail {} has the required Insights on already; see why they do not count", trail.name);
        return Err(Stop::new(Hindrance::Manual, reason));
    }
    let put = |selectors: &Value| Call::PutInsightSelectors {
        trail_name: trail.arn.to_string(),
        insight_selectors: selectors.clone(),
    };
    bench.step(Draft {
        phase: Phase::Selectors,
        title: format!("switch on the required Insights of trail {}", trail.name),
        subject: subject(&trail.owner, &trail.home_region, aspect),
        call: put(&after),
        rollback: Rollback::Undo(put(&before)),
        before: Earlier::Is(before),
        after,
        guards: vec![],
        needs: needs.clone(),
        findings: findings.clone(),
        cost: Some("AWS charges for the events that Insights analyses".to_owned()),
    })?;
    Ok(())
}

fn start(bench: &mut Bench<'_>, trail: &Trail, needs: &BTreeSet<Subject>, findings: &Findings) -> Result<(), Stop> {
    let aspect = Aspect::TrailLogging { trail: trail.arn.to_string() };
    let before = bench.look(&trail.owner, &trail.home_region, aspect.clone())?;
    if before != json!(false) {
        let reason = format!("trail {} is logging at home, and not in every region that it should cover", trail.name);
        let hint = "AWS makes the missing shadows by itself; look at the status in the regions named";
        return Err(Stop::new(Hindrance::Manual, reason).hint(hint));
    }
    bench.step(Draft {
        phase: Phase::Logging,
        title: format!("start logging with trail {}", trail.name),
        subject: subject(&trail.owner, &trail.home_region, aspect),
        call: Call::StartLogging { name: trail.arn.to_string() },
        before: Earlier::Is(before),
        after: json!(true),
        guards: vec![],
        needs: needs.clone(),
        findings: findings.clone(),
        rollback: Rollback::Undo(Call::StopLogging { name: trail.arn.to_string() }),
        cost: Some("AWS charges for management events that another trail records as well".to_owned()),
    })?;
    Ok(())
}

/// The key for a trail: the one of ours in the place of its bucket.
pub(crate) fn trail_key(
    bench: &mut Bench<'_>,
    place: &(AccountId, Region),
    users: &KeyUsers,
    findings: &Findings,
) -> Result<Key, Stop> {
    let sources = users.get(place).cloned().unwrap_or_default();
    bench.key_for(&place.0, &place.1, &Purpose::Trails(sources), findings)
}

/// The members of an observed trail that an update changes, as the call names them.
pub(crate) fn undo(arn: &str, before: &Value, input: &TrailInput) -> TrailInput {
    let text = |member: &str| Some(before.get(member).and_then(Value::as_str).unwrap_or_default().to_owned());
    let flag = |member: &str| Some(before.get(member).and_then(Value::as_bool).unwrap_or_default());
    TrailInput {
        name: arn.to_owned(),
        s3_bucket_name: input.s3_bucket_name.as_ref().and_then(|_| text("S3BucketName")),
        sns_topic_name: input.sns_topic_name.as_ref().and_then(|_| text("SnsTopicARN")),
        include_global_service_events: input
            .include_global_service_events
            .and_then(|_| flag("IncludeGlobalServiceEvents")),
        is_multi_region_trail: input.is_multi_region_trail.and_then(|_| flag("IsMultiRegionTrail")),
        enable_log_file_validation: input.enable_log_file_validation.and_then(|_| flag("LogFileValidationEnabled")),
        cloud_watch_logs_log_group_arn: input
            .cloud_watch_logs_log_group_arn
            .as_ref()
            .and_then(|_| text("CloudWatchLogsLogGroupArn")),
        cloud_watch_logs_role_arn: input.cloud_watch_logs_role_arn.as_ref().and_then(|_| text("CloudWatchLogsRoleArn")),
        kms_key_id: input.kms_key_id.as_ref().and_then(|_| text("KmsKeyId")),
        is_organization_trail: input.is_organization_trail.and_then(|_| flag("IsOrganizationTrail")),
        recursive_logging: input
            .recursive_logging
            .map(|_| before.get("RecursiveLogging").and_then(Value::as_bool).unwrap_or(true)),
        ..TrailInput::default()
    }
}
