//! `trailwarden coverage`: which events are recorded in which account and region, and why one is or is not.

mod explain;

use std::collections::BTreeSet;

use trailwarden_audit::CoverageMap;
use trailwarden_audit::coverage::{Answer, EventClass, NamedEvent, Told};
use trailwarden_model::baseline::Baseline;
use trailwarden_model::ids::{AccountId, Region};
use trailwarden_model::snapshot::{AccountSnapshot, Need, Snapshot};
use trailwarden_report::coverage::{self, Cell, Column, Matrix, Row};

use super::source::{Facts, collect_snapshot, read_snapshot, sandbox_notice};
use crate::cli::{self, Select, View};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::write_stdout;
use crate::settings::Settings;

/// The reads that coverage is judged from.
const NEEDS: [Need; 5] = [Need::Trails, Need::TrailStatus, Need::EventSelectors, Need::BucketOwner, Need::Key];

/// Shows the matrix or explains one event; what is lost or not known is the exit code.
pub(super) fn coverage(arguments: &cli::Coverage, settings: &Settings) -> Result<Exit, Failure> {
    if let [account, region, event] = arguments.explain.as_slice() {
        return explain::explain(arguments, [account, region, event], settings);
    }
    let events = arguments.event.iter().map(|text| named(text, arguments)).collect::<Result<Vec<_>, _>>()?;
    let snapshot = snapshot(arguments, &arguments.account, settings)?;
    let baseline = Baseline::default();
    let asked = Asked { snapshot: &snapshot, map: CoverageMap::new(&snapshot, &baseline), events };
    let matrix = asked.matrix(accounts(&arguments.account, &snapshot)?);
    let exit = match (matrix.is_lossy(), matrix.is_incomplete()) {
        (true, _) => Exit::FindingsFailed,
        (false, true) => Exit::FindingsUnknown,
        (false, false) => Exit::Ok,
    };
    let text = match arguments.format {
        View::Json => coverage::render_json(&matrix).map_err(Failure::internal)?,
        View::Table => {
            let notice = sandbox_notice(&arguments.source.connect);
            let meaning = format!("exit code {}: {}", exit.code(), exit.meaning_of_coverage());
            coverage::render(&matrix, &settings.view(false, notice.as_deref(), &meaning))
        }
    };
    write_stdout(&text)?;
    Ok(exit)
}

/// An event by its name, with what the caller says about it.
fn named(text: &str, arguments: &cli::Coverage) -> Result<NamedEvent, Failure> {
    let told = Told {
        category: arguments.category.map(Into::into),
        resource_type: arguments.resource_type.clone(),
        read_only: arguments.read_only,
    };
    NamedEvent::parse(text, &told).map_err(|error| Failure::usage(&error).hint(error.hint()))
}

fn snapshot(arguments: &cli::Coverage, accounts: &[AccountId], settings: &Settings) -> Result<Snapshot, Failure> {
    match &arguments.source.snapshot {
        Some(path) => read_snapshot(path),
        None => {
            let select = Select { account: accounts.to_vec(), ..Select::default() };
            collect_snapshot(&arguments.source.connect, &select, Facts::only(&NEEDS), settings)
        }
    }
}

/// The accounts in scope, or those of them that were named.
fn accounts<'s>(
    named: &[AccountId],
    snapshot: &'s Snapshot,
) -> Result<Vec<(&'s AccountId, &'s AccountSnapshot)>, Failure> {
    if let Some(id) = named.iter().find(|id| !snapshot.accounts.contains_key(id)) {
        return Err(Failure::usage(format!("account {id} is not in scope of the snapshot"))
            .hint("name an active account of the organization that was collected"));
    }
    let named: BTreeSet<&AccountId> = named.iter().collect();
    Ok(snapshot.accounts.iter().filter(|(id, _)| named.is_empty() || named.contains(id)).collect())
}

/// What becomes of every class of events in every account and region; none when the snapshot does not hold what that takes.
pub(super) fn of_all<'a>(snapshot: &'a Snapshot, baseline: &'a Baseline) -> Option<Matrix<'a>> {
    let asked = Asked { snapshot, map: CoverageMap::new(snapshot, baseline), events: vec![] };
    let is_read = NEEDS.iter().all(|need| snapshot.needs.contains(need));
    is_read.then(|| asked.matrix(snapshot.accounts.iter().collect()))
}

/// What is asked of every account and region.
struct Asked<'a> {
    snapshot: &'a Snapshot,
    map: CoverageMap<'a>,
    events: Vec<NamedEvent>,
}

impl<'a> Asked<'a> {
    fn matrix(&self, accounts: Vec<(&AccountId, &AccountSnapshot)>) -> Matrix<'a> {
        Matrix {
            tool_version: env!("CARGO_PKG_VERSION"),
            collected_at: self.snapshot.collected_at,
            organization: &self.snapshot.organization,
            columns: self.columns(),
            rows: accounts.into_iter().flat_map(|(account, seen)| self.rows(account, seen)).collect(),
        }
    }

    fn columns(&self) -> Vec<Column> {
        let classes = EventClass::ALL.map(|class| Column { id: class.id().to_owned(), events: class.to_string() });
        let events = self
            .events
            .iter()
            .map(|event| Column { id: event.text.clone(), events: format!("{} ({})", event.text, event.kind()) });
        classes.into_iter().chain(events).collect()
    }

    /// A row for each region; one without region where the account could not be entered or its regions listed.
    fn rows(&self, account: &AccountId, seen: &AccountSnapshot) -> Vec<Row> {
        let gap = seen.entered_as.gap().or(seen.region_list.gap());
        if let (Some(gap), true) = (gap, seen.regions.is_empty()) {
            let cells = self.columns().iter().map(|_| Cell::Unknown(gap.clone())).collect();
            return vec![Row { account: account.clone(), region: None, cells }];
        }
        let row = |region: &Region| Row {
            account: account.clone(),
            region: Some(region.clone()),
            cells: self.cells(account, region),
        };
        seen.regions.keys().map(row).collect()
    }

    fn cells(&self, account: &AccountId, region: &Region) -> Vec<Cell> {
        let classes = EventClass::ALL.into_iter().map(|class| match self.map.happens(class, region) {
            true => cell(self.map.answer(account, region, class.events())),
            false => Cell::NotApplicable,
        });
        let leader = self.map.leader_region();
        let events = self.events.iter().map(|event| match event.recorded_in(region, leader.clone()) == *region {
            true => {
                let partition = self.snapshot.organization.arn.partition();
                let asked = event.events(partition, leader.as_ref() == Some(region));
                cell(self.map.answer(account, region, &asked))
            }
            false => Cell::NotApplicable,
        });
        classes.chain(events).collect()
    }
}

/// An answer as the report shows it.
fn cell(answer: Answer<'_>) -> Cell {
    match answer {
        Answer::Covered(trails) => {
            Cell::Covered { trails: trails.into_iter().map(|trail| trail.arn.clone()).collect() }
        }
        Answer::Undecided(gap) => Cell::Unknown(gap),
        Answer::Lost(event) => Cell::Lost { example: event.to_string() },
    }
}
