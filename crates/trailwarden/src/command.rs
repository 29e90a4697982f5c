//! The commands, one file each.

mod audit;
mod collect;
mod controls;
mod coverage;
mod explain;
mod frameworks;
mod init;
mod sandbox;
mod scp;
mod select;
mod source;

use crate::cli::Verb;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::settings::Settings;

/// Runs one command.
pub(crate) fn run(verb: &Verb, settings: &Settings) -> Result<Exit, Failure> {
    match verb {
        Verb::Audit(arguments) => audit::audit(arguments, settings),
        Verb::Collect(arguments) => collect::collect(arguments, settings),
        Verb::Coverage(arguments) => coverage::coverage(arguments, settings),
        Verb::Explain(arguments) => explain::explain(arguments, settings),
        Verb::Init(arguments) => init::init(arguments, settings),
        Verb::Controls(arguments) => controls::controls(arguments, settings),
        Verb::Frameworks(arguments) => frameworks::frameworks(arguments, settings),
        Verb::Scp(arguments) => scp::scp(arguments, settings),
        Verb::Sandbox(arguments) => sandbox::sandbox(arguments, settings),
    }
}
