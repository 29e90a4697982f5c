//! What a baseline requires, for everybody or for a part of the organization: trails, stores and locks come to it.

use serde_json::{Value, json};
use trailwarden_sandbox::world::World;

use super::{MANAGEMENT, SHOP, bucket, id, is_left, operations, situation, trail};

const OBJECTS: &str = "[[data_events]]\nresource_type = \"AWS::S3::Object\"\n";

/// The workload requires what nobody else does.
fn of_shop(requires: &str) -> String {
    format!("[override.{SHOP}]\n{requires}\n")
}

fn selectors(plan: &Value) -> &Value {
    &plan["steps"][0]["after"]["AdvancedEventSelectors"]
}

situation!(
    data_events_that_are_required_join_what_is_recorded,
    &[("--baseline", OBJECTS)],
    &[],
    |world| {
        let selector = json!({"ReadWriteType": "All", "DataResources": [{"Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda"]}]});
        trail(world).event_selectors = vec![serde_json::from_value(selector).expect("a selector")];
    },
    |plan| {
        assert_eq!(operations(plan).first().map(String::as_str), Some("cloudtrail:PutEventSelectors"));
        let all = selectors(plan).to_string();
        assert!(all.contains("Management") && all.contains("Lambda") && all.contains("AWS::S3::Object"), "{all}");
    }
);

situation!(
    data_events_that_one_account_requires_are_recorded_by_the_organization_trail,
    &[("--baseline", of_shop("data_events = [{ resource_type = \"AWS::S3::Object\" }]").as_str())],
    &[],
    |_| {},
    |plan| {
        assert_eq!(operations(plan).first().map(String::as_str), Some("cloudtrail:PutEventSelectors"));
        assert!(selectors(plan).to_string().contains("AWS::S3::Object"));
    }
);

situation!(
    insights_that_are_required_are_switched_on_beside_the_present_ones,
    &[("--baseline", "insights = [{ kind = \"ApiErrorRateInsight\" }]\n")],
    &[],
    |world| {
        let present = json!([{"InsightType": "ApiCallRateInsight", "EventCategories": ["Management"]}]);
        trail(world).insight_selectors = serde_json::from_value(present).expect("selectors");
    },
    |plan| {
        assert_eq!(operations(plan), ["cloudtrail:PutInsightSelectors"]);
        assert_eq!(plan["steps"][0]["after"].as_array().map(Vec::len), Some(2));
    }
);

situation!(
    insights_that_one_account_requires_are_switched_on,
    &[("--baseline", of_shop("insights = [{ kind = \"ApiErrorRateInsight\" }]").as_str())],
    &[],
    |_| {},
    |plan| assert_eq!(operations(plan), ["cloudtrail:PutInsightSelectors"])
);

situation!(
    an_advanced_exclusion_is_lifted_and_data_events_stay,
    &[],
    |world| {
        let selectors = json!([
            {"Name": "most", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]},
                {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}]},
            {"Name": "functions", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]},
                {"Field": "resources.type", "Equals": ["AWS::Lambda::Function"]}]}]);
        trail(world).advanced_event_selectors = serde_json::from_value(selectors).expect("selectors");
    },
    |plan| {
        assert_eq!(operations(plan), ["cloudtrail:PutEventSelectors"]);
        assert_eq!(selectors(plan)[1]["Name"], "functions");
        assert!(!selectors(plan).to_string().contains("kms.amazonaws.com"));
    }
);

/// An event data store of the management account that anybody may delete.
fn store(world: &mut World) {
    let store = json!({"id": "7f1c2d3e-0000-4000-8000-1234567890ab", "name": "lake", "region": "eu-central-1",
        "termination_protection": false, "retention_days": 90,
        "kms_key": "arn:aws:kms:eu-central-1:116622338844:key/0a4e1c77-93b5-4a55-8f0e-2f6d5c7b8a90"});
    let stores = &mut world.cloudtrail.get_mut(&id(MANAGEMENT)).expect("CloudTrail").event_data_stores;
    stores.push(serde_json::from_value(store).expect("a store"));
}

situation!(an_event_data_store_is_protected_and_kept_longer, &[], store, |plan| {
    assert_eq!(operations(plan), ["cloudtrail:UpdateEventDataStore"]);
    assert_eq!(plan["steps"][0]["after"]["RetentionPeriod"], 365);
});

situation!(
    an_event_data_store_is_kept_as_long_as_its_account_requires,
    &[("--baseline", &format!("[override.{MANAGEMENT}]\nretention_days = 800\n"))],
    &["--only", "event-data-stores"],
    store,
    |plan| assert_eq!(plan["steps"][0]["after"]["RetentionPeriod"], 800)
);

situation!(
    a_lock_that_nobody_can_lift_is_not_weakened,
    &["--object-lock", "governance:400"],
    |world| {
        let lock = json!({"mode": "COMPLIANCE", "days": 30});
        bucket(world).object_lock = serde_json::from_value(lock).expect("a lock");
    },
    |plan| {
        assert_eq!(operations(plan), [""; 0]);
        assert!(is_left(plan, "manual", "GOVERNANCE would weaken"));
    }
);

situation!(
    what_a_waiver_accepts_is_not_planned,
    &[(
        "--waivers",
        "[[waiver]]\ncontrol = \"log-file-validation-enabled\"\naccounts = [\"116622338844\"]\nreason = \"Until the move.\"\nowner = \"ops@clean.example\"\nexpires = 2099-01-31\n"
    )],
    &["--control", "log-file-validation-enabled"],
    |world| trail(world).log_file_validation = false,
    |plan| {
        assert_eq!(operations(plan), [""; 0]);
        assert!(is_left(plan, "manual", "a waiver accepts it"));
    }
);
