//! A plan as CloudFormation: a folder of templates for what it creates, one per account and region, or one for all
//! places that get the same.

mod properties;
mod rules;
mod template;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use trailwarden_model::plan::{Place, Plan, StepId};

use self::template::{Body, Template, parameter};
use super::command;
use super::outputs::mentioned;
use super::provenance::provenance;
use super::resource::Resources;
use crate::plan::markdown::escape;
use crate::plan::words;
use crate::{ReportError, plain};

const FORMAT: &str = "CloudFormation";

/// A template with all places that get it.
struct Stack<'a> {
    file: String,
    templates: Vec<Template<'a>>,
    body: Body,
}

/// Renders a plan as files by name: templates, and a README that says which goes where and in which order.
///
/// # Errors
/// [`ReportError::Json`] when the writer refuses a value.
pub fn cloudformation(plan: &Plan) -> Result<Vec<(String, String)>, ReportError> {
    let resources = Resources::new(plan);
    let (templates, unsaid) = templates(&resources);
    let stacks = in_order(&resources, stacks(&resources, templates));
    let mut files = vec![("README.md".to_owned(), readme(plan, &resources, &stacks, &unsaid))];
    for stack in &stacks {
        let text = crate::json::write(FORMAT, &document(plan, stack, &unsaid))?;
        files.push((stack.file.clone(), command::escaped(&text, |c| c == '\n' || plain::is_visible(c))));
    }
    Ok(files)
}

/// A template per place that gets anything, and why the other steps are in none.
fn templates<'a>(resources: &'a Resources<'a>) -> (Vec<Template<'a>>, BTreeMap<StepId, String>) {
    let (mut templates, mut unsaid): (Vec<Template<'a>>, BTreeMap<StepId, String>) = Default::default();
    for resource in &resources.all {
        let draft = match properties::draft(resource) {
            Ok(draft) => draft,
            Err(reason) => {
                unsaid.extend(resource.steps.iter().map(|step| (step.id.clone(), reason.to_owned())));
                continue;
            }
        };
        for (step, name) in &draft.lost {
            unsaid.insert(step.clone(), format!("there is no property for {name}"));
        }
        match templates.iter_mut().find(|template| template.place == resource.place) {
            Some(template) => template.add(resource, draft),
            None => {
                let mut template = Template::new(resource.place);
                template.add(resource, draft);
                templates.push(template);
            }
        }
    }
    (templates, unsaid)
}

/// Templates that are equal but for the account and region they are for become one.
fn stacks<'a>(resources: &'a Resources<'a>, templates: Vec<Template<'a>>) -> Vec<Stack<'a>> {
    let wanted: BTreeSet<(StepId, String)> =
        templates.iter().flat_map(|template| template.body(resources, &BTreeSet::new(), false).parameters).collect();
    let mut stacks: Vec<Stack<'a>> = Vec::new();
    for template in templates {
        let body = template.body(resources, &wanted, true);
        match stacks.iter_mut().find(|stack| stack.body == body) {
            Some(stack) => stack.templates.push(template),
            None => stacks.push(Stack { file: String::new(), templates: vec![template], body }),
        }
    }
    let mut n_sets = 0;
    for stack in &mut stacks {
        match stack.templates.as_slice() {
            [template] => {
                stack.body = template.body(resources, &wanted, false);
                stack.file = format!("{}-{}.template.json", template.place.account, template.place.region);
            }
            _ => {
                n_sets += 1;
                stack.file = format!("stackset-{n_sets}.template.json");
            }
        }
    }
    stacks
}

/// Each after those with something that it needs; where two need each other, as they come.
fn in_order<'a>(resources: &Resources<'_>, mut stacks: Vec<Stack<'a>>) -> Vec<Stack<'a>> {
    let mut ordered = Vec::new();
    while !stacks.is_empty() {
        let next = stacks.iter().position(|stack| after(resources, stack, &stacks).is_empty()).unwrap_or_default();
        ordered.push(stacks.remove(next));
    }
    ordered
}

fn document(plan: &Plan, stack: &Stack<'_>, unsaid: &BTreeMap<StepId, String>) -> Value {
    let about = |template: &Template<'_>| {
        let Place { account, region } = template.place;
        json!({"Account": account, "Region": region, "Steps": template.steps()})
    };
    let places: Vec<Value> = stack.templates.iter().map(about).collect();
    // What is done in these places otherwise; the README has it for all places.
    let is_here = |id: &StepId| {
        let place = plan.step(id).map(|step| &step.subject.place);
        stack.templates.iter().any(|template| Some(template.place) == place)
    };
    let unsaid: BTreeMap<&StepId, &String> = unsaid.iter().filter(|(id, _)| is_here(id)).collect();
    let about = json!({"Provenance": provenance(plan), "Places": places, "NotExpressed": unsaid});
    let mut document = Map::new();
    document.insert("AWSTemplateFormatVersion".to_owned(), "2010-09-09".into());
    let description = format!("From remediation plan {} of organization {}", plan.digest, plan.organization);
    document.insert("Description".to_owned(), plain::plain(&description).into());
    document.insert("Metadata".to_owned(), json!({"Trailwarden": about}));
    let parameters = stack.body.parameters.iter().map(|(step, member)| {
        let description = format!("Output of the same name: {member} of what step {step} makes");
        (parameter(step, member), json!({"Type": "String", "Description": description}))
    });
    let parameters: Map<String, Value> = parameters.collect();
    let parts = [
        ("Parameters", parameters),
        ("Resources", stack.body.resources.clone()),
        ("Outputs", stack.body.outputs.clone()),
    ];
    document.extend(
        parts.into_iter().filter(|(_, part)| !part.is_empty()).map(|(name, part)| (name.to_owned(), part.into())),
    );
    Value::Object(document)
}

fn readme(plan: &Plan, resources: &Resources<'_>, stacks: &[Stack<'_>], unsaid: &BTreeMap<StepId, String>) -> String {
    let mut text = String::from("# CloudFormation templates\n\n");
    text.extend(provenance(plan).iter().map(|line| format!("- {}\n", escape(line))));
    text.push_str(ABOUT);
    for (index, stack) in stacks.iter().enumerate() {
        let places: Vec<String> = stack.templates.iter().map(|template| place(plan, template.place)).collect();
        text.push_str(&format!("{}. `{}` for {}\n", index + 1, stack.file, escape(&places.join("; "))));
        let after = after(resources, stack, stacks);
        if !after.is_empty() {
            text.push_str(&format!("   - after {}\n", after.join(", ")));
        }
        for (step, member) in &stack.body.parameters {
            let name = parameter(step, member);
            text.push_str(&format!("   - parameter `{name}`: the output of the same name\n"));
        }
    }
    if !unsaid.is_empty() {
        text.push_str(UNSAID);
    }
    text.extend(unsaid.iter().map(|(step, reason)| {
        let step = plan.step(step);
        let said = step.map(|step| format!("{} {}, in {}", step.id, step.title, place(plan, &step.subject.place)));
        format!("- {}: {reason}\n", escape(&plain::plain(&said.unwrap_or_default())))
    }));
    text
}

const UNSAID: &str = "
## Not expressed

These steps, or what is named of them, are in no template and must be done otherwise.

";

const ABOUT: &str = "
The templates make what the plan creates. Buckets, keys, trails and log groups stay when a stack is deleted. Nothing
here looks at the plan's preconditions, and a stack fails where something of the same name exists already.
A template for several places is deployed as a StackSet to exactly these; the others are stacks of one place.

## In this order

";

fn place(plan: &Plan, place: &Place) -> String {
    plain::plain(&format!("{} in {}", words::account(plan, &place.account), place.region))
}

/// Other templates with something that this one needs.
fn after(resources: &Resources<'_>, stack: &Stack<'_>, stacks: &[Stack<'_>]) -> Vec<String> {
    let steps = stack.templates.iter().flat_map(|template| template.resources.iter().map(|(_, resource, _)| resource));
    let needed: BTreeSet<&StepId> = steps.flat_map(|resource| resources.needs(&resource.steps)).collect();
    let mentioned: BTreeSet<StepId> = stack
        .templates
        .iter()
        .flat_map(|template| template.resources.iter())
        .flat_map(|(_, _, draft)| mentioned(&Value::Object(draft.properties.clone())))
        .map(|(step, _)| step)
        .collect();
    let holds = |other: &Stack<'_>| {
        let own: BTreeSet<&StepId> = other.templates.iter().flat_map(Template::steps).collect();
        own.iter().any(|step| needed.contains(*step) || mentioned.contains(*step))
    };
    let others = stacks.iter().filter(|other| other.file != stack.file && holds(other));
    others.map(|other| format!("`{}`", other.file)).collect()
}
