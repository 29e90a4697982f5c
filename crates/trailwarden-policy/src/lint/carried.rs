//! Actions and resources of one statement that never go together.

use std::collections::{BTreeMap, BTreeSet};

use super::resource::{may_exist, widest};
use super::{LintRule, Lints};
use crate::document::{ActionPattern, Document, ResourcePattern, Statement};
use crate::pattern::{Pattern, witness};
use crate::reference::{reference, resource_form};
use crate::span::Spanned;

/// Actions on log groups that carry the ARN without `:*`. Source: CloudWatch Logs user guide, log group ARN forms.
const ON_BARE_LOG_GROUPS: &[&str] = &["ListTagsForResource", "TagResource", "UntagResource"];

/// A type of resources: the service whose actions take it, and its name there.
type TypeName = (&'static str, &'static str);

/// The resources of one type.
struct Carried {
    form: Pattern,
    /// What the form includes by its letters and never is: a bucket has no slash in its name.
    except: Option<Pattern>,
}

/// A pattern with all that it may match.
type Resource<'a> = (&'a Spanned<ResourcePattern>, Pattern);

/// An action with the types of resources it takes; none when not all are known.
type Taken<'a> = (&'a Spanned<ActionPattern>, Option<BTreeSet<TypeName>>);

pub(super) fn lint(_: &Document, statement: &Statement, lints: &mut Lints) {
    let Some(resources) = statement.resources.as_ref().filter(|resources| !resources.is_negated) else { return };
    let is_everything = |pattern: &Spanned<ResourcePattern>| pattern.value.template().source() == "*";
    if statement.actions.is_negated || resources.patterns.iter().any(is_everything) {
        return;
    }
    let patterns: Vec<Resource<'_>> =
        resources.patterns.iter().map(|resource| (resource, widest(&resource.value))).collect();
    let mut types = BTreeMap::new();
    let taken: Vec<Taken<'_>> =
        statement.actions.patterns.iter().map(|action| (action, taken_by(&action.value, &mut types))).collect();
    match_up(&taken, &types, &patterns, lints);
    log_groups(statement, &patterns, lints);
}

/// The types of resources that the actions of a pattern take; none when not all of them are known. Each type is added to `types`.
fn taken_by(action: &ActionPattern, types: &mut BTreeMap<TypeName, Carried>) -> Option<BTreeSet<TypeName>> {
    let (service, name) = action.text().split_once(':')?;
    let (service, kept) = reference().service(service)?;
    let forms = kept.resources.as_ref()?;
    let mut taken = BTreeSet::new();
    let mut n_actions = 0;
    for action in kept.actions_in(&Pattern::parse(name).ignoring_case()) {
        n_actions += 1;
        for kind in kept.actions.get(action)?.as_ref()? {
            let form = forms.get(kind)?;
            types.entry((service, kind)).or_insert_with(|| Carried::new(service, kind, form));
            taken.insert((service, kind.as_str()));
        }
    }
    // What does not exist has a lint of its own.
    (n_actions > 0).then_some(taken)
}

impl Carried {
    fn new(service: &str, kind: &str, form: &str) -> Self {
        let except = ((service, kind) == ("s3", "bucket")).then(|| Pattern::parse("*/*"));
        Self { form: resource_form(form), except }
    }

    fn may_be(&self, pattern: &Pattern) -> bool {
        let except: Vec<&Pattern> = self.except.iter().collect();
        witness(&[&self.form, pattern], &except).is_ok_and(|found| found.is_some())
    }
}

/// Actions that no resource fits, and resources that no action takes. Where nothing fits at all, the resources are at fault.
fn match_up(taken: &[Taken<'_>], types: &BTreeMap<TypeName, Carried>, patterns: &[Resource<'_>], lints: &mut Lints) {
    let is_there = |carried: &Carried| patterns.iter().any(|(_, pattern)| carried.may_be(pattern));
    let there: BTreeSet<TypeName> =
        types.iter().filter(|(_, carried)| is_there(carried)).map(|(name, _)| *name).collect();
    let is_all_known = taken.iter().all(|(_, types)| types.is_some());
    // A pattern that matches nothing at all has a lint of its own, and may be what the action was meant for.
    let is_real = |(resource, pattern): &Resource<'_>| may_exist(&resource.value, pattern);
    let is_settled = patterns.iter().all(is_real) && (!is_all_known || !there.is_empty());
    for (action, types) in taken {
        let Some(types) = types else { continue };
        if types.is_empty() || is_settled && types.is_disjoint(&there) {
            without_resource(action, types.is_empty(), lints);
        }
    }
    if !is_all_known || types.is_empty() {
        return;
    }
    for resource in patterns {
        if is_real(resource) && !types.values().any(|carried| carried.may_be(&resource.1)) {
            never_carried(resource.0, types, lints);
        }
    }
}

fn without_resource(action: &Spanned<ActionPattern>, is_on_everything: bool, lints: &mut Lints) {
    let text = action.value.text();
    let (reason, suggestion) = if is_on_everything {
        (
            format!("{text} is authorized on no resource, so that only \"*\" speaks of it"),
            Some("\"Resource\": \"*\" in a statement of its own".to_owned()),
        )
    } else {
        (format!("no resource of the statement is one that {text} is authorized on"), None)
    };
    lints.add(LintRule::ActionWithoutResource, action.span, reason, suggestion);
}

fn never_carried(resource: &Spanned<ResourcePattern>, types: &BTreeMap<TypeName, Carried>, lints: &mut Lints) {
    let source = resource.value.template().source();
    let fits =
        |text: &String| types.values().any(|carried| carried.may_be(crate::pattern::ArnPattern::parse(text).widest()));
    let objects = format!("{source}/*");
    let bucket = source.strip_suffix("/*").map(str::to_owned);
    let suggestion = Some(objects).filter(fits).or_else(|| bucket.filter(fits));
    let reason = format!("no action of the statement is authorized on {source:?}");
    lints.add(LintRule::ResourceNeverCarried, resource.span, reason, suggestion);
}

/// Log groups are authorized as `…:log-group:NAME:log-stream:`, which a pattern that ends with the name does not match.
fn log_groups(statement: &Statement, patterns: &[Resource<'_>], lints: &mut Lints) {
    let is_bare_only = |action: &Spanned<ActionPattern>| {
        let mut names = action.value.text().split_once(':').into_iter();
        names.all(|(service, name)| {
            !service.eq_ignore_ascii_case("logs")
                || ON_BARE_LOG_GROUPS.iter().any(|bare| bare.eq_ignore_ascii_case(name))
        })
    };
    if statement.actions.patterns.iter().all(is_bare_only) {
        return;
    }
    let groups = Pattern::parse("arn:*:logs:*:*:log-group:*");
    let with_more = Pattern::parse("arn:*:logs:*:*:log-group:*:*");
    for (resource, pattern) in patterns {
        let is_bare = pattern.intersects(&groups) == Ok(true) && pattern.intersects(&with_more) == Ok(false);
        let source = resource.value.template().source();
        let full = format!("{source}:*");
        let is_listed = patterns.iter().any(|(other, _)| other.value.template().source() == full);
        if is_bare && !is_listed {
            let reason = format!("AWS appends to the ARN of a log group, so that {source:?} matches none");
            lints.add(LintRule::LogGroupWithoutStar, resource.span, reason, Some(full));
        }
    }
}
