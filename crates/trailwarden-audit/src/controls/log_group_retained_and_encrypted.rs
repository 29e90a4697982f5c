//! log-group-retained-and-encrypted: the log group keeps events long enough, encrypts them and can carry metric filters.

use trailwarden_model::control::Severity;
use trailwarden_model::snapshot::Need;
use trailwarden_model::storage::LogGroup;

use crate::control::{Applies, Control, Judge, Judged, Trailless};
use crate::cx::Cx;
use crate::gone;
use crate::verdict::{Verdict, fact};

/// The only class with metric filters. Source: CloudWatch Logs User Guide, "Log classes".
const FILTERABLE_CLASS: &str = "STANDARD";

pub(super) static CONTROL: Control = Control {
    id: "log-group-retained-and-encrypted",
    title: "The log group keeps, encrypts and can alarm on events",
    severity: Severity::Medium,
    practice: None,
    needs: &[Need::Trails, Need::LogGroup],
    rule: "Fails when the group does not exist, keeps events for fewer days than the baseline requires of any account \
           whose events it holds, has no KMS key, or is of a class that cannot carry metric filters.",
    why: "A log group that forgets early, stands open to every reader of logs, or is of a class without metric filters \
          gives alarms nothing to work with.",
    remedy: "Set the retention of the group to the required days or more and give it a KMS key; a group of another class \
             cannot be changed, so point the trail at a new one of class STANDARD.",
    references: &[
        "CloudWatch Logs User Guide: Working with log groups and log streams",
        "CloudWatch Logs User Guide: Log classes",
    ],
    frameworks: &[
        ("aws-fsbp-1.0.0", &["CloudWatch.16"]),
        ("nist-800-53-r5", &["AU-6", "AU-9", "AU-10", "AU-11"]),
        ("pci-dss-4.0.1", &["10.5.1"]),
        ("iso-27001-2022", &["A.8.15"]),
    ],
    applies: Applies::Always,
    judge: Judge::LogGroup(Trailless::NotApplicable, judge),
};

fn judge(cx: &Cx<'_>, group: &LogGroup) -> Judged {
    let detail = match gone::log_group(group)? {
        Ok(detail) => detail,
        Err(missing) => return Ok(missing),
    };
    let trails = cx.trails_of_group(&group.arn);
    let required = cx.retention(trails.iter().flat_map(|trail| cx.written_for(trail)));
    let mut flaws = Vec::new();
    let mut gap = None;
    match detail.retention_days.map(|days| (days, required.is_missed_by(days.into()))) {
        Some((days, Ok(true))) => {
            let source = if detail.is_account_retention { " by a policy of the account" } else { "" };
            flaws.push(format!("it keeps events {days} days{source}, less than {}", required.words(cx)));
        }
        Some((_, Err(unknown))) => gap = Some(unknown),
        Some((_, Ok(false))) | None => {}
    }
    if detail.kms_key.is_none() {
        flaws.push("it has no KMS key".to_owned());
    }
    if detail.class != FILTERABLE_CLASS {
        flaws.push(format!("its class {} carries no metric filters", detail.class));
    }
    let name = group.arn.resource();
    let account = group.arn.account().unwrap_or_else(|| cx.snapshot.organization.management_account.clone());
    let kept = detail.retention_days.map_or_else(|| "for ever".to_owned(), |days| format!("{days} days"));
    let key = detail.kms_key.as_deref().unwrap_or("none");
    let text = format!("kept {kept}, KMS key {key}, class {}", detail.class);
    let seen = fact(text, "logs:DescribeLogGroups", &account, group.arn.region().as_ref());
    let verdict = match gap {
        _ if !flaws.is_empty() => Verdict::fail(format!("{name} falls short: {}", flaws.join("; "))),
        Some(gap) => cx.unknown(gap),
        None => Verdict::pass(format!("{name} keeps events for the required days or more and encrypts them")),
    };
    Ok(verdict.with([seen]))
}

#[cfg(test)]
mod tests {
    use trailwarden_model::baseline::Override;
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::observed::Observed;

    use crate::testing::clean::GROUP_ARN;
    use crate::testing::{ARCHIVE, ORG_TRAIL, WORKLOAD, World, arn, denied};

    const ID: &str = super::CONTROL.id;

    fn outcome(world: &World) -> Outcome {
        world.judge(ID).only().outcome
    }

    #[test]
    fn kept_and_encrypted_passes_and_so_does_for_ever() {
        assert_eq!(outcome(&World::clean()), Outcome::Pass);
        assert_eq!(outcome(&World::clean().group_detail(|group| group.retention_days = None)), Outcome::Pass);
        assert_eq!(outcome(&World::clean().group_detail(|group| group.retention_days = Some(365))), Outcome::Pass);
    }

    #[test]
    fn each_flaw_fails_and_all_are_named() {
        let world = World::clean().group_detail(|group| {
            group.retention_days = Some(90);
            group.kms_key = None;
            group.class = "INFREQUENT_ACCESS".to_owned();
        });
        let reason = world.judge(ID).only().reason.clone();
        for words in ["90 days", "no KMS key", "INFREQUENT_ACCESS"] {
            assert!(reason.contains(words), "{reason}");
        }
        assert_eq!(outcome(&World::clean().group_detail(|group| group.retention_days = Some(364))), Outcome::Fail);
        assert_eq!(outcome(&World::clean().group_detail(|group| group.kms_key = None)), Outcome::Fail);
        let other_class = World::clean().group_detail(|group| group.class = "INFREQUENT_ACCESS".to_owned());
        assert_eq!(outcome(&other_class), Outcome::Fail);
    }

    #[test]
    fn the_strictest_account_whose_events_it_holds_sets_the_retention() {
        let kept = |days, required_of: &str| {
            let strict = Override { retention_days: Some(2555), ..Override::default() };
            World::clean()
                .group_detail(|group| group.retention_days = Some(days))
                .baseline(|baseline| baseline.overrides = [(required_of.to_owned(), strict)].into())
        };
        assert_eq!(outcome(&kept(400, WORKLOAD)), Outcome::Fail);
        assert!(kept(400, WORKLOAD).judge(ID).only().reason.contains("which payments"));
        assert_eq!(outcome(&kept(2555, WORKLOAD)), Outcome::Pass);
        let of_account = |owner| {
            kept(400, WORKLOAD)
                .trail(ORG_TRAIL, |trail| trail.log_group = None)
                .add_trail("own", owner, |trail| trail.log_group = Some(arn(GROUP_ARN)))
        };
        assert_eq!(outcome(&of_account(ARCHIVE)), Outcome::Pass, "no event of the strict account comes here");
        assert_eq!(outcome(&of_account(WORKLOAD)), Outcome::Fail);
    }

    #[test]
    fn a_missing_group_fails_and_an_unread_one_is_unknown() {
        assert_eq!(outcome(&World::clean().group(|group| group.detail = Observed::Known(None))), Outcome::Fail);
        let unread = World::clean().group(|group| group.detail = Observed::Gap(denied("logs:DescribeLogGroups")));
        assert_eq!(outcome(&unread), Outcome::Unknown);
    }
}
