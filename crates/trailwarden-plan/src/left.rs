//! Controls whose failures no plan mends, and why: a person must decide or act, or another command plans it.

use trailwarden_model::plan::Hindrance;

use crate::facts::Stop;

/// What stands for findings that a waiver accepts.
pub(crate) const WAIVED: &str = "waived";

struct Left {
    control: &'static str,
    hindrance: Hindrance,
    reason: &'static str,
    hint: &'static str,
}

const fn other(control: &'static str, reason: &'static str) -> Left {
    Left { control, hindrance: Hindrance::OtherCommand, reason, hint: "`trailwarden scp plan` plans it" }
}

const fn manual(control: &'static str, reason: &'static str, hint: &'static str) -> Left {
    Left { control, hindrance: Hindrance::Manual, reason, hint }
}

/// Failures that the caller left aside.
pub(crate) fn not_asked() -> Stop {
    Stop::new(Hindrance::OnRequest, "what else fails was not asked for")
        .hint("plan without --account, --control and --assessment, or name more")
}

/// Every control that is not planned.
const LEFT: &[Left] = &[
    other("scp-policy-type-enabled", "the policy type of service control policies is rolled out with the policies"),
    other("tampering-denied-by-scp", "service control policies are rolled out in stages, not by this plan"),
    other("leaving-organization-denied", "service control policies are rolled out in stages, not by this plan"),
    other("log-archive-guarded", "service control policies are rolled out in stages, not by this plan"),
    manual(
        "scp-exceptions-declared",
        "whether an exemption is meant is for a person to say",
        "declare it in the baseline, or take it out of the policy",
    ),
    manual(
        "scp-headroom-sufficient",
        "which policies to merge or detach is for their owners to say",
        "merge policies until a place is free",
    ),
    manual(
        "all-features-enabled",
        "every invited account must approve the change from consolidated billing to all features",
        "start it in the console of the management account: Settings, Enable all features",
    ),
    manual(
        "delegated-administrator-expected",
        "who administers CloudTrail is for the owner of the organization to say",
        "declare the administrator in the baseline, or register or deregister it",
    ),
    manual(
        "every-account-audited",
        "an account that could not be entered must let the auditor in first",
        "create the audit role there, or see the policy that hides the region",
    ),
    manual(
        "no-recent-tampering",
        "a person must find out who did it and why; what was broken is planned by other controls",
        "look at the event with `trailwarden explain`",
    ),
    manual(
        "trails-match-baseline",
        "whether the trail or the approved snapshot is wrong is for a person to say",
        "approve the present trails, or change the trail back",
    ),
    manual(
        "log-bucket-replicated",
        "replication needs a destination bucket, a role and a decision on what is copied",
        "configure replication on the log bucket by hand",
    ),
    manual(
        "tamper-events-routed",
        "what receives the events is for a person to say",
        "create an EventBridge rule with your target in the regions named",
    ),
    manual(
        "vpc-flow-logs-enabled",
        "flow logs are not planned: what they capture and where to is for the owner of the network to say",
        "create a flow log for each VPC named",
    ),
    manual(
        "waf-logging-enabled",
        "logging of web ACLs is not planned: its destination is for the owner of the application to say",
        "put a logging configuration on each web ACL named",
    ),
    manual("waiver-not-expired", "a waiver has expired", "renew it or take it out of the file"),
    manual("waiver-in-use", "a waiver accepts nothing", "take it out of the file"),
    manual(WAIVED, "a waiver accepts it", "take the waiver away to have it planned"),
];

/// What stands for a control that this version does not know.
const UNFORESEEN: Left = manual("", "this version plans nothing for the control", "see the remedy of the finding");

/// The control's id, as listed here.
pub(crate) fn known(control: &str) -> &'static str {
    LEFT.iter().find(|left| left.control == control).map_or(UNFORESEEN.control, |left| left.control)
}

/// Why nothing is planned for a control.
pub(crate) fn stop(control: &str) -> Stop {
    let left = LEFT.iter().find(|left| left.control == control).unwrap_or(&UNFORESEEN);
    Stop::new(left.hindrance, left.reason).hint(left.hint)
}

/// Ids of the controls that are never planned, for a test to hold against the registry.
pub fn never_planned() -> impl Iterator<Item = &'static str> {
    LEFT.iter().map(|left| left.control).filter(|control| *control != WAIVED)
}
