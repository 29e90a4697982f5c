//! Actions that do not exist, or that the kind of policy has no say in.

use super::{LintRule, Lints};
use crate::document::{ActionPattern, Document, Effect, Kind, Statement, covered_by_resource_control};
use crate::pattern::Pattern;
use crate::reference::reference;
use crate::span::Spanned;

pub(super) fn lint(document: &Document, statement: &Statement, lints: &mut Lints) {
    for action in &statement.actions.patterns {
        let Some((service, name)) = action.value.text().split_once(':') else { continue };
        if service == "*" {
            continue;
        }
        exists(action, service, name, lints);
        if document.kind == Kind::ResourceControl
            && statement.effect == Effect::Deny
            && !covered_by_resource_control(action.value.text())
        {
            let reason = format!("resource control policies have no say in {}", action.value.text());
            lints.add(LintRule::ResourceControlNotCovered, action.span, reason, None);
        }
    }
}

fn exists(action: &Spanned<ActionPattern>, service: &str, name: &str, lints: &mut Lints) {
    let facts = reference();
    if !facts.has_service(service) {
        let suggestion = facts.service_like(service).map(|like| format!("{like}:{name}"));
        let reason = format!("no service is called {service:?}");
        return lints.add(LintRule::UnknownService, action.span, reason, suggestion);
    }
    let Some((_, kept)) = facts.service(service) else { return };
    if kept.actions_in(&Pattern::parse(name).ignoring_case()).next().is_some() {
        return;
    }
    let suggestion = kept.action_like(name).map(|like| format!("{service}:{like}"));
    let reason = if name.contains(['*', '?']) {
        format!("no action of {service} matches {:?}", action.value.text())
    } else {
        format!("{service} has no action {name:?}")
    };
    lints.add(LintRule::UnknownAction, action.span, reason, suggestion);
}
