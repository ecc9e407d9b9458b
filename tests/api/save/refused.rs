//! What cannot be saved is refused by name, and nothing is touched.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use keyward::save::{Change, Event, Options, SaveError, UpdateError, read, update};

use super::child::Task;
use super::{folder_with, is_root, names, skip, write};

fn refusal(path: &Path) -> SaveError {
    match write(path, b"new", &Options::default()).0 {
        Err(UpdateError::Save(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_no_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &fifo,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
    let slash = folder.path().join("none/");
    for (path, kind) in [
        (folder.path(), "a directory"),
        (&fifo, "a named pipe"),
        (&folder.path().join("socket"), "a socket"),
        (Path::new("/dev/null"), "a device"),
        (Path::new("/"), "a directory"),
        (Path::new("."), "a directory"),
        (&folder.path().join(".."), "a directory"),
        (&slash, "a directory"),
    ] {
        let error = refusal(path);
        assert!(matches!(error, SaveError::NotAFile { kind: found, .. } if found == kind), "{error:?}");
        assert!(error.to_string().ends_with(&format!(" is {kind}, not a file")), "{error}");
        assert!(matches!(read(path), Err(SaveError::NotAFile { .. })));
    }
}

#[test]
fn a_missing_folder_is_named() {
    let (folder, path) = folder_with("file", b"");
    for (path, missing) in [
        (folder.path().join("none/store"), folder.path().join("none")),
        (folder.path().join("none/more/store"), folder.path().join("none/more")),
        (path.join("store"), path.clone()),
    ] {
        let error = refusal(&path);
        let SaveError::NoFolder { folder: named, .. } = &error else { panic!("{error:?}") };
        assert_eq!(*named, missing);
        assert_eq!(
            error.to_string(),
            format!("there is no folder {} for {}", missing.display(), path.display())
        );
    }
    assert_eq!(names(folder.path()), ["file"]);
}

#[test]
fn a_read_only_file_stays() {
    let (folder, path) = folder_with("store", b"old");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    assert!(matches!(refusal(&path), SaveError::ReadOnly { .. }));
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(names(folder.path()), ["store"]);
}

#[test]
fn a_read_only_file_that_is_not_to_change_is_no_failure() {
    let (_folder, path) = folder_with("store", b"old");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let outcome = update(
        &path,
        &Options::default(),
        &mut |_: Event| {},
        |old| Ok::<_, io::Error>(Change::Keep(old == Some(b"old"))),
        |_, _| Ok(()),
    );
    assert!(outcome.unwrap().value);
}

#[test]
fn the_callers_refusals_leave_everything() {
    let (folder, path) = folder_with("store", b"old");
    let refuse = |_: Option<&[u8]>| Err::<Change<()>, _>(io::Error::other("no such alias"));
    let saved = update(&path, &Options::default(), &mut |_: Event| {}, refuse, |_, ()| Ok(()));
    assert!(matches!(&saved, Err(UpdateError::Change(_))), "{saved:?}");
    assert_eq!(saved.unwrap_err().to_string(), "no such alias");

    for options in [Options::default(), super::with_backup(), super::in_place()] {
        let saved = update(
            &path,
            &options,
            &mut |_: Event| {},
            |_| Ok(Change::Write { bytes: b"new".to_vec(), value: "entry ca is gone", private: false }),
            |read, value| {
                assert_eq!(read, b"new");
                Err(io::Error::other(*value))
            },
        );
        assert!(matches!(&saved, Err(UpdateError::Check(_))), "{saved:?}");
        assert!(saved.unwrap_err().to_string().ends_with("as meant: entry ca is gone"));
    }
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(names(folder.path()), ["store"]);
}

/// keytool takes a store that it must not read for one that is not there, and overwrites it.
#[test]
fn a_file_that_must_not_be_read_is_not_overwritten() {
    let test = "a_file_that_must_not_be_read_is_not_overwritten";
    let (folder, path) = folder_with("store", b"old");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    for mode in [0o600, 0o602] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let Some(said) = Task::Write("new").as_nobody(&path, test) else { return };
        assert!(said.contains("store cannot be read: Permission denied"), "{said}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
    }
    assert_eq!(names(folder.path()), ["store"]);
}

#[test]
fn a_file_that_others_may_write_is_read_only_to_the_rest() {
    let test = "a_file_that_others_may_write_is_read_only_to_the_rest";
    let (folder, path) = folder_with("store", b"old");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let Some(said) = Task::Write("new").as_nobody(&path, test) else { return };
    assert!(said.contains("store is read-only"), "{said}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

#[test]
fn a_folder_that_must_not_be_written_is_named_and_in_place_helps() {
    let test = "a_folder_that_must_not_be_written_is_named_and_in_place_helps";
    let (folder, path) = folder_with("store", b"old");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let Some(said) = Task::Write("new").as_nobody(&path, test) else { return };
    assert!(
        said.contains("cannot be replaced: creating the temporary file failed: Permission denied"),
        "{said}"
    );
    let Some(said) = Task::WriteInPlace("new").as_nobody(&path, test) else { return };
    assert!(said.contains("no backup of "), "{said}");
    assert_eq!(fs::read(&path).unwrap(), b"old");

    let elsewhere = tempfile::tempdir().unwrap();
    fs::set_permissions(elsewhere.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let mut command = Task::WriteInPlace("new").command(&path);
    command.env("KEYWARD_TEST_BACKUP", elsewhere.path());
    std::os::unix::process::CommandExt::uid(&mut command, 65534);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("done: WrittenInPlace"), "{said}");
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(fs::read(elsewhere.path().join("store.bak")).unwrap(), b"old");
    assert_eq!(names(elsewhere.path()), ["store.bak"]);
}

#[test]
fn an_immutable_file_is_read_only() {
    let test = "an_immutable_file_is_read_only";
    let (_folder, path) = folder_with("store", b"old");
    let set = |flag: &str| {
        let mut command = std::process::Command::new("chattr");
        command.arg(flag).arg(&path).output().is_ok_and(|output| output.status.success())
    };
    if !is_root() || !set("+i") {
        return skip(test, "no file can be made immutable");
    }
    let error = refusal(&path);
    set("-i");
    assert!(matches!(error, SaveError::ReadOnly { .. }), "{error:?}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
}
