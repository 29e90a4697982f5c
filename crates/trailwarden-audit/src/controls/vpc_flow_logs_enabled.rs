//! vpc-flow-logs-enabled: the rejected traffic of every VPC is logged.

use trailwarden_model::control::Severity;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::log_source::{FlowLog, Vpc};
use trailwarden_model::snapshot::Need;

use crate::control::{Applies, Control, Judge, Judged, Regions};
use crate::cx::Cx;
use crate::delivery::nothing_delivered_yet;
use crate::verdict::{Tally, Verdict, enumerate, fact};

const FLOW_LOGS: &str = "ec2:DescribeFlowLogs";

pub(super) static CONTROL: Control = Control {
    id: "vpc-flow-logs-enabled",
    title: "Every VPC logs its traffic",
    severity: Severity::Medium,
    practice: None,
    needs: &[Need::FlowLogs],
    rule: "Fails when a VPC that the account owns has no flow log on the VPC itself that is active, whose last delivery \
           succeeded and that takes rejected traffic, alone or with the accepted. A log of accepted traffic alone does not \
           count, nor do flow logs of single subnets or interfaces. A VPC shared with the account is judged at its \
           owner. Not known while the only candidate has not delivered yet. Not applicable without a VPC.",
    why: "Calls are one half of an intrusion, connections the other. Rejected traffic shows who knocks, and from where.",
    remedy: "Create a flow log on the VPC for all traffic, or at least for rejected traffic, to S3 or CloudWatch Logs, with a \
             role or bucket policy that lets it deliver.",
    references: &["VPC User Guide: Logging IP traffic using VPC Flow Logs"],
    frameworks: &[
        ("aws-fsbp-1.0.0", &["EC2.6"]),
        ("cis-aws-3.0.0", &["3.7"]),
        ("cis-aws-5.0.0", &["3.7"]),
        ("cis-aws-7.0.0", &["4.7"]),
        ("nist-800-53-r5", &["AU-2", "AU-3", "AU-6", "AU-12", "SI-7"]),
        ("iso-27001-2022", &["A.8.15"]),
        ("soc-2", &["CC7.2"]),
    ],
    applies: Applies::Always,
    judge: Judge::AccountRegion(Regions::All, judge),
};

fn judge(cx: &Cx<'_>, account: &AccountId, region: &Region) -> Judged {
    let vpcs = cx.here(account, region)?.vpcs.get()?;
    let own: Vec<&Vpc> = vpcs.iter().filter(|vpc| vpc.owner == *account).collect();
    let name = cx.name(account);
    if own.is_empty() {
        return Ok(Verdict::not_applicable(format!("{name} owns no VPC in {region}")));
    }
    let mut tally = Tally::default();
    for vpc in &own {
        let saw = |text: String| fact(text, FLOW_LOGS, account, Some(region));
        match logged(vpc) {
            Logged::By(log) => {
                tally.support(saw(format!(
                    "{} logs {} traffic of {} to {}",
                    log.id, log.traffic, vpc.id, log.destination_type
                )));
            }
            Logged::Perhaps(log) => {
                let words = format!("flow log {} of {} has not delivered anything yet", log.id, vpc.id);
                tally.gap(nothing_delivered_yet(FLOW_LOGS, words, account, region));
            }
            Logged::Not(why) => {
                tally.fail(saw(format!("{}{}: {why}", vpc.id, if vpc.is_default { " (default VPC)" } else { "" })))
            }
        }
    }
    Ok(tally.settle(
        cx,
        || format!("Rejected traffic of every VPC of {name} in {region} is logged"),
        |failures| {
            let words: Vec<&str> = failures.iter().map(|failure| failure.fact.as_str()).collect();
            format!(
                "Traffic of {} of {} VPCs of {name} in {region} is not logged: {}",
                words.len(),
                own.len(),
                enumerate(&words)
            )
        },
    ))
}

/// Whether the rejected traffic of a VPC is logged.
enum Logged<'a> {
    By(&'a FlowLog),
    /// By a flow log that never delivered so far.
    Perhaps(&'a FlowLog),
    Not(String),
}

fn logged(vpc: &Vpc) -> Logged<'_> {
    let delivers = |log: &&FlowLog| log.delivery_status.as_deref() == Some("SUCCESS");
    let takes = || vpc.flow_logs.iter().filter(|log| flaw(log).is_none());
    if let Some(log) = takes().find(delivers) {
        return Logged::By(log);
    }
    if let Some(log) = takes().next() {
        return Logged::Perhaps(log);
    }
    let flaws: Vec<String> =
        vpc.flow_logs.iter().filter_map(|log| flaw(log).map(|flaw| format!("{} {flaw}", log.id))).collect();
    Logged::Not(if flaws.is_empty() { "no flow log".to_owned() } else { enumerate(&flaws) })
}

/// Why a flow log does not count.
fn flaw(log: &FlowLog) -> Option<String> {
    if log.status != "ACTIVE" {
        return Some(format!("is in status {}", log.status));
    }
    if log.traffic == "ACCEPT" {
        return Some("takes accepted traffic only".to_owned());
    }
    let failed = log.delivery_status.as_deref() == Some("FAILED");
    failed.then(|| format!("could not deliver: {}", log.delivery_error.as_deref().unwrap_or("no reason given")))
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::{Finding, Outcome};
    use trailwarden_model::log_source::{FlowLog, Vpc};
    use trailwarden_model::observed::Observed;

    use crate::testing::{ARCHIVE, HOME, WORKLOAD, World, account, denied};

    const ID: &str = super::CONTROL.id;

    fn log(traffic: &str) -> FlowLog {
        FlowLog {
            id: format!("fl-{}", traffic.to_lowercase()),
            status: "ACTIVE".to_owned(),
            delivery_status: Some("SUCCESS".to_owned()),
            delivery_error: None,
            traffic: traffic.to_owned(),
            destination_type: "s3".to_owned(),
        }
    }

    fn vpc(id: &str, flow_logs: Vec<FlowLog>) -> Vpc {
        Vpc { id: id.to_owned(), owner: account(WORKLOAD), is_default: false, flow_logs }
    }

    fn with(vpcs: Vec<Vpc>) -> Finding {
        let world = World::clean().here(WORKLOAD, HOME, |here| here.vpcs = Observed::Known(vpcs));
        world.judge(ID).at_region(WORKLOAD, HOME).clone()
    }

    fn outcome(flow_logs: Vec<FlowLog>) -> Outcome {
        with(vec![vpc("vpc-1", flow_logs)]).outcome
    }

    #[test]
    fn all_or_rejected_traffic_passes_and_accepted_alone_fails() {
        assert_eq!(outcome(vec![log("ALL")]), Outcome::Pass);
        assert_eq!(outcome(vec![log("REJECT")]), Outcome::Pass);
        assert_eq!(outcome(vec![log("ACCEPT"), log("REJECT")]), Outcome::Pass);
        assert_eq!(outcome(vec![log("ACCEPT")]), Outcome::Fail);
    }

    #[test]
    fn a_log_that_is_not_active_or_cannot_deliver_does_not_count() {
        assert_eq!(outcome(vec![FlowLog { status: "INACTIVE".to_owned(), ..log("ALL") }]), Outcome::Fail);
        let failed = FlowLog {
            delivery_status: Some("FAILED".to_owned()),
            delivery_error: Some("Access error".to_owned()),
            ..log("ALL")
        };
        let finding = with(vec![vpc("vpc-1", vec![failed.clone()])]);
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("vpc-1: fl-all could not deliver: Access error"), "{}", finding.reason);
        assert_eq!(outcome(vec![failed.clone(), log("REJECT")]), Outcome::Pass);
        let young = FlowLog { delivery_status: None, ..log("ALL") };
        assert_eq!(outcome(vec![failed, young]), Outcome::Unknown);
    }

    #[test]
    fn one_vpc_without_logs_fails_beside_a_good_one() {
        let good = vpc("vpc-1", vec![log("ALL")]);
        let bare = Vpc { is_default: true, ..vpc("vpc-2", vec![]) };
        let finding = with(vec![good, bare]);
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("1 of 2 VPCs") && finding.reason.contains("vpc-2 (default VPC): no flow log"));
    }

    #[test]
    fn no_vpc_or_only_a_shared_one_does_not_apply() {
        assert_eq!(with(vec![]).outcome, Outcome::NotApplicable);
        let shared = Vpc { owner: account(ARCHIVE), ..vpc("vpc-1", vec![]) };
        assert_eq!(with(vec![shared]).outcome, Outcome::NotApplicable);
    }

    #[test]
    fn unread_is_unknown_whatever_the_trails() {
        let world = World::clean().here(WORKLOAD, HOME, |here| here.vpcs = Observed::Gap(denied(super::FLOW_LOGS)));
        assert_eq!(world.judge(ID).at_region(WORKLOAD, HOME).outcome, Outcome::Unknown);
        let hidden = World::clean().unread_region(WORKLOAD, HOME);
        assert_eq!(hidden.judge(ID).at_region(WORKLOAD, HOME).outcome, Outcome::NotApplicable);
    }
}
