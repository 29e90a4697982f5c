//! What calls do, in words for people who do not know their names.

use std::collections::BTreeSet;

use trailwarden_policy::LEAVE_ORGANIZATION;

use crate::paint::join;

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
const LEAVE: (&str, &str) = (LEAVE_ORGANIZATION, "take the account out of the organization");

/// All that was asked about: `Can anyone, on a trail that records an account, stop it (StopLogging), … or take the account out of …?`.
pub(super) fn question(actions: &BTreeSet<&str>) -> String {
    let known = EFFECTS.iter().chain([&LEAVE]).filter(|(action, _)| actions.contains(action));
    let known = known.map(|(action, effect)| format!("{effect} ({})", short(action)));
    let others = actions
        .iter()
        .filter(|action| !is_effect(action) && **action != LEAVE.0)
        .map(|action| format!("call {action}"));
    let deeds = join(&known.chain(others).collect::<Vec<_>>(), "or");
    let is_on_trails = actions.iter().any(|action| is_effect(action));
    format!("Can anyone{} {deeds}?", if is_on_trails { ", on a trail that records an account," } else { "" })
}

/// What can be done to a target, the deeds joined by a word: `stop, delete or change TARGET`, or each effect when it is not all
/// of them.
pub(in crate::scp) fn deeds(actions: &BTreeSet<String>, target: Option<&str>, word: &str) -> String {
    let mut deeds: Vec<String> = Vec::new();
    let trail = target.unwrap_or("a trail");
    let effects: Vec<_> = EFFECTS.iter().filter(|(action, _)| actions.contains(*action)).collect();
    match effects.len() {
        0 => {}
        n if n == EFFECTS.len() => deeds.push(format!("stop, delete or change {trail}")),
        _ => {
            let effects: Vec<String> =
                effects.iter().map(|(action, effect)| format!("{effect} ({})", short(action))).collect();
            deeds.push(format!("with {trail}: {}", join(&effects, word)));
        }
    }
    deeds.extend(actions.iter().filter(|action| !is_effect(action)).map(|action| match (action.as_str(), target) {
        (action, _) if action == LEAVE.0 => format!("{} ({})", LEAVE.1, short(action)),
        (action, Some(target)) => format!("call {action} on {target}"),
        (action, None) => format!("call {action}"),
    }));
    join(&deeds, word)
}

fn is_effect(action: &str) -> bool {
    EFFECTS.iter().any(|(known, _)| *known == action)
}

fn short(action: &str) -> &str {
    action.split_once(':').map_or(action, |(_, name)| name)
}
