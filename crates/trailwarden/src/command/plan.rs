//! `trailwarden plan`: from what fails to ordered steps that a person can approve.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use trailwarden_apply::Cloud;
use trailwarden_audit::{Control, CoverageMap, assess, controls, monitored_families};
use trailwarden_aws::Session;
use trailwarden_model::assessment::Assessment;
use trailwarden_model::baseline::Baseline;
use trailwarden_model::finding::Finding;
use trailwarden_model::ids::{AccountId, Arn};
use trailwarden_model::observed::Observed;
use trailwarden_model::plan::{Aspect, Hindrance, Plan, seal};
use trailwarden_model::snapshot::Snapshot;
use trailwarden_model::waiver::Waiver;
use trailwarden_plan::{Draft, Facts, Family, Inputs, Options, Redundancy, draft};

use super::select::find_control;
use super::source::{self, collect_in, read_snapshot, sandbox_notice, with_session};
use crate::baseline_file::{check_against, read_baseline};
use crate::cli::{self, Select};
use crate::digest::digest;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::check_writable;
use crate::plan_file;
use crate::report_file::read_assessment;
use crate::settings::Settings;
use crate::waiver_file::read_waivers;

/// The control whose failures call for a person alone, and whose facts take longer to read than all others together.
const INVESTIGATED: &str = "no-recent-tampering";

/// Rounds of looking after which something is wrong: each round only asks for what the one before made visible.
const MOST_ROUNDS: usize = 50;

/// Looks under way at once; the session bounds the calls in flight.
const LOOKS_AT_ONCE: usize = 64;

/// Plans and writes the plan.
pub(super) fn plan(arguments: &cli::Plan, settings: &Settings) -> Result<Exit, Failure> {
    for control in &arguments.narrow.control {
        find_control(control)?;
    }
    let baseline = read_baseline(arguments.baseline.as_deref())?;
    let waivers = read_waivers(arguments.waivers.as_deref())?;
    let only = arguments.assessment.as_deref().map(read_assessment).transpose()?;
    let outputs = Outputs { wanted: &arguments.outputs, connect: &arguments.connect };
    outputs.check()?;
    let request = Request { arguments, baseline: &baseline, waivers: &waivers, only: only.as_ref() };
    let (plan, caller) = with_session(&arguments.connect, settings, async |session, bar| {
        let snapshot = match &arguments.snapshot {
            Some(path) => read_snapshot(path)?,
            None => {
                let facts = source::Facts::of_controls(&assessed(), &baseline);
                collect_in(session, &Select::default(), facts, settings.now, bar).await?
            }
        };
        request.check(&snapshot, session)?;
        let n_accounts = snapshot.accounts.len();
        let caller = session.caller().account.clone();
        Ok(((request.plan(&snapshot, session).await?, caller), n_accounts))
    })?;
    outputs.write(plan, &caller, settings)
}

/// Where a plan goes.
pub(super) struct Outputs<'a> {
    pub(super) wanted: &'a cli::PlanOutputs,
    pub(super) connect: &'a cli::Connect,
}

impl Outputs<'_> {
    /// Refuses early what could not be written in the end.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let cli::PlanOutputs { output, role, .. } = self.wanted;
        let paths = output.iter().filter_map(|output| output.path.as_deref()).chain(role.as_deref());
        paths.filter(|path| !path.is_dir()).try_for_each(check_writable)?;
        plan_file::check_outputs(output)
    }

    /// Seals the plan and writes it everywhere.
    pub(super) fn write(&self, plan: Plan, caller: &AccountId, settings: &Settings) -> Result<Exit, Failure> {
        let (text, digest) = seal(&plan).map_err(Failure::internal)?;
        let plan = Plan { digest, ..plan };
        let notice = sandbox_notice(self.connect);
        let written = plan_file::Written { plan: &plan, sealed: &text, notice: notice.as_deref(), caller, settings };
        for output in &self.wanted.output {
            written.write(output, self.connect)?;
        }
        if let Some(path) = &self.wanted.role {
            plan_file::write_role(path, &plan)?;
        }
        Ok(exit(&plan, self.wanted.exit_code))
    }
}

/// The controls that plans are made for.
pub(super) fn assessed() -> Vec<&'static Control> {
    controls::ALL.iter().copied().filter(|control| control.id != INVESTIGATED).collect()
}

fn exit(plan: &Plan, asked: bool) -> Exit {
    let blocks = |hindrance: Hindrance| {
        matches!(hindrance, Hindrance::Unknown | Hindrance::Denied | Hindrance::OwnedElsewhere | Hindrance::Impossible)
    };
    match (plan.steps.is_empty(), plan.unplanned.iter().any(|left| blocks(left.hindrance))) {
        (false, _) if asked => Exit::PlanHasChanges,
        (true, true) => Exit::PlanBlocked,
        _ => Exit::Ok,
    }
}

/// What is planned for, and how.
struct Request<'a> {
    arguments: &'a cli::Plan,
    baseline: &'a Baseline,
    waivers: &'a [Waiver],
    only: Option<&'a Assessment>,
}

impl Request<'_> {
    /// A snapshot or an assessment of another organization is not planned for here.
    fn check(&self, snapshot: &Snapshot, session: &Session) -> Result<(), Failure> {
        check_against(&snapshot.organization, self.baseline, self.arguments.baseline.as_deref())?;
        let organization = &snapshot.organization.id;
        if let Some(other) = self.only.map(|only| &only.organization.id).filter(|id| *id != organization) {
            return Err(Failure::usage(format!("the assessment is of organization {other}, not of {organization}"))
                .hint("assess the organization that you plan for"));
        }
        self.check_decided(snapshot)?;
        let caller = session.caller();
        match snapshot.organization.accounts.contains_key(&caller.account) {
            true => Ok(()),
            false => Err(Failure::usage(format!(
                "the credentials are of account {}, which is not in organization {organization} of the snapshot",
                caller.account
            ))
            .hint("use credentials of the organization that the snapshot was taken of")),
        }
    }

    /// What was decided must be there.
    fn check_decided(&self, snapshot: &Snapshot) -> Result<(), Failure> {
        let (decide, organization) = (&self.arguments.decide, &snapshot.organization);
        if let Some(account) = decide.log_archive.as_ref().filter(|id| !organization.accounts.contains_key(*id)) {
            let message = format!("--log-archive: account {account} is not in organization {}", organization.id);
            return Err(Failure::usage(message).hint("list the accounts with `aws organizations list-accounts`"));
        }
        let is_enabled = |region| snapshot.accounts.values().any(|account| account.regions.contains_key(region));
        match decide.home_region.as_ref().filter(|region| !is_enabled(region)) {
            Some(region) => Err(Failure::usage(format!("--home-region: region {region} is enabled in no account"))
                .hint("check the spelling, or enable the region in the management account")),
            None => Ok(()),
        }
    }

    /// Plans, looking at what is missing until nothing is.
    async fn plan(&self, snapshot: &Snapshot, session: &Session) -> Result<Plan, Failure> {
        let findings = self.findings(snapshot);
        let options = Options { findings: self.named(), ..options(self.arguments) };
        let digest = digest(snapshot)?;
        let families: Vec<Family> = monitored_families().into_iter().map(family).collect();
        let redundancy = self.redundancy(snapshot);
        let inputs = Inputs {
            snapshot,
            findings: &findings,
            baseline: self.baseline,
            options: &options,
            families: &families,
            redundancy: &redundancy,
            snapshot_digest: &digest,
            tool_version: env!("CARGO_PKG_VERSION"),
        };
        in_rounds(session, |facts| draft(inputs, facts, &look_actions)).await
    }

    /// The findings to plan for. What calls for a person is among them where it is known anyway: it costs no call then.
    fn findings(&self, snapshot: &Snapshot) -> Vec<Finding> {
        let has_history = snapshot
            .accounts
            .values()
            .flat_map(|account| account.regions.values())
            .any(|region| matches!(region.history, Observed::Known(_)));
        let controls = if has_history { controls::ALL.to_vec() } else { assessed() };
        let mut findings = assess(snapshot, self.baseline, self.waivers, &controls, env!("CARGO_PKG_VERSION")).findings;
        let named = self.only.iter().flat_map(|only| &only.findings);
        let investigated = named.filter(|finding| finding.control == INVESTIGATED && !has_history);
        findings.extend(investigated.cloned());
        findings
    }

    /// The findings that failed in the assessment that was named, if one was.
    fn named(&self) -> Option<BTreeSet<String>> {
        let failed = |only: &Assessment| {
            only.findings
                .iter()
                .filter(|finding| finding.outcome == trailwarden_model::finding::Outcome::Fail)
                .map(Finding::id)
                .collect()
        };
        self.only.map(failed)
    }

    /// What is lost without the trails that are to be removed.
    fn redundancy(&self, snapshot: &Snapshot) -> BTreeMap<Arn, Redundancy> {
        let map = CoverageMap::new(snapshot, self.baseline);
        let named = self.arguments.decide.remove_trail.iter().filter_map(|arn| snapshot.trails.get(arn));
        let of = |trail: &trailwarden_model::trail::Trail| match map.without(trail) {
            Ok(others) => Redundancy::Shown(others),
            Err(why) => Redundancy::NotShown(why),
        };
        named.map(|trail| (trail.arn.clone(), of(trail))).collect()
    }
}

/// Plans, looking at what is missing until nothing is.
pub(super) async fn in_rounds(session: &Session, draft: impl Fn(&Facts) -> Draft) -> Result<Plan, Failure> {
    let mut facts = Facts::default();
    for _ in 0..MOST_ROUNDS {
        let draft = draft(&facts);
        if draft.missing.is_empty() {
            return checked(draft.plan);
        }
        let looks = draft.missing.into_iter().map(|subject| async move {
            let seen = session.look(&subject).await;
            (subject, Observed::from(seen))
        });
        let mut looks = futures::stream::iter(looks).buffer_unordered(LOOKS_AT_ONCE);
        while let Some((subject, seen)) = looks.next().await {
            facts.insert(subject, seen);
        }
    }
    Err(Failure::internal("planning asks for more and more facts"))
}

/// The IAM actions that looking takes.
pub(super) fn look_actions(aspect: &Aspect) -> BTreeSet<String> {
    trailwarden_aws::look_actions(aspect).into_iter().map(str::to_owned).collect()
}

/// A plan that breaks what must hold of every plan is a bug of ours, and is not shown to anybody.
fn checked(plan: Plan) -> Result<Plan, Failure> {
    match trailwarden_plan::lint::lint(&plan).first() {
        Some(wrong) => Err(Failure::internal(format!("the plan is not sound: {wrong}"))),
        None => Ok(plan),
    }
}

fn family(family: trailwarden_audit::MonitoredFamily) -> Family {
    Family { part: family.part.to_owned(), title: family.title.to_owned(), pattern: family.pattern }
}

fn options(arguments: &cli::Plan) -> Options {
    let (narrow, decide) = (&arguments.narrow, &arguments.decide);
    Options {
        log_archive: decide.log_archive.clone(),
        home_region: decide.home_region.clone(),
        notify: decide.notify.clone(),
        object_lock: decide.object_lock,
        expire_after: decide.expire_after,
        move_bucket: decide.move_bucket,
        encrypt_stores: decide.encrypt_event_data_stores,
        remove_trails: decide.remove_trail.iter().cloned().collect(),
        take_over: decide.take_over.iter().cloned().collect(),
        apply_role: decide.apply_role.clone(),
        accounts: narrow.account.iter().cloned().collect(),
        controls: narrow.control.iter().cloned().collect(),
        only: narrow.only.iter().copied().collect(),
        exclude: narrow.exclude.iter().copied().collect(),
        findings: None,
    }
}
