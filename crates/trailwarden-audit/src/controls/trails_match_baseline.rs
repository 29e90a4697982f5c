//! trails-match-baseline: the trails are those that were approved, with the attributes that were approved.

use trailwarden_model::control::Severity;
use trailwarden_model::finding::Evidence;
use trailwarden_model::observed::{Gap, Observed};
use trailwarden_model::snapshot::Need;
use trailwarden_model::trail::Trail;

use crate::approval::attributes;
use crate::control::{Applies, Control, Judge, Judged, Pair};
use crate::coverage::record_the_same;
use crate::cx::Cx;
use crate::verdict::{Tally, Verdict, enumerate, fact};

pub(super) static CONTROL: Control = Control {
    id: "trails-match-baseline",
    title: "The trail is as it was approved",
    severity: Severity::High,
    practice: None,
    needs: &[Need::Trails, Need::EventSelectors, Need::Insights],
    rule: "Fails when a trail is not among the approved trails of the baseline, when one of its attributes, event selectors \
           or Insights differs from what was approved, and when an approved trail is shown no more in its home region. \
           Selectors are compared by what they record, not by their names or order; RecursiveLogging absent counts as true. \
           Unknown where an attribute, or the account and region of a missing trail, could not be read. What the approved \
           snapshot does not hold is not compared. Does not apply without approved trails, and to an approved trail of an \
           account or region that the audit was told to leave out.",
    why: "Every other control asks whether a trail is good. This one asks whether it is the one you meant: a bucket that \
          changed to another good bucket is a new reader of everything you do.",
    remedy: "Find out who changed the trail (UpdateTrail, PutEventSelectors, PutInsightSelectors, DeleteTrail) and put it back; \
             or, where the change was meant, approve the trails anew.",
    references: &["CloudTrail API Reference: Trail, UpdateTrail, PutEventSelectors"],
    frameworks: &[
        ("nist-800-53-r5", &["AU-9", "SI-7"]),
        ("iso-27001-2022", &["A.8.16"]),
        ("soc-2", &["CC7.2"]),
        ("mitre-attack", &["T1562.008"]),
    ],
    applies: Applies::WhereSet { is_set: |baseline| baseline.approved_trails.is_some(), what: "any approved trails" },
    judge: Judge::ApprovedTrail(judge),
};

fn judge(cx: &Cx<'_>, pair: Pair<'_>) -> Judged {
    match pair {
        Pair::Both { trail, approved } => compare(cx, trail, approved),
        Pair::Gone(approved) => gone(cx, approved),
        Pair::New(trail) => {
            let seen = cx.attribute(trail, format!("trail {} exists and is not among the approved trails", trail.arn));
            Ok(Verdict::fail(format!("Trail {} was never approved", trail.name)).with([seen]))
        }
    }
}

/// An approved trail that no account in scope shows.
fn gone(cx: &Cx<'_>, approved: &Trail) -> Judged {
    let Trail { arn, name, owner, home_region: home, .. } = approved;
    let (snapshot, filter) = (cx.snapshot, &cx.snapshot.region_filter);
    if snapshot.excluded.contains(owner) || (!filter.is_empty() && !filter.contains(home)) {
        let place = format!("{} in {home}", cx.name(owner));
        return Ok(Verdict::not_applicable(format!(
            "The audit was told to leave out {place}, where trail {name} is homed"
        )));
    }
    let missing = || Gap::not_collected("cloudtrail:DescribeTrails", Some(owner), Some(home));
    cx.entered(owner)?.regions.get(home).ok_or_else(missing)?.trails.get()?;
    let seen = fact(format!("trail {arn} is not shown"), "cloudtrail:DescribeTrails", owner, Some(home));
    Ok(Verdict::fail(format!("Approved trail {name} of {} no longer exists", cx.name(owner))).with([seen]))
}

fn compare(cx: &Cx<'_>, trail: &Trail, approved: &Trail) -> Judged {
    let mut tally = Tally::default();
    let mut differing = Vec::new();
    for (attribute, now, then) in attributes(trail, approved) {
        if now != then {
            tally.fail(cx.attribute(trail, format!("{attribute} is {now}; approved was {then}")));
            differing.push(attribute);
        }
    }
    let read = |call: &str, text: &str| fact(text, call, &trail.owner, Some(&trail.home_region));
    let selectors = read("cloudtrail:GetEventSelectors", "the event selectors record other events than those approved");
    let is_same = compare_read(&trail.selectors, &approved.selectors, record_the_same, selectors, &mut tally);
    differing.extend((!is_same).then_some("event selectors"));
    let insights = read("cloudtrail:GetInsightSelectors", "other Insights are on than those approved");
    let is_same = compare_read(&trail.insights, &approved.insights, PartialEq::eq, insights, &mut tally);
    differing.extend((!is_same).then_some("Insights"));
    if tally.is_empty() {
        tally.support(cx.attribute(trail, "every attribute is as approved".to_owned()));
    }
    Ok(tally.settle(
        cx,
        || format!("Trail {} is as it was approved", trail.name),
        |_| format!("Trail {} differs from what was approved: {}", trail.name, enumerate(&differing)),
    ))
}

/// Compares a setting that has a read of its own. False when it surely differs.
fn compare_read<T>(
    now: &Observed<T>,
    then: &Observed<T>,
    is_same: impl Fn(&T, &T) -> bool,
    difference: Evidence,
    tally: &mut Tally,
) -> bool {
    match (now, then) {
        // What the approved snapshot does not hold was not approved either way.
        (_, Observed::Gap(_)) => true,
        (Observed::Gap(gap), Observed::Known(_)) => {
            tally.gap(gap.clone());
            true
        }
        (Observed::Known(now), Observed::Known(then)) if is_same(now, then) => true,
        (Observed::Known(_), Observed::Known(_)) => {
            tally.fail(difference);
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::Observed;
    use trailwarden_model::trail::{ReadWriteType, Selectors, Trail};

    use crate::testing::selectors::{advanced, basic, equals};
    use crate::testing::{HOME, LEADER, MANAGEMENT, ORG_TRAIL, WORKLOAD, World, account, arn, denied, region};

    const ID: &str = super::CONTROL.id;

    /// The trails as they are now, approved.
    fn approved(world: World) -> World {
        let trails = world.snapshot.trails.clone();
        world.baseline(|baseline| baseline.approved_trails = Some(trails))
    }

    fn outcome(world: &World) -> Outcome {
        world.judge(ID).on(ORG_TRAIL).outcome
    }

    fn selecting(selectors: Selectors) -> impl FnOnce(&mut Trail) {
        move |trail| trail.selectors = Observed::Known(selectors)
    }

    #[test]
    fn without_approved_trails_it_does_not_apply_and_unchanged_trails_pass() {
        assert_eq!(World::clean().judge(ID).outcomes(), [Outcome::NotApplicable].into());
        assert_eq!(approved(World::clean()).judge(ID).outcomes(), [Outcome::Pass].into());
    }

    #[test]
    fn each_attribute_that_differs_fails_by_its_name() {
        type Change = fn(&mut Trail);
        let changes: [(Change, &str); 9] = [
            (|trail| trail.is_multi_region = false, "IsMultiRegionTrail"),
            (|trail| trail.is_organization = false, "IsOrganizationTrail"),
            (|trail| trail.includes_global_service_events = false, "IncludeGlobalServiceEvents"),
            (|trail| trail.log_file_validation = false, "LogFileValidationEnabled"),
            (|trail| trail.recursive_logging = Some(false), "RecursiveLogging"),
            (|trail| trail.bucket = "other".to_owned(), "S3BucketName"),
            (|trail| trail.prefix = Some("p".to_owned()), "S3KeyPrefix"),
            (|trail| trail.kms_key = None, "KmsKeyId"),
            (|trail| trail.sns_topic = Some(arn("arn:aws:sns:eu-west-1:111111111111:t")), "SnsTopicARN"),
        ];
        for (change, name) in changes {
            let findings = approved(World::clean()).trail(ORG_TRAIL, change).judge(ID);
            let finding = findings.on(ORG_TRAIL);
            assert_eq!(finding.outcome, Outcome::Fail, "{name}");
            assert!(finding.reason.contains(name), "{}", finding.reason);
        }
        let absent = approved(World::clean()).trail(ORG_TRAIL, |trail| trail.recursive_logging = None);
        assert_eq!(outcome(&absent), Outcome::Pass, "absent is on");
    }

    #[test]
    fn selectors_are_compared_by_what_they_record() {
        let half = |value| vec![equals("eventCategory", "Management"), equals("readOnly", value)];
        let halves = approved(World::clean()).trail(ORG_TRAIL, selecting(advanced(vec![half("true"), half("false")])));
        assert_eq!(outcome(&halves), Outcome::Pass);
        let reads = approved(World::clean()).trail(ORG_TRAIL, selecting(basic(ReadWriteType::ReadOnly, true)));
        assert_eq!(outcome(&reads), Outcome::Fail);
        let more = advanced(vec![
            vec![equals("eventCategory", "Management")],
            vec![equals("eventCategory", "Data"), equals("resources.type", "AWS::S3::Object")],
        ]);
        assert_eq!(outcome(&approved(World::clean()).trail(ORG_TRAIL, selecting(more))), Outcome::Fail);
        let future = || advanced(vec![vec![equals("eventCategory", "Reasoning")]]);
        let same = approved(World::clean().trail(ORG_TRAIL, selecting(future())));
        assert_eq!(outcome(&same), Outcome::Pass, "the same words mean the same, known or not");
        assert_eq!(outcome(&approved(World::clean()).trail(ORG_TRAIL, selecting(future()))), Outcome::Fail);
    }

    #[test]
    fn a_trail_that_nobody_approved_fails() {
        let world = approved(World::clean()).add_trail("rogue", WORKLOAD, |_| {});
        assert_eq!(world.judge(ID).on("rogue").outcome, Outcome::Fail);
        assert_eq!(world.judge(ID).on(ORG_TRAIL).outcome, Outcome::Pass);
    }

    #[test]
    fn an_approved_trail_that_is_gone_fails_at_its_owner() {
        let with = World::clean().add_trail("own", WORKLOAD, |_| {});
        let own = with.arn_of("own");
        let world = approved(with).hide_from("own", WORKLOAD).edit(|snapshot| {
            snapshot.trails.remove(&own);
        });
        let findings = world.judge(ID);
        let finding = findings.on("trail/own");
        assert_eq!((finding.outcome, finding.account.as_str()), (Outcome::Fail, WORKLOAD));
        assert!(finding.reason.contains("no longer exists"), "{}", finding.reason);
        assert_eq!(world.clone().unread_region(WORKLOAD, HOME).judge(ID).on("trail/own").outcome, Outcome::Unknown);
        assert_eq!(world.clone().unentered(WORKLOAD).judge(ID).on("trail/own").outcome, Outcome::Unknown);
        let elsewhere = world.clone().edit(|snapshot| {
            snapshot.region_filter.insert(region(LEADER));
        });
        assert_eq!(elsewhere.judge(ID).on("trail/own").outcome, Outcome::NotApplicable);
        let left_out = world.edit(|snapshot| {
            snapshot.accounts.remove(&account(WORKLOAD));
            snapshot.excluded.insert(account(WORKLOAD));
        });
        assert_eq!(left_out.judge(ID).on("trail/own").outcome, Outcome::NotApplicable);
    }

    #[test]
    fn everything_deleted_fails_although_no_trail_is_left_to_judge() {
        let gone = World::bare().baseline(|baseline| {
            baseline.approved_trails = Some(World::clean().snapshot.trails);
        });
        assert_eq!(gone.judge(ID).on(ORG_TRAIL).account, account(MANAGEMENT));
        assert_eq!(outcome(&gone), Outcome::Fail);
    }

    #[test]
    fn gaps_are_unknown_and_never_hide_a_difference() {
        let unread = approved(World::clean()).trail(ORG_TRAIL, |trail| {
            trail.selectors = Observed::Gap(denied("cloudtrail:GetEventSelectors"));
        });
        assert_eq!(outcome(&unread), Outcome::Unknown);
        assert_eq!(outcome(&unread.trail(ORG_TRAIL, |trail| trail.kms_key = None)), Outcome::Fail);
        let never_read = approved(World::clean().trail(ORG_TRAIL, |trail| trail.insights = Observed::default()));
        let now_read = never_read.trail(ORG_TRAIL, |trail| trail.insights = Observed::Known([].into()));
        assert_eq!(outcome(&now_read), Outcome::Pass, "what was not approved is not compared");
    }
}
