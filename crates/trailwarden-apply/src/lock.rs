//! The lock: one process at a time changes an organization from this machine. It ends with the process, whatever ends that.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::error::ApplyError;

/// A held lock; dropping it lets go. The file stays, so that nobody locks a file that another just removed.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, or says at once that another process has it.
    ///
    /// # Errors
    /// When it is held, or the file cannot be made.
    pub fn take(path: &Path) -> Result<Self, ApplyError> {
        let failed = |source| ApplyError::File { doing: "locking", path: path.to_owned(), source };
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(ApplyError::Locked(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}
