//! The least IAM policies that the declared reads need, generated from them. What plans need besides is
//! made from their calls.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::catalog::{Caller, Read};
use crate::read::{of_log_files, reads};
use crate::results::securityhub;

mod remediation;

pub use remediation::{
    REMEDIATION_ROLE, changing_actions, management_remediation_policy, member_remediation_actions,
    member_remediation_policy, remediation_policy, remediation_stack_set, rollout_policy,
};

/// The policy of the role in every audited account.
pub fn member_policy() -> Value {
    json!({ "Version": "2012-10-17", "Statement": [statement("TrailwardenAudit", actions(is_member))] })
}

/// The policy of the caller in the management account or a delegated administrator: the organization, its own account,
/// and entering the others through `role_name` in `partition`.
pub fn management_policy(partition: &str, role_name: &str) -> Value {
    let enter = enter_statement(partition, role_name);
    let everything = actions(|read| read.operation != "sts:AssumeRole");
    json!({ "Version": "2012-10-17", "Statement": [statement("TrailwardenAudit", everything), enter] })
}

/// What the role in the account of a log bucket needs besides, to list it and to open the log files in it, and nothing else.
pub fn log_reader_policy(partition: &str) -> Value {
    let of = |wants: fn(&str) -> bool| -> BTreeSet<&str> {
        of_log_files().filter_map(|read| read.iam).filter(|action| wants(action)).collect()
    };
    let mut open = statement("TrailwardenOpenLogFiles", of(|action| action == "s3:GetObject"));
    let mut decrypt = statement("TrailwardenDecryptLogFiles", ["kms:Decrypt"].into());
    if let (Some(open), Some(decrypt)) = (open.as_object_mut(), decrypt.as_object_mut()) {
        open.insert("Resource".to_owned(), json!(format!("arn:{partition}:s3:::*/AWSLogs/*")));
        decrypt.insert("Condition".to_owned(), json!({ "StringLike": { "kms:ViaService": "s3.*" } }));
    }
    let list = statement("TrailwardenListLogFiles", of(|action| action != "s3:GetObject"));
    json!({ "Version": "2012-10-17", "Statement": [list, open, decrypt] })
}

/// The policy of the role that findings are sent to Security Hub with, in every account that has any: as custom findings of
/// that account, and nothing else.
pub fn security_hub_member_policy(partition: &str) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [import_statement(partition)] })
}

/// The same of the caller, who enters the others through `role_name`.
pub fn security_hub_policy(partition: &str, role_name: &str) -> Value {
    let enter = enter_statement(partition, role_name);
    json!({ "Version": "2012-10-17", "Statement": [import_statement(partition), enter] })
}

fn import_statement(partition: &str) -> Value {
    let calls = securityhub::READS.iter().filter_map(|call| call.iam);
    json!({
        "Sid": "TrailwardenSendFindings",
        "Effect": "Allow",
        "Action": calls.collect::<BTreeSet<_>>(),
        "Resource": format!("arn:{partition}:securityhub:*:*:product/*/default"),
    })
}

fn enter_statement(partition: &str, role_name: &str) -> Value {
    json!({
        "Sid": "TrailwardenEnterMembers",
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Resource": format!("arn:{partition}:iam::*:role/{}", role_name.trim_matches('/')),
    })
}

fn is_member(read: &Read) -> bool {
    read.caller == Caller::Member
}

fn actions(is_wanted: impl Fn(&Read) -> bool) -> BTreeSet<&'static str> {
    reads().filter(is_wanted).filter_map(|read| read.iam).collect()
}

fn statement(sid: &str, actions: BTreeSet<&str>) -> Value {
    json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": "*" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actions_of(policy: &Value) -> Vec<&str> {
        policy["Statement"][0]["Action"].as_array().unwrap().iter().map(|action| action.as_str().unwrap()).collect()
    }

    #[test]
    fn a_member_role_reads_trails_and_nothing_of_the_organization() {
        let policy = member_policy();
        let actions = actions_of(&policy);
        assert!(actions.contains(&"cloudtrail:DescribeTrails"));
        assert!(actions.contains(&"s3:ListAllMyBuckets"), "IAM names S3's actions otherwise than the API");
        assert!(!actions.contains(&"s3:ListBuckets"));
        assert!(!actions.iter().any(|action| action.starts_with("organizations:") || action.starts_with("sts:")));
    }

    #[test]
    fn management_may_enter_one_role_name_only() {
        let policy = management_policy("aws-us-gov", "/audit/Reader");
        assert_eq!(policy["Statement"][1]["Resource"], "arn:aws-us-gov:iam::*:role/audit/Reader");
        assert!(actions_of(&policy).contains(&"organizations:ListAccounts"));
        assert!(actions_of(&policy).contains(&"s3:ListBucket"), "HeadBucket");
    }

    #[test]
    fn no_action_of_any_policy_writes() {
        let policy = management_policy("aws", "r");
        for action in actions_of(&policy) {
            let verb = action.split(':').next_back().unwrap();
            assert!(["Get", "List", "Lookup", "Describe"].iter().any(|reads| verb.starts_with(reads)), "{action}");
        }
    }
}
