//! Links, mounts and full disks.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use keyward::save::{Effect, Options, SaveError, Step, UpdateError};
use rustix::io::Errno;

use super::{folder_with, in_place, names, skip, with_backup, write};

#[test]
fn symbolic_links_are_followed_and_stay() {
    let (folder, path) = folder_with("real", b"old");
    let links = tempfile::tempdir().unwrap();
    let link = links.path().join("link");
    symlink(&path, folder.path().join("first")).unwrap();
    symlink("first", folder.path().join("second")).unwrap();
    symlink(folder.path().join("second"), &link).unwrap();
    let outcome = write(&link, b"new", &with_backup()).0.unwrap();
    assert_eq!(outcome.path, path);
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(names(links.path()), ["link"]);
    assert_eq!(names(folder.path()), ["first", "real", "real.bak", "second"]);
}

#[test]
fn a_link_to_a_folder_is_no_hindrance() {
    let (folder, path) = folder_with("real", b"old");
    let links = tempfile::tempdir().unwrap();
    symlink(folder.path(), links.path().join("etc")).unwrap();
    write(&links.path().join("etc/real"), b"new", &Options::default()).0.unwrap();
    assert_eq!(fs::read(path).unwrap(), b"new");
}

#[test]
fn a_dangling_link_creates_its_target() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("sub")).unwrap();
    let link = folder.path().join("link");
    symlink("sub/target", &link).unwrap();
    let outcome = write(&link, b"new", &Options::default()).0.unwrap();
    assert_eq!(outcome.effect, Effect::Created);
    assert_eq!(fs::read(folder.path().join("sub/target")).unwrap(), b"new");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
}

/// The link behind `/dev/fd/N` names a pipe, or a file that is gone, by a text that is no path.
#[test]
#[cfg(target_os = "linux")]
fn what_has_no_name_is_no_file() {
    use std::os::fd::AsRawFd as _;
    let (folder, path) = folder_with("store", b"old");
    let removed = fs::File::open(&path).unwrap();
    let kept = fs::File::open(folder.path()).unwrap();
    fs::remove_file(&path).unwrap();
    let (pipe, _other_end) = std::io::pipe().unwrap();
    for (number, kind) in [
        (removed.as_raw_fd(), "nothing but an open descriptor"),
        (pipe.as_raw_fd(), "a named pipe"),
        (kept.as_raw_fd(), "a directory"),
    ] {
        let link = PathBuf::from(format!("/dev/fd/{number}"));
        let saved = write(&link, b"new", &Options::default()).0;
        let Err(UpdateError::Save(SaveError::NotAFile { kind: found, .. })) = saved else {
            panic!("{saved:?}")
        };
        assert_eq!(found, kind);
    }
    assert!(names(folder.path()).is_empty(), "{:?}", names(folder.path()));

    let (folder, path) = folder_with("store", b"old");
    let open = fs::File::open(&path).unwrap();
    let link = PathBuf::from(format!("/dev/fd/{}", open.as_raw_fd()));
    assert_eq!(write(&link, b"new", &Options::default()).0.unwrap().path, path);
    assert_eq!(names(folder.path()), ["store"]);
}

#[test]
fn links_that_go_round_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    symlink(&one, &two).unwrap();
    symlink(&two, &one).unwrap();
    for path in [one.clone(), one.join("file")] {
        let saved = write(&path, b"new", &Options::default()).0;
        assert!(matches!(saved, Err(UpdateError::Save(SaveError::TooManyLinks { .. }))), "{saved:?}");
    }
}

#[test]
fn a_full_disk_leaves_the_old_file() {
    let Some(disk) = Mount::new("a_full_disk_leaves_the_old_file", |folder| {
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", "size=64k", "keyward-test"]).arg(folder);
        command
    }) else {
        return;
    };
    let path = disk.path().join("store");
    let old = vec![1; 20_000];
    write(&path, &old, &Options::default()).0.unwrap();
    for options in [Options::default(), with_backup(), in_place()] {
        let saved = write(&path, &vec![2; 60_000], &options).0;
        let Err(UpdateError::Save(
            SaveError::Failed { step: Step::WriteTemporary | Step::Reserve, source, .. }
            | SaveError::Backup { source, .. },
        )) = saved
        else {
            panic!("{saved:?}")
        };
        assert_eq!(Errno::from_io_error(&source), Some(Errno::NOSPC));
        assert_eq!(fs::read(&path).unwrap(), old, "{options:?}");
        assert!(!names(disk.path()).iter().any(|name| name.ends_with(".tmp")));
    }
    let _ = fs::remove_file(disk.path().join("store.bak"));
    write(&path, &vec![3; 20_000], &Options::default()).0.unwrap();
}

#[test]
fn a_bind_mounted_file_can_only_be_written_in_place() {
    let (folder, path) = folder_with("store", b"old");
    let outside = tempfile::tempdir().unwrap();
    let source = outside.path().join("source");
    fs::write(&source, b"old").unwrap();
    let Some(_mount) = Mount::over(&path, "a_bind_mounted_file_can_only_be_written_in_place", || {
        let mut command = Command::new("mount");
        command.arg("--bind").arg(&source).arg(&path);
        command
    }) else {
        return;
    };
    let saved = write(&path, b"new", &Options::default()).0;
    let Err(UpdateError::Save(error @ SaveError::CannotReplace { step: Step::Rename, .. })) = saved else {
        panic!("{saved:?}")
    };
    assert!(error.in_place_may_help());
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(names(folder.path()), ["store"]);

    let outcome = write(&path, b"new", &in_place()).0.unwrap();
    assert_eq!(outcome.effect, Effect::WrittenInPlace);
    assert_eq!(fs::read(&source).unwrap(), b"new");
    assert_eq!(fs::read(folder.path().join("store.bak")).unwrap(), b"old");
}

#[test]
fn a_read_only_file_system_is_named() {
    let Some(disk) = Mount::new("a_read_only_file_system_is_named", |folder| {
        fs::write(folder.join("store"), b"hidden").unwrap();
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", "size=64k", "keyward-test"]).arg(folder);
        command
    }) else {
        return;
    };
    let path = disk.path().join("store");
    fs::write(&path, b"old").unwrap();
    let remount = Command::new("mount").args(["-o", "remount,ro"]).arg(disk.path()).status().unwrap();
    assert!(remount.success());
    let saved = write(&path, b"new", &Options::default()).0;
    assert!(matches!(saved, Err(UpdateError::Save(SaveError::ReadOnly { .. }))), "{saved:?}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

/// A mount that ends with the test.
struct Mount {
    path: PathBuf,
    _folder: Option<tempfile::TempDir>,
}

impl Mount {
    fn new(test: &str, command: impl FnOnce(&Path) -> Command) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let mut mount = Self::over(&path, test, || command(&path))?;
        mount._folder = Some(folder);
        Some(mount)
    }

    fn over(path: &Path, test: &str, command: impl FnOnce() -> Command) -> Option<Self> {
        match command().output() {
            Ok(output) if output.status.success() => Some(Self { path: path.to_owned(), _folder: None }),
            Ok(output) => {
                skip(test, &format!("nothing can be mounted: {}", String::from_utf8_lossy(&output.stderr)));
                None
            }
            Err(error) => {
                skip(test, &format!("nothing can be mounted: {error}"));
                None
            }
        }
    }

    fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.path).status();
    }
}
