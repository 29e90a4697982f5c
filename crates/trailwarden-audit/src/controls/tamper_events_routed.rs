//! tamper-events-routed: EventBridge hands every tamper event of an account and region to a target.

use serde_json::{Value, json};
use trailwarden_model::baseline::Required;
use trailwarden_model::control::Severity;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::monitoring::EventRule;
use trailwarden_model::observed::{Gap, GapKind};
use trailwarden_model::snapshot::Need;
use trailwarden_policy::{LEAVE_ORGANIZATION, TRAIL_TAMPER_ACTIONS};

use crate::control::{Applies, Control, Judge, Judged, Regions};
use crate::cx::Cx;
use crate::event_pattern::{Match, matches};
use crate::verdict::{Tally, enumerate, fact};

/// States in which a rule matches events that change something.
const ENABLED: [&str; 2] = ["ENABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"];

const CALL: &str = "events:ListRules";

pub(super) static CONTROL: Control = Control {
    id: "tamper-events-routed",
    title: "Tamper events are routed to a target",
    severity: Severity::Low,
    practice: None,
    needs: &[Need::EventRules],
    rule: "Judged where the baseline requires tamper_event_routing. Fails when some core tamper call on a trail matches no \
           enabled rule with a target on the default event bus of the account and region, whoever makes it and however it \
           ends; a rule that asks for more of the event counts for nothing. In the leader region of the partition the rules \
           of a member account must match LeaveOrganization as well. Whether a target still exists is not read. Unknown when \
           a rule or its targets could not be read, or several rules match only some of the events.",
    why: "A rule acts on an event within seconds, minutes before the log file that holds it is delivered.",
    remedy: "Create a rule on the default event bus of each region for source aws.cloudtrail and the calls named, with a \
             target that somebody watches, such as the event bus of a security account.",
    references: &[
        "EventBridge User Guide: Comparison operators for use in event patterns",
        "EventBridge User Guide: AWS service events delivered via AWS CloudTrail",
    ],
    frameworks: &[
        ("nist-800-53-r5", &["AU-5", "AU-6"]),
        ("pci-dss-4.0.1", &["10.7.1", "10.7.2"]),
        ("iso-27001-2022", &["A.8.16"]),
        ("soc-2", &["CC7.2", "CC7.3"]),
        ("mitre-attack", &["T1562.008"]),
    ],
    applies: Applies::WhereRequired { is_required, what: "tamper events to be routed" },
    judge: Judge::AccountRegion(Regions::All, judge),
};

fn is_required(required: &Required) -> bool {
    required.tamper_event_routing
}

fn judge(cx: &Cx<'_>, account: &AccountId, region: &Region) -> Judged {
    let missing = || Gap::not_collected(CALL, Some(account), Some(region));
    let rules = cx.entered(account)?.regions.get(region).ok_or_else(missing)?.event_rules.get()?;
    let leaves = !cx.is_management(account) && cx.leader_region().as_ref() == Some(region);
    let actions = TRAIL_TAMPER_ACTIONS.iter().copied().chain(leaves.then_some(LEAVE_ORGANIZATION));
    let mut tally = Tally::default();
    let mut unrouted = Vec::new();
    for action in actions {
        let seen = |words: String| fact(words, CALL, account, Some(region));
        match routed(rules, action, account, region) {
            Ok(Ok(rule)) => tally.support(seen(format!("{action} is routed by rule {}", rule.name))),
            Ok(Err(why)) => {
                unrouted.push(action);
                tally.fail(seen(format!("{action}: {why}")));
            }
            Err(gap) => tally.gap(gap),
        }
    }
    let place = format!("{} in {region}", cx.name(account));
    Ok(tally.settle(
        cx,
        || format!("Rules of {place} route every core tamper event to a target"),
        |_| format!("No rule of {place} routes {} to a target", enumerate(&unrouted)),
    ))
}

/// The rule that takes every event of an action to a target, or why there is none.
fn routed<'a>(
    rules: &'a [EventRule],
    action: &str,
    account: &AccountId,
    region: &Region,
) -> Result<Result<&'a EventRule, String>, Gap> {
    let event = event(action, account, region);
    let undecided = |reason: String| Gap {
        kind: GapKind::Unexpected,
        call: CALL.to_owned(),
        account: Some(account.clone()),
        region: Some(region.clone()),
        code: "Undecided".to_owned(),
        reason,
    };
    let (mut gap, mut narrowed, mut idle) = (None, Vec::new(), None);
    for rule in rules {
        let Some(pattern) = &rule.pattern else { continue };
        let matched = match matches(pattern, &event) {
            Match::Never => continue,
            matched => matched,
        };
        if !ENABLED.contains(&rule.state.as_str()) {
            idle = idle.or_else(|| Some(format!("rule {} is {}", rule.name, rule.state)));
            continue;
        }
        match rule.targets.get() {
            Err(unread) => gap = gap.or(Some(unread)),
            Ok(targets) if targets.is_empty() => {
                idle = idle.or_else(|| Some(format!("rule {} has no target", rule.name)))
            }
            Ok(_) => match matched {
                Match::Depends(field) => narrowed.push(format!("rule {} asks for {field} besides", rule.name)),
                Match::Undecided(what) => {
                    let reason = format!("rule {} uses {what}, which this version does not know", rule.name);
                    gap = gap.or_else(|| Some(undecided(reason)));
                }
                Match::Always | Match::Never => return Ok(Ok(rule)),
            },
        }
    }
    match (gap, narrowed.as_slice()) {
        (Some(gap), _) => Err(gap),
        // Together they may leave nothing out.
        (None, [_, _, ..]) => Err(undecided(format!("several rules take only some of it: {}", enumerate(&narrowed)))),
        (None, [only]) => Ok(Err(only.clone())),
        (None, []) => Ok(Err(idle.unwrap_or_else(|| "no rule matches it".to_owned()))),
    }
}

/// What EventBridge makes of a successful or failed call, whoever made it.
fn event(action: &str, account: &AccountId, region: &Region) -> Value {
    let (service, name) = action.split_once(':').unwrap_or((action, ""));
    json!({
        "source": format!("aws.{service}"),
        "detail-type": "AWS API Call via CloudTrail",
        "account": account.as_str(),
        "region": region.as_str(),
        "detail": {
            "eventSource": format!("{service}.amazonaws.com"),
            "eventName": name,
            "eventType": "AwsApiCall",
            "eventCategory": "Management",
            "awsRegion": region.as_str(),
            "managementEvent": true,
            "readOnly": false,
        },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use trailwarden_model::finding::Outcome;
    use trailwarden_model::monitoring::EventRule;
    use trailwarden_model::observed::Observed;
    use trailwarden_model::snapshot::Need;

    use crate::testing::monitoring::rule;
    use crate::testing::{HOME, LEADER, MANAGEMENT, WORKLOAD, World, denied};

    const ID: &str = super::CONTROL.id;

    fn with(rules: Observed<Vec<EventRule>>, code: &str) -> World {
        World::clean()
            .baseline(|baseline| baseline.required.tamper_event_routing = true)
            .edit(|snapshot| {
                snapshot.needs.insert(Need::EventRules);
            })
            .here(WORKLOAD, code, |here| here.event_rules = rules)
    }

    fn outcome(pattern: &Value, change: impl FnOnce(&mut EventRule)) -> Outcome {
        let mut rule = rule("tampering", &pattern.to_string());
        change(&mut rule);
        with(Observed::Known(vec![rule]), HOME).judge(ID).at_region(WORKLOAD, HOME).outcome
    }

    fn everything() -> Value {
        json!({"source": ["aws.cloudtrail"], "detail-type": ["AWS API Call via CloudTrail"],
            "detail": {"eventSource": ["cloudtrail.amazonaws.com"]}})
    }

    #[test]
    fn an_enabled_rule_with_a_target_must_match_every_action() {
        assert_eq!(outcome(&everything(), |_| {}), Outcome::Pass);
        assert_eq!(outcome(&everything(), |rule| rule.state = "DISABLED".to_owned()), Outcome::Fail);
        assert_eq!(outcome(&everything(), |rule| rule.targets = Observed::Known([].into())), Outcome::Fail);
        assert_eq!(outcome(&everything(), |rule| rule.pattern = None), Outcome::Fail);
        let some = json!({"source": ["aws.cloudtrail"], "detail": {"eventName": ["StopLogging", "DeleteTrail"]}});
        assert_eq!(outcome(&some, |_| {}), Outcome::Fail);
        let by_root = json!({"source": ["aws.cloudtrail"], "detail": {"userIdentity": {"type": ["Root"]}}});
        assert_eq!(outcome(&by_root, |_| {}), Outcome::Fail);
        let all_states = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";
        assert_eq!(outcome(&everything(), |rule| rule.state = all_states.to_owned()), Outcome::Pass);
    }

    #[test]
    fn leaving_the_organization_shows_in_the_leader_region() {
        let rules = || Observed::Known(vec![rule("tampering", &everything().to_string())]);
        let finding = with(rules(), LEADER).judge(ID).at_region(WORKLOAD, LEADER).clone();
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("organizations:LeaveOrganization"), "{}", finding.reason);
        let both = json!({"source": ["aws.cloudtrail", "aws.organizations"]}).to_string();
        let routed = with(Observed::Known(vec![rule("both", &both)]), LEADER);
        assert_eq!(routed.judge(ID).at_region(WORKLOAD, LEADER).outcome, Outcome::Pass);
    }

    #[test]
    fn what_could_not_be_read_or_decided_is_unknown() {
        let unread = with(Observed::Gap(denied("events:ListRules")), HOME);
        assert_eq!(unread.judge(ID).at_region(WORKLOAD, HOME).outcome, Outcome::Unknown);
        let targets = Observed::Gap(denied("events:ListTargetsByRule"));
        assert_eq!(outcome(&everything(), |rule| rule.targets = targets), Outcome::Unknown);
        let odd = json!({"source": [{"sounds-like": "aws.cloudtrail"}]});
        assert_eq!(outcome(&odd, |_| {}), Outcome::Unknown);
        let halves = ["Root", "IAMUser"].map(|who| {
            rule(who, &json!({"source": ["aws.cloudtrail"], "detail": {"userIdentity": {"type": [who]}}}).to_string())
        });
        let halved = with(Observed::Known(halves.into()), HOME);
        assert_eq!(halved.judge(ID).at_region(WORKLOAD, HOME).outcome, Outcome::Unknown);
    }

    #[test]
    fn nothing_is_asked_where_nothing_is_required() {
        assert_eq!(World::clean().judge(ID).at(MANAGEMENT).outcome, Outcome::NotApplicable);
    }
}
