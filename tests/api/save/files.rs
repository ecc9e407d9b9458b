//! What a save that works does to the files.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use keyward::save::{Change, Effect, Event, Options, read, update};
use rustix::fs::FlockOperation;

use super::{Recorder, append, folder_with, in_place, names, with_backup, write, write_with};

#[test]
fn a_file_that_is_not_there_is_created() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trust.p12");
    let outcome = write(&path, b"one", &Options::default()).0.unwrap();
    assert_eq!((outcome.effect, &outcome.path, outcome.backup), (Effect::Created, &path, None));
    assert_eq!(fs::read(&path).unwrap(), b"one");
    assert_eq!(names(folder.path()), ["trust.p12"]);
}

#[test]
fn a_file_that_is_there_is_replaced() {
    let (folder, path) = folder_with("trust.p12", b"one");
    let inode = fs::metadata(&path).unwrap().ino();
    let outcome = append(&path, " two", &Options::default()).unwrap();
    assert_eq!(outcome.effect, Effect::Replaced);
    assert_eq!(fs::read(&path).unwrap(), b"one two\n");
    assert_ne!(fs::metadata(&path).unwrap().ino(), inode);
    assert_eq!(names(folder.path()), ["trust.p12"]);
}

#[test]
fn an_empty_file_is_there() {
    let (_folder, path) = folder_with("trust.p12", b"");
    let seen = update(
        &path,
        &Options::default(),
        &mut |_: Event| {},
        |old| Ok::<_, std::io::Error>(Change::Keep(old.map(<[u8]>::len))),
        |_, _| Ok(()),
    );
    assert_eq!(seen.unwrap().value, Some(0));
}

#[test]
fn keep_writes_nothing() {
    let (folder, path) = folder_with("trust.p12", b"one");
    let before = fs::metadata(&path).unwrap();
    let mut recorder = Recorder::default();
    let outcome = update(
        &path,
        &with_backup(),
        &mut recorder,
        |_| Ok::<_, std::io::Error>(Change::Keep(7)),
        |_, _| panic!("nothing was written"),
    )
    .unwrap();
    assert_eq!((outcome.value, outcome.effect, outcome.backup), (7, Effect::Unchanged, None));
    let after = fs::metadata(&path).unwrap();
    assert_eq!((before.ino(), before.mtime_nsec()), (after.ino(), after.mtime_nsec()));
    assert_eq!(names(folder.path()), ["trust.p12"]);
}

#[test]
fn a_relative_path_without_a_folder_is_of_the_current_one() {
    let name = format!("keyward-save-test-{}.none", std::process::id());
    assert!(read(name.as_ref()).unwrap().is_none());
}

#[test]
fn read_gives_the_bytes_or_none() {
    let (folder, path) = folder_with("trust.p12", b"one");
    assert_eq!(read(&path).unwrap().unwrap().as_slice(), b"one");
    assert!(read(&folder.path().join("other")).unwrap().is_none());
}

#[test]
fn backups_are_numbered_and_never_overwritten() {
    let (folder, path) = folder_with("trust.p12", b"one");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    for (old, new, backup) in [("one", "two", "trust.p12.bak"), ("two", "three", "trust.p12.bak.1")] {
        let outcome = write(&path, new.as_bytes(), &with_backup()).0.unwrap();
        let made = outcome.backup.unwrap();
        assert_eq!(made, folder.path().join(backup));
        assert_eq!(fs::read_to_string(&made).unwrap(), old);
        assert_eq!(fs::metadata(&made).unwrap().mode() & 0o7777, 0o640);
    }
    assert_eq!(names(folder.path()), ["trust.p12", "trust.p12.bak", "trust.p12.bak.1"]);
}

#[test]
fn a_backup_of_the_same_content_is_taken_as_it_is() {
    let (folder, path) = folder_with("trust.p12", b"one");
    fs::write(folder.path().join("trust.p12.bak"), b"other").unwrap();
    fs::write(folder.path().join("trust.p12.bak.1"), b"one").unwrap();
    let outcome = write(&path, b"two", &with_backup()).0.unwrap();
    assert_eq!(outcome.backup, Some(folder.path().join("trust.p12.bak.1")));
    assert_eq!(names(folder.path()), ["trust.p12", "trust.p12.bak", "trust.p12.bak.1"]);
}

#[test]
fn nothing_to_back_up_is_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = write(&folder.path().join("trust.p12"), b"one", &with_backup()).0.unwrap();
    assert_eq!((outcome.effect, outcome.backup), (Effect::Created, None));
}

#[test]
fn in_place_keeps_the_inode_and_the_other_names_and_makes_a_backup() {
    for new in ["longer than before", "short", ""] {
        let (folder, path) = folder_with("trust.p12", b"old content");
        let other = folder.path().join("other-name");
        fs::hard_link(&path, &other).unwrap();
        let (outcome, events) = write(&path, new.as_bytes(), &in_place());
        let outcome = outcome.unwrap();
        assert_eq!(outcome.effect, Effect::WrittenInPlace);
        assert_eq!(fs::read_to_string(&other).unwrap(), new);
        assert_eq!(fs::read(outcome.backup.unwrap()).unwrap(), b"old content");
        assert!(events.is_empty(), "{events:?}");
    }
}

#[test]
fn hard_links_are_told_of() {
    let (folder, path) = folder_with("trust.p12", b"one");
    fs::hard_link(&path, folder.path().join("other")).unwrap();
    let (outcome, events) = write(&path, b"two", &Options::default());
    outcome.unwrap();
    assert!(matches!(events.as_slice(), [Event::OtherNames { others: 1, .. }]), "{events:?}");
    assert_eq!(fs::read(folder.path().join("other")).unwrap(), b"one");
}

#[test]
fn litter_of_stopped_processes_is_removed_and_nothing_else() {
    let (folder, path) = folder_with("trust.p12", b"one");
    let at = |name: &str| folder.path().join(name);
    for name in [".keyward-1-0.tmp", ".keyward-2-0.tmp", ".keyward-3.tmp", "x.tmp"] {
        fs::write(at(name), b"half").unwrap();
    }
    fs::create_dir(at(".keyward-4-0.tmp")).unwrap();
    std::os::unix::fs::symlink(&path, at(".keyward-5-0.tmp")).unwrap();
    let alive = fs::File::open(at(".keyward-2-0.tmp")).unwrap();
    rustix::fs::flock(&alive, FlockOperation::LockExclusive).unwrap();
    let (outcome, events) = write(&path, b"two", &Options::default());
    outcome.unwrap();
    assert!(
        matches!(events.as_slice(), [Event::LitterRemoved { path }] if *path == at(".keyward-1-0.tmp")),
        "{events:?}"
    );
    assert_eq!(
        names(folder.path()),
        [".keyward-2-0.tmp", ".keyward-3.tmp", ".keyward-4-0.tmp", ".keyward-5-0.tmp", "trust.p12", "x.tmp"]
    );
}

#[test]
fn the_steps_come_in_their_order() {
    use keyward::save::Step::*;
    let (_folder, path) = folder_with("trust.p12", b"one");
    let mut recorder = Recorder::default();
    write_with(&path, b"two", &with_backup(), &mut recorder).unwrap();
    assert_eq!(
        recorder.steps,
        [
            OpenFolder,
            LockFolder,
            OpenFile,
            LockFile,
            Read,
            RemoveLitter,
            CreateTemporary,
            WriteTemporary,
            KeepAttributes,
            SyncTemporary,
            ReadBack,
            CreateBackup,
            WriteBackup,
            SyncBackup,
            NameBackup,
            Compare,
            Rename,
            SyncFolder
        ]
    );
}
