//! Service control policies from a profile, for the resources and exceptions of one organization.

mod profile;
mod target;

pub use profile::{Profile, ProfileStatement, UnknownProfile};
pub use target::Target;
