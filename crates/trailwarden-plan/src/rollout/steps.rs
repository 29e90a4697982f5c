//! The steps: the policy type enabled, policies written, policies attached, each stage after the one before.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use trailwarden_model::finding::Finding;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::plan::{Aspect, Call, Choice, Guard, Hindrance, Rollback, Subject, Tag, normal_document};
use trailwarden_policy::{ComposedPolicy, Kind};

use super::present;
use super::reach::Reach;
use super::{Needed, Rollout, node_name, policy_type, words};
use crate::bench::{Bench, Draft, Earlier, Findings, Phase, stand_in, subject};
use crate::facts::Stop;

/// The tag that says that a policy is ours.
const OWN: (&str, &str) = ("trailwarden", "rollout");

/// The control that the policy type answers.
const POLICY_TYPE_CONTROL: &str = "scp-policy-type-enabled";

/// A policy that is there or will be.
struct Written {
    /// Its id, or what stands for it until it is created.
    id: String,
    /// The subject, when a step writes it.
    step: Option<Subject>,
    /// What must be observed of it before it is attached anywhere.
    guard: Guard,
}

/// The subjects of each stage's steps.
pub(super) fn plan(
    bench: &mut Bench<'_>,
    rollout: &Rollout<'_>,
    reach: &Reach,
    needed: &Needed<'_>,
) -> Result<Vec<BTreeSet<Subject>>, Stop> {
    let mut written: BTreeMap<&str, Written> = BTreeMap::new();
    let mut stages: Vec<BTreeSet<Subject>> = Vec::new();
    let mut types: BTreeSet<Subject> = BTreeSet::new();
    for (number, nodes) in needed.iter().enumerate() {
        let mut subjects: BTreeSet<Subject> = BTreeSet::new();
        for policy in nodes.values().flatten() {
            // A policy belongs to the first stage that attaches it, and so does its type to that of the first policy.
            if !written.contains_key(policy.name.as_str()) {
                let enabled = enable(bench, policy.kind)?;
                let new = write(bench, (rollout, reach, number), policy, enabled.as_ref())?;
                let is_new = |subject: &&Subject| !types.contains(*subject);
                subjects.extend(enabled.iter().filter(is_new).cloned());
                types.extend(enabled);
                subjects.extend(new.step.clone());
                written.insert(&policy.name, new);
            }
        }
        let earlier: BTreeSet<Subject> = stages.iter().flatten().chain(&types).cloned().collect();
        let findings = findings(bench, reach, number, needed.len());
        for (node, policies) in nodes {
            for policy in policies {
                let Some(written) = written.get(policy.name.as_str()) else { continue };
                match attach(bench, (policy, written), node, &earlier, &findings)? {
                    Some(subject) => drop(subjects.insert(subject)),
                    // It is attached there already: what mends the findings is that it says something else.
                    None => written.step.iter().for_each(|step| bench.serves(step, &findings)),
                }
            }
        }
        stages.push(subjects);
    }
    Ok(stages)
}

/// The findings on accounts that a stage is the first to reach; those on the organization are the last stage's.
fn findings(bench: &Bench<'_>, reach: &Reach, number: usize, n_stages: usize) -> Findings {
    let is_last = number + 1 == n_stages;
    let of_stage = bench.inputs.findings.iter().filter(|finding| {
        let is_reached = reach.all().any(|account| *account == finding.account);
        reach.newly(number).contains(&finding.account) || (is_last && !is_reached)
    });
    of_stage.map(Finding::id).collect()
}

fn place(bench: &Bench<'_>) -> Result<(AccountId, Region), Stop> {
    Ok((bench.management().clone(), bench.leader()?))
}

/// The step that enables the policy type, where it is off.
fn enable(bench: &mut Bench<'_>, kind: Kind) -> Result<Option<Subject>, Stop> {
    let (management, region) = place(bench)?;
    let policy_type = policy_type(kind).to_owned();
    let aspect = Aspect::PolicyType { policy_type: policy_type.clone() };
    if bench.look(&management, &region, aspect.clone())? == json!(true) {
        return Ok(None);
    }
    let root = bench.inputs.snapshot.organization.root.get()?.id.clone();
    let is_asking = |finding: &&Finding| kind == Kind::ServiceControl && finding.control == POLICY_TYPE_CONTROL;
    let asking = bench.inputs.findings.iter().filter(is_asking);
    let findings = asking.map(Finding::id).collect();
    let step = bench.step(Draft {
        phase: Phase::Policies,
        title: format!("enable {} in the organization", words(kind)),
        subject: subject(&management, &region, aspect),
        call: Call::EnablePolicyType { root_id: root, policy_type },
        before: Earlier::Is(json!(false)),
        after: json!(true),
        guards: vec![],
        needs: BTreeSet::new(),
        findings,
        rollback: Rollback::Keep(
            "AWS attaches its own policy everywhere, which denies nothing; disabling the type would detach what others \
             attached meanwhile"
                .to_owned(),
        ),
        cost: None,
    })?;
    Ok(Some(step))
}

/// A policy of ours under its name: as it is, made right, or new.
fn write(
    bench: &mut Bench<'_>,
    (rollout, reach, number): (&Rollout<'_>, &Reach, usize),
    policy: &ComposedPolicy,
    enabled: Option<&Subject>,
) -> Result<Written, Stop> {
    let (management, region) = place(bench)?;
    let aspect =
        Aspect::AuthorizationPolicy { policy_type: policy_type(policy.kind).to_owned(), name: policy.name.clone() };
    let found = bench.look(&management, &region, aspect.clone())?;
    let subject = subject(&management, &region, aspect);
    let content = normal_document(&policy.text);
    let description = description(rollout);
    let (key, value) = OWN;
    if found.is_null() {
        let id = stand_in(&subject, "Id");
        let after = json!({"Id": id, "Content": content, "Description": description, "Tags": {key: value}});
        let step = bench.step(Draft {
            phase: Phase::Policies,
            title: format!("create {} {}", word(policy.kind), policy.name),
            subject,
            call: Call::CreatePolicy {
                name: policy.name.clone(),
                description,
                content: policy.text.clone(),
                r#type: policy_type(policy.kind).to_owned(),
                tags: vec![Tag { key: key.to_owned(), value: value.to_owned() }],
            },
            before: Earlier::Is(found),
            after: after.clone(),
            guards: vec![],
            needs: enabled.into_iter().cloned().collect(),
            findings: Findings::new(),
            rollback: Rollback::Undo(Call::DeletePolicy { policy_id: id.clone() }),
            cost: None,
        })?;
        return Ok(Written { id, guard: unchanged(&step, after), step: Some(step) });
    }
    let id = found.get("Id").and_then(Value::as_str).unwrap_or_default().to_owned();
    if found.get("Content") == Some(&content) {
        return Ok(Written { id, guard: unchanged(&subject, found), step: None });
    }
    let is_ours = found.pointer(&format!("/Tags/{key}")).and_then(Value::as_str) == Some(value);
    if !is_ours && !rollout.adopt.contains(&id) {
        let reason = format!("{} ({id}) is there already, says something else, and does not bear our tag", policy.name);
        return Err(Stop::new(Hindrance::OwnedElsewhere, reason)
            .hint(format!("--adopt {id} replaces what it says; or have its owner rename it")));
    }
    update(bench, (rollout, reach, number), policy, (subject, &id, found))
}

/// What the policy says is replaced, wherever it is attached; what it said stays in the plan.
fn update(
    bench: &mut Bench<'_>,
    (rollout, reach, number): (&Rollout<'_>, &Reach, usize),
    policy: &ComposedPolicy,
    (subject, id, found): (Subject, &str, Value),
) -> Result<Written, Stop> {
    let old = found.get("Description").and_then(Value::as_str).unwrap_or_default().to_owned();
    // One that keeps what others wrote keeps their description too.
    let description = if rollout.merged.contains(&policy.name) { old.clone() } else { description(rollout) };
    let mut after = found.clone();
    if let Some(members) = after.as_object_mut() {
        members.insert("Content".to_owned(), normal_document(&policy.text));
        members.extend((!description.is_empty()).then(|| ("Description".to_owned(), json!(description))));
    }
    let organization = &bench.inputs.snapshot.organization;
    let known = present::of(organization, policy.kind)?.get(id);
    let before = match known {
        Some(known) => known.content.get()?.clone(),
        None => found.get("Content").map(Value::to_string).unwrap_or_default(),
    };
    let elsewhere: Vec<String> = match known {
        Some(known) => known.targets.get()?.iter().map(|node| node_name(organization, node)).collect(),
        None => Vec::new(),
    };
    if let Some(known) = known {
        present::within(organization, reach, number, known)?;
    }
    if !elsewhere.is_empty() {
        bench.choose(Choice {
            what: format!("when {} changes", policy.name),
            chosen: format!("at once at {}", elsewhere.join(", ")),
            because: "it is attached there already, and a policy says the same wherever it is attached".to_owned(),
            otherwise: None,
        });
    }
    let step = bench.step(Draft {
        phase: Phase::Policies,
        title: format!("replace what {} {} says", word(policy.kind), policy.name),
        subject,
        call: Call::UpdatePolicy { policy_id: id.to_owned(), description, content: policy.text.clone() },
        before: Earlier::Is(found),
        after: after.clone(),
        guards: vec![],
        needs: BTreeSet::new(),
        findings: Findings::new(),
        rollback: Rollback::Undo(Call::UpdatePolicy { policy_id: id.to_owned(), description: old, content: before }),
        cost: None,
    })?;
    Ok(Written { id: id.to_owned(), guard: unchanged(&step, after), step: Some(step) })
}

/// A policy of a kind, in words.
fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::ResourceControl => "resource control policy",
        _ => "service control policy",
    }
}

fn description(rollout: &Rollout<'_>) -> String {
    format!("Denies tampering with CloudTrail (profile {}). Written by trailwarden.", rollout.profile)
}

fn unchanged(subject: &Subject, is: Value) -> Guard {
    let because = "what is attached must be what was approved, word for word".to_owned();
    Guard { subject: subject.clone(), is, because }
}

/// Attaches a policy to a node, unless it is attached there.
fn attach(
    bench: &mut Bench<'_>,
    (policy, written): (&ComposedPolicy, &Written),
    node: &str,
    earlier: &BTreeSet<Subject>,
    findings: &Findings,
) -> Result<Option<Subject>, Stop> {
    let (management, region) = place(bench)?;
    let aspect = Aspect::PolicyAttachment {
        policy_type: policy_type(policy.kind).to_owned(),
        policy: written.id.clone(),
        target: node.to_owned(),
    };
    let is_new = matches!(&written.step, Some(step) if written.id == stand_in(step, "Id"));
    if !is_new && bench.look(&management, &region, aspect.clone())? == json!(true) {
        return Ok(None);
    }
    let name = node_name(&bench.inputs.snapshot.organization, node);
    let call = |policy_id: &str| Call::AttachPolicy { policy_id: policy_id.to_owned(), target_id: node.to_owned() };
    let step = bench.step(Draft {
        phase: Phase::Attachments,
        title: format!("attach {} to {name}", policy.name),
        subject: subject(&management, &region, aspect),
        call: call(&written.id),
        before: Earlier::Is(json!(false)),
        after: json!(true),
        guards: vec![written.guard.clone()],
        needs: written.step.iter().chain(earlier).cloned().collect(),
        findings: findings.clone(),
        rollback: Rollback::Undo(Call::DetachPolicy { policy_id: written.id.clone(), target_id: node.to_owned() }),
        cost: None,
    })?;
    Ok(Some(step))
}
