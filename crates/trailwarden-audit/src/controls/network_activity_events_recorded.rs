//! network-activity-events-recorded: the network activity events that the baseline requires are covered in each account and
//! region.

use trailwarden_model::control::Severity;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::snapshot::Need;

use crate::control::{Applies, Control, Judge, Judged, Regions};
use crate::coverage::required;
use crate::cx::Cx;
use crate::demand::Demand;

pub(super) static CONTROL: Control = Control {
    id: "network-activity-events-recorded",
    title: "The required network activity events are recorded",
    severity: Severity::Low,
    practice: None,
    needs: &[Need::Trails, Need::TrailStatus, Need::EventSelectors, Need::BucketOwner, Need::Key],
    rule: "Passes when the trails that are logging in this account and region, taken together, record the network activity \
           events of every event source that the baseline requires of the account, whatever the VPC endpoint and whether \
           or not access was denied. A trail that is stopped, or whose last delivery failed, or whose bucket or key is \
           known to be broken, counts for nothing. Does not apply where no source is required.",
    why: "Network activity events are the only record of calls from foreign credentials through your VPC endpoints, and of \
          calls that the policy of an endpoint refused: data on its way out.",
    remedy: "Add an advanced event selector with eventCategory NetworkActivity and the event source to a trail that reaches \
             the account and region, without errorCode or vpcEndpointId.",
    references: &["CloudTrail User Guide: Logging network activity events"],
    frameworks: &[("nist-800-53-r5", &["AU-2", "AU-12"]), ("iso-27001-2022", &["A.8.15"])],
    applies: Applies::WhereRequired {
        is_required: |required| !required.network_activity_sources.is_empty(),
        what: "any network activity events",
    },
    judge: Judge::AccountRegion(Regions::WithTrails, judge),
};

fn judge(cx: &Cx<'_>, account: &AccountId, region: &Region) -> Judged {
    let demand = |source: &String| Demand {
        events: required::network_activity(source),
        words: format!("network activity events of {source}"),
    };
    let demands: Vec<Demand> = cx.required(account)?.network_activity_sources.iter().map(demand).collect();
    cx.judge_demands(account, region, &demands)
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::{Finding, Outcome};
    use trailwarden_model::observed::Observed;
    use trailwarden_model::trail::FieldSelector;

    use crate::testing::selectors::{advanced, equals};
    use crate::testing::{HOME, ORG_TRAIL, WORKLOAD, World, denied};

    const ID: &str = super::CONTROL.id;

    fn recording(conditions: &[FieldSelector]) -> World {
        let s3 = [equals("eventCategory", "NetworkActivity"), equals("eventSource", "s3.amazonaws.com")];
        let selectors = advanced(vec![vec![equals("eventCategory", "Management")], [&s3, conditions].concat()]);
        World::clean().trail(ORG_TRAIL, |trail| trail.selectors = Observed::Known(selectors))
    }

    fn requiring(world: World, sources: &[&str]) -> World {
        let sources = sources.iter().map(|&source| source.to_owned());
        world.baseline(|baseline| baseline.required.network_activity_sources.extend(sources))
    }

    fn here(world: &World) -> Finding {
        world.judge(ID).at_region(WORKLOAD, HOME).clone()
    }

    #[test]
    fn nothing_required_does_not_apply() {
        assert_eq!(recording(&[]).judge(ID).outcomes(), [Outcome::NotApplicable].into());
    }

    #[test]
    fn each_source_is_judged() {
        assert_eq!(here(&requiring(recording(&[]), &["s3.amazonaws.com"])).outcome, Outcome::Pass);
        let finding = here(&requiring(recording(&[]), &["s3.amazonaws.com", "kms.amazonaws.com"]));
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("loses network activity events of kms.amazonaws.com;"), "{}", finding.reason);
        assert!(finding.reason.contains("through a VPC endpoint"), "{}", finding.reason);
    }

    #[test]
    fn denied_calls_alone_or_one_endpoint_alone_are_not_all() {
        for narrow in [equals("errorCode", "VpceAccessDenied"), equals("vpcEndpointId", "vpce-1")] {
            let world = requiring(recording(&[narrow]), &["s3.amazonaws.com"]);
            assert_eq!(here(&world).outcome, Outcome::Fail);
        }
    }

    #[test]
    fn management_events_are_no_network_activity_and_a_gap_is_unknown() {
        assert_eq!(here(&requiring(World::clean(), &["s3.amazonaws.com"])).outcome, Outcome::Fail);
        let unread = World::clean().trail(ORG_TRAIL, |trail| {
            trail.selectors = Observed::Gap(denied("cloudtrail:GetEventSelectors"));
        });
        assert_eq!(here(&requiring(unread, &["s3.amazonaws.com"])).outcome, Outcome::Unknown);
    }
}
