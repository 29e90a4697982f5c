//! Colours with the symbols and words that say the same without them, counts with their nouns, and wrapped lines.

use anstyle::{AnsiColor, Style};
use textwrap::core::{Word, display_width};
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
        .word_separator(textwrap::WordSeparator::Custom(words))
        .break_words(false);
    let mut wrapped = textwrap::fill(text, options);
    wrapped.push('\n');
    wrapped
}

/// What does not stand at the beginning of a line where lines may break between any two characters.
const NEVER_FIRST: &str = "、。，．・：；！？ー々」』）］｝〉》】〕";

/// So many wide characters are not torn apart.
const KEPT_TOGETHER: usize = 10;

/// The words of a line: what stands between spaces, and each character of a long word in a script that writes without them.
fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let mut rest = line;
    Box::new(std::iter::from_fn(move || {
        let (word, others) = rest.split_at(end_of_word(rest));
        rest = others;
        (!word.is_empty()).then(|| Word::from(word))
    }))
}

/// Where the first word ends, with the spaces behind it. A few wide characters, such as a name, are kept together.
fn end_of_word(text: &str) -> usize {
    let is_wide = |c: char| display_width(c.encode_utf8(&mut [0; 4])) > 1;
    let pairs = || text.char_indices().zip(text.chars().skip(1)).map(|((at, c), next)| (at + c.len_utf8(), c, next));
    let at_space = pairs().find(|(_, c, next)| *c == ' ' && *next != ' ').map_or(text.len(), |(end, ..)| end);
    if text.chars().take_while(|c| *c != ' ').filter(|c| is_wide(*c)).count() <= KEPT_TOGETHER {
        return at_space;
    }
    let between = pairs().find(|(_, c, next)| is_wide(*c) && is_wide(*next) && !NEVER_FIRST.contains(*next));
    between.map_or(at_space, |(end, ..)| end.min(at_space))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_between_wide_characters_and_never_at_hyphens() {
        let lines = |width, text| wrap(width, text, "", "  ").lines().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(lines(10, "eu-central-1 us-east-1"), ["eu-central-1", "  us-east-1"]);
        assert_eq!(lines(10, "a  b ログ保管庫 (12)"), ["a  b", "  ログ保管庫", "  (12)"]);
        let long = ["a ログ保", "  管庫・", "  本番環境", "  の監査", "  (12)"];
        assert_eq!(
            lines(10, "a ログ保管庫・本番環境の監査 (12)").concat().replace(' ', ""),
            long.concat().replace(' ', "")
        );
        assert!(lines(10, "a ログ保管庫・本番環境の監査 (12)").iter().all(|line| !line.trim().starts_with('・')));
        assert_eq!(lines(4, ""), [""]);
    }
}
