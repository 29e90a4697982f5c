//! Arguments of `scp`: what service control policies say, prove and ought to say.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use jiff::SignedDuration;
use trailwarden_model::ids::AccountId;
use trailwarden_model::usage::LogLocation;
use trailwarden_policy::Profile;

use super::{Connect, Pair, PlanOutputs, Usage, Verify};

/// Arguments of `scp`.
#[derive(Debug, Args)]
pub struct Scp {
    /// What to do with service control policies.
    #[command(subcommand)]
    pub verb: ScpVerb,
}

/// What to do with service control policies.
#[derive(Debug, Subcommand)]
pub enum ScpVerb {
    /// Show the tree: what is attached to the root, OUs and accounts, and what each of them denies by itself.
    Show(Box<Show>),
    /// Prove that nobody but the declared exceptions can blind a trail, or show who can, where, and why.
    Prove(Box<Prove>),
    /// Put one request to the policies: is it let through, and which statement at which node decides?
    Simulate(Box<Simulate>),
    /// Check policy files: what AWS would refuse, and what it accepts but cannot do what it seems to.
    Lint(Lint),
    /// Compose policies that deny tampering with the trails of the organization, and prove them before writing them.
    // Here `--profile` is that of the policies, so the one of the AWS configuration files has a longer name.
    #[command(mut_arg("profile", |profile| profile.long("aws-profile")))]
    Generate(Box<Generate>),
    /// Plan how to roll out the policies of a profile: what is attached is compared with what is needed by proof.
    #[command(mut_arg("profile", |profile| profile.long("aws-profile")))]
    Plan(Box<RolloutPlan>),
    /// Compare what a rollout promised with what AWS reports now: has somebody detached or changed a policy, or moved an account?
    Verify(Box<Verify>),
    /// Ask every account and region who used lately what a profile denies, and tell whom it would stop.
    #[command(mut_arg("profile", |profile| profile.long("aws-profile")))]
    Usage(Box<Usage>),
    /// Decide the cases of an scp-cases/1 file: organizations, policies and requests in one file.
    Evaluate(Evaluate),
}

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum View {
    /// For people.
    Table,
    /// For scripts.
    Json,
}

/// Where the organization and its policies come from: AWS, the sandbox, or a snapshot.
#[derive(Debug, Args)]
pub struct Source {
    /// Read a snapshot taken earlier instead of asking AWS.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["sandbox", "profile", "role_name", "external_id"])]
    pub snapshot: Option<PathBuf>,
    /// Where to look.
    #[command(flatten)]
    pub connect: Connect,
}

/// Arguments of `scp show`.
#[derive(Debug, Args)]
pub struct Show {
    /// Where to look.
    #[command(flatten)]
    pub source: Source,
    /// Show only the way from the root to these accounts.
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',')]
    pub account: Vec<AccountId>,
    /// Show the root and this many levels below it.
    #[arg(long, value_name = "LEVELS")]
    pub depth: Option<usize>,
    /// Show every account by itself, also where many are alike.
    #[arg(long)]
    pub all: bool,
    /// How to write the tree; json folds nothing.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: View,
}

/// Arguments of `scp prove`.
#[derive(Debug, Args)]
pub struct Prove {
    /// Where to look.
    #[command(flatten)]
    pub source: Source,
    /// Ask only about these accounts.
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',')]
    pub account: Vec<AccountId>,
    /// Ask only about these actions. Others than those that change trails need --resource.
    #[arg(long, value_name = "SERVICE:ACTION", num_args = 1.., value_delimiter = ',')]
    pub action: Vec<String>,
    /// Ask about the actions on these resources instead of the trails that record each account; `*` for an action that
    /// is authorized on no resource.
    #[arg(long, value_name = "ARN", num_args = 1.., requires = "action")]
    pub resource: Vec<String>,
    /// Who may change trails (TOML, tamper_exceptions); see policies/baseline.toml. Nobody may leave the organization.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// How to write the answer.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: View,
}

/// Arguments of `scp simulate`.
#[derive(Debug, Args)]
pub struct Simulate {
    /// Where to look.
    #[command(flatten)]
    pub source: Source,
    /// Who calls: the ARN of a role, user, root user or session.
    #[arg(long, value_name = "ARN")]
    pub principal: String,
    /// What they call, for example cloudtrail:StopLogging.
    #[arg(long, value_name = "SERVICE:ACTION")]
    pub action: String,
    /// On what: the ARN that the service authorizes, or `*` for an action that is authorized on no resource.
    #[arg(long, value_name = "ARN")]
    pub resource: String,
    /// The account that owns the resource, where its ARN does not say, as with buckets: resource control policies on the
    /// path of that account are asked too.
    #[arg(long, value_name = "ID")]
    pub resource_account: Option<AccountId>,
    /// A condition key of the request. KEY=VALUE gives it one value; KEY[]=VALUE makes it multivalued and may be given
    /// again for every further value; KEY= is an empty value. What AWS sets itself, such as aws:PrincipalArn, is
    /// filled in unless given here.
    #[arg(long, value_name = "KEY=VALUE", num_args = 1..)]
    pub context: Vec<Pair>,
    /// Fill in nothing: keys that --context does not give are absent.
    #[arg(long)]
    pub exact_context: bool,
    /// How to write the answer.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: View,
}

/// Kinds of policies, which differ in the elements they may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PolicyKind {
    /// A service control policy.
    Scp,
    /// A resource control policy.
    Rcp,
    /// A bucket, key or topic policy.
    #[value(aliases = ["bucket", "key", "topic"])]
    Resource,
    /// The trust policy of a role.
    Trust,
    /// A policy of a role or user.
    Identity,
}

impl PolicyKind {
    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scp => "scp",
            Self::Rcp => "rcp",
            Self::Resource => "resource",
            Self::Trust => "trust",
            Self::Identity => "identity",
        }
    }

    /// What it is, with its article.
    pub fn about(self) -> &'static str {
        match self {
            Self::Scp => "a service control policy",
            Self::Rcp => "a resource control policy",
            Self::Resource => "a bucket, key or topic policy",
            Self::Trust => "the trust policy of a role",
            Self::Identity => "a policy of a role or user",
        }
    }
}

/// Arguments of `scp lint`.
#[derive(Debug, Args)]
pub struct Lint {
    /// The files, each one policy document; `-` is standard input.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// What kind of policies they are.
    #[arg(long, value_name = "KIND", default_value = "scp")]
    pub kind: PolicyKind,
    /// Where the quota on characters is stated, when it is not the default (TOML); see policies/baseline.toml.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// How to write what was found.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: View,
}

/// How composed policies are written to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GeneratedFormat {
    /// The documents, one on each line, as they should be sent to AWS.
    Documents,
    /// One object with names, kinds, documents, where they are to be attached, and what was left out.
    Json,
}

/// Arguments of `scp generate`.
#[derive(Debug, Args)]
pub struct Generate {
    /// Where to look.
    #[command(flatten)]
    pub source: Source,
    /// How far the policies go: minimal denies stopping and deleting trails, standard whatever blinds a trail and leaving the
    /// organization, strict also what reaches around a trail in the accounts that own its bucket, key, log group and role, and
    /// by resource control policies what reaches bucket and key from outside the organization.
    #[arg(id = "policy_profile", long = "profile", value_name = "minimal|standard|strict")]
    pub profile: Profile,
    /// Who may still do these things (TOML, tamper_exceptions), and quotas; see policies/baseline.toml.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write each policy to a file NAME.json in this folder instead of to standard output.
    #[arg(short, long, value_name = "FOLDER", conflicts_with = "format")]
    pub output: Option<PathBuf>,
    /// Indent the documents for reading. They count more characters so.
    #[arg(long)]
    pub pretty: bool,
    /// How to write to standard output.
    #[arg(long, value_name = "FORMAT", default_value = "documents")]
    pub format: GeneratedFormat,
}

/// Arguments of `scp plan`.
#[derive(Debug, Args)]
pub struct RolloutPlan {
    /// Plan from a snapshot taken earlier. What steps would change is still looked at now.
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,
    /// Where to look.
    #[command(flatten)]
    pub connect: Connect,
    /// How far the policies go: minimal denies stopping and deleting trails, standard whatever blinds a trail and leaving the
    /// organization, strict also what reaches around a trail in the accounts that own its bucket, key, log group and role.
    #[arg(id = "policy_profile", long = "profile", value_name = "minimal|standard|strict")]
    pub profile: Profile,
    /// Where the policies belong in the end: `root`, or OUs and accounts.
    #[arg(long, value_name = "NODE", num_args = 1.., value_delimiter = ',', default_value = "root")]
    pub target: Vec<String>,
    /// What comes before, stage by stage: each stage OUs and accounts with commas between them, for example a canary
    /// account and then two OUs: --stages 111122223333 ou-ab12-11111111,ou-ab12-22222222.
    #[arg(long, value_name = "NODES", num_args = 1..)]
    pub stages: Vec<String>,
    /// How long a stage must have held before the next begins.
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = soak)]
    pub soak: Duration,
    /// A role that each stage tries to stop a trail with which does not exist; AWS must refuse for want of permission.
    #[arg(long, value_name = "NAME")]
    pub probe_role: Option<String>,
    /// How far to look back for who did what the profile denies; CloudTrail keeps its event history for 90 days.
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=90))]
    pub days: u32,
    /// Read the log files in this bucket instead: s3://BUCKET[/PREFIX]; see `scp usage`.
    #[arg(long, value_name = "S3-URL")]
    pub logs: Option<LogLocation>,
    /// Keep the answers in this file, and go on where it stopped; `scp usage --keep` writes it too.
    #[arg(long, value_name = "FILE")]
    pub keep: Option<PathBuf>,
    /// Do not ask: nobody is named whom the policies would stop.
    #[arg(long, conflicts_with_all = ["keep", "logs"])]
    pub no_usage: bool,
    /// What the roles of Landing Zone Accelerator begin with, when it was installed with another prefix.
    #[arg(long, value_name = "PREFIX", default_value = "AWSAccelerator")]
    pub accelerator_prefix: String,
    /// Change this policy although it does not bear our tag.
    #[arg(long, value_name = "POLICY", num_args = 1.., value_delimiter = ',')]
    pub adopt: Vec<String>,
    /// Go on where the policies deny our own role in members what later plans may need.
    #[arg(long)]
    pub deny_own_role: bool,
    /// Who may still do these things (TOML, tamper_exceptions), and quotas; see policies/baseline.toml.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// What to write.
    #[command(flatten)]
    pub outputs: PlanOutputs,
}

/// Arguments of `scp evaluate`.
#[derive(Debug, Args)]
pub struct Evaluate {
    /// The cases.
    #[arg(long, value_name = "FILE")]
    pub cases: PathBuf,
    /// How to write the verdicts: json is one array of {"id", "verdict"} in the order of the cases; table counts them and,
    /// where the file says what is expected, lists the differences.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: View,
}

/// Days have 24 hours here.
fn soak(text: &str) -> Result<Duration, String> {
    let days = text.strip_suffix('d').and_then(|days| days.parse().ok()).map(|days: u32| 24 * i64::from(days));
    let time = days.map_or_else(|| text.parse().ok(), |hours| Some(SignedDuration::from_hours(hours)));
    let time = time.and_then(|time| Duration::try_from(time).ok());
    time.ok_or_else(|| format!("{text:?} is no time such as 24h, 90m or 7d"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_soak_is_a_time_to_come() {
        assert_eq!(soak("7d"), Ok(Duration::from_secs(7 * 24 * 3_600)));
        assert_eq!(soak("1h 30m"), Ok(Duration::from_secs(5_400)));
        for wrong in ["tomorrow", "24", "-1h", "-1d", "24h ago", "d"] {
            assert!(soak(wrong).is_err_and(|error| error.contains(wrong)), "{wrong}");
        }
    }
}
