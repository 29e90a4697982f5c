//! The resources of Terraform that stand for one resource of a plan.

use hcl::Expression;
use serde_json::{Value, json};
use trailwarden_model::plan::{Aspect, Call, Step};

use super::draft::{Draft, Express, label, quoted, traversal};
use super::rules;
use crate::export::resource::{Kind, Resource, exists};
use crate::export::rules::Rule;

mod bucket;
mod key;
mod policy;
mod trail;

pub(super) const REMOVAL: &str = "Terraform removes only what it has in its state";
const TRUSTED_ACCESS: &str =
    "trusted access is an argument of aws_organizations_organization, which holds the whole organization";
const POLICY_TYPE: &str =
    "a policy type is an argument of aws_organizations_organization, which holds the whole organization";
const EVENT_DATA_STORE: &str =
    "aws_cloudtrail_event_data_store needs the name of the store, which the plan does not hold";

/// What a resource comes to: drafts, or why there is none.
pub(super) type Drafted<'a> = Result<Vec<Draft<'a>>, String>;

/// Drafts the resources of one provider.
pub(super) struct Drafter<'a> {
    pub(super) express: Express<'a>,
}

impl<'a> Drafter<'a> {
    pub(super) fn drafts(&self, resource: &'a Resource<'a>) -> Drafted<'a> {
        if resource.is_removed() {
            return Err(REMOVAL.to_owned());
        }
        let draft = match &resource.kind {
            Kind::TrustedAccess(_) => return Err(TRUSTED_ACCESS.to_owned()),
            Kind::PolicyType(_) => return Err(POLICY_TYPE.to_owned()),
            Kind::EventDataStore(_) => return Err(EVENT_DATA_STORE.to_owned()),
            Kind::AuthorizationPolicy(_) => return Ok(self.policy(resource)),
            Kind::Tags(_) => return Err("tags are an argument of the resource that has them".to_owned()),
            Kind::Key(name) => return Ok(self.key(resource, name)),
            Kind::Bucket(name) => return Ok(self.bucket(resource, name)),
            Kind::Trail(arn) => return self.trail(resource, arn),
            Kind::ConfigRecorder => return Ok(self.recorder(resource)),
            Kind::Role(name) => self.role(resource, name),
            Kind::RolePolicy(role, name) => {
                let draft = self.whole(resource, "aws_iam_role_policy", &format!("{role}:{name}"));
                let role = self.link(resource, &Kind::Role(role.clone()), "aws_iam_role", "name", role);
                self.with_document(draft.with("role", role).with("name", quoted(name)), "policy")
            }
            Kind::KeyAlias(name) => {
                let draft = self.whole(resource, "aws_kms_alias", name);
                self.renamed(draft.with("name", quoted(name)), rules::KEY_ALIAS)
            }
            Kind::BucketPolicy(name) => {
                let bucket = self.link(resource, &Kind::Bucket(name.clone()), "aws_s3_bucket", "bucket", name);
                let draft = self.whole(resource, "aws_s3_bucket_policy", name);
                self.with_document(draft.with("bucket", bucket), "policy")
            }
            Kind::LogGroup(name) => self.log_group(resource, name),
            Kind::MetricFilter(group, name) => {
                let draft = self.whole(resource, "aws_cloudwatch_log_metric_filter", &format!("{group}:{name}"));
                let kind = Kind::LogGroup(group.clone());
                let group = self.link(resource, &kind, "aws_cloudwatch_log_group", "name", group);
                let draft = draft.with("name", quoted(name)).with("log_group_name", group);
                self.renamed(draft, rules::METRIC_FILTER)
            }
            Kind::Alarm(name) => self.renamed(self.whole(resource, "aws_cloudwatch_metric_alarm", name), rules::ALARM),
            Kind::Topic(arn) => {
                let name = quoted(arn.rsplit(':').next().unwrap_or_default());
                self.with_tags(self.whole(resource, "aws_sns_topic", arn).with("name", name), resource)
            }
            Kind::TopicPolicy(arn) => {
                let draft = self.whole(resource, "aws_sns_topic_policy", arn);
                self.with_document(draft.with("arn", self.topic(resource, arn)), "policy")
            }
            Kind::Subscription(topic, protocol, endpoint) => {
                let draft = self.whole(resource, "aws_sns_topic_subscription", "");
                let draft = draft.with("topic_arn", self.topic(resource, topic));
                draft.with("protocol", quoted(protocol)).with("endpoint", quoted(endpoint))
            }
            Kind::ConfigChannel => {
                let name = text_member(resource.steps.last().copied(), "name");
                self.renamed(self.whole(resource, "aws_config_delivery_channel", &name), rules::CHANNEL)
            }
        };
        Ok(vec![draft])
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
        Draft {
            kind,
            label,
            provider,
            steps,
            members: vec![],
            documents: vec![],
            ignored: vec![],
            import,
            lost: vec![],
        }
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

    fn renamed(&self, mut draft: Draft<'a>, rules: &[Rule]) -> Draft<'a> {
        self.rename(&mut draft, rules);
        draft
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
        let document = draft.steps.last().map(|step| self.express.value(&step.after));
        document.into_iter().for_each(|document| draft.document(name, document));
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
        let earlier = self.express.resources.all.iter().take_while(|other| other.id() != from.id());
        let mut fitting = earlier.filter(|other| other.place.account == from.place.account && other.kind == *kind);
        let made = fitting.find(|other| other.is_created());
        match made {
            Some(made) => traversal(&format!("{terraform}.{}.{attribute}", label(made, made.id()))),
            None => self.express.text(name),
        }
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
        draft.document("assume_role_policy", self.express.value(trust.unwrap_or(&Value::Null)));
        match resource.creation() {
            Some(Call::CreateRole { description, .. }) => draft.argument("description", quoted(description)),
            _ => draft.ignored = vec!["description", "max_session_duration", "path", "permissions_boundary", "tags"],
        }
        self.with_tags(draft, resource)
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
}

fn text_member(step: Option<&Step>, name: &str) -> String {
    let member = step.and_then(|step| step.after.get(name)).and_then(Value::as_str);
    member.unwrap_or_default().to_owned()
}
