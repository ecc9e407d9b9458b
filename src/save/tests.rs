use std::ffi::OsStr;

use rustix::fs::Mode;

use super::attributes::for_another_group;
use super::temporary::is_temporary;
use super::{Event, Observer, Step};

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
