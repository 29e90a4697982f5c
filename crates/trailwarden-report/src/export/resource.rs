//! Which resource a step belongs to: steps on settings of one resource are one resource in a language of desired state.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use trailwarden_model::plan::{Aspect, Before, Call, Place, Plan, Step, StepId};

use super::outputs::{Piece, pieces};

/// What a resource is, with what names it in its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    TrustedAccess(String),
    PolicyType(String),
    /// Its name, or the id of one that the plan does not create; with where it attaches.
    AuthorizationPolicy(String),
    Role(String),
    /// Role and policy.
    RolePolicy(String, String),
    /// Its ARN, or the tag of one that the plan creates.
    Key(String),
    KeyAlias(String),
    Bucket(String),
    BucketPolicy(String),
    LogGroup(String),
    /// Log group and filter.
    MetricFilter(String, String),
    Alarm(String),
    Topic(String),
    TopicPolicy(String),
    /// Topic, protocol and endpoint.
    Subscription(String, String, String),
    Trail(String),
    EventDataStore(String),
    ConfigRecorder,
    ConfigChannel,
    /// Tags of a resource that the plan does not name otherwise.
    Tags(String),
}

/// A resource with the steps on it.
#[derive(Debug)]
pub(super) struct Resource<'a> {
    pub(super) place: &'a Place,
    pub(super) kind: Kind,
    /// In the order of the plan; never empty.
    pub(super) steps: Vec<&'a Step>,
}

/// All resources of a plan, in the order of their first steps.
#[derive(Debug)]
pub(super) struct Resources<'a> {
    pub(super) all: Vec<Resource<'a>>,
    /// The place in `all` of each step's resource.
    owners: BTreeMap<&'a str, usize>,
}

impl<'a> Resources<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        let mut resources = Self { all: Vec::new(), owners: BTreeMap::new() };
        for step in &plan.steps {
            let (place, kind) = (&step.subject.place, resources.kind(&step.subject.aspect));
            let index = resources.all.iter().position(|other| other.place == place && other.kind == kind);
            let index = index.unwrap_or_else(|| {
                resources.all.push(Resource { place, kind, steps: vec![] });
                resources.all.len() - 1
            });
            resources.owners.insert(&step.id, index);
            resources.all.iter_mut().skip(index).take(1).for_each(|resource| resource.steps.push(step));
        }
        resources
    }

    /// The resource that a step is on.
    pub(super) fn of_step(&self, step: &str) -> Option<&Resource<'a>> {
        self.all.get(*self.owners.get(step)?)
    }

    /// Steps on other resources that must be done before some of these. Only of resources that the plan begins with
    /// earlier: merged into resources, steps could wait for each other otherwise.
    pub(super) fn needs(&self, steps: &[&Step]) -> BTreeSet<&'a StepId> {
        let position = |id: &str| self.owners.get(id).copied();
        let own = steps.iter().filter_map(|step| position(&step.id)).min().unwrap_or_default();
        let is_earlier = |id: &str| position(id).is_some_and(|index| index < own);
        let needed: BTreeSet<&str> = steps.iter().flat_map(|step| step.needs.iter().map(String::as_str)).collect();
        let earlier = self.all.iter().flat_map(|resource| resource.steps.iter().map(|step| &step.id));
        earlier.filter(|id| needed.contains(id.as_str()) && is_earlier(id)).collect()
    }

    fn kind(&self, aspect: &Aspect) -> Kind {
        match aspect {
            Aspect::TrustedAccess { service } => Kind::TrustedAccess(service.clone()),
            Aspect::PolicyType { policy_type } => Kind::PolicyType(policy_type.clone()),
            Aspect::AuthorizationPolicy { name, .. } => Kind::AuthorizationPolicy(name.clone()),
            Aspect::PolicyAttachment { policy, .. } => {
                self.created(policy).unwrap_or_else(|| Kind::AuthorizationPolicy(policy.clone()))
            }
            Aspect::Role { name } => Kind::Role(name.clone()),
            Aspect::RolePolicy { role, name } => Kind::RolePolicy(role.clone(), name.clone()),
            Aspect::TaggedKey { tag } => Kind::Key(tag.clone()),
            Aspect::Key { key }
            | Aspect::KeyDeletion { key }
            | Aspect::KeyPolicy { key }
            | Aspect::KeyRotation { key } => self.created(key).unwrap_or_else(|| Kind::Key(key.clone())),
            Aspect::KeyAlias { name } => Kind::KeyAlias(name.clone()),
            Aspect::Bucket { bucket }
            | Aspect::BucketPublicAccess { bucket }
            | Aspect::BucketVersioning { bucket }
            | Aspect::BucketEncryption { bucket }
            | Aspect::BucketOwnership { bucket }
            | Aspect::BucketObjectLock { bucket }
            | Aspect::BucketLifecycle { bucket }
            | Aspect::BucketLogging { bucket } => Kind::Bucket(bucket.clone()),
            Aspect::BucketPolicy { bucket } => Kind::BucketPolicy(bucket.clone()),
            Aspect::LogGroup { group } | Aspect::LogGroupRetention { group } | Aspect::LogGroupKey { group } => {
                Kind::LogGroup(group.clone())
            }
            Aspect::MetricFilter { group, name } => Kind::MetricFilter(group.clone(), name.clone()),
            Aspect::Alarm { name } => Kind::Alarm(name.clone()),
            Aspect::Topic { topic } => self.created(topic).unwrap_or_else(|| Kind::Topic(topic.clone())),
            Aspect::TopicPolicy { topic } => Kind::TopicPolicy(topic.clone()),
            Aspect::Subscription { topic, protocol, endpoint } => {
                Kind::Subscription(topic.clone(), protocol.clone(), endpoint.clone())
            }
            Aspect::Trail { trail }
            | Aspect::TrailLogging { trail }
            | Aspect::TrailSelectors { trail }
            | Aspect::TrailInsights { trail } => self.created(trail).unwrap_or_else(|| Kind::Trail(trail.clone())),
            Aspect::EventDataStore { store } => Kind::EventDataStore(store.clone()),
            Aspect::ConfigRecorder | Aspect::ConfigRecording => Kind::ConfigRecorder,
            Aspect::ConfigChannel => Kind::ConfigChannel,
            Aspect::Tags { resource } => self.created(resource).unwrap_or_else(|| Kind::Tags(resource.clone())),
        }
    }

    /// What an earlier step creates, when the name is what that step leaves behind.
    fn created(&self, name: &str) -> Option<Kind> {
        match pieces(name).as_slice() {
            [Piece::Output(step, _)] => Some(self.of_step(step)?.kind.clone()),
            _ => None,
        }
    }
}

impl<'a> Resource<'a> {
    /// The id of its first step, which tells it from all others.
    pub(super) fn id(&self) -> &'a str {
        self.steps.first().map_or("", |step| step.id.as_str())
    }

    /// The last step on an aspect.
    pub(super) fn step(&self, is_wanted: fn(&Aspect) -> bool) -> Option<&'a Step> {
        self.steps.iter().rev().find(|step| is_wanted(&step.subject.aspect)).copied()
    }

    /// What an aspect is like after the plan; none when the plan does not set it.
    pub(super) fn after(&self, is_wanted: fn(&Aspect) -> bool) -> Option<&'a Value> {
        self.step(is_wanted).map(|step| &step.after)
    }

    /// True when the plan creates it.
    pub(super) fn is_created(&self) -> bool {
        let first = self.steps.first();
        first.is_some_and(|step| is_whole(&step.subject.aspect) && !exists(step) && !step.after.is_null())
    }

    /// True when the plan removes it.
    pub(super) fn is_removed(&self) -> bool {
        self.steps.iter().any(|step| is_whole(&step.subject.aspect) && step.after.is_null())
    }

    /// The input of the call that creates it.
    pub(super) fn creation(&self) -> Option<&'a Call> {
        self.is_created().then(|| self.steps.first().map(|step| &step.call)).flatten()
    }

    /// The tags that it is created with.
    pub(super) fn tags(&self) -> BTreeMap<&'a str, &'a str> {
        let pairs: Vec<(&str, &str)> = match self.creation() {
            Some(Call::CreateRole { tags, .. } | Call::CreateTopic { tags, .. } | Call::CreatePolicy { tags, .. }) => {
                tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect()
            }
            Some(Call::CreateTrail(input)) => {
                input.tags_list.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect()
            }
            Some(Call::CreateKey { tags, .. }) => {
                tags.iter().map(|tag| (tag.tag_key.as_str(), tag.tag_value.as_str())).collect()
            }
            Some(Call::CreateLogGroup { tags, .. }) => {
                tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
            }
            _ => vec![],
        };
        pairs.into_iter().collect()
    }
}

/// True when the subject of a step is there before it.
pub(super) fn exists(step: &Step) -> bool {
    matches!(&step.before, Before::Is(value) if !value.is_null())
}

/// True for aspects whose being there is the resource's being there.
fn is_whole(aspect: &Aspect) -> bool {
    matches!(
        aspect,
        Aspect::AuthorizationPolicy { .. }
            | Aspect::Role { .. }
            | Aspect::RolePolicy { .. }
            | Aspect::TaggedKey { .. }
            | Aspect::KeyAlias { .. }
            | Aspect::Bucket { .. }
            | Aspect::BucketPolicy { .. }
            | Aspect::LogGroup { .. }
            | Aspect::MetricFilter { .. }
            | Aspect::Alarm { .. }
            | Aspect::Topic { .. }
            | Aspect::TopicPolicy { .. }
            | Aspect::Subscription { .. }
            | Aspect::Trail { .. }
            | Aspect::EventDataStore { .. }
            | Aspect::ConfigRecorder
            | Aspect::ConfigChannel
    )
}
