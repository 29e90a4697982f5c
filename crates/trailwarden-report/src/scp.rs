//! What service control policies say: about one request, and about everybody. Text for people, JSON for scripts.

pub mod composition;
pub mod lint;
mod place;
pub mod proof;
pub mod simulation;
pub mod tree;
pub mod usage;

pub use crate::page::View;

pub(crate) use crate::page::Page;
