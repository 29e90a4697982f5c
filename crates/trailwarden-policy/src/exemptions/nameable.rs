//! Whether somebody who is not exempt can make a role or user that is, by giving it a name.

use std::collections::BTreeSet;

use crate::chain::Chain;
use crate::context::Context;
use crate::pattern::{ArnPattern, Pattern};
use crate::prove::{Answer, Call, Question, Union, Universe, members, prove_except};

/// What is created under which name, and by which action.
const CREATIONS: &[(&str, &str)] = &[("role", "iam:CreateRole"), ("user", "iam:CreateUser")];

/// Paths under which AWS alone creates roles.
const RESERVED: &[&str] = &["aws-reserved/*", "aws-service-role/*"];

/// Names put to the prover for one question.
pub(super) const MAX_NAMES: usize = 24;

/// Of these, for one pattern.
const MAX_NAMES_OF_ONE: usize = 16;

/// Work spent on telling names apart.
const WORK: usize = 100_000;

/// The ARN of a role or user that is exempt by its name, and that somebody who is not exempt may create as far as it cannot be
/// proved that the policies deny it: when no more names may be put to the prover, any name is doubted. A pattern of one name is none
/// of these: whoever bears the name is taken to be there already.
pub(super) fn nameable(question: &Question<'_>, exempt: &[Pattern], n_names: &mut usize) -> Option<String> {
    if exempt.iter().all(Pattern::is_one_name) {
        return None;
    }
    let declared = question.exceptions.iter().map(|text| Pattern::parse(text));
    let exceptions: Vec<Pattern> = declared.chain(exempt.iter().cloned()).collect();
    let mut names = CREATIONS.iter().flat_map(|(kind, action)| {
        let start = format!("arn:{}:iam::{}:{kind}/", question.partition, question.chain.account);
        let names = names(question.chain, action, &start, exempt);
        names.into_iter().map(move |name| (*action, format!("{start}{name}")))
    });
    names.find_map(|(action, arn)| {
        let Some(left) = n_names.checked_sub(1) else { return Some(arn) };
        *n_names = left;
        let calls = [Call { action: action.to_owned(), resource: arn.clone() }];
        let answers = prove_except(&Question { calls: &calls, ..*question }, &exceptions);
        (!answers.iter().all(Answer::is_denied)).then_some(arn)
    })
}

/// Names in the exempt set that the policies which speak of their creation tell apart; none when the set holds but one name.
fn names(chain: &Chain, action: &str, start: &str, exempt: &[Pattern]) -> Vec<String> {
    let exempt: Union = exempt.iter().flat_map(|pattern| pattern.after(start)).collect();
    let speaking = chain.statements().map(|(_, _, statement)| statement);
    let speaking = speaking.filter(|statement| !statement.actions.contain(action).is_no());
    let resources =
        speaking.filter_map(|statement| statement.resources.as_ref()).flat_map(|resources| &resources.patterns);
    let named = resources.filter_map(|pattern| {
        let pieces = pattern.value.template().resolve(&Context::new()).ok().flatten()?;
        Some(ArnPattern::of_resource(&pieces).widest().after(start).into_iter().collect::<Union>())
    });
    let unions: BTreeSet<Union> = named.chain([exempt.clone()]).filter(|union| !union.is_empty()).collect();
    let reserved: Vec<Pattern> = RESERVED.iter().copied().chain(["/*", "*/"]).map(Pattern::parse).collect();
    let universe = Universe {
        pattern: Pattern::parse("?*").within_parts(),
        without: reserved.iter().collect(),
        seeds: Vec::new(),
        n_members: 2,
        ignores_case: true,
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-/".contains(c);
    let is_exempt = |name: &String| name.chars().all(is_name) && exempt.iter().any(|pattern| pattern.matches(name));
    let found = members(&universe, &unions.iter().collect::<Vec<_>>(), &mut WORK.clone());
    let found = found.unwrap_or_else(|_| exempt.iter().flat_map(two_names).collect());
    let names: Vec<String> = found.into_iter().filter(is_exempt).collect();
    if names.len() < 2 { Vec::new() } else { names.into_iter().take(MAX_NAMES_OF_ONE).collect() }
}

/// Two of the names in a pattern that may be too complex to compare with others.
fn two_names(pattern: &Pattern) -> [String; 2] {
    let shortest = pattern.shortest();
    let longer = format!("{shortest}z");
    [shortest, longer]
}
