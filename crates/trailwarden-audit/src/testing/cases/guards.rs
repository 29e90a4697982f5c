//! What keeps members from tampering: guards in name only, in the wrong place, with holes, and in full.

use serde_json::json;
use trailwarden_model::observed::Observed::{self, Known};
use trailwarden_model::organization::FULL_AWS_ACCESS;

use super::Case;
use crate::testing::clean::{GUARD, ROOT, WORKLOADS_OU, guard, guard_unless, policy};
use crate::testing::{ARCHIVE, MANAGEMENT, WORKLOAD, World, denied};

pub(super) const CASES: &[Case] = &[
    Case { name: "guard-in-name-only", world: guard_in_name_only },
    Case { name: "guard-on-another-unit", world: guard_on_another_unit },
    Case { name: "guard-exempts-everybody", world: guard_exempts_everybody },
    Case { name: "guard-forgets-selectors", world: guard_forgets_selectors },
    Case { name: "guard-in-full-language", world: guard_in_full_language },
    Case { name: "guards-that-deny-together", world: guards_that_deny_together },
    Case { name: "guarded-by-an-allow-list", world: guarded_by_an_allow_list },
    Case { name: "guards-switched-off", world: guards_switched_off },
    Case { name: "no-room-for-a-guard", world: no_room_for_a_guard },
    Case { name: "archive-unguarded", world: archive_unguarded },
    Case { name: "guards-unread", world: guards_unread },
];

fn guard_in_name_only() -> World {
    let content = json!({"Version": "2012-10-17", "Statement": {
        "Sid": "ProtectCloudTrail", "Effect": "Deny", "Action": "cloudtrail:LookupEvents", "Resource": "*"}});
    World::clean().guard(&content.to_string(), &[ROOT]).edit(|snapshot| {
        if let Known(policies) = &mut snapshot.organization.service_control_policies {
            policies.get_mut(GUARD).expect("the guard").name = "deny-cloudtrail-tampering".to_owned();
        }
    })
}

/// The workload account is in another unit, the log archive below the root itself.
fn guard_on_another_unit() -> World {
    World::clean().unit("ou-root-sandbox").guard(&guard(), &["ou-root-sandbox"])
}

fn guard_exempts_everybody() -> World {
    let condition = json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:*"}});
    World::clean().guard(&guard_unless(&condition), &[ROOT])
}

/// Stopping and deleting is denied; recording nothing at all is not.
fn guard_forgets_selectors() -> World {
    let content = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Deny", "Resource": "*",
        "Action": ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "organizations:LeaveOrganization"]}});
    World::clean().guard(&content.to_string(), &[ROOT])
}

/// No trail but those of the sandbox may be touched, by nobody but the declared hands.
fn guard_in_full_language() -> World {
    let content = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "NotAction": ["s3:*", "ec2:*", "iam:*", "cloudtrail:LookupEvents", "organizations:*"],
         "NotResource": "arn:aws:cloudtrail:*:*:trail/sandbox-*",
         "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/break-glass"}}},
        {"Effect": "Deny", "Action": "organizations:*Organization", "Resource": "*"}]});
    World::clean().guard(&content.to_string(), &[ROOT])
}

/// Each denies in the regions that the other leaves out.
fn guards_that_deny_together() -> World {
    let here = json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}});
    let elsewhere = json!({"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}});
    World::clean().guard(&guard_unless(&here), &[ROOT]).edit(|snapshot| {
        if let Known(policies) = &mut snapshot.organization.service_control_policies {
            let (id, other) = policy("p-other-guard", false, &guard_unless(&elsewhere), &[ROOT]);
            policies.insert(id, other);
        }
    })
}

/// What no level allows is denied as well: the workloads may use three services and no more.
fn guarded_by_an_allow_list() -> World {
    let list = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": ["ec2:*", "s3:*", "lambda:*"], "Resource": "*"}});
    World::clean().guard(&guard(), &[ARCHIVE]).edit(|snapshot| {
        if let Known(policies) = &mut snapshot.organization.service_control_policies {
            let full = policies.get_mut(FULL_AWS_ACCESS).expect("the policy of AWS");
            full.targets = Known([ROOT, MANAGEMENT, ARCHIVE, WORKLOAD].map(str::to_owned).into());
            let (id, list) = policy("p-allowed-services", false, &list.to_string(), &[WORKLOADS_OU]);
            policies.insert(id, list);
        }
    })
}

fn guards_switched_off() -> World {
    World::clean().disable_policies()
}

/// Two policies per node, both taken, and none of them a guard.
fn no_room_for_a_guard() -> World {
    let content = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Deny", "Action": "ec2:CreateVpc", "Resource": "*"}});
    World::clean().guard(&content.to_string(), &[ROOT])
}

/// The account of the log bucket and its key keeps its members from trails and from nothing else.
fn archive_unguarded() -> World {
    World::clean().edit(|snapshot| {
        if let Known(policies) = &mut snapshot.organization.service_control_policies {
            policies.remove(crate::testing::clean::ARCHIVE_GUARD);
        }
    })
}

fn guards_unread() -> World {
    World::clean().edit(|snapshot| {
        snapshot.organization.service_control_policies = Observed::Gap(denied("organizations:ListPolicies"));
    })
}
