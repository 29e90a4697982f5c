//! Arguments of `plan`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_plan::{Group, ObjectLock};

use super::output::{Choice, Output};
use super::selection::Connect;

/// A format that a plan can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanFormat {
    /// For people.
    Table,
    /// `trailwarden.plan/1.1`, which `apply` takes.
    Json,
    /// For a change ticket.
    Markdown,
    /// For Terraform.
    Terraform,
    /// For CloudFormation: a folder of templates.
    CloudFormation,
    /// A script that makes the same calls with the AWS CLI.
    AwsCli,
}

impl PlanFormat {
    /// Every format, in the order in which they are listed.
    pub const ALL: [Self; 6] =
        [Self::Table, Self::Json, Self::Markdown, Self::Terraform, Self::CloudFormation, Self::AwsCli];

    /// What it is good for.
    pub fn about(self) -> &'static str {
        match self {
            Self::Table => {
                "for people: every step with what it changes, why and the way back, then what is not planned"
            }
            Self::Json => "trailwarden.plan/1.1, sealed: what `trailwarden apply` takes and a digest approves",
            Self::Markdown => "for a change ticket: the same as the table, in Markdown",
            Self::Terraform => "for Terraform: resources and imports; what it cannot express is said in the file",
            Self::CloudFormation => "for CloudFormation: a folder of templates, for StackSets where members are alike",
            Self::AwsCli => "a script that makes the same calls with the AWS CLI, under the same guards",
        }
    }
}

impl Choice for PlanFormat {
    fn all() -> &'static [Self] {
        &Self::ALL
    }

    fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::Terraform => "terraform",
            Self::CloudFormation => "cloudformation",
            Self::AwsCli => "aws-cli",
        }
    }
}

/// Arguments of `plan`.
#[derive(Debug, Args)]
pub struct Plan {
    /// Plan from a snapshot taken earlier. What steps would change is still looked at now.
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,
    /// Plan only for the failures of this assessment (JSON).
    #[arg(long, value_name = "FILE")]
    pub assessment: Option<PathBuf>,
    /// Where to look.
    #[command(flatten)]
    pub connect: Connect,
    /// What the organization requires (TOML); see policies/baseline.toml.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Failures that somebody accepts for a time (TOML): nothing is planned for them.
    #[arg(long, value_name = "FILE")]
    pub waivers: Option<PathBuf>,
    /// What to plan.
    #[command(flatten)]
    pub narrow: Narrow,
    /// What to decide.
    #[command(flatten)]
    pub decide: Decide,
    /// What to write.
    #[command(flatten)]
    pub outputs: PlanOutputs,
}

/// What comes of planning, whatever is planned.
#[derive(Debug, Args)]
pub struct PlanOutputs {
    /// Write the IAM policy that applying the plan needs in each account.
    #[arg(long, value_name = "FILE")]
    pub role: Option<PathBuf>,
    /// Exit with 20 when the plan has steps.
    #[arg(long)]
    pub exit_code: bool,
    /// Write this format, to standard output or to a file. May be given several times.
    #[arg(short, long, value_name = "FORMAT[:PATH]", default_value = "table")]
    pub output: Vec<Output<PlanFormat>>,
}

/// What to plan; everything when nothing is named.
#[derive(Debug, Args)]
pub struct Narrow {
    /// Plan only for findings on these accounts. Other accounts are still changed where these need it.
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',')]
    pub account: Vec<AccountId>,
    /// Plan only for findings of these controls; see `trailwarden controls`.
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',')]
    pub control: Vec<String>,
    /// Plan only these: organization, trails, buckets, keys, log-groups, alarms, event-data-stores, config.
    #[arg(long, value_name = "GROUP", num_args = 1.., value_delimiter = ',', value_parser = group)]
    pub only: Vec<Group>,
    /// Do not plan these.
    #[arg(long, value_name = "GROUP", num_args = 1.., value_delimiter = ',', value_parser = group)]
    pub exclude: Vec<Group>,
}

/// What to decide.
#[derive(Debug, Args)]
pub struct Decide {
    /// The account for the central log bucket; the baseline's, the present one, or one that is called so when left out.
    #[arg(long, value_name = "ACCOUNT")]
    pub log_archive: Option<AccountId>,
    /// The home region of what is created for the organization; the leader region when left out.
    #[arg(long, value_name = "REGION")]
    pub home_region: Option<Region>,
    /// Who hears of alarms: an e-mail address, which must confirm a message.
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub notify: Option<String>,
    /// Lock log files by default retention: governance:DAYS or compliance:DAYS. It cannot be taken back.
    #[arg(long, value_name = "MODE:DAYS", value_parser = object_lock)]
    pub object_lock: Option<ObjectLock>,
    /// Let log files of new buckets expire after so many days, or the required ones when these are more.
    #[arg(long, value_name = "DAYS")]
    pub expire_after: Option<u32>,
    /// Let the organization trail deliver to a bucket in the log archive account where it does not.
    #[arg(long)]
    pub move_bucket: bool,
    /// Encrypt event data stores with a KMS key. It cannot be taken back.
    #[arg(long)]
    pub encrypt_event_data_stores: bool,
    /// Remove this trail, if it is shown that no event is lost. It cannot be taken back.
    #[arg(long, value_name = "ARN", num_args = 1.., value_delimiter = ',')]
    pub remove_trail: Vec<Arn>,
    /// Change this resource although Control Tower, CloudFormation, Terraform or the like owns it.
    #[arg(long, value_name = "ARN", num_args = 1.., value_delimiter = ',')]
    pub take_over: Vec<String>,
    /// The role that will apply the plan in members, when it is not the one that looks.
    #[arg(long, value_name = "NAME")]
    pub apply_role: Option<String>,
}

fn group(text: &str) -> Result<Group, String> {
    Group::ALL.into_iter().find(|(_, name)| *name == text).map(|(group, _)| group).ok_or_else(|| {
        let names: Vec<&str> = Group::ALL.into_iter().map(|(_, name)| name).collect();
        format!("unknown group {text:?}; the groups are {}", names.join(", "))
    })
}

fn address(text: &str) -> Result<String, String> {
    let is_address = text.split_once('@').is_some_and(|(who, domain)| !who.is_empty() && domain.contains('.'));
    match is_address && !text.contains(char::is_whitespace) {
        true => Ok(text.to_owned()),
        false => Err(format!("{text:?} is no e-mail address, such as security@example.com")),
    }
}

fn object_lock(text: &str) -> Result<ObjectLock, String> {
    let wrong = || format!("{text:?} is not a mode with days, such as governance:365");
    let (mode, days) = text.split_once(':').ok_or_else(wrong)?;
    let is_compliance = match mode.to_ascii_lowercase().as_str() {
        "governance" => false,
        "compliance" => true,
        _ => return Err(wrong()),
    };
    match u32::from_str(days) {
        Ok(days) if days > 0 => Ok(ObjectLock { is_compliance, days }),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_has_a_mode_and_days() {
        assert_eq!(object_lock("compliance:2555"), Ok(ObjectLock { is_compliance: true, days: 2555 }));
        for wrong in ["365", "governance", "governance:0", "forever:1", "governance:-1"] {
            assert!(object_lock(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn groups_have_names() {
        assert_eq!(group("log-groups"), Ok(Group::LogGroups));
        assert!(group("scps").expect_err("unknown").contains("event-data-stores"));
    }
}
