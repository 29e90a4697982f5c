//! The resources of Terraform that stand for one resource of a plan.

use hcl::{Expression, Structure};
use serde_json::{Value, json};
use trailwarden_model::plan::{Aspect, Call, Step};

use super::draft::{Draft, Express, attribute, block, label, quoted, traversal};
use super::rules::{self};
use crate::export::resource::{Kind, Resource, exists};
use crate::export::rules::Rule;

/// What a resource comes to: drafts, or why there is none.
pub(super) type Drafted<'a> = Result<Vec<Draft<'a>>, String>;

/// Drafts the resources of one provider.
pub(super) struct Drafter<'a> {
    pub(super) express: Express<'a>,
}

impl<'a> Drafter<'a> {
    pub(super) fn drafts(&self, resource: &'a Resource<'a>) -> Drafted<'a> {
        if resource.is_removed() {
            return Err("Terraform removes only what it has in its state".to_owned());
        }
        match &resource.kind {
            Kind::TrustedAccess(_) => Err(
                "trusted access is an argument of aws_organizations_organization, which holds the whole organization"
                    .to_owned(),
            ),
            Kind::Role(name) => Ok(vec![self.role(resource, name)]),
            Kind::RolePolicy(role, name) => {
                let mut draft = self.whole(resource, "aws_iam_role_policy", &format!("{role}:{name}"));
                draft.argument("role", self.link(resource, &Kind::Role(role.clone()), "aws_iam_role", "name", role));
                draft.argument("name", quoted(name));
                Ok(vec![self.with_document(draft, "policy")])
            }
            Kind::Key(name) => Ok(self.key(resource, name)),
            Kind::KeyAlias(name) => {
                let mut draft = self.whole(resource, "aws_kms_alias", name);
                draft.argument("name", quoted(name));
                self.rename(&mut draft, &[("TargetKeyId", "target_key_id", crate::export::rules::As::Same)]);
                Ok(vec![draft])
            }
            Kind::Bucket(name) => Ok(self.bucket(resource, name)),
            Kind::BucketPolicy(name) => {
                let mut draft = self.whole(resource, "aws_s3_bucket_policy", name);
                draft.argument("bucket", self.bucket_name(resource, name));
                Ok(vec![self.with_document(draft, "policy")])
            }
            Kind::LogGroup(name) => Ok(vec![self.log_group(resource, name)]),
            Kind::MetricFilter(group, name) => {
                let mut draft = self.whole(resource, "aws_cloudwatch_log_metric_filter", &format!("{group}:{name}"));
                draft.argument("name", quoted(name));
                let kind = Kind::LogGroup(group.clone());
                draft.argument("log_group_name", self.link(resource, &kind, "aws_cloudwatch_log_group", "name", group));
                self.rename(&mut draft, rules::METRIC_FILTER);
                Ok(vec![draft])
            }
            Kind::Alarm(name) => {
                let mut draft = self.whole(resource, "aws_cloudwatch_metric_alarm", name);
                self.rename(&mut draft, rules::ALARM);
                Ok(vec![draft])
            }
            Kind::Topic(arn) => {
                let mut draft = self.whole(resource, "aws_sns_topic", arn);
                draft.argument("name", quoted(arn.rsplit(':').next().unwrap_or_default()));
                Ok(vec![self.with_tags(draft, resource)])
            }
            Kind::TopicPolicy(arn) => {
                let mut draft = self.whole(resource, "aws_sns_topic_policy", arn);
                draft.argument("arn", self.topic(resource, arn));
                Ok(vec![self.with_document(draft, "policy")])
            }
            Kind::Subscription(topic, protocol, endpoint) => {
                let mut draft = self.whole(resource, "aws_sns_topic_subscription", "");
                draft.argument("topic_arn", self.topic(resource, topic));
                draft.argument("protocol", quoted(protocol));
                draft.argument("endpoint", quoted(endpoint));
                Ok(vec![draft])
            }
            Kind::Trail(arn) => self.trail(resource, arn),
            Kind::EventDataStore(_) => {
                Err("aws_cloudtrail_event_data_store needs the name of the store, which the plan does not hold"
                    .to_owned())
            }
            Kind::ConfigRecorder => Ok(self.recorder(resource)),
            Kind::ConfigChannel => {
                let name = text_member(resource.steps.last().copied(), "name");
                let mut draft = self.whole(resource, "aws_config_delivery_channel", &name);
                self.rename(&mut draft, rules::CHANNEL);
                Ok(vec![draft])
            }
            Kind::Tags(_) => Err("tags are an argument of the resource that has them".to_owned()),
        }
    }

    /// An empty draft for some steps of a resource.
    fn draft(
        &self,
        resource: &Resource<'_>,
        kind: &'static str,
        steps: Vec<&'a Step>,
        import: Option<String>,
    ) -> Draft<'a> {
        let first = steps.first().map_or("", |step| step.id.as_str());
        let provider = super::provider(resource.place);
        let label = label(resource, first);
        Draft { kind, label, provider, steps, members: vec![], ignored: vec![], import, lost: vec![] }
    }

    /// A draft for a whole resource, imported when it exists.
    fn whole(&self, resource: &'a Resource<'a>, kind: &'static str, id: &str) -> Draft<'a> {
        let is_there = resource.steps.first().is_some_and(|step| exists(step)) || !resource.is_created();
        // What a step creates has settings that AWS made; it need not be imported.
        let is_new = resource
            .steps
            .first()
            .is_some_and(|step| matches!(step.before, trailwarden_model::plan::Before::CreatedBy(_)));
        self.draft(resource, kind, resource.steps.clone(), (is_there && !is_new).then(|| id.to_owned()))
    }

    /// A draft for one setting that is a resource of its own in Terraform.
    fn setting(&self, resource: &'a Resource<'a>, kind: &'static str, step: &'a Step, id: &str) -> Draft<'a> {
        self.draft(resource, kind, vec![step], exists(step).then(|| id.to_owned()))
    }

    /// Adds the members of what the last step leads to.
    fn rename(&self, draft: &mut Draft<'a>, rules: &[Rule]) {
        if let Some(step) = draft.steps.last().copied() {
            self.rename_step(draft, step, rules);
        }
    }

    fn rename_step(&self, draft: &mut Draft<'a>, step: &'a Step, rules: &[Rule]) {
        let (members, lost) = self.express.members(&step.after, rules);
        draft.members.extend(members);
        draft.lost.extend(lost.into_iter().map(|name| (step.id.clone(), name)));
    }

    fn with_document(&self, mut draft: Draft<'a>, name: &str) -> Draft<'a> {
        let document = draft.steps.last().map(|step| self.express.document(&step.after));
        document.into_iter().for_each(|document| draft.argument(name, document));
        draft
    }

    fn with_tags(&self, mut draft: Draft<'a>, resource: &Resource<'_>) -> Draft<'a> {
        let tags = resource.tags();
        if !tags.is_empty() {
            draft.argument("tags", self.express.value(&json!(tags)));
        }
        draft
    }

    /// A reference to what the same file creates, or its name.
    fn link(&self, from: &Resource<'_>, kind: &Kind, terraform: &str, attribute: &str, name: &str) -> Expression {
        let all = &self.express.resources.all;
        let made = all.iter().find(|other| {
            other.place.account == from.place.account
                && other.kind == *kind
                && other.is_created()
                && other.id() < from.id()
        });
        match made {
            Some(made) => traversal(&format!("{terraform}.{}.{attribute}", label(made, made.id()))),
            None => self.express.text(name),
        }
    }

    fn bucket_name(&self, from: &Resource<'_>, name: &str) -> Expression {
        self.link(from, &Kind::Bucket(name.to_owned()), "aws_s3_bucket", "bucket", name)
    }

    fn topic(&self, from: &Resource<'_>, arn: &str) -> Expression {
        self.link(from, &Kind::Topic(arn.to_owned()), "aws_sns_topic", "arn", arn)
    }

    fn role(&self, resource: &'a Resource<'a>, name: &str) -> Draft<'a> {
        if let Some(Call::CreateServiceLinkedRole { aws_service_name }) = resource.creation() {
            let mut draft = self.whole(resource, "aws_iam_service_linked_role", name);
            draft.argument("aws_service_name", quoted(aws_service_name));
            return draft;
        }
        let mut draft = self.whole(resource, "aws_iam_role", name);
        draft.argument("name", quoted(name));
        let trust = resource.steps.last().and_then(|step| step.after.get("AssumeRolePolicyDocument"));
        draft.argument("assume_role_policy", self.express.document(trust.unwrap_or(&Value::Null)));
        match resource.creation() {
            Some(Call::CreateRole { description, .. }) => draft.argument("description", quoted(description)),
            _ => draft.ignored = vec!["description", "max_session_duration", "path", "permissions_boundary", "tags"],
        }
        self.with_tags(draft, resource)
    }

    fn key(&self, resource: &'a Resource<'a>, name: &str) -> Vec<Draft<'a>> {
        let id = name.rsplit('/').next().unwrap_or_default();
        let policy = resource.step(|aspect| matches!(aspect, Aspect::KeyPolicy { .. }));
        let is_created = resource.is_created();
        let of_key = |step: &&&Step| is_created || !matches!(step.subject.aspect, Aspect::KeyPolicy { .. });
        let steps: Vec<&Step> = resource.steps.iter().filter(of_key).copied().collect();
        let mut drafts = Vec::new();
        if !steps.is_empty() {
            let mut draft = self.draft(resource, "aws_kms_key", steps, (!is_created).then(|| id.to_owned()));
            self.key_arguments(&mut draft, resource, policy.map(|step| &step.after));
            drafts.push(self.with_tags(draft, resource));
        }
        if let (false, Some(step)) = (is_created, policy) {
            let mut draft = self.setting(resource, "aws_kms_key_policy", step, id);
            draft.argument("key_id", quoted(id));
            drafts.push(self.with_document(draft, "policy"));
        }
        drafts
    }

    fn key_arguments(&self, draft: &mut Draft<'a>, resource: &Resource<'_>, policy: Option<&Value>) {
        let mut ignored = vec!["description", "policy", "tags"];
        if let Some(Call::CreateKey { description, policy: first, .. }) = resource.creation() {
            draft.argument("description", self.express.text(description));
            let first = trailwarden_model::plan::normal_document(first);
            draft.argument("policy", self.express.document(policy.unwrap_or(&first)));
            ignored.clear();
        }
        match resource.after(|aspect| matches!(aspect, Aspect::KeyRotation { .. })) {
            Some(rotation) => draft.argument("enable_key_rotation", self.express.value(rotation)),
            None if !ignored.is_empty() => ignored.extend(["enable_key_rotation", "rotation_period_in_days"]),
            None => {}
        }
        match resource.after(|aspect| matches!(aspect, Aspect::Key { .. })).and_then(|key| key.get("KeyState")) {
            Some(state) => draft.argument("is_enabled", *state == "Enabled"),
            None if !ignored.is_empty() => ignored.push("is_enabled"),
            None => {}
        }
        draft.ignored = ignored;
    }

    fn log_group(&self, resource: &'a Resource<'a>, name: &str) -> Draft<'a> {
        let mut draft = self.whole(resource, "aws_cloudwatch_log_group", name);
        draft.argument("name", quoted(name));
        let mut known = serde_json::Map::new();
        if let Some(Call::CreateLogGroup { kms_key_id: Some(key), .. }) = resource.creation() {
            known.insert("kmsKeyId".to_owned(), key.as_str().into());
        }
        for step in &resource.steps {
            known.extend(step.after.as_object().cloned().unwrap_or_default());
        }
        let (members, _) = self.express.members(&Value::Object(known.clone()), rules::LOG_GROUP);
        draft.members.extend(members);
        if !resource.is_created() {
            let is_set = |aspect: fn(&Aspect) -> bool| resource.step(aspect).is_some();
            draft.ignored = vec!["log_group_class", "skip_destroy", "tags"];
            if !is_set(|aspect| matches!(aspect, Aspect::LogGroupRetention { .. } | Aspect::LogGroup { .. })) {
                draft.ignored.push("retention_in_days");
            }
            if !is_set(|aspect| matches!(aspect, Aspect::LogGroupKey { .. } | Aspect::LogGroup { .. })) {
                draft.ignored.push("kms_key_id");
            }
        }
        self.with_tags(draft, resource)
    }

    fn recorder(&self, resource: &'a Resource<'a>) -> Vec<Draft<'a>> {
        let mut drafts = Vec::new();
        if let Some(step) = resource.step(|aspect| *aspect == Aspect::ConfigRecorder) {
            let name = text_member(Some(step), "name");
            let mut draft = self.setting(resource, "aws_config_configuration_recorder", step, &name);
            self.rename(&mut draft, rules::RECORDER);
            drafts.push(draft);
        }
        if let Some(step) = resource.step(|aspect| *aspect == Aspect::ConfigRecording) {
            let name = match &step.call {
                Call::StartConfigurationRecorder { configuration_recorder_name }
                | Call::StopConfigurationRecorder { configuration_recorder_name } => {
                    configuration_recorder_name.as_str()
                }
                _ => "default",
            };
            let mut draft = self.setting(resource, "aws_config_configuration_recorder_status", step, name);
            draft.argument("name", quoted(name));
            draft.argument("is_enabled", self.express.value(&step.after));
            drafts.push(draft);
        }
        drafts
    }

    fn trail(&self, resource: &'a Resource<'a>, arn: &str) -> Drafted<'a> {
        let Some(step) = resource.step(|aspect| matches!(aspect, Aspect::Trail { .. })) else {
            return Err("aws_cloudtrail is imported as a whole, and the plan holds only some of the trail's settings"
                .to_owned());
        };
        let mut draft = self.whole(resource, "aws_cloudtrail", arn);
        self.rename_step(&mut draft, step, rules::TRAIL);
        let is_created = resource.is_created();
        match resource.after(|aspect| matches!(aspect, Aspect::TrailLogging { .. })) {
            Some(logging) => draft.argument("enable_logging", self.express.value(logging)),
            None if is_created => draft.argument("enable_logging", false),
            None => draft.ignored.push("enable_logging"),
        }
        match resource.step(|aspect| matches!(aspect, Aspect::TrailSelectors { .. })) {
            Some(step) => self.rename_step(&mut draft, step, rules::SELECTORS),
            None if is_created => {}
            None => draft.ignored.extend(["advanced_event_selector", "event_selector"]),
        }
        match resource.step(|aspect| matches!(aspect, Aspect::TrailInsights { .. })) {
            Some(step) => self.insights(&mut draft, step),
            None if is_created => {}
            None => draft.ignored.push("insight_selector"),
        }
        if !is_created {
            draft.ignored.push("tags");
        }
        draft.members.sort_by_key(|member| matches!(member, Structure::Block(_)));
        Ok(vec![self.with_tags(draft, resource)])
    }

    /// The provider knows no categories of events: what it sets is for management events.
    fn insights(&self, draft: &mut Draft<'a>, step: &'a Step) {
        for one in step.after.as_array().into_iter().flatten() {
            let kind = one.get("InsightType").map(|kind| self.express.value(kind));
            draft.block("insight_selector", kind.into_iter().map(|kind| attribute("insight_type", kind)).collect());
            if one.get("EventCategories").is_some_and(|categories| *categories != json!(["Management"])) {
                draft.lost.push((step.id.clone(), "EventCategories".to_owned()));
            }
        }
    }

    fn bucket(&self, resource: &'a Resource<'a>, name: &str) -> Vec<Draft<'a>> {
        resource.steps.iter().map(|&step| self.bucket_setting(resource, step, name)).collect()
    }

    fn bucket_setting(&self, resource: &'a Resource<'a>, step: &'a Step, name: &str) -> Draft<'a> {
        let kind = match &step.subject.aspect {
            Aspect::BucketPublicAccess { .. } => "aws_s3_bucket_public_access_block",
            Aspect::BucketVersioning { .. } => "aws_s3_bucket_versioning",
            Aspect::BucketEncryption { .. } => "aws_s3_bucket_server_side_encryption_configuration",
            Aspect::BucketOwnership { .. } => "aws_s3_bucket_ownership_controls",
            Aspect::BucketObjectLock { .. } => "aws_s3_bucket_object_lock_configuration",
            Aspect::BucketLifecycle { .. } => "aws_s3_bucket_lifecycle_configuration",
            Aspect::BucketLogging { .. } => "aws_s3_bucket_logging",
            _ => "aws_s3_bucket",
        };
        let mut draft = self.setting(resource, kind, step, name);
        match &step.call {
            Call::CreateBucket { object_lock_enabled_for_bucket, .. } => {
                draft.argument("bucket", quoted(name));
                object_lock_enabled_for_bucket.iter().for_each(|lock| draft.argument("object_lock_enabled", *lock));
                return draft;
            }
            _ if resource.is_created() => {
                draft
                    .argument("bucket", traversal(&format!("aws_s3_bucket.{}.bucket", label(resource, resource.id()))));
            }
            _ => draft.argument("bucket", quoted(name)),
        }
        match &step.subject.aspect {
            Aspect::BucketPublicAccess { .. } => self.rename(&mut draft, rules::PUBLIC_ACCESS),
            Aspect::BucketEncryption { .. } => self.rename(&mut draft, rules::ENCRYPTION),
            Aspect::BucketOwnership { .. } => self.rename(&mut draft, rules::OWNERSHIP),
            Aspect::BucketObjectLock { .. } => self.rename(&mut draft, rules::OBJECT_LOCK),
            Aspect::BucketLifecycle { .. } => self.rename(&mut draft, rules::LIFECYCLE),
            Aspect::BucketLogging { .. } => self.rename(&mut draft, rules::LOGGING),
            _ => {
                let (members, _) = self.express.members(&step.after, rules::VERSIONING);
                draft.members.push(block("versioning_configuration", members).into());
            }
        }
        draft
    }
}

fn text_member(step: Option<&Step>, name: &str) -> String {
    let member = step.and_then(|step| step.after.get(name)).and_then(Value::as_str);
    member.unwrap_or_default().to_owned()
}
