//! Why a save did not happen, or not wholly.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::Step;

/// A save did not happen. The old file is as it was, to the byte, but for [`SaveError::InPlace`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaveError {
    /// The path leads to something that cannot hold a keystore.
    #[error("{} is {kind}, not a file", path.display())]
    NotAFile {
        /// The real path.
        path: PathBuf,
        /// "a directory", "a device", …
        kind: &'static str,
    },
    /// The folder that the file should be in is not there.
    #[error("there is no folder {} for {}", folder.display(), path.display())]
    NoFolder {
        /// The missing folder.
        folder: PathBuf,
        /// The file that should be in it.
        path: PathBuf,
    },
    /// A chain of symbolic links that is endless, or longer than [`crate::limits::SYMBOLIC_LINKS`].
    #[error("{} leads through too many symbolic links", path.display())]
    TooManyLinks {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The old file is there and must not be read. Nothing can be kept of it, so it is not replaced.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// The old or the new content is larger than [`crate::limits::FILE_BYTES`].
    #[error("{} would need more than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The bound, in bytes.
        limit: u64,
    },
    /// The old file has no write permission, for this user or for anyone, or is on a read-only file system.
    #[error("{} is read-only", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// Another process held the lock for the whole time.
    #[error("{} is locked by another writer, for more than {} seconds", path.display(), waited.as_secs_f32())]
    Locked {
        /// The file.
        path: PathBuf,
        /// How long the lock was waited for.
        waited: Duration,
    },
    /// A program that takes no lock created, changed or removed the file in the meantime. Its work stands.
    #[error("{} was changed by another program in the meantime", path.display())]
    ChangedMeanwhile {
        /// The file.
        path: PathBuf,
    },
    /// The folder or the file system does not let the file be replaced by another, as with a file that is
    /// bind-mounted into a container. [`super::Options::in_place`] may work.
    #[error("{} cannot be replaced: {step} failed: {source}", path.display())]
    CannotReplace {
        /// The file.
        path: PathBuf,
        /// The step that failed.
        step: Step,
        /// What the system answered.
        source: io::Error,
    },
    /// The backup could not be made.
    #[error("no backup of {} could be made in {}: {step} failed: {source}", path.display(), folder.display())]
    Backup {
        /// The file that should be backed up.
        path: PathBuf,
        /// The folder that should hold the backup.
        folder: PathBuf,
        /// The step that failed.
        step: Step,
        /// What the system answered.
        source: io::Error,
    },
    /// What was read back is not what was written.
    #[error("{} reads back other bytes than were written", path.display())]
    ReadBack {
        /// The file that was written, a temporary or a backup perhaps.
        path: PathBuf,
    },
    /// Writing in place failed under way.
    #[error(
        "writing {} in place failed: {source}; {}",
        path.display(),
        if *restored { "its old content was written back" } else { "its content is damaged" }
    )]
    InPlace {
        /// The file.
        path: PathBuf,
        /// The whole old content.
        backup: PathBuf,
        /// Whether the old content could be put back into the file. Otherwise only the backup has it.
        restored: bool,
        /// The failure.
        source: Box<SaveError>,
    },
    /// Any other failure of a step.
    #[error("{}: {step} failed: {source}", path.display())]
    Failed {
        /// The file that the step concerned.
        path: PathBuf,
        /// The step.
        step: Step,
        /// What the system answered.
        source: io::Error,
    },
}

impl SaveError {
    /// Whether the same save with [`super::Options::in_place`] has a prospect of success.
    #[must_use]
    pub fn in_place_may_help(&self) -> bool {
        matches!(self, Self::CannotReplace { .. })
    }
}

/// An update did not happen: the caller's functions or the save refused.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError<E> {
    /// The change was refused by the function that was to make it. Nothing was written.
    #[error(transparent)]
    Change(E),
    /// The written bytes did not pass the caller's check. They were thrown away.
    #[error("the written file does not read back as meant: {0}")]
    Check(#[source] E),
    /// The save failed.
    #[error(transparent)]
    Save(#[from] SaveError),
}
