//! Deny statements and documents as text, in the shortest form.

use std::collections::BTreeSet;

use crate::document::Kind;

/// One Deny.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deny {
    /// [`Kind::ServiceControl`] or [`Kind::ResourceControl`], which names everybody as its principal.
    pub(super) kind: Kind,
    pub(super) actions: BTreeSet<String>,
    /// Patterns, as the policy spells them.
    pub(super) resources: BTreeSet<String>,
    /// The text of its condition; empty when there is none.
    pub(super) condition: String,
}

impl Deny {
    pub(super) fn text(&self) -> String {
        let Self { kind, actions, resources, condition } = self;
        let principal = if *kind == Kind::ResourceControl { r#""Principal":"*","# } else { "" };
        let condition = if condition.is_empty() { String::new() } else { format!(r#","Condition":{condition}"#) };
        let (actions, resources) = (values(actions), values(resources));
        format!(r#"{{"Effect":"Deny",{principal}"Action":{actions},"Resource":{resources}{condition}}}"#)
    }
}

/// A text or a list of texts: a list of one is written without brackets.
pub(super) fn values(texts: &BTreeSet<String>) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| serde_json::Value::from(text.as_str()).to_string()).collect();
    match quoted.as_slice() {
        [only] => only.clone(),
        several => format!("[{}]", several.join(",")),
    }
}

/// A document without white space.
pub(super) fn document(statements: &[String]) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

/// The same JSON, indented for people.
pub(super) fn pretty(minified: &str) -> String {
    let mut text = String::with_capacity(minified.len() * 2);
    let mut depth = 0_usize;
    let (mut is_quoted, mut is_escaped) = (false, false);
    let line = |text: &mut String, depth: usize| {
        text.push('\n');
        text.extend(std::iter::repeat_n("  ", depth));
    };
    for c in minified.chars() {
        match c {
            '{' | '[' if !is_quoted => {
                depth += 1;
                text.push(c);
                line(&mut text, depth);
            }
            '}' | ']' if !is_quoted => {
                depth = depth.saturating_sub(1);
                line(&mut text, depth);
                text.push(c);
            }
            ',' if !is_quoted => {
                text.push(c);
                line(&mut text, depth);
            }
            ':' if !is_quoted => text.push_str(": "),
            _ => text.push(c),
        }
        is_quoted ^= c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_indented_form_is_the_same_json() {
        let minified = r#"{"a":["x,y:\"{[","\\"],"b":{"c":"d"}}"#;
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
        assert_eq!(read(&pretty(minified)), read(minified));
        assert!(pretty(minified).contains("\n  \"b\": {\n    \"c\": \"d\"\n  }\n}\n"));
    }
}
