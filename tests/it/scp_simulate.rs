//! `scp simulate`: one request, and which statement at which node decides it.

use serde_json::json;

use crate::support::{Run, acme, trailwarden};

const TRAIL: &str = "arn:aws:cloudtrail:eu-west-1:512340987611:trail/orders-audit";

fn simulate(principal: &str, action: &str, resource: &str, more: &[&str]) -> Run {
    let mut arguments = vec!["scp", "simulate", "--snapshot", acme(), "--principal", principal, "--action", action];
    arguments.extend(["--resource", resource]);
    arguments.extend(more);
    trailwarden(&arguments)
}

fn stop(principal: &str, more: &[&str]) -> Run {
    simulate(principal, "cloudtrail:StopLogging", TRAIL, more)
}

#[test]
fn a_deny_is_named_with_policy_and_place() {
    let run = stop("arn:aws:iam::512340987611:role/Developer", &[]);
    assert_eq!(run.code, Some(0), "{run:?}");
    for text in [
        "DENIED  service control policies deny it",
        "statement \"DenyTrailTampering\" of guard-cloudtrail-prod (p-acg2prod0), attached to OU Prod",
        "aws:PrincipalArn = arn:aws:iam::512340987611:role/Developer  (filled in as AWS would)",
    ] {
        assert!(run.stdout.contains(text), "{text}: {}", run.stdout);
    }
}

#[test]
fn an_allow_is_named_at_every_node() {
    let run = stop("arn:aws:sts::512340987611:assumed-role/platform-admin-2/me", &["--format", "json"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let result = run.json();
    assert_eq!(result["format"], "trailwarden.scp-simulation/1");
    assert_eq!(result["request"]["context"]["aws:PrincipalArn"], "arn:aws:iam::512340987611:role/platform-admin-2");
    let said = &result["service_control_policies"];
    let nodes: Vec<_> = said["by"].as_array().expect("nodes").iter().map(|by| by["node"].clone()).collect();
    assert_eq!(
        (said["verdict"].as_str(), nodes),
        (
            Some("allowed"),
            vec![json!("r-ac7f"), json!("ou-ac7f-workload"), json!("ou-ac7f-prodprod"), json!("512340987611")],
        )
    );
}

#[test]
fn callers_whom_no_policy_binds_are_told_why() {
    for (principal, why) in [
        ("arn:aws:iam::210987654321:root", "acme-management (210987654321) is the management account"),
        ("arn:aws:iam::999999999999:user/mallory", "999999999999 is no account of organization o-acme7f3k2q"),
        (
            "arn:aws:iam::512340987611:role/aws-service-role/cloudtrail.amazonaws.com/AWSServiceRoleForCloudTrail",
            "service-linked role",
        ),
    ] {
        let run = stop(principal, &[]);
        assert_eq!(run.code, Some(0), "{run:?}");
        let text = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            text.contains("ALLOWED service control policies do not apply: ") && text.contains(why),
            "{why}: {text}"
        );
    }
}

#[test]
fn context_keys_are_given_and_lists_are_told_from_single_values() {
    let region = |values: &[&str]| {
        let principal = "arn:aws:iam::713350482219:user/ana";
        let mut more = vec!["--format", "json", "--context"];
        more.extend(values);
        simulate(principal, "ec2:RunInstances", "*", &more)
    };
    let verdict = |run: &Run| run.json()["service_control_policies"]["verdict"].clone();
    assert_eq!(verdict(&region(&["aws:RequestedRegion=eu-west-1"])), "allowed");
    assert_eq!(verdict(&region(&["aws:RequestedRegion=sa-east-1"])), "explicitDeny");
    let many = region(&["aws:TagKeys[]=a", "aws:TagKeys[]=b=c", "aws:requestedregion=eu-west-1"]);
    assert_eq!(many.json()["request"]["context"]["aws:TagKeys"], json!(["a", "b=c"]));
    assert_eq!(many.json()["request"]["context"]["aws:username"], "ana");
    region(&["aws:RequestedRegion=eu-west-1", "aws:requestedregion=us-east-1"]).assert_refused("given twice");
    region(&["RequestedRegion"]).assert_refused("KEY=VALUE");
}

#[test]
fn a_call_on_a_trail_is_made_in_the_region_of_the_trail() {
    let stop_in = |region: &str| {
        let trail = format!("arn:aws:cloudtrail:{region}:724480195536:trail/any-trail");
        simulate("arn:aws:iam::724480195536:role/Developer", "cloudtrail:StopLogging", &trail, &["--format", "json"])
            .json()
    };
    let (guarded, open) = (stop_in("eu-central-1"), stop_in("us-east-1"));
    assert_eq!(guarded["request"]["context"]["aws:RequestedRegion"], "eu-central-1");
    assert_eq!(guarded["request"]["context"]["aws:ResourceAccount"], "724480195536");
    assert_eq!(guarded["service_control_policies"]["verdict"], "explicitDeny");
    assert_eq!(open["service_control_policies"]["verdict"], "allowed");
}

#[test]
fn an_exact_context_is_left_alone() {
    let run = stop("arn:aws:iam::512340987611:role/Developer", &["--exact-context", "--format", "json"]);
    assert_eq!(run.json()["request"]["context"], json!({}));
    assert_eq!(
        run.json()["service_control_policies"]["by"]["sid"],
        "DenyTrailTampering",
        "a negated condition on an absent key"
    );
}

#[test]
fn what_was_not_read_is_not_known() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("snapshot.json");
    let path = path.to_str().expect("UTF-8");
    let collected = trailwarden(&["collect", "--sandbox", "--control", "log-file-validation-enabled", "-o", path]);
    assert_eq!(collected.code, Some(0), "{collected:?}");
    let arguments = ["--principal", "arn:aws:iam::512340987611:role/x", "--action", "s3:PutObject", "--resource", "*"];
    let run = trailwarden(&[["scp", "simulate", "--snapshot", path].as_slice(), &arguments].concat());
    assert_eq!(run.code, Some(11), "{run:?}");
    assert!(run.stdout.contains("NOT KNOWN  service control policies: organizations:ListPolicies"), "{}", run.stdout);
}

#[test]
fn the_sandbox_is_asked_too_and_said_to_be_made_up() {
    let arguments = ["--principal", "arn:aws:iam::116622338844:root", "--action", "s3:ListBuckets", "--resource", "*"];
    let run = trailwarden(&[["scp", "simulate", "--sandbox=clean"].as_slice(), &arguments].concat());
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.starts_with("! SANDBOX: ") && run.stderr.contains("API calls"), "{run:?}");
}

#[test]
fn resource_control_policies_of_the_owner_are_asked_besides() {
    let put = |owner: &[&str]| {
        let principal = "arn:aws:iam::999999999999:role/Stranger";
        simulate(principal, "s3:PutObject", "arn:aws:s3:::orders-prod-trail-logs/AWSLogs/x", owner)
    };
    let of_nobody = put(&["--format", "json"]).json();
    assert_eq!(of_nobody["resource_control_policies"], json!(null), "the ARN of a bucket does not tell its owner");
    let run = put(&["--resource-account", "512340987611"]);
    assert!(run.stdout.contains("DENIED  resource control policies deny it"), "{}", run.stdout);
    assert!(run.stdout.contains("orders-writers (p-acr9orders)"), "{}", run.stdout);
}

#[test]
fn callers_that_are_none_are_refused() {
    for principal in ["Developer", "arn:aws:s3:::bucket", "arn:aws:iam::512340987611:policy/x", "arn:aws:iam::12:root"]
    {
        stop(principal, &[]).assert_refused("is no ARN of a role, user, root user or session");
    }
}
