//! A plan as a bash script of AWS CLI calls: the same steps, looked at before and after in the same way.

use std::collections::BTreeSet;

use serde_json::Value;
use trailwarden_model::plan::{Aspect, Before, Call, Plan, Rollback, Step, Subject};

use super::Access;
use super::command::{ascii_json, quoted, words};
use super::outputs::{self, Piece, pieces};
use super::provenance::{comments, provenance};
use crate::plain::plain;

/// What runs the steps.
const RUNTIME: &str = include_str!("aws_cli/runtime.sh");
/// One section of shell per aspect.
const LOOKS: &str = include_str!("aws_cli/looks.sh");
/// One section of Python per aspect that needs any, between what all need.
const NORMAL: &str = include_str!("aws_cli/normal.py");

const ABOUT: &str = "
Makes the steps of the plan with the AWS CLI (version 1 or 2). Needs bash, aws and python3, whose standard library
compares what is observed with what the plan expects.

  bash SCRIPT             makes the steps
  bash SCRIPT --dry-run   only looks, and says what would be called

Before each step its subject is looked at: what is already as it will be is skipped, and what is neither that nor as it
was when the plan was made stops the script. It can be run again after it stopped. Steps are made one after the other in
the order of the plan. There is no journal, and nothing is rolled back: the calls that would are listed at the end.
Credentials of entered accounts are held in the environment of this process and written nowhere.";

const UNEXPANDED: &str = "# shellcheck disable=SC2016 # dollar signs of policies and placeholders stay\n";
const ABOUT_NORMAL: &str = "# How AWS's answers are brought into the form that the plan is written in.\n";
const ABOUT_LOOKS: &str = "# How each kind of subject is looked at. Arguments stand in the order of their names.\n";
const ENDED: &str = "if $dry_run; then say 'every step was looked at'; else say 'every step is made'; fi\n";

/// Renders a plan as a bash script.
pub fn aws_cli(plan: &Plan, access: &Access<'_>) -> String {
    let mut head = provenance(plan);
    head.extend(ABOUT.lines().map(str::to_owned));
    let irreversible = plan.steps.iter().filter(|step| matches!(step.rollback, Rollback::Irreversible(_)));
    head.extend(irreversible.map(|step| format!("! {} cannot be undone: {}", step.id, step.title)));
    let settings = [
        ("organization", plan.organization.as_str()),
        ("partition", &plan.partition),
        ("caller", access.caller.as_str()),
        ("role", access.role),
        ("region", plan.steps.first().map_or("us-east-1", |step| step.subject.place.region.as_str())),
    ];
    let settings: String = settings.iter().map(|(name, value)| format!("{name}={}\n", quoted(value))).collect();
    let aspects = aspects(plan);
    let steps: Vec<String> = plan.steps.iter().map(|step| one_step(plan, step)).collect();
    [
        format!("#!/usr/bin/env bash\n{}#\n{UNEXPANDED}", comments(&head)),
        settings,
        RUNTIME.to_owned(),
        format!("{ABOUT_NORMAL}read -r -d '' python <<'PYTHON' || true\n{}PYTHON\n", chosen(NORMAL, &aspects)),
        format!("{ABOUT_LOOKS}{}", chosen(LOOKS, &aspects)),
        placeholders(plan),
        steps.join("\n"),
        ENDED.to_owned(),
        comments(&rollback(plan)),
    ]
    .join("\n")
}

/// The kinds of aspects that the plan looks at.
fn aspects(plan: &Plan) -> BTreeSet<String> {
    let guards = plan.steps.iter().flat_map(|step| step.guards.iter().map(|guard| &guard.subject));
    let subjects = plan.steps.iter().map(|step| &step.subject).chain(guards);
    subjects.map(|subject| kind_and_names(&subject.aspect).0).collect()
}

/// The kind of an aspect, and what names the resource, in the order of the members.
fn kind_and_names(aspect: &Aspect) -> (String, Vec<String>) {
    let written = serde_json::to_value(aspect).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let members = written.as_object().into_iter().flatten().filter(|(name, _)| *name != "of");
    let members: std::collections::BTreeMap<_, _> = members.collect();
    (written.get("of").map(text).unwrap_or_default(), members.into_values().map(text).collect())
}

/// The sections of a source that stand for one of the aspects, with those that stand for none.
fn chosen(source: &str, aspects: &BTreeSet<String>) -> String {
    let mut is_wanted = true;
    let mut text = String::new();
    for line in source.lines() {
        match line.strip_prefix("# == ") {
            Some(heading) => is_wanted = heading == "end" || heading.split(' ').any(|kind| aspects.contains(kind)),
            None if is_wanted => text.push_str(&format!("{line}\n")),
            None => {}
        }
    }
    text
}

/// Variables for what only AWS can name; until a step fills them in, the placeholder itself.
fn placeholders(plan: &Plan) -> String {
    let mentioned: BTreeSet<(String, String)> = plan.steps.iter().flat_map(of_step).collect();
    let line = |(step, member): &(String, String)| format!("{step}_{member}='${{{step}.{member}}}'\n");
    mentioned.iter().map(line).collect()
}

fn of_step(step: &Step) -> BTreeSet<(String, String)> {
    outputs::mentioned(&serde_json::to_value(step).unwrap_or_default())
}

fn one_step(plan: &Plan, step: &Step) -> String {
    let place = &step.subject.place;
    let head = format!(
        "step {} {} {} {} {}",
        step.id,
        quoted(&plain(&step.title)),
        place.account,
        place.region,
        look(&step.subject)
    );
    let before = match &step.before {
        Before::Is(value) => word(&ascii_json(value)),
        Before::CreatedBy(_) => "any".to_owned(),
    };
    let (service, operation) = words(&step.call);
    let mut lines = vec![
        head,
        format!("before={before}"),
        format!("after={}", word(&ascii_json(&step.after))),
        format!("input={}", word(&ascii_json(&step.call.input()))),
    ];
    lines.extend(later(step).map(|later| format!("later={}", word(&ascii_json(&later)))));
    let retried = retried(&step.call);
    lines.extend((!retried.is_empty()).then(|| format!("retried={}", quoted(&retried))));
    lines.push("if pending; then".to_owned());
    lines.extend(step.guards.iter().map(|guard| {
        let place = &guard.subject.place;
        let (because, is) = (quoted(&plain(&guard.because)), word(&ascii_json(&guard.is)));
        format!("  guard {because} {is} {} {} {}", place.account, place.region, look(&guard.subject))
    }));
    lines.push(format!("  perform {service} {operation}"));
    lines.push("fi".to_owned());
    let all: BTreeSet<(String, String)> = plan.steps.iter().flat_map(of_step).collect();
    let own = all.into_iter().filter(|(id, _)| *id == step.id);
    lines.extend(own.map(|(id, member)| format!("{id}_{member}=$(member {member} '${{{id}.{member}}}')")));
    lines.join("\n") + "\n"
}

/// What a subject may have become of itself when the script is run again: a subscription that somebody confirmed.
fn later(step: &Step) -> Option<Value> {
    let is_subscribed = matches!(step.subject.aspect, Aspect::Subscription { .. }) && !step.after.is_null();
    is_subscribed.then(|| serde_json::json!({"Confirmed": true}))
}

/// The function that looks at a subject, with its arguments.
fn look(subject: &Subject) -> String {
    let (kind, names) = kind_and_names(&subject.aspect);
    let names: String = names.iter().map(|name| format!(" {}", word(name))).collect();
    format!("look_{}{names}", kind.replace('-', "_"))
}

/// A text as a word of the shell, with variables for placeholders.
fn word(text: &str) -> String {
    let each = pieces(text).into_iter().map(|piece| match piece {
        Piece::Text(text) => quoted(text),
        Piece::Output(step, member) => format!("\"${step}_{member}\""),
    });
    let word: String = each.collect();
    if word.is_empty() { "''".to_owned() } else { word }
}

/// The error messages upon which a call is made again, as one pattern.
fn retried(call: &Call) -> String {
    let each = call.propagation_codes().iter().map(|(code, text)| match text.is_empty() {
        true => format!("\\({code}\\)"),
        false => format!("\\({code}\\).*{text}"),
    });
    each.collect::<Vec<_>>().join("|")
}

/// The way back, last step first.
fn rollback(plan: &Plan) -> Vec<String> {
    let mut lines = vec!["The way back, last step first. Nothing below is run.".to_owned(), String::new()];
    for step in plan.steps.iter().rev() {
        let place = &step.subject.place;
        lines.push(match &step.rollback {
            Rollback::Undo(call) => {
                let (service, operation) = words(call);
                let input = quoted(&ascii_json(&call.input()));
                let region = &place.region;
                format!(
                    "{} in {}: aws {service} {operation} --region {region} --cli-input-json {input}",
                    step.id, place.account
                )
            }
            Rollback::Keep(reason) => format!("{} is kept: {reason}", step.id),
            Rollback::Irreversible(reason) => format!("{} IRREVERSIBLE: {reason}", step.id),
        });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every kind of aspect, as the reader lists them to whoever names one that is not.
    fn kinds() -> Vec<String> {
        let error = serde_json::from_value::<Aspect>(serde_json::json!({"of": "?"})).expect_err("no aspect");
        let text = error.to_string();
        let kinds = text.split('`').skip(3).step_by(2);
        kinds.map(str::to_owned).collect()
    }

    #[test]
    fn every_aspect_can_be_looked_at() {
        assert!(kinds().len() > 30, "{:?}", kinds());
        for kind in kinds() {
            let only = BTreeSet::from([kind.clone()]);
            let (looks, normal) = (chosen(LOOKS, &only), chosen(NORMAL, &only));
            assert!(looks.contains(&format!("look_{}() {{", kind.replace('-', "_"))), "{kind}: {looks}");
            for call in looks.split("normal ").skip(1) {
                let function = call.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
                assert!(normal.contains(&format!("def {function}(")), "{kind} needs {function}: {normal}");
            }
        }
    }

    #[test]
    fn only_what_the_plan_looks_at_is_written() {
        let script = aws_cli(
            &crate::plan::sample::empty(),
            &Access { role: "r", caller: &"111122223333".parse().expect("an account") },
        );
        assert!(!script.contains("look_") && !script.contains("def trail"), "{script}");
    }
}
