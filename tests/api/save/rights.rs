//! Modes, owners, access control lists and other attributes.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

use keyward::save::{Change, Options, update};
use rustix::fs::XattrFlags;

use super::child::Task;
use super::{append, folder_with, is_root, skip, with_backup, write};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

#[test]
fn the_mode_is_kept() {
    for expected in [0o600, 0o640, 0o644, 0o660, 0o666, 0o200, 0o755] {
        let (_folder, path) = folder_with("store", b"old");
        fs::set_permissions(&path, fs::Permissions::from_mode(expected)).unwrap();
        if !is_root() && expected == 0o200 {
            continue;
        }
        let (saved, events) = write(&path, b"new", &Options::default());
        saved.unwrap();
        assert_eq!(mode(&path), expected, "{expected:o}");
        assert!(events.is_empty(), "{events:?}");
    }
}

#[test]
fn the_owner_is_kept() {
    if !is_root() {
        return skip("the_owner_is_kept", "only root can give files away");
    }
    let (_folder, path) = folder_with("store", b"old");
    chown(&path, Some(1234), Some(4321)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let (saved, events) = write(&path, b"new", &with_backup());
    for path in [path, saved.unwrap().backup.unwrap()] {
        let metadata = fs::metadata(&path).unwrap();
        assert_eq!((metadata.uid(), metadata.gid(), mode(&path)), (1234, 4321, 0o640));
    }
    assert!(events.is_empty(), "{events:?}");
}

#[test]
fn an_owner_that_cannot_be_kept_is_told_of_and_nobody_gains_a_right() {
    let test = "an_owner_that_cannot_be_kept_is_told_of_and_nobody_gains_a_right";
    for (old, new) in [(0o666, 0o666), (0o606, 0o600), (0o676, 0o666)] {
        let (folder, path) = folder_with("store", b"old");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(old)).unwrap();
        let Some(said) = Task::Write("new").as_nobody(&path, test) else { return };
        assert!(
            said.contains("belongs to user 65534 and group 65534 now; it was user 0 and group 0"),
            "{said}"
        );
        assert!(said.contains("done: Replaced"), "{said}");
        assert_eq!(mode(&path), new, "{old:o}");
    }
}

/// In a sticky folder the file of another user can be written, and not replaced: it keeps its owner then.
#[test]
fn nothing_is_said_to_be_lost_where_nothing_was_written() {
    let test = "nothing_is_said_to_be_lost_where_nothing_was_written";
    let (folder, path) = folder_with("store", b"old");
    fs::hard_link(&path, folder.path().join("other")).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o1777)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let Some(said) = Task::Write("new").as_nobody(&path, test) else { return };
    assert!(said.contains("error: ") && said.contains("cannot be replaced"), "{said}");
    assert!(!said.contains("belongs to") && !said.contains("hard links"), "{said}");
    assert_eq!(fs::read(&path).unwrap(), b"old");

    let Some(said) = Task::WriteInPlace("new").as_nobody(&path, test) else { return };
    assert!(said.contains("store.bak belongs to user 65534"), "{said}");
}

#[test]
fn a_new_file_gets_the_mode_of_any_new_file() {
    for (umask, expected) in [("022", 0o644), ("027", 0o640), ("000", 0o666), ("077", 0o600)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        let child = Task::Write("new").command(&path);
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("umask {umask}; exec \"$0\" \"$@\"")).arg(child.get_program());
        shell.args(child.get_args());
        shell.envs(child.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = shell.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(mode(&path), expected, "umask {umask}");
    }
}

#[test]
fn a_new_private_file_is_its_owners_from_the_first_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let temporary_modes = || {
        let entries = fs::read_dir(folder.path()).unwrap();
        entries.map(|entry| mode(&entry.unwrap().path())).collect::<Vec<_>>()
    };
    let mut seen = Vec::new();
    let step = keyward::save::Step::WriteTemporary;
    update(
        &path,
        &Options::default(),
        &mut super::Before(step, || seen = temporary_modes()),
        |_| Ok::<_, io::Error>(Change::Write { bytes: b"key".to_vec(), value: (), private: true }),
        |_, ()| Ok(()),
    )
    .unwrap();
    assert_eq!(seen, [0o600]);
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn extended_attributes_are_kept() {
    let (_folder, path) = folder_with("store", b"old");
    let file = File::open(&path).unwrap();
    if rustix::fs::fsetxattr(&file, "user.origin", b"registry", XattrFlags::empty()).is_err() {
        return skip("extended_attributes_are_kept", "the file system has none");
    }
    let (saved, events) = write(&path, b"new", &Options::default());
    saved.unwrap();
    assert_eq!(attribute(&path, "user.origin").unwrap(), b"registry");
    assert!(events.is_empty(), "{events:?}");
}

#[test]
fn many_extended_attributes_are_kept() {
    let (_folder, path) = folder_with("store", b"old");
    let file = File::open(&path).unwrap();
    let names: Vec<String> = (10..50).map(|number| format!("user.{}{number}", "long".repeat(7))).collect();
    for name in &names {
        if rustix::fs::fsetxattr(&file, name, b"1", XattrFlags::empty()).is_err() {
            return skip("many_extended_attributes_are_kept", "the file system has no room for them");
        }
    }
    let (saved, events) = write(&path, b"new", &Options::default());
    saved.unwrap();
    for name in &names {
        assert_eq!(attribute(&path, name).unwrap(), b"1");
    }
    assert!(events.is_empty(), "{events:?}");
}

#[test]
fn an_access_control_list_is_kept() {
    let (_folder, path) = folder_with("store", b"old");
    if !set_list(&path, "system.posix_acl_access", 0) {
        return skip("an_access_control_list_is_kept", "the file system has none");
    }
    let list = attribute(&path, "system.posix_acl_access").unwrap();
    assert_eq!(mode(&path), 0o640, "the mask stands in the group's place");
    let (saved, events) = write(&path, b"new", &Options::default());
    saved.unwrap();
    assert_eq!(attribute(&path, "system.posix_acl_access").unwrap(), list);
    assert_eq!(mode(&path), 0o640);
    assert!(events.is_empty(), "{events:?}");
}

#[test]
fn a_folders_default_list_gives_nobody_rights_to_an_old_file() {
    let (folder, path) = folder_with("store", b"old");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    if !set_list(folder.path(), "system.posix_acl_default", 0) {
        return skip("a_folders_default_list_gives_nobody_rights_to_an_old_file", "the file system has none");
    }
    write(&path, b"new", &Options::default()).0.unwrap();
    assert_eq!(attribute(&path, "system.posix_acl_access"), None);
    assert_eq!(mode(&path), 0o640);

    let new = folder.path().join("new");
    append(&new, "line", &Options::default()).unwrap();
    fs::write(folder.path().join("any"), b"").unwrap();
    assert_eq!(
        attribute(&new, "system.posix_acl_access"),
        attribute(&folder.path().join("any"), "system.posix_acl_access")
    );
}

#[test]
fn without_its_list_a_file_is_its_owners_alone() {
    let test = "without_its_list_a_file_is_its_owners_alone";
    let (folder, path) = folder_with("store", b"old");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    if !set_list(&path, "system.posix_acl_access", 6) {
        return skip(test, "the file system has no access control lists");
    }
    let Some(said) = Task::Write("new").as_nobody(&path, test) else { return };
    assert!(said.contains("has lost its attributes system.posix_acl_access"), "{said}");
    assert!(said.contains("done: Replaced"), "{said}");
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn attributes_of_the_backup_are_no_looser() {
    let (_folder, path) = folder_with("store", b"old");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let backup = write(&path, b"new", &with_backup()).0.unwrap().backup.unwrap();
    assert_eq!(mode(&backup), 0o600);
}

/// `user::rw-, user:1234:r--, group::---, mask::r--, other::<other>`, in the kernel's encoding
/// (`linux/posix_acl_xattr.h`).
fn set_list(path: &Path, name: &str, other: u16) -> bool {
    const NOBODY_IN_PARTICULAR: u32 = u32::MAX;
    let mut list = 2_u32.to_le_bytes().to_vec();
    for (tag, rights, id) in [
        (0x01_u16, 6_u16, NOBODY_IN_PARTICULAR),
        (0x02, 4, 1234),
        (0x04, 0, NOBODY_IN_PARTICULAR),
        (0x10, 4, NOBODY_IN_PARTICULAR),
        (0x20, other, NOBODY_IN_PARTICULAR),
    ] {
        list.extend(tag.to_le_bytes());
        list.extend(rights.to_le_bytes());
        list.extend(id.to_le_bytes());
    }
    rustix::fs::setxattr(path, name, &list, XattrFlags::empty()).is_ok()
}

fn attribute(path: &Path, name: &str) -> Option<Vec<u8>> {
    let mut buffer = vec![0; 4096];
    let length = rustix::fs::getxattr(path, name, buffer.as_mut_slice()).ok()?;
    buffer.truncate(length);
    Some(buffer)
}
