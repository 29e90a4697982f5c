//! The state file: the world as JSON under a format's name, written whole and renamed into place.

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::SandboxError;
use crate::world::World;
use crate::world::when::When;

/// The name of the format. Another file, which shutting down would overwrite, is not taken for a world.
const FORMAT: &str = "trailwarden.sandbox/1";

#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    format: String,
    world: Cow<'a, World>,
}

fn error(path: &Path, reason: impl ToString) -> SandboxError {
    SandboxError::State { path: path.display().to_string(), reason: reason.to_string() }
}

/// The error for a file that is to be resumed and is not there.
pub fn missing(path: &Path) -> SandboxError {
    SandboxError::NoState { path: path.display().to_string() }
}

/// The world with every distance such as `90m ago` turned into the moment that it means now.
pub fn dated(path: &Path, world: &World, now: Timestamp) -> Result<World, SandboxError> {
    let mut value = serde_json::to_value(world).map_err(|reason| error(path, reason))?;
    date(&mut value, now);
    serde_json::from_value(value).map_err(|reason| error(path, reason))
}

fn date(value: &mut Value, now: Timestamp) {
    match value {
        Value::String(text) if text.ends_with(" ago") => {
            if let Ok(when) = text.parse::<When>() {
                *text = When::At(when.by(now)).to_string();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| date(item, now)),
        Value::Object(members) => members.values_mut().for_each(|member| date(member, now)),
        _ => {}
    }
}

/// Reads the file; none when there is none yet.
pub fn load(path: &Path) -> Result<Option<World>, SandboxError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(reason) => return Err(error(path, reason)),
    };
    let kept: Kept<'_> = serde_json::from_str(&text).map_err(|reason| error(path, reason))?;
    if kept.format == FORMAT {
        return Ok(Some(kept.world.into_owned()));
    }
    Err(error(path, format!("its format is {:?}, not {FORMAT:?}", kept.format)))
}

/// Writes the file, so that a reader sees the old or the new state and never half of one.
pub fn save(path: &Path, world: &World) -> Result<(), SandboxError> {
    let kept = Kept { format: FORMAT.to_owned(), world: Cow::Borrowed(world) };
    let text = serde_json::to_string_pretty(&kept).map_err(|reason| error(path, reason))?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    fs::write(&beside, text).and_then(|()| fs::rename(&beside, path)).map_err(|reason| error(path, reason))
}
