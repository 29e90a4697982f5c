//! `trailwarden scp plan`: the policies of a profile, rolled out in stages by a plan that a person can approve.

use std::collections::BTreeSet;

use jiff::Timestamp;
use trailwarden_audit::{Control, assess, controls};
use trailwarden_aws::{Selection, Session};
use trailwarden_model::baseline::Baseline;
use trailwarden_model::finding::{Finding, Outcome};
use trailwarden_model::ids::AccountId;
use trailwarden_model::organization::{NodeId, Organization};
use trailwarden_model::plan::{Choice, Plan};
use trailwarden_model::snapshot::{Need, Snapshot};
use trailwarden_plan::{Adopted, Inputs, Options, Rollout, adopt, draft_rollout, proposals};
use trailwarden_policy::{Composition, Guarded, Limits, Proposal, compose};

use super::super::plan::{Outputs, in_rounds, look_actions};
use super::super::source::{Facts, collect_in, read_snapshot, with_session};
use super::generate::{needs, not_composed};
use super::usage::{Ask, Radius, own_roles};
use crate::baseline_file::{check_against, read_baseline};
use crate::cli::{self, Select};
use crate::digest::digest;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::nearest::nearest;
use crate::settings::Settings;
use crate::terminal::Bar;

/// The controls that policies of the organization answer.
const ANSWERED: [&str; 4] =
    ["leaving-organization-denied", "log-archive-guarded", "scp-policy-type-enabled", "tampering-denied-by-scp"];

/// Plans and writes the plan.
pub(super) fn plan(arguments: &cli::RolloutPlan, settings: &Settings) -> Result<Exit, Failure> {
    let baseline = read_baseline(arguments.baseline.as_deref())?;
    let outputs = Outputs { wanted: &arguments.outputs, connect: &arguments.connect };
    outputs.check()?;
    let (plan, caller) = with_session(&arguments.connect, settings, async |session, bar| {
        let snapshot = match &arguments.snapshot {
            Some(path) => read_snapshot(path)?,
            None => {
                let facts = Facts::only(&collected(arguments, &baseline));
                collect_in(session, &Select::default(), facts, settings.now, bar).await?
            }
        };
        check_against(&snapshot.organization, &baseline, arguments.baseline.as_deref())?;
        let request = Request { arguments, baseline: &baseline, snapshot: &snapshot, now: settings.now };
        let n_accounts = snapshot.accounts.len();
        Ok(((request.plan(session, bar).await?, session.caller().account.clone()), n_accounts))
    })?;
    outputs.write(plan, &caller, settings)
}

fn answered() -> Vec<&'static Control> {
    controls::ALL.iter().copied().filter(|control| ANSWERED.contains(&control.id)).collect()
}

fn collected(arguments: &cli::RolloutPlan, baseline: &Baseline) -> Vec<Need> {
    let mut all = controls::needs(&answered(), baseline);
    all.extend(needs(arguments.profile));
    all.extend([
        Need::TrustedAccess,
        Need::DelegatedAdministrators,
        Need::ServiceControlPolicies,
        Need::ResourceControlPolicies,
    ]);
    all.into_iter().collect()
}

struct Request<'a> {
    arguments: &'a cli::RolloutPlan,
    baseline: &'a Baseline,
    snapshot: &'a Snapshot,
    now: Timestamp,
}

impl Request<'_> {
    async fn plan(&self, session: &Session, bar: &Bar) -> Result<Plan, Failure> {
        let guarded = Guarded::from_snapshot(self.snapshot, self.baseline);
        let limits = Limits::from(self.baseline);
        let profile = self.arguments.profile;
        let composition = compose(profile, &guarded, limits).map_err(|error| not_composed(profile, &error))?;
        let ids: BTreeSet<String> = self.arguments.adopt.iter().cloned().collect();
        let organization = &self.snapshot.organization;
        let Adopted { composition, merged } =
            adopt(organization, &composition, &ids, limits.characters).map_err(|error| {
                Failure::usage(format!("--adopt: {error}")).hint("`trailwarden scp show` lists policies")
            })?;
        let stages = self.stages()?;
        let (mended, left) = self.findings(&composition, &stages);
        let rollout = Rollout {
            profile,
            guarded: &guarded,
            composition: &composition,
            stages: &stages,
            soak_seconds: self.arguments.soak.as_secs(),
            adopt: &ids,
            merged: &merged,
            probe_role: self.arguments.probe_role.as_deref(),
            asked: &not_asked(),
            affected: &[],
            left: &left,
            own_roles: &own_roles(session, organization, &self.arguments.connect.role_name),
            own_actions: &trailwarden_aws::member_remediation_actions(),
            undo_actions: &undo_actions(),
            denies_own_role: self.arguments.deny_own_role,
            limits,
        };
        let options = Options { apply_role: Some(self.arguments.connect.role_name.clone()), ..Options::default() };
        let inputs = Inputs {
            snapshot: self.snapshot,
            findings: &mended,
            baseline: self.baseline,
            options: &options,
            families: &[],
            redundancy: &Default::default(),
            snapshot_digest: &digest(self.snapshot)?,
            tool_version: env!("CARGO_PKG_VERSION"),
        };
        let plan = in_rounds(session, |facts| draft_rollout(inputs, &rollout, facts, &look_actions)).await?;
        if plan.steps.is_empty() || self.arguments.no_usage {
            return Ok(plan);
        }
        let radius = self.radius(&composition, &stages, session, bar).await?;
        radius.refuse_interrupted()?;
        let (asked, affected) = (radius.asked(), radius.affected());
        let rollout = Rollout { asked: &asked, affected: &affected, ..rollout };
        in_rounds(session, |facts| draft_rollout(inputs, &rollout, facts, &look_actions)).await
    }

    /// Who did lately what would be denied.
    async fn radius(
        &self,
        composition: &Composition,
        stages: &[BTreeSet<NodeId>],
        session: &Session,
        bar: &Bar,
    ) -> Result<Radius, Failure> {
        let ask = Ask {
            organization: &self.snapshot.organization,
            set: composition,
            at: &stages.iter().flatten().cloned().collect(),
            exceptions: &self.baseline.tamper_exceptions,
            selection: &Selection::default(),
            days: self.arguments.days,
            now: self.now,
            logs: self.arguments.logs.as_ref(),
            keep: self.arguments.keep.as_deref(),
            role: &self.arguments.connect.role_name,
            accelerator_prefix: &self.arguments.accelerator_prefix,
        };
        ask.radius(session, bar).await
    }

    /// The findings that pass once everything is attached, and those that still do not. Where the organization as it would be
    /// cannot be told, nothing is promised; planning says why.
    fn findings(&self, composition: &Composition, stages: &[BTreeSet<NodeId>]) -> (Vec<Finding>, Vec<Finding>) {
        let assessed =
            |snapshot: &Snapshot| assess(snapshot, self.baseline, &[], &answered(), env!("CARGO_PKG_VERSION")).findings;
        let fails = |finding: &Finding| matches!(finding.outcome, Outcome::Fail | Outcome::Unknown);
        let present: Vec<Finding> = assessed(self.snapshot).into_iter().filter(fails).collect();
        let after = proposals(&self.snapshot.organization, composition, stages).ok().and_then(|mut all| all.pop());
        let Some(Proposal { organization, .. }) = after else { return (Vec::new(), present) };
        let after = assessed(&Snapshot { organization, ..self.snapshot.clone() });
        let left: Vec<Finding> = after.into_iter().filter(fails).collect();
        let stays: BTreeSet<String> = left.iter().map(Finding::id).collect();
        (present.into_iter().filter(|finding| !stays.contains(&finding.id())).collect(), left)
    }

    /// The nodes of each stage, the targets last.
    fn stages(&self) -> Result<Vec<BTreeSet<NodeId>>, Failure> {
        let organization = &self.snapshot.organization;
        let named = self.arguments.stages.iter().map(|stage| stage.split(',').collect::<Vec<_>>());
        let targets = self.arguments.target.iter().map(String::as_str).collect();
        let stages = named.chain([targets]);
        stages.map(|nodes| nodes.into_iter().map(|node| node_of(organization, node)).collect()).collect()
    }
}

/// What only taking plans back needs in members.
fn undo_actions() -> BTreeSet<&'static str> {
    let (_, only_back) = trailwarden_aws::changing_actions();
    only_back.into_iter().filter(|action| !action.starts_with("organizations:")).collect()
}

/// What stands in the plan when the event history was not asked.
fn not_asked() -> Choice {
    Choice {
        what: "who did lately what is denied".to_owned(),
        chosen: "not asked".to_owned(),
        because: "--no-usage was given: somebody may lose what they need".to_owned(),
        otherwise: Some("leave --no-usage out".to_owned()),
    }
}

/// The id of the root, an OU or a member account that was named.
fn node_of(organization: &Organization, named: &str) -> Result<NodeId, Failure> {
    let id = &organization.id;
    if named == organization.management_account.as_str() {
        return Err(Failure::usage(format!(
            "{named} is the management account, which no service control policy binds"
        ))
        .hint("name a member account, an OU or `root`"));
    }
    let root = organization.root.get().map_err(|gap| Failure::usage(format!("the root of {id}: {gap}")))?;
    if named == "root" || named == root.id {
        return Ok(root.id.clone());
    }
    let units = organization.units.get().map_err(|gap| Failure::usage(format!("the OUs of {id}: {gap}")))?;
    let is_account = named.parse().is_ok_and(|account: AccountId| organization.accounts.contains_key(&account));
    if is_account || units.contains_key(named) {
        return Ok(named.to_owned());
    }
    let failure = Failure::usage(format!("{named:?} is no root, OU or account of organization {id}"));
    let by_name = units.values().find(|unit| unit.name == named).map(|unit| unit.id.as_str());
    let accounts: Vec<String> = organization.accounts.keys().map(ToString::to_string).collect();
    let known = units.keys().map(String::as_str).chain(accounts.iter().map(String::as_str));
    Err(match by_name.or_else(|| nearest(named, known)) {
        Some(meant) => failure.hint(format!("did you mean {meant}?")),
        None => failure.hint("`trailwarden scp show` lists them; `root` is the root"),
    })
}
