//! Waivers: which findings they accept, and the two controls that keep the waiver file honest.

mod usage;

use std::collections::BTreeMap;

use trailwarden_model::control::Severity;
use trailwarden_model::finding::{Evidence, Finding, Outcome};
use trailwarden_model::observed::Gap;
use trailwarden_model::waiver::Waiver;

pub(crate) use self::usage::Use;
use crate::control::{Applies, Control, Judge};
use crate::cx::Cx;
use crate::engine::{Subject, finding};
use crate::verdict::Verdict;

/// The controls that judge each waiver itself, whenever there are waivers, after all other controls.
pub static CONTROLS: &[&Control] = &[&NOT_EXPIRED, &IN_USE];

static NOT_EXPIRED: Control = Control {
    id: "waiver-not-expired",
    title: "The waiver has not expired",
    severity: Severity::Medium,
    practice: None,
    needs: &[],
    rule: "Fails for a waiver whose last day, in UTC, was over when the snapshot was taken. It accepts nothing any more: \
           what it accepted counts again.",
    why: "A waiver is an exception for a time. Without an end, exceptions become the rule and nobody looks at them again.",
    remedy: "Fix what the waiver accepted and delete it; or let its owner decide again, and write the new last day.",
    references: &["README: State what you require, and accept what you must"],
    frameworks: &[],
    applies: Applies::Always,
    judge: Judge::Waiver(judge_expiry),
};

static IN_USE: Control = Control {
    id: "waiver-in-use",
    title: "The waiver accepts something",
    severity: Severity::Low,
    practice: None,
    needs: &[],
    rule: "Fails for a waiver that accepts no finding, or that names an account which is not of this organization. Unknown \
           while a finding of its scope is, or while the OU tree could not be read. Not applicable to an expired waiver, \
           and where its control, or part of its scope, was left out of the run.",
    why: "A waiver that accepts nothing is a mistyped scope, or a flaw that was fixed: left in place, it will accept the next \
          flaw unseen.",
    remedy: "Correct its scope, or delete it.",
    references: &["README: State what you require, and accept what you must"],
    frameworks: &[],
    applies: Applies::Always,
    judge: Judge::Waiver(judge_use),
};

/// Marks the findings that waivers accept, the first in the order of the file where several do, and adds the findings on the
/// waivers themselves. No outcome changes.
pub(crate) fn apply(cx: &Cx<'_>, controls: &[&'static Control], waivers: &[Waiver], findings: &mut Vec<Finding>) {
    let mut uses: Vec<Use<'_>> = waivers.iter().map(|waiver| Use::new(cx, controls, waiver)).collect();
    let mut by_control: BTreeMap<&str, Vec<&mut Use<'_>>> = BTreeMap::new();
    for used in uses.iter_mut().filter(|used| !used.is_expired) {
        by_control.entry(&used.waiver.control).or_default().push(used);
    }
    for finding in findings.iter_mut().filter(|finding| matches!(finding.outcome, Outcome::Fail | Outcome::Unknown)) {
        for used in by_control.get_mut(finding.control.as_str()).into_iter().flatten() {
            if used.meet(cx, finding) && finding.waiver.is_none() {
                finding.waiver = Some(used.waiver.acceptance());
            }
        }
    }
    for control in CONTROLS {
        let Judge::Waiver(judge) = control.judge else { continue };
        findings.extend(uses.iter().map(|used| finding(control, subject(cx, used.waiver), judge(cx, used))));
    }
}

/// A waiver is no resource of AWS: it is found in the management account, under a name that is no ARN.
fn subject(cx: &Cx<'_>, waiver: &Waiver) -> Subject {
    Subject {
        resource: Some(format!("waiver:{}", waiver.id)),
        ..Subject::account(&cx.snapshot.organization.management_account)
    }
}

fn judge_expiry(_: &Cx<'_>, used: &Use<'_>) -> Verdict {
    let Waiver { id, owner, expires, .. } = used.waiver;
    match used.is_expired {
        true => Verdict::fail(format!("Waiver {id} of {owner} expired after {expires} and accepts nothing any more")),
        false => Verdict::pass(format!("Waiver {id} of {owner} is valid until {expires}")),
    }
    .with([written(format!("expires = {expires}"))])
}

fn judge_use(cx: &Cx<'_>, used: &Use<'_>) -> Verdict {
    let Waiver { id, owner, control, .. } = used.waiver;
    let unused = |why: String| {
        Verdict::fail(format!("Waiver {id} of {owner} accepts nothing: {why}"))
            .with([written(format!("control = {control:?}"))])
    };
    let unjudged = |why: &str| Verdict::not_applicable(format!("Whether waiver {id} is used is not known: {why}"));
    match used {
        Use { is_expired: true, .. } => unjudged("it has expired"),
        Use { is_selected: false, .. } => unjudged("its control was not selected"),
        Use { n_accepted: n @ 1.., .. } => {
            let findings = if *n == 1 { "finding" } else { "findings" };
            Verdict::pass(format!("Waiver {id} accepts {n} {findings} of {control}"))
        }
        Use { stranger: Some(account), .. } => {
            unused(format!("account {account}, which it names, is not of this organization"))
        }
        Use { open: Some(gap), .. } => undecided(cx, used.waiver, gap),
        Use { is_left_out: true, .. } => unjudged("the filters of this run left out part of its scope"),
        _ => unused(format!("no finding of {control} in its scope has an outcome that it accepts")),
    }
}

fn undecided(cx: &Cx<'_>, waiver: &Waiver, gap: &Gap) -> Verdict {
    let reason = format!(
        "Whether waiver {} of {} is used is not known, because a fact could not be read: {}",
        waiver.id,
        waiver.owner,
        cx.words(gap)
    );
    Verdict::unknown(reason, gap.clone())
}

/// A fact of the waiver file.
fn written(text: String) -> Evidence {
    Evidence { fact: format!("the waiver says {text}"), call: None, account: None, region: None }
}

#[cfg(test)]
mod tests;
