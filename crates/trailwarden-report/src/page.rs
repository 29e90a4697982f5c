//! What a text for people is laid out on: width, colour, and the lines that a caller adds.

use crate::paint::{Paint, wrap};

/// The narrowest page that texts are laid out for.
pub(crate) const NARROWEST: usize = 40;

/// What a text needs to know besides its subject; the binary finds it out.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Columns to fill; anything under 40 is treated as 40.
    pub width: usize,
    /// Whether to emit ANSI colours. Symbols and words say the same without.
    pub colour: bool,
    /// A line that belongs at the top, for example that this is the sandbox.
    pub notice: Option<&'a str>,
    /// What the exit code of this run means.
    pub exit: &'a str,
}

/// The page that a view describes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    pub(crate) paint: Paint,
    pub(crate) width: usize,
}

impl Page {
    pub(crate) fn new(view: &View<'_>) -> Self {
        Self { paint: Paint::new(view.colour), width: view.width.max(NARROWEST) }
    }

    /// A paragraph, its lines after the first indented as far again.
    pub(crate) fn line(&self, indent: usize, text: &str) -> String {
        wrap(self.width, text, &" ".repeat(indent), &" ".repeat(indent + 2))
    }
}
