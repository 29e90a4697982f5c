//! Snapshots taken earlier.

use std::path::Path;

use trailwarden_model::format;
use trailwarden_model::snapshot::{self, Snapshot};

use crate::failure::Failure;
use crate::output::read_file;

/// Reads a snapshot taken earlier.
pub(crate) fn read_snapshot(path: &Path) -> Result<Snapshot, Failure> {
    format::read(&read_file(path)?, snapshot::FORMAT).map_err(|error| {
        Failure::usage(format!("snapshot {}: {error}", path.display()))
            .hint("give a file that `trailwarden collect` of this version wrote")
    })
}
