//! Many writers at once keep every update.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use keyward::save::{Event, Options, SaveError, UpdateError};
use rustix::fs::FlockOperation;

use super::child::Task;
use super::{append, folder_with, names, write};

const WRITERS: usize = 32;

#[test]
fn thirty_two_processes_create_and_extend_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    extend(&path, &[]);
    assert_eq!(names(folder.path()), ["store"]);
}

#[test]
fn thirty_two_processes_extend_an_existing_file() {
    let (folder, path) = folder_with("store", b"first\n");
    extend(&path, &["first"]);
    assert_eq!(names(folder.path()), ["store"]);
}

fn extend(path: &Path, already: &[&str]) {
    let lines: Vec<_> = (0..WRITERS).map(|number| format!("line-{number}")).collect();
    append_at_once(path, &lines, |_, _| {});
    assert_lines(path, already.iter().copied().chain(lines.iter().map(String::as_str)));
}

/// Starts a process for each line and lets them go together.
fn append_at_once(path: &Path, lines: &[String], prepare: impl Fn(usize, &mut Command)) {
    let gate = tempfile::NamedTempFile::new().unwrap();
    fs::set_permissions(gate.path(), fs::Permissions::from_mode(0o644)).unwrap();
    rustix::fs::flock(gate.as_file(), FlockOperation::LockExclusive).unwrap();
    let start = |(number, line): (usize, &String)| {
        let mut command = Task::Append(line).command(path);
        prepare(number, command.env("KEYWARD_TEST_GATE", gate.path()));
        command.spawn().unwrap()
    };
    let children: Vec<_> = lines.iter().enumerate().map(start).collect();
    rustix::fs::flock(gate.as_file(), FlockOperation::Unlock).unwrap();
    for child in children {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("done: "), "{said}");
    }
}

fn assert_lines<'a>(path: &Path, expected: impl Iterator<Item = &'a str>) {
    let text = fs::read_to_string(path).unwrap();
    let expected: BTreeSet<_> = expected.collect();
    assert_eq!(text.lines().count(), expected.len(), "{text}");
    assert_eq!(text.lines().collect::<BTreeSet<_>>(), expected);
}

#[test]
fn threads_exclude_each_other_too() {
    let (_folder, path) = folder_with("store", b"");
    let lines: Vec<_> = (0..WRITERS).map(|number| format!("line-{number}")).collect();
    thread::scope(|scope| {
        for line in &lines {
            scope.spawn(|| append(&path, line, &Options::default()).unwrap());
        }
    });
    assert_lines(&path, lines.iter().map(String::as_str));
}

/// Half of the writers can lock the folder, the others only the file.
#[test]
fn writers_that_cannot_list_the_folder_share_a_lock_with_those_that_can() {
    let test = "writers_that_cannot_list_the_folder_share_a_lock_with_those_that_can";
    let (folder, path) = folder_with("store", b"first\n");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o733)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    if Task::Append("first-of-nobody").as_nobody(&path, test).is_none() {
        return;
    }
    let lines: Vec<_> = (0..WRITERS).map(|number| format!("line-{number}")).collect();
    append_at_once(&path, &lines, |number, command| {
        if number % 2 == 0 {
            command.uid(65534).gid(65534);
        }
    });
    assert_lines(&path, ["first", "first-of-nobody"].into_iter().chain(lines.iter().map(String::as_str)));
    assert_eq!(names(folder.path()), ["store"]);
}

#[test]
fn a_lock_is_waited_for_only_so_long() {
    let (folder, path) = folder_with("store", b"old");
    for locked in [folder.path(), &path] {
        let holder = fs::File::open(locked).unwrap();
        rustix::fs::flock(&holder, FlockOperation::LockExclusive).unwrap();
        let start = Instant::now();
        let options = Options { lock_time: Duration::from_millis(120), ..Options::default() };
        let (saved, events) = write(&path, b"new", &options);
        assert!(start.elapsed() >= Duration::from_millis(120));
        let Err(UpdateError::Save(error @ SaveError::Locked { .. })) = saved else { panic!("{saved:?}") };
        assert!(error.to_string().ends_with("store is locked by another writer, for more than 0.12 seconds"));
        assert!(events.is_empty(), "{events:?}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
    }
    assert_eq!(names(folder.path()), ["store"]);
}

#[test]
fn a_person_is_told_of_a_long_wait_once() {
    let (folder, path) = folder_with("store", b"old");
    let holder = fs::File::open(folder.path()).unwrap();
    rustix::fs::flock(&holder, FlockOperation::LockExclusive).unwrap();
    let (told, wait_for_told) = mpsc::channel();
    let writer = {
        let path = path.clone();
        thread::spawn(move || {
            let mut observer = |event: Event| told.send(event.to_string()).unwrap();
            super::write_with(&path, b"new", &Options::default(), &mut observer).unwrap();
        })
    };
    let event = wait_for_told.recv_timeout(Duration::from_secs(20)).unwrap();
    assert_eq!(event, format!("waiting for another writer of {}", path.display()));
    assert_eq!(fs::read(&path).unwrap(), b"old");
    drop(holder);
    writer.join().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert!(wait_for_told.recv().is_err(), "told once");
}

#[test]
fn a_lock_that_the_file_system_does_not_know_is_told_of() {
    let (_folder, path) = folder_with("store", b"old");
    struct NoLocks(Vec<Event>);
    impl keyward::save::Observer for NoLocks {
        fn event(&mut self, event: Event) {
            self.0.push(event);
        }
        fn before(&mut self, step: keyward::save::Step) -> std::io::Result<()> {
            use keyward::save::Step::{LockFile, LockFolder};
            if matches!(step, LockFile | LockFolder) {
                return Err(rustix::io::Errno::NOLCK.into());
            }
            Ok(())
        }
    }
    let mut observer = NoLocks(Vec::new());
    super::write_with(&path, b"new", &Options::default(), &mut observer).unwrap();
    assert!(matches!(observer.0.as_slice(), [Event::NotLocked { .. }]), "{:?}", observer.0);
    assert_eq!(fs::read(&path).unwrap(), b"new");
}
