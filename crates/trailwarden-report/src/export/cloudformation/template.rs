//! One template: resources with names of their own, references between them, parameters for what other templates make.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use trailwarden_model::plan::{Place, StepId};

use super::properties::Draft;
use crate::export::outputs::{Piece, mentioned, pieces};
use crate::export::resource::{Kind, Resource, Resources};

/// What is kept when a stack is deleted: evidence, and what decrypts it.
const RETAINED: [&str; 4] = ["AWS::CloudTrail::Trail", "AWS::KMS::Key", "AWS::Logs::LogGroup", "AWS::S3::Bucket"];

/// What one account and region gets.
pub(super) struct Template<'a> {
    pub(super) place: &'a Place,
    /// In the order of the plan, each with its name in the template.
    pub(super) resources: Vec<(String, &'a Resource<'a>, Draft)>,
}

/// The parts of a template that say what is made.
#[derive(PartialEq)]
pub(super) struct Body {
    pub(super) resources: Map<String, Value>,
    pub(super) parameters: BTreeSet<(StepId, String)>,
    pub(super) outputs: Map<String, Value>,
}

impl<'a> Template<'a> {
    pub(super) fn new(place: &'a Place) -> Self {
        Self { place, resources: vec![] }
    }

    /// Adds a resource under the last word of its type, numbered from the second of a type on.
    pub(super) fn add(&mut self, resource: &'a Resource<'a>, draft: Draft) {
        let word = draft.kind.rsplit("::").next().unwrap_or_default();
        let n_same = self.resources.iter().filter(|(_, _, other)| other.kind == draft.kind).count();
        let name = if n_same == 0 { word.to_owned() } else { format!("{word}{}", n_same + 1) };
        self.resources.push((name, resource, draft));
    }

    /// Steps that the template stands for.
    pub(super) fn steps(&self) -> Vec<&'a StepId> {
        let steps = self.resources.iter().flat_map(|(_, resource, _)| resource.steps.iter().map(|step| &step.id));
        steps.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The body; where it is to serve several places, account and region stand as what the stack knows of itself.
    pub(super) fn body(&self, all: &Resources<'_>, wanted: &BTreeSet<(StepId, String)>, is_general: bool) -> Body {
        let mut body = Body { resources: Map::new(), parameters: BTreeSet::new(), outputs: Map::new() };
        let names: BTreeMap<&str, &str> = self.resources.iter().map(|(name, of, _)| (of.id(), name.as_str())).collect();
        let words = Words { all, names: &names, place: is_general.then_some(self.place) };
        for (name, resource, draft) in &self.resources {
            let properties = Value::Object(draft.properties.clone());
            body.parameters
                .extend(mentioned(&properties).into_iter().filter(|(step, member)| words.own(step, member).is_none()));
            let mut written = json!({"Type": draft.kind, "Properties": words.value(&properties)});
            let waits = self.waits(all, resource, &names);
            if let Some(members) = written.as_object_mut() {
                if !waits.is_empty() {
                    members.insert("DependsOn".to_owned(), json!(waits));
                }
                if RETAINED.contains(&draft.kind) {
                    members.insert("DeletionPolicy".to_owned(), "Retain".into());
                    members.insert("UpdateReplacePolicy".to_owned(), "Retain".into());
                }
            }
            body.resources.insert(name.clone(), written);
        }
        for (step, member) in wanted {
            if let Some(value) = words.own(step, member) {
                let output = json!({"Value": value, "Description": format!("{member} of what step {step} makes")});
                body.outputs.insert(parameter(step, member), output);
            }
        }
        body
    }

    /// Names of resources that must be made before, other than those referred to: CloudFormation sees these itself.
    fn waits(&self, all: &Resources<'_>, resource: &Resource<'_>, names: &BTreeMap<&str, &str>) -> BTreeSet<String> {
        // The channel needs the recorder, and the recorder is not made before there is a channel.
        if resource.kind == Kind::ConfigChannel || resource.kind == Kind::ConfigRecorder {
            return BTreeSet::new();
        }
        let said: BTreeSet<String> =
            resource.steps.iter().flat_map(|step| mentioned(&step.call.input())).map(|(step, _)| step).collect();
        let is_said = |id: &str| said.iter().any(|step| all.of_step(step).is_some_and(|other| other.id() == id));
        let needed = all.needs(&resource.steps).into_iter().filter_map(|step| Some(all.of_step(step)?.id()));
        needed.filter(|id| !is_said(id)).filter_map(|id| names.get(id)).map(|name| (*name).to_owned()).collect()
    }
}

/// The name of a parameter or output.
pub(super) fn parameter(step: &str, member: &str) -> String {
    format!("{}{member}", step.to_ascii_uppercase())
}

struct Words<'a> {
    all: &'a Resources<'a>,
    /// Names in the template by the first steps of resources.
    names: &'a BTreeMap<&'a str, &'a str>,
    place: Option<&'a Place>,
}

impl Words<'_> {
    /// A reference to what the same template makes.
    fn own(&self, step: &str, member: &str) -> Option<Value> {
        let resource = self.all.of_step(step)?;
        let name = self.names.get(resource.id())?;
        match (&resource.kind, member) {
            (Kind::Key(_) | Kind::Trail(_), "Arn" | "TrailARN") => Some(json!({"Fn::GetAtt": [name, "Arn"]})),
            (Kind::Key(_), "KeyId") | (Kind::Topic(_), "TopicArn") | (Kind::AuthorizationPolicy(_), "Id") => {
                Some(json!({"Ref": name}))
            }
            _ => None,
        }
    }

    fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => {
                Value::Object(members.iter().map(|(name, member)| (name.clone(), self.value(member))).collect())
            }
            other => other.clone(),
        }
    }

    fn text(&self, text: &str) -> Value {
        let pieces = pieces(text);
        if let [Piece::Output(step, member)] = pieces.as_slice() {
            return self.own(step, member).unwrap_or_else(|| json!({"Ref": parameter(step, member)}));
        }
        let is_own = |text: &str| {
            self.place
                .is_some_and(|place| text.contains(place.account.as_str()) || text.contains(place.region.as_str()))
        };
        if !is_own(text) && pieces.iter().all(|piece| matches!(piece, Piece::Text(_))) {
            return text.into();
        }
        let parts = pieces.iter().map(|piece| match piece {
            Piece::Text(text) => self.general(&text.replace("${", "${!")),
            Piece::Output(step, member) => match self.own(step, member) {
                Some(reference) => inside(&reference),
                None => format!("${{{}}}", parameter(step, member)),
            },
        });
        json!({"Fn::Sub": parts.collect::<String>()})
    }

    fn general(&self, text: &str) -> String {
        let Some(place) = self.place else { return text.to_owned() };
        let text = text.replace(place.account.as_str(), "${AWS::AccountId}");
        text.replace(place.region.as_str(), "${AWS::Region}")
    }
}

/// A reference as it stands inside `Fn::Sub`.
fn inside(reference: &Value) -> String {
    let parts = reference.get("Fn::GetAtt").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let attribute = parts.collect::<Vec<_>>().join(".");
    let name = reference.get("Ref").and_then(Value::as_str).unwrap_or(&attribute);
    format!("${{{name}}}")
}
