//! A new organization trail with all that it needs: bucket, key, log group, role, selectors, and logging at last.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::plan::{Aspect, Call, Choice, Hindrance, Rollback, Subject, Tag, TrailInput};

use crate::archive;
use crate::bench::{Bench, Draft, Earlier, Findings, Phase, subject};
use crate::buckets::{Bucket, Change};
use crate::facts::Stop;
use crate::groups::Delivery;
use crate::keys::{Key, Purpose};
use crate::requests::Source;
use crate::selectors::{Demand, demanded};
use crate::trails::{TRAILS_PER_REGION, put_selectors, required_insights};

/// What a new trail is called.
const NAME: &str = "organization-trail";

/// A trail that this plan creates.
#[derive(Debug, Clone)]
pub(crate) struct NewTrail {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    /// The name of its log group.
    pub(crate) group: String,
    /// The steps that create the log group.
    pub(crate) needs: BTreeSet<Subject>,
    /// The findings that ask for the trail, and so for what it needs not to fail at once.
    pub(crate) findings: Findings,
}

/// Creates the trail and what it rests on, in the order in which CloudTrail checks them.
pub(super) fn create(bench: &mut Bench<'_>, findings: &Findings) -> Result<NewTrail, Stop> {
    let archive = archive::choose(bench)?;
    let region = home(bench)?;
    let management = bench.management().clone();
    let name = name(bench, &management, &region)?;
    let arn = format!("arn:{}:cloudtrail:{region}:{management}:trail/{name}", bench.partition());
    let source = Source {
        arn: arn.clone(),
        owner: management.clone(),
        is_organization: true,
        prefix: String::new(),
        has_key: true,
    };
    let sources = BTreeSet::from([source.clone()]);
    let bucket_name = archive::bucket_name(bench, &archive);
    let (bucket, mut needs) = bench.log_bucket(&bucket_name, (&archive, &region), sources.clone(), findings)?;
    let key = bench.key_for(&archive, &region, &Purpose::Trails(sources), findings)?;
    needs.extend(encrypt(bench, &bucket, &key, findings)?);
    needs.extend(key.needs.iter().cloned());
    let delivery = bench.delivery_for(&source, &name, &region, findings)?;
    needs.extend(delivery.needs.iter().cloned());
    needs.extend(bench.drafts.keys().filter(|one| matches!(one.aspect, Aspect::TrustedAccess { .. })).cloned());
    let place = Place { account: &management, region: &region, arn: &arn };
    let created = trail(bench, &place, &name, (&bucket.name, &key, &delivery), needs, findings)?;
    let last = settings(bench, &place, created, findings)?;
    start(bench, &place, &last, findings)?;
    Ok(NewTrail {
        account: management,
        region,
        group: delivery.group,
        needs: delivery.needs,
        findings: findings.clone(),
    })
}

struct Place<'p> {
    account: &'p AccountId,
    region: &'p Region,
    arn: &'p str,
}

/// The home region: as asked, else the leader region, which every account has.
fn home(bench: &mut Bench<'_>) -> Result<Region, Stop> {
    let leader = bench.leader()?;
    let Some(region) = bench.inputs.options.home_region.clone() else {
        bench.choose(Choice {
            what: "home region of what is created".to_owned(),
            chosen: leader.to_string(),
            because: "it is the leader region of the partition, and nothing is there yet to go by".to_owned(),
            otherwise: Some("--home-region REGION".to_owned()),
        });
        return Ok(leader);
    };
    let partition = trailwarden_model::partition::Partition::by_id(bench.partition());
    if !partition.is_some_and(|partition| partition.is_enabled_by_default(&region)) {
        let reason =
            format!("{region} must be opted in to: an organization trail at home there misses accounts without it");
        return Err(Stop::new(Hindrance::Impossible, reason).hint("name a region that every account has"));
    }
    Ok(region)
}

/// A name that no trail of the management account has, where there is a place for one more in every region.
fn name(bench: &Bench<'_>, management: &AccountId, home: &Region) -> Result<String, Stop> {
    let snapshot = bench.inputs.snapshot;
    let regions = snapshot.accounts.get(management).map(|seen| &seen.regions);
    for (region, seen) in regions.into_iter().flatten() {
        if seen.trails.get()?.len() >= TRAILS_PER_REGION {
            let reason = format!(
                "{region} of {} has {TRAILS_PER_REGION} trails already, and AWS allows no more: there is no place for an organization trail",
                bench.name(management)
            );
            return Err(
                Stop::new(Hindrance::Impossible, reason).hint("remove a trail that another one makes redundant")
            );
        }
    }
    let is_taken = |name: &String| {
        let arn: Option<Arn> =
            format!("arn:{}:cloudtrail:{home}:{management}:trail/{name}", bench.partition()).parse().ok();
        arn.is_some_and(|arn| snapshot.trails.contains_key(&arn))
            || snapshot.trails.values().any(|trail| trail.owner == *management && trail.name == *name)
    };
    let mut names = std::iter::once(NAME.to_owned()).chain((2..).map(|number| format!("{NAME}-{number}")));
    names.find(|name| !is_taken(name)).ok_or(Stop::NotLooked)
}

/// What else comes into the bucket is encrypted with the same key.
fn encrypt(bench: &mut Bench<'_>, bucket: &Bucket, key: &Key, findings: &Findings) -> Result<Option<Subject>, Stop> {
    if bucket.created.is_none() {
        return Ok(None);
    }
    let rules = json!({"Rules": [{"ApplyServerSideEncryptionByDefault": {"KMSMasterKeyID": key.arn, "SSEAlgorithm": "aws:kms"},
        "BucketKeyEnabled": true}]});
    let change = Change {
        phase: Phase::Admit,
        title: format!("encrypt what bucket {} receives with the key of the trail", bucket.name),
        aspect: Aspect::BucketEncryption { bucket: bucket.name.clone() },
        call: Call::PutBucketEncryption {
            bucket: bucket.name.clone(),
            server_side_encryption_configuration: rules.clone(),
        },
        after: rules,
        back: |_, _| Rollback::Keep("it goes with the bucket".to_owned()),
        cost: None,
    };
    let step = bench.change(bucket, change, findings)?;
    if let Some(draft) = step.as_ref().and_then(|step| bench.drafts.get_mut(step)) {
        draft.needs.extend(key.needs.iter().cloned());
    }
    Ok(step)
}

fn trail(
    bench: &mut Bench<'_>,
    place: &Place<'_>,
    name: &str,
    (bucket, key, delivery): (&str, &Key, &Delivery),
    needs: BTreeSet<Subject>,
    findings: &Findings,
) -> Result<Subject, Stop> {
    let aspect = Aspect::Trail { trail: place.arn.to_owned() };
    let before = bench.look(place.account, place.region, aspect.clone())?;
    if !before.is_null() {
        return Err(Stop::new(Hindrance::Manual, format!("trail {} is there now; audit again", place.arn)));
    }
    let after = json!({
        "Name": name, "S3BucketName": bucket, "IncludeGlobalServiceEvents": true, "IsMultiRegionTrail": true,
        "HomeRegion": place.region, "TrailARN": place.arn, "LogFileValidationEnabled": true,
        "CloudWatchLogsLogGroupArn": delivery.group_arn, "CloudWatchLogsRoleArn": delivery.role_arn, "KmsKeyId": key.arn,
        "IsOrganizationTrail": true, "RecursiveLogging": true,
    });
    bench.step(Draft {
        phase: Phase::Trail,
        title: format!("create organization trail {name}"),
        subject: subject(place.account, place.region, aspect),
        call: Call::CreateTrail(TrailInput {
            name: name.to_owned(),
            s3_bucket_name: Some(bucket.to_owned()),
            include_global_service_events: Some(true),
            is_multi_region_trail: Some(true),
            enable_log_file_validation: Some(true),
            cloud_watch_logs_log_group_arn: Some(delivery.group_arn.clone()),
            cloud_watch_logs_role_arn: Some(delivery.role_arn.clone()),
            kms_key_id: Some(key.arn.clone()),
            is_organization_trail: Some(true),
            tags_list: vec![Tag { key: "trailwarden".to_owned(), value: "cloudtrail".to_owned() }],
            ..TrailInput::default()
        }),
        before: Earlier::Is(before),
        after,
        guards: vec![],
        needs,
        findings: findings.clone(),
        rollback: Rollback::Undo(Call::DeleteTrail { name: place.arn.to_owned() }),
        cost: Some("the first copy of management events is free; a second one of any account is charged".to_owned()),
    })
}

/// What the baseline requires beyond management events.
fn settings(
    bench: &mut Bench<'_>,
    place: &Place<'_>,
    created: Subject,
    findings: &Findings,
) -> Result<BTreeSet<Subject>, Stop> {
    let required = bench.required_of(place.account, true)?;
    let mut last = BTreeSet::from([created.clone()]);
    let more = |phase, title: &str, aspect, call, after| Draft {
        phase,
        title: title.to_owned(),
        subject: subject(place.account, place.region, aspect),
        call,
        before: Earlier::CreatedBy(created.clone()),
        after,
        guards: vec![],
        needs: BTreeSet::from([created.clone()]),
        findings: findings.clone(),
        rollback: Rollback::Keep("it goes with the trail".to_owned()),
        cost: Some("AWS charges for these events by their number".to_owned()),
    };
    if !required.data_events.is_empty() || !required.network_activity_sources.is_empty() {
        let whole = json!({"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": true}]});
        let after = demanded(&whole, Demand { management: true, required: Some(&required) })?;
        let aspect = Aspect::TrailSelectors { trail: place.arn.to_owned() };
        let call = put_selectors(place.arn, &after);
        last.insert(bench.step(more(
            Phase::Selectors,
            "record the events that the baseline requires",
            aspect,
            call,
            after,
        ))?);
    }
    if !required.insights.is_empty() {
        let after = required_insights(&Value::Null, &required);
        let aspect = Aspect::TrailInsights { trail: place.arn.to_owned() };
        let call = Call::PutInsightSelectors { trail_name: place.arn.to_owned(), insight_selectors: after.clone() };
        last.insert(bench.step(more(
            Phase::Selectors,
            "switch on the Insights that the baseline requires",
            aspect,
            call,
            after,
        ))?);
    }
    Ok(last)
}

fn start(
    bench: &mut Bench<'_>,
    place: &Place<'_>,
    needs: &BTreeSet<Subject>,
    findings: &Findings,
) -> Result<Subject, Stop> {
    let created = subject(place.account, place.region, Aspect::Trail { trail: place.arn.to_owned() });
    bench.step(Draft {
        phase: Phase::Logging,
        title: "start logging with the organization trail".to_owned(),
        subject: subject(place.account, place.region, Aspect::TrailLogging { trail: place.arn.to_owned() }),
        call: Call::StartLogging { name: place.arn.to_owned() },
        before: Earlier::CreatedBy(created),
        after: json!(true),
        guards: vec![],
        needs: needs.clone(),
        findings: findings.clone(),
        rollback: Rollback::Undo(Call::StopLogging { name: place.arn.to_owned() }),
        cost: None,
    })
}
