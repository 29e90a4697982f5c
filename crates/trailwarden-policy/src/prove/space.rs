//! All requests for one call, up to what the statements tell apart.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Freedom, freedom, is_settled, of_principal};
use super::principals::principals;
use super::values::{candidates, patterns};
use super::view::{Asked, View, at_worst, with_statements};
use super::{By, Call, Question};
use crate::chain::{Chain, ChainVerdict};
use crate::condition::Condition;
use crate::context::{Context, Values};
use crate::document::Statement;
use crate::pattern::{ArnPattern, Pattern};
use crate::request::{Principal, Request};
use crate::variable::Template;

/// Requests tried for one call before giving up.
const MAX_REQUESTS: usize = 50_000;

/// What a search came to.
pub(crate) enum Finding {
    /// No such request exists, because of these.
    Nothing(BTreeSet<By>),
    /// This one.
    Request(Request),
    /// None was found, and there may be one.
    Undecided(String),
}

/// One condition key with the values to try for it.
struct Axis {
    key: String,
    values: Vec<Values>,
}

/// The requests for one call.
pub(crate) struct Space<'a> {
    chain: &'a Chain,
    /// The statements that can matter.
    reduced: Chain,
    /// Those again, with the ones whose values could not all be listed taken at their worst; none when all could.
    worst: Option<Chain>,
    call: &'a Call,
    common: &'a Context,
    principals: Vec<String>,
    axes: Vec<Axis>,
}

impl<'a> Space<'a> {
    /// The requests for the calls of a view by principals of the account that no exception matches. The error says why they
    /// cannot be listed.
    pub(crate) fn new(question: &Question<'a>, view: &'a View<'_>, exceptions: &[Pattern]) -> Result<Self, String> {
        let Question { chain, partition, .. } = *question;
        let Asked { call, common, .. } = &view.first;
        let describe = |what: &str| format!("{what} of {} on {} are too many to compare", call.action, call.resource);
        let reduced = view.reduce(chain);
        let by_key = conditions_by_key(&reduced);
        let on_principal = by_key.get("aws:principalarn").map(Vec::as_slice).unwrap_or_default();
        let principals = principals(partition, &chain.account, exceptions, &patterns(on_principal, common))
            .map_err(|_| describe("the principal patterns"))?;
        let mut axes = Vec::new();
        let mut unlisted = BTreeSet::new();
        for (key, Suggestion { spelt, values }) in keys(&reduced, call) {
            if is_settled(&key, common) {
                continue;
            }
            let conditions = by_key.get(&key).map(Vec::as_slice).unwrap_or_default();
            let found = candidates(&key, conditions, common, &values).map_err(|_| describe("the values"))?;
            if !found.is_complete {
                unlisted.insert(key);
            }
            axes.push(Axis { key: spelt, values: found.values });
        }
        let is_unlisted = |statement: &Statement| is_unlisted(statement, common, &unlisted);
        let worst = reduced.statements().any(|(_, _, statement)| is_unlisted(statement)).then(|| {
            with_statements(&reduced, |statement| {
                if is_unlisted(statement) { at_worst(statement) } else { Some(statement.clone()) }
            })
        });
        Ok(Self { chain, reduced, worst, call, common, principals, axes })
    }

    /// The statements that can matter for the call.
    pub(crate) fn reduced(&self) -> &Chain {
        &self.reduced
    }

    /// A request that the SCPs let through and `accepts` takes.
    pub(crate) fn find(&self, accepts: impl Fn(&Request) -> bool) -> Finding {
        let by = match self.find_in(&self.reduced, &accepts) {
            Finding::Nothing(by) => by,
            decided => return decided,
        };
        match self.worst.as_ref().map(|worst| self.find_in(worst, &accepts)) {
            None => Finding::Nothing(by),
            Some(Finding::Nothing(by)) => Finding::Nothing(by),
            Some(Finding::Request(_)) => {
                Finding::Undecided(format!("{} depends on values that cannot be listed", self.call.action))
            }
            Some(undecided) => undecided,
        }
    }

    fn find_in(&self, chain: &Chain, accepts: &impl Fn(&Request) -> bool) -> Finding {
        let mut undecided = None;
        let mut by = BTreeSet::new();
        let mut n_tried = 0_usize;
        for arn in &self.principals {
            let facts = of_principal(self.common.clone(), arn);
            let choices = self.choices(&facts);
            let mut at = vec![0; choices.len()];
            loop {
                n_tried += 1;
                if n_tried > MAX_REQUESTS {
                    return Finding::Undecided(format!("more than {MAX_REQUESTS} requests to try"));
                }
                let request = self.request(arn, &facts, &choices, &at);
                if accepts(&request) {
                    match self.judge(chain, &request) {
                        ChainVerdict::Undecided(reason) => undecided = undecided.or(Some(reason)),
                        verdict if verdict.lets_through() => return Finding::Request(request),
                        ChainVerdict::ExplicitDeny(place) => drop(by.insert(By::Statement(place))),
                        ChainVerdict::ImplicitDeny { node } => drop(by.insert(By::NoAllow { node })),
                        ChainVerdict::NotBound(_) | ChainVerdict::Allowed(_) => {}
                    }
                }
                if !advance(&mut at, &choices) {
                    break;
                }
            }
        }
        undecided.map_or(Finding::Nothing(by), Finding::Undecided)
    }

    /// The verdict, where a way through is confirmed on the whole chain and a lack of Allow only counts when every policy of the
    /// node was understood.
    fn judge(&self, chain: &Chain, request: &Request) -> ChainVerdict {
        let verdict = chain.evaluate(request);
        let is_whole = self.worst.as_ref().is_none_or(|worst| !std::ptr::eq(worst, chain));
        match &verdict {
            ChainVerdict::NotBound(_) | ChainVerdict::Allowed(_) if is_whole => self.chain.evaluate(request),
            ChainVerdict::ImplicitDeny { node } => self.misread_at(node).map_or(verdict, ChainVerdict::Undecided),
            _ => verdict,
        }
    }

    fn misread_at(&self, node: &str) -> Option<String> {
        let mut policies = self.chain.policies().filter(|(found, _)| found.id == node);
        policies.find_map(|(_, policy)| {
            policy.document.as_ref().err().map(|malformed| format!("{} at {node}: {malformed}", policy.id))
        })
    }

    /// For every key that a caller with these facts may choose: the values, absence first.
    fn choices<'b>(&'b self, facts: &Context) -> Vec<(&'b str, Vec<Option<&'b Values>>)> {
        let options = |axis: &'b Axis| {
            let values = axis.values.iter().map(Some);
            match freedom(&axis.key, facts) {
                Freedom::Fixed => None,
                Freedom::AnyValue => Some(values.collect()),
                Freedom::AnyValueOrNone => Some(std::iter::once(None).chain(values).collect()),
            }
        };
        self.axes.iter().filter_map(|axis| Some((axis.key.as_str(), options(axis)?))).collect()
    }

    fn request(&self, arn: &str, facts: &Context, choices: &[(&str, Vec<Option<&Values>>)], at: &[usize]) -> Request {
        let mut context = facts.clone();
        for ((key, options), &index) in choices.iter().zip(at) {
            if let Some(Some(values)) = options.get(index) {
                context.set(key, (*values).clone());
            }
        }
        Request {
            principal: Principal::Aws(arn.to_owned()),
            action: self.call.action.clone(),
            resource: self.call.resource.clone(),
            context,
        }
    }
}

/// The next combination; false after the last.
fn advance(at: &mut [usize], choices: &[(&str, Vec<Option<&Values>>)]) -> bool {
    for (index, (_, options)) in at.iter_mut().zip(choices) {
        *index += 1;
        if *index < options.len() {
            return true;
        }
        *index = 0;
    }
    false
}

fn conditions_by_key(chain: &Chain) -> BTreeMap<String, Vec<&Condition>> {
    let mut by_key: BTreeMap<String, Vec<&Condition>> = BTreeMap::new();
    for (_, _, statement) in chain.statements() {
        for condition in &statement.conditions {
            by_key.entry(condition.key.to_ascii_lowercase()).or_default().push(condition);
        }
    }
    by_key
}

/// A key as first spelt, with values that variables suggest for it.
#[derive(Default)]
struct Suggestion {
    spelt: String,
    values: BTreeSet<String>,
}

#[derive(Default)]
struct Suggestions(BTreeMap<String, Suggestion>);

impl Suggestions {
    fn add(&mut self, key: &str, values: impl IntoIterator<Item = String>) {
        let suggestion = self.0.entry(key.to_ascii_lowercase()).or_default();
        if suggestion.spelt.is_empty() {
            key.clone_into(&mut suggestion.spelt);
        }
        suggestion.values.extend(values);
    }
}

/// Every key that a condition or a variable reads, in lower case.
fn keys(chain: &Chain, call: &Call) -> BTreeMap<String, Suggestion> {
    let mut keys = Suggestions::default();
    for (_, _, statement) in chain.statements() {
        for condition in &statement.conditions {
            keys.add(&condition.key, None);
            for key in condition.values.iter().flat_map(|value| value.value.variables()) {
                // Two values, so that the key can agree with the one it is compared with and differ from it.
                let both = ["other".to_owned(), "different".to_owned()];
                keys.add(key, both.clone());
                keys.add(&condition.key, both);
            }
        }
        for pattern in statement.resources.iter().flat_map(|resources| &resources.patterns) {
            let template = pattern.value.template();
            for key in template.variables() {
                keys.add(key, value_for(template, key, &call.resource));
            }
        }
    }
    keys.0
}

/// A value of a variable with which a template matches a resource: a piece of that resource.
fn value_for(template: &Template, key: &str, resource: &str) -> Option<String> {
    let matches = |value: &str| {
        let pieces = template.resolve(&Context::new().with(key, value)).ok().flatten();
        pieces.is_some_and(|pieces| ArnPattern::from_pieces(&pieces).matches(resource).is_yes())
    };
    let starts = resource.char_indices().map(|(at, _)| at);
    let mut pieces = starts.flat_map(|start| {
        let tail = resource.get(start..).unwrap_or_default();
        tail.char_indices().filter_map(move |(end, c)| tail.get(..end + c.len_utf8()))
    });
    pieces.find(|piece| matches(piece)).map(str::to_owned)
}

/// True when the values listed for the keys of a statement may not be all that matter to it.
fn is_unlisted(statement: &Statement, facts: &Context, unlisted: &BTreeSet<String>) -> bool {
    let is_open = |template: &Template| template.variables().any(|key| facts.get(key).is_none());
    let in_conditions = statement.conditions.iter().any(|condition| {
        unlisted.contains(&condition.key.to_ascii_lowercase())
            || condition.values.iter().any(|value| is_open(&value.value))
    });
    let mut resources = statement.resources.iter().flat_map(|resources| &resources.patterns);
    in_conditions || resources.any(|pattern| is_open(pattern.value.template()))
}
