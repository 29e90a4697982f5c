//! A key: its policy is an argument of one that is created, and a resource of its own for one that exists.

use serde_json::Value;
use trailwarden_model::plan::{Aspect, Call, Step, normal_document};

use super::Drafter;
use crate::export::resource::Resource;
use crate::export::terraform::draft::{Draft, quoted};

impl<'a> Drafter<'a> {
    pub(super) fn key(&self, resource: &'a Resource<'a>, name: &str) -> Vec<Draft<'a>> {
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
            let first = normal_document(first);
            draft.document("policy", self.express.value(policy.unwrap_or(&first)));
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
}
