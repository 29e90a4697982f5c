//! no-log-bucket-feedback-loop: no trail records the deliveries of its own log files, directly or through another trail.

use trailwarden_model::control::Severity;
use trailwarden_model::finding::Evidence;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::Gap;
use trailwarden_model::snapshot::Need;
use trailwarden_model::storage::BucketOwner;
use trailwarden_model::trail::Trail;

use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::coverage::{Share, required};
use crate::cx::Cx;
use crate::gone;
use crate::verdict::{Verdict, fact};

pub(super) static CONTROL: Control = Control {
    id: "no-log-bucket-feedback-loop",
    title: "The trail does not record its own deliveries",
    severity: Severity::Medium,
    practice: None,
    needs: &[Need::Trails, Need::TrailStatus, Need::EventSelectors, Need::BucketOwner, Need::Key],
    rule: "Fails when the trail records S3 data events that include what CloudTrail itself writes to the trail's log bucket, \
           so that every delivery causes the next one; or when it records the deliveries of another trail that records its \
           own in turn. Deliveries are PutObject calls of CloudTrail below the prefix of the log files, recorded in the \
           account and region of the bucket: selectors that only read, that leave the bucket out by resources.ARN, or a trail \
           that does not record there, make no loop; neither does RecursiveLogging false (absent counts as on). Does not \
           apply when the bucket does not exist or belongs to an account outside the organization.",
    why: "Each delivered file is an event, delivered in the next file: cost without end, and noise that hides who really \
          touched the logs.",
    remedy: "Set RecursiveLogging to false on the trail, which drops CloudTrail's own deliveries and nothing else; or leave the \
             log bucket out with resources.ARN NotStartsWith, and watch access to it with server access logs.",
    references: &[
        "CloudTrail User Guide: Suppressing recursive events with recursive logging",
        "CloudTrail User Guide: Logging data events",
    ],
    frameworks: &[],
    applies: Applies::Always,
    judge: Judge::Trail(Trailless::NotApplicable, judge),
};

fn judge(cx: &Cx<'_>, trail: &Trail) -> Judged {
    let (name, bucket) = (&trail.name, &trail.bucket);
    if !may_record_deliveries(cx, trail)? {
        let (fact, why) = match is_recursive(trail) {
            true => (selected(trail, "takes no object that CloudTrail writes"), "selects no objects that are written"),
            false => (cx.attribute(trail, "RecursiveLogging is false".to_owned()), "drops CloudTrail's own deliveries"),
        };
        return Ok(Verdict::pass(format!("Trail {name} {why}")).with([fact]));
    }
    if let Some(settled) = gone::bucket(cx.bucket(bucket)?)? {
        // Selectors that were not read may be such that there was no loop to begin with.
        trail.selectors.get()?;
        return Ok(settled);
    }
    let mut undecided = None;
    if let Some((account, region)) = inbox(cx, trail)? {
        for other in cx.sighted(account, region)? {
            match is_loop(cx, trail, other) {
                Ok(true) => return Ok(looped(cx, trail, other)),
                Ok(false) => {}
                Err(gap) => undecided = undecided.or(Some(gap)),
            }
        }
    }
    let pass = || Verdict::pass(format!("Trail {name} does not record its own deliveries to bucket {bucket}"));
    undecided.map_or_else(|| Ok(pass()), Err)
}

fn is_recursive(trail: &Trail) -> bool {
    trail.recursive_logging.unwrap_or(true)
}

/// False when it is known that the trail records nothing of what CloudTrail writes, in whatever bucket.
fn may_record_deliveries(cx: &Cx<'_>, trail: &Trail) -> Result<bool, Gap> {
    let anywhere = required::deliveries(format!("arn:{}:s3:::", cx.partition()));
    Ok(is_recursive(trail) && cx.may_take(trail, &anywhere)?)
}

/// The account and region where deliveries to a trail's bucket are recorded; none when no account of the organization owns
/// the bucket.
fn inbox<'a>(cx: &Cx<'a>, trail: &Trail) -> Result<Option<(&'a AccountId, &'a Region)>, Gap> {
    let bucket = cx.bucket(&trail.bucket)?;
    match bucket.owner.get()? {
        BucketOwner::Account(account) => Ok(Some((account, bucket.region.get()?))),
        BucketOwner::Missing | BucketOwner::OutsideOrganization => Ok(None),
    }
}

/// Whether the other trail records what is delivered for this one, and this one what is delivered for the other.
fn is_loop(cx: &Cx<'_>, trail: &Trail, other: &Trail) -> Result<bool, Gap> {
    let is_itself = trail.arn == other.arn;
    Ok(records_deliveries(cx, other, trail)? && (is_itself || records_deliveries(cx, trail, other)?))
}

fn records_deliveries(cx: &Cx<'_>, recorder: &Trail, sender: &Trail) -> Result<bool, Gap> {
    if !may_record_deliveries(cx, recorder)? {
        return Ok(false);
    }
    let Some((account, region)) = inbox(cx, sender)? else { return Ok(false) };
    let start = format!("{}/{}", cx.bucket_arn(&sender.bucket), cx.base_prefix(sender));
    let contributions =
        cx.contributions(account, region, &required::deliveries(start), |trail| trail.arn == recorder.arn)?;
    match contributions.first().map(|one| &one.share) {
        Some(Share::All | Share::Some) => Ok(true),
        Some(Share::Undecided(gap)) => Err(gap.clone()),
        Some(Share::Nothing(_) | Share::Broken(_)) | None => Ok(false),
    }
}

fn looped(cx: &Cx<'_>, trail: &Trail, other: &Trail) -> Verdict {
    let reason = match trail.arn == other.arn {
        true => {
            format!("Trail {} records its own deliveries to bucket {}: each causes the next", trail.name, trail.bucket)
        }
        false => format!(
            "Trails {} and {} record each other's deliveries to buckets {} and {}: each causes the next",
            trail.name, other.name, trail.bucket, other.bucket
        ),
    };
    let recursive = match trail.recursive_logging {
        Some(_) => "RecursiveLogging is true",
        None => "RecursiveLogging is absent, which counts as true",
    };
    let mut facts = Vec::from([trail, other].map(|one| selected(one, "takes objects that CloudTrail writes")));
    facts.dedup();
    Verdict::fail(reason).with([cx.attribute(trail, recursive.to_owned())]).with(facts)
}

fn selected(trail: &Trail, text: &str) -> Evidence {
    let text = format!("trail {} {text}", trail.name);
    fact(text, "cloudtrail:GetEventSelectors", &trail.owner, Some(&trail.home_region))
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::{GapKind, Observed};
    use trailwarden_model::storage::BucketOwner;
    use trailwarden_model::trail::{FieldSelector, ReadWriteType, Selectors};

    use crate::testing::selectors::{advanced, basic_data, equals};
    use crate::testing::{ARCHIVE, HOME, ORG_TRAIL, WORKLOAD, World, account, denied};

    const ID: &str = super::CONTROL.id;
    const BUCKET: &str = "arn:aws:s3:::acme-log-archive/";

    fn recording(selectors: Selectors) -> World {
        World::clean().trail(ORG_TRAIL, |trail| trail.selectors = Observed::Known(selectors))
    }

    fn objects(condition: FieldSelector) -> Selectors {
        advanced(vec![vec![equals("eventCategory", "Data"), equals("resources.type", "AWS::S3::Object"), condition]])
    }

    fn all_objects() -> World {
        recording(basic_data(ReadWriteType::All, "AWS::S3::Object", &["arn:aws:s3"]))
    }

    fn outcome(world: &World) -> Outcome {
        world.judge(ID).on(ORG_TRAIL).outcome
    }

    #[test]
    fn no_data_events_make_no_loop_and_all_objects_do() {
        assert_eq!(outcome(&World::clean()), Outcome::Pass);
        let finding = all_objects().judge(ID).only().clone();
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.evidence[0].fact.contains("RecursiveLogging is true"), "{finding:#?}");
    }

    #[test]
    fn recursive_logging_off_cures_it_and_absent_is_on() {
        assert_eq!(
            outcome(&all_objects().trail(ORG_TRAIL, |trail| trail.recursive_logging = Some(false))),
            Outcome::Pass
        );
        assert_eq!(outcome(&all_objects().trail(ORG_TRAIL, |trail| trail.recursive_logging = None)), Outcome::Fail);
    }

    #[test]
    fn selectors_that_miss_the_deliveries_make_no_loop() {
        let arn = || FieldSelector { field: "resources.ARN".to_owned(), ..FieldSelector::default() };
        let cases = [
            (equals("readOnly", "true"), Outcome::Pass),
            (equals("readOnly", "false"), Outcome::Fail),
            (equals("eventName", "DeleteObject"), Outcome::Pass),
            (equals("userIdentity.arn", "arn:aws:iam::333333333333:role/app"), Outcome::Pass),
            (FieldSelector { not_starts_with: vec![BUCKET.to_owned()], ..arn() }, Outcome::Pass),
            (FieldSelector { starts_with: vec!["arn:aws:s3:::payments-".to_owned()], ..arn() }, Outcome::Pass),
            (FieldSelector { starts_with: vec![format!("{BUCKET}AWSLogs/")], ..arn() }, Outcome::Fail),
            (FieldSelector { starts_with: vec![format!("{BUCKET}reports/")], ..arn() }, Outcome::Pass),
        ];
        for (condition, expected) in cases {
            assert_eq!(outcome(&recording(objects(condition.clone()))), expected, "{condition:?}");
        }
    }

    #[test]
    fn a_trail_that_does_not_record_where_the_bucket_is_makes_no_loop() {
        let elsewhere = all_objects().hide(ORG_TRAIL, (ARCHIVE, HOME));
        assert_eq!(outcome(&elsewhere), Outcome::Pass);
        let stopped = all_objects().status(ORG_TRAIL, (ARCHIVE, HOME), |status| status.is_logging = false);
        assert_eq!(outcome(&stopped), Outcome::Pass);
    }

    #[test]
    fn two_trails_that_record_each_other_loop_as_well() {
        let mutual = World::clean().trail(ORG_TRAIL, |trail| {
            let payments = basic_data(ReadWriteType::All, "AWS::S3::Object", &["arn:aws:s3:::payments-logs/"]);
            trail.selectors = Observed::Known(payments);
        });
        let mutual = mutual
            .edit(|snapshot| {
                let mut bucket = snapshot.buckets.values().next().expect("a bucket").clone();
                bucket.name = "payments-logs".to_owned();
                bucket.owner = Observed::Known(BucketOwner::Account(account(WORKLOAD)));
                snapshot.buckets.insert(bucket.name.clone(), bucket);
            })
            .add_trail("archive", ARCHIVE, |trail| {
                trail.bucket = "payments-logs".to_owned();
                trail.selectors = Observed::Known(basic_data(ReadWriteType::All, "AWS::S3::Object", &[BUCKET]));
            });
        let findings = mutual.judge(ID);
        assert_eq!(findings.outcomes(), [Outcome::Fail].into());
        assert!(findings.on(ORG_TRAIL).reason.contains("record each other's deliveries"), "{findings:#?}");
        let cured = mutual.trail("archive", |trail| trail.recursive_logging = Some(false));
        assert_eq!(cured.judge(ID).outcomes(), [Outcome::Pass].into());
    }

    #[test]
    fn a_bucket_that_is_gone_does_not_apply_and_gaps_are_unknown_where_they_matter() {
        let owner = |owner| move |world: World| world.bucket(|bucket| bucket.owner = owner);
        assert_eq!(outcome(&owner(Observed::Known(BucketOwner::Missing))(all_objects())), Outcome::NotApplicable);
        assert_eq!(outcome(&owner(Observed::Gap(denied("s3:HeadBucket")))(all_objects())), Outcome::Unknown);
        assert_eq!(outcome(&owner(Observed::Gap(denied("s3:HeadBucket")))(World::clean())), Outcome::Pass);
        let blind = all_objects().status_gap(ORG_TRAIL, (ARCHIVE, HOME), GapKind::Throttled);
        assert_eq!(outcome(&blind), Outcome::Unknown);
        let unread = World::clean().trail(ORG_TRAIL, |trail| {
            trail.selectors = Observed::Gap(denied("cloudtrail:GetEventSelectors"));
        });
        assert_eq!(outcome(&unread), Outcome::Unknown);
    }
}
