//! The one way by which a keystore file is changed.
//!
//! [`update`] locks, reads, lets the caller change what was read, writes the result to a temporary file
//! beside the real one, has the caller check what was written, and renames. A failure at any point, the end
//! of the process among them, leaves the old file as it was to the byte, or the new one whole.
//!
//! The lock is advisory (`flock`). Programs that take none, such as `keytool`, are noticed if they change
//! the file before the last look at it, immediately before the rename.
//!
//! For Unix: Linux and macOS.

mod attributes;
mod backup;
mod error;
mod in_place;
mod lock;
mod observer;
mod place;
mod replace;
mod temporary;
#[cfg(test)]
mod tests;
mod walk;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{Mode, OFlags};
use zeroize::Zeroizing;

pub use error::{SaveError, UpdateError};
pub use observer::{Event, Observer, Step};

use crate::limits;
use lock::Old;
use place::Place;
use walk::Walk;

/// How a file is to be saved.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long another writer's lock is waited for.
    pub lock_time: Duration,
    /// Whether the old file is kept as `<file>.bak`, or `<file>.bak.1` and so on where that name is taken by
    /// other content. A file that is written in place always is.
    pub backup: bool,
    /// Where a backup is made if it cannot be made beside the file.
    pub backup_folder: Option<PathBuf>,
    /// Whether an existing file is written over instead of replaced. It keeps its inode, and with it a bind
    /// mount and its hard links. **Not crash-safe**: a process that is stopped while it writes leaves a
    /// damaged file and a backup, and who reads meanwhile may see a part. Without effect on a new file.
    pub in_place: bool,
}

impl Default for Options {
    /// [`limits::LOCK_TIME`], no backup, replacement by a rename.
    fn default() -> Self {
        Self { lock_time: limits::LOCK_TIME, backup: false, backup_folder: None, in_place: false }
    }
}

/// What the caller makes of the old bytes, and a value that is handed on to the check and the result.
pub enum Change<T> {
    /// The file is to stay as it is.
    Keep(T),
    /// The file is to have new bytes.
    Write {
        /// All of them. They are zeroized after the save.
        bytes: Vec<u8>,
        /// The value.
        value: T,
        /// Whether they hold private or secret keys. A new file is then created with mode 0600, else with
        /// 0666 less the umask. An existing file keeps its mode.
        private: bool,
    },
}

/// The bytes, which may hold keys, are not shown.
impl<T: fmt::Debug> fmt::Debug for Change<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keep(value) => f.debug_tuple("Keep").field(value).finish(),
            Self::Write { value, private, .. } => f
                .debug_struct("Write")
                .field("value", value)
                .field("private", private)
                .finish_non_exhaustive(),
        }
    }
}

/// What a save did.
#[derive(Debug)]
pub struct Outcome<T> {
    /// The caller's value.
    pub value: T,
    /// The real file, symbolic links followed.
    pub path: PathBuf,
    /// What became of it.
    pub effect: Effect,
    /// The backup that holds the old content.
    pub backup: Option<PathBuf>,
}

/// What became of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing was to change, and nothing was written.
    Unchanged,
    /// There was no file.
    Created,
    /// The old file was replaced by a new one.
    Replaced,
    /// The old file was written over.
    WrittenInPlace,
}

/// Changes a file, or creates it.
///
/// `change` sees the old bytes under the lock (`None`: there is no file) and gives the new ones. `check` sees
/// the new ones as they were read back, before anyone else can see them, and may still refuse. Neither may
/// update a file of the same folder: it would wait for its own lock. When a file is written in place, `check`
/// sees the bytes before they are written, and what was written is held against them.
///
/// Mode, owner and extended attributes, access control lists among them, are kept, and told of where they
/// cannot be. Hard links are told of, and broken unless the file is written in place.
///
/// # Errors
///
/// [`UpdateError::Change`] and [`UpdateError::Check`] are the caller's own refusals, [`UpdateError::Save`] says
/// what the save could not do. In all cases the old file is untouched; the one exception is
/// [`SaveError::InPlace`] with `restored` false.
pub fn update<T, E>(
    path: &Path,
    options: &Options,
    observer: &mut dyn Observer,
    change: impl FnOnce(Option<&[u8]>) -> Result<Change<T>, E>,
    check: impl FnOnce(&[u8], &T) -> Result<(), E>,
) -> Result<Outcome<T>, UpdateError<E>> {
    let mut walk = Walk::new(observer);
    let place = Place::find(&mut walk, path)?;
    let old = Old::read(&mut walk, &place, options.lock_time)?;
    let old = old.as_ref();
    let (bytes, value, private) = match change(old.map(|old| old.bytes.as_slice())) {
        Ok(Change::Write { bytes, value, private }) => (Zeroizing::new(bytes), value, private),
        Ok(Change::Keep(value)) => {
            return Ok(Outcome { value, path: place.path, effect: Effect::Unchanged, backup: None });
        }
        Err(error) => return Err(UpdateError::Change(error)),
    };
    if let Some(old) = old {
        old.require_writable(&place.path)?;
    }
    if bytes.len() as u64 > limits::FILE_BYTES {
        let limit = limits::FILE_BYTES;
        return Err(SaveError::TooLarge { path: place.path, limit }.into());
    }
    // A failure is that of a convenience: the save itself goes on.
    let _ = temporary::remove_litter(&mut walk, &place.folder);

    let mut backup = None;
    let effect = if let Some(old) = old.filter(|_| options.in_place) {
        check(&bytes, &value).map_err(UpdateError::Check)?;
        let made = backup.insert(backup::make(&mut walk, &place, old, options)?);
        replace::compare(&mut walk, &place, Some(old))?;
        in_place::overwrite(&mut walk, &place, old, &bytes, made)?;
        Effect::WrittenInPlace
    } else {
        let (mut temporary, lost) = replace::prepare(&mut walk, &place, old, &bytes, private)?;
        walk.take(Step::ReadBack, &place.path, || Ok(()))?;
        let read = temporary.read_back(&bytes, Step::ReadBack)?;
        check(&read, &value).map_err(UpdateError::Check)?;
        if let Some(old) = old.filter(|_| options.backup) {
            backup = Some(backup::make(&mut walk, &place, old, options)?);
        }
        replace::compare(&mut walk, &place, old)?;
        let open_to = if old.is_none() && private { temporary.others_may() } else { None };
        replace::finish(&mut walk, &place, old, temporary)?;
        lost.tell(&mut walk, &place.path);
        if let Some(mode) = open_to {
            walk.tell(Event::NotPrivate { path: place.path.clone(), mode });
        }
        match old {
            Some(old) => {
                if old.other_names > 0 {
                    walk.tell(Event::OtherNames { path: place.path.clone(), others: old.other_names });
                }
                Effect::Replaced
            }
            None => Effect::Created,
        }
    };
    Ok(Outcome { value, path: place.path, effect, backup })
}

/// Refuses what [`update`] would refuse because it is no file, before anything is read of it: a pipe would be waited
/// for. Where nothing is, a file can be.
///
/// # Errors
///
/// [`SaveError::NotAFile`].
pub fn require_file(path: &Path) -> Result<(), SaveError> {
    match std::fs::metadata(path) {
        Ok(metadata) => place::require_file(path, metadata.file_type()),
        Err(_) => Ok(()),
    }
}

/// Reads a file as [`update`] would, without a lock: a save by rename is seen wholly or not at all. `None`:
/// there is no file. The bytes are zeroized when dropped.
///
/// # Errors
///
/// What is no file, must not be read or is larger than [`limits::FILE_BYTES`] is refused by name, and so is a
/// file in a folder that does not exist.
pub fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, SaveError> {
    let mut silent = |_: Event| {};
    let place = Place::find(&mut Walk::new(&mut silent), path)?;
    let file = match place.folder.open_file(&place.name, OFlags::RDONLY, Mode::empty()) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(SaveError::Unreadable { path: place.path, source }),
    };
    place::read_whole(&file, &place.path, Step::Read).map(Some)
}
