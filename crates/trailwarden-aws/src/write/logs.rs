//! CloudWatch Logs: log groups and metric filters.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::writes;
use crate::shape::Shape;

// Source: CloudWatch Logs User Guide, "CloudWatch Logs quotas".
writes! { aws_sdk_cloudwatchlogs logs;
    create_log_group(group: str, key: Option<String>, tags: BTreeMap<String, String>) at 10 = "logs:CreateLogGroup",
        |client| client.create_log_group().log_group_name(group).set_kms_key_id(key.clone())
            .set_tags(Some(Shape::read(&json!(tags))?));
    delete_log_group(group: str) at 5 = "logs:DeleteLogGroup",
        |client| client.delete_log_group().log_group_name(group);
    put_retention_policy(group: str, days: i32) at 5 = "logs:PutRetentionPolicy",
        |client| client.put_retention_policy().log_group_name(group).retention_in_days(*days);
    delete_retention_policy(group: str) at 5 = "logs:DeleteRetentionPolicy",
        |client| client.delete_retention_policy().log_group_name(group);
    associate_kms_key(group: str, key: str) at 5 = "logs:AssociateKmsKey",
        |client| client.associate_kms_key().log_group_name(group).kms_key_id(key);
    disassociate_kms_key(group: str) at 5 = "logs:DisassociateKmsKey",
        |client| client.disassociate_kms_key().log_group_name(group);
    put_metric_filter(group: str, name: str, pattern: str, transformations: Value) at 5 = "logs:PutMetricFilter",
        |client| client.put_metric_filter().log_group_name(group).filter_name(name).filter_pattern(pattern)
            .set_metric_transformations(Some(Shape::read(transformations)?));
    delete_metric_filter(group: str, name: str) at 5 = "logs:DeleteMetricFilter",
        |client| client.delete_metric_filter().log_group_name(group).filter_name(name);
}
