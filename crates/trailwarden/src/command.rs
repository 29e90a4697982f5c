//! The commands, one file each.

mod apply;
mod audit;
mod baseline;
mod collect;
mod controls;
mod coverage;
mod diff;
mod explain;
mod frameworks;
mod init;
mod kept;
mod manual;
mod map;
mod plan;
mod push;
mod report;
mod rollback;
mod runs;
mod sandbox;
mod scp;
mod select;
mod sign;
mod source;
mod stages;
mod verify;

use crate::cli::Verb;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::settings::Settings;

/// Runs one command.
pub(crate) fn run(verb: &Verb, settings: &Settings) -> Result<Exit, Failure> {
    match verb {
        Verb::Audit(arguments) => audit::audit(arguments, settings),
        Verb::Collect(arguments) => collect::collect(arguments, settings),
        Verb::Report(arguments) => report::report(arguments, settings),
        Verb::Diff(arguments) => diff::diff(arguments, settings),
        Verb::Runs(arguments) => kept::kept(arguments, settings),
        Verb::Coverage(arguments) => coverage::coverage(arguments, settings),
        Verb::Explain(arguments) => explain::explain(arguments, settings),
        Verb::Plan(arguments) => plan::plan(arguments, settings),
        Verb::Apply(arguments) => apply::apply(arguments, settings),
        Verb::Rollback(arguments) => rollback::rollback(arguments, settings),
        Verb::Verify(arguments) => verify::verify(arguments, settings),
        Verb::Baseline(arguments) => baseline::baseline(arguments, settings),
        Verb::Init(arguments) => init::init(arguments, settings),
        Verb::Controls(arguments) => controls::controls(arguments, settings),
        Verb::Frameworks(arguments) => frameworks::frameworks(arguments, settings),
        Verb::Scp(arguments) => scp::scp(arguments, settings),
        Verb::Sandbox(arguments) => sandbox::sandbox(arguments, settings),
        Verb::Completions { shell } => manual::completions(*shell),
        Verb::Man { folder } => manual::pages(folder),
    }
}
