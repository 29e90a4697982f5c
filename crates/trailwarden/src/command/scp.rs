//! `trailwarden scp`: service control policies, one file per verb.

mod cases;
mod evaluate;
mod generate;
mod lint;
mod plan;
mod prove;
pub(super) mod show;
mod simulate;
mod usage;

use crate::cli::{Scp, ScpVerb};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::settings::Settings;

/// Runs one of the verbs.
pub(super) fn scp(arguments: &Scp, settings: &Settings) -> Result<Exit, Failure> {
    match &arguments.verb {
        ScpVerb::Show(arguments) => show::show(arguments, settings),
        ScpVerb::Prove(arguments) => prove::prove(arguments, settings),
        ScpVerb::Simulate(arguments) => simulate::simulate(arguments, settings),
        ScpVerb::Lint(arguments) => lint::lint(arguments, settings),
        ScpVerb::Generate(arguments) => generate::generate(arguments, settings),
        ScpVerb::Verify(arguments) => super::verify::verify(arguments, settings),
        ScpVerb::Plan(arguments) => plan::plan(arguments, settings),
        ScpVerb::Usage(arguments) => usage::usage(arguments, settings),
        ScpVerb::Evaluate(arguments) => evaluate::evaluate(arguments),
    }
}
