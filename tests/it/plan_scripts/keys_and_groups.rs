//! Keys, log groups, delivery roles and alarms.

use serde_json::{Value, json};
use trailwarden_sandbox::world::World;
use trailwarden_sandbox::world::kms::KeyState;

use super::{MANAGEMENT, group, id, is_left, key, operations, situation};

situation!(a_disabled_key_is_enabled, &[], |world| key(world).state = KeyState::Disabled, |plan| {
    assert_eq!(operations(plan), ["kms:EnableKey"]);
});

situation!(
    an_unpinned_key_policy_is_pinned_to_the_trails,
    &[],
    |world| {
        let policy = key(world).policy.as_mut().expect("a policy");
        let start = policy.find(r#", "Condition""#).expect("a condition");
        let end = start + policy[start..].find("}}}").expect("its end") + 2;
        policy.replace_range(start..end, "");
    },
    |plan| {
        assert_eq!(operations(plan), ["kms:PutKeyPolicy"]);
        assert!(plan["steps"][0]["after"].to_string().contains("aws:SourceArn"));
    }
);

situation!(
    who_may_decrypt_is_for_a_person_to_say,
    &[],
    |world| {
        let policy = key(world).policy.as_mut().expect("a policy");
        *policy = policy.replace(r#""Statement": ["#, r#""Statement": [{"Sid": "Anybody", "Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}, "#);
    },
    |plan| assert!(is_left(plan, "manual", "Anybody"))
);

situation!(a_key_that_does_not_rotate_is_rotated, &[], |world| key(world).rotation = false, |plan| {
    assert_eq!(operations(plan), ["kms:EnableKeyRotation"]);
});

situation!(
    a_log_group_is_kept_longer_and_encrypted,
    &[],
    |world| {
        (group(world).retention_days, group(world).kms_key) = (Some(30), None);
    },
    |plan| {
        let calls = operations(plan);
        assert!(
            calls.contains(&"logs:PutRetentionPolicy".to_owned()) && calls.contains(&"logs:AssociateKmsKey".to_owned()),
            "{calls:?}"
        );
    }
);

situation!(
    a_class_without_metric_filters_cannot_be_changed,
    &[],
    |world| {
        group(world).class = "INFREQUENT_ACCESS".to_owned();
    },
    |plan| assert!(is_left(plan, "impossible", "INFREQUENT_ACCESS"))
);

situation!(
    a_delivery_role_that_trusts_another_service_trusts_cloudtrail_too,
    &[],
    |world| {
        let roles = &mut world.iam.get_mut(&id(MANAGEMENT)).expect("IAM").roles;
        let role = roles.get_mut("cloudtrail-to-cloudwatch-logs").expect("the role");
        role.trust = role.trust.replace("cloudtrail.amazonaws.com", "ec2.amazonaws.com");
    },
    |plan| {
        assert_eq!(operations(plan), ["iam:UpdateAssumeRolePolicy"]);
        assert!(plan["steps"][0]["after"].to_string().contains("ec2.amazonaws.com"));
    }
);

situation!(
    a_delivery_role_without_permissions_gets_those_of_the_streams,
    &[],
    |world| {
        let roles = &mut world.iam.get_mut(&id(MANAGEMENT)).expect("IAM").roles;
        roles.get_mut("cloudtrail-to-cloudwatch-logs").expect("the role").inline.clear();
    },
    |plan| assert_eq!(operations(plan), ["iam:PutRolePolicy"])
);

situation!(
    a_family_that_nobody_hears_of_gets_filter_and_alarm,
    &[],
    |world| {
        group(world).metric_filters.remove("root-usage");
    },
    |plan| assert_eq!(operations(plan), ["logs:PutMetricFilter", "cloudwatch:PutMetricAlarm"])
);

situation!(alarms_wait_until_somebody_is_named, &[], unheard, |plan| {
    assert_eq!(operations(plan), [""; 0]);
    assert!(is_left(plan, "on-request", "unheard"));
});

situation!(alarms_notify_whoever_is_named, &["--notify", "soc@example.com"], unheard, |plan| {
    let calls = operations(plan);
    assert!(calls.starts_with(&["sns:CreateTopic".to_owned(), "sns:Subscribe".to_owned()]), "{calls:?}");
    assert!(is_left(plan, "manual", "must confirm"));
    let promised: Vec<&Value> = plan["steps"].as_array().expect("steps").iter().collect();
    assert!(promised.len() > 2);
});

/// Nobody is subscribed to anything.
fn unheard(world: &mut trailwarden_sandbox::world::World) {
    world.sns.clear();
    world.cloudwatch.clear();
}

/// An event data store of the management account without a key.
fn store(world: &mut World, name: &str, kms_key: Option<String>) {
    let store = json!({"id": format!("{name}-0000-4000-8000-000000000000"), "name": name, "region": "eu-central-1",
        "kms_key": kms_key});
    let stores = &mut world.cloudtrail.get_mut(&id(MANAGEMENT)).expect("CloudTrail").event_data_stores;
    stores.push(serde_json::from_value(store).expect("a store"));
}

situation!(
    two_event_data_stores_share_the_key_that_is_made_for_them,
    &["--encrypt-event-data-stores"],
    |world| {
        store(world, "first", None);
        store(world, "second", None);
    },
    |plan| {
        let policy = plan["steps"][0]["call"].to_string();
        assert!(policy.contains("first-0000") && policy.contains("second-0000"), "{policy}");
    }
);

situation!(
    a_key_that_is_pinned_stays_open_to_the_event_data_store_that_uses_it,
    &[],
    |world| {
        let arn = format!("arn:aws:kms:eu-central-1:227733449955:key/{}", key(world).id);
        store(world, "encrypted", Some(arn));
        let policy = key(world).policy.as_mut().expect("a policy");
        let start = policy.find(r#", "Condition""#).expect("a condition");
        let end = start + policy[start..].find("}}}").expect("its end") + 2;
        policy.replace_range(start..end, "");
    },
    |plan| assert!(plan["steps"][0]["after"].to_string().contains("eventdatastore/encrypted-0000"), "{plan}")
);
