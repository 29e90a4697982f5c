//! One resource of Terraform while it is put together, and values as HCL.

use hcl::expr::{FuncCall, ObjectKey, TemplateExpr, Traversal, Variable};
use hcl::{Block, Body, Expression, Identifier, Structure};
use serde_json::{Map, Value};
use trailwarden_model::plan::{Step, StepId};

use crate::export::outputs::{Piece, pieces};
use crate::export::resource::{Kind, Resource, Resources};
use crate::export::rules::{As, Rule, rule};

/// A resource, and an import of it where it exists.
pub(super) struct Draft<'a> {
    pub(super) kind: &'static str,
    pub(super) label: String,
    pub(super) provider: String,
    /// The steps that it stands for.
    pub(super) steps: Vec<&'a Step>,
    pub(super) members: Vec<Structure>,
    /// Policy documents by local name: a value of their own is easier to read than the argument of a function.
    pub(super) documents: Vec<(String, Expression)>,
    /// Arguments whose values the plan does not know and must not change.
    pub(super) ignored: Vec<&'static str>,
    /// What the provider finds an existing resource by.
    pub(super) import: Option<String>,
    /// What there is no argument for, with the step.
    pub(super) lost: Vec<(StepId, String)>,
}

impl Draft<'_> {
    pub(super) fn address(&self) -> String {
        format!("{}.{}", self.kind, self.label)
    }

    pub(super) fn argument(&mut self, name: &str, value: impl Into<Expression>) {
        self.members.push(hcl::Attribute::new(Identifier::sanitized(name), value.into()).into());
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Expression>) -> Self {
        self.argument(name, value);
        self
    }

    /// An argument that takes a policy document as text.
    pub(super) fn document(&mut self, name: &str, document: Expression) {
        let local = format!("{}_{name}", self.label);
        let text = FuncCall::builder("jsonencode").arg(traversal(&format!("local.{local}"))).build();
        self.argument(name, Expression::from(text));
        self.documents.push((local, document));
    }

    pub(super) fn block(&mut self, name: &str, members: Vec<Structure>) {
        self.members.push(block(name, members).into());
    }

    /// The resource's block; what it waits for stands among its members already.
    pub(super) fn blocks(self) -> Vec<Block> {
        let address = self.address();
        let mut members = vec![attribute("provider", traversal(&self.provider))];
        members.extend(self.members);
        if !self.ignored.is_empty() {
            let ignored: Expression = self.ignored.iter().map(|name| variable(name)).collect();
            members.push(block("lifecycle", vec![attribute("ignore_changes", ignored)]).into());
        }
        let resource = Block::builder("resource").add_labels([self.kind, &self.label]).add_structures(members).build();
        let import = self.import.map(|id| {
            let members = vec![attribute("to", traversal(&address)), attribute("id", quoted(&id))];
            block("import", members)
        });
        let documents =
            self.documents.into_iter().map(|(name, document)| attribute(&name, document)).collect::<Vec<_>>();
        let locals = (!documents.is_empty()).then(|| block("locals", documents));
        import.into_iter().chain(locals).chain([resource]).collect()
    }
}

pub(super) fn attribute(name: &str, value: impl Into<Expression>) -> Structure {
    hcl::Attribute::new(Identifier::sanitized(name), value.into()).into()
}

pub(super) fn block(name: &str, members: Vec<Structure>) -> Block {
    Block { identifier: Identifier::sanitized(name), labels: vec![], body: Body(members) }
}

fn variable(name: &str) -> Expression {
    Variable::sanitized(name).into()
}

/// `aws_kms_key.trail.arn` from the dotted text.
pub(super) fn traversal(path: &str) -> Expression {
    let mut parts = path.split('.');
    let root = variable(parts.next().unwrap_or_default());
    let builder = parts.fold(Traversal::builder(root), |builder, part| builder.attr(Identifier::sanitized(part)));
    builder.build().into()
}

/// A text of HCL: nothing in it is a template.
pub(super) fn quoted(text: &str) -> Expression {
    TemplateExpr::QuotedString(escaped(text)).into()
}

/// The text as it stands between quotation marks. HCL knows fewer escapes than JSON.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '"' | '\\' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            ' '..='~' => escaped.push(c),
            c if c.is_alphanumeric() => escaped.push(c),
            c if u32::from(c) > 0xffff => escaped.push_str(&format!("\\U{:08x}", u32::from(c))),
            c => escaped.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
    escaped.replace("${", "$${").replace("%{", "%%{")
}

/// Values as expressions, with references to what the same file creates.
pub(super) struct Express<'a> {
    pub(super) resources: &'a Resources<'a>,
}

impl Express<'_> {
    /// Where Terraform has what a step leaves behind; a variable where it cannot know.
    pub(super) fn reference(&self, step: &str, member: &str) -> String {
        let resource = self.resources.of_step(step);
        let known = resource.filter(|resource| resource.is_created()).and_then(|resource| {
            let (kind, attribute) = match (&resource.kind, member) {
                (Kind::Key(_), "Arn") => ("aws_kms_key", "arn"),
                (Kind::Key(_), "KeyId") => ("aws_kms_key", "key_id"),
                (Kind::AuthorizationPolicy(_), "Id") => ("aws_organizations_policy", "id"),
                (Kind::Topic(_), "TopicArn") => ("aws_sns_topic", "arn"),
                (Kind::Trail(_), "TrailARN") => ("aws_cloudtrail", "arn"),
                _ => return None,
            };
            Some(format!("{kind}.{}.{attribute}", label(resource, resource.id())))
        });
        known.unwrap_or_else(|| format!("var.{}", variable_name(step, member)))
    }

    pub(super) fn text(&self, text: &str) -> Expression {
        match pieces(text).as_slice() {
            [Piece::Output(step, member)] => traversal(&self.reference(step, member)),
            pieces => {
                let source = pieces.iter().map(|piece| match piece {
                    Piece::Text(text) => escaped(text),
                    Piece::Output(step, member) => format!("${{{}}}", self.reference(step, member)),
                });
                TemplateExpr::QuotedString(source.collect()).into()
            }
        }
    }

    pub(super) fn value(&self, value: &Value) -> Expression {
        match value {
            Value::Null => Expression::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(number) => {
                number.as_i64().map_or_else(|| number.as_f64().unwrap_or_default().into(), Into::into)
            }
            Value::String(text) => self.text(text),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => self.object(members),
        }
    }

    fn object(&self, members: &Map<String, Value>) -> Expression {
        members.iter().map(|(name, member)| (ObjectKey::Expression(self.text(name)), self.value(member))).collect()
    }

    /// The members of an observed object by rules, and the names that no rule has a word for.
    pub(super) fn members(&self, value: &Value, rules: &[Rule]) -> (Vec<Structure>, Vec<String>) {
        let (mut members, mut lost) = (Vec::new(), Vec::new());
        for (name, member) in value.as_object().into_iter().flatten() {
            let Some((theirs, becomes)) = rule(rules, name) else {
                lost.push(name.clone());
                continue;
            };
            match becomes {
                As::Said => {}
                As::Same | As::Pairs | As::Listed => members.push(attribute(theirs, self.value(member))),
                As::Text => members.push(attribute(theirs, quoted(&plain_text(member)))),
                As::Map => members.push(attribute(theirs, self.value(&map(member)))),
                As::Beside(rules) => {
                    let (beside, unsaid) = self.members(member, rules);
                    members.extend(beside);
                    lost.extend(unsaid.iter().map(|unsaid| format!("{name}.{unsaid}")));
                }
                As::Nested(rules) => {
                    for one in member.as_array().map_or(std::slice::from_ref(member), Vec::as_slice) {
                        let (nested, unsaid) = self.members(one, rules);
                        members.push(block(theirs, nested).into());
                        lost.extend(unsaid.iter().map(|unsaid| format!("{name}.{unsaid}")));
                    }
                }
            }
        }
        // Arguments first, then blocks, as Terraform's own formatter has it.
        members.sort_by_key(|member| matches!(member, Structure::Block(_)));
        (members, lost)
    }
}

/// A label that is unique, since it ends in the id of a step.
pub(super) fn label(resource: &Resource<'_>, step: &str) -> String {
    let name = match &resource.kind {
        Kind::RolePolicy(_, name) | Kind::MetricFilter(_, name) | Kind::Subscription(_, name, _) => name,
        Kind::ConfigRecorder | Kind::ConfigChannel => "config",
        Kind::TrustedAccess(name)
        | Kind::PolicyType(name)
        | Kind::AuthorizationPolicy(name)
        | Kind::Role(name)
        | Kind::Key(name)
        | Kind::KeyAlias(name)
        | Kind::Bucket(name)
        | Kind::BucketPolicy(name)
        | Kind::LogGroup(name)
        | Kind::Alarm(name)
        | Kind::Topic(name)
        | Kind::TopicPolicy(name)
        | Kind::Trail(name)
        | Kind::EventDataStore(name)
        | Kind::Tags(name) => name,
    };
    let last = if name.starts_with("arn:") { name.rsplit([':', '/']).next().unwrap_or_default() } else { name };
    let slug: String =
        last.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    let words: Vec<&str> = slug.split('_').filter(|word| !word.is_empty()).collect();
    let begin = if words.first().is_none_or(|word| word.starts_with(|c: char| c.is_ascii_digit())) { "r_" } else { "" };
    format!("{begin}{}_{step}", words.join("_"))
}

pub(super) fn variable_name(step: &str, member: &str) -> String {
    format!("{step}_{}", member.to_ascii_lowercase())
}

fn plain_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// `[{"Key", "Value"}]` or `[{"Name", "Value"}]` as an object.
fn map(list: &Value) -> Value {
    let pair = |item: &Value| {
        let name = item.get("Key").or_else(|| item.get("Name"))?.as_str()?;
        Some((name.to_owned(), item.get("Value")?.clone()))
    };
    Value::Object(list.as_array().into_iter().flatten().filter_map(pair).collect())
}
