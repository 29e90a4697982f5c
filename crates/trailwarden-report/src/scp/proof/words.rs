//! What calls do, in words for people who do not know their names.

use std::collections::BTreeSet;

use crate::paint::join_and;

/// A call of the core set and what it does to a trail, with `it` for the trail. Sources: CloudTrail and Organizations API
/// references.
const EFFECTS: &[(&str, &str)] = &[
    ("cloudtrail:StopLogging", "stop it"),
    ("cloudtrail:DeleteTrail", "delete it"),
    ("cloudtrail:UpdateTrail", "redirect it"),
    ("cloudtrail:PutEventSelectors", "narrow what it records"),
    ("cloudtrail:PutInsightSelectors", "switch off its Insights"),
    ("cloudtrail:PutEventConfiguration", "change its event settings"),
];

/// The one call of the core set that is made on no trail.
const LEAVE: (&str, &str) = ("organizations:LeaveOrganization", "take the account out of the organization");

/// All that was asked about: `stop it (StopLogging), delete it (DeleteTrail), … or take the account out of …`.
pub(super) fn question(actions: &BTreeSet<&str>) -> String {
    let known = EFFECTS.iter().chain([&LEAVE]).filter(|(action, _)| actions.contains(action));
    let known = known.map(|(action, effect)| format!("{effect} ({})", short(action)));
    let is_known = |action: &str| EFFECTS.iter().chain([&LEAVE]).any(|(known, _)| *known == action);
    let others = actions.iter().filter(|action| !is_known(action)).map(|action| format!("call {action}"));
    let effects: Vec<String> = known.chain(others).collect();
    match effects.split_last() {
        Some((last, most @ [_, ..])) => format!("{} or {last}", most.join(", ")),
        _ => effects.concat(),
    }
}

/// What can be done: `stop, delete or change TARGET`, or each effect when it is not all of them.
pub(super) fn deeds(actions: &BTreeSet<String>, target: Option<&str>) -> String {
    let mut deeds: Vec<String> = Vec::new();
    let mut left = actions.clone();
    if EFFECTS.iter().all(|(action, _)| actions.contains(*action)) {
        left.retain(|action| EFFECTS.iter().all(|(known, _)| known != action));
        deeds.push(format!("stop, delete or change {}", target.unwrap_or("any trail")));
    }
    for (action, effect) in EFFECTS.iter().chain([&LEAVE]).filter(|(action, _)| left.contains(*action)) {
        deeds.push(format!("{} ({})", effect, short(action)));
    }
    let is_known = |action: &str| EFFECTS.iter().chain([&LEAVE]).any(|(known, _)| *known == action);
    deeds.extend(left.iter().filter(|action| !is_known(action)).map(|action| format!("call {action}")));
    let text = join_and(&deeds);
    match target {
        Some(target) if !text.contains(target) => format!("with {target}: {text}"),
        _ => text,
    }
}

fn short(action: &str) -> &str {
    action.split_once(':').map_or(action, |(_, name)| name)
}
