//! The copy of the old file that stays.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Mode, OFlags};

use super::attributes::{self, Lost};
use super::lock::Old;
use super::place::{Folder, Place, read_whole};
use super::temporary::{Temporary, remove_litter};
use super::walk::Walk;
use super::{Options, SaveError, Step};
use crate::limits;

/// Copies the old file to `<file>.bak` beside it, or into the folder of the options if that fails, with the
/// old file's mode and owner. A backup of other content is never overwritten: `.bak.1`, `.bak.2` … follow.
/// One of the same content is taken as it is.
pub(super) fn make(
    walk: &mut Walk<'_>,
    place: &Place,
    old: &Old,
    options: &Options,
) -> Result<PathBuf, SaveError> {
    let beside = copy(walk, place, old, &place.folder);
    let (Err(_), Some(elsewhere)) = (&beside, &options.backup_folder) else { return beside };
    let folder = Folder::open(elsewhere).map_err(|source| SaveError::Backup {
        path: place.path.clone(),
        folder: elsewhere.clone(),
        step: Step::CreateBackup,
        source,
    })?;
    // A failure is that of a convenience.
    let _ = remove_litter(walk, &folder);
    copy(walk, place, old, &folder)
}

fn copy(walk: &mut Walk<'_>, place: &Place, old: &Old, folder: &Folder) -> Result<PathBuf, SaveError> {
    let failed = |step| {
        move |source| SaveError::Backup {
            path: place.path.clone(),
            folder: folder.path.clone(),
            step,
            source,
        }
    };
    let mut written = None;
    for number in 0..limits::FILE_NAMES {
        let name = name(&place.name, number);
        if let Some(existing) = folder.look(&name).map_err(failed(Step::NameBackup))? {
            if FileType::from_raw_mode(existing.st_mode) == FileType::RegularFile
                && holds(folder, &name, &old.bytes)
            {
                return Ok(folder.path.join(name));
            }
            continue;
        }
        let (temporary, lost) = match written.take() {
            Some(written) => written,
            None => write(walk, old, folder, failed)?,
        };
        match walk
            .attempt(Step::NameBackup, || Ok(temporary.publish(&name)))
            .map_err(failed(Step::NameBackup))?
        {
            Ok(()) => {
                folder.sync().map_err(failed(Step::NameBackup))?;
                let path = folder.path.join(name);
                lost.tell(walk, &path);
                return Ok(path);
            }
            Err((temporary, error)) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                written = Some((temporary, lost));
            }
            Err((_, error)) => return Err(failed(Step::NameBackup)(error)),
        }
    }
    Err(failed(Step::NameBackup)(std::io::ErrorKind::AlreadyExists.into()))
}

fn write<'f, F>(
    walk: &mut Walk<'_>,
    old: &Old,
    folder: &'f Folder,
    failed: impl Fn(Step) -> F,
) -> Result<(Temporary<'f>, Lost), SaveError>
where
    F: FnOnce(std::io::Error) -> SaveError,
{
    let create = || Temporary::create(folder, Mode::RUSR | Mode::WUSR);
    let mut temporary = walk.attempt(Step::CreateBackup, create).map_err(failed(Step::CreateBackup))?;
    walk.attempt(Step::WriteBackup, || temporary.write(&old.bytes)).map_err(failed(Step::WriteBackup))?;
    let lost = attributes::keep(&old.file, &temporary.file).map_err(failed(Step::WriteBackup))?;
    walk.attempt(Step::SyncBackup, || temporary.file.sync_all()).map_err(failed(Step::SyncBackup))?;
    temporary.read_back(&old.bytes, Step::SyncBackup)?;
    Ok((temporary, lost))
}

fn name(file: &OsStr, number: u32) -> OsString {
    let mut name = file.to_owned();
    name.push(".bak");
    if number > 0 {
        name.push(format!(".{number}"));
    }
    name
}

/// Whether there is a durable copy of these bytes under the name. What cannot be read is none.
fn holds(folder: &Folder, name: &OsStr, bytes: &[u8]) -> bool {
    folder.open_file(name, OFlags::RDONLY, Mode::empty()).is_ok_and(|file| {
        file.metadata().is_ok_and(|metadata| metadata.len() == bytes.len() as u64)
            && read_whole(&file, Path::new(name), Step::NameBackup).is_ok_and(|read| read.as_slice() == bytes)
            && file.sync_all().is_ok()
    })
}
