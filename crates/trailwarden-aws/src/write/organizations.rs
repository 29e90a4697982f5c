//! Organizations: trusted access, policy types, policies and where they attach.

use aws_sdk_organizations::types::{PolicyType, Tag as SdkTag};
use trailwarden_model::plan::Tag;

use super::writes;

writes! { aws_sdk_organizations organizations;
    enable_service_access(service: str) at 1 = "organizations:EnableAWSServiceAccess",
        |client| client.enable_aws_service_access().service_principal(service);
    disable_service_access(service: str) at 1 = "organizations:DisableAWSServiceAccess",
        |client| client.disable_aws_service_access().service_principal(service);
    enable_policy_type(root: str, policy_type: str) at 1 = "organizations:EnablePolicyType",
        |client| client.enable_policy_type().root_id(root).policy_type(PolicyType::from(policy_type));
    create_policy(name: str, description: str, content: str, policy_type: str, tags: [Tag]) at 1 = "organizations:CreatePolicy",
        |client| {
            let call = client.create_policy().name(name).description(description).content(content);
            call.r#type(PolicyType::from(policy_type)).set_tags(Some(sdk_tags(tags)))
        };
    update_policy(policy: str, description: str, content: str) at 1 = "organizations:UpdatePolicy",
        |client| client.update_policy().policy_id(policy).description(description).content(content);
    delete_policy(policy: str) at 1 = "organizations:DeletePolicy",
        |client| client.delete_policy().policy_id(policy);
    attach_policy(policy: str, target: str) at 1 = "organizations:AttachPolicy",
        |client| client.attach_policy().policy_id(policy).target_id(target);
    detach_policy(policy: str, target: str) at 1 = "organizations:DetachPolicy",
        |client| client.detach_policy().policy_id(policy).target_id(target);
}

/// Tags without both parts are never planned; one would be left out.
fn sdk_tags(tags: &[Tag]) -> Vec<SdkTag> {
    tags.iter().filter_map(|tag| SdkTag::builder().key(&tag.key).value(&tag.value).build().ok()).collect()
}
