//! no-recent-tampering: nobody but declared principals has lately switched off, narrowed or destroyed logging, or tried to.

use jiff::SignedDuration;
use trailwarden_model::control::Severity;
use trailwarden_model::history::{History, PastEvent};
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::observed::{Gap, GapKind};
use trailwarden_model::snapshot::Need;
use trailwarden_policy::Pattern;

use crate::control::{Applies, Control, Judge, Judged, Regions};
use crate::cx::Cx;
use crate::verdict::{Tally, enumerate, fact};

const CALL: &str = "cloudtrail:LookupEvents";

pub(super) static CONTROL: Control = Control {
    id: "no-recent-tampering",
    title: "Nobody undeclared tampered with logging lately",
    severity: Severity::High,
    practice: None,
    needs: &[Need::EventHistory],
    rule: "Fails when the event history of the last tamper_history_days of the baseline holds a tamper event (on trails \
           everywhere, on log buckets, keys and log groups where they live, on the organization in the leader region) by a \
           principal that no pattern of tamper_exceptions matches, neither by its own ARN nor by that of the role behind its \
           session. An attempt that was refused fails as well: somebody tried. Services that act on their own, service-linked \
           roles and Control Tower are no exception unless declared. Unknown when the history could not be read, or reaches \
           back for fewer days and holds nothing of the kind.",
    why: "Whoever stops a trail does it before something else. The event history keeps what was done for 90 days, whatever \
          became of the trails.",
    remedy: "Ask whoever is named. Restore what was changed, look at what happened meanwhile, and declare the principal under \
             tamper_exceptions in the baseline when it was right.",
    references: &[
        "CloudTrail User Guide: Working with CloudTrail event history",
        "CloudTrail API Reference: LookupEvents",
    ],
    frameworks: &[
        ("nist-800-53-r5", &["AU-6"]),
        ("iso-27001-2022", &["A.8.16"]),
        ("soc-2", &["CC7.2", "CC7.3"]),
        ("mitre-attack", &["T1562.008"]),
    ],
    applies: Applies::Always,
    judge: Judge::AccountRegion(Regions::All, judge),
};

fn judge(cx: &Cx<'_>, account: &AccountId, region: &Region) -> Judged {
    let missing = || Gap::not_collected(CALL, Some(account), Some(region));
    let history = cx.entered(account)?.regions.get(region).ok_or_else(missing)?.history.get()?;
    let days = cx.baseline.tamper_history_days;
    let asked = cx.now() - SignedDuration::from_hours(24 * i64::from(days));
    let declared: Vec<Pattern> = cx.baseline.tamper_exceptions.iter().map(|pattern| Pattern::parse(pattern)).collect();
    let mut tally = Tally::default();
    let mut names = Vec::new();
    for event in history.events.iter().filter(|event| event.time >= asked) {
        let seen = fact(words(event), CALL, account, Some(region));
        if is_declared(event, &declared) {
            tally.support(seen);
        } else {
            names.push(format!("{} by {}", event.name, who(event)));
            tally.fail(seen);
        }
    }
    if history.since > asked {
        tally.gap(cut_short(history, days, account, region));
    }
    let place = format!("{} in {region}", cx.name(account));
    names.dedup();
    Ok(tally.settle(
        cx,
        || format!("No undeclared principal tampered with logging of {place} in the last {days} days"),
        |failures| {
            let n_events = failures.len();
            let events = if n_events == 1 { "tamper event" } else { "tamper events" };
            let names = enumerate(&names);
            format!(
                "{n_events} {events} in {place} in the last {days} days by principals that are not declared: {names}"
            )
        },
    ))
}

fn is_declared(event: &PastEvent, declared: &[Pattern]) -> bool {
    let known = [&event.principal, &event.session_issuer];
    known.into_iter().flatten().any(|arn| declared.iter().any(|pattern| pattern.matches(arn)))
}

fn who(event: &PastEvent) -> &str {
    [&event.principal, &event.session_issuer, &event.invoked_by]
        .into_iter()
        .flatten()
        .next()
        .map_or("somebody whom the record does not name", String::as_str)
}

/// When, what, on what, by whom, from where, with which result.
fn words(event: &PastEvent) -> String {
    let on = if event.resources.is_empty() { String::new() } else { format!(" on {}", enumerate(&event.resources)) };
    let role = match (&event.principal, &event.session_issuer) {
        (Some(_), Some(role)) => format!(" (role {role})"),
        _ => String::new(),
    };
    let through = match (&event.principal, &event.invoked_by) {
        (Some(_), Some(service)) => format!(" through {service}"),
        _ => String::new(),
    };
    let from = event.source_ip.as_deref().unwrap_or("an address that the record does not name");
    let result = match &event.error_code {
        None => "succeeded".to_owned(),
        Some(code) => format!("was attempted and failed with {code}"),
    };
    format!("{}: {}{on} by {}{role}{through} from {from} {result}", event.time, event.name, who(event))
}

fn cut_short(history: &History, days: u32, account: &AccountId, region: &Region) -> Gap {
    Gap {
        kind: GapKind::NotCollected,
        call: CALL.to_owned(),
        account: Some(account.clone()),
        region: Some(region.clone()),
        code: "NotCollected".to_owned(),
        reason: format!("the history was read back to {} only, not for {days} days", history.since),
    }
}

#[cfg(test)]
mod tests {
    use trailwarden_model::finding::{Finding, Outcome};
    use trailwarden_model::history::{History, PastEvent};
    use trailwarden_model::observed::Observed;

    use crate::testing::monitoring::past;
    use crate::testing::{HOME, WORKLOAD, World, denied, hours_ago};

    const ID: &str = super::CONTROL.id;

    fn with(history: Observed<History>) -> World {
        World::clean().here(WORKLOAD, HOME, |here| here.history = history)
    }

    fn after(events: Vec<PastEvent>) -> World {
        with(Observed::Known(History { since: hours_ago(24 * 14), events }))
    }

    fn finding(world: &World) -> Finding {
        world.judge(ID).at_region(WORKLOAD, HOME).clone()
    }

    fn outcome(world: &World) -> Outcome {
        finding(world).outcome
    }

    #[test]
    fn an_undeclared_tamperer_fails_and_everything_about_it_is_said() {
        assert_eq!(outcome(&World::clean()), Outcome::Pass);
        let finding = finding(&after(vec![past("StopLogging", 30)]));
        assert_eq!(finding.outcome, Outcome::Fail);
        let evidence = &finding.evidence[0].fact;
        for word in [
            "2026-10-31T06:00:00Z",
            "StopLogging",
            "org-trail",
            "assumed-role/Ops/jo",
            "role/Ops",
            "203.0.113.7",
            "succeeded",
        ] {
            assert!(evidence.contains(word), "{word}: {evidence}");
        }
    }

    #[test]
    fn an_attempt_is_told_as_one() {
        let refused = PastEvent { error_code: Some("AccessDenied".to_owned()), ..past("DeleteTrail", 2) };
        let finding = finding(&after(vec![refused]));
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(
            finding.evidence[0].fact.contains("was attempted and failed with AccessDenied"),
            "{:?}",
            finding.evidence
        );
    }

    #[test]
    fn the_role_or_the_session_may_be_declared() {
        for pattern in ["arn:aws:iam::*:role/Ops", "arn:aws:sts::333333333333:assumed-role/Ops/*"] {
            let world = after(vec![past("StopLogging", 30)]).baseline(|baseline| {
                baseline.tamper_exceptions.insert(pattern.to_owned());
            });
            assert_eq!(outcome(&world), Outcome::Pass, "{pattern}");
        }
        let other = after(vec![past("StopLogging", 30)]).baseline(|baseline| {
            baseline.tamper_exceptions.insert("arn:aws:iam::*:role/Other".to_owned());
        });
        assert_eq!(outcome(&other), Outcome::Fail);
    }

    #[test]
    fn services_are_no_exception() {
        let service = PastEvent {
            principal: None,
            session_issuer: None,
            invoked_by: Some("cloudtrail.amazonaws.com".to_owned()),
            ..past("UpdateTrail", 30)
        };
        let finding = finding(&after(vec![service]));
        assert_eq!(finding.outcome, Outcome::Fail);
        assert!(finding.reason.contains("UpdateTrail by cloudtrail.amazonaws.com"), "{}", finding.reason);
    }

    #[test]
    fn only_the_days_asked_for_count_and_fewer_are_unknown() {
        assert_eq!(outcome(&after(vec![past("StopLogging", 24 * 15)])), Outcome::Pass);
        let short = |events| with(Observed::Known(History { since: hours_ago(24 * 7), events }));
        assert_eq!(outcome(&short(vec![])), Outcome::Unknown);
        assert_eq!(outcome(&short(vec![past("StopLogging", 2)])), Outcome::Fail);
        assert_eq!(outcome(&with(Observed::Gap(denied("cloudtrail:LookupEvents")))), Outcome::Unknown);
    }

    #[test]
    fn history_is_judged_where_trails_could_not_be_listed() {
        let world = after(vec![past("StopLogging", 2)]).unread_region(WORKLOAD, HOME);
        assert_eq!(outcome(&world), Outcome::Fail);
    }
}
