//! Where a file really is: symbolic links followed, its folder opened.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Mode, OFlags, Stat};
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::walk::{Walk, failed};
use super::{SaveError, Step};
use crate::limits;

/// An open folder. All names are looked up in the descriptor, so that a folder that is renamed under way does
/// not mislead the save.
pub(super) struct Folder {
    pub(super) path: PathBuf,
    descriptor: OwnedFd,
    /// Whether it could be opened for reading: to be locked, listed and synchronized.
    pub(super) readable: bool,
}

/// The real file, which need not exist.
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) name: OsString,
    pub(super) folder: Folder,
}

/// What tells one state of a file from another: device, inode, size, times of change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity([i128; 7]);

impl Folder {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match rustix::fs::open(path, flags, Mode::empty()) {
            Ok(descriptor) => Ok(Self { path: path.to_owned(), descriptor, readable: true }),
            #[cfg(any(target_os = "linux", target_os = "android"))]
            Err(Errno::ACCESS) => {
                let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
                let descriptor = rustix::fs::open(path, flags, Mode::empty())?;
                Ok(Self { path: path.to_owned(), descriptor, readable: false })
            }
            Err(errno) => Err(errno.into()),
        }
    }

    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }

    /// Opens a file of this folder. A symbolic link is an error.
    pub(super) fn open_file(&self, name: &OsStr, flags: OFlags, mode: Mode) -> io::Result<File> {
        // NONBLOCK and NOCTTY: what was a file a moment ago may be a pipe or a terminal now.
        let flags = flags | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        Ok(File::from(rustix::fs::openat(&self.descriptor, name, flags, mode)?))
    }

    /// What is under the name, links not followed; `None` if nothing is.
    pub(super) fn look(&self, name: &OsStr) -> io::Result<Option<Stat>> {
        match rustix::fs::statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(stat)),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }

    pub(super) fn remove(&self, name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.descriptor, name, AtFlags::empty())?)
    }

    /// Forces names to the disk, where the file system knows how to.
    pub(super) fn sync(&self) -> io::Result<()> {
        if !self.readable {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the folder must not be read"));
        }
        match rustix::fs::fsync(&self.descriptor) {
            Err(errno) if !super::walk::unsupported(&errno.into()) => Err(errno.into()),
            _ => Ok(()),
        }
    }
}

impl Place {
    /// Follows the symbolic links and opens the folder. A link to nothing leads to where its file would be.
    pub(super) fn find(walk: &mut Walk<'_>, path: &Path) -> Result<Self, SaveError> {
        walk.take(Step::OpenFolder, path, || Ok(()))?;
        let real = follow(path)?;
        let Some(name) = real.file_name().filter(|_| !real.as_os_str().as_bytes().ends_with(b"/")) else {
            return Err(SaveError::NotAFile { path: real, kind: "a directory" });
        };
        let name = name.to_owned();
        let folder = match real.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let folder = Folder::open(folder).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => SaveError::NoFolder { folder: folder.to_owned(), path: real.clone() },
            _ => failed(Step::OpenFolder, &real, source),
        })?;
        Ok(Self { path: real, name, folder })
    }
}

impl Identity {
    pub(super) fn of(stat: &Stat) -> Self {
        Self([
            stat.st_dev.into(),
            stat.st_ino.into(),
            stat.st_size.into(),
            stat.st_mtime.into(),
            stat.st_mtime_nsec.into(),
            stat.st_ctime.into(),
            stat.st_ctime_nsec.into(),
        ])
    }

    /// Whether both are the same file, whatever its state.
    pub(super) fn same_file(&self, other: &Self) -> bool {
        self.0.iter().take(2).eq(other.0.iter().take(2))
    }
}

/// Reads a whole file, its bound kept. The bytes are zeroized: a keystore may hold keys in the clear.
pub(super) fn read_whole(file: &File, path: &Path, step: Step) -> Result<Zeroizing<Vec<u8>>, SaveError> {
    let too_large = || SaveError::TooLarge { path: path.to_owned(), limit: limits::FILE_BYTES };
    let length = file.metadata().map_err(|source| failed(step, path, source))?.len();
    if length > limits::FILE_BYTES {
        return Err(too_large());
    }
    // One byte more than the file has, so that the end is seen without growing (and so copying) the buffer.
    let capacity = usize::try_from(length).map_err(|_| too_large())?.saturating_add(1);
    let mut bytes = Zeroizing::new(Vec::new());
    bytes.try_reserve_exact(capacity).map_err(|error| failed(step, path, error.into()))?;
    let mut bounded = file.take(limits::FILE_BYTES.saturating_add(1));
    bounded.read_to_end(&mut bytes).map_err(|source| failed(step, path, source))?;
    if bytes.len() as u64 > limits::FILE_BYTES {
        return Err(too_large());
    }
    Ok(bytes)
}

/// Refuses what `/dev/fd/N` leads to without a name: the text of such a link is none.
fn refuse_nameless(path: &Path, target: &Path) -> Result<(), SaveError> {
    let Ok(metadata) = fs::metadata(path) else { return Ok(()) };
    // Another process may have made it since.
    if fs::symlink_metadata(target).is_ok() {
        return Ok(());
    }
    require_file(path, metadata.file_type())?;
    Err(SaveError::NotAFile { path: path.to_owned(), kind: "nothing but an open descriptor" })
}

/// Refuses what is not a regular file, by name.
pub(super) fn require_file(path: &Path, kind: FileType) -> Result<(), SaveError> {
    let kind = match kind {
        kind if kind.is_file() => return Ok(()),
        kind if kind.is_dir() => "a directory",
        kind if kind.is_fifo() => "a named pipe",
        kind if kind.is_socket() => "a socket",
        kind if kind.is_block_device() || kind.is_char_device() => "a device",
        _ => "something else",
    };
    Err(SaveError::NotAFile { path: path.to_owned(), kind })
}

fn follow(path: &Path) -> Result<PathBuf, SaveError> {
    let mut current = path.to_owned();
    for _ in 0..limits::SYMBOLIC_LINKS {
        let kind = match fs::symlink_metadata(&current) {
            Ok(metadata) => metadata.file_type(),
            // Nothing there yet; a missing folder is found when it is opened.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                refuse_nameless(path, &current)?;
                return Ok(current);
            }
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                let folder = current.parent().unwrap_or(&current).to_owned();
                return Err(SaveError::NoFolder { folder, path: current });
            }
            Err(error) if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => break,
            Err(source) => return Err(SaveError::Unreadable { path: current, source }),
        };
        if !kind.is_symlink() {
            require_file(&current, kind)?;
            return Ok(current);
        }
        let target = fs::read_link(&current).map_err(|source| failed(Step::OpenFolder, &current, source))?;
        current = current.parent().map_or_else(|| target.clone(), |folder| folder.join(&target));
    }
    Err(SaveError::TooManyLinks { path: path.to_owned() })
}
