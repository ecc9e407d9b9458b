//! Writing over the old file, for where it cannot be replaced. Not crash-safe: a process that is stopped
//! under way leaves a mixture, and the backup.

use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::lock::Old;
use super::place::{Place, read_whole};
use super::walk::Walk;
use super::{SaveError, Step};

/// Writes the bytes over the old ones. On a failure the old ones are written back, if the disk lets.
pub(super) fn overwrite(
    walk: &mut Walk<'_>,
    place: &Place,
    old: &Old,
    bytes: &[u8],
    backup: &Path,
) -> Result<(), SaveError> {
    // A full disk is to be found before anything is touched.
    walk.take(Step::Reserve, &place.path, || reserve(old, bytes.len()))?;
    let Err(source) = write(walk, place, old, bytes) else { return Ok(()) };
    let restored = put(old, &old.bytes).and_then(|()| old.file.sync_all()).is_ok();
    Err(SaveError::InPlace {
        path: place.path.clone(),
        backup: backup.to_owned(),
        restored,
        source: Box::new(source),
    })
}

fn write(walk: &mut Walk<'_>, place: &Place, old: &Old, bytes: &[u8]) -> Result<(), SaveError> {
    walk.take(Step::Overwrite, &place.path, || put(old, bytes))?;
    walk.take(Step::SyncFile, &place.path, || old.file.sync_all())?;
    walk.take(Step::ReadBackFile, &place.path, || io::Seek::rewind(&mut &old.file))?;
    let read = read_whole(&old.file, &place.path, Step::ReadBackFile)?;
    if read.as_slice() == bytes { Ok(()) } else { Err(SaveError::ReadBack { path: place.path.clone() }) }
}

/// The length comes last, so that a failing write has not yet given room of the old content away.
fn put(old: &Old, bytes: &[u8]) -> io::Result<()> {
    old.file.write_all_at(bytes, 0)?;
    old.file.set_len(bytes.len() as u64)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn reserve(old: &Old, length: usize) -> io::Result<()> {
    use rustix::fs::FallocateFlags;
    if length <= old.bytes.len() {
        return Ok(());
    }
    match rustix::fs::fallocate(&old.file, FallocateFlags::KEEP_SIZE, 0, length as u64) {
        Err(errno) if !super::walk::unsupported(&errno.into()) => Err(errno.into()),
        _ => Ok(()),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn reserve(_old: &Old, _length: usize) -> io::Result<()> {
    Ok(())
}
