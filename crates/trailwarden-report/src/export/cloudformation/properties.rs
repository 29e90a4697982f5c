//! The CloudFormation type and properties of one resource of a plan.

use serde_json::{Map, Value, json};
use trailwarden_model::plan::{Aspect, Call, normal_document};

use super::rules;
use crate::export::resource::{Kind, Resource};
use crate::export::rules::{As, Rule, rule};

/// A resource before its references are filled in.
pub(super) struct Draft {
    /// For example `AWS::S3::Bucket`.
    pub(super) kind: &'static str,
    pub(super) properties: Map<String, Value>,
    /// What there is no property for, with the step.
    pub(super) lost: Vec<(String, String)>,
}

impl Draft {
    fn new(kind: &'static str) -> Self {
        Self { kind, properties: Map::new(), lost: vec![] }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.properties.insert(name.to_owned(), value.into());
        self
    }

    /// Adds the members of a value by rules; what no rule has a word for is lost with its step.
    fn renamed(mut self, step: &str, value: &Value, rules: &[Rule]) -> Self {
        let (members, lost) = renamed(value, rules);
        self.properties.extend(members);
        self.lost.extend(lost.into_iter().map(|name| (step.to_owned(), name)));
        self
    }

    /// The same below a property.
    fn within(mut self, name: &str, step: &str, value: &Value, rules: &[Rule]) -> Self {
        let (members, lost) = renamed(value, rules);
        self.properties.insert(name.to_owned(), Value::Object(members));
        self.lost.extend(lost.into_iter().map(|lost| (step.to_owned(), lost)));
        self
    }
}

/// What becomes of a resource that the plan creates; otherwise why CloudFormation cannot say it.
pub(super) fn draft(resource: &Resource<'_>) -> Result<Draft, &'static str> {
    if resource.is_removed() {
        return Err("CloudFormation removes only what a stack of its has made");
    }
    let draft = match &resource.kind {
        Kind::TrustedAccess(_) => return Err("CloudFormation has no resource for trusted access"),
        Kind::PolicyType(_) => return Err("CloudFormation has no resource for policy types"),
        Kind::Tags(_) => return Err("tags are a property of the resource that has them"),
        Kind::EventDataStore(_) => return Err(EXISTS),
        _ if !resource.is_created() => return Err(EXISTS),
        Kind::AuthorizationPolicy(_) => policy(resource),
        Kind::Role(name) => role(resource, name),
        Kind::RolePolicy(role, name) => {
            let draft = Draft::new("AWS::IAM::RolePolicy").with("RoleName", role.as_str());
            draft.with("PolicyName", name.as_str()).with("PolicyDocument", last(resource).clone())
        }
        Kind::Key(_) => key(resource),
        Kind::KeyAlias(name) => {
            let target = last(resource).get("TargetKeyId").cloned().unwrap_or_default();
            Draft::new("AWS::KMS::Alias").with("AliasName", name.as_str()).with("TargetKeyId", target)
        }
        Kind::Bucket(name) => bucket(resource, name),
        Kind::BucketPolicy(name) => {
            let draft = Draft::new("AWS::S3::BucketPolicy").with("Bucket", name.as_str());
            draft.with("PolicyDocument", last(resource).clone())
        }
        Kind::LogGroup(name) => log_group(resource, name),
        Kind::MetricFilter(group, name) => {
            let draft = Draft::new("AWS::Logs::MetricFilter").with("LogGroupName", group.as_str());
            draft.with("FilterName", name.as_str()).renamed(resource.id(), last(resource), rules::METRIC_FILTER)
        }
        Kind::Alarm(_) => {
            let properties = last(resource).as_object().cloned().unwrap_or_default();
            Draft { properties, ..Draft::new("AWS::CloudWatch::Alarm") }
        }
        Kind::Topic(arn) => {
            let name = arn.rsplit(':').next().unwrap_or_default();
            with_tags(Draft::new("AWS::SNS::Topic").with("TopicName", name), resource)
        }
        Kind::TopicPolicy(arn) => {
            let draft = Draft::new("AWS::SNS::TopicPolicy").with("Topics", json!([arn]));
            draft.with("PolicyDocument", last(resource).clone())
        }
        Kind::Subscription(topic, protocol, endpoint) => {
            let draft = Draft::new("AWS::SNS::Subscription").with("TopicArn", topic.as_str());
            draft.with("Protocol", protocol.as_str()).with("Endpoint", endpoint.as_str())
        }
        Kind::Trail(_) => trail(resource),
        // The recorder is started by CloudFormation as soon as there is a delivery channel.
        Kind::ConfigRecorder => Draft::new("AWS::Config::ConfigurationRecorder").renamed(
            resource.id(),
            resource.after(|aspect| *aspect == Aspect::ConfigRecorder).unwrap_or(&Value::Null),
            rules::RECORDER,
        ),
        Kind::ConfigChannel => {
            Draft::new("AWS::Config::DeliveryChannel").renamed(resource.id(), last(resource), rules::CHANNEL)
        }
    };
    Ok(draft)
}

const EXISTS: &str = "it exists, and CloudFormation changes only what a stack of its has made or imported";

/// What the last step leads to.
fn last<'a>(resource: &Resource<'a>) -> &'a Value {
    resource.steps.last().map_or(&Value::Null, |step| &step.after)
}

fn with_tags(draft: Draft, resource: &Resource<'_>) -> Draft {
    let tags: Vec<Value> = resource.tags().iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    if tags.is_empty() { draft } else { draft.with("Tags", tags) }
}

/// Where it attaches is a property of the policy, so that CloudFormation knows no stages.
fn policy(resource: &Resource<'_>) -> Draft {
    let targets: Vec<&str> = resource
        .steps
        .iter()
        .filter_map(|step| match &step.call {
            Call::AttachPolicy { target_id, .. } => Some(target_id.as_str()),
            _ => None,
        })
        .collect();
    let draft = Draft::new("AWS::Organizations::Policy").with("TargetIds", json!(targets));
    let Some(Call::CreatePolicy { name, description, content, r#type, .. }) = resource.creation() else { return draft };
    let draft = draft.with("Name", name.as_str()).with("Description", description.as_str());
    with_tags(draft.with("Type", r#type.as_str()).with("Content", normal_document(content)), resource)
}

fn role(resource: &Resource<'_>, name: &str) -> Draft {
    match resource.creation() {
        Some(Call::CreateServiceLinkedRole { aws_service_name }) => {
            Draft::new("AWS::IAM::ServiceLinkedRole").with("AWSServiceName", aws_service_name.as_str())
        }
        call => {
            let trust = last(resource).get("AssumeRolePolicyDocument").cloned().unwrap_or_default();
            let draft = Draft::new("AWS::IAM::Role").with("RoleName", name).with("AssumeRolePolicyDocument", trust);
            let draft = match call {
                Some(Call::CreateRole { description, .. }) => draft.with("Description", description.as_str()),
                _ => draft,
            };
            with_tags(draft, resource)
        }
    }
}

fn key(resource: &Resource<'_>) -> Draft {
    let mut draft = Draft::new("AWS::KMS::Key");
    if let Some(Call::CreateKey { description, policy, .. }) = resource.creation() {
        let policy_after = resource.after(|aspect| matches!(aspect, Aspect::KeyPolicy { .. })).cloned();
        draft = draft.with("Description", description.as_str());
        draft = draft.with("KeyPolicy", policy_after.unwrap_or_else(|| normal_document(policy)));
    }
    if let Some(rotation) = resource.after(|aspect| matches!(aspect, Aspect::KeyRotation { .. })) {
        draft = draft.with("EnableKeyRotation", rotation.clone());
    }
    with_tags(draft, resource)
}

fn log_group(resource: &Resource<'_>, name: &str) -> Draft {
    let mut draft = Draft::new("AWS::Logs::LogGroup").with("LogGroupName", name);
    if let Some(Call::CreateLogGroup { kms_key_id: Some(key), .. }) = resource.creation() {
        draft = draft.with("KmsKeyId", key.as_str());
    }
    for step in &resource.steps {
        draft = draft.renamed(&step.id, &step.after, rules::LOG_GROUP);
    }
    with_tags(draft, resource)
}

fn trail(resource: &Resource<'_>) -> Draft {
    let is_logging = resource.after(|aspect| matches!(aspect, Aspect::TrailLogging { .. })).cloned();
    // CloudFormation wants to be told.
    let mut draft = Draft::new("AWS::CloudTrail::Trail").with("IsLogging", is_logging.unwrap_or(Value::Bool(false)));
    for step in &resource.steps {
        draft = match &step.subject.aspect {
            Aspect::Trail { .. } => draft.renamed(&step.id, &step.after, rules::TRAIL),
            Aspect::TrailSelectors { .. } => draft.renamed(&step.id, &step.after, rules::SELECTORS),
            Aspect::TrailInsights { .. } => draft.with("InsightSelectors", step.after.clone()),
            _ => draft,
        };
    }
    with_tags(draft, resource)
}

fn bucket(resource: &Resource<'_>, name: &str) -> Draft {
    let mut draft = Draft::new("AWS::S3::Bucket").with("BucketName", name);
    if let Some(Call::CreateBucket { object_lock_enabled_for_bucket: Some(true), .. }) = resource.creation() {
        draft = draft.with("ObjectLockEnabled", true);
    }
    for step in &resource.steps {
        let (id, after) = (&step.id, &step.after);
        draft = match &step.subject.aspect {
            Aspect::BucketPublicAccess { .. } => draft.with("PublicAccessBlockConfiguration", after.clone()),
            Aspect::BucketVersioning { .. } => draft.within("VersioningConfiguration", id, after, rules::VERSIONING),
            Aspect::BucketEncryption { .. } => draft.within("BucketEncryption", id, after, rules::ENCRYPTION),
            Aspect::BucketOwnership { .. } => draft.with("OwnershipControls", after.clone()),
            Aspect::BucketObjectLock { .. } => draft.with("ObjectLockConfiguration", after.clone()),
            Aspect::BucketLifecycle { .. } => draft.within("LifecycleConfiguration", id, after, rules::LIFECYCLE),
            Aspect::BucketLogging { .. } => draft.within("LoggingConfiguration", id, after, rules::LOGGING),
            _ => draft,
        };
    }
    draft
}

fn renamed(value: &Value, rules: &[Rule]) -> (Map<String, Value>, Vec<String>) {
    let (mut members, mut lost) = (Map::new(), Vec::new());
    for (name, member) in value.as_object().into_iter().flatten() {
        let Some((theirs, becomes)) = rule(rules, name) else {
            lost.push(name.clone());
            continue;
        };
        let below = |unsaid: Vec<String>| unsaid.into_iter().map(move |unsaid| format!("{name}.{unsaid}"));
        let value = match becomes {
            As::Said => continue,
            As::Same | As::Map => member.clone(),
            As::Text => Value::String(member.as_str().map_or_else(|| member.to_string(), str::to_owned)),
            As::Listed => json!([member]),
            As::Pairs => pairs(member),
            As::Beside(rules) => {
                let (beside, unsaid) = renamed(member, rules);
                members.extend(beside);
                lost.extend(below(unsaid));
                continue;
            }
            As::Nested(rules) => {
                let mut one = |item: &Value| {
                    let (nested, unsaid) = renamed(item, rules);
                    lost.extend(below(unsaid));
                    Value::Object(nested)
                };
                match member {
                    Value::Array(items) => items.iter().map(one).collect(),
                    item => one(item),
                }
            }
        };
        members.insert(theirs.to_owned(), value);
    }
    (members, lost)
}

fn pairs(map: &Value) -> Value {
    let members = map.as_object().into_iter().flatten();
    members.map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}
