//! Trails: one update for all that is wanted, at home, keeping what is recorded.

use serde_json::json;

use trailwarden_sandbox::world::World;

use super::{MANAGEMENT, SHOP, TRAIL, id, is_left, operations, situation, trail};

situation!(
    two_findings_on_one_trail_make_one_update,
    &[],
    |world| {
        trail(world).log_file_validation = false;
        trail(world).kms_key = None;
    },
    |plan| assert_eq!(operations(plan).iter().filter(|call| *call == "cloudtrail:UpdateTrail").count(), 1)
);

situation!(a_stopped_organization_trail_is_started, &[], |world| trail(world).logging = false, |plan| {
    assert_eq!(operations(plan), ["cloudtrail:StartLogging"]);
});

/// A trail of the workload's own that delivers to the same bucket.
fn own(world: &mut World, logging: bool) {
    let mut own = trail(world).clone();
    (own.name, own.organization, own.logging) = ("shop".to_owned(), false, logging);
    (own.log_group, own.log_role) = (None, None);
    world.cloudtrail.entry(id(SHOP)).or_default().trails.push(own);
}

situation!(
    the_second_copy_that_a_started_trail_makes_is_said_beforehand,
    &["--control", "trail-is-logging"],
    |world| own(world, false),
    |plan| {
        assert_eq!(operations(plan), ["cloudtrail:StartLogging"]);
        assert!(is_left(
            plan,
            "on-request",
            "once shop records here, management events that org-trail records as well"
        ));
    }
);

situation!(
    the_second_copy_that_a_new_organization_trail_makes_is_said_beforehand,
    &["--control", "organization-trail-enabled"],
    |world| {
        own(world, true);
        trail(world).organization = false;
    },
    |plan| {
        assert!(operations(plan).contains(&"cloudtrail:UpdateTrail".to_owned()));
        assert!(is_left(
            plan,
            "on-request",
            "once org-trail records here, management events that shop records as well"
        ));
    }
);

situation!(
    a_single_region_organization_trail_becomes_multi_region,
    &[],
    |world| trail(world).multi_region = false,
    |plan| {
        assert_eq!(operations(plan), ["cloudtrail:UpdateTrail"]);
    }
);

situation!(a_plain_trail_becomes_the_organization_trail, &[], |world| trail(world).organization = false, |plan| {
    let calls = operations(plan);
    assert_eq!(
        calls.first().map(String::as_str),
        Some("s3:PutBucketPolicy"),
        "the bucket lets the organization in first"
    );
    assert!(calls.contains(&"cloudtrail:UpdateTrail".to_owned()), "{calls:?}");
});

situation!(
    trusted_access_comes_before_a_conversion,
    &[],
    |world| {
        trail(world).organization = false;
        world.organization.as_mut().expect("an organization").trusted_services.remove("cloudtrail.amazonaws.com");
    },
    |plan| assert_eq!(operations(plan).first().map(String::as_str), Some("organizations:EnableAWSServiceAccess"))
);

situation!(
    a_trail_of_cloudformation_is_handed_over,
    &[],
    |world| {
        trail(world).log_file_validation = false;
        trail(world).tags.insert("aws:cloudformation:stack-name".to_owned(), "audit".to_owned());
    },
    |plan| {
        assert_eq!(operations(plan), [""; 0]);
        assert!(is_left(plan, "owned-elsewhere", "CloudFormation"));
    }
);

situation!(
    a_trail_of_cloudformation_is_taken_over_when_asked,
    &["--take-over", TRAIL],
    |world| {
        trail(world).log_file_validation = false;
        trail(world).tags.insert("aws:cloudformation:stack-name".to_owned(), "audit".to_owned());
    },
    |plan| assert_eq!(operations(plan), ["cloudtrail:UpdateTrail"])
);

situation!(
    a_trail_of_terraform_is_handed_over,
    &[],
    |world| {
        trail(world).log_file_validation = false;
        trail(world).tags.insert("ManagedBy".to_owned(), "Terraform".to_owned());
    },
    |plan| assert!(is_left(plan, "owned-elsewhere", "erraform"))
);

situation!(
    an_exclusion_is_lifted_and_data_events_stay,
    &[],
    |world| {
        let selector = json!({"ExcludeManagementEventSources": ["kms.amazonaws.com"],
        "DataResources": [{"Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda"]}]});
        trail(world).event_selectors = vec![serde_json::from_value(selector).expect("a selector")];
    },
    |plan| {
        assert_eq!(operations(plan), ["cloudtrail:PutEventSelectors"]);
        assert_eq!(plan["steps"][0]["after"]["EventSelectors"][0]["DataResources"][0]["Values"][0], "arn:aws:lambda");
    }
);

situation!(
    a_trail_that_records_its_own_deliveries_stops_doing_so,
    &[],
    |world| {
        let selector = json!({"DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]});
        trail(world).event_selectors = vec![serde_json::from_value(selector).expect("a selector")];
    },
    |plan| assert!(operations(plan).iter().all(|call| call == "cloudtrail:UpdateTrail" || call.starts_with("s3:")))
);

situation!(
    an_organization_trail_is_never_touched_in_a_member,
    &[],
    |world| {
        trail(world).log_file_validation = false;
    },
    |plan| {
        let steps = plan["steps"].as_array().expect("steps");
        assert!(steps.iter().all(|step| step["subject"]["place"]["account"] == MANAGEMENT));
    }
);

situation!(
    a_trail_of_a_member_is_changed_in_its_own_account,
    &[],
    |world| {
        let mut own = trail(world).clone();
        (own.name, own.organization, own.log_file_validation) = ("shop".to_owned(), false, false);
        (own.log_group, own.log_role) = (None, None);
        world.cloudtrail.entry(id(SHOP)).or_default().trails.push(own);
    },
    |plan| {
        let update = plan["steps"]
            .as_array()
            .expect("steps")
            .iter()
            .find(|step| step["call"]["operation"] == "cloudtrail:UpdateTrail");
        assert_eq!(update.expect("an update")["subject"]["place"]["account"], SHOP);
    }
);

situation!(
    a_redundant_trail_is_removed_only_when_named,
    &["--control", "no-redundant-management-event-copies"],
    redundant,
    |plan| {
        assert_eq!(operations(plan), [""; 0]);
        assert!(is_left(plan, "on-request", "second copy"));
    }
);

situation!(
    a_redundant_trail_that_is_named_goes_under_guard,
    &["--control", "no-redundant-management-event-copies", "--remove-trail", SECOND],
    redundant,
    |plan| {
        assert_eq!(operations(plan), ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"]);
        assert_eq!(plan["steps"][0]["guards"][0]["is"], true);
    }
);

situation!(
    a_trail_that_records_what_no_other_does_is_not_removed,
    &["--control", "no-redundant-management-event-copies", "--remove-trail", SECOND],
    |world| {
        redundant(world);
        let selector = json!({"DataResources": [{"Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda"]}]});
        let own = world.cloudtrail.get_mut(&id(SHOP)).expect("CloudTrail").trails.first_mut().expect("the trail");
        own.event_selectors = vec![serde_json::from_value(selector).expect("a selector")];
    },
    |plan| {
        assert_eq!(operations(plan), [""; 0]);
        assert!(is_left(plan, "impossible", "would be lost"));
    }
);

const SECOND: &str = "arn:aws:cloudtrail:eu-central-1:550066772288:trail/shop";

/// A trail of a member beside the organization trail, which bucket and key admit.
fn redundant(world: &mut World) {
    let mut own = trail(world).clone();
    (own.name, own.organization, own.log_group, own.log_role) = ("shop".to_owned(), false, None, None);
    world.cloudtrail.entry(id(SHOP)).or_default().trails.push(own);
    let both = |policy: &mut String| {
        *policy = policy
            .replace(
                &format!("\"aws:SourceArn\": \"{TRAIL}\""),
                &format!("\"aws:SourceArn\": [\"{TRAIL}\", \"{SECOND}\"]"),
            )
            .replace("/AWSLogs/o-clean7k3p9/*\"", "/AWSLogs/*\"")
            .replace("arn:aws:cloudtrail:*:116622338844:trail/*", "arn:aws:cloudtrail:*:*:trail/*");
    };
    both(super::bucket(world).policy.as_mut().expect("a policy"));
    both(super::key(world).policy.as_mut().expect("a policy"));
}
