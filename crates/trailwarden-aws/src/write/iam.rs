//! IAM: the role that delivers to a log group, and service-linked roles.

use serde_json::json;
use trailwarden_model::plan::Tag;

use super::writes;
use crate::shape::Shape;

writes! { aws_sdk_iam iam;
    create_service_linked_role(service: str) at 5 = "iam:CreateServiceLinkedRole",
        |client| client.create_service_linked_role().aws_service_name(service);
    create_role(role: str, trust: str, description: str, tags: [Tag]) at 5 = "iam:CreateRole",
        |client| client.create_role().role_name(role).assume_role_policy_document(trust).description(description)
            .set_tags(Some(Shape::read(&json!(tags))?));
    delete_role(role: str) at 5 = "iam:DeleteRole", |client| client.delete_role().role_name(role);
    update_assume_role_policy(role: str, policy: str) at 5 = "iam:UpdateAssumeRolePolicy",
        |client| client.update_assume_role_policy().role_name(role).policy_document(policy);
    put_role_policy(role: str, name: str, policy: str) at 5 = "iam:PutRolePolicy",
        |client| client.put_role_policy().role_name(role).policy_name(name).policy_document(policy);
    delete_role_policy(role: str, name: str) at 5 = "iam:DeleteRolePolicy",
        |client| client.delete_role_policy().role_name(role).policy_name(name);
}
