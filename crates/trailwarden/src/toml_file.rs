//! What the caller's TOML files have in common: mistakes with line and column, and the nearest known word as a hint.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;

use crate::failure::Failure;
use crate::nearest::nearest;

/// Something that must be corrected in a file.
#[derive(Debug)]
pub(crate) struct Mistake {
    span: Range<usize>,
    message: String,
    hint: Option<String>,
}

impl Mistake {
    /// Something wrong with a value.
    pub(crate) fn at<T>(place: &Spanned<T>, message: impl Into<String>) -> Self {
        Self { span: place.span(), message: message.into(), hint: None }
    }

    /// The same with a hint what to write.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// `FILE:LINE:COLUMN: what is wrong`, as the failure of a command.
    pub(crate) fn in_file(self, kind: &str, path: &Path, text: &str, hint: &str) -> Failure {
        Failure::usage(format!("{kind} {}:{}", path.display(), self.placed(text)))
            .hint(self.hint.unwrap_or_else(|| hint.to_owned()))
    }

    fn placed(&self, text: &str) -> String {
        let (line, column) = position(text, &self.span);
        format!("{line}:{column}: {}", self.message)
    }
}

impl From<toml::de::Error> for Mistake {
    fn from(error: toml::de::Error) -> Self {
        let hint = nearest_of(error.message());
        Self { span: error.span().unwrap_or_default(), message: error.message().to_owned(), hint }
    }
}

/// The known word nearest to the unknown one, where the parser's message names both: the unknown comes first, then those
/// that it expected, each in backquotes.
fn nearest_of(message: &str) -> Option<String> {
    let mut words = message.strip_prefix("unknown ")?.split('`').skip(1).step_by(2);
    let unknown = words.next()?;
    nearest(unknown, words).map(|near| format!("did you mean {near}?"))
}

/// Line and column, both from 1, of the start of a span.
fn position(text: &str, span: &Range<usize>) -> (usize, usize) {
    let before = text.get(..span.start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// A number of which there must be at least one and at most so many; none when it was left out.
pub(crate) fn in_range(number: Option<Spanned<u32>>, most: u32) -> Result<Option<u32>, Mistake> {
    let Some(number) = number else { return Ok(None) };
    match *number.get_ref() {
        0 => Err(Mistake::at(&number, "must be at least 1")),
        n if n > most => Err(Mistake::at(&number, format!("must be at most {most}"))),
        n => Ok(Some(n)),
    }
}

/// Each of a list as what it claims to be.
pub(crate) fn each<T, C: FromIterator<T>>(
    list: Vec<Spanned<String>>,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<C, Mistake> {
    list.iter().map(|item| read(item.get_ref()).map_err(|message| Mistake::at(item, message))).collect()
}

/// An account id, root or OU, as a part of the organization is named.
pub(crate) fn node(text: &str) -> Result<String, String> {
    let is_id = |part: &str, least: usize| {
        part.len() >= least && part.len() <= 32 && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    let is_node = match text.split('-').collect::<Vec<_>>().as_slice() {
        ["ou", root, unit] => is_id(root, 4) && is_id(unit, 8),
        ["r", root] => is_id(root, 4),
        [account] => account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()),
        _ => false,
    };
    match is_node {
        true => Ok(text.to_owned()),
        false => Err(format!("{text:?} is neither an account id of twelve digits nor the id of a root or OU (ou-…)")),
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::Mistake;

    /// `LINE:COLUMN: what is wrong`, and the hint.
    pub(crate) fn shown(mistake: &Mistake, text: &str) -> (String, Option<String>) {
        (mistake.placed(text), mistake.hint.clone())
    }
}
