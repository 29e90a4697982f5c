//! Whether another tool owns a resource, by its tags and name: it would change it back, so the change is handed over.

use serde_json::Value;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::plan::{Aspect, Hindrance};

use crate::bench::Bench;
use crate::facts::Stop;

/// Beginnings of names, with the tool that gives them.
const NAMES: [(&str, &str); 5] = [
    ("aws-controltower", "AWS Control Tower"),
    ("awscontroltower", "AWS Control Tower"),
    ("aws-accelerator", "Landing Zone Accelerator"),
    ("awsaccelerator", "Landing Zone Accelerator"),
    ("cdk-accel", "Landing Zone Accelerator"),
];

/// Beginnings of names of CloudFormation stacks of landing zones.
const STACKS: [(&str, &str); 4] = [
    ("stackset-awscontroltower", "AWS Control Tower"),
    ("awscontroltower", "AWS Control Tower"),
    ("awsaccelerator", "Landing Zone Accelerator"),
    ("stackset-awsaccelerator", "Landing Zone Accelerator"),
];

const STACK_TAG: &str = "aws:cloudformation:stack-name";

/// Keys of tags, in lower case, whose value names the tool that manages the resource.
const MANAGER_TAGS: [&str; 6] = ["managedby", "managed-by", "managed_by", "provisioner", "provisionedby", "createdby"];

impl Bench<'_> {
    /// Stops when another tool owns the resource and the user did not say to take it over.
    pub(crate) fn check_owner(
        &mut self,
        account: &AccountId,
        region: &Region,
        resource: &str,
        name: &str,
    ) -> Result<(), Stop> {
        if self.inputs.options.take_over.contains(resource) {
            return Ok(());
        }
        let tags = self.look(account, region, Aspect::Tags { resource: resource.to_owned() })?;
        let Some((tool, by)) = owner(&tags, name) else { return Ok(()) };
        let reason = format!("{name} belongs to {tool} ({by}), which would change it back");
        let hint = format!("change it there, or plan with --take-over {resource}");
        Err(Stop::new(Hindrance::OwnedElsewhere, reason).hint(hint))
    }
}

/// The tool that owns a resource and what shows it.
fn owner(tags: &Value, name: &str) -> Option<(String, String)> {
    let lower = name.to_ascii_lowercase();
    let by_name = NAMES.iter().find(|(start, _)| lower.starts_with(start) || lower.contains(&format!("/{start}")));
    if let Some((_, tool)) = by_name {
        return Some(((*tool).to_owned(), "by its name".to_owned()));
    }
    let tags = tags.as_object()?;
    let text = |key: &str| tags.get(key).and_then(Value::as_str);
    if let Some(stack) = text(STACK_TAG) {
        let landing = STACKS.iter().find(|(start, _)| stack.to_ascii_lowercase().starts_with(start));
        let tool = landing.map_or("CloudFormation", |(_, tool)| tool);
        return Some((tool.to_owned(), format!("stack {stack}")));
    }
    tags.iter().find_map(|(key, value)| {
        let (lower, value) = (key.to_ascii_lowercase(), value.as_str().unwrap_or_default());
        let says = value.to_ascii_lowercase();
        let by = || format!("tag {key}={value}");
        match lower.as_str() {
            "accelerator" | "accel-p" => Some(("Landing Zone Accelerator".to_owned(), by())),
            "terraform" | "opentofu" if says != "false" && says != "no" => Some(("Terraform".to_owned(), by())),
            key if MANAGER_TAGS.contains(&key) => ["terraform", "opentofu", "pulumi", "cloudformation", "cdk"]
                .into_iter()
                .find(|tool| says.contains(tool))
                .map(|tool| (tool.to_owned(), by())),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tags_and_names_tell_the_owner() {
        let tool = |tags: Value, name: &str| owner(&tags, name).map(|(tool, _)| tool);
        assert_eq!(tool(json!({}), "org-trail"), None);
        assert_eq!(tool(Value::Null, "org-trail"), None);
        assert_eq!(tool(json!({"Terraform": "true"}), "t").as_deref(), Some("Terraform"));
        assert_eq!(tool(json!({"terraform": "false"}), "t"), None);
        assert_eq!(tool(json!({"ManagedBy": "Terraform Cloud"}), "t").as_deref(), Some("terraform"));
        assert_eq!(tool(json!({"ManagedBy": "ana"}), "t"), None);
        assert_eq!(tool(json!({STACK_TAG: "audit"}), "t").as_deref(), Some("CloudFormation"));
        let landing = json!({STACK_TAG: "StackSet-AWSControlTowerBP-BASELINE-CLOUDTRAIL-1"});
        assert_eq!(tool(landing, "t").as_deref(), Some("AWS Control Tower"));
        assert_eq!(tool(json!({}), "aws-controltower-BaselineCloudTrail").as_deref(), Some("AWS Control Tower"));
    }
}
