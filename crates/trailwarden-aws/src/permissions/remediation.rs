//! The IAM policies of roles that apply plans: what the calls ask for, what looking at their subjects asks for, no more.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use trailwarden_model::plan::{Aspect, Call, DELIVERY_ROLE_PREFIX};

use super::enter_statement;
use crate::look::look_actions;

/// The role that plans are applied with in member accounts.
pub const REMEDIATION_ROLE: &str = "TrailwardenRemediate";

const PASS_ROLE: &str = "iam:PassRole";
const SERVICE_LINKED_ROLE: &str = "iam:CreateServiceLinkedRole";

/// Actions that make a role, or say what it may do and for whom.
const ROLE_WRITES: [&str; 4] = ["iam:CreateRole", "iam:PutRolePolicy", "iam:TagRole", "iam:UpdateAssumeRolePolicy"];

/// Services that a plan hands a role to: delivery to a log group, and recording of configurations.
const PASSED_TO: [&str; 2] = ["cloudtrail.amazonaws.com", "config.amazonaws.com"];

/// Services that a plan has a service-linked role made for. CloudTrail has two.
const LINKED_TO: [&str; 3] = ["cloudtrail.amazonaws.com", "config.amazonaws.com", "context.cloudtrail.amazonaws.com"];

/// The least policy for these actions, in a partition. Only these roles (ARNs, with `*`) may be written: whoever writes any role
/// may do anything. They may be passed to AWS's own services only, and service-linked roles made for those that record.
pub fn remediation_policy<'a>(
    partition: &str,
    actions: impl Iterator<Item = &'a str>,
    roles: &BTreeSet<String>,
) -> Value {
    let actions: BTreeSet<&str> = actions.collect();
    let (writing, others): (Vec<&str>, Vec<&str>) = actions.iter().partition(|action| ROLE_WRITES.contains(action));
    let plain = |action: &&&str| ![PASS_ROLE, SERVICE_LINKED_ROLE].contains(*action);
    let (looking, changing): (Vec<&str>, Vec<&str>) =
        others.iter().filter(plain).partition(|action| is_looking(action));
    let statement = |sid: &str, actions: &[&str], resource: Value, condition: Option<Value>| {
        let mut statement = Map::from_iter([
            ("Sid".to_owned(), json!(sid)),
            ("Effect".to_owned(), json!("Allow")),
            ("Action".to_owned(), json!(actions)),
            ("Resource".to_owned(), resource),
        ]);
        statement.extend(condition.map(|condition| ("Condition".to_owned(), condition)));
        (!actions.is_empty()).then_some(Value::Object(statement))
    };
    let only = |action| if actions.contains(action) { vec![action] } else { Vec::new() };
    let passed = json!({ "StringEquals": { "iam:PassedToService": PASSED_TO } });
    let linked = json!({ "StringEquals": { "iam:AWSServiceName": LINKED_TO } });
    let linked_role = |service: &str| format!("arn:{partition}:iam::*:role/aws-service-role/{service}*");
    let passable: BTreeSet<String> = roles.iter().cloned().chain([linked_role("config.amazonaws.com/")]).collect();
    let statements = [
        statement("TrailwardenLook", &looking, json!("*"), None),
        statement("TrailwardenChange", &changing, json!("*"), None),
        statement("TrailwardenDeliveryRoles", &writing, json!(roles), None).filter(|_| !roles.is_empty()),
        statement("TrailwardenPassRole", &only(PASS_ROLE), json!(passable), Some(passed)),
        statement("TrailwardenServiceLinkedRole", &only(SERVICE_LINKED_ROLE), json!(linked_role("")), Some(linked)),
    ];
    json!({ "Version": "2012-10-17", "Statement": statements.into_iter().flatten().collect::<Vec<_>>() })
}

/// The delivery roles that plans create. One of another name is mended with the policy that is made for the plan.
fn delivery_roles(partition: &str) -> BTreeSet<String> {
    BTreeSet::from([format!("arn:{partition}:iam::*:role/{DELIVERY_ROLE_PREFIX}*")])
}

/// The policy of the role that applies plans in a member account: every call that a plan makes on its way forward. The calls
/// of a rollback that remove something are not in it.
pub fn member_remediation_policy(partition: &str) -> Value {
    remediation_policy(partition, member_remediation_actions().into_iter(), &delivery_roles(partition))
}

/// The IAM actions of that role.
pub fn member_remediation_actions() -> BTreeSet<&'static str> {
    forward_actions().into_iter().filter(|action| !is_of_organization(action)).collect()
}

/// The policy of the caller in the management account: the organization, its own account, and entering the others through
/// `role_name` in `partition`.
pub fn management_remediation_policy(partition: &str, role_name: &str) -> Value {
    let actions = forward_actions().into_iter().filter(|action| !is_rollout(action));
    let mut policy = remediation_policy(partition, actions, &delivery_roles(partition));
    if let Some(statements) = policy.get_mut("Statement").and_then(Value::as_array_mut) {
        statements.push(enter_statement(partition, role_name));
    }
    policy
}

/// The policy of the caller in the management account who rolls out policies of the organization, and does nothing else.
pub fn rollout_policy(partition: &str) -> Value {
    let aspects = Aspect::every().into_iter().filter(|aspect| {
        matches!(
            aspect,
            Aspect::PolicyType { .. } | Aspect::AuthorizationPolicy { .. } | Aspect::PolicyAttachment { .. }
        )
    });
    let looking: BTreeSet<&str> = aspects.flat_map(|aspect| look_actions(&aspect)).collect();
    let actions = forward_actions().into_iter().filter(|action| is_rollout(action));
    remediation_policy(partition, actions.chain(looking), &BTreeSet::new())
}

/// Lets CloudFormation fill in the partition, in one ARN or in each of a list.
fn substitute(resource: &mut Value) {
    match resource {
        Value::Array(arns) => arns.iter_mut().for_each(substitute),
        arn if *arn == "*" => {}
        arn => *arn = json!({ "Fn::Sub": arn.clone() }),
    }
}

/// A CloudFormation template for a service-managed StackSet that makes the role in member accounts.
pub fn remediation_stack_set() -> Value {
    let external_id = json!({ "StringEquals": { "sts:ExternalId": { "Ref": "ExternalId" } } });
    let trust = json!({
        "Effect": "Allow",
        "Principal": { "AWS": substituted("arn:${AWS::Partition}:iam::${ManagementAccountId}:root") },
        "Action": "sts:AssumeRole",
        "Condition": { "Fn::If": ["HasExternalId", external_id, { "Ref": "AWS::NoValue" }] },
    });
    let mut policy = member_remediation_policy("${AWS::Partition}");
    for statement in policy.get_mut("Statement").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(resource) = statement.get_mut("Resource") {
            substitute(resource);
        }
    }
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The role with which trailwarden applies plans in a member account. \
            For a service-managed StackSet; needs CAPABILITY_NAMED_IAM.",
        "Parameters": {
            "ManagementAccountId": {
                "Type": "String",
                "AllowedPattern": "[0-9]{12}",
                "Description": "The account that plans are applied from.",
            },
            "ExternalId": {
                "Type": "String",
                "Default": "",
                "Description": "What --external-id says; empty for none.",
            },
        },
        "Conditions": { "HasExternalId": { "Fn::Not": [{ "Fn::Equals": [{ "Ref": "ExternalId" }, ""] }] } },
        "Resources": { "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": REMEDIATION_ROLE,
                "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [trust] },
                "Policies": [{ "PolicyName": REMEDIATION_ROLE, "PolicyDocument": policy }],
            },
        } },
        "Outputs": { "RoleArn": { "Value": { "Fn::GetAtt": ["Role", "Arn"] } } },
    })
}

fn substituted(text: &str) -> Value {
    json!({ "Fn::Sub": text })
}

/// The IAM actions with which plans change anything: on their way forward, and those that only a rollback needs.
pub fn changing_actions() -> (BTreeSet<&'static str>, BTreeSet<&'static str>) {
    let of = |is_removal: bool| -> BTreeSet<&'static str> {
        let calls = Call::every().into_iter().filter(|call| call.is_removal() == is_removal);
        calls.flat_map(|call| call.actions()).collect()
    };
    let (forward, back) = (of(false), of(true));
    let only_back = back.difference(&forward).copied().collect();
    (forward, only_back)
}

/// What the calls of a plan on its way forward need, and what looking needs.
fn forward_actions() -> BTreeSet<&'static str> {
    let calls = Call::every().into_iter().filter(|call| !call.is_removal()).flat_map(|call| call.actions());
    calls.chain(Aspect::every().iter().flat_map(look_actions)).collect()
}

fn is_of_organization(action: &str) -> bool {
    action.starts_with("organizations:")
}

/// Whoever may write and attach policies decides what everybody else may do: a permission of its own.
fn is_rollout(action: &str) -> bool {
    let writes = ["AttachPolicy", "CreatePolicy", "EnablePolicyType", "TagResource", "UpdatePolicy"];
    action.strip_prefix("organizations:").is_some_and(|verb| writes.contains(&verb))
}

fn is_looking(action: &str) -> bool {
    let verb = action.split(':').next_back().unwrap_or_default();
    ["Describe", "Get", "List"].iter().any(|looks| verb.starts_with(looks))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actions_of(policy: &Value) -> BTreeSet<&str> {
        let statements = policy["Statement"].as_array().unwrap().iter();
        statements
            .flat_map(|statement| match &statement["Action"] {
                Value::Array(actions) => actions.iter().filter_map(Value::as_str).collect(),
                action => vec![action.as_str().unwrap()],
            })
            .collect()
    }

    fn statement<'a>(policy: &'a Value, sid: &str) -> &'a Value {
        policy["Statement"].as_array().unwrap().iter().find(|statement| statement["Sid"] == sid).unwrap()
    }

    #[test]
    fn no_generated_role_can_remove_or_stop_anything() {
        let stack_set = remediation_stack_set();
        let of_members = &stack_set["Resources"]["Role"]["Properties"]["Policies"][0]["PolicyDocument"];
        let management = [management_remediation_policy("aws", "r"), rollout_policy("aws")];
        for policy in management.iter().chain([&member_remediation_policy("aws"), of_members]) {
            for action in actions_of(policy) {
                let verb = action.split(':').next_back().unwrap();
                let forbidden = ["Delete", "Stop", "Detach", "Disable", "Disassociate", "Schedule", "Remove"];
                assert!(!forbidden.iter().any(|word| verb.starts_with(word)), "{action}");
            }
        }
    }

    #[test]
    fn the_role_of_members_changes_trails_and_nothing_of_the_organization() {
        let policy = member_remediation_policy("aws-cn");
        let actions = actions_of(&policy);
        for action in ["cloudtrail:UpdateTrail", "s3:PutBucketPolicy", "kms:ListResourceTags", "cloudtrail:GetTrail"] {
            assert!(actions.contains(action), "{action}");
        }
        assert!(!actions.iter().any(|action| action.starts_with("organizations:") || action.starts_with("sts:")));
        // Source: IAM User Guide, "IAM and AWS STS quotas": inline policies of a role, white space not counted.
        assert!(policy.to_string().len() < 10_240);
    }

    #[test]
    fn management_also_opens_the_organization_and_enters_one_role_name_only() {
        let policy = management_remediation_policy("aws-us-gov", "/fix/Writer");
        assert!(actions_of(&policy).contains("organizations:EnableAWSServiceAccess"));
        let enter = statement(&policy, "TrailwardenEnterMembers");
        assert_eq!(enter["Resource"], "arn:aws-us-gov:iam::*:role/fix/Writer");
    }

    #[test]
    fn policies_of_the_organization_are_written_with_a_role_of_their_own() {
        let remediation = management_remediation_policy("aws", "r");
        assert!(!actions_of(&remediation).contains("organizations:AttachPolicy"));
        let rollout = rollout_policy("aws");
        let actions = actions_of(&rollout);
        assert!(actions.contains("organizations:AttachPolicy") && actions.contains("organizations:ListPolicies"));
        assert!(actions.iter().all(|action| action.starts_with("organizations:")), "{actions:?}");
    }

    #[test]
    fn roles_are_passed_and_made_for_the_services_that_record_only() {
        let policy = member_remediation_policy("aws");
        let pass = statement(&policy, "TrailwardenPassRole");
        assert_eq!(pass["Condition"]["StringEquals"]["iam:PassedToService"], json!(PASSED_TO));
        let link = statement(&policy, "TrailwardenServiceLinkedRole");
        assert_eq!(link["Resource"], "arn:aws:iam::*:role/aws-service-role/*");
        assert_eq!(link["Condition"]["StringEquals"]["iam:AWSServiceName"], json!(LINKED_TO));
    }

    #[test]
    fn no_role_but_those_of_deliveries_can_be_written() {
        for policy in [member_remediation_policy("aws"), management_remediation_policy("aws", "r")] {
            let written = statement(&policy, "TrailwardenDeliveryRoles");
            assert_eq!(written["Resource"], json!(["arn:aws:iam::*:role/cloudtrail-to-logs-*"]));
            assert_eq!(written["Action"], json!(ROLE_WRITES));
            let passed = &statement(&policy, "TrailwardenPassRole")["Resource"];
            assert_eq!(passed[1], "arn:aws:iam::*:role/cloudtrail-to-logs-*");
        }
    }

    #[test]
    fn a_policy_for_one_step_holds_that_step() {
        let policy = remediation_policy(
            "aws",
            ["cloudtrail:StartLogging", "cloudtrail:GetTrailStatus"].into_iter(),
            &BTreeSet::new(),
        );
        let expected = json!({ "Version": "2012-10-17", "Statement": [
            { "Sid": "TrailwardenLook", "Effect": "Allow", "Action": ["cloudtrail:GetTrailStatus"], "Resource": "*" },
            { "Sid": "TrailwardenChange", "Effect": "Allow", "Action": ["cloudtrail:StartLogging"], "Resource": "*" },
        ] });
        assert_eq!(policy, expected);
    }
}
