//! Whom the Deny statements of a chain exempt, and whether that was declared.

mod nameable;

use crate::chain::Place;
use crate::compare::literal;
use crate::condition::Condition;
use crate::document::Statement;
use crate::operator::{Comparison, Operator};
use crate::pattern::{ArnPattern, Pattern, TooComplex, witness};
use crate::prove::{Finding, Problem, Question, View, pattern, views};
use crate::request::Request;
use crate::span::Spanned;
use crate::variable::Template;
use nameable::{MAX_NAMES, nameable};

/// Condition keys that say who the caller is, in lower case; tags of the principal come besides.
pub(crate) const PRINCIPAL_KEYS: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltype",
    "aws:sourceidentity",
    "aws:userid",
    "aws:username",
];

/// Values told apart one by one where all together are too much, for one question.
const MAX_ALONE: usize = 64;

/// Principals that a Deny spares and that no other statement catches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exemption {
    /// The condition key that tells them, as spelt.
    pub key: String,
    /// The value as written; for `aws:PrincipalArn` a pattern over ARNs.
    pub value: String,
    /// The set of ARNs they have, when the key tells; none when any principal may come to have the value.
    pub arns: Option<Pattern>,
    /// The statement that spares them.
    pub place: Place,
    /// A request of one of them that gets through.
    pub example: Request,
    /// The ARN of a role or user in the exemption that somebody who is neither exempt nor declared may create: for all that can be
    /// proved, the SCPs do not keep them from it. None when the names are fixed, or their creation is denied.
    pub nameable: Option<String>,
}

impl Exemption {
    /// Whether every principal of the exemption is among the declared ones (patterns over ARNs).
    pub fn is_covered_by(&self, declared: &[String]) -> Result<bool, TooComplex> {
        match &self.arns {
            Some(arns) => is_covered(arns, declared),
            None => Ok(false),
        }
    }

    /// Somebody whom the exemption spares and no declared pattern contains: who made the example where that is so, else some
    /// ARN in the same account.
    pub fn undeclared(&self, partition: &str, declared: &[String]) -> Option<String> {
        let Request { principal, context, .. } = &self.example;
        let known = principal.identity(context)?;
        if covered_by(known, declared) == Ok(false) {
            return Some(known.to_owned());
        }
        let declared: Vec<Pattern> = declared.iter().map(|pattern| Pattern::parse(pattern)).collect();
        let of_account = Pattern::parse(&format!("arn:{partition}:iam::{}:*/?*", principal.account()?));
        let outside: Vec<&Pattern> = declared.iter().collect();
        witness(&[self.arns.as_ref()?, &of_account], &outside).ok().flatten()
    }
}

/// Whether every ARN of a pattern is in one of the declared patterns.
fn covered_by(pattern: &str, declared: &[String]) -> Result<bool, TooComplex> {
    is_covered(&Pattern::parse(pattern), declared)
}

fn is_covered(arns: &Pattern, declared: &[String]) -> Result<bool, TooComplex> {
    let declared: Vec<Pattern> = declared.iter().map(|text| Pattern::parse(text)).collect();
    Ok(witness(&[arns], &declared.iter().collect::<Vec<_>>())?.is_none())
}

/// The exemptions from the Deny statements on a chain, for the calls of a question; its exceptions play no part.
///
/// A negated condition on the principal is an exemption when someone who meets it, and would be denied otherwise, gets through:
/// several such conditions in one statement each exempt alone, and another Deny may catch whom this one spares. The error says
/// why it cannot be told.
pub fn exemptions(question: &Question<'_>) -> Result<Vec<Exemption>, String> {
    let mut found: Vec<Exemption> = Vec::new();
    let mut patience = Patience { n_alone: MAX_ALONE, n_names: MAX_NAMES };
    for view in views(question).open {
        add_of_calls(question, &view, &mut found, &mut patience)?;
    }
    Ok(found)
}

/// What may still be spent on one question.
struct Patience {
    /// Values told apart alone.
    n_alone: usize,
    /// Names put to the prover.
    n_names: usize,
}

/// Adds the exemptions that are not known from other calls.
fn add_of_calls(
    question: &Question<'_>,
    view: &View<'_>,
    found: &mut Vec<Exemption>,
    patience: &mut Patience,
) -> Result<(), String> {
    let is_new = |spared: &Spared<'_>| !found.iter().any(|known| spared.is(known));
    let all: Vec<Spared<'_>> = view.denies(question.chain).flat_map(spared).filter(is_new).collect();
    if all.is_empty() {
        return Ok(());
    }
    let asides: Vec<&Condition> = all.iter().map(|spared| &spared.meets).collect();
    let problem = Problem::new(question, view, &[], &asides)?;
    for Spared { place, statement, condition, value, meets } in &all {
        let find = |problem: &Problem<'_>| problem.find(&problem.required(statement, condition, meets));
        // Many values together may be too much to tell apart where one is not.
        let finding = match find(&problem) {
            Finding::Undecided(_) if all.len() > 1 && patience.n_alone > 0 => {
                patience.n_alone -= 1;
                find(&Problem::new(question, view, &[], &[meets])?)
            }
            decided => decided,
        };
        let example = match finding {
            Finding::Nothing(_) => continue,
            Finding::Undecided(reason) => return Err(reason),
            Finding::Request(example) => example,
        };
        let arns = arns(question.partition, condition, &value.value, &example);
        let named = named(condition, &value.value, arns.as_ref(), &example);
        found.push(Exemption {
            key: condition.key.clone(),
            value: value.value.source().to_owned(),
            nameable: nameable(question, &named, &mut patience.n_names),
            arns,
            place: place.clone(),
            example,
        });
    }
    Ok(())
}

/// One value of a negated condition with which a Deny spares someone.
struct Spared<'a> {
    place: Place,
    statement: &'a Statement,
    condition: &'a Condition,
    value: &'a Spanned<Template>,
    /// The condition that holds for those whom it spares.
    meets: Condition,
}

impl Spared<'_> {
    fn is(&self, known: &Exemption) -> bool {
        (&self.condition.key, self.value.value.source(), &self.place)
            == (&known.key, known.value.as_str(), &known.place)
    }
}

/// The negated conditions of a Deny on the principal, value by value.
fn spared<'a>((place, statement): (Place, &'a Statement)) -> impl Iterator<Item = Spared<'a>> {
    let conditions = statement.conditions.iter().filter(|condition| {
        let key = condition.key.to_ascii_lowercase();
        let is_principal = PRINCIPAL_KEYS.contains(&key.as_str()) || key.starts_with("aws:principaltag/");
        condition.operator.is_negated && is_principal
    });
    let values = conditions.flat_map(|condition| condition.values.iter().map(move |value| (condition, value)));
    values.map(move |(condition, value)| {
        let operator = Operator { is_negated: false, if_exists: false, ..condition.operator };
        let meets = Condition { operator, values: vec![value.clone()], ..condition.clone() };
        Spared { place: place.clone(), statement, condition, value, meets }
    })
}

/// The ARNs of the roles and users that an exemption tells by their names.
fn named(condition: &Condition, value: &Template, arns: Option<&Pattern>, example: &Request) -> Vec<Pattern> {
    let comparison = condition.operator.comparison;
    let name = || pattern(comparison, value.resolve(&example.context).ok().flatten()?);
    match condition.key.to_ascii_lowercase().as_str() {
        "aws:principalarn" => arns.cloned().into_iter().collect(),
        "aws:username" => {
            let users = ["arn:*:user/", "arn:*:user/*/"].map(Pattern::parse);
            name().iter().flat_map(|name| users.each_ref().map(|prefix| name.as_name_after(prefix))).collect()
        }
        _ => Vec::new(),
    }
}

fn arns(partition: &str, condition: &Condition, value: &Template, example: &Request) -> Option<Pattern> {
    let pieces = value.resolve(&example.context).ok().flatten()?;
    let key = condition.key.to_ascii_lowercase();
    match (key.as_str(), condition.operator.comparison) {
        ("aws:principalarn", Comparison::ArnLike) => Some(ArnPattern::from_pieces(&pieces).widest().clone()),
        ("aws:principalarn", Comparison::StringLike) => Some(Pattern::from_pieces(pieces)),
        ("aws:principalarn", Comparison::StringEquals) => Some(literal(pieces)),
        ("aws:principalarn", Comparison::StringEqualsIgnoreCase) => Some(literal(pieces).ignoring_case()),
        ("aws:principalaccount", _) => {
            Some(Pattern::parse(&format!("arn:{partition}:*::{}:*", example.principal.account()?)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declared_pattern_covers_what_lies_within_it() {
        let declared = ["arn:aws:iam::*:role/Security*".to_owned(), "arn:aws:iam::*:role/Break?lass".to_owned()];
        assert_eq!(covered_by("arn:aws:iam::111122223333:role/Security-*", &declared), Ok(true));
        assert_eq!(covered_by("arn:aws:iam::*:role/BreakGlass", &declared), Ok(true));
        assert_eq!(covered_by("arn:aws:iam::*:role/*", &declared), Ok(false));
    }
}
