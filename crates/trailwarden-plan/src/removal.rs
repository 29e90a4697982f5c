//! Redundant trails: removed only when named, and only where it is shown that no event is lost.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trailwarden_model::ids::Arn;
use trailwarden_model::plan::{Aspect, Call, Guard, Hindrance, Rollback, Subject};
use trailwarden_model::trail::Trail;

use crate::asks::Asks;
use crate::bench::{Bench, Draft, Earlier, Findings, Phase, subject};
use crate::facts::Stop;
use crate::inputs::Redundancy;

/// Plans the removal of the trails that the user named; findings of others are left.
pub(crate) fn plan(bench: &mut Bench<'_>, asks: &Asks) {
    for arn in bench.inputs.options.remove_trails.clone() {
        let findings: Findings = asks
            .redundant
            .iter()
            .filter(|((account, _), _)| arn.account().as_ref() == Some(account))
            .flat_map(|(_, findings)| findings.clone())
            .collect();
        let Some(trail) = bench.inputs.snapshot.trails.get(&arn) else {
            let management = bench.management().clone();
            let stop = Stop::new(Hindrance::Manual, format!("no trail {arn} was found"));
            bench.leave(&management, Some(arn.to_string()), &findings, stop);
            continue;
        };
        if findings.is_empty() {
            let reason = format!("no finding that is planned for says that trail {} is redundant", trail.name);
            let stop = Stop::new(Hindrance::Manual, reason)
                .hint("see no-redundant-management-event-copies in `trailwarden audit`");
            bench.leave(&trail.owner, Some(arn.to_string()), &findings, stop);
            continue;
        }
        bench.target(&trail.owner, Some(arn.to_string()), &findings, |bench| remove(bench, trail, &findings));
    }
    for ((account, _), findings) in &asks.redundant {
        let is_named = bench.inputs.options.remove_trails.iter().any(|arn| arn.account().as_ref() == Some(account));
        if !is_named {
            let stop =
                Stop::new(Hindrance::OnRequest, "a second copy of management events costs money and loses nothing");
            let stop = stop.hint("see the finding for the trails, and plan with --remove-trail ARN");
            bench.leave(account, None, findings, stop);
        }
    }
}

fn remove(bench: &mut Bench<'_>, trail: &Trail, findings: &Findings) -> Result<(), Stop> {
    bench.check_owner(&trail.owner, &trail.home_region, trail.arn.as_str(), &trail.name)?;
    let others = match bench.inputs.redundancy.get(&trail.arn) {
        Some(Redundancy::Shown(others)) => others.clone(),
        Some(Redundancy::NotShown(why)) => {
            let reason = format!("that nothing is lost without trail {} is not shown: {why}", trail.name);
            return Err(Stop::new(Hindrance::Impossible, reason));
        }
        None => {
            return Err(Stop::new(Hindrance::Manual, format!("what trail {} records was not compared", trail.name)));
        }
    };
    let guards = guards(bench, &others)?;
    let place = |aspect| subject(&trail.owner, &trail.home_region, aspect);
    let logging = place(Aspect::TrailLogging { trail: trail.arn.to_string() });
    let is_logging = bench.look(&trail.owner, &trail.home_region, logging.aspect.clone())?;
    let mut needs = BTreeSet::new();
    if is_logging == json!(true) {
        let name = trail.arn.to_string();
        needs.insert(bench.step(draft(
            logging,
            format!("stop logging with the redundant trail {}", trail.name),
            Call::StopLogging { name: name.clone() },
            (is_logging, json!(false)),
            &guards,
            findings,
            Rollback::Undo(Call::StartLogging { name }),
        ))?);
    }
    let whole = place(Aspect::Trail { trail: trail.arn.to_string() });
    let before = bench.look(&trail.owner, &trail.home_region, whole.aspect.clone())?;
    let why = "a deleted trail can be made again, but its chain of digests has ended";
    let mut deletion = draft(
        whole,
        format!("delete the redundant trail {}", trail.name),
        Call::DeleteTrail { name: trail.arn.to_string() },
        (before, Value::Null),
        &guards,
        findings,
        Rollback::Irreversible(why.to_owned()),
    );
    deletion.needs = needs;
    bench.step(deletion)?;
    Ok(())
}

fn draft(
    subject: Subject,
    title: String,
    call: Call,
    (before, after): (Value, Value),
    guards: &[Guard],
    findings: &Findings,
    rollback: Rollback,
) -> Draft {
    Draft {
        phase: Phase::Removal,
        title,
        subject,
        call,
        before: Earlier::Is(before),
        after,
        guards: guards.to_vec(),
        needs: BTreeSet::new(),
        findings: findings.clone(),
        rollback,
        cost: Some("one copy of management events less".to_owned()),
    }
}

/// The trails that record it all must be logging when the time comes.
fn guards(bench: &Bench<'_>, others: &BTreeSet<Arn>) -> Result<Vec<Guard>, Stop> {
    let trails = others.iter().map(|arn| {
        let trail = bench.inputs.snapshot.trails.get(arn);
        let trail = trail.ok_or_else(|| Stop::new(Hindrance::Manual, format!("no trail {arn} was found")))?;
        Ok(Guard {
            subject: subject(&trail.owner, &trail.home_region, Aspect::TrailLogging { trail: arn.to_string() }),
            is: json!(true),
            because: format!("only while {} is logging, nothing is lost", trail.name),
        })
    });
    trails.collect()
}
