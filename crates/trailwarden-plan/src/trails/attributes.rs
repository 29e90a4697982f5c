//! The attributes of a trail: everything that is wanted, in one update.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailwarden_model::plan::{Aspect, Call, Hindrance, Rollback, Subject, TrailInput};
use trailwarden_model::trail::Trail;

use super::{KeyUsers, TRAILS_PER_REGION, bucket_place, source, trail_key, undo};
use crate::archive;
use crate::asks::{TrailWant, Wants};
use crate::bench::{Bench, Draft, Earlier, Findings, Phase, subject};
use crate::facts::Stop;
use crate::requests::Source;

/// What an update of the trail serves.
const ATTRIBUTES: [TrailWant; 8] = [
    TrailWant::Organization,
    TrailWant::MultiRegion,
    TrailWant::GlobalEvents,
    TrailWant::Validation,
    TrailWant::Key,
    TrailWant::LogGroup,
    TrailWant::NoRecursion,
    TrailWant::Archive,
];

/// The findings that an update serves.
pub(super) fn findings(wants: &Wants<TrailWant>) -> Findings {
    ATTRIBUTES.iter().filter_map(|want| wants.get(want)).flatten().cloned().collect()
}

/// An update in the making.
struct Update {
    input: TrailInput,
    /// What is observed afterwards.
    after: Value,
    needs: BTreeSet<Subject>,
}

impl Update {
    fn set(&mut self, member: &str, value: Value) {
        if let Some(members) = self.after.as_object_mut() {
            members.insert(member.to_owned(), value);
        }
    }
}

/// One update for all that is wanted; none where no attribute is.
pub(super) fn update(
    bench: &mut Bench<'_>,
    trail: &Trail,
    wants: &Wants<TrailWant>,
    users: &KeyUsers,
) -> Result<Option<Subject>, Stop> {
    let findings = findings(wants);
    if findings.is_empty() {
        return Ok(None);
    }
    let aspect = Aspect::Trail { trail: trail.arn.to_string() };
    let before = bench.look(&trail.owner, &trail.home_region, aspect.clone())?;
    if before.is_null() {
        return Err(Stop::new(Hindrance::Manual, format!("trail {} is not there any more; audit again", trail.arn)));
    }
    let input = TrailInput { name: trail.arn.to_string(), ..TrailInput::default() };
    let mut update = Update { input, after: before.clone(), needs: BTreeSet::new() };
    permitted(bench, trail, &before, &findings)?;
    flags(bench, trail, wants, &mut update)?;
    links(bench, trail, wants, users, &mut update)?;
    if update.after == before {
        return Ok(None);
    }
    let step = bench.step(Draft {
        phase: Phase::Trail,
        title: format!("update trail {}", trail.name),
        subject: subject(&trail.owner, &trail.home_region, aspect),
        rollback: Rollback::Undo(Call::UpdateTrail(undo(trail.arn.as_str(), &before, &update.input))),
        call: Call::UpdateTrail(update.input),
        before: Earlier::Is(before),
        after: update.after,
        guards: vec![],
        needs: update.needs,
        findings,
        cost: None,
    })?;
    Ok(Some(step))
}

/// Stops before keys and groups are made for a trail that a policy would not let us update.
fn permitted(bench: &Bench<'_>, trail: &Trail, before: &Value, findings: &Findings) -> Result<(), Stop> {
    let probe = Draft {
        phase: Phase::Trail,
        title: String::new(),
        subject: subject(&trail.owner, &trail.home_region, Aspect::Trail { trail: trail.arn.to_string() }),
        call: Call::UpdateTrail(TrailInput::default()),
        before: Earlier::Is(before.clone()),
        after: Value::Null,
        guards: vec![],
        needs: BTreeSet::new(),
        findings: findings.clone(),
        rollback: Rollback::Keep(String::new()),
        cost: None,
    };
    bench.check_guardrails(&probe)
}

fn flags(bench: &Bench<'_>, trail: &Trail, wants: &Wants<TrailWant>, update: &mut Update) -> Result<(), Stop> {
    if wants.contains_key(&TrailWant::Organization) && !trail.is_organization {
        update.input.is_organization_trail = Some(true);
        update.set("IsOrganizationTrail", json!(true));
        update.needs.extend(bench.drafts.keys().filter(|subject| is_trust(&subject.aspect)).cloned());
    }
    if wants.contains_key(&TrailWant::MultiRegion) && !trail.is_multi_region {
        check_quota(bench, trail)?;
        update.input.is_multi_region_trail = Some(true);
        update.set("IsMultiRegionTrail", json!(true));
    }
    let needs_global = update.input.is_multi_region_trail == Some(true) || wants.contains_key(&TrailWant::GlobalEvents);
    if needs_global && !trail.includes_global_service_events {
        update.input.include_global_service_events = Some(true);
        update.set("IncludeGlobalServiceEvents", json!(true));
    }
    if wants.contains_key(&TrailWant::Validation) && !trail.log_file_validation {
        update.input.enable_log_file_validation = Some(true);
        update.set("LogFileValidationEnabled", json!(true));
    }
    if wants.contains_key(&TrailWant::NoRecursion) {
        update.input.recursive_logging = Some(false);
        update.set("RecursiveLogging", json!(false));
    }
    Ok(())
}

fn is_trust(aspect: &Aspect) -> bool {
    matches!(aspect, Aspect::TrustedAccess { .. })
}

/// A trail that becomes a multi-Region one takes a place in every region.
fn check_quota(bench: &Bench<'_>, trail: &Trail) -> Result<(), Stop> {
    let Some(owner) = bench.inputs.snapshot.accounts.get(&trail.owner) else { return Ok(()) };
    for (region, seen) in &owner.regions {
        let trails = seen.trails.get()?;
        if trails.len() >= TRAILS_PER_REGION && !trails.contains_key(&trail.arn) {
            let reason = format!(
                "trail {} cannot record every region: {region} of {} has {TRAILS_PER_REGION} trails already, and AWS allows no more",
                trail.name,
                bench.name(&trail.owner)
            );
            return Err(Stop::new(Hindrance::Impossible, reason).hint("remove one that another trail makes redundant"));
        }
    }
    Ok(())
}

fn links(
    bench: &mut Bench<'_>,
    trail: &Trail,
    wants: &Wants<TrailWant>,
    users: &KeyUsers,
    update: &mut Update,
) -> Result<(), Stop> {
    let becomes_organization = wants.contains_key(&TrailWant::Organization);
    let becoming = Source { is_organization: trail.is_organization || becomes_organization, ..source(trail) };
    let mut place = bucket_place(bench.inputs.snapshot, &trail.bucket);
    if let Some(findings) = wants.get(&TrailWant::Archive) {
        let archive = archive::choose(bench)?;
        let region = trail.home_region.clone();
        let name = archive::bucket_name(bench, &archive);
        let (bucket, needs) =
            bench.log_bucket(&name, (&archive, &region), BTreeSet::from([becoming.clone()]), findings)?;
        update.needs.extend(needs);
        update.input.s3_bucket_name = Some(bucket.name.clone());
        update.set("S3BucketName", json!(bucket.name));
        place = Some((archive, region));
    } else if becomes_organization {
        update.needs.extend(admit_organization(bench, trail, &becoming, wants)?);
    }
    let moves_key = wants.contains_key(&TrailWant::Archive) && trail.kms_key.is_some();
    if wants.contains_key(&TrailWant::Key) || moves_key {
        let of_key = wants.get(&TrailWant::Key).or_else(|| wants.get(&TrailWant::Archive)).cloned().unwrap_or_default();
        let place = place.unwrap_or_else(|| (trail.owner.clone(), trail.home_region.clone()));
        let mut users = users.clone();
        users.entry(place.clone()).or_default().insert(Source { has_key: true, ..becoming.clone() });
        let key = trail_key(bench, &place, &users, &of_key)?;
        update.needs.extend(key.needs);
        update.input.kms_key_id = Some(key.arn.clone());
        update.set("KmsKeyId", json!(key.arn));
    }
    if let Some(findings) = wants.get(&TrailWant::LogGroup) {
        let delivery = bench.delivery_for(&becoming, &trail.name, &trail.home_region, findings)?;
        update.needs.extend(delivery.needs);
        update.set("CloudWatchLogsLogGroupArn", json!(delivery.group_arn));
        update.set("CloudWatchLogsRoleArn", json!(delivery.role_arn));
        update.input.cloud_watch_logs_log_group_arn = Some(delivery.group_arn);
        update.input.cloud_watch_logs_role_arn = Some(delivery.role_arn);
    }
    Ok(())
}

/// A trail that becomes an organization trail writes under other prefixes, and its bucket and key must let it.
fn admit_organization(
    bench: &mut Bench<'_>,
    trail: &Trail,
    becoming: &Source,
    wants: &Wants<TrailWant>,
) -> Result<BTreeSet<Subject>, Stop> {
    let findings = wants.get(&TrailWant::Organization).cloned().unwrap_or_default();
    let Some((account, region)) = bucket_place(bench.inputs.snapshot, &trail.bucket) else {
        let gap = bench.inputs.snapshot.buckets.get(&trail.bucket).and_then(|bucket| bucket.owner.gap().cloned());
        let manual = || Stop::new(Hindrance::Manual, format!("bucket {} is not the organization's", trail.bucket));
        return Err(gap.map_or_else(manual, Stop::Unknown));
    };
    let mut sources: BTreeSet<Source> =
        bench.inputs.snapshot.trails.values().filter(|other| other.bucket == trail.bucket).map(source).collect();
    sources.retain(|other| other.arn != becoming.arn);
    sources.insert(becoming.clone());
    let bucket = bench.bucket(&trail.bucket, &account, &region, sources);
    bench.check_owner(&account, &region, &bucket.arn.clone(), &trail.bucket)?;
    Ok(bench.bucket_policy(&bucket, false, &findings)?.into_iter().collect())
}
