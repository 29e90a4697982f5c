//! The state file: the world as JSON, written whole and renamed into place.

use std::fs;
use std::path::Path;

use crate::error::SandboxError;
use crate::world::World;

fn error(path: &Path, reason: impl ToString) -> SandboxError {
    SandboxError::State { path: path.display().to_string(), reason: reason.to_string() }
}

/// Reads the file; none when there is none yet.
pub fn load(path: &Path) -> Result<Option<World>, SandboxError> {
    match fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text).map(Some).map_err(|reason| error(path, reason)),
        Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(reason) => Err(error(path, reason)),
    }
}

/// Writes the file, so that a reader sees the old or the new state and never half of one.
pub fn save(path: &Path, world: &World) -> Result<(), SandboxError> {
    let text = serde_json::to_string_pretty(world).map_err(|reason| error(path, reason))?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    fs::write(&beside, text).and_then(|()| fs::rename(&beside, path)).map_err(|reason| error(path, reason))
}
