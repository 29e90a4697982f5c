//! Which events are recorded in which account and region: the matrix of an organization, and one event explained.

mod explanation;
mod groups;
mod json;
mod text;

use jiff::Timestamp;
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::observed::Gap;
use trailwarden_model::organization::Organization;

pub use explanation::{Explained, Mark, TrailLine, render_explanation, render_explanation_json};
pub use json::{EXPLANATION_FORMAT, FORMAT, render_json};
pub use text::render;

/// What was asked of every account and region, and the answers.
#[derive(Debug)]
pub struct Matrix<'a> {
    /// The version that answered.
    pub tool_version: &'a str,
    /// When the organization was read.
    pub collected_at: Timestamp,
    /// Whose accounts.
    pub organization: &'a Organization,
    /// The classes of events, in the order of the cells.
    pub columns: Vec<Column>,
    /// The answers, by account and region.
    pub rows: Vec<Row>,
}

/// A class of events.
#[derive(Debug, Clone)]
pub struct Column {
    /// The name scripts rely on; an event as the caller wrote it.
    pub id: String,
    /// In words that follow "records".
    pub events: String,
}

/// The answers of one account and region.
#[derive(Debug)]
pub struct Row {
    /// The account.
    pub account: AccountId,
    /// The region; none where the regions of the account could not be listed.
    pub region: Option<Region>,
    /// One for each column.
    pub cells: Vec<Cell>,
}

/// Whether the events of a class are recorded. Worst first when ordered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    /// At least this one is not.
    Lost {
        /// An event that no trail records.
        example: String,
    },
    /// It is not known.
    Unknown(Gap),
    /// Every one is.
    Covered {
        /// By each of these trails alone, or else by all of them together.
        trails: Vec<Arn>,
    },
    /// They do not happen here.
    NotApplicable,
}

impl Matrix<'_> {
    /// True when some event is lost somewhere.
    pub fn is_lossy(&self) -> bool {
        self.cells().any(|cell| matches!(cell, Cell::Lost { .. }))
    }

    /// True when something is not known.
    pub fn is_incomplete(&self) -> bool {
        self.cells().any(|cell| matches!(cell, Cell::Unknown(_)))
    }

    fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.rows.iter().flat_map(|row| &row.cells)
    }
}

/// The name of a trail, as people know it.
fn trail_name(arn: &Arn) -> &str {
    arn.as_str().rsplit('/').next().unwrap_or(arn.as_str())
}

#[cfg(test)]
mod tests;
