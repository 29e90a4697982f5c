//! Where to look, and at which accounts and regions: shared by `audit` and `collect`.

use clap::Args;
use trailwarden_model::ids::{AccountId, Region};

/// Where to look.
#[derive(Debug, Args)]
pub struct Connect {
    /// Look at the embedded sandbox instead of AWS; see `trailwarden sandbox scenarios`.
    #[arg(long, value_name = "SCENARIO", num_args = 0..=1, require_equals = true, default_missing_value = "acme", conflicts_with_all = ["profile", "role_name", "external_id"])]
    pub sandbox: Option<String>,
    /// Use this profile of the AWS configuration files.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// The role to assume in every member account.
    #[arg(long, value_name = "NAME", default_value = "OrganizationAccountAccessRole")]
    pub role_name: String,
    /// The external id that the role's trust policy asks for.
    #[arg(long, value_name = "ID")]
    pub external_id: Option<String>,
}

/// Which accounts and regions to look at; all when nothing is named.
#[derive(Debug, Default, Args)]
pub struct Select {
    /// Look only at these accounts.
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',')]
    pub account: Vec<AccountId>,
    /// Look only at accounts in these OUs, at any depth.
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',')]
    pub ou: Vec<String>,
    /// Leave these accounts out.
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',')]
    pub exclude_account: Vec<AccountId>,
    /// Look only at these regions.
    #[arg(long, value_name = "CODE", num_args = 1.., value_delimiter = ',')]
    pub region: Vec<Region>,
}
