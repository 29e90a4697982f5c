//! insights-enabled: the Insights that the baseline requires are on, on a trail that records what they analyse.

use std::collections::BTreeSet;

use trailwarden_model::control::Severity;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::{Gap, GapKind};
use trailwarden_model::snapshot::Need;
use trailwarden_model::trail::{Insight, Trail};

use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::coverage::{Share, insight};
use crate::cx::Cx;
use crate::reach::Coverage;
use crate::verdict::{Tally, Verdict, enumerate, fact};

pub(super) static CONTROL: Control = Control {
    id: "insights-enabled",
    title: "The required CloudTrail Insights are on",
    severity: Severity::Low,
    practice: None,
    needs: &[Need::Trails, Need::TrailStatus, Need::EventSelectors, Need::Insights, Need::BucketOwner, Need::Key],
    rule: "Judges each trail where it is logging and records events that a required type of Insights analyses: write \
           management events for ApiCallRateInsight on Management events, any management events for ApiErrorRateInsight, any \
           data events for both on Data events. Fails when in such an account and region neither this trail nor another one \
           that is logging there has the type on. Does not apply where no Insights are required, and to a trail that records \
           nothing of what they analyse.",
    why: "Insights compare each API with its own past: a burst of writes or of refused calls is often the first sign of stolen \
          credentials, before anybody has written a rule for it.",
    remedy: "Switch the type on (PutInsightSelectors, with every type and category that shall stay on) on one trail that \
             records the events; each trail with Insights is paid for.",
    references: &[
        "CloudTrail User Guide: Working with CloudTrail Insights",
        "CloudTrail API Reference: InsightSelector, PutInsightSelectors",
    ],
    frameworks: &[("nist-800-53-r5", &["AU-6"]), ("iso-27001-2022", &["A.8.16"]), ("soc-2", &["CC7.2"])],
    applies: Applies::WhereRequired { is_required: |required| !required.insights.is_empty(), what: "any Insights" },
    judge: Judge::Trail(Trailless::NotApplicable, judge),
};

fn judge(cx: &Cx<'_>, trail: &Trail) -> Judged {
    if cx.sightings(trail).is_empty() {
        return Err(cx.unseen(trail));
    }
    let mut tally = Tally::default();
    let mut made: BTreeSet<String> = BTreeSet::new();
    for sighting in cx.sightings(trail) {
        let (account, region) = (sighting.account, sighting.region);
        match cx.required(account) {
            Ok(required) => {
                for wanted in &required.insights {
                    if let Some(words) = judge_one(cx, trail, (account, region), wanted, &mut tally) {
                        made.insert(words);
                    }
                }
            }
            Err(gap) => tally.gap(gap),
        }
    }
    let name = &trail.name;
    if tally.is_empty() && made.is_empty() {
        let reason = format!("Trail {name} records no events that the required Insights analyse");
        return Ok(Verdict::not_applicable(reason));
    }
    let made: Vec<String> = made.into_iter().collect();
    for words in &made {
        let seen = format!("{words} are made wherever trail {name} records what they analyse");
        tally.support(fact(seen, "cloudtrail:GetInsightSelectors", &trail.owner, Some(&trail.home_region)));
    }
    Ok(tally.settle(
        cx,
        || format!("The required Insights are on for what trail {name} records: {}", enumerate(&made)),
        |failures| format!("Required Insights are off for what trail {name} records in {}", cx.places(failures)),
    ))
}

/// Judges one type in one place. The words of the type, where the trail records what it analyses and some trail has it on.
fn judge_one(
    cx: &Cx<'_>,
    trail: &Trail,
    (account, region): (&AccountId, &Region),
    wanted: &Insight,
    tally: &mut Tally,
) -> Option<String> {
    let words = insight::words(wanted);
    let share = match share_of_analysed(cx, trail, (account, region), wanted) {
        Ok(share) => share,
        Err(gap) => {
            tally.gap(gap);
            return None;
        }
    };
    if matches!(share, Share::Nothing(_) | Share::Broken(_)) {
        return None;
    }
    match (cx.covered(account, region, &insight::events_of(wanted), &words, |_| true), share) {
        (Ok(Coverage::Covered(_)), _) => return Some(words),
        (Ok(Coverage::Undecided(gap)) | Err(gap), _) | (Ok(Coverage::Lost(..)), Share::Undecided(gap)) => {
            tally.gap(gap)
        }
        (Ok(Coverage::Lost(..)), _) => {
            tally.fail(fact(
                format!("no trail has {words} on"),
                "cloudtrail:GetInsightSelectors",
                account,
                Some(region),
            ));
        }
    }
    None
}

/// What the trail records, in a place, of the events that a type analyses.
fn share_of_analysed(
    cx: &Cx<'_>,
    trail: &Trail,
    (account, region): (&AccountId, &Region),
    wanted: &Insight,
) -> Result<Share, Gap> {
    let analysed = insight::analysed(wanted).ok_or_else(|| Gap {
        kind: GapKind::Unexpected,
        call: "cloudtrail:GetInsightSelectors".to_owned(),
        account: Some(account.clone()),
        region: Some(region.clone()),
        code: "UnknownCategory".to_owned(),
        reason: format!("the baseline requires {}, which this version does not know", insight::words(wanted)),
    })?;
    let mut alone = cx.contributions(account, region, &analysed, |other| other.arn == trail.arn)?;
    Ok(alone.pop().map_or_else(|| Share::Nothing("is not shown there".to_owned()), |one| one.share))
}

#[cfg(test)]
mod tests {
    use trailwarden_model::baseline::Override;
    use trailwarden_model::finding::{Finding, Outcome};
    use trailwarden_model::observed::{GapKind, Observed};
    use trailwarden_model::trail::{Insight, ReadWriteType};

    use crate::testing::selectors::{basic, basic_data};
    use crate::testing::{HOME, LEADER, ORG_TRAIL, WORKLOAD, World, denied};

    const ID: &str = super::CONTROL.id;
    const RATE: (&str, &str) = ("ApiCallRateInsight", "Management");
    const ERRORS: (&str, &str) = ("ApiErrorRateInsight", "Management");

    fn insight((kind, category): (&str, &str)) -> Insight {
        Insight { kind: kind.to_owned(), category: category.to_owned() }
    }

    fn with(world: World, trail: &str, on: &[(&str, &str)]) -> World {
        world.trail(trail, |trail| trail.insights = Observed::Known(on.iter().copied().map(insight).collect()))
    }

    fn requiring(world: World, wanted: &[(&str, &str)]) -> World {
        world.baseline(|baseline| baseline.required.insights.extend(wanted.iter().copied().map(insight)))
    }

    fn on(world: &World) -> Finding {
        world.judge(ID).on(ORG_TRAIL).clone()
    }

    #[test]
    fn nothing_required_does_not_apply() {
        assert_eq!(World::clean().judge(ID).outcomes(), [Outcome::NotApplicable].into());
        let unread = World::clean().unentered(WORKLOAD).unread_region(crate::testing::ARCHIVE, HOME);
        assert_eq!(unread.judge(ID).outcomes(), [Outcome::NotApplicable].into());
    }

    #[test]
    fn each_required_type_must_be_on() {
        let rate = with(World::clean(), ORG_TRAIL, &[RATE]);
        assert_eq!(on(&requiring(rate.clone(), &[RATE])).outcome, Outcome::Pass);
        let finding = on(&requiring(rate, &[RATE, ERRORS]));
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(
            finding.evidence[0].fact.contains("no trail has ApiErrorRateInsight on Management events on"),
            "{finding:#?}"
        );
        let on_data = with(World::clean(), ORG_TRAIL, &[("ApiCallRateInsight", "Data")]);
        assert_eq!(on(&requiring(on_data, &[RATE])).outcome, Outcome::Fail, "of another category");
    }

    #[test]
    fn a_trail_that_records_nothing_of_what_is_analysed_is_not_asked() {
        let reads = World::clean().trail(ORG_TRAIL, |trail| {
            trail.selectors = Observed::Known(basic(ReadWriteType::ReadOnly, true));
        });
        assert_eq!(on(&requiring(reads.clone(), &[RATE])).outcome, Outcome::NotApplicable);
        assert_eq!(on(&requiring(reads, &[ERRORS])).outcome, Outcome::Fail);
        let data = ("ApiErrorRateInsight", "Data");
        assert_eq!(on(&requiring(World::clean(), &[data])).outcome, Outcome::NotApplicable);
        let objects = World::clean().trail(ORG_TRAIL, |trail| {
            trail.selectors = Observed::Known(basic_data(ReadWriteType::All, "AWS::S3::Object", &["arn:aws:s3"]));
        });
        assert_eq!(on(&requiring(objects.clone(), &[data])).outcome, Outcome::Fail);
        assert_eq!(on(&requiring(with(objects, ORG_TRAIL, &[data]), &[data])).outcome, Outcome::Pass);
    }

    #[test]
    fn insights_without_their_events_are_none() {
        // The rate of writes is not analysed on a trail that records reads; the trail that records the writes has it off.
        let reads = with(World::clean(), ORG_TRAIL, &[RATE]).trail(ORG_TRAIL, |trail| {
            trail.selectors = Observed::Known(basic(ReadWriteType::ReadOnly, true));
        });
        let world = reads.add_trail("writes", WORKLOAD, |trail| {
            trail.selectors = Observed::Known(basic(ReadWriteType::WriteOnly, true));
        });
        assert_eq!(requiring(world, &[RATE]).judge(ID).on("trail/writes").outcome, Outcome::Fail);
    }

    #[test]
    fn one_trail_of_a_place_is_enough_while_it_is_logging() {
        let both = with(World::clean(), ORG_TRAIL, &[RATE]).add_trail("own", WORKLOAD, |_| {});
        let world = requiring(both, &[RATE]);
        assert_eq!(world.judge(ID).outcomes(), [Outcome::Pass].into());
        let stopped = world.status(ORG_TRAIL, (WORKLOAD, LEADER), |status| status.is_logging = false);
        let finding = stopped.judge(ID).on("trail/own").clone();
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("us-east-1") && !finding.reason.contains("eu-west-1"), "{}", finding.reason);
    }

    #[test]
    fn what_one_member_requires_is_asked_of_the_organization_trail() {
        let world = World::clean().baseline(|baseline| {
            let more = Override { insights: Some([insight(RATE)].into()), ..Override::default() };
            baseline.overrides.insert(WORKLOAD.to_owned(), more);
        });
        let finding = on(&world);
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("payments") && !finding.reason.contains("log-archive"), "{}", finding.reason);
    }

    #[test]
    fn gaps_are_unknown_where_they_could_matter() {
        let unread = World::clean().trail(ORG_TRAIL, |trail| {
            trail.insights = Observed::Gap(denied("cloudtrail:GetInsightSelectors"));
        });
        assert_eq!(on(&requiring(unread.clone(), &[RATE])).outcome, Outcome::Unknown);
        let unseen = unread.clone().edit(|snapshot| {
            snapshot.accounts.clear();
        });
        assert_eq!(on(&requiring(unseen, &[RATE])).outcome, Outcome::Unknown);
        let future = requiring(World::clean(), &[("ApiCallRateInsight", "NetworkActivity")]);
        assert_eq!(on(&future).outcome, Outcome::Unknown);
        let blind = World::clean().status_gap(ORG_TRAIL, (WORKLOAD, HOME), GapKind::Throttled);
        assert_eq!(on(&requiring(blind, &[RATE])).outcome, Outcome::Fail, "off in the other places for sure");
        assert_eq!(
            World::clean().judge("management-events-recorded").outcomes(),
            unread.judge("management-events-recorded").outcomes()
        );
    }
}
