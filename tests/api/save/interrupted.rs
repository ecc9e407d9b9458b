//! Failures and SIGKILL at every step: the old file or the new one, whole.

use std::collections::HashSet;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use keyward::save::{Effect, Event, Options, SaveError, Step, UpdateError};
use rustix::io::Errno;

use super::child::{Scenario, Task, Text};
use super::{Before, Recorder, folder_with, in_place, names, write, write_with};

#[test]
fn a_failure_at_any_step_leaves_the_old_file() {
    let mut reached = HashSet::new();
    for scenario in Scenario::ALL {
        for &step in Step::ALL {
            for errno in [Errno::NOSPC, Errno::IO, Errno::ACCESS, Errno::XDEV, Errno::ROFS, Errno::DQUOT] {
                let (folder, path) = prepare(scenario);
                let mut recorder = Recorder::failing(step, errno);
                let saved = write_with(&path, &Text::B.bytes(), &scenario.options(), &mut recorder);
                let context = format!("{scenario:?}, {step:?}, {errno:?}: {saved:?}");
                let was_reached = recorder.steps.contains(&step);
                if was_reached {
                    reached.insert(step);
                }
                let optional = matches!(step, Step::RemoveLitter | Step::SyncFolder);
                if was_reached && !optional {
                    let UpdateError::Save(error) = saved.expect_err(&context) else { panic!("{context}") };
                    assert_eq!(content(&path), old(scenario), "{context}");
                    assert_cause(&error, scenario, step, errno, &context);
                } else {
                    saved.expect(&context);
                    assert_eq!(content(&path), Some(Text::B.bytes()), "{context}");
                }
                let told = recorder.events.iter().any(|event| matches!(event, Event::FolderNotSynced { .. }));
                assert_eq!(told, was_reached && step == Step::SyncFolder, "{context}");
                assert_no_litter(folder.path(), &context);
                assert_backups_whole(folder.path(), &context);
            }
        }
    }
    let missed: Vec<_> = Step::ALL.iter().filter(|step| !reached.contains(step)).collect();
    assert!(missed.is_empty(), "no scenario takes {missed:?}");
}

fn assert_cause(error: &SaveError, scenario: Scenario, step: Step, errno: Errno, context: &str) {
    let replacing = scenario != Scenario::New
        && matches!(step, Step::CreateTemporary | Step::KeepAttributes | Step::Rename)
        && matches!(errno, Errno::ACCESS | Errno::XDEV | Errno::ROFS);
    match error {
        SaveError::CannotReplace { step: at, source, .. } => {
            assert!(replacing && *at == step, "{context}");
            assert_eq!(source.raw_os_error(), Some(errno.raw_os_error()));
            assert!(error.in_place_may_help());
        }
        SaveError::Failed { step: at, source, .. } | SaveError::Backup { step: at, source, .. } => {
            assert_eq!((*at, source.raw_os_error()), (step, Some(errno.raw_os_error())), "{context}");
            assert!(!replacing && !error.in_place_may_help(), "{context}");
        }
        SaveError::Unreadable { source, .. } => {
            assert_eq!(
                (step, source.raw_os_error()),
                (Step::OpenFile, Some(errno.raw_os_error())),
                "{context}"
            );
        }
        SaveError::InPlace { restored, backup, source, .. } => {
            assert!(*restored && backup.exists(), "{context}");
            assert!(matches!(&**source, SaveError::Failed { step: at, .. } if *at == step), "{context}");
        }
        _ => panic!("{context}"),
    }
}

#[test]
fn sigkill_at_any_step_leaves_the_old_file_or_the_new_one() {
    let children: Vec<_> = Scenario::ALL
        .into_iter()
        .flat_map(|scenario| Step::ALL.iter().map(move |&step| (scenario, step)))
        .map(|(scenario, step)| {
            let (folder, path) = prepare(scenario);
            let output = Task::KillBefore(step, scenario).command(&path).output().unwrap();
            (scenario, step, folder, path, output.status)
        })
        .collect();
    let mut killed = HashSet::new();
    for (scenario, step, folder, path, status) in children {
        let context = format!("{scenario:?}, {step:?}");
        if status.signal() == Some(9) {
            killed.insert(step);
        } else {
            assert!(status.success(), "{context}: {status}");
        }
        let found = content(&path);
        assert!(found == old(scenario) || found == Some(Text::B.bytes()), "{context}");
        assert_backups_whole(folder.path(), &context);

        let outcome = write(&path, b"next", &scenario.options()).0.expect(&context);
        assert_eq!(content(&path).unwrap(), b"next", "{context}");
        if let Some(backup) = outcome.backup {
            assert_eq!(content(&backup), found, "{context}");
        }
        assert_no_litter(folder.path(), &context);
    }
    let missed: Vec<_> = Step::ALL.iter().filter(|step| !killed.contains(step)).collect();
    assert!(missed.is_empty(), "no child was killed before {missed:?}");
}

#[test]
fn sigkill_at_any_moment_leaves_the_old_file_or_the_new_one() {
    let (folder, path) = folder_with("store", &Text::A.bytes());
    for round in 0..40_u64 {
        let mut child = Task::WriteUntilKilled.spawn(&path);
        std::thread::sleep(Duration::from_micros(8_000 + round * 733));
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(9));
        let found = content(&path).unwrap();
        assert!(found == Text::A.bytes() || found == Text::B.bytes(), "round {round}: {} bytes", found.len());
    }
    write(&path, b"next", &Options::default()).0.unwrap();
    assert_eq!(names(folder.path()), ["store"]);
}

#[test]
fn a_write_in_place_that_fails_names_the_backup_and_restores() {
    let (folder, path) = folder_with("store", b"old");
    let damage = || fs::write(&path, b"damaged by the disk").unwrap();
    let saved = write_with(&path, b"new", &in_place(), &mut Before(Step::ReadBackFile, damage));
    let Err(UpdateError::Save(SaveError::InPlace { restored: true, backup, source, .. })) = saved else {
        panic!("{saved:?}")
    };
    assert!(matches!(*source, SaveError::ReadBack { .. }));
    assert_eq!(backup, folder.path().join("store.bak"));
    assert_eq!(content(&path).unwrap(), b"old");
    assert_eq!(content(&backup).unwrap(), b"old");
}

#[test]
fn bytes_that_read_back_otherwise_are_not_taken() {
    let (folder, path) = folder_with("store", b"old");
    let damage = || {
        let temporary = names(folder.path()).into_iter().find(|name| name.ends_with(".tmp")).unwrap();
        fs::write(folder.path().join(temporary), b"nEw").unwrap();
    };
    let saved = write_with(&path, b"new", &Options::default(), &mut Before(Step::ReadBack, damage));
    assert!(matches!(saved, Err(UpdateError::Save(SaveError::ReadBack { .. }))), "{saved:?}");
    assert_eq!(content(&path).unwrap(), b"old");
    assert_eq!(names(folder.path()), ["store"]);
}

#[test]
fn another_program_that_takes_no_lock_is_noticed() {
    for step in [Step::CreateTemporary, Step::Compare] {
        for options in [Options::default(), in_place()] {
            let (folder, path) = folder_with("store", b"old");
            let meddle = || fs::write(&path, b"theirs").unwrap();
            let step = if options.in_place { Step::Compare } else { step };
            let saved = write_with(&path, b"new", &options, &mut Before(step, meddle));
            assert!(matches!(saved, Err(UpdateError::Save(SaveError::ChangedMeanwhile { .. }))), "{saved:?}");
            assert_eq!(content(&path).unwrap(), b"theirs");
            assert_no_litter(folder.path(), "changed");
        }
    }
    let (_folder, path) = folder_with("store", b"old");
    let remove = || fs::remove_file(&path).unwrap();
    let saved = write_with(&path, b"new", &Options::default(), &mut Before(Step::Compare, remove));
    assert!(matches!(saved, Err(UpdateError::Save(SaveError::ChangedMeanwhile { .. }))), "{saved:?}");
    assert_eq!(content(&path), None);
}

/// What a network file system, or one in user space, says of a file before it is read may come from its cache.
#[test]
fn a_state_that_comes_to_light_with_the_reading_is_no_change() {
    use std::os::unix::fs::PermissionsExt as _;
    for options in [Options::default(), in_place()] {
        let (_folder, path) = folder_with("store", b"old");
        let state = || fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
        write_with(&path, b"new", &options, &mut Before(Step::Read, state)).unwrap();
        assert_eq!(content(&path).unwrap(), b"new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o604);
    }
}

#[test]
fn a_file_that_appears_at_the_last_moment_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let meddle = || fs::write(&path, b"theirs").unwrap();
    let saved = write_with(&path, b"new", &Options::default(), &mut Before(Step::Rename, meddle));
    assert!(matches!(saved, Err(UpdateError::Save(SaveError::ChangedMeanwhile { .. }))), "{saved:?}");
    assert_eq!(content(&path).unwrap(), b"theirs");
    assert_eq!(names(folder.path()), ["store"]);
}

#[test]
fn a_backup_name_that_is_taken_at_the_last_moment_is_left_alone() {
    let (folder, path) = folder_with("store", b"old");
    let taken = folder.path().join("store.bak");
    let meddle = || {
        if !taken.exists() {
            fs::write(&taken, b"theirs").unwrap();
        }
    };
    let outcome =
        write_with(&path, b"new", &super::with_backup(), &mut Before(Step::NameBackup, meddle)).unwrap();
    assert_eq!(outcome.effect, Effect::Replaced);
    assert_eq!(content(&taken).unwrap(), b"theirs");
    assert_eq!(outcome.backup, Some(folder.path().join("store.bak.1")));
    assert_eq!(content(&folder.path().join("store.bak.1")).unwrap(), b"old");
    assert_no_litter(folder.path(), "backup");
}

fn prepare(scenario: Scenario) -> (tempfile::TempDir, PathBuf) {
    let (folder, path) = folder_with("store", &Text::A.bytes());
    if scenario == Scenario::New {
        fs::remove_file(&path).unwrap();
    }
    (folder, path)
}

fn old(scenario: Scenario) -> Option<Vec<u8>> {
    (scenario != Scenario::New).then(|| Text::A.bytes())
}

fn content(path: &Path) -> Option<Vec<u8>> {
    fs::read(path).ok()
}

fn assert_no_litter(folder: &Path, context: &str) {
    let names = names(folder);
    assert!(names.iter().all(|name| name.starts_with("store")), "{context}: {names:?}");
}

fn assert_backups_whole(folder: &Path, context: &str) {
    for name in names(folder).iter().filter(|name| name.contains(".bak")) {
        assert_eq!(content(&folder.join(name)), Some(Text::A.bytes()), "{context}: {name}");
    }
}
