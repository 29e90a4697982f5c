//! Tags of a resource, by the service that its ARN names.

use serde_json::Value;
use trailwarden_model::ids::Arn;

use crate::catalog::{Read, reads};
use crate::gap::{Failure, unexpected};
use crate::read::{pages, sts};
use crate::session::{Session, Site, at};
use crate::shape::tag_object;

reads! {
    LIST_TRAIL_TAGS = Read::regional("cloudtrail:ListTags", 10);
    LIST_ROLE_TAGS = Read::global("iam:ListRoleTags", 10);
    LIST_KEY_TAGS = Read::regional("kms:ListResourceTags", 50);
    LIST_GROUP_TAGS = Read::regional("logs:ListTagsForResource", 5);
    GET_BUCKET_TAGS = Read::regional("s3:GetBucketTagging", 20);
    LIST_TOPIC_TAGS = Read::regional("sns:ListTagsForResource", 10);
}

/// The reads for one resource; all of them while only a step knows its ARN.
pub(super) fn reads(resource: &str) -> &'static [Read] {
    match service(resource).as_deref() {
        Some("cloudtrail") => &[LIST_TRAIL_TAGS],
        Some("iam") => &[LIST_ROLE_TAGS],
        Some("kms") => &[LIST_KEY_TAGS],
        Some("logs") => &[LIST_GROUP_TAGS],
        Some("s3") => &[GET_BUCKET_TAGS],
        Some("sns") => &[LIST_TOPIC_TAGS],
        _ => READS,
    }
}

fn service(resource: &str) -> Option<String> {
    resource.parse().ok().map(|arn: Arn| arn.service().to_owned())
}

/// True for what IAM owns.
pub(super) fn is_role(resource: &str) -> bool {
    service(resource).as_deref() == Some("iam")
}

pub(super) async fn tags(session: &Session, site: &Site, resource: &str) -> Result<Value, Failure> {
    let unknown = || {
        let reason = format!("nothing is known of tags of {resource:?}");
        unexpected(&LIST_TRAIL_TAGS, &site.account, &site.region, &reason)
    };
    let arn: Arn = resource.parse().map_err(|_| unknown())?;
    match arn.service() {
        "cloudtrail" => of_trail(session, site, resource).await,
        "iam" => of_role(session, site, sts::role_name(&arn)).await,
        "kms" => of_key(session, site, resource).await,
        "logs" => of_group(session, site, resource.trim_end_matches(":*")).await,
        "s3" => of_bucket(session, site, arn.resource()).await,
        "sns" => of_topic(session, site, resource).await,
        _ => Err(unknown()),
    }
}

/// Of a trail or an event data store.
async fn of_trail(session: &Session, site: &Site, resource: &str) -> Result<Value, Failure> {
    let tags = pages::all(|token| async move {
        let call = session.clients.cloudtrail.list_tags().resource_id_list(resource).set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_cloudtrail, site)).send();
        let answer = session.call(&LIST_TRAIL_TAGS, site, call).await?;
        let tags = answer.resource_tag_list().iter().flat_map(|resource| resource.tags_list().to_vec());
        Ok((tags.collect(), answer.next_token().map(str::to_owned)))
    })
    .await?;
    Ok(tag_object(tags.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default()))))
}

async fn of_role(session: &Session, site: &Site, role: &str) -> Result<Value, Failure> {
    let tags = pages::all(|marker| async move {
        let call = session.clients.iam.list_role_tags().role_name(role).set_marker(marker);
        let call = || call.clone().customize().config_override(at!(aws_sdk_iam, site)).send();
        let answer = session.call(&LIST_ROLE_TAGS, site, call).await?;
        Ok((answer.tags().to_vec(), answer.marker().map(str::to_owned)))
    })
    .await?;
    Ok(tag_object(tags.into_iter().map(|tag| (tag.key, tag.value))))
}

pub(super) async fn of_key(session: &Session, site: &Site, key: &str) -> Result<Value, Failure> {
    let tags = pages::all(|marker| async move {
        let call = session.clients.kms.list_resource_tags().key_id(key).set_marker(marker);
        let call = || call.clone().customize().config_override(at!(aws_sdk_kms, site)).send();
        let answer = session.call(&LIST_KEY_TAGS, site, call).await?;
        Ok((answer.tags().to_vec(), answer.next_marker().map(str::to_owned)))
    })
    .await?;
    Ok(tag_object(tags.into_iter().map(|tag| (tag.tag_key, tag.tag_value))))
}

async fn of_group(session: &Session, site: &Site, group: &str) -> Result<Value, Failure> {
    let call = session.clients.logs.list_tags_for_resource().resource_arn(group);
    let call = || call.clone().customize().config_override(at!(aws_sdk_cloudwatchlogs, site)).send();
    let answer = session.call(&LIST_GROUP_TAGS, site, call).await?;
    Ok(tag_object(answer.tags.unwrap_or_default()))
}

async fn of_bucket(session: &Session, site: &Site, bucket: &str) -> Result<Value, Failure> {
    let call = session.clients.s3.get_bucket_tagging().bucket(bucket).expected_bucket_owner(site.account.as_str());
    let call = || call.clone().customize().config_override(at!(aws_sdk_s3, site)).send();
    let tags = match session.call(&GET_BUCKET_TAGS, site, call).await {
        Err(failure) if failure.code() == "NoSuchTagSet" => Vec::new(),
        answer => answer?.tag_set,
    };
    Ok(tag_object(tags.into_iter().map(|tag| (tag.key, tag.value))))
}

async fn of_topic(session: &Session, site: &Site, topic: &str) -> Result<Value, Failure> {
    let call = session.clients.sns.list_tags_for_resource().resource_arn(topic);
    let call = || call.clone().customize().config_override(at!(aws_sdk_sns, site)).send();
    let answer = session.call(&LIST_TOPIC_TAGS, site, call).await?;
    Ok(tag_object(answer.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value))))
}
