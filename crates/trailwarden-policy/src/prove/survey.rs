//! What the values of each key are compared with, across all elements that matter to a call: the first step in listing the values
//! that make a difference.
//!
//! A variable is followed where that is exact: in a text that is known (the resource, or a fact that AWS sets) only pieces of this
//! text can make a difference; and two free keys compared with each other can agree or differ. Anything else is tried with values
//! that are likely to matter, and the element counts as unlisted: it may open a call, but it never helps to prove one denied.

use std::collections::{BTreeMap, BTreeSet};

use super::callers::Caller;
use super::classes::Union;
use super::element::{Element, templates};
use super::facts::{Standing, standing};
use super::values::{KeyUse, is_typed, pattern, plain_patterns};
use crate::condition::Condition;
use crate::context::{Context, Values};
use crate::document::PrincipalKind;
use crate::operator::Comparison;
use crate::pattern::{ArnPattern, Pattern};
use crate::variable::Template;

/// The key that holds the name of a user, and is absent for any other caller.
const USER_NAME: &str = "aws:username";

/// More pieces of one text than this are too many to try.
const MAX_PIECES: usize = 256;

/// What was found out about the elements.
pub(super) struct Survey<'a> {
    pub(super) common: &'a Context,
    pub(super) resource: &'a str,
    /// The free keys in lower case.
    pub(super) keys: BTreeMap<String, KeyUse<'a>>,
    /// What `aws:PrincipalArn` is compared with.
    pub(super) arns: BTreeSet<Union>,
    /// What `aws:username` is compared with.
    pub(super) names: BTreeSet<Union>,
    /// Elements for which some value that makes a difference may be missing.
    pub(super) unlisted: BTreeSet<usize>,
    /// Pairs of free keys that an element compares.
    compared: Vec<Compared>,
    /// Elements in which something free meets something that the caller settles.
    by_caller: Vec<(&'a Condition, &'a Template)>,
}

struct Compared {
    element: usize,
    keys: [String; 2],
    ignores_case: bool,
}

impl<'a> Survey<'a> {
    /// Surveys the elements; they are known by their position.
    pub(super) fn new(elements: &[Element<'a>], resource: &'a str, common: &'a Context) -> Self {
        let mut survey = Self {
            common,
            resource,
            keys: BTreeMap::new(),
            arns: BTreeSet::new(),
            names: BTreeSet::new(),
            unlisted: BTreeSet::new(),
            compared: Vec::new(),
            by_caller: Vec::new(),
        };
        for (index, &element) in elements.iter().enumerate() {
            for key in element.keys(resource) {
                survey.add_key(key);
            }
            survey.add(index, element);
        }
        survey.connect();
        survey
    }

    pub(super) fn standing(&self, key: &str) -> Standing {
        standing(&key.to_ascii_lowercase(), self.common)
    }

    fn key(&mut self, key: &str) -> Option<&mut KeyUse<'a>> {
        self.keys.get_mut(&key.to_ascii_lowercase())
    }

    fn add_key(&mut self, key: &str) {
        if self.standing(key) == Standing::Free {
            let known = self.keys.entry(key.to_ascii_lowercase()).or_default();
            if known.spelt.is_empty() {
                key.clone_into(&mut known.spelt);
            }
        }
    }

    fn add(&mut self, index: usize, element: Element<'a>) {
        match element {
            Element::Condition(condition) => self.add_condition(index, condition),
            Element::Principals(principals) => {
                if principals.patterns.iter().any(|pattern| pattern.value.kind != PrincipalKind::Everyone) {
                    self.unlisted.insert(index);
                }
            }
            Element::Resources(resources) if self.resource != "*" => {
                for pattern in &resources.patterns {
                    self.add_known_text(index, pattern.value.template(), self.resource);
                }
            }
            Element::Resources(_) | Element::Actions(_) => {}
        }
    }

    fn add_condition(&mut self, index: usize, condition: &'a Condition) {
        if let Some(known) = self.key(&condition.key) {
            known.conditions.push(condition);
        }
        if is_typed(condition) && self.standing(&condition.key) == Standing::Caller {
            self.unlisted.insert(index);
        }
        let mut union: Union = plain_patterns(condition).into_iter().collect();
        for template in templates(condition) {
            if self.unsettled(template).next().is_some() {
                self.add_variable(index, condition, template);
            } else if let Ok(Some(pieces)) = template.resolve(self.common) {
                let is_settled = condition.operator.comparison != Comparison::ArnLike
                    || ArnPattern::from_pieces(&pieces).is_settled();
                match pattern(condition.operator.comparison, pieces) {
                    Some(pattern) if is_settled => drop(union.insert(pattern)),
                    // Whether it holds or cannot be told is a difference of its own.
                    unsettled => self.add_patterns(&condition.key, unsettled),
                }
            }
        }
        self.add_union(&condition.key, union);
    }

    /// Adds what a key is compared with at once.
    fn add_union(&mut self, key: &str, union: Union) {
        if union.is_empty() {
            return;
        }
        match key.to_ascii_lowercase().as_str() {
            "aws:principalarn" => drop(self.arns.insert(union)),
            USER_NAME => drop(self.names.insert(union)),
            _ => {
                if let Some(known) = self.key(key) {
                    known.unions.insert(union);
                }
            }
        }
    }

    fn add_patterns(&mut self, key: &str, patterns: impl IntoIterator<Item = Pattern>) {
        patterns.into_iter().for_each(|pattern| self.add_union(key, Union::from([pattern])));
    }

    /// The variables of a text that are not the same for every caller.
    fn unsettled<'t>(&self, template: &'t Template) -> impl Iterator<Item = &'t str> {
        template.variables().filter(|key| self.standing(key) != Standing::Common)
    }

    fn add_variable(&mut self, index: usize, condition: &'a Condition, template: &'a Template) {
        let is_free = self.unsettled(template).all(|key| self.standing(key) == Standing::Free);
        match self.standing(&condition.key) {
            Standing::Common => self.add_known_value(index, condition, template),
            _ if self.add_comparison(index, condition, template) => {}
            Standing::Free if is_free => {
                self.unlisted.insert(index);
                self.suggest(condition, template);
            }
            Standing::Free | Standing::Caller => {
                self.unlisted.insert(index);
                self.by_caller.push((condition, template));
            }
        }
    }

    /// A variable in a condition on a key whose value is known.
    fn add_known_value(&mut self, index: usize, condition: &'a Condition, template: &'a Template) {
        let common = self.common;
        for value in common.get(&condition.key).into_iter().flat_map(|values| values.as_slice()) {
            match (condition.operator.comparison, template.sole_variable()) {
                (Comparison::StringEqualsIgnoreCase, Some((key, _))) if self.standing(key) == Standing::Free => {
                    self.add_patterns(key, [Pattern::literal(value).ignoring_case()]);
                }
                (Comparison::StringEqualsIgnoreCase, _) => {
                    self.unlisted.insert(index);
                    self.add_known_text(index, template, value);
                }
                _ => self.add_known_text(index, template, value),
            }
        }
    }

    /// A text with variables that is compared with a known one: only pieces of the known one can make a difference.
    fn add_known_text(&mut self, index: usize, template: &Template, text: &str) {
        let keys: BTreeSet<&str> = self.unsettled(template).collect();
        for key in keys {
            let Some(pieces) = pieces(template, key, text, self.common) else {
                self.unlisted.insert(index);
                continue;
            };
            match key.to_ascii_lowercase().as_str() {
                "aws:principalarn" | USER_NAME => {
                    self.add_patterns(key, pieces.iter().map(|piece| Pattern::literal(piece)));
                }
                _ => {
                    if let Some(known) = self.key(key) {
                        known.literals.extend(pieces);
                    }
                }
            }
        }
    }

    /// True when the condition compares two keys as wholes: free ones, or one and the name of a user.
    fn add_comparison(&mut self, index: usize, condition: &'a Condition, template: &'a Template) -> bool {
        let Some((other, default)) = template.sole_variable() else { return false };
        let keys = [condition.key.as_str(), other].map(str::to_ascii_lowercase);
        let is_comparable = |key: &String| key == USER_NAME || self.keys.contains_key(key);
        if condition.operator.comparison == Comparison::ArnLike || !keys.iter().all(is_comparable) {
            return false;
        }
        let ignores_case = condition.operator.comparison == Comparison::StringEqualsIgnoreCase;
        let default = default.map(Pattern::literal);
        let default = default.map(|default| if ignores_case { default.ignoring_case() } else { default });
        self.add_patterns(&condition.key, default);
        let [one, another] = &keys;
        if one != another {
            self.compared.push(Compared { element: index, keys, ignores_case });
        }
        true
    }

    /// Values that make two free keys fit together, for a text that cannot be followed exactly.
    fn suggest(&mut self, condition: &'a Condition, template: &'a Template) {
        let keys: BTreeSet<&str> = self.unsettled(template).collect();
        for value in ["other", "different"] {
            let mut context = self.common.clone();
            for key in &keys {
                context.set(key, value);
                if let Some(known) = self.key(key) {
                    known.literals.insert(value.to_owned());
                }
            }
            if let Ok(Some(pieces)) = template.resolve(&context) {
                self.add_patterns(&condition.key, pattern(condition.operator.comparison, pieces));
            }
        }
    }

    /// Completes the survey with what the callers bring into the texts that they settle.
    pub(super) fn add_callers(&mut self, callers: &[Caller]) {
        for (condition, template) in std::mem::take(&mut self.by_caller) {
            for caller in callers {
                self.add_caller(condition, template, caller);
            }
        }
        let names: BTreeSet<String> = callers.iter().filter_map(|caller| one(&caller.facts, USER_NAME)).collect();
        for group in groups(&self.compared).iter().filter(|group| group.keys.contains(USER_NAME)) {
            for key in &group.keys {
                if let Some(known) = self.keys.get_mut(key) {
                    known.literals.extend(names.iter().cloned());
                }
            }
        }
        self.connect();
    }

    fn add_caller(&mut self, condition: &'a Condition, template: &'a Template, caller: &Caller) {
        if let Some(text) = one(&caller.facts, &condition.key) {
            let keys: BTreeSet<&str> = self.unsettled(template).collect();
            for key in keys {
                let found = pieces(template, key, &text, &caller.facts);
                if let Some(known) = self.key(key) {
                    known.literals.extend(found.into_iter().flatten());
                }
            }
        }
        if let Ok(Some(pieces)) = template.resolve(&caller.facts) {
            self.add_patterns(&condition.key, pattern(condition.operator.comparison, pieces));
        }
    }

    /// Gives keys that are compared with each other, directly or through others, the same patterns: of every class that these tell
    /// apart as many members are enough as there are keys, since no more can differ from each other.
    fn connect(&mut self) {
        for group in groups(&self.compared) {
            let (mut unions, mut literals) = (BTreeSet::new(), BTreeSet::new());
            for known in group.keys.iter().filter_map(|key| self.keys.get(key)) {
                unions.extend(known.unions.iter().cloned());
                literals.extend(known.literals.iter().cloned());
            }
            let has_name = group.keys.contains(USER_NAME);
            if has_name {
                unions.extend(self.names.iter().cloned());
                self.names.clone_from(&unions);
                self.names.extend(literals.iter().map(|text| Union::from([Pattern::literal(text)])));
            }
            if !self.is_exact(&group, &unions, &literals) {
                self.unlisted.extend(&group.elements);
            }
            for key in &group.keys {
                if let Some(known) = self.keys.get_mut(key) {
                    known.unions.clone_from(&unions);
                    known.literals.clone_from(&literals);
                    known.n_compared = group.keys.len();
                    known.ignores_case = group.ignores_case == Some(true);
                }
            }
        }
    }

    /// Whether the values listed for compared keys are all that make a difference.
    fn is_exact(&self, group: &Group, unions: &BTreeSet<Union>, literals: &BTreeSet<String>) -> bool {
        let is_plain =
            |key: &String| self.keys.get(key).is_none_or(|known| !known.is_typed(key) && !known.is_multivalued(key));
        let is_blind = || literals.is_empty() && unions.iter().flatten().all(Pattern::is_blind_to_case);
        group.keys.iter().all(is_plain)
            && match group.ignores_case {
                Some(true) => is_blind(),
                Some(false) => true,
                None => false,
            }
    }
}

fn one(facts: &Context, key: &str) -> Option<String> {
    match facts.get(key)? {
        Values::One(value) => Some(value.clone()),
        Values::Many(_) => None,
    }
}

/// Keys that are compared with each other.
struct Group {
    keys: BTreeSet<String>,
    elements: BTreeSet<usize>,
    /// Whether the comparisons ignore case; none when some do and some do not.
    ignores_case: Option<bool>,
}

fn groups(compared: &[Compared]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for Compared { element, keys, ignores_case } in compared {
        let mut joined = Group {
            keys: keys.iter().cloned().collect(),
            elements: BTreeSet::from([*element]),
            ignores_case: Some(*ignores_case),
        };
        let (touching, apart) = groups.into_iter().partition(|group: &Group| !group.keys.is_disjoint(&joined.keys));
        groups = apart;
        for group in touching {
            joined.ignores_case = joined.ignores_case.filter(|_| joined.ignores_case == group.ignores_case);
            joined.keys.extend(group.keys);
            joined.elements.extend(group.elements);
        }
        groups.push(joined);
    }
    groups
}

/// The pieces of a text that a variable would have to be for the template to match it, whatever the other variables are; none when
/// there are too many.
fn pieces(template: &Template, key: &str, text: &str, facts: &Context) -> Option<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for (before, after) in template.around(key, facts) {
        let after = Pattern::from_pieces(after);
        let starts = Pattern::from_pieces(before).prefixes(text);
        let ends = || text.char_indices().map(|(at, _)| at).chain([text.len()]);
        let ends: Vec<usize> = ends().filter(|&end| text.get(end..).is_some_and(|rest| after.matches(rest))).collect();
        for &start in &starts {
            for &end in ends.iter().filter(|&&end| end >= start) {
                found.extend(text.get(start..end).map(str::to_owned));
                if found.len() > MAX_PIECES {
                    return None;
                }
            }
        }
    }
    Some(found)
}
