//! `trailwarden.coverage/1` and `trailwarden.coverage-explanation/1`. Nothing is folded.

use std::collections::BTreeMap;

use serde::Serialize;
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::observed::Gap;

use super::{Cell, Matrix, Row};
use crate::ReportError;

/// The format written by [`render_json`].
pub const FORMAT: &str = "trailwarden.coverage/1";

/// The format written by [`super::render_explanation_json`].
pub const EXPLANATION_FORMAT: &str = "trailwarden.coverage-explanation/1";

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    tool_version: &'a str,
    collected_at: String,
    organization: &'a str,
    classes: Vec<Class<'a>>,
    regions: Vec<RowJson<'a>>,
}

#[derive(Serialize)]
struct Class<'a> {
    id: &'a str,
    events: &'a str,
}

#[derive(Serialize)]
struct RowJson<'a> {
    account: &'a AccountId,
    region: Option<&'a Region>,
    classes: BTreeMap<&'a str, CellJson<'a>>,
}

/// One answer.
#[derive(Serialize)]
#[serde(tag = "coverage", rename_all = "kebab-case")]
pub(super) enum CellJson<'a> {
    Lost { example: &'a str },
    Unknown { gap: &'a Gap },
    Covered { trails: &'a [Arn] },
    NotApplicable,
}

impl<'a> From<&'a Cell> for CellJson<'a> {
    fn from(cell: &'a Cell) -> Self {
        match cell {
            Cell::Lost { example } => Self::Lost { example },
            Cell::Unknown(gap) => Self::Unknown { gap },
            Cell::Covered { trails } => Self::Covered { trails },
            Cell::NotApplicable => Self::NotApplicable,
        }
    }
}

/// Renders a matrix as pretty-printed JSON with a newline at the end.
///
/// # Errors
/// [`ReportError::Json`] when the writer refuses a value.
pub fn render_json(matrix: &Matrix<'_>) -> Result<String, ReportError> {
    let document = Document {
        format: FORMAT,
        tool_version: matrix.tool_version,
        collected_at: matrix.collected_at.to_string(),
        organization: &matrix.organization.id,
        classes: matrix.columns.iter().map(|column| Class { id: &column.id, events: &column.events }).collect(),
        regions: matrix.rows.iter().map(|row| row_json(matrix, row)).collect(),
    };
    crate::json::write(FORMAT, &document)
}

fn row_json<'a>(matrix: &'a Matrix<'_>, row: &'a Row) -> RowJson<'a> {
    let ids = matrix.columns.iter().map(|column| column.id.as_str());
    let classes = ids.zip(row.cells.iter().map(CellJson::from)).collect();
    RowJson { account: &row.account, region: row.region.as_ref(), classes }
}
