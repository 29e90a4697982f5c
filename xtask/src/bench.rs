//! `cargo xtask bench`: what the release build takes.

pub mod audit;
pub mod evaluate;
pub mod scp;
pub mod usage;
