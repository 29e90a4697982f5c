//! Statements of policies that plans write, and putting them into policies of others without losing any of theirs.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailwarden_model::organization::CLOUDTRAIL_PRINCIPAL;
use trailwarden_model::plan::normal_policy;

/// The statements of a policy.
pub(crate) fn statements(policy: &Value) -> Vec<Value> {
    match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    }
}

/// The policy with these statements instead of its own, in normal form.
pub(crate) fn with_statements(policy: &Value, statements: Vec<Value>) -> Value {
    let mut whole = match policy {
        Value::Object(members) => members.clone(),
        _ => serde_json::Map::from_iter([("Version".to_owned(), json!("2012-10-17"))]),
    };
    whole.insert("Statement".to_owned(), Value::Array(statements));
    normal_policy(&Value::Object(whole))
}

/// The policy with more statements behind its own. A `Sid` that is taken gets a number behind it.
pub(crate) fn with_more(policy: &Value, more: Vec<Value>) -> Value {
    let mut all = statements(policy);
    for mut statement in more {
        let taken: BTreeSet<&str> = all.iter().filter_map(|one| one.get("Sid").and_then(Value::as_str)).collect();
        let sid = statement.get("Sid").and_then(Value::as_str).unwrap_or_default().to_owned();
        let free = std::iter::once(sid.clone())
            .chain((2..).map(|number| format!("{sid}{number}")))
            .find(|candidate| !taken.contains(candidate.as_str()))
            .unwrap_or(sid);
        if let Some(members) = statement.as_object_mut() {
            members.insert("Sid".to_owned(), Value::String(free));
        }
        all.push(statement);
    }
    with_statements(policy, all)
}

/// The policy with those of these statements that it does not have yet, whatever they are called there.
pub(crate) fn with_missing(policy: &Value, wanted: Vec<Value>) -> Value {
    let nameless = |statement: &Value| {
        let mut statement = statement.clone();
        statement.as_object_mut().map(|members| members.remove("Sid"));
        normal_policy(&json!({ "Statement": [statement] }))
    };
    let present: Vec<Value> = statements(policy).iter().map(nameless).collect();
    let missing: Vec<Value> = wanted.into_iter().filter(|statement| !present.contains(&nameless(statement))).collect();
    if missing.is_empty() { policy.clone() } else { with_more(policy, missing) }
}

/// CloudTrail may look at the ACL of a bucket for these trails.
pub(crate) fn acl_check(bucket_arn: &str, trails: &BTreeSet<String>) -> Value {
    json!({"Sid": "TrailwardenAclCheck", "Effect": "Allow", "Principal": {"Service": CLOUDTRAIL_PRINCIPAL},
        "Action": "s3:GetBucketAcl", "Resource": bucket_arn,
        "Condition": {"StringEquals": {"aws:SourceArn": trails}}})
}

/// CloudTrail may write under these prefixes for these trails.
pub(crate) fn delivery(bucket_arn: &str, prefixes: &BTreeSet<String>, trails: &BTreeSet<String>) -> Value {
    let resources: Vec<String> = prefixes.iter().map(|prefix| format!("{bucket_arn}/{prefix}*")).collect();
    json!({"Sid": "TrailwardenDelivery", "Effect": "Allow", "Principal": {"Service": CLOUDTRAIL_PRINCIPAL},
        "Action": "s3:PutObject", "Resource": resources,
        "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": trails}}})
}

/// Nobody may use a bucket without TLS.
pub(crate) fn transport(bucket_arn: &str) -> Value {
    json!({"Sid": "TrailwardenDenyInsecureTransport", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": [bucket_arn, format!("{bucket_arn}/*")], "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
}

/// S3 may deliver the access logs of an account's buckets.
pub(crate) fn access_logs(bucket_arn: &str, account: &str) -> Value {
    json!({"Sid": "TrailwardenAccessLogs", "Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject", "Resource": format!("{bucket_arn}/*"),
        "Condition": {"StringEquals": {"aws:SourceAccount": account}}})
}

/// AWS Config may deliver for the accounts of an organization.
pub(crate) fn config_delivery(bucket_arn: &str, organization: &str) -> Value {
    json!({"Sid": "TrailwardenConfigDelivery", "Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"},
        "Action": ["s3:GetBucketAcl", "s3:ListBucket", "s3:PutObject"], "Resource": [bucket_arn, format!("{bucket_arn}/*")],
        "Condition": {"StringEquals": {"aws:SourceOrgID": organization}}})
}

/// The account that owns a key decides by IAM policies who uses it.
pub(crate) fn key_owner(partition: &str, account: &str) -> Value {
    json!({"Sid": "EnableIAMUserPermissions", "Effect": "Allow",
        "Principal": {"AWS": format!("arn:{partition}:iam::{account}:root")}, "Action": "kms:*", "Resource": "*"})
}

/// CloudTrail may encrypt for these trails. It decrypts where a bucket key is on.
pub(crate) fn key_for_trails(contexts: &BTreeSet<String>, trails: &BTreeSet<String>) -> Vec<Value> {
    let encrypt = json!({"Sid": "TrailwardenEncrypt", "Effect": "Allow", "Principal": {"Service": CLOUDTRAIL_PRINCIPAL},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceArn": trails},
            "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": contexts}}});
    let describe = json!({"Sid": "TrailwardenDescribe", "Effect": "Allow", "Principal": {"Service": CLOUDTRAIL_PRINCIPAL},
        "Action": "kms:DescribeKey", "Resource": "*"});
    vec![encrypt, describe]
}

/// CloudWatch Logs may encrypt the log groups of an account and region.
pub(crate) fn key_for_groups(partition: &str, region: &str, account: &str) -> Value {
    json!({"Sid": "TrailwardenLogGroups", "Effect": "Allow",
        "Principal": {"Service": format!("logs.{region}.amazonaws.com")},
        "Action": ["kms:Decrypt", "kms:Describe*", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"], "Resource": "*",
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn":
            format!("arn:{partition}:logs:{region}:{account}:log-group:*")}}})
}

/// CloudTrail may encrypt these event data stores.
pub(crate) fn key_for_stores(stores: &BTreeSet<String>) -> Value {
    json!({"Sid": "TrailwardenEventDataStores", "Effect": "Allow", "Principal": {"Service": CLOUDTRAIL_PRINCIPAL},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceArn": stores}}})
}

/// CloudTrail may assume a role.
pub(crate) fn trust() -> Value {
    json!({"Sid": "TrailwardenTrust", "Effect": "Allow", "Principal": {"Service": CLOUDTRAIL_PRINCIPAL},
        "Action": "sts:AssumeRole"})
}

/// A policy of these statements alone.
pub(crate) fn policy(statements: Vec<Value>) -> Value {
    with_statements(&Value::Null, statements)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_of_others_stay_and_a_taken_sid_is_not_reused() {
        let theirs = json!({"Version": "2008-10-17", "Id": "theirs", "Statement": {"Sid": "TrailwardenAclCheck", "Effect": "Deny",
            "Principal": "*", "Action": "s3:DeleteBucket", "Resource": "arn:aws:s3:::b"}});
        let more = with_more(&theirs, vec![acl_check("arn:aws:s3:::b", &BTreeSet::from(["arn:t".to_owned()]))]);
        let all = statements(&more);
        assert_eq!((more["Id"].as_str(), more["Version"].as_str()), (Some("theirs"), Some("2008-10-17")));
        assert_eq!(all[0], theirs["Statement"]);
        assert_eq!(all[1]["Sid"], "TrailwardenAclCheck2");
    }
}
