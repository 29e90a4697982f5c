//! The visibility table, the reach of organization trails, and what CloudTrail refuses, call by call.

use serde_json::{Value, json};
use trailwarden_model::ids::{AccountId, Region};

use super::SERVICE;
use crate::error::AwsError;
use crate::reply::Body;
use crate::request::{Caller, CallerKind, Http, Request};
use crate::world::World;

mod guardrails;
mod notifications;

const MANAGEMENT: &str = "111111111111";
const DELEGATED: &str = "222222222222";
const MEMBER: &str = "333333333333";
const ORGANIZATION_TRAIL: &str = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/everything";
const NOW: &str = "2026-11-20T12:00:00Z";

/// An organization of three accounts; a bucket that lets the organization trail and `local` of the member write.
fn world() -> World {
    let member = |name: &str| {
        json!({ "name": name, "email": "a@b.example", "state": "ACTIVE", "joined_method": "CREATED",
        "joined": NOW, "parent": "r-root" })
    };
    let allow = |action: &str, resource: &str| {
        json!({ "Effect": "Allow", "Action": action, "Resource": resource,
        "Principal": { "Service": "cloudtrail.amazonaws.com" },
        "Condition": { "StringEquals": { "aws:SourceArn": [ORGANIZATION_TRAIL, "arn:aws:cloudtrail:eu-west-1:333333333333:trail/local"] } } })
    };
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        allow("s3:GetBucketAcl", "arn:aws:s3:::logs-bucket"),
        allow("s3:PutObject", "arn:aws:s3:::logs-bucket/AWSLogs/o-1234567890/*"),
        allow("s3:PutObject", "arn:aws:s3:::logs-bucket/AWSLogs/333333333333/*"),
    ] });
    serde_json::from_value(json!({
        "organization": {
            "id": "o-1234567890", "management_account": MANAGEMENT, "feature_set": "ALL", "root": "r-root",
            "accounts": { MANAGEMENT: member("management"), DELEGATED: member("security"), MEMBER: member("work") },
            "trusted_services": { "cloudtrail.amazonaws.com": NOW },
            "delegated": { DELEGATED: { "cloudtrail.amazonaws.com": NOW } },
        },
        "s3": { MANAGEMENT: { "buckets": { "logs-bucket": { "region": "eu-west-1", "policy": policy.to_string() } } } },
        "cloudtrail": { MANAGEMENT: { "trails": [
            { "name": "everything", "home_region": "eu-west-1", "bucket": "logs-bucket", "multi_region": true,
              "organization": true, "log_file_validation": true },
        ] } },
    }))
    .expect("a world")
}

fn call(world: &mut World, account: &str, region: &str, operation: &str, input: Value) -> Result<Value, AwsError> {
    let account: AccountId = account.parse().expect("an account");
    let arn = format!("arn:aws:iam::{account}:user/tester");
    let caller = Caller {
        access_key: "AKIATEST".to_owned(),
        account,
        kind: CallerKind::User,
        name: "tester".to_owned(),
        arn: arn.clone(),
        principal_arn: arn,
        user_id: "AIDATEST".to_owned(),
    };
    let region: Region = region.parse().expect("a region");
    let now = NOW.parse().expect("a time");
    let request = Request {
        id: "1".to_owned(),
        operation: operation.to_owned(),
        caller,
        region,
        now,
        input,
        http: Http::default(),
    };
    match (SERVICE.handle)(&request, world)?.body {
        Body::Json(value) => Ok(value),
        other => panic!("not JSON: {other:?}"),
    }
}

fn code(result: Result<Value, AwsError>) -> String {
    result.map_or_else(|error| error.code, |value| value.to_string())
}

fn names(result: Result<Value, AwsError>) -> Vec<String> {
    let value = result.expect("an answer");
    let list = value.get("trailList").or_else(|| value.get("Trails")).and_then(Value::as_array).expect("a list");
    list.iter().map(|trail| trail["Name"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn a_member_sees_the_organization_trail_in_every_region_unless_it_asks_for_no_shadows() {
    let mut world = world();
    for region in ["eu-west-1", "us-east-1", "sa-east-1"] {
        assert_eq!(names(call(&mut world, MEMBER, region, "DescribeTrails", json!({}))), ["everything"], "{region}");
        let own = json!({ "includeShadowTrails": false });
        assert!(names(call(&mut world, MEMBER, region, "DescribeTrails", own)).is_empty(), "{region}");
    }
    let at_home = json!({ "includeShadowTrails": false });
    assert_eq!(names(call(&mut world, MANAGEMENT, "eu-west-1", "DescribeTrails", at_home.clone())), ["everything"]);
    assert!(names(call(&mut world, MANAGEMENT, "us-east-1", "DescribeTrails", at_home)).is_empty());
    assert_eq!(names(call(&mut world, DELEGATED, "us-east-1", "ListTrails", json!({}))), ["everything"]);
}

#[test]
fn names_mean_the_callers_own_trails_at_home_and_arns_mean_any() {
    let mut world = world();
    let mut status =
        |account, region, name| code(call(&mut world, account, region, "GetTrailStatus", json!({ "Name": name })));
    assert!(status(MANAGEMENT, "eu-west-1", "everything").contains("IsLogging"));
    assert_eq!(status(MANAGEMENT, "us-east-1", "everything"), "TrailNotFoundException");
    assert_eq!(status(MEMBER, "eu-west-1", "everything"), "TrailNotFoundException");
    assert_eq!(status(DELEGATED, "eu-west-1", "everything"), "TrailNotFoundException");
    assert!(status(MANAGEMENT, "us-east-1", ORGANIZATION_TRAIL).contains("IsLogging"));
    assert!(status(MEMBER, "us-east-1", ORGANIZATION_TRAIL).contains("IsLogging"));
    assert_eq!(
        status(MEMBER, "us-east-1", "arn:aws:cloudtrail:eu-west-1:444444444444:trail/x-y"),
        "CloudTrailARNInvalidException"
    );
    assert_eq!(
        status(MEMBER, "us-east-1", "arn:aws:sns:eu-west-1:333333333333:topic"),
        "CloudTrailARNInvalidException"
    );
}

#[test]
fn settings_of_an_organization_trail_are_for_those_who_manage_it() {
    let mut world = world();
    let by_trail = json!({ "TrailName": ORGANIZATION_TRAIL });
    let by_list = json!({ "ResourceIdList": [ORGANIZATION_TRAIL] });
    for account in [MANAGEMENT, DELEGATED] {
        let selectors =
            call(&mut world, account, "us-east-1", "GetEventSelectors", by_trail.clone()).expect("readable");
        assert_eq!(selectors["EventSelectors"][0]["ReadWriteType"], "All");
        assert!(selectors.get("AdvancedEventSelectors").is_none());
        assert_eq!(
            code(call(&mut world, account, "us-east-1", "GetInsightSelectors", by_trail.clone())),
            "InsightNotEnabledException"
        );
        assert!(call(&mut world, account, "eu-west-1", "ListTags", by_list.clone()).is_ok());
    }
    for operation in ["GetEventSelectors", "GetInsightSelectors", "GetEventConfiguration"] {
        assert_eq!(
            code(call(&mut world, MEMBER, "eu-west-1", operation, by_trail.clone())),
            "CloudTrailARNInvalidException"
        );
    }
    assert_eq!(code(call(&mut world, MEMBER, "eu-west-1", "ListTags", by_list)), "CloudTrailARNInvalidException");
}

#[test]
fn a_trail_homed_in_an_opt_in_region_reaches_only_accounts_that_enabled_it() {
    let mut world = world();
    let trail =
        world.cloudtrail.get_mut(&MANAGEMENT.parse().expect("id")).expect("held").trails.first_mut().expect("trail");
    trail.home_region = "eu-south-1".parse().expect("a region");
    world
        .accounts
        .entry(DELEGATED.parse().expect("id"))
        .or_default()
        .opted_in
        .insert("eu-south-1".parse().expect("region"));
    assert!(names(call(&mut world, MEMBER, "us-east-1", "DescribeTrails", json!({}))).is_empty());
    assert!(names(call(&mut world, MEMBER, "us-east-1", "ListTrails", json!({}))).is_empty());
    assert_eq!(names(call(&mut world, DELEGATED, "us-east-1", "DescribeTrails", json!({}))), ["everything"]);
}

#[test]
fn a_single_region_organization_trail_stays_in_its_region() {
    let mut world = world();
    let trail =
        world.cloudtrail.get_mut(&MANAGEMENT.parse().expect("id")).expect("held").trails.first_mut().expect("trail");
    trail.multi_region = false;
    assert_eq!(names(call(&mut world, MEMBER, "eu-west-1", "DescribeTrails", json!({}))), ["everything"]);
    assert!(names(call(&mut world, MEMBER, "us-east-1", "DescribeTrails", json!({}))).is_empty());
}

#[test]
fn trails_change_at_home_and_by_those_who_may() {
    let mut world = world();
    let by_arn = json!({ "Name": ORGANIZATION_TRAIL });
    let mut stop = |account, region| code(call(&mut world, account, region, "StopLogging", by_arn.clone()));
    assert_eq!(stop(MEMBER, "eu-west-1"), "NotOrganizationMasterAccountException");
    assert_eq!(stop(MANAGEMENT, "us-east-1"), "InvalidHomeRegionException");
    assert_eq!(stop(DELEGATED, "eu-west-1"), "{}");
    let status = call(&mut world, MEMBER, "us-east-1", "GetTrailStatus", by_arn.clone()).expect("visible");
    assert_eq!(status["IsLogging"], false);
    let convert = json!({ "Name": ORGANIZATION_TRAIL, "IsOrganizationTrail": false });
    assert_eq!(
        code(call(&mut world, DELEGATED, "eu-west-1", "UpdateTrail", convert)),
        "NotOrganizationMasterAccountException"
    );
}

#[test]
fn a_new_trail_has_the_defaults_of_the_api_and_does_not_log() {
    let mut world = world();
    let input = json!({ "Name": "local", "S3BucketName": "logs-bucket" });
    let made =
        call(&mut world, MEMBER, "eu-west-1", "CreateTrail", input.clone()).expect("allowed by the bucket policy");
    assert_eq!((&made["IsMultiRegionTrail"], &made["LogFileValidationEnabled"]), (&json!(false), &json!(false)));
    assert_eq!(made["IncludeGlobalServiceEvents"], true);
    let status = call(&mut world, MEMBER, "eu-west-1", "GetTrailStatus", json!({ "Name": "local" })).expect("visible");
    assert_eq!(status, json!({ "IsLogging": false }));
    assert_eq!(code(call(&mut world, MEMBER, "eu-west-1", "CreateTrail", input)), "TrailAlreadyExistsException");
}

#[test]
fn the_bucket_policy_must_let_exactly_this_trail_write() {
    let mut world = world();
    let mut create = |account: &str, input: Value| code(call(&mut world, account, "eu-west-1", "CreateTrail", input));
    let in_bucket = |name: &str, bucket: &str| json!({ "Name": name, "S3BucketName": bucket });
    assert_eq!(create(MEMBER, in_bucket("local", "no-such-bucket")), "S3BucketDoesNotExistException");
    assert_eq!(create(MEMBER, in_bucket("local", "Bad_Bucket")), "InvalidS3BucketNameException");
    assert_eq!(create(MEMBER, in_bucket("other", "logs-bucket")), "InsufficientS3BucketPolicyException");
    assert_eq!(create(DELEGATED, in_bucket("local", "logs-bucket")), "InsufficientS3BucketPolicyException");
    let elsewhere = json!({ "Name": "local", "S3BucketName": "logs-bucket", "S3KeyPrefix": "other" });
    assert_eq!(create(MEMBER, elsewhere), "InsufficientS3BucketPolicyException");
    let key = json!({ "Name": "local", "S3BucketName": "logs-bucket", "KmsKeyId": "alias/none" });
    assert_eq!(create(MEMBER, key), "KmsKeyNotFoundException");
    let group = json!({ "Name": "local", "S3BucketName": "logs-bucket", "CloudWatchLogsLogGroupArn":
        "arn:aws:logs:eu-west-1:333333333333:log-group:none:*" });
    assert_eq!(create(MEMBER, group), "InvalidCloudWatchLogsRoleArnException");
}

#[test]
fn organization_trails_need_their_prerequisites() {
    let input = json!({ "Name": "second", "S3BucketName": "logs-bucket", "IsOrganizationTrail": true });
    let mut without_trust = world();
    without_trust.organization.as_mut().expect("organization").trusted_services.clear();
    assert_eq!(
        code(call(&mut without_trust, MANAGEMENT, "eu-west-1", "CreateTrail", input.clone())),
        "CloudTrailAccessNotEnabledException"
    );
    let mut billing = world();
    billing.organization.as_mut().expect("organization").feature_set = "CONSOLIDATED_BILLING".to_owned();
    assert_eq!(
        code(call(&mut billing, MANAGEMENT, "eu-west-1", "CreateTrail", input.clone())),
        "OrganizationNotInAllFeaturesModeException"
    );
    let mut world = world();
    assert_eq!(
        code(call(&mut world, MEMBER, "eu-west-1", "CreateTrail", input.clone())),
        "NotOrganizationMasterAccountException"
    );
    assert_eq!(
        code(call(&mut world, DELEGATED, "eu-west-1", "CreateTrail", input.clone())),
        "NoManagementAccountSLRExistsException"
    );
    assert_eq!(
        code(call(&mut world, "444444444444", "eu-west-1", "CreateTrail", input)),
        "OrganizationsNotInUseException"
    );
}

#[test]
fn five_trails_fill_a_region_and_shadows_count() {
    let mut world = world();
    let held = world.cloudtrail.get_mut(&MANAGEMENT.parse().expect("id")).expect("held");
    let shadow = held.trails.first().expect("trail").clone();
    for n in 0..4 {
        held.trails.push(crate::world::cloudtrail::Trail { name: format!("extra-{n}"), ..shadow.clone() });
    }
    let trail = json!({ "Name": "everything-else", "S3BucketName": "logs-bucket" });
    let policy = world.bucket_mut("logs-bucket").expect("bucket").policy.as_mut().expect("policy");
    *policy = policy
        .replace("333333333333:trail/local", "111111111111:trail/everything-else")
        .replace("eu-west-1:1111", "us-east-1:1111")
        .replace("AWSLogs/333333333333", "AWSLogs/111111111111");
    assert_eq!(
        code(call(&mut world, MANAGEMENT, "us-east-1", "CreateTrail", trail)),
        "MaximumNumberOfTrailsExceededException"
    );
}

#[test]
fn a_dead_bucket_or_key_shows_as_a_delivery_error() {
    let mut world = world();
    let by_arn = json!({ "Name": ORGANIZATION_TRAIL });
    let status =
        |world: &mut World| call(world, MEMBER, "us-east-1", "GetTrailStatus", by_arn.clone()).expect("visible");
    let healthy = status(&mut world);
    assert_eq!(healthy["LatestDeliveryTime"], json!(1_795_176_000.0));
    assert!(healthy.get("LatestDeliveryError").is_none());
    let policy = world.bucket_mut("logs-bucket").expect("bucket").policy.take();
    assert_eq!(status(&mut world)["LatestDeliveryError"], "AccessDenied");
    world.bucket_mut("logs-bucket").expect("bucket").policy = policy;
    let trail =
        world.cloudtrail.get_mut(&MANAGEMENT.parse().expect("id")).expect("held").trails.first_mut().expect("trail");
    trail.kms_key = Some("arn:aws:kms:eu-west-1:111111111111:key/gone".to_owned());
    assert_eq!(status(&mut world)["LatestDigestDeliveryError"], "KMS.NotFoundException");
    world.s3.clear();
    assert_eq!(status(&mut world)["LatestDeliveryError"], "NoSuchBucket");
}

#[test]
fn a_scenario_may_say_otherwise_for_one_viewer_and_region() {
    let mut world = world();
    let trail =
        world.cloudtrail.get_mut(&MANAGEMENT.parse().expect("id")).expect("held").trails.first_mut().expect("trail");
    trail.status = toml::from_str::<std::collections::BTreeMap<String, Vec<crate::world::cloudtrail::StatusOverride>>>(
        "status = [{ account = \"333333333333\", region = \"eu-west-3\", log_files = { last = \"3d ago\", error = \"AccessDenied\" } }]",
    )
    .expect("a status")["status"]
        .clone();
    let by_arn = json!({ "Name": ORGANIZATION_TRAIL });
    let there = call(&mut world, MEMBER, "eu-west-3", "GetTrailStatus", by_arn.clone()).expect("visible");
    assert_eq!(
        (&there["LatestDeliveryError"], &there["LatestDeliveryTime"]),
        (&json!("AccessDenied"), &json!(1_794_916_800.0))
    );
    let elsewhere = call(&mut world, MEMBER, "eu-west-2", "GetTrailStatus", by_arn).expect("visible");
    assert!(elsewhere.get("LatestDeliveryError").is_none());
}

#[test]
fn selectors_are_of_one_kind_and_refused_where_aws_refuses_them() {
    let mut world = world();
    let mut put = |selectors: Value| {
        let mut input = json!({ "TrailName": "everything" });
        input.as_object_mut().expect("object").extend(selectors.as_object().expect("object").clone());
        code(call(&mut world, MANAGEMENT, "eu-west-1", "PutEventSelectors", input))
    };
    let management = json!({ "Field": "eventCategory", "Equals": ["Management"] });
    assert_eq!(put(json!({})), "InvalidEventSelectorsException");
    let both = json!({ "EventSelectors": [{}], "AdvancedEventSelectors": [{ "FieldSelectors": [management] }] });
    assert_eq!(put(both), "InvalidEventSelectorsException");
    for wrong in [
        json!({ "Field": "eventName", "Equals": ["StopLogging"] }),
        json!({ "Field": "readOnly", "NotEquals": ["true"] }),
        json!({ "Field": "eventSource", "NotEquals": ["s3.amazonaws.com"] }),
    ] {
        let selectors = json!({ "AdvancedEventSelectors": [{ "FieldSelectors": [management, wrong] }] });
        assert_eq!(put(selectors), "InvalidEventSelectorsException");
    }
    let fine = json!({ "Field": "eventSource", "NotEquals": ["kms.amazonaws.com"] });
    assert!(
        put(json!({ "AdvancedEventSelectors": [{ "FieldSelectors": [management, fine] }] }))
            .contains("AdvancedEventSelectors")
    );
    let described =
        call(&mut world, MANAGEMENT, "eu-west-1", "GetTrail", json!({ "Name": "everything" })).expect("visible");
    assert_eq!(described["Trail"]["HasCustomEventSelectors"], true);
}

#[test]
fn without_trusted_access_the_trail_is_plain_and_members_lose_it() {
    let mut world = world();
    super::trusted_access_disabled(&mut world);
    assert!(names(call(&mut world, MEMBER, "eu-west-1", "DescribeTrails", json!({}))).is_empty());
    let plain = call(&mut world, MANAGEMENT, "eu-west-1", "GetTrail", json!({ "Name": "everything" })).expect("kept");
    assert_eq!(plain["Trail"]["IsOrganizationTrail"], false);
}

#[test]
fn lookup_attributes_are_checked_where_there_are_no_events() {
    let attribute = json!({ "LookupAttributes": [{ "AttributeKey": "Colour", "AttributeValue": "x" }] });
    let refused = call(&mut world(), MEMBER, "eu-west-1", "LookupEvents", attribute).expect_err("refused");
    assert_eq!(refused.code, "InvalidLookupAttributesException");
}

#[test]
fn data_stores_take_their_own_categories_and_no_unknown_fields() {
    let mut world = world();
    let mut make = |name: &str, fields: Value| {
        let input = json!({ "Name": name, "AdvancedEventSelectors": [{ "FieldSelectors": fields }] });
        call(&mut world, MANAGEMENT, "eu-west-1", "CreateEventDataStore", input).map_err(|error| error.code)
    };
    let category = |name: &str| json!({ "Field": "eventCategory", "Equals": [name] });
    let other = |field: &str| json!({ "Field": field, "Equals": ["x"] });
    assert!(make("items", json!([category("ConfigurationItem")])).is_ok());
    assert!(make("names", json!([category("Management"), other("eventName")])).is_ok());
    let refused = Err("InvalidEventSelectorsException".to_owned());
    assert_eq!(make("bad-field", json!([category("Management"), other("colour")])), refused);
    assert_eq!(make("no-category", json!([other("eventName")])), refused);
    assert_eq!(make("twice", json!([category("Management"), category("Management")])), refused);
}
