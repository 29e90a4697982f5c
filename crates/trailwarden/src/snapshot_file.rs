//! Snapshots taken earlier: files of `collect`, and those that are kept with the run of an audit.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use trailwarden_model::format;
use trailwarden_model::snapshot::{self, Snapshot};

use crate::digest::digest_of_bytes;
use crate::failure::Failure;
use crate::output::{read_file, stream_private, unreadable};

/// Reads a snapshot taken earlier.
pub(crate) fn read_snapshot(path: &Path) -> Result<Snapshot, Failure> {
    parse(path, &read_file(path)?)
}

/// Keeps a snapshot for its owner alone, compressed: it is many times as large as what is judged by it.
pub(crate) fn write_kept(path: &Path, snapshot: &Snapshot) -> Result<(), Failure> {
    stream_private(path, |out| {
        let mut packed = GzEncoder::new(out, Compression::default());
        serde_json::to_writer(&mut packed, snapshot)?;
        packed.finish().map(drop)
    })
}

/// Reads a snapshot that was kept, with its digest as assessments state it.
pub(crate) fn read_kept(path: &Path) -> Result<(Snapshot, String), Failure> {
    let mut text = String::new();
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    GzDecoder::new(file).read_to_string(&mut text).map_err(|error| unreadable(path, &error))?;
    Ok((parse(path, &text)?, digest_of_bytes(text.as_bytes())))
}

fn parse(path: &Path, text: &str) -> Result<Snapshot, Failure> {
    format::read(text, snapshot::FORMAT).map_err(|error| {
        Failure::usage(format!("snapshot {}: {error}", path.display()))
            .hint("give a file that `trailwarden collect` of this version wrote")
    })
}
