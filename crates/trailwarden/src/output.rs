//! Where results go: standard output, or a file that appears whole or not at all.

use std::fs;
use std::io::{self, BufWriter, ErrorKind, IntoInnerError, Write};
use std::path::Path;

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

/// Writes a file through a temporary one beside it, so that a reader never sees half of it.
pub(crate) fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    stream_file(path, |out| out.write_all(text.as_bytes()))
}

/// Lets `render` write a file in the same way, as it goes.
pub(crate) fn stream_file(path: &Path, render: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let fail = |error| unwritable(path, &error);
    if is_device(path) {
        return fs::File::create(path).and_then(|file| stream(file, render)).map(drop).map_err(fail);
    }
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let file = stream(temporary_beside(path).map_err(fail)?, render).map_err(fail)?;
    share_mode(file.as_file()).map_err(fail)?;
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
    temporary_beside(path).map(drop).map_err(|error| unwritable(path, &error))
}

/// `/dev/null`, a pipe and the like are written to, never replaced.
fn is_device(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

fn temporary_beside(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    if path.is_dir() {
        return Err(io::Error::from(ErrorKind::IsADirectory));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    tempfile::Builder::new().prefix(".trailwarden-").tempfile_in(folder)
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("writing {}: {}", path.display(), error.kind()))
        .hint("name a file in a folder that exists and that you may write to")
}

/// Temporary files start private; results are as readable as the folder they are put in.
#[cfg(unix)]
fn share_mode(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn share_mode(_: &fs::File) -> io::Result<()> {
    Ok(())
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
}
