//! Developer tasks: `cargo xtask test | docs | new-control | bench`. Knows nothing of the crates; it runs cargo and the built program.

mod bench;
mod browser;
mod debian;
mod docs;
mod new_control;
mod node;
mod run;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Developer tasks of trailwarden.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run every test of the workspace, with the Python clients, back ends, evaluator and browser they need.
    Test {
        /// Passed on to `cargo test`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Write docs/generated and policies/roles from the code.
    Docs {
        /// Only tell whether they are fresh.
        #[arg(long)]
        check: bool,
    },
    /// Write the file of a new control, and its lines in the registry.
    NewControl(new_control::Options),
    /// Measure the release build.
    Bench {
        #[command(subcommand)]
        what: Bench,
    },
}

#[derive(Subcommand)]
enum Bench {
    /// An audit of a generated fleet, served by another process.
    Audit(bench::audit::Options),
    /// Judging alone: every control on large organizations.
    Evaluate(bench::evaluate::Options),
    /// The policy engine, beside iam-simulate.
    Scp(bench::scp::Options),
    /// Asking a generated fleet who used what a profile denies.
    Usage(bench::usage::Options),
}

fn main() -> ExitCode {
    let done = match Cli::parse().task {
        Task::Test { arguments } => test::test(&arguments),
        Task::Docs { check } => docs::docs(check),
        Task::NewControl(options) => new_control::new_control(&options),
        Task::Bench { what: Bench::Audit(options) } => bench::audit::audit(&options),
        Task::Bench { what: Bench::Evaluate(options) } => bench::evaluate::evaluate(&options),
        Task::Bench { what: Bench::Scp(options) } => bench::scp::scp(&options),
        Task::Bench { what: Bench::Usage(options) } => bench::usage::usage(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            run::tell(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}
