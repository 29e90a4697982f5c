//! Log buckets: policies merged by meaning, rules lengthened, nothing irreversible unasked.

use serde_json::Value;
use trailwarden_sandbox::world::World;
use trailwarden_sandbox::world::s3::{LifecycleRule, NeverSet, Setting, Versioning};

use super::{ARCHIVE, BUCKET, bucket, id, is_left, operations, situation, word};

/// The policy after the step that puts it.
fn policy_after(plan: &Value) -> String {
    let steps = plan["steps"].as_array().expect("steps");
    let put = steps.iter().find(|step| {
        step["subject"]["aspect"]["of"] == "bucket-policy" && step["subject"]["aspect"]["bucket"] == BUCKET
    });
    word(&put.expect("a policy is put")["after"])
}

situation!(
    foreign_statements_of_a_bucket_policy_survive,
    &[],
    |world| {
        let foreign = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Theirs","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::227733449955:root"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::clean-org-cloudtrail-227733449955/*"}]}"#;
        bucket(world).policy = Some(foreign.to_owned());
    },
    |plan| assert!(policy_after(plan).contains("Theirs"))
);

/// Lets the world read, and people in without TLS; without Block Public Access, or behind it.
fn open(world: &mut World, is_blocked: bool) {
    let bucket = bucket(world);
    let policy = bucket.policy.as_mut().expect("a policy");
    *policy = policy
        .replace(r#""aws:SecureTransport": "false""#, r#""aws:SecureTransport": "true", "aws:ViaAWSService": "true""#);
    *policy = policy.replace(r#""Statement": ["#, r#""Statement": [{"Sid": "Everybody", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::clean-org-cloudtrail-227733449955/*"}, "#);
    if !is_blocked {
        bucket.block_public_access = Setting::Unset(NeverSet::NeverSet);
    }
}

situation!(
    a_public_policy_is_mended_before_public_ones_are_blocked,
    &[],
    |world| open(world, false),
    |plan| assert_eq!(operations(plan), ["s3:PutBucketPolicy", "s3:PutPublicAccessBlock"])
);

situation!(a_public_policy_that_is_blocked_is_for_a_person_to_change, &[], |world| open(world, true), |plan| {
    assert_eq!(operations(plan), [""; 0]);
    assert!(is_left(plan, "manual", "lets nobody put such a one"));
});

situation!(
    a_sid_of_ours_that_somebody_else_took_is_left_to_them,
    &[],
    |world| {
        let foreign = r#"{"Version":"2012-10-17","Statement":[{"Sid":"TrailwardenDelivery","Effect":"Deny","Principal":"*","Action":"s3:DeleteBucket","Resource":"arn:aws:s3:::clean-org-cloudtrail-227733449955"}]}"#;
        bucket(world).policy = Some(foreign.to_owned());
    },
    |plan| assert!(policy_after(plan).contains("TrailwardenDelivery2"))
);

situation!(
    a_deny_that_catches_cloudtrail_is_for_its_author,
    &[],
    |world| {
        let policy = bucket(world).policy.as_mut().expect("a policy");
        *policy = policy.replace(r#""Statement": ["#, r#""Statement": [{"Sid": "OursOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::clean-org-cloudtrail-227733449955/*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-clean7k3p9"}}}, "#);
    },
    |plan| assert!(is_left(plan, "manual", "OursOnly"))
);

situation!(
    a_short_lifecycle_rule_is_lengthened_and_keeps_the_rest,
    &[],
    |world| {
        bucket(world).lifecycle = vec![LifecycleRule {
            id: "thirty".to_owned(),
            expiration_days: Some(30),
            noncurrent_days: Some(7),
            abort_multipart_days: Some(3),
            ..LifecycleRule::default()
        }];
    },
    |plan| {
        let rules = plan["steps"][0]["after"]["Rules"].as_array().expect("rules");
        assert_eq!((rules.len(), &rules[0]["Expiration"]["Days"]), (1, &Value::from(365)));
        assert_eq!(rules[0]["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"], 3);
    }
);

situation!(
    a_bucket_without_lifecycle_gets_a_rule_that_removes_nothing,
    &[],
    |world| bucket(world).lifecycle.clear(),
    |plan| {
        assert!(plan["steps"][0]["after"]["Rules"][0].get("Expiration").is_none());
    }
);

situation!(
    a_bucket_without_versioning_and_lock_is_versioned,
    &[],
    |world| {
        (bucket(world).versioning, bucket(world).object_lock) = (Versioning::Never, None);
    },
    |plan| {
        assert_eq!(operations(plan), ["s3:PutBucketVersioning"]);
        assert!(is_left(plan, "on-request", "Object Lock"));
    }
);

situation!(
    object_lock_is_planned_when_asked_for,
    &["--object-lock", "compliance:400"],
    |world| bucket(world).object_lock = None,
    |plan| {
        assert_eq!(operations(plan), ["s3:PutObjectLockConfiguration"]);
        assert!(plan["steps"][0]["rollback"].get("irreversible").is_some());
    }
);

situation!(
    object_lock_that_is_too_short_is_not_planned,
    &["--object-lock", "governance:30"],
    |world| bucket(world).object_lock = None,
    |plan| {
        assert_eq!(operations(plan), [""; 0]);
    }
);

situation!(access_logs_go_where_a_new_bucket_takes_them, &[], |world| bucket(world).logging = None, |plan| {
    assert_eq!(operations(plan).last().map(String::as_str), Some("s3:PutBucketLogging"));
});

situation!(
    a_missing_log_bucket_is_made_again_in_whole,
    &[],
    |world| {
        world.s3.get_mut(&id(ARCHIVE)).expect("S3").buckets.remove(BUCKET);
    },
    |plan| assert_eq!(operations(plan).first().map(String::as_str), Some("s3:CreateBucket"))
);

situation!(
    a_bucket_of_terraform_is_handed_over,
    &[],
    |world| {
        bucket(world).lifecycle.clear();
        bucket(world).tags.insert("terraform".to_owned(), "true".to_owned());
    },
    |plan| assert!(is_left(plan, "owned-elsewhere", "Terraform"))
);

situation!(
    what_cannot_be_read_blocks_its_target_alone,
    &[],
    |world| {
        let policy = bucket(world).policy.as_mut().expect("a policy");
        *policy = policy.replace(r#""Statement": ["#, r#""Statement": [{"Sid": "Hidden", "Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::227733449955:role/OrganizationAccountAccessRole"}, "Action": "s3:GetLifecycleConfiguration", "Resource": "arn:aws:s3:::clean-org-cloudtrail-227733449955"}, "#);
        super::key(world).rotation = false;
    },
    |plan| {
        assert_eq!(operations(plan), ["kms:EnableKeyRotation"]);
        assert!(is_left(plan, "unknown", "GetBucketLifecycleConfiguration"));
    }
);
