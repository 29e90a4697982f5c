//! S3: what protects the logs in a bucket: Object Lock, access logging, replication.

use aws_sdk_s3::types;
use trailwarden_model::storage::{AccessLogging, DefaultRetention, ObjectLock, ReplicationRule};

use crate::catalog::{Read, reads};
use crate::gap::{Failure, unexpected};
use crate::session::{Session, Site, at};

reads! {
    GET_OBJECT_LOCK =
        Read::regional("s3:GetObjectLockConfiguration", 20).needs("s3:GetBucketObjectLockConfiguration");
    GET_LOGGING = Read::regional("s3:GetBucketLogging", 20);
    GET_REPLICATION = Read::regional("s3:GetBucketReplication", 20).needs("s3:GetReplicationConfiguration");
}

/// Object Lock; none when the bucket never had it, which is for good.
pub(crate) async fn object_lock(session: &Session, site: &Site, bucket: &str) -> Result<Option<ObjectLock>, Failure> {
    let Some(lock) = lock_configuration(session, site, bucket).await? else { return Ok(None) };
    let Some(retention) = lock.rule().and_then(types::ObjectLockRule::default_retention) else {
        return Ok(Some(ObjectLock { default_retention: None }));
    };
    let reason = "the default retention has no mode, or neither days nor years";
    let retention = default_retention(retention);
    let retention = retention.ok_or_else(|| unexpected(&GET_OBJECT_LOCK, &site.account, &site.region, reason))?;
    Ok(Some(ObjectLock { default_retention: Some(retention) }))
}

/// The Object Lock configuration as S3 has it; none when the bucket never had it.
pub(crate) async fn lock_configuration(
    session: &Session,
    site: &Site,
    bucket: &str,
) -> Result<Option<types::ObjectLockConfiguration>, Failure> {
    let call = session.clients.s3.get_object_lock_configuration().bucket(bucket);
    let call = call.expected_bucket_owner(site.account.as_str());
    let call = || call.clone().customize().config_override(at!(aws_sdk_s3, site)).send();
    let answer = match session.call(&GET_OBJECT_LOCK, site, call).await {
        Err(failure) if failure.code().starts_with("ObjectLockConfigurationNotFound") => return Ok(None),
        answer => answer?,
    };
    Ok(answer.object_lock_configuration.filter(|lock| lock.object_lock_enabled().is_some()))
}

fn default_retention(retention: &types::DefaultRetention) -> Option<DefaultRetention> {
    let days = retention.days().filter(|days| *days > 0).or_else(|| retention.years()?.checked_mul(365))?;
    Some(DefaultRetention { mode: retention.mode()?.as_str().to_owned(), days: days.try_into().ok()? })
}

/// Server access logging; none when it is off.
pub(crate) async fn access_logging(
    session: &Session,
    site: &Site,
    bucket: &str,
) -> Result<Option<AccessLogging>, Failure> {
    Ok(logging_enabled(session, site, bucket).await?.map(|logging| AccessLogging {
        bucket: logging.target_bucket().to_owned(),
        prefix: logging.target_prefix().to_owned(),
    }))
}

/// Server access logging as S3 has it; none when it is off.
pub(crate) async fn logging_enabled(
    session: &Session,
    site: &Site,
    bucket: &str,
) -> Result<Option<types::LoggingEnabled>, Failure> {
    let call = session.clients.s3.get_bucket_logging().bucket(bucket).expected_bucket_owner(site.account.as_str());
    let call = || call.clone().customize().config_override(at!(aws_sdk_s3, site)).send();
    Ok(session.call(&GET_LOGGING, site, call).await?.logging_enabled)
}

/// The replication rules; none when there is no configuration.
pub(crate) async fn replication(session: &Session, site: &Site, bucket: &str) -> Result<Vec<ReplicationRule>, Failure> {
    let call = session.clients.s3.get_bucket_replication().bucket(bucket).expected_bucket_owner(site.account.as_str());
    let call = || call.clone().customize().config_override(at!(aws_sdk_s3, site)).send();
    let answer = match session.call(&GET_REPLICATION, site, call).await {
        Err(failure) if failure.code() == "ReplicationConfigurationNotFoundError" => return Ok(Vec::new()),
        answer => answer?,
    };
    let rules = answer.replication_configuration().map(types::ReplicationConfiguration::rules).unwrap_or_default();
    let reason = "the answer holds a rule without a destination";
    let missing = || unexpected(&GET_REPLICATION, &site.account, &site.region, reason);
    rules.iter().map(|rule| replication_rule(rule).ok_or_else(missing)).collect()
}

fn replication_rule(rule: &types::ReplicationRule) -> Option<ReplicationRule> {
    let filter = rule.filter();
    let all = filter.and_then(types::ReplicationRuleFilter::and);
    let in_filter = filter.and_then(types::ReplicationRuleFilter::prefix);
    let prefix = in_filter.or_else(|| all.and_then(types::ReplicationRuleAndOperator::prefix));
    let destination = rule.destination()?;
    Some(ReplicationRule {
        id: rule.id().unwrap_or_default().to_owned(),
        enabled: *rule.status() == types::ReplicationRuleStatus::Enabled,
        prefix: prefix.or_else(|| legacy_prefix(rule)).unwrap_or_default().to_owned(),
        has_tag_filter: filter.is_some_and(|filter| filter.tag().is_some())
            || all.is_some_and(|all| !all.tags().is_empty()),
        destination: destination.bucket().to_owned(),
        account: destination.account().and_then(|account| account.parse().ok()),
    })
}

#[expect(deprecated, reason = "rules of the first version of replication still answer with it")]
fn legacy_prefix(rule: &types::ReplicationRule) -> Option<&str> {
    rule.prefix()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_retention_in_years_counts_365_days_each() {
        let retention = types::DefaultRetention::builder().mode(types::ObjectLockRetentionMode::Compliance);
        let days = |retention: types::DefaultRetention| default_retention(&retention).map(|retention| retention.days);
        assert_eq!(days(retention.clone().years(2).build()), Some(730));
        assert_eq!(days(retention.clone().days(400).build()), Some(400));
        assert_eq!(days(retention.clone().days(0).years(1).build()), Some(365), "as some stand-ins for AWS answer");
        assert_eq!(days(retention.build()), None);
    }

    #[test]
    fn a_rule_keeps_the_prefix_of_its_conjunction_and_the_account_it_names() {
        let tag = types::Tag::builder().key("k").value("v").build().unwrap();
        let all = types::ReplicationRuleAndOperator::builder().prefix("AWSLogs/").tags(tag).build();
        let destination = types::Destination::builder().bucket("arn:aws:s3:::copy").account("111122223333").build();
        let rule = types::ReplicationRule::builder()
            .status(types::ReplicationRuleStatus::Enabled)
            .filter(types::ReplicationRuleFilter::builder().and(all).build())
            .destination(destination.unwrap())
            .build()
            .unwrap();
        let expected = ReplicationRule {
            id: String::new(),
            enabled: true,
            prefix: "AWSLogs/".to_owned(),
            has_tag_filter: true,
            destination: "arn:aws:s3:::copy".to_owned(),
            account: Some("111122223333".parse().unwrap()),
        };
        assert_eq!(replication_rule(&rule), Some(expected));
    }
}
