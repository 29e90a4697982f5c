//! What is refused as a whole, which findings fail alone, and what an update leaves to the people who work on a finding.

use serde_json::{Value, json};

use super::SERVICE;
use crate::error::AwsError;
use crate::reply::Body;
use crate::service::testing::{self, code, json_of};
use crate::world::World;

const ACCOUNT: &str = "111111111111";

fn call(world: &mut World, operation: &str, input: Value) -> Result<Body, AwsError> {
    testing::call(&SERVICE, world, ACCOUNT, operation, input)
}

fn enabled() -> World {
    let mut world = World::default();
    json_of(call(&mut world, "EnableSecurityHub", json!({})));
    world
}

/// A good finding with these members instead; a null leaves one out.
fn finding(id: &str, instead: Value) -> Value {
    let severity = json!({"Severity": {"Label": "HIGH"}, "Types": ["Software and Configuration Checks"]});
    let mut finding = json!({
        "SchemaVersion": "2018-10-08", "Id": id, "GeneratorId": "g", "AwsAccountId": ACCOUNT,
        "ProductArn": "arn:aws:securityhub:eu-west-1:111111111111:product/111111111111/default",
        "CreatedAt": "2026-11-20T10:00:00Z", "UpdatedAt": "2026-11-20T10:00:00Z", "Title": "t", "Description": "d",
        "Resources": [{"Type": "AwsAccount", "Id": "AWS::::Account:111111111111"}], "FindingProviderFields": severity
    });
    let members = finding.as_object_mut().expect("object");
    members.extend(instead.as_object().expect("object").clone());
    members.retain(|_, value| !value.is_null());
    finding
}

fn import(world: &mut World, findings: &[Value]) -> Result<Body, AwsError> {
    call(world, "BatchImportFindings", json!({ "Findings": findings }))
}

#[test]
fn nothing_is_taken_where_the_hub_is_not_enabled_or_from_others() {
    let mut bare = World::default();
    assert_eq!(code(import(&mut bare, &[finding("a", json!({}))])), "InvalidAccessException");
    assert_eq!(code(call(&mut bare, "GetFindings", json!({}))), "InvalidAccessException");
    let mut world = enabled();
    assert_eq!(code(call(&mut world, "EnableSecurityHub", json!({}))), "ResourceConflictException");
    for other in [
        json!({ "AwsAccountId": "222222222222" }),
        json!({ "ProductArn": "arn:aws:securityhub:eu-west-2:111111111111:product/111111111111/default" }),
        json!({ "ProductArn": "arn:aws:securityhub:eu-west-1::product/company/product" }),
    ] {
        let findings = [finding("a", json!({})), finding("b", other)];
        assert_eq!(code(import(&mut world, &findings)), "AccessDeniedException");
    }
    assert_eq!(code(import(&mut world, &[])), "InvalidInputException");
    let many: Vec<Value> = (0..101).map(|n| finding(&n.to_string(), json!({}))).collect();
    assert_eq!(code(import(&mut world, &many)), "InvalidInputException");
    assert_eq!(json_of(call(&mut world, "GetFindings", json!({})))["Findings"], json!([]));
}

#[test]
fn a_malformed_finding_fails_alone_and_says_why() {
    for (instead, words) in [
        (json!({ "Title": null }), "required property 'Title'"),
        (json!({ "Title": "x".repeat(257) }), "data.Title should NOT be longer than 256 characters"),
        (json!({ "Description": " " }), "data.Description should match pattern"),
        (json!({ "SchemaVersion": "2019-01-01" }), "data.SchemaVersion"),
        (json!({ "UpdatedAt": "yesterday" }), "data.UpdatedAt should match format"),
        (json!({ "Resources": [] }), "data.Resources should have 1 to 32 items"),
        (json!({ "Resources": [{"Type": "Other"}] }), "data.Resources[0] should have required property 'Id'"),
        (json!({ "FindingProviderFields": null }), "required property 'Severity', data should have"),
        (json!({ "FindingProviderFields": {"Severity": {"Label": "BAD"}, "Types": []} }), "Severity.Label"),
        (json!({ "Types": ["Checks/of ours"] }), "namespace/category/classifier"),
        (json!({ "Compliance": {"Status": "FINE"} }), "data.Compliance.Status"),
        (json!({ "Remediation": {"Recommendation": {"Text": "x".repeat(513)}} }), "longer than 512"),
        (json!({ "ProductFields": {"a": 1} }), "data.ProductFields.a is of another type"),
        (json!({ "Colour": "red" }), "additional property 'Colour'"),
        (json!({ "Note": {"Text": "x".repeat(240_000)} }), "larger than 240 KB"),
    ] {
        let mut world = enabled();
        let answer = json_of(import(&mut world, &[finding("good", json!({})), finding("bad", instead)]));
        assert_eq!((&answer["SuccessCount"], &answer["FailedCount"]), (&json!(1), &json!(1)), "{words}");
        let failed = &answer["FailedFindings"][0];
        assert_eq!((&failed["Id"], &failed["ErrorCode"]), (&json!("bad"), &json!("InvalidInput")));
        assert!(failed["ErrorMessage"].as_str().expect("text").contains(words), "{words}: {failed}");
    }
}

#[test]
fn an_update_is_newer_and_leaves_the_workflow_alone() {
    let mut world = enabled();
    json_of(import(&mut world, &[finding("a", json!({ "Compliance": {"Status": "FAILED"} }))]));
    let hub = world.securityhub.values_mut().next().expect("an account").hubs.values_mut().next().expect("a hub");
    hub.findings.get_mut("a").expect("the finding").insert("Workflow".to_owned(), json!({"Status": "SUPPRESSED"}));
    let passed = json!({"Status": "PASSED"});
    let stale = json!({ "Compliance": passed, "Title": "stale" });
    assert_eq!(json_of(import(&mut world, &[finding("a", stale)]))["SuccessCount"], 1);
    let newer = json!({ "Compliance": passed, "UpdatedAt": "2026-11-21T10:00:00Z", "Workflow": {"Status": "NEW"} });
    json_of(import(&mut world, &[finding("a", newer), finding("b", json!({}))]));
    let wanted = json!({ "Filters": { "ComplianceStatus": [{"Value": "PASSED", "Comparison": "EQUALS"}] } });
    let found = json_of(call(&mut world, "GetFindings", wanted));
    let found = found["Findings"].as_array().expect("findings");
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0]["Title"], &found[0]["Workflow"]["Status"]), (&json!("t"), &json!("SUPPRESSED")));
    assert_eq!(json_of(call(&mut world, "GetFindings", json!({ "MaxResults": 1 })))["Findings"][0]["Id"], "a");
    let unknown = json!({ "Filters": { "Colour": [] } });
    assert_eq!(code(call(&mut world, "GetFindings", unknown)), "NotImplemented");
}
