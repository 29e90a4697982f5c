//! A policy of the organization, and each of its attachments, which are resources of their own in Terraform.

use trailwarden_model::plan::{Aspect, Call, Step, normal_document};

use super::Drafter;
use crate::export::resource::Resource;
use crate::export::terraform::draft::{Draft, quoted};

impl<'a> Drafter<'a> {
    pub(super) fn policy(&self, resource: &'a Resource<'a>) -> Vec<Draft<'a>> {
        resource.steps.iter().map(|&step| self.policy_step(resource, step)).collect()
    }

    fn policy_step(&self, resource: &'a Resource<'a>, step: &'a Step) -> Draft<'a> {
        match &step.call {
            Call::AttachPolicy { policy_id, target_id } => {
                let mut draft = self.setting(resource, "aws_organizations_policy_attachment", step, "");
                draft.label = format!("{}_{target_id}", draft.label);
                draft.import = None;
                draft.argument("policy_id", self.express.text(policy_id));
                draft.with("target_id", quoted(target_id))
            }
            Call::CreatePolicy { name, description, content, r#type, .. } => {
                let mut draft = self.setting(resource, "aws_organizations_policy", step, "");
                draft.argument("name", quoted(name));
                draft.argument("description", quoted(description));
                draft.argument("type", quoted(r#type));
                draft.document("content", self.express.value(&normal_document(content)));
                self.with_tags(draft, resource)
            }
            Call::UpdatePolicy { policy_id, description, content } => {
                let mut draft = self.setting(resource, "aws_organizations_policy", step, policy_id);
                if let Aspect::AuthorizationPolicy { policy_type, name } = &step.subject.aspect {
                    draft.argument("name", quoted(name));
                    draft.argument("type", quoted(policy_type));
                }
                draft.argument("description", quoted(description));
                draft.document("content", self.express.value(&normal_document(content)));
                // One that exists keeps its tags.
                draft.ignored.push("tags");
                draft
            }
            _ => self.setting(resource, "aws_organizations_policy", step, ""),
        }
    }
}
