//! Saves: nothing lost, ever.

mod child;
mod files;
mod interrupted;
mod parallel;
mod places;
mod refused;
mod rights;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use keyward::save::{Change, Event, Observer, Options, Outcome, Step, UpdateError, update};
use rustix::io::Errno;

/// Records a save, and makes a step of it fail.
#[derive(Default)]
struct Recorder {
    events: Vec<Event>,
    steps: Vec<Step>,
    fault: Option<(Step, Errno)>,
}

impl Recorder {
    fn failing(step: Step, errno: Errno) -> Self {
        Self { fault: Some((step, errno)), ..Self::default() }
    }
}

impl Observer for Recorder {
    fn event(&mut self, event: Event) {
        self.events.push(event);
    }

    fn before(&mut self, step: Step) -> io::Result<()> {
        self.steps.push(step);
        match self.fault {
            Some((at, errno)) if at == step => Err(errno.into()),
            _ => Ok(()),
        }
    }
}

/// Runs a function before a step.
struct Before<F: FnMut()>(Step, F);

impl<F: FnMut()> Observer for Before<F> {
    fn event(&mut self, _event: Event) {}

    fn before(&mut self, step: Step) -> io::Result<()> {
        if step == self.0 {
            (self.1)();
        }
        Ok(())
    }
}

type Saved = Result<Outcome<()>, UpdateError<io::Error>>;

fn write_with(path: &Path, bytes: &[u8], options: &Options, observer: &mut dyn Observer) -> Saved {
    update(
        path,
        options,
        observer,
        |_| Ok(Change::Write { bytes: bytes.to_vec(), value: (), private: false }),
        |read, ()| if read == bytes { Ok(()) } else { Err(io::Error::other("other bytes")) },
    )
}

fn write(path: &Path, bytes: &[u8], options: &Options) -> (Saved, Vec<Event>) {
    let mut recorder = Recorder::default();
    let saved = write_with(path, bytes, options, &mut recorder);
    (saved, recorder.events)
}

/// Adds a line to what is there, slowly.
fn append(path: &Path, line: &str, options: &Options) -> Saved {
    update(
        path,
        options,
        &mut |_: Event| {},
        |old| {
            let mut bytes = old.unwrap_or_default().to_vec();
            bytes.extend(line.as_bytes());
            bytes.push(b'\n');
            // So that writers that did not exclude each other would meet.
            thread::sleep(Duration::from_millis(2));
            Ok(Change::Write { bytes, value: (), private: false })
        },
        |_, ()| Ok(()),
    )
}

fn in_place() -> Options {
    Options { in_place: true, ..Options::default() }
}

fn with_backup() -> Options {
    Options { backup: true, ..Options::default() }
}

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn folder_with(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn skip(test: &str, reason: &str) {
    eprintln!("skipped: {test}: {reason}");
}
