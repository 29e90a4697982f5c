//! One event in one account and region: which trail records it, or why none does, trail by trail.

use serde::Serialize;
use trailwarden_model::finding::Outcome;
use trailwarden_model::ids::{AccountId, Arn, Region};
use trailwarden_model::organization::Organization;

use super::json::{CellJson, EXPLANATION_FORMAT};
use super::{Cell, trail_name};
use crate::ReportError;
use crate::names::Names;
use crate::scp::{Page, View};

/// One event explained.
#[derive(Debug)]
pub struct Explained<'a> {
    /// Whose account.
    pub organization: &'a Organization,
    /// The account.
    pub account: AccountId,
    /// The region where the event is recorded.
    pub region: Region,
    /// The event as the caller wrote it.
    pub event: String,
    /// What was derived from its name, and what else is worth knowing.
    pub notes: Vec<String>,
    /// The answer.
    pub answer: Cell,
    /// What each trail does.
    pub trails: Vec<TrailLine>,
}

/// What one trail does for the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// It records it.
    Records,
    /// It records it under some circumstances.
    RecordsPart,
    /// It does not.
    Misses,
    /// It is not known.
    Unknown,
}

/// What one trail does for the event, and why.
#[derive(Debug, Clone, Serialize)]
pub struct TrailLine {
    /// The trail.
    pub trail: Arn,
    /// What it does.
    pub mark: Mark,
    /// Why, where it does not record everything.
    pub why: Option<String>,
}

/// Renders an explanation for people, ending in a newline.
pub fn render_explanation(explained: &Explained<'_>, view: &View<'_>) -> String {
    let page = Page::new(view);
    let account = Names { organization: explained.organization }.account(explained.account.as_str());
    let mut text = String::new();
    text.extend(view.notice.map(|notice| page.line(0, &format!("! {notice}"))));
    let title = format!("{} in {account}, {}", explained.event, explained.region);
    text.push_str(&page.line(0, &page.paint.bold(&title)));
    text.extend(explained.notes.iter().map(|note| page.line(2, note)));
    text.push('\n');
    if explained.trails.is_empty() {
        text.push_str(
            &page.line(0, "no trail is shown here, and none of the account or the organization is elsewhere"),
        );
    }
    text.extend(explained.trails.iter().map(|line| page.line(0, &trail_line(page, line))));
    text.push_str(&format!("\n{}{}", page.line(0, &answer(page, &explained.answer)), page.line(0, view.exit)));
    text
}

fn trail_line(page: Page, line: &TrailLine) -> String {
    let (outcome, symbol, verb) = match line.mark {
        Mark::Records => (Outcome::Pass, "✓", "records it"),
        Mark::RecordsPart => (Outcome::Fail, "✗", "records it only under some circumstances"),
        Mark::Misses => (Outcome::Fail, "✗", "does not record it"),
        Mark::Unknown => (Outcome::Unknown, "?", "may record it"),
    };
    let why = line.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    format!("{} {} {verb}{why}  ({})", page.paint.outcome(outcome, symbol), trail_name(&line.trail), line.trail)
}

fn answer(page: Page, cell: &Cell) -> String {
    match cell {
        Cell::Lost { example } => {
            format!("{}  not recorded: {example}", page.paint.label(Outcome::Fail))
        }
        Cell::Unknown(gap) => format!("{}  not known: {gap}", page.paint.label(Outcome::Unknown)),
        Cell::Covered { trails } => {
            let names: Vec<String> = trails.iter().map(|arn| trail_name(arn).to_owned()).collect();
            format!("{}  recorded by {}", page.paint.label(Outcome::Pass), crate::paint::join_and(&names))
        }
        Cell::NotApplicable => format!("{}  does not happen here", page.paint.label(Outcome::NotApplicable)),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    account: &'a AccountId,
    region: &'a Region,
    event: &'a str,
    notes: &'a [String],
    answer: CellJson<'a>,
    trails: &'a [TrailLine],
}

/// Renders an explanation as pretty-printed JSON with a newline at the end.
///
/// # Errors
/// [`ReportError::Json`] when the writer refuses a value.
pub fn render_explanation_json(explained: &Explained<'_>) -> Result<String, ReportError> {
    let document = Document {
        format: EXPLANATION_FORMAT,
        account: &explained.account,
        region: &explained.region,
        event: &explained.event,
        notes: &explained.notes,
        answer: CellJson::from(&explained.answer),
        trails: &explained.trails,
    };
    crate::json::write(EXPLANATION_FORMAT, &document)
}
