//! no-redundant-management-event-copies: no account and region pays for the same management events twice.

use trailwarden_model::control::Severity;
use trailwarden_model::finding::Evidence;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::snapshot::Need;
use trailwarden_model::trail::Trail;

use crate::control::{Applies, Control, Judge, Judged, Regions};
use crate::coverage::{Contribution, Event, Share, required};
use crate::cx::Cx;
use crate::verdict::{Verdict, fact};

pub(super) static CONTROL: Control = Control {
    id: "no-redundant-management-event-copies",
    title: "No management event is recorded and paid for twice",
    severity: Severity::Low,
    practice: None,
    needs: &[Need::Trails, Need::TrailStatus, Need::EventSelectors, Need::BucketOwner, Need::Key],
    rule: "Fails when some management event of this account and region is recorded by more than one of the trails that are \
           logging there, an organization trail among them: the first copy is free, every further one is paid. A read-only \
           and a write-only trail record nothing twice, and neither do trails that exclude what another records. A trail \
           that is stopped, or whose last delivery failed, or whose bucket or key is known to be broken, counts for \
           nothing. Two trails of which one could not be read are unknown where they may overlap.",
    why: "Copies that nobody reads are paid per event in every account and region, and each has a bucket that must be kept \
          as safe as the first.",
    remedy: "Keep the organization trail, let those who need the events read its bucket, and stop the other trails once their \
             data events and Insights, if any, are recorded elsewhere. Where a second copy is wanted, waive this finding.",
    references: &["CloudTrail User Guide: Managing CloudTrail trail costs", "AWS CloudTrail pricing"],
    frameworks: &[],
    applies: Applies::Always,
    judge: Judge::AccountRegion(Regions::WithTrails, judge),
};

/// What a copy after the first costs in the commercial regions. Source: AWS CloudTrail pricing, management events delivered
/// to Amazon S3, as of November 2026.
const PRICE: &str = "each copy after the first costs about 2.00 USD per 100,000 events (public price of November 2026)";

fn judge(cx: &Cx<'_>, account: &AccountId, region: &Region) -> Judged {
    let events = required::management(cx.leader_region().is_none_or(|leader| leader == *region));
    let contributions = cx.contributions(account, region, events, |_| true)?;
    let place = format!("{} in {region}", cx.name(account));
    let mut undecided = None;
    let mut copies: Vec<&Contribution<'_>> = Vec::new();
    let mut example = None;
    for (index, one) in contributions.iter().enumerate() {
        for other in contributions.iter().skip(index + 1) {
            match one.shares(other, events) {
                Ok(Some(event)) => {
                    copies.extend([one, other]);
                    example.get_or_insert((one, other, event));
                }
                Ok(None) => {}
                Err(gap) => undecided = undecided.or(Some(gap)),
            }
        }
    }
    copies.sort_by(|a, b| (!a.trail.is_organization, &a.trail.arn).cmp(&(!b.trail.is_organization, &b.trail.arn)));
    copies.dedup_by(|a, b| a.trail.arn == b.trail.arn);
    match (example, undecided) {
        (Some(example), _) => Ok(redundant(cx, &place, &copies, example)),
        (None, Some(gap)) => Err(gap),
        (None, None) => Ok(Verdict::pass(format!("No management event of {place} is recorded twice"))),
    }
}

fn redundant(
    cx: &Cx<'_>,
    place: &str,
    copies: &[&Contribution<'_>],
    (one, other, event): (&Contribution<'_>, &Contribution<'_>, Event),
) -> Verdict {
    let (first, second) = (&one.trail.name, &other.trail.name);
    let reason = format!(
        "{place} pays for further copies of the same management events: {first} and {second} both record, for example, {event}"
    );
    let price = match cx.partition() {
        "aws" => PRICE,
        _ => "each copy after the first is paid; see the price list of the partition",
    };
    let price = Evidence { fact: price.to_owned(), call: None, account: None, region: None };
    Verdict::fail(reason).with([price]).with(copies.iter().map(|copy| recorded(cx, copy)))
}

fn recorded(cx: &Cx<'_>, copy: &Contribution<'_>) -> Evidence {
    let Trail { name, owner, home_region, is_organization, .. } = copy.trail;
    let kind = if *is_organization { "organization trail" } else { "trail" };
    let part = if copy.share == Share::All { "" } else { "part of " };
    let text = format!("{kind} {name} of {} records {part}the management events", cx.name(owner));
    fact(text, "cloudtrail:GetEventSelectors", owner, Some(home_region))
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::{Finding, Outcome};
    use trailwarden_model::observed::{GapKind, Observed};
    use trailwarden_model::trail::{ReadWriteType, Selectors};

    use crate::testing::selectors::{advanced, basic, equals, not_equals};
    use crate::testing::{ARCHIVE, HOME, ORG_TRAIL, WORKLOAD, World, denied};

    const ID: &str = super::CONTROL.id;

    fn own(world: World, selectors: Selectors) -> World {
        world.add_trail("own", WORKLOAD, |trail| trail.selectors = Observed::Known(selectors))
    }

    fn here(world: &World) -> Finding {
        world.judge(ID).at_region(WORKLOAD, HOME).clone()
    }

    #[test]
    fn one_copy_is_free() {
        assert_eq!(World::clean().judge(ID).outcomes(), [Outcome::Pass].into());
        assert_eq!(World::bare().judge(ID).outcomes(), [Outcome::Pass].into());
    }

    #[test]
    fn a_trail_beside_the_organization_trail_is_a_second_copy_with_a_price() {
        let world = own(World::clean(), basic(ReadWriteType::All, true));
        let finding = here(&world);
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(
            finding.reason.contains("org-trail and own both record, for example, ec2.amazonaws.com RunInstances"),
            "{}",
            finding.reason
        );
        assert!(finding.evidence[0].fact.contains("2.00 USD per 100,000 events"), "{finding:#?}");
        assert!(finding.evidence[1].fact.starts_with("organization trail org-trail"), "the one to keep comes first");
        assert_eq!(world.judge(ID).at_region(ARCHIVE, HOME).outcome, Outcome::Pass);
    }

    #[test]
    fn halves_and_data_are_no_copies_and_a_half_beside_the_whole_is() {
        let halves = own(World::bare(), basic(ReadWriteType::ReadOnly, true)).add_trail("writes", WORKLOAD, |trail| {
            trail.selectors = Observed::Known(basic(ReadWriteType::WriteOnly, true));
        });
        assert_eq!(here(&halves).outcome, Outcome::Pass);
        assert_eq!(here(&own(World::clean(), basic(ReadWriteType::All, false))).outcome, Outcome::Pass);
        let writes = own(World::clean(), basic(ReadWriteType::WriteOnly, true));
        assert_eq!(here(&writes).outcome, Outcome::Fail);
    }

    #[test]
    fn what_one_trail_excludes_the_other_may_record() {
        let without_kms = vec![equals("eventCategory", "Management"), not_equals("eventSource", "kms.amazonaws.com")];
        let kms = vec![equals("eventCategory", "Management"), equals("eventSource", "kms.amazonaws.com")];
        let world = own(World::bare(), advanced(vec![without_kms])).add_trail("kms", WORKLOAD, |trail| {
            trail.selectors = Observed::Known(advanced(vec![kms]));
        });
        assert_eq!(here(&world).outcome, Outcome::Pass);
    }

    #[test]
    fn a_stopped_trail_is_no_copy() {
        let world = own(World::clean(), basic(ReadWriteType::All, true));
        let stopped = world.status(ORG_TRAIL, (WORKLOAD, HOME), |status| status.is_logging = false);
        assert_eq!(here(&stopped).outcome, Outcome::Pass);
    }

    #[test]
    fn a_gap_is_unknown_where_two_trails_may_overlap() {
        let blind = |selectors| own(World::clean(), selectors).status_gap("own", (WORKLOAD, HOME), GapKind::Throttled);
        assert_eq!(here(&blind(basic(ReadWriteType::All, true))).outcome, Outcome::Unknown);
        assert_eq!(here(&blind(basic(ReadWriteType::All, false))).outcome, Outcome::Pass);
        let unread = own(World::clean(), basic(ReadWriteType::All, true)).trail("own", |trail| {
            trail.selectors = Observed::Gap(denied("cloudtrail:GetEventSelectors"));
        });
        assert_eq!(here(&unread).outcome, Outcome::Unknown);
        let alone = World::clean().status_gap(ORG_TRAIL, (WORKLOAD, HOME), GapKind::Throttled);
        assert_eq!(here(&alone).outcome, Outcome::Pass, "one trail alone makes no second copy");
    }
}
