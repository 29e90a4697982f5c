//! log-bucket-access-logging-enabled: whoever reads or deletes log objects leaves a trace.

use trailwarden_model::baseline::{DataEvents, Operations};
use trailwarden_model::control::Severity;
use trailwarden_model::finding::Evidence;
use trailwarden_model::ids::AccountId;
use trailwarden_model::observed::Gap;
use trailwarden_model::snapshot::Need;
use trailwarden_model::storage::{BucketOwner, LogBucket};

use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::coverage::{Answer, required};
use crate::cx::Cx;
use crate::gone;
use crate::verdict::{Verdict, fact};

pub(super) static CONTROL: Control = Control {
    id: "log-bucket-access-logging-enabled",
    title: "Access to the log bucket is logged",
    severity: Severity::Medium,
    practice: None,
    needs: &[
        Need::Trails,
        Need::TrailStatus,
        Need::EventSelectors,
        Need::BucketOwner,
        Need::Key,
        Need::BucketAccessLogging,
    ],
    rule: "Passes when server access logging writes to another bucket, or when the trails that are logging in the account \
           and region of the bucket record, taken together, every data event that reads or writes one of its objects. \
           Logging into the bucket itself does not count: whoever empties the bucket takes the trace along.",
    why: "Log objects tell what happened in the organization. Who read them, and who deleted some, is told only by data events \
          or server access logs.",
    remedy: "Switch on server access logging to another bucket of the same account and region, or record S3 data events of \
             the log bucket with a trail that delivers to another bucket.",
    references: &[
        "S3 User Guide: Logging requests with server access logging",
        "CloudTrail User Guide: Logging data events",
    ],
    frameworks: &[
        ("aws-fsbp-1.0.0", &["CloudTrail.7", "S3.9"]),
        ("cis-aws-3.0.0", &["3.4"]),
        ("cis-aws-5.0.0", &["3.4"]),
        ("cis-aws-7.0.0", &["4.4"]),
        ("nist-800-53-r5", &["AC-6", "AU-2", "AU-3", "AU-6", "AU-10", "AU-12", "SI-7"]),
        ("pci-dss-4.0.1", &["10.2.1", "10.2.1.3"]),
        ("iso-27001-2022", &["A.8.15"]),
    ],
    applies: Applies::Always,
    judge: Judge::LogBucket(Trailless::NotApplicable, judge),
};

/// What one of the two ways of logging comes to.
struct Way {
    works: Result<bool, Gap>,
    seen: Vec<Evidence>,
}

fn judge(cx: &Cx<'_>, bucket: &LogBucket) -> Judged {
    if let Some(gone) = gone::bucket(bucket)? {
        return Ok(gone);
    }
    let BucketOwner::Account(owner) = bucket.owner.get()? else { return Err(unowned(bucket)) };
    let name = &bucket.name;
    let access_logs = access_logs(bucket, owner);
    if access_logs.works == Ok(true) {
        let reason = format!("Server access logs tell who uses bucket {name}");
        return Ok(Verdict::pass(reason).with(access_logs.seen));
    }
    let data_events = data_events(cx, bucket, owner);
    let seen = access_logs.seen.into_iter().chain(data_events.seen);
    if data_events.works == Ok(true) {
        return Ok(Verdict::pass(format!("Data events tell who uses bucket {name}")).with(seen));
    }
    access_logs.works?;
    data_events.works?;
    let reason = format!("Neither server access logs nor data events tell who reads and writes bucket {name}");
    Ok(Verdict::fail(reason).with(seen))
}

fn unowned(bucket: &LogBucket) -> Gap {
    Gap::not_collected("s3:HeadBucket", None, bucket.region.known())
}

fn access_logs(bucket: &LogBucket, owner: &AccountId) -> Way {
    let (works, text) = match bucket.access_logging.get() {
        Err(gap) => return Way { works: Err(gap), seen: Vec::new() },
        Ok(None) => (false, "server access logging is off".to_owned()),
        Ok(Some(logging)) if logging.bucket == bucket.name => {
            (false, "server access logs go into the bucket itself".to_owned())
        }
        Ok(Some(logging)) => (true, format!("server access logs go to {}/{}", logging.bucket, logging.prefix)),
    };
    Way { works: Ok(works), seen: vec![fact(text, "s3:GetBucketLogging", owner, bucket.region.known())] }
}

/// Whether trails record every data event of the bucket's objects in its account and region.
fn data_events(cx: &Cx<'_>, bucket: &LogBucket, owner: &AccountId) -> Way {
    let of_objects = DataEvents {
        resource_type: "AWS::S3::Object".to_owned(),
        arn_prefix: Some(format!("{}/", cx.bucket_arn(&bucket.name))),
        operations: Operations::All,
    };
    let events = required::data_events(&of_objects, cx.partition());
    let undecided = |gap| Way { works: Err(gap), seen: Vec::new() };
    let region = match bucket.region.get() {
        Ok(region) => region,
        Err(gap) => return undecided(gap),
    };
    let contributions = match cx.contributions(owner, region, &events, |_| true) {
        Ok(contributions) => contributions,
        Err(gap) => return undecided(gap),
    };
    let saw = |text: String| fact(text, "cloudtrail:GetEventSelectors", owner, Some(region));
    match cx.together(&contributions, &events) {
        Answer::Undecided(gap) => undecided(gap),
        Answer::Lost(event) => {
            Way { works: Ok(false), seen: vec![saw(format!("no trail records, for example, {event}"))] }
        }
        Answer::Covered(trails) => {
            let recorded = |trail: &trailwarden_model::trail::Trail| {
                saw(format!("trail {} records data events of the bucket", trail.name))
            };
            Way { works: Ok(true), seen: trails.into_iter().map(recorded).collect() }
        }
    }
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::Observed::{Gap, Known};
    use trailwarden_model::storage::{AccessLogging, BucketOwner};

    use crate::testing::clean::BUCKET;
    use crate::testing::selectors::{advanced, equals};
    use crate::testing::{ARCHIVE, HOME, ORG_TRAIL, World, denied};

    const ID: &str = super::CONTROL.id;

    fn logging_to(target: &str) -> World {
        let logging = AccessLogging { bucket: target.to_owned(), prefix: "logs/".to_owned() };
        World::clean().bucket(|bucket| bucket.access_logging = Known(Some(logging)))
    }

    fn off() -> World {
        World::clean().bucket(|bucket| bucket.access_logging = Known(None))
    }

    /// The organization trail records management events and S3 data events; reads only, when asked.
    fn with_data_events(world: World, is_read_only: bool) -> World {
        let mut data = vec![equals("eventCategory", "Data"), equals("resources.type", "AWS::S3::Object")];
        if is_read_only {
            data.push(equals("readOnly", "true"));
        }
        let selectors = advanced(vec![vec![equals("eventCategory", "Management")], data]);
        world.trail(ORG_TRAIL, |trail| trail.selectors = Known(selectors))
    }

    fn outcome(world: &World) -> Outcome {
        world.judge(ID).only().outcome
    }

    #[test]
    fn access_logs_to_another_bucket_pass_and_into_itself_fail() {
        assert_eq!(outcome(&logging_to("acme-access-logs")), Outcome::Pass);
        assert_eq!(outcome(&logging_to(BUCKET)), Outcome::Fail);
        assert_eq!(outcome(&off()), Outcome::Fail);
    }

    #[test]
    fn data_events_of_every_object_pass_and_half_of_them_fail() {
        assert_eq!(outcome(&with_data_events(off(), false)), Outcome::Pass);
        let half = with_data_events(off(), true);
        assert_eq!(outcome(&half), Outcome::Fail);
        let says = |text| half.judge(ID).only().evidence.iter().any(|seen| seen.fact.contains(text));
        assert!(says("server access logging is off") && says("s3.amazonaws.com"), "{:#?}", half.judge(ID).only());
        let stopped =
            with_data_events(off(), false).status(ORG_TRAIL, (ARCHIVE, HOME), |status| status.is_logging = false);
        assert_eq!(outcome(&stopped), Outcome::Fail);
    }

    #[test]
    fn one_way_that_works_makes_the_other_needless() {
        let unread = || World::clean().bucket(|bucket| bucket.access_logging = Gap(denied("s3:GetBucketLogging")));
        assert_eq!(outcome(&with_data_events(unread(), false)), Outcome::Pass);
        assert_eq!(outcome(&unread()), Outcome::Unknown);
        let hidden = logging_to("acme-access-logs").unread_region(ARCHIVE, HOME);
        assert_eq!(hidden.judge(ID).on(BUCKET).outcome, Outcome::Pass);
        assert_eq!(off().unread_region(ARCHIVE, HOME).judge(ID).on(BUCKET).outcome, Outcome::Unknown);
    }

    #[test]
    fn a_bucket_that_is_gone_does_not_apply() {
        let gone = World::clean().bucket(|bucket| bucket.owner = Known(BucketOwner::Missing));
        assert_eq!(outcome(&gone), Outcome::NotApplicable);
    }
}
