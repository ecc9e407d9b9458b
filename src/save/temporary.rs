//! Files under a temporary name: made next to the real one, complete before they get its name.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::fs::{AtFlags, Dir, Mode, OFlags};
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::lock::try_lock;
use super::place::{Folder, read_whole};
use super::walk::{Walk, unsupported};
use super::{Event, SaveError, Step};
use crate::limits;

/// A file under a temporary name, locked for as long as it has one. Unless it is published, it is removed
/// when dropped.
pub(super) struct Temporary<'f> {
    folder: &'f Folder,
    name: OsString,
    pub(super) file: File,
    published: bool,
}

impl<'f> Temporary<'f> {
    /// Creates an empty file. `mode` is subject to the umask, as for any new file.
    ///
    /// The name is made of the process and a count, which is enough: what is already there is never opened.
    pub(super) fn create(folder: &'f Folder, mode: Mode) -> io::Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        for _ in 0..limits::FILE_NAMES {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let name = OsString::from(format!("{PREFIX}{:x}-{count:x}{SUFFIX}", process::id()));
            let file = match folder.open_file(&name, OFlags::RDWR | OFlags::CREATE | OFlags::EXCL, mode) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            };
            let temporary = Self { folder, name, file, published: false };
            // Until it is locked it looks like litter. Who took it for that has its lock, or has removed it.
            match try_lock(&temporary.file) {
                Ok(false) => continue,
                Err(error) if !unsupported(&error) => return Err(error),
                _ => {}
            }
            if rustix::fs::fstat(&temporary.file)?.st_nlink > 0 {
                return Ok(temporary);
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path.join(&self.name)
    }

    /// The rights in the mode, if others than the owner have some.
    pub(super) fn others_may(&self) -> Option<u64> {
        let mode = Mode::from_raw_mode(rustix::fs::fstat(&self.file).ok()?.st_mode);
        mode.intersects(Mode::RWXG | Mode::RWXO).then(|| u64::from(mode.as_raw_mode()))
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    /// Reads what was written, and compares.
    pub(super) fn read_back(&mut self, written: &[u8], step: Step) -> Result<Zeroizing<Vec<u8>>, SaveError> {
        self.file.rewind().map_err(|source| super::walk::failed(step, &self.path(), source))?;
        let read = read_whole(&self.file, &self.path(), step)?;
        if read.as_slice() == written { Ok(read) } else { Err(SaveError::ReadBack { path: self.path() }) }
    }

    /// Takes the place of the file of that name.
    pub(super) fn replace(mut self, name: &OsStr) -> io::Result<()> {
        let folder = self.folder.descriptor();
        rustix::fs::renameat(folder, &self.name, folder, name)?;
        self.published = true;
        Ok(())
    }

    /// Takes a name that must still be free. If it is not, the file is given back with the error.
    pub(super) fn publish(mut self, name: &OsStr) -> Result<(), (Self, io::Error)> {
        match self.rename_to_free(name) {
            Ok(()) => {
                self.published = true;
                Ok(())
            }
            Err(error) => Err((self, error)),
        }
    }

    fn rename_to_free(&self, name: &OsStr) -> io::Result<()> {
        let folder = self.folder.descriptor();
        #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
        match rustix::fs::renameat_with(folder, &self.name, folder, name, rustix::fs::RenameFlags::NOREPLACE)
        {
            Err(errno) if unsupported(&errno.into()) => {}
            result => return Ok(result?),
        }
        self.link_to_free(name)
    }

    /// For file systems whose rename cannot be told to spare what is there, such as NFS.
    pub(super) fn link_to_free(&self, name: &OsStr) -> io::Result<()> {
        let folder = self.folder.descriptor();
        match rustix::fs::linkat(folder, &self.name, folder, name, AtFlags::empty()) {
            // The file has its name. The other one is litter, which the next save removes if this one cannot.
            Ok(()) => {
                let _ = self.folder.remove(&self.name);
                Ok(())
            }
            Err(Errno::EXIST) => Err(Errno::EXIST.into()),
            // No hard links here either: a look and a rename are the best that is left.
            Err(_) if self.folder.look(name)?.is_none() => {
                Ok(rustix::fs::renameat(folder, &self.name, folder, name)?)
            }
            Err(_) => Err(Errno::EXIST.into()),
        }
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if !self.published {
            // Nothing can be done about a failure; the next save tries again.
            let _ = self.folder.remove(&self.name);
        }
    }
}

/// Removes the temporary files that stopped processes have left: those whose lock nobody holds.
pub(super) fn remove_litter(walk: &mut Walk<'_>, folder: &Folder) -> io::Result<()> {
    if !folder.readable {
        return Ok(());
    }
    let names = walk.attempt(Step::RemoveLitter, || Ok(Dir::read_from(folder.descriptor())?))?;
    for entry in names.take(limits::FOLDER_NAMES) {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if is_temporary(name) && is_abandoned(folder, name) && folder.remove(name).is_ok() {
            walk.tell(Event::LitterRemoved { path: folder.path.join(name) });
        }
    }
    Ok(())
}

/// Whether a save would give a file this name.
pub(super) fn is_temporary(name: &OsStr) -> bool {
    let is_number = |part: &str| {
        matches!(part.len(), 1..=8) && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    name.to_str()
        .and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.split_once('-'))
        .is_some_and(|(process, count)| is_number(process) && is_number(count))
}

fn is_abandoned(folder: &Folder, name: &OsStr) -> bool {
    let Ok(file) = folder.open_file(name, OFlags::RDWR, Mode::empty()) else { return false };
    file.metadata().is_ok_and(|metadata| metadata.is_file()) && try_lock(&file).unwrap_or(false)
}

const PREFIX: &str = ".keyward-";
const SUFFIX: &str = ".tmp";
