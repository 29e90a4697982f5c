//! Where a snapshot comes from: a file, AWS, or the embedded sandbox over the same SDK and wire.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use trailwarden_audit::{Control, approval, controls};
use trailwarden_aws::{CollectError, Connection, Selection, Session, StaticCredentials};
use trailwarden_model::baseline::Baseline;
use trailwarden_model::organization::Organization;
use trailwarden_model::snapshot::{Need, Snapshot};
use trailwarden_sandbox::server::Sandbox;

use super::sandbox::start;
use crate::cli::{Connect, Select, Source};
use crate::failure::Failure;
use crate::output::write_stderr;
use crate::report_file;
use crate::settings::Settings;
pub(super) use crate::snapshot_file::read_snapshot;
use crate::terminal::Bar;

/// The facts to collect.
pub(super) struct Facts {
    needs: BTreeSet<Need>,
    history_days: u32,
}

impl Facts {
    /// Everything that these controls judge by.
    pub(super) fn of_controls(controls: &[&Control], baseline: &Baseline) -> Self {
        Self { needs: controls::needs(controls, baseline), history_days: baseline.tamper_history_days }
    }

    /// Also what it takes to approve the trails later, where the control of approved trails is among those selected. Without
    /// a baseline that approves trails it judges nothing, and so needs nothing.
    pub(super) fn add_approval(&mut self, controls: &[&Control]) {
        if controls.iter().any(|control| control.id == approval::CONTROL) {
            self.needs.extend(approval::needs());
        }
    }

    /// These, none of which is the event history.
    pub(super) fn only(needs: &[Need]) -> Self {
        Self { needs: needs.iter().copied().collect(), history_days: 0 }
    }
}

/// Collects a snapshot of the organization that the arguments lead to.
pub(super) fn collect_snapshot(
    connect: &Connect,
    select: &Select,
    facts: Facts,
    settings: &Settings,
) -> Result<Snapshot, Failure> {
    with_session(connect, settings, async |session, bar| {
        let snapshot = collect_in(session, select, facts, settings.now, bar).await?;
        let n_accounts = snapshot.accounts.len();
        Ok((snapshot, n_accounts))
    })
}

/// Collects a snapshot in a session, as of `now`.
pub(super) async fn collect_in(
    session: &Session,
    select: &Select,
    facts: Facts,
    now: Timestamp,
    bar: &Bar,
) -> Result<Snapshot, Failure> {
    let selection = Selection {
        accounts: select.account.iter().cloned().collect(),
        ous: select.ou.iter().cloned().collect(),
        exclude_accounts: select.exclude_account.iter().cloned().collect(),
        regions: select.region.iter().cloned().collect(),
        needs: facts.needs,
        history_days: facts.history_days,
    };
    Ok(trailwarden_aws::collect(session, &selection, now, env!("CARGO_PKG_VERSION"), bar).await?)
}

/// The organization that the arguments lead to, with what `needs` asks for of it. No account is entered.
pub(super) fn read_organization(
    source: &Source,
    needs: &BTreeSet<Need>,
    settings: &Settings,
) -> Result<Organization, Failure> {
    if let Some(path) = &source.snapshot {
        return Ok(read_snapshot(path)?.organization);
    }
    with_session(&source.connect, settings, async |session, _| {
        let organization = trailwarden_aws::collect_organization(session, needs).await?;
        let n_accounts = organization.accounts.len();
        Ok((organization, n_accounts))
    })
}

/// Lets `read` ask AWS or the sandbox, and tells how many accounts it read of with how many calls.
pub(super) fn with_session<T>(
    connect: &Connect,
    settings: &Settings,
    read: impl AsyncFnOnce(&Session, &Bar) -> Result<(T, usize), Failure>,
) -> Result<T, Failure> {
    runtime()?.block_on(async {
        let sandbox = match &connect.sandbox {
            Some(scenario) => Some(start(scenario).await?),
            None => None,
        };
        let connection = connection_of(connect, sandbox.as_ref());
        let session = Session::connect(connection).await?;
        let bar = Bar::new(settings);
        let read = read(&session, &bar).await;
        drop(bar);
        let (read, n_accounts) = read?;
        let n_calls: u64 = session.calls().values().sum();
        let seconds = settings.elapsed().as_secs_f64();
        let accounts = if n_accounts == 1 { "account" } else { "accounts" };
        if !settings.quiet {
            write_stderr(&format!("{n_accounts} {accounts}: {n_calls} API calls in {seconds:.1} s\n"));
        }
        Ok(read)
    })
}

/// What a report says at its top when the organization is made up.
pub(super) fn sandbox_notice(connect: &Connect) -> Option<String> {
    connect.sandbox.as_deref().map(report_file::sandbox_notice)
}

/// The runtime that everything asynchronous runs on.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::internal(format!("starting the runtime: {error}")))
}

fn connection_of(connect: &Connect, sandbox: Option<&Sandbox>) -> Connection {
    let mut connection = Connection {
        profile: connect.profile.clone(),
        role_name: connect.role_name.clone(),
        external_id: connect.external_id.clone(),
        ..Connection::default()
    };
    if let Some(sandbox) = sandbox {
        let environment: BTreeMap<&str, String> = sandbox.environment().into_iter().collect();
        let value = |name| environment.get(name).cloned().unwrap_or_default();
        connection.endpoint_url = Some(sandbox.endpoint());
        connection.region = value("AWS_REGION").parse().ok();
        connection.credentials = Some(StaticCredentials {
            access_key_id: value("AWS_ACCESS_KEY_ID"),
            secret_access_key: value("AWS_SECRET_ACCESS_KEY"),
        });
    }
    connection
}

impl From<CollectError> for Failure {
    fn from(error: CollectError) -> Self {
        let failure = Self::usage(&error);
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}
