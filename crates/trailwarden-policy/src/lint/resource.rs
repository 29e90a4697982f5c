//! Resource patterns that match nothing AWS has.

use super::{LintRule, Lints};
use crate::document::{Document, ResourcePattern, Statement};
use crate::pattern::{ArnPattern, Pattern, Piece};
use crate::reference::reference;
use crate::span::Spanned;
use crate::variable::Template;

/// The parts of an ARN before the resource.
const REGION: usize = 3;
const ACCOUNT: usize = 4;

pub(super) fn lint(_: &Document, statement: &Statement, lints: &mut Lints) {
    for resource in statement.resources.iter().flat_map(|resources| &resources.patterns) {
        let shape = resource.value.template().shape();
        let parts: Vec<&str> = shape.splitn(6, ':').collect();
        match parts.as_slice() {
            ["*"] => {}
            [_, _, service, _, _, _] => exists(resource, &parts, service, lints),
            _ => {
                let reason = format!("{:?} has fewer than the six parts of an ARN", resource.value.template().source());
                lints.add(LintRule::ShortArn, resource.span, reason, None);
            }
        }
    }
}

/// What a pattern may match, whatever its variables hold, when each part is taken by itself: that a `*` may run past a colon
/// makes any two patterns meet somewhere.
pub(super) fn widest(resource: &ResourcePattern) -> Pattern {
    let piece = |c: char| Piece::Written(if c == Template::VARIABLE { '*' } else { c });
    ArnPattern::from_pieces(&resource.template().shape().chars().map(piece).collect::<Vec<_>>()).widest().clone()
}

/// False when no resource that AWS has matches a pattern.
pub(super) fn may_exist(resource: &ResourcePattern, pattern: &Pattern) -> bool {
    let shape = resource.template().shape();
    let forms = shape.split(':').nth(2).map(|service| reference().resources_of(service)).unwrap_or_default();
    forms.is_empty() || forms.iter().any(|form| form.intersects(pattern).unwrap_or(true))
}

fn exists(resource: &Spanned<ResourcePattern>, parts: &[&str], service: &str, lints: &mut Lints) {
    if may_exist(&resource.value, &widest(&resource.value)) {
        return;
    }
    let forms = reference().resources_of(service);
    let source = resource.value.template().source();
    if let Some(full) = run_past(parts, forms) {
        let reason = format!("{source:?} leaves out a part, and matches only because a star may run past a colon");
        return lints.add(LintRule::ShortArn, resource.span, reason, Some(full));
    }
    match other_part(parts, forms) {
        Some((suggestion, reason)) => {
            lints.add(LintRule::ArnPart, resource.span, format!("{source:?} {reason}"), Some(suggestion));
        }
        None => {
            let reason = format!("no resource of {service} has the form {source:?}");
            lints.add(LintRule::UnknownResource, resource.span, reason, None);
        }
    }
}

/// The same ARN with a part put in behind a star, when the place of the account holds something else and that makes it match.
fn run_past(parts: &[&str], forms: &[Pattern]) -> Option<String> {
    parts.get(ACCOUNT)?.contains(|c: char| c.is_ascii_alphabetic()).then_some(())?;
    let stars = parts.iter().enumerate().take(ACCOUNT).filter(|(_, part)| part.ends_with('*'));
    stars.map(|(index, _)| index + 1).find_map(|index| {
        let (before, after) = parts.split_at_checked(index)?;
        let text = [before, &["*"], after].concat().join(":").replace(Template::VARIABLE, "*");
        is_one_of(&text, forms).then_some(text)
    })
}

fn is_one_of(text: &str, forms: &[Pattern]) -> bool {
    let pattern = ArnPattern::parse(text);
    forms.iter().any(|form| form.intersects(pattern.widest()).unwrap_or(false))
}

/// The same ARN with region or account filled or emptied, when that makes it match, and what is wrong with it.
fn other_part(parts: &[&str], forms: &[Pattern]) -> Option<(String, String)> {
    let region = parts.get(REGION).copied().unwrap_or_default();
    let account = parts.get(ACCOUNT).copied().unwrap_or_default();
    let filled = |part: &str| if part.is_empty() { "*".to_owned() } else { String::new() };
    let choices =
        [(filled(region), account.to_owned()), (region.to_owned(), filled(account)), (filled(region), filled(account))];
    choices.into_iter().find_map(|(new_region, new_account)| {
        let mut changed: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
        *changed.get_mut(REGION)? = new_region;
        *changed.get_mut(ACCOUNT)? = new_account;
        let text = changed.join(":").replace(Template::VARIABLE, "*");
        is_one_of(&text, forms).then_some(())?;
        let wrong = |name: &str, named: &str, was: &str, is: Option<&String>| {
            (is.is_some_and(|is| is != was))
                .then(|| if was.is_empty() { format!("an empty {name}") } else { named.to_owned() })
        };
        let wrong: Vec<String> = [
            wrong("region", "a region", region, changed.get(REGION)),
            wrong("account", "an account", account, changed.get(ACCOUNT)),
        ]
        .into_iter()
        .flatten()
        .collect();
        let always =
            if region.is_empty() && account.is_empty() { "where AWS always names one" } else { "as no such ARN does" };
        Some((text, format!("has {}, {always}", wrong.join(" and "))))
    })
}
