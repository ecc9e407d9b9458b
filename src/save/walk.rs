//! One save under way: who watches it and how its steps are taken.

use std::io;
use std::path::{Path, PathBuf};

use super::{Event, Observer, SaveError, Step};

pub(super) struct Walk<'a> {
    observer: &'a mut dyn Observer,
}

impl<'a> Walk<'a> {
    pub(super) fn new(observer: &'a mut dyn Observer) -> Self {
        Self { observer }
    }

    pub(super) fn tell(&mut self, event: Event) {
        self.observer.event(event);
    }

    /// Takes a step whose failure the caller judges.
    pub(super) fn attempt<T>(&mut self, step: Step, act: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        self.observer.before(step)?;
        act()
    }

    /// Takes a step whose failure ends the save.
    pub(super) fn take<T>(
        &mut self,
        step: Step,
        path: &Path,
        act: impl FnOnce() -> io::Result<T>,
    ) -> Result<T, SaveError> {
        self.attempt(step, act).map_err(|source| failed(step, path, source))
    }
}

pub(super) fn failed(step: Step, path: &Path, source: io::Error) -> SaveError {
    SaveError::Failed { path: PathBuf::from(path), step, source }
}

/// Whether the answer says that files of this folder must not be made, renamed or removed, though the file
/// itself may be written.
pub(super) fn forbids_replacing(error: &io::Error) -> bool {
    use rustix::io::Errno;
    [Errno::ACCESS, Errno::PERM, Errno::ROFS, Errno::BUSY, Errno::XDEV]
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Whether the answer says that the file system does not know the operation at all.
pub(super) fn unsupported(error: &io::Error) -> bool {
    use rustix::io::Errno;
    [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP, Errno::NOLCK, Errno::BADF]
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}
