//! Plans for people: in the terminal, and as Markdown for a change ticket. JSON is the plan file itself.

mod alike;
mod choices;
pub(crate) mod diff;
pub mod markdown;
mod overview;
#[cfg(test)]
pub(crate) mod sample;
mod sent;
mod stages;
mod statement;
#[cfg(test)]
mod tests;
pub mod text;
pub(crate) mod words;

pub use markdown::render_markdown;
pub use text::render_text;
