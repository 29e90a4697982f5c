//! `trailwarden explain`: one finding in full.

use trailwarden_audit::inputs::inputs;
use trailwarden_audit::{Control, assess, controls};
use trailwarden_model::finding::Finding;
use trailwarden_model::snapshot::Snapshot;
use trailwarden_model::waiver::Waiver;
use trailwarden_report::explanation::{self, Explanation};

use super::source::{Facts, collect_snapshot, read_snapshot, sandbox_notice};
use crate::baseline_file::{check_against, read_baseline};
use crate::cli::{self, Select, View};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::nearest::nearest;
use crate::output::write_stdout;
use crate::settings::Settings;
use crate::waiver_file::read_waivers;

/// Ids listed where several findings are meant.
const MAX_LISTED: usize = 5;

/// Explains a finding. Whatever its outcome, explaining it succeeds.
pub(super) fn explain(arguments: &cli::Explain, settings: &Settings) -> Result<Exit, Failure> {
    let baseline = read_baseline(arguments.baseline.as_deref())?;
    let waivers = read_waivers(arguments.waivers.as_deref())?;
    let controls = controls_of(&arguments.id, &waivers)?;
    let snapshot = match &arguments.source.snapshot {
        Some(path) => read_snapshot(path)?,
        None => {
            let facts = Facts::of_controls(&controls, &baseline);
            collect_snapshot(&arguments.source.connect, &Select::default(), facts, settings)?
        }
    };
    check_against(&snapshot.organization, &baseline, arguments.baseline.as_deref())?;
    let findings = assess(&snapshot, &baseline, &waivers, &controls, env!("CARGO_PKG_VERSION")).findings;
    let finding = find(&arguments.id, &findings)?;
    let notice = sandbox_notice(&arguments.source.connect);
    let explanation = explanation(&snapshot, finding, inputs(&snapshot, &baseline, finding))?;
    let text = match arguments.format {
        View::Json => explanation::render_json(&explanation).map_err(Failure::internal)?,
        View::Table => {
            let exit = format!("exit code {}: the finding is explained", Exit::Ok.code());
            explanation::render(&explanation, &settings.view(false, notice.as_deref(), &exit))
        }
    };
    write_stdout(&text)?;
    Ok(Exit::Ok)
}

fn explanation<'a>(
    snapshot: &'a Snapshot,
    finding: &'a Finding,
    inputs: Vec<trailwarden_model::finding::Input>,
) -> Result<Explanation<'a>, Failure> {
    let control = controls::every()
        .find(|control| control.id == finding.control)
        .ok_or_else(|| Failure::internal(format!("{} is not registered", finding.control)))?;
    Ok(Explanation {
        organization: &snapshot.organization,
        collected_at: snapshot.collected_at,
        finding,
        rule: control.rule,
        why: control.why,
        remedy: control.remedy,
        references: control.references,
        frameworks: control.frameworks,
        inputs,
    })
}

/// The controls that must be judged to find the finding: the one that the id names, those whose waivers it may be about, or
/// all that it may begin to name.
fn controls_of(id: &str, waivers: &[Waiver]) -> Result<Vec<&'static Control>, Failure> {
    let is_named =
        |control: &Control| id.strip_prefix(control.id).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    let named = controls::every().filter(|control| is_named(control)).max_by_key(|control| control.id.len());
    let begun = |control: &&&Control| match named {
        Some(named) => named.id == control.id,
        None => control.id.starts_with(id),
    };
    let is_waiver = |control: &&Control| control.id.starts_with("waiver-");
    if controls::every().filter(|control| begun(&control)).any(|control| is_waiver(&control)) {
        let is_waived = |control: &&&Control| waivers.iter().any(|waiver| waiver.control == control.id);
        return Ok(controls::ALL.iter().filter(is_waived).copied().collect());
    }
    let begun: Vec<&Control> = controls::ALL.iter().filter(begun).copied().collect();
    if begun.is_empty() {
        let stem = id.rsplit_once('-').map_or(id, |(stem, _)| stem);
        let failure = Failure::usage(format!("no finding is called {id:?}"));
        return Err(match nearest(stem, controls::every().map(|control| control.id)) {
            Some(near) => failure.hint(format!("an id begins with that of a control; did you mean {near}?")),
            None => failure.hint("`trailwarden audit` shows the ids; each begins with that of a control"),
        });
    }
    Ok(begun)
}

/// The finding with this id, or the only one whose id begins so.
fn find<'f>(id: &str, findings: &'f [Finding]) -> Result<&'f Finding, Failure> {
    let ids: Vec<(String, &Finding)> = findings.iter().map(|finding| (finding.id(), finding)).collect();
    if let Some((_, finding)) = ids.iter().find(|(known, _)| known == id) {
        return Ok(finding);
    }
    let begun: Vec<&(String, &Finding)> = ids.iter().filter(|(known, _)| known.starts_with(id)).collect();
    match begun.as_slice() {
        [(_, finding)] => Ok(finding),
        [] => {
            let failure = Failure::usage(format!("no finding is called {id:?}"));
            Err(match nearest(id, ids.iter().map(|(known, _)| known.as_str())) {
                Some(near) => failure.hint(format!("did you mean {near}?")),
                None => failure.hint("give the files and accounts that the report with this id was made from"),
            })
        }
        several => {
            let listed: Vec<&str> = several.iter().take(MAX_LISTED).map(|(known, _)| known.as_str()).collect();
            Err(Failure::usage(format!("{} findings begin with {id:?}", several.len()))
                .hint(format!("give more of the id, for example {}", listed.join(", "))))
        }
    }
}
