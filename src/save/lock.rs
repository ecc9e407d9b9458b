//! The advisory lock of a save, and the old file that is read under it.
//!
//! Two locks are taken, in this order: that of the folder, which also covers a file that does not exist yet,
//! and that of the old file. One of them alone would not do. A process that must not list the folder cannot
//! lock it, and a network file system may refuse to lock folders; then the file's lock is what that process
//! has in common with the others. Since the file is replaced by a rename, the lock on it counts only if the
//! name still leads to the locked file once the lock is held. And where there is neither, a new file is given
//! its name only if that is still free.

use std::fs::File;
use std::io::{self, Seek};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, Mode, OFlags, Stat};
use rustix::io::Errno;
use zeroize::Zeroizing;

use super::place::{Identity, Place, read_whole, require_file};
use super::walk::{Walk, failed, unsupported};
use super::{Event, SaveError, Step};
use crate::limits;

/// The old file: open, locked if it can be, and read.
pub(super) struct Old {
    pub(super) file: File,
    pub(super) bytes: Zeroizing<Vec<u8>>,
    pub(super) stat: Stat,
    /// How many further hard links it has.
    pub(super) other_names: u64,
    /// Whether this user may write it and anyone is meant to.
    writable: bool,
}

impl Old {
    /// Locks the place and reads its file. The folder's lock is held as long as `place` lives, the file's as
    /// long as the returned value does.
    pub(super) fn read(
        walk: &mut Walk<'_>,
        place: &Place,
        wait: Duration,
    ) -> Result<Option<Self>, SaveError> {
        let mut waiting = Waiting::new(&place.path, wait);
        let mut locked = false;
        let mut refusal = None;
        if place.folder.readable {
            match waiting.acquire(walk, Step::LockFolder, place.folder.descriptor())? {
                Held::Yes => locked = true,
                Held::Unsupported(error) => refusal = Some(error),
            }
        }
        let old = loop {
            let Some((file, opened_for_writing)) = open(walk, place)? else { break None };
            match waiting.acquire(walk, Step::LockFile, &file)? {
                Held::Yes => locked = true,
                Held::Unsupported(error) => refusal = Some(error),
            }
            let stat = stat(&file).map_err(|source| failed(Step::LockFile, &place.path, source))?;
            let now = place.folder.look(&place.name);
            let now = now.map_err(|source| failed(Step::LockFile, &place.path, source))?;
            if now.is_some_and(|now| Identity::of(&now).same_file(&Identity::of(&stat))) {
                break Some((file, stat, opened_for_writing));
            }
            waiting.pause(walk)?;
        };
        if let (false, Some(source)) = (locked, refusal) {
            walk.tell(Event::NotLocked { path: place.path.clone(), source });
        }
        let Some((file, stat, opened_for_writing)) = old else { return Ok(None) };
        walk.take(Step::Read, &place.path, || Ok(()))?;
        let (bytes, stat) = read_at_rest(&file, stat, &place.path)?;
        let writable = opened_for_writing && Mode::from_raw_mode(stat.st_mode).intersects(ANY_WRITE);
        let metadata = file.metadata().map_err(|source| failed(Step::Read, &place.path, source))?;
        let other_names = metadata.nlink().saturating_sub(1);
        Ok(Some(Self { file, bytes, stat, other_names, writable }))
    }

    /// Refuses a read-only file. Permission checks pass for root, hence the look at the mode: a file that
    /// nobody may write is not meant to be written.
    pub(super) fn require_writable(&self, path: &Path) -> Result<(), SaveError> {
        if self.writable { Ok(()) } else { Err(SaveError::ReadOnly { path: path.to_owned() }) }
    }
}

/// Takes a lock without waiting for it. `false`: another process has it.
pub(super) fn try_lock(descriptor: impl AsFd) -> io::Result<bool> {
    loop {
        match rustix::fs::flock(&descriptor, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(true),
            Err(Errno::WOULDBLOCK) => return Ok(false),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

const ANY_WRITE: Mode = Mode::WUSR.union(Mode::WGRP).union(Mode::WOTH);

enum Held {
    Yes,
    Unsupported(io::Error),
}

/// The time that is left for both locks together.
struct Waiting {
    path: PathBuf,
    start: Instant,
    limit: Duration,
    next_pause: Duration,
    told: bool,
}

impl Waiting {
    fn new(path: &Path, limit: Duration) -> Self {
        let next_pause = Duration::from_millis(1);
        Self { path: path.to_owned(), start: Instant::now(), limit, next_pause, told: false }
    }

    /// Polls, because a blocking lock could not be given up when the time is over.
    fn acquire(&mut self, walk: &mut Walk<'_>, step: Step, descriptor: impl AsFd) -> Result<Held, SaveError> {
        let mut answer = walk.attempt(step, || try_lock(&descriptor));
        loop {
            match answer {
                Ok(true) => return Ok(Held::Yes),
                Ok(false) => self.pause(walk)?,
                Err(error) if unsupported(&error) => return Ok(Held::Unsupported(error)),
                Err(error) => return Err(failed(step, &self.path, error)),
            }
            answer = try_lock(&descriptor);
        }
    }

    fn pause(&mut self, walk: &mut Walk<'_>) -> Result<(), SaveError> {
        let waited = self.start.elapsed();
        let Some(left) = self.limit.checked_sub(waited).filter(|left| !left.is_zero()) else {
            return Err(SaveError::Locked { path: self.path.clone(), waited: self.limit });
        };
        if !self.told && waited >= limits::LOCK_SILENCE {
            self.told = true;
            walk.tell(Event::Waiting { path: self.path.clone() });
        }
        thread::sleep(self.next_pause.min(left));
        self.next_pause = (self.next_pause * 2).min(LONGEST_PAUSE);
        Ok(())
    }
}

/// Between two looks at a lock.
const LONGEST_PAUSE: Duration = Duration::from_millis(32);

/// Opens the old file for writing, which shows whether it may be written and is what a network file system
/// wants to see before it locks; else for reading.
fn open(walk: &mut Walk<'_>, place: &Place) -> Result<Option<(File, bool)>, SaveError> {
    let path = &place.path;
    let open_with = |flags| place.folder.open_file(&place.name, flags, Mode::empty());
    let opened = walk.attempt(Step::OpenFile, || match open_with(OFlags::RDWR) {
        Ok(file) => Ok(Some((file, true))),
        Err(error) => match Errno::from_io_error(&error) {
            Some(Errno::NOENT) => Ok(None),
            Some(Errno::ACCESS | Errno::PERM | Errno::ROFS | Errno::TXTBSY) => {
                open_with(OFlags::RDONLY).map(|file| Some((file, false)))
            }
            _ => Err(error),
        },
    });
    let Some((file, writable)) =
        opened.map_err(|source| SaveError::Unreadable { path: path.clone(), source })?
    else {
        return Ok(None);
    };
    let metadata = file.metadata().map_err(|source| failed(Step::OpenFile, path, source))?;
    require_file(path, metadata.file_type())?;
    Ok(Some((file, writable)))
}

/// Reads the file until its state is the same before and after, and gives both. What a network file system, or one
/// in user space, says of a file may come out of its cache until the file is read; and who writes without a lock
/// may be in the middle of it.
fn read_at_rest(file: &File, mut before: Stat, path: &Path) -> Result<(Zeroizing<Vec<u8>>, Stat), SaveError> {
    for _ in 0..limits::READS {
        (&*file).rewind().map_err(|source| failed(Step::Read, path, source))?;
        let bytes = read_whole(file, path, Step::Read)?;
        let after = stat(file).map_err(|source| failed(Step::Read, path, source))?;
        if Identity::of(&after) == Identity::of(&before) {
            return Ok((bytes, after));
        }
        before = after;
    }
    Err(SaveError::ChangedMeanwhile { path: path.to_owned() })
}

fn stat(file: &File) -> io::Result<Stat> {
    Ok(rustix::fs::fstat(file)?)
}
