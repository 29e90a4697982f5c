//! Colours, and the symbol and word that say the same without them.

use anstyle::{AnsiColor, Style};
use trailwarden_model::assessment::Counts;
use trailwarden_model::finding::Outcome;

/// Writes styled text, or plain text where colour is not wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    colour: bool,
}

impl Paint {
    pub(super) fn new(colour: bool) -> Self {
        Self { colour }
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.styled(Style::new().bold(), text)
    }

    pub(super) fn dim(self, text: &str) -> String {
        self.styled(Style::new().dimmed(), text)
    }

    /// `text` in the colour of an outcome.
    pub(super) fn outcome(self, outcome: Outcome, text: &str) -> String {
        self.styled(style_of(outcome), text)
    }

    /// The symbol and the word of an outcome, for example `✗ fail`.
    pub(super) fn label(self, outcome: Outcome) -> String {
        self.outcome(outcome, &format!("{} {}", symbol(outcome), outcome.as_str()))
    }

    fn styled(self, style: Style, text: &str) -> String {
        if self.colour && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

fn symbol(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "✓",
        Outcome::Fail => "✗",
        Outcome::Unknown => "?",
        Outcome::NotApplicable => "–",
    }
}

fn style_of(outcome: Outcome) -> Style {
    match outcome {
        Outcome::Pass => AnsiColor::Green.on_default(),
        Outcome::Fail => AnsiColor::Red.on_default().bold(),
        Outcome::Unknown => AnsiColor::Yellow.on_default().bold(),
        Outcome::NotApplicable => Style::new().dimmed(),
    }
}

/// The outcome that a set of counts amounts to: the worst that occurs.
pub(super) fn worst(counts: Counts) -> Outcome {
    match counts {
        Counts { fail: 1.., .. } => Outcome::Fail,
        Counts { unknown: 1.., .. } => Outcome::Unknown,
        Counts { pass: 1.., .. } => Outcome::Pass,
        _ => Outcome::NotApplicable,
    }
}

/// `1 account`, `3 accounts`.
pub(super) fn count(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}
