//! Plans for other tools: what trailwarden would do itself, written down for whoever wants to do it another way.

pub(crate) mod command;
