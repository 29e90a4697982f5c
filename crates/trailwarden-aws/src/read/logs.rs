//! CloudWatch Logs: the log group of a trail.

use trailwarden_model::storage::LogGroupDetail;

use crate::catalog::{Read, reads};
use crate::gap::Failure;
use crate::read::convert::text;
use crate::read::pages;
use crate::session::{Session, Site, at};

reads! {
    DESCRIBE_LOG_GROUPS = Read::regional("logs:DescribeLogGroups", 10);
}

/// The group with exactly this name; none when there is none. AWS searches by prefix only.
pub(crate) async fn group(session: &Session, site: &Site, name: &str) -> Result<Option<LogGroupDetail>, Failure> {
    let groups = pages::all(|token| async move {
        let call = session.clients.logs.describe_log_groups().log_group_name_prefix(name);
        let call = call.limit(50).set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_cloudwatchlogs, site)).send();
        let answer = session.call(&DESCRIBE_LOG_GROUPS, site, call).await?;
        let exact = answer.log_groups().iter().filter(|group| group.log_group_name() == Some(name));
        Ok((exact.cloned().collect(), answer.next_token().map(str::to_owned)))
    })
    .await?;
    Ok(groups.first().map(|group| LogGroupDetail {
        retention_days: group.retention_in_days(),
        kms_key: text(group.kms_key_id()),
        class: group.log_group_class().map_or_else(|| "STANDARD".to_owned(), ToString::to_string),
        is_account_retention: group.retention_policy_name().is_some(),
    }))
}
