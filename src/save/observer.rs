//! What a save tells while it runs, and the seam at which a test makes a step of it fail.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Follows a save. A closure over [`Event`] is one.
pub trait Observer {
    /// Something that a person ought to know; the save goes on.
    fn event(&mut self, event: Event);

    /// Called before each step is taken.
    ///
    /// # Errors
    ///
    /// An error is treated as the failure of the step itself, which is then not taken. The default never
    /// gives one: it is the place where tests make a disk full or stop the process.
    fn before(&mut self, _step: Step) -> io::Result<()> {
        Ok(())
    }
}

impl<F: FnMut(Event)> Observer for F {
    fn event(&mut self, event: Event) {
        self(event);
    }
}

/// What is not a failure, yet must not go unsaid.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// The lock has been another process's for a second; the save waits on.
    Waiting {
        /// The file that is to change.
        path: PathBuf,
    },
    /// The file system knows no locks: another writer at the same time would go unnoticed, unless it is done
    /// before the last look at the file.
    NotLocked {
        /// The file that is to change.
        path: PathBuf,
        /// What the file system answered.
        source: io::Error,
    },
    /// The file has further hard links. They keep the old content.
    OtherNames {
        /// The file that is to change.
        path: PathBuf,
        /// How many other names it has.
        others: u64,
    },
    /// The new file could not be given the old one's user or group. Rights that would have come to mean
    /// other people were taken from its mode.
    OwnerNotKept {
        /// The file that lost its owner, a backup perhaps.
        path: PathBuf,
        /// The user and the group of the old file.
        wanted: (u32, u32),
        /// The user and the group that the new one has.
        got: (u32, u32),
    },
    /// Extended attributes that could not be given to the new file. Without the access control list of the
    /// old one the new file is its owner's alone.
    AttributesNotKept {
        /// The file that lacks them, a backup perhaps.
        path: PathBuf,
        /// Their names.
        names: Vec<String>,
    },
    /// The new file holds keys, and was to be its owner's alone, but the file system gives it another mode.
    NotPrivate {
        /// The new file.
        path: PathBuf,
        /// The rights in its mode.
        mode: u64,
    },
    /// A temporary file that a stopped process had left was removed.
    LitterRemoved {
        /// The file that is gone.
        path: PathBuf,
    },
    /// The new file is in its place, but the folder could not be synchronized: a power cut may yet bring the
    /// old one back.
    FolderNotSynced {
        /// The folder.
        folder: PathBuf,
        /// What the file system answered.
        source: io::Error,
    },
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting { path } => write!(f, "waiting for another writer of {}", path.display()),
            Self::NotLocked { path, source } => {
                write!(f, "{} could not be locked against other writers: {source}", path.display())
            }
            Self::OtherNames { path, others } => write!(
                f,
                "{} has {others} other {} (hard links), which keep the old content",
                path.display(),
                if *others == 1 { "name" } else { "names" }
            ),
            Self::OwnerNotKept { path, wanted, got } => write!(
                f,
                "{} belongs to user {} and group {} now; it was user {} and group {}",
                path.display(),
                got.0,
                got.1,
                wanted.0,
                wanted.1
            ),
            Self::AttributesNotKept { path, names } => {
                write!(f, "{} has lost its attributes {}", path.display(), names.join(", "))
            }
            Self::NotPrivate { path, mode } => write!(
                f,
                "{} has the mode {mode:o} on this file system, and others may read the keys in it",
                path.display()
            ),
            Self::LitterRemoved { path } => {
                write!(f, "removed {}, which a stopped process had left", path.display())
            }
            Self::FolderNotSynced { folder, source } => write!(
                f,
                "the change is made, but may not outlive a power cut: {} could not be synchronized: {source}",
                folder.display()
            ),
        }
    }
}

macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident => $text:literal,)+) => {
        /// The steps of a save, in their order. Which of them are taken depends on the [options](super::Options)
        /// and on whether there is a file yet.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Step { $($(#[$doc])* $name,)+ }

        impl Step {
            /// Every step.
            pub const ALL: &[Self] = &[$(Self::$name,)+];
        }

        impl fmt::Display for Step {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$name => $text,)+ })
            }
        }
    };
}

steps! {
    /// Symbolic links are followed and the folder is opened.
    OpenFolder => "opening the folder",
    /// The lock on the folder is waited for.
    LockFolder => "locking the folder",
    /// The old file is opened, if there is one.
    OpenFile => "opening the file",
    /// The lock on the old file is waited for.
    LockFile => "locking the file",
    /// The old file is read.
    Read => "reading the file",
    /// Temporary files of stopped processes are removed. A failure is ignored.
    RemoveLitter => "removing old temporary files",
    /// The temporary file is created.
    CreateTemporary => "creating the temporary file",
    /// The new bytes are written into it.
    WriteTemporary => "writing the temporary file",
    /// It is given the old file's owner, attributes and mode.
    KeepAttributes => "keeping the owner and the mode",
    /// It is forced to the disk.
    SyncTemporary => "synchronizing the temporary file",
    /// It is read again, for the caller's check.
    ReadBack => "reading back the temporary file",
    /// The backup is created, under a temporary name.
    CreateBackup => "creating the backup",
    /// The old bytes are written into the backup.
    WriteBackup => "writing the backup",
    /// The backup is forced to the disk.
    SyncBackup => "synchronizing the backup",
    /// The backup gets its name.
    NameBackup => "naming the backup",
    /// The old file is held against what was read.
    Compare => "comparing the file with what was read",
    /// The temporary file takes the old file's name.
    Rename => "renaming the temporary file",
    /// The folder is forced to the disk.
    SyncFolder => "synchronizing the folder",
    /// In place only: room for the new bytes is reserved.
    Reserve => "reserving room in the file",
    /// In place only: the new bytes are written over the old ones.
    Overwrite => "writing the file in place",
    /// In place only: the file is forced to the disk.
    SyncFile => "synchronizing the file",
    /// In place only: the file is read again.
    ReadBackFile => "reading back the file",
}
