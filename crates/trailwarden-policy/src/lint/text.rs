//! Placeholders that were never filled in, and variables that AWS fills in for nobody.

use super::{LintRule, Lints};
use crate::document::{Document, Statement};
use crate::reference::{KnownKey, reference};
use crate::span::{Span, Spanned};
use crate::variable::Template;

/// Words that stand for something else.
const WORDS: &[&str] =
    &["ACCOUNT_ID", "ACCOUNT-ID", "ACCOUNTID", "ORG_ID", "ROLE_NAME", "BUCKET_NAME", "YOUR_", "YOUR-"];

pub(super) fn lint(_: &Document, statement: &Statement, lints: &mut Lints) {
    let resources = statement.resources.iter().flat_map(|resources| &resources.patterns);
    for resource in resources {
        let template = resource.value.template();
        let is_early = template.shape().split(':').take(5).any(|part| part.contains(Template::VARIABLE));
        if is_early && placeholder(template).is_none() {
            let reason = format!("AWS fills in variables after the fifth colon of {:?} only", template.source());
            lints.add(LintRule::UnknownVariable, resource.span, reason, Some("a condition on the key".to_owned()));
        } else {
            check(template, resource.span, lints);
        }
    }
    for Spanned { value, span } in statement.conditions.iter().flat_map(|condition| &condition.values) {
        check(value, *span, lints);
    }
}

fn check(template: &Template, span: Span, lints: &mut Lints) {
    if let Some(found) = placeholder(template) {
        let reason = format!("{found} in {:?} looks like a placeholder that was never filled in", template.source());
        return lints.add(LintRule::Placeholder, span, reason, None);
    }
    for key in template.variables() {
        if reference().key(key) == KnownKey::No {
            let suggestion = reference().key_like(key).map(|like| format!("${{{}}}", like.replace('*', "…")));
            let reason = format!("AWS has no value for the variable ${{{key}}}");
            lints.add(LintRule::UnknownVariable, span, reason, suggestion);
        }
    }
}

/// What a text still has to be filled in with: a variable that is no condition key, or something in brackets.
fn placeholder(template: &Template) -> Option<String> {
    let variable = template.variables().find(|key| !key.contains(':')).map(|key| format!("${{{key}}}"));
    variable.or_else(|| bracketed(template.source()))
}

/// `[NAME]`, `<NAME>`, `{{name}}`, or a word that stands for something else.
fn bracketed(text: &str) -> Option<String> {
    let is_name = |inner: &str, lower: bool| {
        let is_part = |c: char| c.is_ascii_uppercase() || "-_ ".contains(c) || lower && c.is_ascii_alphanumeric();
        inner.len() > 1 && inner.chars().all(is_part)
    };
    let between = |open: &str, close: &str, lower: bool| {
        let (_, rest) = text.split_once(open)?;
        let (inner, _) = rest.split_once(close)?;
        is_name(inner, lower).then(|| format!("{open}{inner}{close}"))
    };
    between("[", "]", false)
        .or_else(|| between("<", ">", true))
        .or_else(|| between("{{", "}}", true))
        .or_else(|| WORDS.iter().find(|word| text.contains(**word)).map(|word| (*word).to_owned()))
}
