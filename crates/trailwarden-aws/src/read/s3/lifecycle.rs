//! S3: lifecycle rules, reduced to what decides how long log objects live.

use aws_sdk_s3::operation::get_bucket_lifecycle_configuration::GetBucketLifecycleConfigurationOutput;
use aws_sdk_s3::types;
use trailwarden_model::storage::{LifecycleRule, Transition};

use crate::catalog::{Read, reads};
use crate::gap::Failure;
use crate::read::convert::instant;
use crate::session::{Session, Site, at};

reads! {
    GET_LIFECYCLE = Read::regional("s3:GetBucketLifecycleConfiguration", 20).needs("s3:GetLifecycleConfiguration");
}

/// The rules; none when there is no configuration.
pub(crate) async fn rules(session: &Session, site: &Site, bucket: &str) -> Result<Vec<LifecycleRule>, Failure> {
    match configuration(session, site, bucket).await {
        Err(failure) if failure.code() == "NoSuchLifecycleConfiguration" => Ok(Vec::new()),
        answer => Ok(answer?.rules().iter().map(rule).collect()),
    }
}

/// The whole configuration; a failure when there is none.
pub(crate) async fn configuration(
    session: &Session,
    site: &Site,
    bucket: &str,
) -> Result<GetBucketLifecycleConfigurationOutput, Failure> {
    let call = session.clients.s3.get_bucket_lifecycle_configuration().bucket(bucket);
    let call = call.expected_bucket_owner(site.account.as_str());
    let call = || call.clone().customize().config_override(at!(aws_sdk_s3, site)).send();
    session.call(&GET_LIFECYCLE, site, call).await
}

fn rule(rule: &types::LifecycleRule) -> LifecycleRule {
    let filter = rule.filter();
    let all = filter.and_then(types::LifecycleRuleFilter::and);
    let transition = |transition: &types::Transition| Transition {
        days: transition.days(),
        storage_class: transition.storage_class().map(ToString::to_string).unwrap_or_default(),
    };
    LifecycleRule {
        id: rule.id().unwrap_or_default().to_owned(),
        enabled: *rule.status() == types::ExpirationStatus::Enabled,
        prefix: prefix(rule).unwrap_or_default().to_owned(),
        has_tag_filter: filter.is_some_and(|filter| filter.tag().is_some())
            || all.is_some_and(|all| !all.tags().is_empty()),
        size_greater_than: filter
            .and_then(|filter| filter.object_size_greater_than())
            .or_else(|| all.and_then(types::LifecycleRuleAndOperator::object_size_greater_than)),
        size_less_than: filter
            .and_then(|filter| filter.object_size_less_than())
            .or_else(|| all.and_then(types::LifecycleRuleAndOperator::object_size_less_than)),
        expiration_days: rule.expiration().and_then(types::LifecycleExpiration::days),
        expiration_date: instant(rule.expiration().and_then(types::LifecycleExpiration::date)),
        noncurrent_days: rule.noncurrent_version_expiration().and_then(|noncurrent| noncurrent.noncurrent_days()),
        newer_noncurrent_versions: rule
            .noncurrent_version_expiration()
            .and_then(|noncurrent| noncurrent.newer_noncurrent_versions()),
        transitions: rule.transitions().iter().map(transition).collect(),
    }
}

/// The prefix in its filter, in the filter's conjunction, or in the place older configurations have it.
fn prefix(rule: &types::LifecycleRule) -> Option<&str> {
    let in_filter = rule
        .filter()
        .and_then(|filter| filter.prefix().or_else(|| filter.and().and_then(types::LifecycleRuleAndOperator::prefix)));
    in_filter.or_else(|| legacy_prefix(rule))
}

#[expect(deprecated, reason = "buckets configured long ago still answer with it")]
fn legacy_prefix(rule: &types::LifecycleRule) -> Option<&str> {
    rule.prefix()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conjunction_keeps_prefix_tags_and_sizes() {
        let tag = types::Tag::builder().key("k").value("v").build().unwrap();
        let all =
            types::LifecycleRuleAndOperator::builder().prefix("AWSLogs/").tags(tag).object_size_less_than(9).build();
        let given = types::LifecycleRule::builder()
            .status(types::ExpirationStatus::Enabled)
            .filter(types::LifecycleRuleFilter::builder().and(all).build())
            .expiration(types::LifecycleExpiration::builder().days(30).build())
            .build()
            .unwrap();
        let expected = LifecycleRule {
            enabled: true,
            prefix: "AWSLogs/".to_owned(),
            has_tag_filter: true,
            size_less_than: Some(9),
            expiration_days: Some(30),
            ..LifecycleRule::default()
        };
        assert_eq!(rule(&given), expected);
    }
}
