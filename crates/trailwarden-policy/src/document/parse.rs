//! From JSON to a [`Document`], refusing what AWS would refuse.

use std::collections::BTreeSet;

use super::{
    ActionPattern, Actions, Document, Effect, Kind, PrincipalKind, PrincipalPattern, Principals, ResourcePattern,
    Resources, Statement, control,
};
use crate::condition::Condition;
use crate::json::{self, Node, Value};
use crate::operator::Operator;
use crate::span::{Malformed, Span, Spanned};
use crate::variable::Template;

type Members = [(Spanned<String>, Node)];

/// The two versions of the language.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    /// Without policy variables; also what a document without version means.
    V2008,
    V2012,
}

impl Version {
    fn template(self, text: &str) -> Template {
        match self {
            Self::V2008 => Template::plain(text),
            Self::V2012 => Template::parse(text),
        }
    }
}

pub(super) fn document(kind: Kind, text: &str) -> Result<Document, Malformed> {
    let root = json::read(text)?;
    let members = object(&root, "a policy document")?;
    only(members, &["Version", "Id", "Statement"])?;
    let version = version(kind, members, root.span)?;
    if let Some(id) = get(members, "Id") {
        string(id, "Id")?;
    }
    let Some(listed) = get(members, "Statement") else {
        return Err(Malformed::new("no Statement", root.span));
    };
    let mut statements = Vec::new();
    for (index, node) in one_or_many(listed, "Statement")?.iter().enumerate() {
        statements.push(statement(kind, version, index, node)?);
    }
    unique_sids(kind, &statements)?;
    Ok(Document { kind, statements })
}

fn version(kind: Kind, members: &Members, whole: Span) -> Result<Version, Malformed> {
    let Some(node) = get(members, "Version") else {
        return match kind {
            Kind::ServiceControl | Kind::ResourceControl => Err(Malformed::new("no Version", whole)),
            _ => Ok(Version::V2008),
        };
    };
    match string(node, "Version")? {
        "2012-10-17" => Ok(Version::V2012),
        "2008-10-17" if !matches!(kind, Kind::ServiceControl | Kind::ResourceControl) => Ok(Version::V2008),
        other => Err(Malformed::new(format!("Version {other:?} is not 2012-10-17"), node.span)),
    }
}

fn unique_sids(kind: Kind, statements: &[Statement]) -> Result<(), Malformed> {
    if !matches!(kind, Kind::ServiceControl | Kind::ResourceControl | Kind::Identity) {
        return Ok(());
    }
    let mut seen = BTreeSet::new();
    for statement in statements {
        if let Some(sid) = statement.sid.as_ref().filter(|sid| !sid.is_empty())
            && !seen.insert(sid)
        {
            return Err(Malformed::new(format!("two statements with the Sid {sid:?}"), statement.span));
        }
    }
    Ok(())
}

fn statement(kind: Kind, version: Version, index: usize, node: &Node) -> Result<Statement, Malformed> {
    let members = object(node, "a statement")?;
    let known =
        ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];
    only(members, &known)?;
    let sid = get(members, "Sid").map(|sid| string(sid, "Sid")).transpose()?.map(str::to_owned);
    let mut statement = Statement {
        index,
        sid,
        effect: effect(members, node.span)?,
        principals: principals(kind, members, node.span)?,
        actions: actions(members, node.span)?,
        resources: resources(kind, version, members, node.span)?,
        conditions: conditions(version, members)?,
        span: node.span,
    };
    if kind == Kind::ResourceControl {
        control::check(&mut statement)?;
    }
    Ok(statement)
}

fn effect(members: &Members, whole: Span) -> Result<Effect, Malformed> {
    let Some(node) = get(members, "Effect") else { return Err(Malformed::new("no Effect", whole)) };
    match string(node, "Effect")? {
        "Allow" => Ok(Effect::Allow),
        "Deny" => Ok(Effect::Deny),
        other => Err(Malformed::new(format!("Effect {other:?} is neither Allow nor Deny"), node.span)),
    }
}

/// Which of an element and its `Not` form is there. Both at once, AWS refuses.
fn either<'a>(members: &'a Members, name: &str, whole: Span) -> Result<Option<(bool, &'a Node)>, Malformed> {
    match (get(members, name), get(members, &format!("Not{name}"))) {
        (Some(_), Some(_)) => Err(Malformed::new(format!("both {name} and Not{name}"), whole)),
        (Some(node), None) => Ok(Some((false, node))),
        (None, Some(node)) => Ok(Some((true, node))),
        (None, None) => Ok(None),
    }
}

fn principals(kind: Kind, members: &Members, whole: Span) -> Result<Option<Principals>, Malformed> {
    let found = either(members, "Principal", whole)?;
    match (kind, found) {
        (Kind::ServiceControl | Kind::Identity, None) => Ok(None),
        (Kind::ServiceControl | Kind::Identity, Some((_, node))) => {
            Err(Malformed::new("a Principal where the policy's place names it", node.span))
        }
        (Kind::ResourceControl, Some((true, node))) => {
            Err(Malformed::new("NotPrincipal in a resource control policy", node.span))
        }
        (Kind::ResourceControl, Some((false, node))) if node.value != Value::String("*".to_owned()) => {
            Err(Malformed::new("a Principal other than \"*\" in a resource control policy", node.span))
        }
        (Kind::ResourceControl | Kind::Resource | Kind::Trust, None) => Err(Malformed::new("no Principal", whole)),
        (Kind::ResourceControl | Kind::Resource | Kind::Trust, Some((is_negated, node))) => {
            Ok(Some(Principals { is_negated, patterns: principal_patterns(node)? }))
        }
    }
}

fn principal_patterns(node: &Node) -> Result<Vec<Spanned<PrincipalPattern>>, Malformed> {
    if matches!(node.value, Value::String(_)) {
        return match string(node, "Principal")? {
            "*" => parse_all(node, "Principal", |text| PrincipalPattern::parse(PrincipalKind::Everyone, text)),
            other => Err(Malformed::new(format!("principal {other:?} has no type"), node.span)),
        };
    }
    let mut patterns = Vec::new();
    for (key, entries) in object(node, "Principal")? {
        let kind = match key.value.as_str() {
            "AWS" => PrincipalKind::Aws,
            "Service" => PrincipalKind::Service,
            "Federated" => PrincipalKind::Federated,
            "CanonicalUser" => PrincipalKind::CanonicalUser,
            other => return Err(Malformed::new(format!("unknown principal type {other:?}"), key.span)),
        };
        patterns.extend(parse_all(entries, "Principal", |text| PrincipalPattern::parse(kind, text))?);
    }
    if patterns.is_empty() { Err(Malformed::new("no Principal", node.span)) } else { Ok(patterns) }
}

fn actions(members: &Members, whole: Span) -> Result<Actions, Malformed> {
    let Some((is_negated, node)) = either(members, "Action", whole)? else {
        return Err(Malformed::new("neither Action nor NotAction", whole));
    };
    Ok(Actions { is_negated, patterns: parse_all(node, "Action", ActionPattern::parse)?, only_resource_control: false })
}

fn resources(kind: Kind, version: Version, members: &Members, whole: Span) -> Result<Option<Resources>, Malformed> {
    match (kind, either(members, "Resource", whole)?) {
        (Kind::Trust, None) => Ok(None),
        (Kind::Trust, Some((_, node))) => Err(Malformed::new("a Resource in a trust policy", node.span)),
        (_, None) => Err(Malformed::new("neither Resource nor NotResource", whole)),
        (_, Some((is_negated, node))) => {
            let patterns = parse_all(node, "Resource", |text| ResourcePattern::parse(version.template(text)))?;
            Ok(Some(Resources { is_negated, patterns }))
        }
    }
}

fn conditions(version: Version, members: &Members) -> Result<Vec<Condition>, Malformed> {
    let Some(block) = get(members, "Condition") else { return Ok(Vec::new()) };
    let mut conditions = Vec::new();
    for (name, keys) in object(block, "Condition")? {
        let Some(operator) = Operator::parse(&name.value) else {
            return Err(Malformed::new(format!("unknown condition operator {:?}", name.value), name.span));
        };
        for (key, values) in object(keys, "a condition")? {
            if key.value.is_empty() {
                return Err(Malformed::new("empty condition key", key.span));
            }
            let values_read =
                scalars(values)?.map(|(text, span)| Spanned { value: version.template(&text), span }).collect();
            conditions.push(Condition {
                operator,
                operator_name: name.value.clone(),
                key: key.value.clone(),
                values: values_read,
                span: Span { end: values.span.end, ..key.span },
            });
        }
    }
    Ok(conditions)
}

/// Condition values: strings, numbers and booleans, alone or in a list.
fn scalars(node: &Node) -> Result<impl Iterator<Item = (String, Span)>, Malformed> {
    let nodes = match &node.value {
        Value::Array(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let mut texts = Vec::with_capacity(nodes.len());
    for node in nodes {
        let text = match &node.value {
            Value::String(text) | Value::Number(text) => text.clone(),
            Value::Bool(value) => value.to_string(),
            _ => return Err(Malformed::new("a condition value that is no string, number or boolean", node.span)),
        };
        texts.push((text, node.span));
    }
    Ok(texts.into_iter())
}

fn parse_all<T>(
    node: &Node,
    what: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<Spanned<T>>, Malformed> {
    let mut all = Vec::new();
    for node in one_or_many(node, what)? {
        let value = parse(string(node, what)?).map_err(|reason| Malformed::new(reason, node.span))?;
        all.push(Spanned { value, span: node.span });
    }
    Ok(all)
}

/// An element that may be alone or in a list; an empty list is none.
fn one_or_many<'a>(node: &'a Node, what: &str) -> Result<&'a [Node], Malformed> {
    match &node.value {
        Value::Array(items) if items.is_empty() => Err(Malformed::new(format!("empty {what}"), node.span)),
        Value::Array(items) => Ok(items),
        _ => Ok(std::slice::from_ref(node)),
    }
}

fn object<'a>(node: &'a Node, what: &str) -> Result<&'a Members, Malformed> {
    match &node.value {
        Value::Object(members) => Ok(members),
        _ => Err(Malformed::new(format!("{what} is not an object"), node.span)),
    }
}

fn string<'a>(node: &'a Node, what: &str) -> Result<&'a str, Malformed> {
    match &node.value {
        Value::String(text) => Ok(text),
        _ => Err(Malformed::new(format!("{what} is not a string"), node.span)),
    }
}

fn get<'a>(members: &'a Members, name: &str) -> Option<&'a Node> {
    members.iter().find(|(key, _)| key.value == name).map(|(_, node)| node)
}

fn only(members: &Members, known: &[&str]) -> Result<(), Malformed> {
    match members.iter().find(|(key, _)| !known.contains(&key.value.as_str())) {
        Some((key, _)) => Err(Malformed::new(format!("unknown element {:?}", key.value), key.span)),
        None => Ok(()),
    }
}
