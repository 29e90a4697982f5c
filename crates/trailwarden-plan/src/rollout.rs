//! Rolling out the policies of a profile, stage by stage: what is attached is compared with what the profile needs by proof,
//! never by name.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden_model::finding::Finding;
use trailwarden_model::ids::AccountId;
use trailwarden_model::organization::{
    FeatureSet, NodeId, Organization, RESOURCE_CONTROL_POLICY, SERVICE_CONTROL_POLICY,
};
use trailwarden_model::plan::{Affected, Aspect, Choice, Hindrance, Stage, StepId, Subject};
use trailwarden_policy::{Attachment, ComposedPolicy, Composition, Guarded, Kind, Limits, Profile};

use crate::bench::{Bench, Findings};
use crate::facts::{Facts, Stop};
use crate::finish;
use crate::inputs::Inputs;
use crate::targets::Draft;
use proof::Proofs;
use reach::Reach;

mod adopt;
mod lockout;
mod notes;
mod present;
mod probes;
mod proof;
mod reach;
mod slots;
mod steps;

pub use adopt::{Adopted, adopt};
pub use reach::proposals;

/// What is rolled out, and how.
#[derive(Debug, Clone, Copy)]
pub struct Rollout<'a> {
    /// What is denied.
    pub profile: Profile,
    /// What the policies guard.
    pub guarded: &'a Guarded,
    /// The policies, composed and proved.
    pub composition: &'a Composition,
    /// The roots, OUs and accounts of each stage; those of the last are where the policies belong in the end.
    pub stages: &'a [BTreeSet<NodeId>],
    /// Seconds between showing a stage and beginning the next.
    pub soak_seconds: u64,
    /// Ids of policies to change although they do not bear our tag.
    pub adopt: &'a BTreeSet<String>,
    /// Names of policies of others that keep what they say, and say what the profile needs as well; see [`adopt`].
    pub merged: &'a BTreeSet<String>,
    /// The role with which each stage makes a real call that must be refused.
    pub probe_role: Option<&'a str>,
    /// What was asked about who did lately what the profile denies.
    pub asked: &'a Choice,
    /// Who did.
    pub affected: &'a [Affected],
    /// Findings that fail still, once everything is attached.
    pub left: &'a [Finding],
    /// Who applies plans in each account.
    pub own_roles: &'a BTreeMap<AccountId, String>,
    /// What plans may need to do in members.
    pub own_actions: &'a BTreeSet<&'static str>,
    /// What only taking plans back needs.
    pub undo_actions: &'a BTreeSet<&'static str>,
    /// Whether our own role may be denied some of it.
    pub denies_own_role: bool,
    /// The quotas.
    pub limits: Limits,
}

/// Plans with the facts at hand, like [`crate::draft`]. The findings of the inputs are those that the rollout mends.
pub fn draft_rollout(
    inputs: Inputs<'_>,
    rollout: &Rollout<'_>,
    facts: &Facts,
    looks: &dyn Fn(&Aspect) -> BTreeSet<String>,
) -> Draft {
    let mut bench = Bench::new(inputs, facts);
    let findings: Findings = inputs.findings.iter().map(Finding::id).collect();
    let management = bench.management().clone();
    let mut staged = Vec::new();
    bench.target(&management, Some(format!("profile {}", rollout.profile)), &findings, |bench| {
        staged = plan(bench, rollout)?;
        Ok(())
    });
    notes::left(&mut bench, rollout);
    let ids = finish::ids(&bench);
    let missing = std::mem::take(&mut bench.missing);
    let mut plan = finish::plan(bench, looks);
    if !plan.steps.is_empty() {
        plan.stages = staged.into_iter().map(|staged| staged.numbered(&ids)).collect();
        plan.unreached = unreached(&inputs.snapshot.organization, &plan.stages);
    }
    Draft { plan, missing }
}

/// The member accounts of no stage; those that are suspended may come back.
fn unreached(organization: &Organization, stages: &[Stage]) -> BTreeSet<AccountId> {
    let is_outside = |account: &&AccountId| {
        **account != organization.management_account && stages.iter().all(|stage| !stage.accounts.contains(*account))
    };
    organization.accounts.keys().filter(is_outside).cloned().collect()
}

/// A stage whose steps have no numbers yet.
struct Staged {
    stage: Stage,
    subjects: BTreeSet<Subject>,
}

impl Staged {
    fn numbered(self, ids: &BTreeMap<Subject, StepId>) -> Stage {
        let steps = self.subjects.iter().filter_map(|subject| ids.get(subject).cloned()).collect();
        Stage { steps, ..self.stage }
    }
}

fn plan(bench: &mut Bench<'_>, rollout: &Rollout<'_>) -> Result<Vec<Staged>, Stop> {
    let organization = &bench.inputs.snapshot.organization;
    if organization.feature_set == FeatureSet::ConsolidatedBilling {
        let reason = "the organization has consolidated billing only, in which there are no service control policies";
        return Err(Stop::new(Hindrance::Impossible, reason)
            .hint("enable all features: every invited account must approve, and there is no way back"));
    }
    let reach = Reach::new(organization, rollout.stages)?;
    reach.check(organization)?;
    let proofs = Proofs::new(organization, rollout, &reach)?;
    let needed = needed(&reach, &proofs, rollout);
    notes::already_denied(bench, &reach, &proofs, &needed);
    if needed.iter().all(BTreeMap::is_empty) {
        return Ok(Vec::new());
    }
    bench.choose(rollout.asked.clone());
    slots::check(organization, rollout, &needed, &|trial| {
        let needed = self::needed(&reach, &proofs, trial);
        present::check(organization, trial, &reach, &needed).is_ok()
            && slots::full(organization, trial, &needed).is_ok_and(|full| full.is_none())
    })?;
    present::check(organization, rollout, &reach, &needed)?;
    proofs.after_each_stage(bench, rollout, &reach)?;
    lockout::check(bench, rollout, &reach, &proofs)?;
    notes::exemptions(bench, &reach, &proofs);
    notes::still_denied(bench, &reach, &proofs);
    notes::control_tower(bench, rollout);
    notes::earlier_stages(bench, rollout);
    let probes = probes::of_stages(bench, rollout, &reach)?;
    let subjects = steps::plan(bench, rollout, &reach, &needed)?;
    let staged = subjects.into_iter().zip(probes).enumerate().map(|(number, (subjects, probe))| {
        let stage = Stage {
            name: reach.name(organization, number),
            targets: rollout.stages.get(number).cloned().unwrap_or_default(),
            accounts: reach.under(number).cloned().collect(),
            steps: BTreeSet::new(),
            affected: rollout
                .affected
                .iter()
                .filter(|used| reach.newly(number).contains(&used.account))
                .cloned()
                .collect(),
            denials: proofs.denials(reach.newly(number)),
            enclosure: rollout.guarded.enclosure(rollout.profile, reach.newly(number)),
            probes: probe.into_iter().collect(),
            soak_seconds: rollout.soak_seconds,
        };
        Staged { stage, subjects }
    });
    Ok(staged.collect())
}

/// The policies that each stage attaches, by node.
type Needed<'a> = Vec<BTreeMap<NodeId, Vec<&'a ComposedPolicy>>>;

/// Policies go where somebody can still do what the profile denies, and where nobody is yet.
fn needed<'a>(reach: &Reach, proofs: &Proofs<'_>, rollout: &Rollout<'a>) -> Needed<'a> {
    let lacking = proofs.lacking();
    let of_all: Vec<&ComposedPolicy> =
        rollout.composition.policies.iter().filter(|policy| policy.attach_to == Attachment::Root).collect();
    let mut needed: Needed<'a> = Vec::new();
    for (number, targets) in rollout.stages.iter().enumerate() {
        let mut of_stage: BTreeMap<NodeId, Vec<&ComposedPolicy>> = BTreeMap::new();
        for target in targets {
            let under: BTreeSet<&AccountId> = reach.below(target).collect();
            let is_done = needed.iter().any(|earlier| earlier.contains_key(target));
            if is_done {
                continue;
            }
            if under.is_empty() || under.iter().any(|account| lacking.contains(*account)) {
                of_stage.entry(target.clone()).or_default().extend(&of_all);
            }
        }
        for policy in &rollout.composition.policies {
            let Attachment::Account(account) = &policy.attach_to else { continue };
            let is_lacking = match policy.kind {
                Kind::ResourceControl => proofs.is_open_to_strangers(account),
                _ => lacking.contains(account),
            };
            if is_lacking && reach.newly(number).contains(account) {
                of_stage.entry(account.to_string()).or_default().push(policy);
            }
        }
        needed.push(of_stage);
    }
    needed
}

/// What a node is called, with its id.
fn node_name(organization: &Organization, node: &str) -> String {
    let is_root = organization.root.known().is_some_and(|root| root.id == node);
    let unit = organization.units.known().and_then(|units| units.get(node));
    let account = node.parse().ok().and_then(|id: AccountId| organization.accounts.get(&id));
    match (is_root, unit, account) {
        (true, ..) => format!("the root ({node})"),
        (_, Some(unit), _) => format!("OU {} ({node})", unit.name),
        (_, _, Some(account)) => format!("account {} ({node})", account.name),
        _ => node.to_owned(),
    }
}

/// The type of policies of a kind, as AWS spells it.
fn policy_type(kind: Kind) -> &'static str {
    match kind {
        Kind::ResourceControl => RESOURCE_CONTROL_POLICY,
        _ => SERVICE_CONTROL_POLICY,
    }
}

/// The policies of a kind, in words.
fn words(kind: Kind) -> &'static str {
    match kind {
        Kind::ResourceControl => "resource control policies",
        _ => "service control policies",
    }
}
