//! The new file: written under a temporary name, then given the real one.

use std::io;

use rustix::fs::Mode;

use super::attributes::{self, Lost};
use super::lock::Old;
use super::place::{Identity, Place};
use super::temporary::Temporary;
use super::walk::{Walk, failed, forbids_replacing};
use super::{Event, SaveError, Step};

/// Writes the bytes to a temporary file beside the real one, with its owner, attributes and mode, and forces
/// them to the disk.
pub(super) fn prepare<'p>(
    walk: &mut Walk<'_>,
    place: &'p Place,
    old: Option<&Old>,
    bytes: &[u8],
    private: bool,
) -> Result<(Temporary<'p>, Lost), SaveError> {
    let mut mode = Mode::RUSR | Mode::WUSR;
    if old.is_none() && !private {
        // The umask, or the folder's default access control list, takes away what it does for every new file.
        mode |= Mode::RGRP | Mode::WGRP | Mode::ROTH | Mode::WOTH;
    }
    let mut temporary = walk
        .attempt(Step::CreateTemporary, || Temporary::create(&place.folder, mode))
        .map_err(|source| refused(place, old, Step::CreateTemporary, source))?;
    walk.take(Step::WriteTemporary, &place.path, || temporary.write(bytes))?;
    let lost = walk
        .attempt(Step::KeepAttributes, || match old {
            Some(old) => attributes::keep(&old.file, &temporary.file),
            None => Ok(Lost::default()),
        })
        .map_err(|source| refused(place, old, Step::KeepAttributes, source))?;
    walk.take(Step::SyncTemporary, &place.path, || temporary.file.sync_all())?;
    Ok((temporary, lost))
}

/// Asserts that the file is still what was read. Only programs that take no lock can have changed it.
pub(super) fn compare(walk: &mut Walk<'_>, place: &Place, old: Option<&Old>) -> Result<(), SaveError> {
    let now = walk.take(Step::Compare, &place.path, || place.folder.look(&place.name))?;
    if now.as_ref().map(Identity::of) == old.map(|old| Identity::of(&old.stat)) {
        Ok(())
    } else {
        Err(SaveError::ChangedMeanwhile { path: place.path.clone() })
    }
}

/// Gives the temporary file the real name and forces that to the disk.
pub(super) fn finish(
    walk: &mut Walk<'_>,
    place: &Place,
    old: Option<&Old>,
    temporary: Temporary<'_>,
) -> Result<(), SaveError> {
    let renamed = walk.attempt(Step::Rename, || match old {
        Some(_) => temporary.replace(&place.name),
        None => temporary.publish(&place.name).map_err(|(_, error)| error),
    });
    if let Err(source) = renamed {
        return Err(if old.is_none() && source.kind() == io::ErrorKind::AlreadyExists {
            SaveError::ChangedMeanwhile { path: place.path.clone() }
        } else {
            refused(place, old, Step::Rename, source)
        });
    }
    if let Err(source) = walk.attempt(Step::SyncFolder, || place.folder.sync()) {
        walk.tell(Event::FolderNotSynced { folder: place.folder.path.clone(), source });
    }
    Ok(())
}

fn refused(place: &Place, old: Option<&Old>, step: Step, source: io::Error) -> SaveError {
    if old.is_some() && forbids_replacing(&source) {
        SaveError::CannotReplace { path: place.path.clone(), step, source }
    } else {
        failed(step, &place.path, source)
    }
}
