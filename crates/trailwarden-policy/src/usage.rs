//! Who would be denied what they did lately, if composed policies were attached: the organization as it would be, the events
//! that show each denied action, and the verdict on every caller. Pure; who looks events up is not known here.

mod automation;
mod caller;
mod fate;
mod lookups;
mod own;
mod recorded;
mod resource;

pub use automation::Automation;
pub use caller::Caller;
pub use fate::{Fate, Spared, Use, uses};
pub use lookups::{Unseen, lookups, unseen};
pub use own::{OwnDenial, denied_to_own_roles};
