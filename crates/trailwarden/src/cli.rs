//! The command line: parsed arguments, which validate and never act.

mod apply;
mod baseline;
mod coverage;
mod frameworks;
mod output;
mod pair;
mod plan;
mod push;
mod report;
mod scp;
mod selection;
mod serve;
mod signature;
mod usage;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

pub use self::apply::{Apply, Judge, Rollback, Runs, Verify};
pub use self::baseline::{Approve, Baseline, BaselineVerb};
pub use self::coverage::{Coverage, EventCategory};
pub use self::frameworks::{Frameworks, FrameworksVerb};
pub use self::output::{Choice, Format, Output};
pub use self::pair::Pair;
pub use self::plan::{Decide, Narrow, Plan, PlanFormat, PlanOutputs};
pub use self::push::{Push, PushVerb, SecurityHub};
pub use self::report::{Diff, DiffFormat, KeptRuns, Report, ReportVerb, RunsVerb, Store, Thresholds};
pub use self::scp::{
    Evaluate, Generate, GeneratedFormat, Lint, PolicyKind, Prove, RolloutPlan, Scp, ScpVerb, Show, Simulate, Source,
    View,
};
pub use self::selection::{Connect, Select};
pub use self::serve::{Serve, Switch};
pub use self::signature::{CheckSignature, KmsKey, Sign};
pub use self::usage::{Usage, UsageFormat};

/// Is every API call in every account and region of an AWS organization recorded, intact, kept, and out of reach of the
/// people it watches?
#[derive(Debug, Parser)]
#[command(name = "trailwarden", version, disable_help_subcommand = true)]
pub struct Cli {
    /// Write nothing to standard error but errors, and no table that was not asked for.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Audit an organization: collect a snapshot (or read one), judge it, report.
    Audit(Box<Audit>),
    /// Collect a snapshot of an organization, to be audited later or elsewhere.
    Collect(Box<Collect>),
    /// Render an assessment that was kept again, in any format; or sign it, check its signature, or send its findings.
    Report(Box<Report>),
    /// Compare two assessments: what is new, fixed or still open, which accounts and trails came or went.
    Diff(Box<Diff>),
    /// The runs of audits that are kept: list, show or remove them.
    Runs(KeptRuns),
    /// Show which events are recorded in which account and region, or explain one event trail by trail.
    Coverage(Box<Coverage>),
    /// Explain one finding: what was judged by which settings, what was read, and what to do about it.
    Explain(Box<Explain>),
    /// Plan how to mend what fails: ordered steps with preconditions and the way back, for a person to approve.
    Plan(Box<Plan>),
    /// Apply an approved plan step by step, or go on with a run, and verify what it promised.
    Apply(Box<Apply>),
    /// Roll back what a run did.
    Rollback(Box<Rollback>),
    /// Compare what a run promised with what is there now.
    Verify(Box<Verify>),
    /// Write a baseline file from what the organization shows, with comments.
    Init(Box<Init>),
    /// Approve the trails that a run saw, in a baseline file.
    Baseline(Box<Baseline>),
    /// List the controls, or show one.
    Controls(Controls),
    /// List the frameworks to report by, or show one with the controls that answer its requirements.
    Frameworks(Frameworks),
    /// Service control policies: prove what they prevent, put requests to them.
    Scp(Scp),
    /// The embedded AWS: made-up organizations on loopback, for trying things out and for tests.
    Sandbox(Sandbox),
    /// Write the completions of a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Write the manual pages, one for each command.
    Man {
        /// The folder to write them to; made when it is not there.
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
    },
}

/// Arguments of `audit`.
#[derive(Debug, Args)]
pub struct Audit {
    /// Audit a snapshot taken earlier instead of collecting one.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sandbox", "profile", "role_name", "external_id", "account", "ou", "exclude_account", "region"])]
    pub snapshot: Option<PathBuf>,
    /// Where to look.
    #[command(flatten)]
    pub connect: Connect,
    /// Which accounts and regions to look at.
    #[command(flatten)]
    pub select: Select,
    /// Judge only these controls, and read only what they need; see `trailwarden controls`.
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',')]
    pub control: Vec<String>,
    /// Report by this framework, and judge only the controls that answer its requirements; see `trailwarden frameworks`.
    #[arg(long, value_name = "ID", conflicts_with = "control")]
    pub framework: Option<String>,
    /// What the organization requires (TOML); see policies/baseline.toml.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Failures that somebody accepts for a time (TOML); see policies/waivers.toml.
    #[arg(long, value_name = "FILE")]
    pub waivers: Option<PathBuf>,
    /// What is shown, and what decides the exit code.
    #[command(flatten)]
    pub thresholds: Thresholds,
    /// Keep the run and its snapshot in the folder of --runs, for `report`, `diff`, `runs` and `baseline approve`.
    #[arg(long)]
    pub keep: bool,
    /// Sign the run that is kept with this private key, as `report sign` does.
    #[arg(long, value_name = "FILE", requires = "keep")]
    pub sign_key: Option<PathBuf>,
    /// Where runs are kept.
    #[command(flatten)]
    pub store: Store,
    /// Write this format, to standard output or to a file. May be given several times. The table when left out.
    #[arg(short, long, value_name = "FORMAT[:PATH]")]
    pub output: Vec<Output>,
}

/// Arguments of `collect`.
#[derive(Debug, Args)]
pub struct Collect {
    /// Where to look.
    #[command(flatten)]
    pub connect: Connect,
    /// Which accounts and regions to look at.
    #[command(flatten)]
    pub select: Select,
    /// Read only what these controls need.
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',')]
    pub control: Vec<String>,
    /// The file to write; standard output when left out.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// The id that a report shows, such as trail-is-logging-3f9a2c81d04b, or as much of it as is unambiguous.
    #[arg(value_name = "FINDING-ID")]
    pub id: String,
    /// Where to look. Only what the control of the finding needs is read.
    #[command(flatten)]
    pub source: Source,
    /// What the organization requires (TOML), as for the audit.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Failures that somebody accepts (TOML), as for the audit.
    #[arg(long, value_name = "FILE")]
    pub waivers: Option<PathBuf>,
    /// How to write the explanation.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: View,
}

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Where to look.
    #[command(flatten)]
    pub source: Source,
    /// The file to write; standard output when left out.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Overwrite the file when there is one.
    #[arg(long)]
    pub force: bool,
}

/// Arguments of `controls`.
#[derive(Debug, Args)]
pub struct Controls {
    /// What to show; the list when left out.
    #[command(subcommand)]
    pub verb: Option<ControlsVerb>,
}

/// What to show of the controls.
#[derive(Debug, Subcommand)]
pub enum ControlsVerb {
    /// Show one control: what it judges, why it matters, what to do when it fails.
    Show {
        /// Its id, as `trailwarden controls` lists it.
        id: String,
    },
}

/// Arguments of `sandbox`.
#[derive(Debug, Args)]
pub struct Sandbox {
    /// What to do with the sandbox.
    #[command(subcommand)]
    pub verb: SandboxVerb,
}

/// What to do with the sandbox.
#[derive(Debug, Subcommand)]
pub enum SandboxVerb {
    /// Serve a scenario on loopback until Ctrl-C; prints the environment variables that lead other tools to it.
    Serve(Serve),
    /// List the scenarios.
    Scenarios,
}
