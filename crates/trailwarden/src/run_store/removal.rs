//! Removing a run: its own files, and only where nothing else lies beside them.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use trailwarden_report::plain;

use super::{FILES, UNFINISHED};
use crate::failure::Failure;

/// Why a run is better left where it is; none when nothing speaks against removing it.
pub(crate) fn obstacle(runs: &Path, name: &str) -> Result<Option<String>, Failure> {
    let folder = runs.join(name);
    let look = || -> io::Result<Option<String>> {
        if fs::symlink_metadata(&folder)?.is_symlink() {
            return Ok(Some("it is a link to another folder".to_owned()));
        }
        let mut others = vec![];
        for file in fs::read_dir(&folder)? {
            let file = file?;
            let (name, is_folder) = (file.file_name(), file.file_type()?.is_dir());
            if is_folder || !name.to_str().is_some_and(is_ours) {
                others.push(plain(&name.to_string_lossy()));
            }
        }
        others.sort();
        Ok((!others.is_empty()).then(|| format!("it also holds {}", others.join(", "))))
    };
    look().map_err(|error| Failure::usage(format!("reading folder {}: {error}", folder.display())))
}

fn is_ours(file: &str) -> bool {
    FILES.contains(&file) || file.starts_with(UNFINISHED)
}

/// Removes a run that nothing stands in the way of.
pub(crate) fn remove(runs: &Path, name: &str) -> Result<(), Failure> {
    let folder = runs.join(name);
    let remove = || -> io::Result<()> {
        for file in fs::read_dir(&folder)? {
            let file = file?;
            if file.file_name().to_string_lossy().starts_with(UNFINISHED) {
                fs::remove_file(file.path())?;
            }
        }
        // The entry goes last: what is interrupted is still listed, and removed next time.
        for file in FILES {
            match fs::remove_file(folder.join(file)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        fs::remove_dir(&folder)
    };
    remove().map_err(|error| Failure::usage(format!("removing {}: {error}", folder.display())))
}
