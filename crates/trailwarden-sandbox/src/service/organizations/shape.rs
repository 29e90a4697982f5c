//! The JSON shapes of Organizations.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use trailwarden_model::ids::AccountId;

use super::{check_length, constraint, invalid};
use crate::error::AwsError;
use crate::world::organizations::{Member, Organization, Policy};

/// A time as AWS JSON writes it: seconds since 1970, with milliseconds.
pub fn time(timestamp: jiff::Timestamp) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of our century fit a double exactly")]
    let seconds = timestamp.as_millisecond() as f64 / 1000.0;
    json!(seconds)
}

fn arn(organization: &Organization, partition: &str, kind: &str, id: &str) -> String {
    format!("arn:{partition}:organizations::{}:{kind}/{}/{id}", organization.management_account, organization.id)
}

pub fn organization(organization: &Organization, partition: &str) -> Value {
    let management = &organization.management_account;
    let email = organization.accounts.get(management).map(|member| member.email.clone());
    json!({"Organization": {
        "Id": organization.id,
        "Arn": format!("arn:{partition}:organizations::{management}:organization/{}", organization.id),
        "FeatureSet": organization.feature_set,
        "MasterAccountId": management.as_str(),
        "MasterAccountArn": arn(organization, partition, "account", management.as_str()),
        "MasterAccountEmail": email,
        "AvailablePolicyTypes": [],
    }})
}

/// The legacy `Status` of an account's `State`.
fn status(state: &str) -> &str {
    match state {
        "CLOSED" => "SUSPENDED",
        "PENDING_ACTIVATION" => "ACTIVE",
        other => other,
    }
}

fn path(organization: &Organization, account: &AccountId) -> String {
    format!("{}/{}/", organization.id, organization.path(account).join("/"))
}

pub fn account(organization: &Organization, partition: &str, id: &AccountId, member: &Member) -> Value {
    json!({
        "Id": id.as_str(),
        "Arn": arn(organization, partition, "account", id.as_str()),
        "Email": member.email,
        "Name": member.name,
        "Status": status(&member.state),
        "State": member.state,
        "Paths": [path(organization, id)],
        "JoinedMethod": member.joined_method,
        "JoinedTimestamp": time(member.joined),
    })
}

pub fn delegated(organization: &Organization, partition: &str, id: &AccountId) -> Option<Value> {
    let member = organization.accounts.get(id)?;
    let since = organization.delegated.get(id)?.values().min()?;
    let mut shape = account(organization, partition, id, member);
    if let Some(members) = shape.as_object_mut() {
        members.remove("State");
        members.remove("Paths");
        members.insert("DelegationEnabledDate".to_owned(), time(*since));
    }
    Some(shape)
}

pub fn root(organization: &Organization, partition: &str) -> Value {
    let types: Vec<Value> =
        organization.policy_types.iter().map(|(kind, status)| json!({"Type": kind, "Status": status})).collect();
    json!({
        "Id": organization.root,
        "Arn": arn(organization, partition, "root", &organization.root),
        "Name": "Root",
        "PolicyTypes": types,
    })
}

pub fn unit(organization: &Organization, partition: &str, id: &str) -> Option<Value> {
    let unit = organization.units.get(id)?;
    let mut path = vec![id.to_owned()];
    let mut parent = unit.parent.clone();
    while let Some(above) = organization.units.get(&parent) {
        path.push(std::mem::replace(&mut parent, above.parent.clone()));
    }
    path.push(parent);
    path.reverse();
    Some(json!({
        "Id": id,
        "Arn": arn(organization, partition, "ou", id),
        "Name": unit.name,
        "Path": format!("{}/{}/", organization.id, path.join("/")),
    }))
}

pub fn policy_summary(organization: &Organization, partition: &str, id: &str, policy: &Policy) -> Value {
    let kind = policy.kind.to_lowercase();
    let arn = if policy.aws_managed {
        format!("arn:{partition}:organizations::aws:policy/{kind}/{id}")
    } else {
        format!(
            "arn:{partition}:organizations::{}:policy/{}/{kind}/{id}",
            organization.management_account, organization.id
        )
    };
    json!({
        "Id": id,
        "Arn": arn,
        "Name": policy.name,
        "Description": policy.description,
        "Type": policy.kind,
        "AwsManaged": policy.aws_managed,
    })
}

pub fn policy(organization: &Organization, partition: &str, id: &str, policy: &Policy) -> Value {
    json!({"Policy": {
        "PolicySummary": policy_summary(organization, partition, id, policy),
        "Content": policy.content,
    }})
}

/// A node that a policy is attached to.
pub fn target(organization: &Organization, partition: &str, id: &str) -> Option<Value> {
    let (kind, short, name) = if id == organization.root {
        ("ROOT", "root", "Root".to_owned())
    } else if let Some(unit) = organization.units.get(id) {
        ("ORGANIZATIONAL_UNIT", "ou", unit.name.clone())
    } else {
        ("ACCOUNT", "account", organization.accounts.get(&id.parse().ok()?)?.name.clone())
    };
    Some(json!({"TargetId": id, "Arn": arn(organization, partition, short, id), "Name": name, "Type": kind}))
}

pub fn tags(organization: &Organization, id: &str) -> Vec<Value> {
    organization.tags.get(id).into_iter().flatten().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

/// The most tags of one resource.
const MOST_TAGS: usize = 50;

/// The tags of a resource with those of a request, `[{Key, Value}]`, added.
pub fn checked_tags(
    organization: &Organization,
    id: &str,
    sent: Option<&Value>,
) -> Result<BTreeMap<String, String>, AwsError> {
    let mut tags = organization.tags.get(id).cloned().unwrap_or_default();
    for tag in sent.and_then(Value::as_array).into_iter().flatten() {
        let text = |member: &str| tag.get(member).and_then(Value::as_str);
        let (Some(key), Some(value)) = (text("Key").filter(|key| !key.is_empty()), text("Value")) else {
            return Err(invalid("INPUT_REQUIRED", "A tag needs Key and Value."));
        };
        check_length("Key", key, 128)?;
        check_length("Value", value, 256)?;
        if key.starts_with("aws:") {
            return Err(invalid("INVALID_SYSTEM_TAGS_PARAMETER", "Tags that begin with aws: belong to AWS."));
        }
        tags.insert(key.to_owned(), value.to_owned());
    }
    if tags.len() > MOST_TAGS {
        return Err(constraint("MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags for this resource."));
    }
    Ok(tags)
}
