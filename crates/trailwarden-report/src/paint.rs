//! Colours with the symbols and words that say the same without them, counts with their nouns, and wrapped lines.

use anstyle::{AnsiColor, Style};
use trailwarden_model::assessment::Counts;
use trailwarden_model::finding::Outcome;

/// Writes styled text, or plain text where colour is not wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint {
    colour: bool,
}

impl Paint {
    pub(crate) fn new(colour: bool) -> Self {
        Self { colour }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.styled(Style::new().bold(), text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.styled(Style::new().dimmed(), text)
    }

    /// `text` in the colour of an outcome.
    pub(crate) fn outcome(self, outcome: Outcome, text: &str) -> String {
        self.styled(style_of(outcome), text)
    }

    /// The symbol and the word of an outcome, for example `✗ fail`.
    pub(crate) fn label(self, outcome: Outcome) -> String {
        self.outcome(outcome, &format!("{} {}", symbol(outcome), outcome.as_str()))
    }

    /// The symbol and the word of what is accepted, though it is not good.
    pub(crate) fn waived(self) -> String {
        self.outcome(Outcome::Unknown, "~ waived")
    }

    /// `text` in the colour of what is added, removed or changed, as its sign says too.
    pub(crate) fn change(self, sign: char, text: &str) -> String {
        let colour = match sign {
            '+' => AnsiColor::Green,
            '-' => AnsiColor::Red,
            _ => AnsiColor::Yellow,
        };
        self.styled(colour.on_default(), text)
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
pub(crate) fn worst(counts: Counts) -> Outcome {
    match counts {
        Counts { fail: 1.., .. } => Outcome::Fail,
        Counts { unknown: 1.., .. } => Outcome::Unknown,
        Counts { pass: 1.., .. } => Outcome::Pass,
        _ => Outcome::NotApplicable,
    }
}

/// `1 account`, `3 accounts`.
pub(crate) fn count(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn join_and(items: &[String]) -> String {
    join(items, "and")
}

/// The same with another word before the last.
pub(crate) fn join(items: &[String], word: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} {word} {last}", most.join(", ")),
    }
}

/// Wraps text to a width, `first` before the first line and `rest` before the others; ends in a newline.
pub(crate) fn wrap(width: usize, text: &str, first: &str, rest: &str) -> String {
    // Ids, ARNs and region codes are full of hyphens: a line never ends at one.
    let options = textwrap::Options::new(width)
        .initial_indent(first)
        .subsequent_indent(rest)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .break_words(false);
    let mut wrapped = textwrap::fill(text, options);
    wrapped.push('\n');
    wrapped
}
