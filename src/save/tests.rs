use std::ffi::OsStr;
use std::fs;

use rustix::fs::Mode;

use super::attributes::for_another_group;
use super::place::Folder;
use super::temporary::{Temporary, is_temporary};
use super::{Change, Event, Observer, Step};

#[test]
fn only_names_that_a_save_makes_are_temporary() {
    for name in [".keyward-1-0.tmp", ".keyward-ffffffff-ffffffff.tmp", ".keyward-2a-1f.tmp"] {
        assert!(is_temporary(OsStr::new(name)), "{name}");
    }
    for name in [
        "keyward-1-0.tmp",
        ".keyward-.tmp",
        ".keyward--.tmp",
        ".keyward-1.tmp",
        ".keyward-1-.tmp",
        ".keyward-1-0",
        ".keyward-1-0-0.tmp",
        ".keyward-1-0.tmp.bak",
        ".keyward-A-0.tmp",
        ".keyward-+1-0.tmp",
        ".keyward-notes-1.tmp",
        ".keyward-123456789-0.tmp",
        ".keyward-trust.tmp",
    ] {
        assert!(!is_temporary(OsStr::new(name)), "{name}");
    }
}

#[test]
fn another_group_gets_no_more_than_old_group_and_others_had_both() {
    for (old, new) in
        [(0o640, 0o600), (0o644, 0o644), (0o664, 0o644), (0o604, 0o600), (0o4775, 0o755), (0o666, 0o666)]
    {
        assert_eq!(for_another_group(Mode::from_raw_mode(old)), Mode::from_raw_mode(new), "{old:o}");
    }
}

#[test]
fn a_closure_observes() {
    let mut seen = 0;
    let mut observer = |_: Event| seen += 1;
    let observer: &mut dyn Observer = &mut observer;
    observer.event(Event::Waiting { path: "x".into() });
    for step in Step::ALL {
        observer.before(*step).unwrap();
    }
    assert_eq!(seen, 1);
}

#[test]
fn without_a_rename_that_spares_a_link_takes_a_free_name() {
    let directory = tempfile::tempdir().unwrap();
    let folder = Folder::open(directory.path()).unwrap();
    let create = |bytes: &[u8]| {
        let mut temporary = Temporary::create(&folder, Mode::RUSR | Mode::WUSR).unwrap();
        temporary.write(bytes).unwrap();
        temporary
    };
    let store = directory.path().join("store");
    create(b"first").link_to_free(OsStr::new("store")).unwrap();
    assert_eq!(fs::read(&store).unwrap(), b"first");
    let error = create(b"second").link_to_free(OsStr::new("store")).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists);
    assert_eq!(fs::read(&store).unwrap(), b"first");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn a_temporary_file_goes_with_its_owner_and_spares_what_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let folder = Folder::open(directory.path()).unwrap();
    let first = Temporary::create(&folder, Mode::RUSR | Mode::WUSR).unwrap();
    let second = Temporary::create(&folder, Mode::RUSR | Mode::WUSR).unwrap();
    assert_ne!(first.path(), second.path());
    assert!(is_temporary(first.path().file_name().unwrap()));
    drop(first);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn a_change_does_not_show_its_bytes() {
    let change = Change::Write { bytes: vec![83, 69, 67], value: 7, private: true };
    assert_eq!(format!("{change:?}"), "Write { value: 7, private: true, .. }");
}
