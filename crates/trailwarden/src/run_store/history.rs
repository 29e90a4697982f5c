//! The trend: earlier runs whose counts can stand beside those of an assessment.

use std::path::Path;

use trailwarden_model::assessment::Assessment;
use trailwarden_report::html::Point;

use super::{Entry, list};
use crate::output::write_stderr;
use crate::settings::Settings;

/// The runs before an assessment that looked at the same and were judged by the same baseline, and itself at the end. What
/// cannot be read is named and left out: no report fails for want of a trend.
pub(crate) fn history(runs: &Path, assessment: &Assessment, settings: &Settings) -> Vec<Point> {
    let kept = match list(runs) {
        Ok(kept) => {
            kept.name_unread(runs, settings);
            kept.audits
        }
        Err(failure) => {
            if runs.exists() && !settings.quiet {
                write_stderr(&format!("the trend is left out: {}", failure.render().trim_start_matches("error: ")));
            }
            vec![]
        }
    };
    let read = Entry::new(String::new(), assessment);
    // The version that kept it knew best which controls it left out.
    let this = kept.iter().find(|entry| entry.is_of(&read)).unwrap_or(&read);
    let is_before = |entry: &&Entry| {
        entry.collected_at < this.collected_at && entry.looked_at_the_same(this) && entry.has_baseline_of(this)
    };
    let points = kept.iter().filter(is_before).chain([this]);
    points.map(|entry| Point { collected_at: entry.collected_at, findings: entry.findings }).collect()
}
