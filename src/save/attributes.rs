//! The owner, the mode and the extended attributes of a file, given to the one that replaces it.
//!
//! What cannot be kept is told, and never widens who may read: each right of the old mode is given only
//! where it still means the same people.

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::{Gid, Mode, Uid, XattrFlags};
use rustix::io::Errno;

use super::Event;
use super::walk::{Walk, unsupported};
use crate::limits;

/// What could not be kept. It is told once the new file has its name: until then the old one is there, and has it all.
#[derive(Debug, Default)]
pub(super) struct Lost {
    /// The user and the group: those of the old file, and those that the new one has.
    owner: Option<((u32, u32), (u32, u32))>,
    /// Extended attributes.
    names: Vec<String>,
}

impl Lost {
    /// `path` is the new file.
    pub(super) fn tell(self, walk: &mut Walk<'_>, path: &Path) {
        if let Some((wanted, got)) = self.owner {
            walk.tell(Event::OwnerNotKept { path: path.to_owned(), wanted, got });
        }
        if !self.names.is_empty() {
            walk.tell(Event::AttributesNotKept { path: path.to_owned(), names: self.names });
        }
    }
}

/// Makes `new` look as `old` does.
pub(super) fn keep(old: &File, new: &File) -> io::Result<Lost> {
    let mut kept = Lost::default();
    let group_kept = keep_owner(old, new, &mut kept)?;
    let old_mode = Mode::from_raw_mode(rustix::fs::fstat(old)?.st_mode);
    let wanted = names(old)?;
    let inherited = names(new)?;

    // A folder's default list would come into force with the mode.
    if has_list(&inherited) && !has_list(&wanted) {
        rustix::fs::fremovexattr(new, ACCESS_LIST)?;
    }
    let mut mode = old_mode;
    if !group_kept {
        mode = for_another_group(old_mode);
    }
    let lost = &mut kept.names;
    // The list says in the group's bits of the mode what its named users may do; without it they are wrong.
    let list_kept = !has_list(&wanted) || (group_kept && copy(old, new, ACCESS_LIST).is_ok());
    if !list_kept {
        mode &= Mode::RWXU;
        lost.push(ACCESS_LIST.to_owned());
        if has_list(&inherited) {
            rustix::fs::fremovexattr(new, ACCESS_LIST)?;
        }
    }
    set_mode(new, mode)?;
    for name in wanted.iter().filter(|name| *name != ACCESS_LIST && !is_the_systems(name)) {
        if copy(old, new, name).is_err() {
            lost.push(name.clone());
        }
    }
    Ok(kept)
}

/// Gives the mode to a file that has another. Where all files have one mode, to set it may be forbidden.
fn set_mode(file: &File, mode: Mode) -> io::Result<()> {
    if Mode::from_raw_mode(rustix::fs::fstat(file)?.st_mode) != mode {
        rustix::fs::fchmod(file, mode)?;
    }
    Ok(())
}

/// The old mode, when its group has become another: neither the new group nor the old one, who are "others"
/// now, may do more than both were allowed.
pub(super) fn for_another_group(mode: Mode) -> Mode {
    let bits = mode.as_raw_mode();
    let common = (bits >> 3) & bits & 0o7;
    Mode::from_raw_mode((bits & 0o700) | (common << 3) | common)
}

/// Whether the group was kept. The user is the first to be lost, since only root gives files away.
fn keep_owner(old: &File, new: &File, lost: &mut Lost) -> io::Result<bool> {
    let wanted = owner(old)?;
    if owner(new)? != wanted {
        let (user, group) = (Uid::from_raw(wanted.0), Gid::from_raw(wanted.1));
        if rustix::fs::fchown(new, Some(user), Some(group)).is_err() {
            // The outcome is read from the file below.
            let _ = rustix::fs::fchown(new, None, Some(group));
        }
    }
    let got = owner(new)?;
    if got != wanted {
        lost.owner = Some((wanted, got));
    }
    Ok(got.1 == wanted.1)
}

fn owner(file: &File) -> io::Result<(u32, u32)> {
    let stat = rustix::fs::fstat(file)?;
    Ok((stat.st_uid, stat.st_gid))
}

fn has_list(names: &[String]) -> bool {
    names.iter().any(|name| name == ACCESS_LIST)
}

/// What the kernel computes or guards itself: the measures of IMA and EVM, and file capabilities, which a
/// file of data does not have.
fn is_the_systems(name: &str) -> bool {
    ["security.ima", "security.evm", "security.capability"].contains(&name) || name.starts_with("trusted.")
}

fn names(file: &File) -> io::Result<Vec<String>> {
    let mut buffer = vec![0; FEW_NAMES];
    let mut listed = rustix::fs::flistxattr(file, buffer.as_mut_slice());
    if listed == Err(Errno::RANGE) {
        buffer.resize(limits::ATTRIBUTE_BYTES, 0);
        listed = rustix::fs::flistxattr(file, buffer.as_mut_slice());
    }
    let length = match listed {
        Ok(length) => length,
        Err(errno) if unsupported(&errno.into()) => 0,
        Err(errno) => return Err(errno.into()),
    };
    buffer.truncate(length);
    let names = buffer.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    Ok(names.map(|name| String::from_utf8_lossy(name).into_owned()).collect())
}

fn copy(old: &File, new: &File, name: &str) -> Result<(), Errno> {
    let wanted = value(old, name)?;
    // A label that is right already need not be allowed to be set.
    if value(new, name).is_ok_and(|value| value == wanted) {
        return Ok(());
    }
    rustix::fs::fsetxattr(new, name, &wanted, XattrFlags::empty())
}

fn value(file: &File, name: &str) -> Result<Vec<u8>, Errno> {
    let mut buffer = vec![0; limits::ATTRIBUTE_BYTES];
    let length = rustix::fs::fgetxattr(file, name, buffer.as_mut_slice())?;
    buffer.truncate(length);
    Ok(buffer)
}

/// Room for the names that a file usually has: to clear room for all that a file may have takes as long as the
/// rest of a small save.
const FEW_NAMES: usize = 1024;

/// The POSIX access control list, on Linux.
const ACCESS_LIST: &str = "system.posix_acl_access";
