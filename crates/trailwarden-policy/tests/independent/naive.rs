//! A second evaluator, as plain as can be: it reads JSON by itself and knows only the part of the language whose meaning is
//! documented without doubt. It shares nothing with the engine.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value;

use super::organization::{array, items, text};

/// The context of a request: keys in lower case, with one value or several.
pub type Context = BTreeMap<String, Vec<String>>;

/// A request, as the case asks it.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    pub action: &'a str,
    pub resource: &'a str,
    pub context: &'a Context,
}

pub struct Statement {
    pub node: String,
    pub policy: String,
    /// Its position in the policy.
    pub index: usize,
    pub allows: bool,
    not_action: bool,
    actions: Vec<String>,
    not_resource: bool,
    resources: Vec<String>,
    conditions: Vec<Condition>,
}

struct Condition {
    set_form: Option<String>,
    comparison: String,
    is_negated: bool,
    if_exists: bool,
    key: String,
    wanted: Vec<String>,
}

/// Every statement of the case, from the root down.
pub fn statements(case: &Value) -> Vec<Statement> {
    let mut all = Vec::new();
    for node in array(&case["nodes"]) {
        for policy in array(&node["policies"]) {
            for (index, statement) in items(&policy["policy"]["Statement"]).iter().enumerate() {
                let texts = |name: &str| items(&statement[name]).iter().map(text).collect::<Vec<_>>();
                all.push(Statement {
                    node: text(&node["id"]),
                    policy: text(&policy["name"]),
                    index,
                    allows: statement["Effect"] == "Allow",
                    not_action: !statement["NotAction"].is_null(),
                    actions: [texts("Action"), texts("NotAction")].concat(),
                    not_resource: !statement["NotResource"].is_null(),
                    resources: [texts("Resource"), texts("NotResource")].concat(),
                    conditions: conditions(&statement["Condition"]),
                });
            }
        }
    }
    all
}

fn conditions(block: &Value) -> Vec<Condition> {
    let mut all = Vec::new();
    for (operator, keys) in block.as_object().into_iter().flatten() {
        let (set_form, name) = match operator.split_once(':') {
            Some((set_form, name)) => (Some(set_form.to_owned()), name),
            None => (None, operator.as_str()),
        };
        let base = name.strip_suffix("IfExists").unwrap_or(name);
        for (key, wanted) in keys.as_object().into_iter().flatten() {
            all.push(Condition {
                set_form: set_form.clone(),
                comparison: base.replace("Not", ""),
                is_negated: base.contains("Not"),
                if_exists: base != name,
                key: key.to_ascii_lowercase(),
                wanted: items(wanted).iter().map(text).collect(),
            });
        }
    }
    all
}

/// The verdict of a path: a Deny anywhere wins, else every node needs an Allow.
pub fn verdict(nodes: &[String], statements: &[&Statement], asked: &Asked<'_>) -> &'static str {
    if statements.iter().any(|statement| !statement.allows && statement.matches(asked)) {
        "explicitDeny"
    } else if nodes.iter().all(|node| node_allows(node, statements, asked)) {
        "allowed"
    } else {
        "implicitDeny"
    }
}

pub fn node_allows(node: &str, statements: &[&Statement], asked: &Asked<'_>) -> bool {
    statements.iter().any(|statement| statement.node == node && statement.allows && statement.matches(asked))
}

impl Statement {
    /// False when the statement speaks of the call in no context.
    pub fn may_match(&self, action: &str, resource: &str) -> bool {
        let has_variables = self.resources.iter().any(|pattern| pattern.contains("${"));
        self.is_action(action) && (has_variables || self.is_resource(resource, &Context::new()))
    }

    fn is_action(&self, action: &str) -> bool {
        let action = action.to_ascii_lowercase();
        self.actions.iter().any(|pattern| glob(&pattern.to_ascii_lowercase(), &action)) != self.not_action
    }

    fn is_resource(&self, resource: &str, context: &Context) -> bool {
        let fits = |pattern: &String| match (pattern.as_str(), resource) {
            ("*", _) => true,
            (_, "*") => false,
            _ => resolve(pattern, context, true).is_some_and(|pattern| arn(&pattern, resource)),
        };
        self.resources.iter().any(fits) != self.not_resource
    }

    pub fn matches(&self, asked: &Asked<'_>) -> bool {
        self.conditions.iter().all(|condition| condition.holds(asked.context))
            && self.is_resource(asked.resource, asked.context)
            && self.is_action(asked.action)
    }
}

impl Condition {
    fn holds(&self, context: &Context) -> bool {
        let present = context.get(&self.key);
        if self.comparison == "Null" {
            return self.wanted.iter().any(|wanted| (wanted == "true") == present.is_none());
        }
        match (present, self.set_form.as_deref()) {
            (None, Some("ForAllValues")) => true,
            (None, Some(_)) => false,
            (None, None) => self.if_exists || self.is_negated,
            (Some(values), Some("ForAllValues")) => values.iter().all(|value| self.takes(value, context)),
            (Some(values), _) => values.iter().any(|value| self.takes(value, context)),
        }
    }

    fn takes(&self, value: &str, context: &Context) -> bool {
        self.wanted.iter().any(|wanted| self.compare(wanted, value, context)) != self.is_negated
    }

    fn compare(&self, wanted: &str, value: &str, context: &Context) -> bool {
        let order = || {
            let number = |text: &str| text.parse::<f64>().expect("a number");
            number(value).partial_cmp(&number(wanted)).expect("ordered")
        };
        match self.comparison.as_str() {
            "StringEquals" => resolve(wanted, context, false).is_some_and(|wanted| plain(&wanted) == value),
            "StringEqualsIgnoreCase" => {
                resolve(wanted, context, false).is_some_and(|wanted| plain(&wanted).eq_ignore_ascii_case(value))
            }
            "StringLike" => resolve(wanted, context, true).is_some_and(|wanted| glob(&wanted, value)),
            "ArnLike" | "ArnEquals" => resolve(wanted, context, true).is_some_and(|wanted| arn(&wanted, value)),
            "Bool" => value.eq_ignore_ascii_case(wanted) && ["true", "false"].contains(&wanted),
            "NumericEquals" => order() == Ordering::Equal,
            "NumericLessThan" => order() == Ordering::Less,
            "NumericLessThanEquals" => order() != Ordering::Greater,
            "NumericGreaterThan" => order() == Ordering::Greater,
            "NumericGreaterThanEquals" => order() != Ordering::Less,
            "IpAddress" => is_within(wanted, value),
            other => panic!("{other} is not generated"),
        }
    }
}

/// A character that no generated text holds, before every character that is no wildcard although it looks like one.
const ESCAPE: char = '\u{1}';

/// The text with its variables filled in, their values protected from being wildcards; none without a value.
fn resolve<'a>(template: &'a str, context: &Context, has_wildcards: bool) -> Option<Cow<'a, str>> {
    let Some((before, rest)) = template.split_once("${") else { return Some(template.into()) };
    let (name, after) = rest.split_once('}').expect("a whole variable");
    let (key, default) = match name.split_once(", ") {
        Some((key, default)) => (key, Some(default.trim_matches('\'').to_owned())),
        None => (name, None),
    };
    let value = match context.get(&key.to_ascii_lowercase()).map(Vec::as_slice) {
        Some([one]) => one.clone(),
        _ => default?,
    };
    let value: String = match has_wildcards {
        true => value.chars().flat_map(|c| [ESCAPE, c]).collect(),
        false => value,
    };
    Some(format!("{before}{value}{}", resolve(after, context, has_wildcards)?).into())
}

fn plain(text: &str) -> String {
    text.replace(ESCAPE, "")
}

/// `*` any run of characters, `?` any one.
pub fn glob(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| glob(rest.as_str(), &text[at..]))
        }
        Some(ESCAPE) => {
            let wanted = rest.next().expect("an escaped character");
            text.strip_prefix(wanted).is_some_and(|text| glob(rest.as_str(), text))
        }
        Some('?') => text.chars().next().is_some_and(|c| glob(rest.as_str(), &text[c.len_utf8()..])),
        Some(wanted) => text.strip_prefix(wanted).is_some_and(|text| glob(rest.as_str(), text)),
    }
}

/// Part by part; the last one holds the rest.
fn arn(pattern: &str, text: &str) -> bool {
    let (patterns, parts) = (pattern.splitn(6, ':'), text.splitn(6, ':'));
    let has_all = |text: &str| text.bytes().filter(|byte| *byte == b':').count() >= 5;
    has_all(pattern) && has_all(text) && patterns.zip(parts).all(|(pattern, part)| glob(pattern, part))
}

fn is_within(block: &str, address: &str) -> bool {
    let (first, length) = block.split_once('/').map_or((block, None), |(first, length)| (first, length.parse().ok()));
    let bits = |text: &str| match text.parse().expect("an address") {
        IpAddr::V4(address) => (32, u128::from(address.to_bits())),
        IpAddr::V6(address) => (128, address.to_bits()),
    };
    let ((width, first), (other_width, address)) = (bits(first), bits(address));
    let beyond: u32 = width - length.unwrap_or(width);
    width == other_width && first.checked_shr(beyond).unwrap_or(0) == address.checked_shr(beyond).unwrap_or(0)
}
