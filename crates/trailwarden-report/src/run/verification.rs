//! A verification for people, and as JSON: what was promised against what is, and findings before and after.

use serde_json::Value;
use trailwarden_model::finding::Outcome;
use trailwarden_model::plan::{Plan, StepId, matches};
use trailwarden_model::verification::{Change, FORMAT, Promise, StageStanding, Verification};

use crate::ReportError;
use crate::page::{Page, View};
use crate::paint::count;
use crate::plain::plainly;
use crate::plan::{diff, text};

/// Renders a verification of a plan, ending in a newline.
///
/// # Errors
/// [`ReportError::Json`] when the writer refuses a value.
pub fn render_verification(plan: &Plan, verification: &Verification, view: &View<'_>) -> Result<String, ReportError> {
    let (plan, verification) = (&plainly(plan)?, &plainly(verification)?);
    let page = Page::new(view);
    let notice = view.notice.map(|notice| page.line(0, &format!("! {notice}"))).unwrap_or_default();
    let mut parts = vec![notice + &head(&page, verification)];
    let steps: String = verification.steps.iter().map(|(id, promise)| step(&page, plan, id, promise)).collect();
    parts.push(steps);
    parts.push(stages(&page, plan, verification));
    let findings: String = verification.findings.iter().map(|(id, change)| finding(&page, id, change)).collect();
    if !findings.is_empty() {
        parts.push(format!("{}{findings}", page.line(0, &page.paint.bold("Findings that the plan was to mend"))));
    }
    let broken = verification
        .broken
        .iter()
        .map(|(id, reason)| page.line(2, &format!("{} {id}: {reason}", page.paint.label(Outcome::Fail))));
    let broken: String = broken.collect();
    if !broken.is_empty() {
        parts.push(format!("{}{broken}", page.line(0, &page.paint.bold("Fails now, and did not before"))));
    }
    if !view.exit.is_empty() {
        parts.push(page.line(0, &page.paint.dim(view.exit)));
    }
    parts.retain(|part| !part.is_empty());
    Ok(parts.join("\n"))
}

/// Renders a verification as pretty-printed JSON with a newline at the end.
///
/// # Errors
/// [`ReportError::Json`] when the writer refuses a value.
pub fn render_verification_json(verification: &Verification) -> Result<String, ReportError> {
    crate::json::write(FORMAT, verification)
}

fn head(page: &Page, verification: &Verification) -> String {
    let n_hold = verification.steps.values().filter(|promise| **promise == Promise::Holds).count();
    let n_mended = verification.findings.values().filter(|change| change.is_mended()).count();
    let verdict = if verification.holds() {
        page.paint.outcome(Outcome::Pass, "✓ what the plan promised holds")
    } else if verification.is_early() {
        page.paint.outcome(Outcome::Unknown, "? every step holds; some findings cannot be told yet, verify again later")
    } else {
        page.paint.outcome(Outcome::Fail, "✗ not everything that the plan promised holds")
    };
    let lines = [
        format!("digest {}", verification.plan),
        format!("at {}", verification.at),
        format!("{n_hold} of {} hold", count(verification.steps.len(), "step")),
        format!("{n_mended} of {} mended", count(verification.findings.len(), "finding")),
    ];
    let lines: String = lines.iter().map(|line| page.line(2, line)).collect();
    format!("{}{lines}", page.line(0, &verdict))
}

fn step(page: &Page, plan: &Plan, id: &StepId, promise: &Promise) -> String {
    let step = plan.step(id);
    let title = step.map(|step| step.title.as_str()).unwrap_or_default();
    let line =
        |outcome: Outcome, said: &str| page.line(2, &format!("{} {id} {title}", page.paint.outcome(outcome, said)));
    match promise {
        Promise::Holds => line(Outcome::Pass, "✓ holds"),
        Promise::Awaited => line(Outcome::NotApplicable, "– its stage is still to come"),
        Promise::NotDone => line(Outcome::NotApplicable, "– not done"),
        Promise::Unknown(gap) => {
            format!("{}{}", line(Outcome::Unknown, "? not looked at"), page.line(6, &gap.to_string()))
        }
        Promise::Diverged(observed) => {
            let mut lines = line(Outcome::Fail, "✗ diverged");
            let mut changes = step.map(|step| diff::between(&step.after, observed).changes).unwrap_or_default();
            // What AWS was to name is no difference.
            let side = |side: &Option<Value>| side.clone().unwrap_or_default();
            changes.retain(|change| !matches(&side(&change.was), &side(&change.is)));
            lines.push_str(&page.line(6, "from what was promised to what is"));
            lines.extend(
                changes.iter().map(|change| page.line(6, &page.paint.change(change.sign(), &text::line(id, change)))),
            );
            lines
        }
    }
}

fn stages(page: &Page, plan: &Plan, verification: &Verification) -> String {
    let each = verification.stages.iter().map(|(number, standing)| {
        let named = number.checked_sub(1).and_then(|place| plan.stages.get(place));
        let name = named.map(|stage| stage.name.as_str()).unwrap_or_default();
        let said = match standing {
            StageStanding::Holds => page.paint.outcome(Outcome::Pass, "✓ holds, by what AWS reports"),
            StageStanding::Open(why) => page.paint.outcome(Outcome::Fail, &format!("✗ does not hold: {why}")),
            StageStanding::Awaited => page.paint.outcome(Outcome::NotApplicable, "– still to come"),
        };
        page.line(2, &format!("{number} {name}: {said}"))
    });
    let each: String = each.collect();
    let title = page.line(0, &page.paint.bold("Stages"));
    if each.is_empty() { each } else { title + &each }
}

fn finding(page: &Page, id: &str, change: &Change) -> String {
    let after = change.after.unwrap_or(Outcome::NotApplicable);
    let now = change.after.map_or("not judged any more", Outcome::as_str);
    let early = if change.is_early { " (too early to tell)" } else { "" };
    let label = page.paint.outcome(after, &format!("{} → {now}{early}", change.before.as_str()));
    let sign = if change.is_mended() {
        "✓"
    } else if change.is_early {
        "?"
    } else {
        "✗"
    };
    page.line(2, &format!("{sign} {label}: {id}: {}", change.reason))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;
    use trailwarden_model::observed::Gap;

    use super::*;
    use crate::plan::sample;

    fn verification() -> Verification {
        let change = |after, is_early| Change {
            before: Outcome::Fail,
            after,
            reason: "IsLogging is true\u{7}".to_owned(),
            is_early,
        };
        let mut rotten = sample::plan().step("s028").expect("a step").after.clone();
        rotten["Statement"][1]["Action"] = json!("s3:*");
        let gap = Gap::not_collected("cloudtrail:GetTrail", None, None);
        Verification {
            format: FORMAT.to_owned(),
            tool_version: "0.1.0".to_owned(),
            plan: sample::plan().digest,
            at: "2026-11-28T11:00:00Z".parse().expect("a time"),
            steps: [
                ("s001", Promise::Holds),
                ("s018", Promise::Unknown(gap)),
                ("s028", Promise::Diverged(rotten)),
                ("s032", Promise::NotDone),
            ]
            .map(|(id, promise)| (id.to_owned(), promise))
            .into(),
            stages: BTreeMap::from([(1, StageStanding::Holds), (2, StageStanding::Awaited)]),
            findings: BTreeMap::from([
                ("trail-is-logging-3f9a2c81d04b".to_owned(), change(Some(Outcome::Pass), false)),
                ("trail-is-encrypted-1f2e3d4c5b6a".to_owned(), change(Some(Outcome::Unknown), true)),
                ("log-bucket-exists-83cd489db6b6".to_owned(), change(None, false)),
            ]),
            broken: BTreeMap::from([("trail-delivers-000000000001".to_owned(), "the last delivery failed".to_owned())]),
        }
    }

    fn shown(verification: &Verification) -> String {
        let view = View { width: 100, colour: false, notice: None, exit: "exit code 40: the verification diverged" };
        render_verification(&sample::plan(), verification, &view).expect("renders")
    }

    #[test]
    fn what_diverged_is_shown_against_what_was_promised() {
        insta::assert_snapshot!(shown(&verification()));
    }

    #[test]
    fn what_may_only_need_time_is_told_from_what_failed() {
        let mut early = verification();
        early.broken.clear();
        early.steps.retain(|_, promise| *promise == Promise::Holds);
        assert!(shown(&early).starts_with("? every step holds"));
        early.findings.retain(|_, change| change.is_mended());
        assert!(shown(&early).starts_with("✓"));
    }

    #[test]
    fn the_json_is_the_artifact() {
        let text = render_verification_json(&verification()).expect("writes");
        assert_eq!(serde_json::from_str::<Verification>(&text).expect("reads"), verification());
    }
}
