//! What trails record, as sets of events: what each selector takes, their union over trails, and an event that none takes.
//!
//! A selector is a conjunction of conditions on single fields, so it is a box with one set of strings for each field. Whether
//! a demanded box lies inside a union of boxes is decided exactly: cut the recorded boxes out of it, one after another; an
//! event that is left is an example of what is lost.

mod class;
mod compare;
mod events;
pub(crate) mod insight;
mod map;
mod memo;
mod named;
mod recording;
pub(crate) mod required;
mod union;
mod words;

pub use class::EventClass;
pub use compare::Loss;
pub use events::{Event, Events, Field};
pub use map::{CoverageMap, Explanation};
pub(crate) use memo::Memo;
pub use named::{Category, EventError, NamedEvent, Told};
pub(crate) use recording::{Recording, record_the_same};
pub use union::{Answer, Contribution, Share};
pub use words::{Affix, TooComplex, Words};
