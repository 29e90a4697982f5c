//! Where things are made: keys beside their buckets, one for all that share a place, and never where AWS has no room.

use serde_json::{Value, json};
use trailwarden_sandbox::world::World;
use trailwarden_sandbox::world::cloudtrail::Trail;

use super::{ARCHIVE, BUCKET, MANAGEMENT, bucket, id, is_left, operations, situation, trail};

/// The organization trail, and copies of it as plain trails of the management account.
fn copies(world: &mut World, names: &[&str], change: impl Fn(&mut Trail)) {
    for name in names {
        let mut one = trail(world).clone();
        (one.name, one.organization) = ((*name).to_owned(), false);
        change(&mut one);
        world.cloudtrail.get_mut(&id(MANAGEMENT)).expect("CloudTrail").trails.push(one);
    }
}

situation!(
    a_trail_with_a_bucket_in_another_region_gets_its_key_there,
    &["--control", "trail-encrypted-with-kms"],
    |world| {
        bucket(world).region = "eu-west-1".parse().expect("a region");
        trail(world).kms_key = None;
    },
    |plan| {
        assert_eq!(operations(plan).first().map(String::as_str), Some("kms:CreateKey"));
        assert_eq!(plan["steps"][0]["subject"]["place"]["region"], "eu-west-1");
        assert_eq!(plan["steps"][0]["subject"]["place"]["account"], ARCHIVE);
    }
);

situation!(
    two_trails_without_key_share_a_new_one,
    &["--control", "trail-encrypted-with-kms"],
    |world| {
        trail(world).kms_key = None;
        copies(world, &["second"], |_| {});
    },
    |plan| {
        let calls = operations(plan);
        assert_eq!(calls.iter().filter(|call| *call == "kms:CreateKey").count(), 1);
        assert_eq!(calls.iter().filter(|call| *call == "cloudtrail:UpdateTrail").count(), 2);
        let policy = plan["steps"][0]["call"]["input"]["Policy"].to_string();
        assert!(policy.contains("trail/org-trail") && policy.contains("trail/second"), "{policy}");
    }
);

situation!(
    a_trail_has_no_place_in_a_region_with_five,
    &["--control", "multi-region-trail-enabled"],
    |world| {
        trail(world).multi_region = false;
        copies(world, &["one", "two", "three", "four", "five"], |own| {
            own.home_region = "eu-west-1".parse().expect("a region");
        });
    },
    |plan| {
        assert_eq!(operations(plan), [""; 0]);
        assert!(is_left(plan, "impossible", "eu-west-1 of management (116622338844) has 5 trails already"));
    }
);

situation!(
    a_new_bucket_whose_name_is_taken_elsewhere_is_not_planned,
    &["--only", "organization"],
    |world| {
        world.cloudtrail.clear();
        let taken = bucket(world).clone();
        world
            .s3
            .entry(id("999988887777"))
            .or_default()
            .buckets
            .insert(format!("o-clean7k3p9-cloudtrail-{ARCHIVE}"), taken);
    },
    |plan| {
        assert_eq!(operations(plan), [""; 0]);
        assert!(is_left(plan, "impossible", "is taken by another account"));
    }
);

situation!(
    access_logs_go_where_those_of_other_log_buckets_go,
    &["--control", "log-bucket-access-logging-enabled"],
    |world| {
        let other = bucket(world).clone();
        world.s3.get_mut(&id(ARCHIVE)).expect("S3").buckets.insert("second-logs".to_owned(), other);
        copies(world, &["second"], |own| own.bucket = "second-logs".to_owned());
        bucket(world).logging = None;
    },
    |plan| {
        assert_eq!(operations(plan), ["s3:PutBucketLogging"]);
        assert_eq!(plan["steps"][0]["after"]["TargetBucket"], "clean-access-logs-227733449955");
    }
);

situation!(
    what_would_expire_on_a_date_is_kept_instead,
    &[],
    |world| {
        let rule = &mut bucket(world).lifecycle[0];
        (rule.expiration_days, rule.expiration_date) = (None, "2030-01-01T00:00:00Z".parse().ok());
    },
    |plan| {
        assert_eq!(operations(plan), ["s3:PutBucketLifecycleConfiguration"]);
        let rules = plan["steps"][0]["after"]["Rules"].as_array().expect("rules");
        assert_eq!((rules.len(), &rules[0]["Expiration"]), (1, &Value::Null));
        assert_eq!(rules[0]["Transitions"][0]["StorageClass"], "GLACIER_IR");
    }
);

situation!(
    nothing_is_planned_on_a_bucket_that_a_deny_hides,
    &[],
    |world| {
        let policy = bucket(world).policy.as_mut().expect("a policy");
        let hidden = json!({"Sid": "Hidden", "Effect": "Deny", "Principal": {"AWS": format!("arn:aws:iam::{ARCHIVE}:role/OrganizationAccountAccessRole")},
            "Action": "s3:GetBucketPolicy", "Resource": format!("arn:aws:s3:::{BUCKET}")});
        *policy = policy.replacen(r#""Statement": ["#, &format!(r#""Statement": [{hidden}, "#), 1);
        trail(world).log_file_validation = false;
    },
    |plan| {
        assert_eq!(operations(plan), ["cloudtrail:UpdateTrail"]);
        assert!(is_left(plan, "unknown", "GetBucketPolicy"));
    }
);
