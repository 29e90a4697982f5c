//! `trailwarden scp generate`: policies that deny tampering with the trails of this organization, proved before they are written.

use std::fs;
use std::path::Path;

use trailwarden_model::organization::Organization;
use trailwarden_model::snapshot::{Need, Snapshot};
use trailwarden_policy::{ComposeError, ComposedPolicy, Composition, Guarded, Limits, Profile, compose};
use trailwarden_report::scp::composition;

use super::super::source::{Facts, collect_snapshot, read_snapshot, sandbox_notice};
use crate::baseline_file::read_baseline;
use crate::cli::{self, GeneratedFormat, Select};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{check_writable, write_file, write_stderr, write_stdout};
use crate::settings::Settings;

/// Composes and writes. That something may have been overlooked, since it could not be read, is the exit code.
pub(super) fn generate(arguments: &cli::Generate, settings: &Settings) -> Result<Exit, Failure> {
    let baseline = read_baseline(arguments.baseline.as_deref())?;
    if let Some(folder) = &arguments.output {
        prepare(folder)?;
    }
    let snapshot = snapshot(arguments, settings)?;
    let guarded = Guarded::from_snapshot(&snapshot, &baseline);
    let limits = Limits::from(&baseline);
    let set = compose(arguments.profile, &guarded, limits).map_err(|error| not_composed(arguments.profile, &error))?;
    match &arguments.output {
        Some(folder) => write_files(folder, &set, arguments.pretty)?,
        None => write_stdout(&text(arguments, &snapshot.organization, &set)?)?,
    }
    let notice = sandbox_notice(&arguments.source.connect);
    let view = settings.view(false, notice.as_deref(), "");
    write_stderr(&composition::render(&snapshot.organization, &set, &guarded, limits, &view));
    // Only the strict profile speaks of what stands behind trails that were not read.
    let is_incomplete = arguments.profile == Profile::Strict && !guarded.unread.is_empty();
    Ok(if is_incomplete { Exit::FindingsUnknown } else { Exit::Ok })
}

/// What it means that a profile cannot be composed.
pub(super) fn not_composed(profile: Profile, error: &ComposeError) -> Failure {
    let failure = Failure::usage(format!("composing the {profile} profile: {error}"));
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure.hint("this is a bug of trailwarden: nothing was written"),
    }
}

/// What composing a profile must know.
pub(super) fn needs(profile: Profile) -> &'static [Need] {
    match profile {
        Profile::Minimal | Profile::Standard => &[Need::Trails],
        Profile::Strict => &[Need::Trails, Need::BucketOwner, Need::Key, Need::LogGroup, Need::DeliveryRole],
    }
}

fn snapshot(arguments: &cli::Generate, settings: &Settings) -> Result<Snapshot, Failure> {
    match &arguments.source.snapshot {
        Some(path) => read_snapshot(path),
        None => collect_snapshot(
            &arguments.source.connect,
            &Select::default(),
            Facts::only(needs(arguments.profile)),
            settings,
        ),
    }
}

/// Makes the folder and refuses, before anything is collected, one that cannot be written to.
fn prepare(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| {
        Failure::usage(format!("making the folder {}: {error}", folder.display()))
            .hint("name a folder that exists or that you may make")
    })?;
    check_writable(&folder.join("any.json"))
}

fn write_files(folder: &Path, set: &Composition, is_pretty: bool) -> Result<(), Failure> {
    for policy in &set.policies {
        write_file(&folder.join(format!("{}.json", policy.name)), &document(policy, is_pretty))?;
    }
    Ok(())
}

/// What goes to standard output: the documents, one on each line, or all about them.
fn text(arguments: &cli::Generate, organization: &Organization, set: &Composition) -> Result<String, Failure> {
    match arguments.format {
        GeneratedFormat::Json => composition::render_json(organization, set).map_err(Failure::internal),
        GeneratedFormat::Documents => {
            let documents = set.policies.iter().map(|policy| document(policy, arguments.pretty));
            Ok(documents.map(|text| text.trim_end().to_owned() + "\n").collect())
        }
    }
}

/// As it should be sent, without a line break that would count; or for reading.
fn document(policy: &ComposedPolicy, is_pretty: bool) -> String {
    if is_pretty { policy.pretty() } else { policy.text.clone() }
}
