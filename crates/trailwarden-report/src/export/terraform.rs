//! A plan as Terraform: what exists afterwards, one resource for the steps on it. What exists already is imported.

mod blocks;
mod draft;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use hcl::{Block, Body, Expression};
use trailwarden_model::plan::{Place, Plan, StepId};

use self::blocks::{Drafter, REMOVAL};
use self::draft::{Draft, Express, attribute, block, quoted, traversal, variable_name};
use super::Access;
use super::outputs;
use super::provenance::{comments, provenance};
use super::resource::Resources;
use crate::ReportError;

const ABOUT: &str = "
Needs Terraform 1.5 or later, or OpenTofu, and the AWS provider 5 or 6. Every resource is what the plan leads to; what
exists is imported with the whole of what the plan knows of it, and what the plan does not know is left as it is by
ignore_changes. Terraform does not look at the plan's preconditions: read what `terraform plan` says before it is
applied.";

/// Renders a plan as one file of Terraform.
///
/// # Errors
/// [`ReportError::Hcl`] when the writer refuses a value.
pub fn terraform(plan: &Plan, access: &Access<'_>) -> Result<String, ReportError> {
    let resources = Resources::new(plan);
    let drafter = Drafter { express: Express { resources: &resources } };
    let (mut drafts, mut unsaid) = (Vec::new(), Vec::new());
    for resource in &resources.all {
        match drafter.drafts(resource) {
            Ok(some) => {
                drafts.extend(some);
                let removed = resource.steps.iter().filter(|step| step.after.is_null());
                unsaid.extend(removed.map(|step| format!("{}: {REMOVAL}", step.id)));
            }
            Err(reason) => unsaid.extend(resource.steps.iter().map(|step| format!("{}: {reason}", step.id))),
        }
    }
    let lost = drafts.iter().flat_map(|draft| draft.lost.iter());
    unsaid.extend(lost.map(|(step, name)| format!("{step}: there is no argument for {name}")));
    unsaid.sort();
    wait(plan, &mut drafts);
    let places: BTreeSet<&Place> =
        drafts.iter().filter_map(|draft| Some(&draft.steps.first()?.subject.place)).collect();
    let mut body = vec![settings()];
    body.extend(places.into_iter().map(|place| provider_block(plan, place, access)));
    body.extend(variables(plan, &drafter.express));
    body.extend(drafts.into_iter().flat_map(Draft::blocks));
    let text = hcl::format::to_string(&Body::from(body)).map_err(|source| ReportError::Hcl { source })?;
    Ok(format!("{}\n{text}", head(plan, &unsaid)))
}

fn head(plan: &Plan, unsaid: &[String]) -> String {
    let mut lines = provenance(plan);
    lines.extend(ABOUT.lines().map(str::to_owned));
    if !unsaid.is_empty() {
        lines.extend([String::new(), "Not expressed here, and to be done otherwise:".to_owned()]);
        lines.extend(unsaid.iter().map(|step| format!("  {step}")));
    }
    comments(&lines)
}

/// What a resource must be made after, by the addresses of what stands for those steps. Only of what begins earlier in
/// the plan: merged into resources, steps could wait for each other otherwise.
fn wait(plan: &Plan, drafts: &mut [Draft<'_>]) {
    let position = |id: &str| plan.steps.iter().position(|step| step.id == id).unwrap_or_default();
    let begins = |draft: &Draft<'_>| draft.steps.first().map_or(0, |step| position(&step.id));
    let addresses: BTreeMap<&StepId, (usize, String)> = drafts
        .iter()
        .flat_map(|draft| draft.steps.iter().map(|step| (&step.id, (begins(draft), draft.address()))))
        .collect();
    for draft in drafts {
        let own = begins(draft);
        let needed = draft.steps.iter().flat_map(|step| &step.needs).filter_map(|id| addresses.get(id));
        let needed: BTreeSet<&String> =
            needed.filter(|(begins, _)| *begins < own).map(|(_, address)| address).collect();
        if !needed.is_empty() {
            let list: Expression = needed.into_iter().map(|address| traversal(address)).collect();
            draft.argument("depends_on", list);
        }
    }
}

fn settings() -> Block {
    let aws = Expression::from_iter([("source", quoted("hashicorp/aws")), ("version", quoted(">= 5.0, < 7.0"))]);
    let providers = block("required_providers", vec![attribute("aws", aws)]);
    block("terraform", vec![attribute("required_version", quoted(">= 1.5")), providers.into()])
}

/// The address of the provider of a place.
fn provider(place: &Place) -> String {
    format!("aws.{}", alias(place))
}

fn alias(place: &Place) -> String {
    format!("a{}_{}", place.account, place.region.as_str().replace('-', "_"))
}

fn provider_block(plan: &Plan, place: &Place, access: &Access<'_>) -> Block {
    let account = &place.account;
    let mut members = vec![
        attribute("alias", quoted(&alias(place))),
        attribute("region", quoted(place.region.as_str())),
        attribute("allowed_account_ids", Expression::from_iter([quoted(account.as_str())])),
    ];
    if account != access.caller {
        let role = format!("arn:{}:iam::{account}:role/{}", plan.partition, access.role);
        members.push(block("assume_role", vec![attribute("role_arn", quoted(&role))]).into());
    }
    Block::builder("provider").add_label("aws").add_structures(members).build()
}

/// A variable for what no resource of the file has.
fn variables(plan: &Plan, express: &Express<'_>) -> Vec<Block> {
    let all: BTreeSet<(String, String)> =
        plan.steps.iter().flat_map(|step| outputs::mentioned(&step.call.input())).collect();
    let unknown = all.into_iter().filter(|(step, member)| express.reference(step, member).starts_with("var."));
    let variable = |(step, member): (String, String)| {
        let description = format!("{member} of what step {step} of the plan makes");
        let members = vec![attribute("type", traversal("string")), attribute("description", quoted(&description))];
        Block::builder("variable").add_label(variable_name(&step, &member)).add_structures(members).build()
    };
    unknown.map(variable).collect()
}
