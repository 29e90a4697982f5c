//! data-events-recorded: the data events that the baseline requires are covered in each account and region.

use std::collections::BTreeMap;

use trailwarden_model::baseline::{DataEvents, Operations};
use trailwarden_model::control::Severity;
use trailwarden_model::finding::Outcome;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::Gap;
use trailwarden_model::snapshot::Need;

use crate::control::{Applies, Control, Judge, Judged, Regions};
use crate::coverage::required;
use crate::cx::Cx;
use crate::demand::Demand;
use crate::verdict::Verdict;

/// The resource type of S3 objects in event selectors.
const OBJECT: &str = "AWS::S3::Object";

pub(super) static CONTROL: Control = Control {
    id: "data-events-recorded",
    title: "The required data events are recorded",
    severity: Severity::Medium,
    practice: None,
    needs: &[Need::Trails, Need::TrailStatus, Need::EventSelectors, Need::BucketOwner, Need::Key],
    rule: "Passes when the trails that are logging in this account and region, taken together, record every data event \
           that the baseline requires of the account: all of a resource type, or those of resources whose ARN starts with \
           a text, reads, writes or both. A trail that is stopped, or whose last delivery failed, or whose bucket or key \
           is known to be broken, counts for nothing. Aggregated events are summaries and replace none. What the baseline \
           requires of a resource in another region is not judged here. Does not apply where no data event is required.",
    why: "Management events say who changed a bucket; only data events say who read or deleted what is in it.",
    remedy: "Add an advanced event selector for the resource type to a trail that reaches the account and region, narrowed \
             by resources.ARN or readOnly no further than the baseline allows. Every data event costs money: require what \
             you would look at.",
    references: &["CloudTrail User Guide: Logging data events", "CloudTrail API Reference: AdvancedFieldSelector"],
    frameworks: &[
        ("aws-fsbp-1.0.0", &["S3.22", "S3.23"]),
        ("cis-aws-3.0.0", &["3.8", "3.9"]),
        ("cis-aws-5.0.0", &["3.8", "3.9"]),
        ("cis-aws-7.0.0", &["4.8", "4.9"]),
        ("nist-800-53-r5", &["AU-2", "AU-12"]),
        ("pci-dss-4.0.1", &["10.2.1", "10.2.1.1"]),
        ("iso-27001-2022", &["A.8.15"]),
    ],
    applies: Applies::WhereRequired {
        is_required: |required| !required.data_events.is_empty(),
        what: "any data events",
    },
    judge: Judge::AccountRegion(Regions::WithTrails, judge),
};

fn judge(cx: &Cx<'_>, account: &AccountId, region: &Region) -> Judged {
    let may_happen = |required: &&DataEvents| names_region(required).is_none_or(|named| named == region.as_str());
    let required = &cx.required(account)?.data_events;
    let demands: Vec<Demand> = required.iter().filter(may_happen).map(|required| demand(cx, required)).collect();
    if demands.is_empty() {
        let reason = format!("The data events that the baseline requires happen in other regions than {region}");
        return Ok(Verdict::not_applicable(reason));
    }
    let verdict = cx.judge_demands(account, region, &demands)?;
    Ok(Verdict { parts: halves_of_objects(cx, account, region)?, ..verdict })
}

/// Reads and writes of all S3 objects, which frameworks ask for one by one: each applies where the baseline requires it.
fn halves_of_objects(cx: &Cx<'_>, account: &AccountId, region: &Region) -> Result<BTreeMap<String, Outcome>, Gap> {
    let required = &cx.required(account)?.data_events;
    let outcome = |half: Operations| {
        let all = |operations| {
            required.contains(&DataEvents { resource_type: OBJECT.to_owned(), arn_prefix: None, operations })
        };
        if !all(half) && !all(Operations::All) {
            return Outcome::NotApplicable;
        }
        let objects = DataEvents { resource_type: OBJECT.to_owned(), arn_prefix: None, operations: half };
        cx.judge_demands(account, region, &[demand(cx, &objects)]).map_or(Outcome::Unknown, |verdict| verdict.outcome)
    };
    Ok(BTreeMap::from([
        ("s3-object-reads".to_owned(), outcome(Operations::Read)),
        ("s3-object-writes".to_owned(), outcome(Operations::Write)),
    ]))
}

fn demand(cx: &Cx<'_>, required: &DataEvents) -> Demand {
    Demand { events: required::data_events(required, cx.partition()), words: required::data_events_words(required) }
}

/// The region in the ARN that the requirement is limited to, when it is written out there.
fn names_region(required: &DataEvents) -> Option<&str> {
    let mut parts = required.arn_prefix.as_deref()?.split(':').skip(3);
    // Without a colon behind it, the region may be the beginning of one.
    let (region, _) = (parts.next()?, parts.next()?);
    (!region.is_empty()).then_some(region)
}

#[cfg(test)]
mod tests {
    use trailwarden_model::baseline::{DataEvents, Operations, Override};
    use trailwarden_model::finding::{Finding, Outcome};
    use trailwarden_model::observed::{GapKind, Observed};
    use trailwarden_model::trail::FieldSelector;

    use crate::testing::selectors::{advanced, equals, not_equals};
    use crate::testing::{HOME, LEADER, MANAGEMENT, ORG_TRAIL, WORKLOAD, World};

    const ID: &str = super::CONTROL.id;

    fn of(resource_type: &str, arn_prefix: Option<&str>, operations: Operations) -> DataEvents {
        let (resource_type, arn_prefix) = (resource_type.to_owned(), arn_prefix.map(str::to_owned));
        DataEvents { resource_type, arn_prefix, operations }
    }

    fn objects() -> DataEvents {
        of("AWS::S3::Object", None, Operations::All)
    }

    /// The organization trail records management events, and data events of S3 objects under these conditions.
    fn recording(conditions: &[FieldSelector]) -> World {
        let data = [equals("eventCategory", "Data"), equals("resources.type", "AWS::S3::Object")];
        let selectors = advanced(vec![vec![equals("eventCategory", "Management")], [&data, conditions].concat()]);
        World::clean().trail(ORG_TRAIL, |trail| trail.selectors = Observed::Known(selectors))
    }

    fn requiring(world: World, required: &[DataEvents]) -> World {
        world.baseline(|baseline| baseline.required.data_events.extend(required.iter().cloned()))
    }

    fn here(world: &World) -> Finding {
        world.judge(ID).at_region(WORKLOAD, HOME).clone()
    }

    #[test]
    fn nothing_required_does_not_apply_once_for_each_account() {
        let findings = World::clean().judge(ID);
        assert_eq!((findings.outcomes(), findings.0.len()), ([Outcome::NotApplicable].into(), 3));
    }

    #[test]
    fn what_is_recorded_whole_passes_and_what_is_not_names_an_event() {
        let world = requiring(recording(&[]), &[objects()]);
        assert_eq!(world.judge(ID).outcomes(), [Outcome::Pass].into());
        let lambda = requiring(world, &[of("AWS::Lambda::Function", None, Operations::All)]);
        let finding = here(&lambda);
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("lambda.amazonaws.com Invoke"), "{}", finding.reason);
        assert!(!finding.reason.contains("S3"), "{}", finding.reason);
    }

    #[test]
    fn the_half_and_the_prefix_that_are_required_are_enough() {
        let writes = || recording(&[equals("readOnly", "false")]);
        let finding = here(&requiring(writes(), &[objects()]));
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("s3.amazonaws.com GetObject"), "{}", finding.reason);
        let required = of("AWS::S3::Object", None, Operations::Write);
        assert_eq!(here(&requiring(writes(), &[required])).outcome, Outcome::Pass);
        let starts = |prefix: &str| FieldSelector {
            field: "resources.ARN".to_owned(),
            starts_with: vec![prefix.to_owned()],
            ..FieldSelector::default()
        };
        let payments = || of("AWS::S3::Object", Some("arn:aws:s3:::payments-"), Operations::All);
        assert_eq!(here(&requiring(recording(&[starts("arn:aws:s3:::pay")]), &[payments()])).outcome, Outcome::Pass);
        assert_eq!(here(&requiring(recording(&[starts("arn:aws:s3:::")]), &[objects()])).outcome, Outcome::Pass);
        let narrow = here(&requiring(recording(&[starts("arn:aws:s3:::payments-eu")]), &[payments()]));
        assert_eq!(narrow.outcome, Outcome::Fail);
        assert!(narrow.reason.contains("on arn:aws:s3:::payments-"), "{}", narrow.reason);
    }

    #[test]
    fn two_trails_cover_together_and_a_stopped_one_counts_for_nothing() {
        let but = recording(&[not_equals("eventName", "DeleteObject")]);
        let finding = here(&requiring(but.clone(), &[objects()]));
        assert!(finding.reason.contains("s3.amazonaws.com DeleteObject"), "{}", finding.reason);
        let only = vec![
            equals("eventCategory", "Data"),
            equals("resources.type", "AWS::S3::Object"),
            equals("eventName", "DeleteObject"),
        ];
        let both = requiring(but, &[objects()])
            .add_trail("deletes", WORKLOAD, |trail| trail.selectors = Observed::Known(advanced(vec![only])));
        assert_eq!(here(&both).outcome, Outcome::Pass);
        let stopped = both.status("deletes", (WORKLOAD, HOME), |status| status.is_logging = false);
        assert_eq!(here(&stopped).outcome, Outcome::Fail);
    }

    #[test]
    fn an_account_may_require_more_than_the_others() {
        let world = recording(&[]).baseline(|baseline| {
            let lambda = of("AWS::Lambda::Function", None, Operations::All);
            let more = Override { data_events: Some([lambda].into()), ..Override::default() };
            baseline.overrides.insert(WORKLOAD.to_owned(), more);
        });
        assert_eq!(here(&world).outcome, Outcome::Fail);
        assert_eq!(world.judge(ID).at(MANAGEMENT).outcome, Outcome::NotApplicable);
    }

    #[test]
    fn a_function_of_another_region_is_not_judged_here() {
        let pay =
            of("AWS::Lambda::Function", Some("arn:aws:lambda:eu-west-1:333333333333:function:pay"), Operations::All);
        let world = requiring(World::clean(), &[pay]);
        assert_eq!(here(&world).outcome, Outcome::Fail);
        assert_eq!(world.judge(ID).at_region(WORKLOAD, LEADER).outcome, Outcome::NotApplicable);
    }

    #[test]
    fn reads_and_writes_of_all_objects_answer_for_themselves() {
        let lambda = of("AWS::Lambda::Function", None, Operations::All);
        let writes = recording(&[equals("readOnly", "false")]);
        let parts = |world: &World| here(world).parts.into_values().collect::<Vec<_>>();
        let both = requiring(writes.clone(), &[objects(), lambda.clone()]);
        assert_eq!(parts(&both), [Outcome::Fail, Outcome::Pass], "reads, writes");
        let neither = requiring(writes, &[lambda, of("AWS::S3::Object", Some("arn:aws:s3:::pay"), Operations::All)]);
        assert_eq!(parts(&neither), [Outcome::NotApplicable; 2], "some objects are not all");
    }

    #[test]
    fn global_service_events_do_not_matter_to_objects() {
        let world = recording(&[]).trail(ORG_TRAIL, |trail| trail.includes_global_service_events = false);
        assert_eq!(here(&requiring(world, &[objects()])).outcome, Outcome::Pass);
    }

    #[test]
    fn a_gap_is_unknown_only_where_it_could_matter() {
        let world = requiring(recording(&[]), &[objects()]);
        let blind = world.clone().status_gap(ORG_TRAIL, (WORKLOAD, HOME), GapKind::Throttled);
        assert_eq!(here(&blind).outcome, Outcome::Unknown);
        let lambda = World::clean().status_gap(ORG_TRAIL, (WORKLOAD, HOME), GapKind::Throttled);
        assert_eq!(here(&requiring(lambda, &[objects()])).outcome, Outcome::Fail, "it records no data event at all");
        assert_eq!(here(&world.unread_region(WORKLOAD, HOME)).outcome, Outcome::Unknown);
    }
}
