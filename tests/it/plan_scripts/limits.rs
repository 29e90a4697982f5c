//! What stands in the way: quotas, policies of the organization, and what the user left out.

use trailwarden_sandbox::world::World;
use trailwarden_sandbox::world::organizations::Policy;

use super::{MANAGEMENT, id, is_left, key, operations, situation, trail};

/// The management account has as many plain trails as AWS allows, and no organization trail.
fn full(world: &mut World) {
    let mut own = trail(world).clone();
    own.organization = false;
    own.bucket = "clean-access-logs-227733449955".to_owned();
    let trails = &mut world.cloudtrail.get_mut(&id(MANAGEMENT)).expect("CloudTrail").trails;
    trails.clear();
    for number in 1..=5 {
        let mut one = own.clone();
        one.name = format!("aws-controltower-{number}");
        trails.push(one);
    }
}

situation!(the_quota_of_five_trails_leaves_no_place, &["--only", "organization"], full, |plan| {
    assert_eq!(operations(plan), [""; 0]);
    assert!(is_left(plan, "impossible", "5 trails"));
});

situation!(
    narrowed_to_keys_a_plan_leaves_trails_alone,
    &["--only", "keys"],
    |world| {
        key(world).rotation = false;
        trail(world).log_file_validation = false;
    },
    |plan| {
        assert_eq!(operations(plan), ["kms:EnableKeyRotation"]);
        assert!(is_left(plan, "on-request", "left out"));
    }
);

situation!(
    narrowed_to_a_control_a_plan_mends_that_alone,
    &["--control", "kms-key-rotation-enabled"],
    |world| {
        key(world).rotation = false;
        trail(world).log_file_validation = false;
    },
    |plan| assert_eq!(operations(plan), ["kms:EnableKeyRotation"])
);

situation!(
    narrowed_to_an_account_a_plan_mends_that_alone,
    &["--account", MANAGEMENT],
    |world| {
        key(world).rotation = false;
        trail(world).log_file_validation = false;
    },
    |plan| assert_eq!(operations(plan), ["cloudtrail:UpdateTrail"])
);

situation!(a_policy_that_denies_us_is_said_and_nothing_is_made_in_vain, &[], guarded, |plan| {
    assert_eq!(operations(plan), [""; 0]);
    assert!(is_left(plan, "denied", "kms:EnableKeyRotation"));
});

situation!(a_role_that_the_policy_exempts_may, &["--apply-role", "Fixer"], guarded, |plan| {
    assert_eq!(operations(plan), ["kms:EnableKeyRotation"]);
});

/// A policy at the root lets only one role rotate keys.
fn guarded(world: &mut World) {
    key(world).rotation = false;
    let organization = world.organization.as_mut().expect("an organization");
    let mut policy: Policy = organization.policies.get("p-FullAWSAccess").expect("the policy").clone();
    policy.name = "guard".to_owned();
    policy.aws_managed = false;
    policy.content = r#"{"Version":"2012-10-17","Statement":[{"Sid":"NoRotation","Effect":"Deny","Action":"kms:EnableKeyRotation","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Fixer"}}}]}"#.to_owned();
    organization.policies.insert("p-guard1234".to_owned(), policy);
    let root = organization.root.clone();
    organization.attachments.entry(root).or_default().insert("p-guard1234".to_owned());
}
