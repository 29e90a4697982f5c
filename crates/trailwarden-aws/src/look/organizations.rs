//! Organizations: trusted access, policy types, policies and where they attach.

use aws_sdk_organizations::types::PolicyType;
use serde_json::{Map, Value, json};
use trailwarden_model::plan::normal_document;

use crate::catalog::{Read, reads};
use crate::gap::Failure;
use crate::read::organizations::guards;
use crate::read::{organizations, pages};
use crate::session::{Session, Site, at};

reads! {
    LIST_POLICIES_OF = Read::organization("organizations:ListPoliciesForTarget", 5, 8);
    LIST_TAGS = Read::organization("organizations:ListTagsForResource", 5, 8);
}

/// How the keys of tags begin that plans set.
const OWN_TAGS: &str = "trailwarden";

pub(super) async fn trusted_access(session: &Session, site: &Site, service: &str) -> Result<Value, Failure> {
    Ok(Value::Bool(guards::trusted_services(session, site).await?.contains(service)))
}

pub(super) async fn policy_type(session: &Session, site: &Site, policy_type: &str) -> Result<Value, Failure> {
    let root = organizations::root(session, site).await?;
    Ok(Value::Bool(root.enabled_policy_types.contains(policy_type)))
}

pub(super) async fn policy(session: &Session, site: &Site, policy_type: &str, name: &str) -> Result<Value, Failure> {
    let all = guards::policies(session, site, &PolicyType::from(policy_type)).await?;
    let Some(found) = all.into_iter().find(|policy| policy.name == name) else { return Ok(Value::Null) };
    let document = guards::policy(session, site, &found.id).await?;
    let mut seen = json!({"Id": found.id, "Content": normal_document(&document.content)});
    if let Some(members) = seen.as_object_mut() {
        members.extend(
            document.description.filter(|text| !text.is_empty()).map(|text| ("Description".to_owned(), json!(text))),
        );
        let tags = tags(session, site, &found.id).await?;
        members.extend((!tags.is_empty()).then(|| ("Tags".to_owned(), Value::Object(tags))));
    }
    Ok(seen)
}

/// The tags that plans set: those of others are no business of a plan.
async fn tags(session: &Session, site: &Site, id: &str) -> Result<Map<String, Value>, Failure> {
    let tags = pages::all(|token| async move {
        let call = session.clients.organizations.list_tags_for_resource().resource_id(id).set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_organizations, site)).send();
        let answer = session.call(&LIST_TAGS, site, call).await?;
        let tags = answer.tags().iter().map(|tag| (tag.key().to_owned(), json!(tag.value())));
        Ok((tags.collect::<Vec<_>>(), answer.next_token().map(str::to_owned)))
    })
    .await?;
    Ok(tags.into_iter().filter(|(key, _)| key.starts_with(OWN_TAGS)).collect())
}

pub(super) async fn attachment(
    session: &Session,
    site: &Site,
    policy_type: &str,
    (policy, target): (&str, &str),
) -> Result<Value, Failure> {
    let of_type = &PolicyType::from(policy_type);
    let attached = pages::all(|token| async move {
        let call = session.clients.organizations.list_policies_for_target().target_id(target).filter(of_type.clone());
        let call = call.set_next_token(token);
        let call = || call.clone().customize().config_override(at!(aws_sdk_organizations, site)).send();
        let answer = session.call(&LIST_POLICIES_OF, site, call).await?;
        let ids = answer.policies().iter().filter_map(|policy| policy.id().map(str::to_owned));
        Ok((ids.collect::<Vec<_>>(), answer.next_token().map(str::to_owned)))
    })
    .await?;
    Ok(Value::Bool(attached.iter().any(|id| id == policy)))
}
