//! From JSON to a [`Document`], refusing what AWS would refuse.
//!
//! Names of elements, operators and effects are spelt exactly as AWS spells them; a key occurs once. Sources: the grammar and the
//! element pages of the IAM user guide, the SCP and RCP syntax pages of the Organizations user guide, and what AWS answers to
//! malformed documents.

mod condition;
mod element;
mod principal;

use std::collections::BTreeSet;

use super::{ActionPattern, Actions, Document, Effect, Kind, ResourcePattern, Resources, Statement, resource_control};
use crate::json;
use crate::span::{Malformed, Span};
use crate::variable::Template;
use element::{Members, either, get, object, one_or_many, only, parse_all, string};

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
        "2008-10-17" if !kind.is_of_organization() => Ok(Version::V2008),
        other => Err(Malformed::new(format!("Version {other:?} is not 2012-10-17"), node.span)),
    }
}

fn unique_sids(kind: Kind, statements: &[Statement]) -> Result<(), Malformed> {
    if !kind.has_plain_sids() {
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

fn statement(kind: Kind, version: Version, index: usize, node: &json::Node) -> Result<Statement, Malformed> {
    let members = object(node, "a statement")?;
    let known =
        ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];
    only(members, &known)?;
    let mut statement = Statement {
        index,
        sid: sid(kind, members)?,
        effect: effect(members, node.span)?,
        principals: principal::principals(kind, members, node.span)?,
        actions: actions(members, node.span)?,
        resources: resources(kind, version, members, node.span)?,
        conditions: condition::conditions(version, members)?,
        span: node.span,
    };
    match kind {
        Kind::ResourceControl => resource_control::check(&mut statement)?,
        Kind::Resource if statement.effect == Effect::Allow => principal::check_allow(&statement)?,
        _ => {}
    }
    Ok(statement)
}

fn sid(kind: Kind, members: &Members) -> Result<Option<String>, Malformed> {
    let Some(node) = get(members, "Sid") else { return Ok(None) };
    let sid = string(node, "Sid")?;
    if kind.has_plain_sids() && !sid.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(Malformed::new(format!("Sid {sid:?} holds more than letters and digits"), node.span));
    }
    Ok(Some(sid.to_owned()))
}

fn effect(members: &Members, whole: Span) -> Result<Effect, Malformed> {
    let Some(node) = get(members, "Effect") else { return Err(Malformed::new("no Effect", whole)) };
    match string(node, "Effect")? {
        "Allow" => Ok(Effect::Allow),
        "Deny" => Ok(Effect::Deny),
        other => Err(Malformed::new(format!("Effect {other:?} is neither Allow nor Deny"), node.span)),
    }
}

fn actions(members: &Members, whole: Span) -> Result<Actions, Malformed> {
    let Some((is_negated, node)) = either(members, "Action", whole)? else {
        return Err(Malformed::new("neither Action nor NotAction", whole));
    };
    let patterns = parse_all(node, "Action", ActionPattern::parse)?;
    Ok(Actions { is_negated, patterns, only_resource_control: false })
}

fn resources(kind: Kind, version: Version, members: &Members, whole: Span) -> Result<Option<Resources>, Malformed> {
    match (kind, either(members, "Resource", whole)?) {
        (Kind::Trust, None) => Ok(None),
        (Kind::Trust, Some((_, node))) => Err(Malformed::new("a Resource in a trust policy", node.span)),
        (_, None) => Err(Malformed::new("neither Resource nor NotResource", whole)),
        (_, Some((is_negated, node))) => {
            let patterns = parse_all(node, "Resource", |text| ResourcePattern::parse(kind, version.template(text)))?;
            Ok(Some(Resources { is_negated, patterns }))
        }
    }
}
