//! Organizations in a state that a plan cannot mend whole: what it does, and what it says instead.

use serde_json::json;
use trailwarden_sandbox::scenario;
use trailwarden_sandbox::world::kms::KeyState;
use trailwarden_sandbox::world::organizations::Policy;

use super::{ARCHIVE, MANAGEMENT, SHOP, group, id, is_left, key, operations, situation, trail};

situation!(
    a_lapsed_organization_trail_is_given_back_what_it_lost,
    &["--control", "organization-trail-enabled"],
    |world| *world = scenario::world("lapsed").expect("a scenario"),
    |plan| assert_eq!(operations(plan), ["cloudtrail:UpdateTrail"])
);

situation!(
    consolidated_billing_has_no_organization_trail,
    &["--only", "organization"],
    |world| {
        world.organization.as_mut().expect("an organization").feature_set = "CONSOLIDATED_BILLING".to_owned();
        trail(world).organization = false;
    },
    |plan| {
        assert_eq!(operations(plan), [""; 0]);
        assert!(is_left(plan, "manual", "consolidated billing"));
        // Its bucket policy, which lets it write for the organization alone, was not asked for.
        assert!(is_left(plan, "dependent", "until the rest of it is mended"));
    }
);

situation!(
    without_a_log_archive_account_nothing_is_created,
    &["--only", "organization"],
    |world| {
        world.cloudtrail.clear();
        let organization = world.organization.as_mut().expect("an organization");
        organization.accounts.get_mut(&id(ARCHIVE)).expect("the account").name = "vault".to_owned();
    },
    |plan| {
        assert_eq!(operations(plan), [""; 0]);
        assert!(is_left(plan, "manual", "which account is to hold the logs is not known"));
    }
);

situation!(
    a_trail_of_control_tower_is_handed_over,
    &[],
    |world| {
        trail(world).name = "aws-controltower-BaselineCloudTrail".to_owned();
        trail(world).log_file_validation = false;
    },
    |plan| {
        assert!(is_left(plan, "owned-elsewhere", "AWS Control Tower"));
        assert!(!operations(plan).contains(&"cloudtrail:UpdateTrail".to_owned()));
    }
);

situation!(
    a_trail_that_a_policy_locks_gets_no_key,
    &["--control", "trail-encrypted-with-kms"],
    |world| {
        let mut own = trail(world).clone();
        (own.name, own.organization, own.kms_key) = ("shop".to_owned(), false, None);
        (own.log_group, own.log_role) = (None, None);
        world.cloudtrail.entry(id(SHOP)).or_default().trails.push(own);
        let organization = world.organization.as_mut().expect("an organization");
        let mut policy: Policy = organization.policies["p-FullAWSAccess"].clone();
        (policy.name, policy.aws_managed) = ("locked".to_owned(), false);
        policy.content = json!({"Version": "2012-10-17", "Statement": [
            {"Sid": "Locked", "Effect": "Deny", "Action": "cloudtrail:UpdateTrail", "Resource": "*"}]})
        .to_string();
        organization.policies.insert("p-l0cked12".to_owned(), policy);
        organization.attachments.entry(SHOP.to_owned()).or_default().insert("p-l0cked12".to_owned());
    },
    |plan| {
        assert_eq!(operations(plan), [""; 0]);
        assert!(is_left(plan, "denied", "cloudtrail:UpdateTrail"));
    }
);

situation!(
    a_key_that_waits_for_its_deletion_is_brought_back_and_enabled,
    &[],
    |world| {
        key(world).state = KeyState::PendingDeletion;
        let deletion = json!({"scheduled": "2099-01-01T00:00:00Z", "days": 30});
        key(world).deletion = serde_json::from_value(deletion).expect("a deletion");
    },
    |plan| {
        // Whether it rotates shows once it is back.
        assert_eq!(operations(plan), ["kms:CancelKeyDeletion", "kms:EnableKey", "kms:EnableKeyRotation"]);
        assert_eq!(plan["steps"][1]["before"], json!({"created-by": "s001"}));
    }
);

situation!(
    retention_that_an_account_policy_sets_is_for_its_owner_to_change,
    &[],
    |world| {
        group(world).retention_days = None;
        let policy = json!({"name": "short", "region": "eu-central-1", "policy_type": "RETENTION_POLICY",
            "document": "{\"RetentionInDays\":30}"});
        let logs = world.logs.get_mut(&id(MANAGEMENT)).expect("Logs");
        logs.account_policies.push(serde_json::from_value(policy).expect("a policy"));
    },
    |plan| {
        assert_eq!(operations(plan), [""; 0]);
        assert!(is_left(plan, "manual", "an account-level policy sets the retention"));
    }
);

situation!(
    a_delivery_role_that_is_gone_is_made_again,
    &[],
    |world| {
        world.iam.get_mut(&id(MANAGEMENT)).expect("IAM").roles.remove("cloudtrail-to-cloudwatch-logs");
    },
    |plan| assert_eq!(operations(plan).first().map(String::as_str), Some("iam:CreateRole"))
);

situation!(
    an_alarm_that_is_silenced_is_not_enough,
    &[],
    |world| {
        let alarms = &mut world.cloudwatch.get_mut(&id(MANAGEMENT)).expect("CloudWatch").alarms;
        alarms.iter_mut().filter(|alarm| alarm.name == "root-usage").for_each(|alarm| alarm.actions_enabled = false);
    },
    |plan| assert!(operations(plan).contains(&"cloudwatch:PutMetricAlarm".to_owned()))
);

situation!(
    what_is_excluded_is_said_to_be_left_out,
    &["--exclude", "keys"],
    |world| {
        key(world).rotation = false;
        trail(world).log_file_validation = false;
    },
    |plan| {
        assert_eq!(operations(plan), ["cloudtrail:UpdateTrail"]);
        assert!(is_left(plan, "on-request", "left out"));
    }
);
