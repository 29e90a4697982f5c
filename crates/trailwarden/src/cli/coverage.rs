//! Arguments of `coverage`: which events are recorded where.

use clap::{Args, ValueEnum};
use trailwarden_audit::coverage;
use trailwarden_model::ids::AccountId;

use super::{Source, View};

/// Arguments of `coverage`.
#[derive(Debug, Args)]
pub struct Coverage {
    /// Where to look.
    #[command(flatten)]
    pub source: Source,
    /// Look only at these accounts.
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ',', conflicts_with = "explain")]
    pub account: Vec<AccountId>,
    /// Ask about this event besides, such as iam:CreateUser or "s3:GetObject arn:aws:s3:::bucket/*". May be given several
    /// times.
    #[arg(long, value_name = "EVENT", conflicts_with = "explain")]
    pub event: Vec<String>,
    /// Say of one event in one account and region which trail records it, or why none does, trail by trail.
    #[arg(long, num_args = 3, value_names = ["ACCOUNT", "REGION", "EVENT"])]
    pub explain: Vec<String>,
    /// The category of the events named, where their names do not tell.
    #[arg(long, value_name = "CATEGORY")]
    pub category: Option<EventCategory>,
    /// The resources.type of the data events named, such as AWS::S3::Object, where their names do not tell.
    #[arg(long, value_name = "TYPE")]
    pub resource_type: Option<String>,
    /// Whether the events named only read, where their names do not tell.
    #[arg(long, value_name = "BOOL")]
    pub read_only: Option<bool>,
    /// How to write the answer; json folds nothing.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: View,
}

/// The categories of events that a trail can record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EventCategory {
    /// Management events.
    Management,
    /// Data events.
    Data,
    /// Network activity events.
    NetworkActivity,
}

impl From<EventCategory> for coverage::Category {
    fn from(category: EventCategory) -> Self {
        match category {
            EventCategory::Management => Self::Management,
            EventCategory::Data => Self::Data,
            EventCategory::NetworkActivity => Self::NetworkActivity,
        }
    }
}
