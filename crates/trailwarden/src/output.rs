//! Where results go: standard output, or a file that appears whole or not at all.

use std::fs;
use std::io::{self, BufWriter, ErrorKind, IntoInnerError, Write};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Writes data to standard output. A reader that left early (`| head`) is no failure.
pub(crate) fn write_stdout(text: &str) -> Result<(), Failure> {
    stream_stdout(|out| out.write_all(text.as_bytes()))
}

/// Lets `render` write data to standard output as it goes.
pub(crate) fn stream_stdout(render: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    match render(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::internal(format!("writing to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes lines for people to standard error, where nothing can be done about a failure.
pub(crate) fn write_stderr(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// What the names of files and folders begin with that are not finished yet.
pub(crate) const UNFINISHED: &str = ".trailwarden-";

/// Who may read what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    /// Whoever could read the file before; of a new file, whoever the caller's umask lets.
    Shared,
    /// Its owner alone.
    Private,
}

/// Writes a file through a temporary one beside it, so that a reader never sees half of it.
pub(crate) fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    stream_file(path, |out| out.write_all(text.as_bytes()))
}

/// The same, for its owner alone.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), Failure> {
    stream_private(path, |out| out.write_all(text.as_bytes()))
}

/// Lets `render` write a file in the same way, as it goes.
pub(crate) fn stream_file(path: &Path, render: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    if is_device(path) {
        let written = fs::File::create(path).and_then(|file| stream(file, render));
        return written.map(drop).map_err(|error| unwritable(path, &error));
    }
    replace(path, Access::Shared, render)
}

/// Lets `render` write a file for its owner alone.
pub(crate) fn stream_private(
    path: &Path,
    render: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    replace(path, Access::Private, render)
}

fn replace(path: &Path, access: Access, render: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let fail = |error| unwritable(path, &error);
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let file = stream(temporary_beside(path, access).map_err(fail)?, render).map_err(fail)?;
    if let (Access::Shared, Ok(before)) = (access, fs::metadata(path)) {
        file.as_file().set_permissions(before.permissions()).map_err(fail)?;
    }
    file.as_file().sync_all().map_err(fail)?;
    file.persist(path).map_err(|error| unwritable(path, &error.error))?;
    Ok(())
}

fn stream<W: Write>(file: W, render: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<W> {
    let mut out = BufWriter::new(file);
    render(&mut out)?;
    out.into_inner().map_err(IntoInnerError::into_error)
}

/// Tells early whether [`write_file`] could write here, without touching what is there.
pub(crate) fn check_writable(path: &Path) -> Result<(), Failure> {
    if is_device(path) {
        return Ok(());
    }
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    temporary_beside(path, Access::Shared).map(drop).map_err(|error| unwritable(path, &error))
}

/// `/dev/null`, a pipe and the like are written to, never replaced.
fn is_device(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// True for a file that nobody but its owner may read.
#[cfg(unix)]
pub(crate) fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 == 0)
}

/// True for a file that nobody but its owner may read.
#[cfg(not(unix))]
pub(crate) fn is_private(_: &Path) -> bool {
    false
}

/// The file that a path leads to, whether it is there yet or not: two paths to one file give the same.
pub(crate) fn resolved(path: &Path) -> PathBuf {
    let there = fs::canonicalize(path).or_else(|_| {
        let name = path.file_name().ok_or(ErrorKind::InvalidInput)?;
        fs::canonicalize(folder_of(path)).map(|folder| folder.join(name))
    });
    there.unwrap_or_else(|_| path.to_owned())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn temporary_beside(path: &Path, access: Access) -> io::Result<tempfile::NamedTempFile> {
    if path.is_dir() {
        return Err(io::Error::from(ErrorKind::IsADirectory));
    }
    let mut file = tempfile::Builder::new();
    file.prefix(UNFINISHED);
    // Temporary files are private by themselves.
    #[cfg(unix)]
    if access == Access::Shared {
        use std::os::unix::fs::PermissionsExt;
        file.permissions(fs::Permissions::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = access;
    file.tempfile_in(folder_of(path))
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("writing {}: {}", path.display(), error.kind()))
        .hint("name a file in a folder that exists and that you may write to")
}

/// Reads an input file as text.
pub(crate) fn read_file(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

/// Reads an input file as it is.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| unreadable(path, &error))
}

/// What to say of an input file that cannot be read.
pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("reading {}: {error}", path.display())).hint("name a file that exists and that you may read")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_else_is_left_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out.json");
        write_file(&path, "old, and longer").expect("writes");
        write_file(&path, "new").expect("replaces");
        assert_eq!(fs::read_to_string(&path).expect("reads"), "new");
        assert_eq!(fs::read_dir(folder.path()).expect("lists").count(), 1);
    }

    #[test]
    fn two_paths_to_one_file_are_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let (direct, around) = (folder.path().join("a"), folder.path().join("./b/../a"));
        fs::create_dir(folder.path().join("b")).expect("a folder");
        assert_eq!(resolved(&direct), resolved(&around));
        fs::write(&direct, "").expect("writes");
        assert_eq!(resolved(&direct), resolved(&around));
        assert_ne!(resolved(&direct), resolved(&folder.path().join("c")));
    }

    #[cfg(unix)]
    #[test]
    fn a_private_file_is_for_its_owner_and_another_stays_as_it_was_shared() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        let mode = || fs::metadata(&path).expect("a file").permissions().mode() & 0o777;
        write_private(&path, "").expect("writes");
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("changes");
        write_file(&path, "").expect("writes");
        assert_eq!(mode(), 0o640);
    }
}
