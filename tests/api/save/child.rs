//! Saves in another process: one that can be killed, or that is another user's.

use std::env;
use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use keyward::save::{Event, Observer, Options, Step};
use rustix::fs::FlockOperation;
use rustix::process::{Signal, getpid, kill_process};

use super::{append, in_place, skip, with_backup, write_with};

const NOBODY: u32 = 65534;
const TASK: &str = "KEYWARD_TEST_SAVE";

/// What a child is to do, and to which file.
#[derive(Clone, Copy)]
pub(crate) enum Task<'a> {
    Append(&'a str),
    Write(&'a str),
    WriteInPlace(&'a str),
    WriteUntilKilled,
    KillBefore(Step, Scenario),
}

/// The options of a save that is interrupted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Scenario {
    New,
    Replace,
    Backup,
    InPlace,
}

impl Scenario {
    pub(crate) const ALL: [Self; 4] = [Self::New, Self::Replace, Self::Backup, Self::InPlace];

    pub(crate) fn options(self) -> Options {
        match self {
            Self::New | Self::Replace => Options::default(),
            Self::Backup => with_backup(),
            Self::InPlace => in_place(),
        }
    }
}

impl Task<'_> {
    fn encode(self) -> String {
        match self {
            Self::Append(line) => format!("append {line}"),
            Self::Write(text) => format!("write {text}"),
            Self::WriteInPlace(text) => format!("in-place {text}"),
            Self::WriteUntilKilled => "loop ".to_owned(),
            Self::KillBefore(step, scenario) => format!("kill {step:?} {scenario:?}"),
        }
    }

    pub(crate) fn command(self, path: &Path) -> Command {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "save::child::child", "--ignored", "--nocapture", "--test-threads=1"]);
        command.env(TASK, self.encode()).env("KEYWARD_TEST_PATH", path);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn spawn(self, path: &Path) -> Child {
        self.command(path).spawn().unwrap()
    }

    /// As the user "nobody": what the save said, or `None` where that user cannot be taken on.
    pub(crate) fn as_nobody(self, path: &Path, test: &str) -> Option<String> {
        if !super::is_root() {
            skip(test, "only root can become another user");
            return None;
        }
        let mut command = self.command(path);
        command.uid(NOBODY).gid(NOBODY);
        let output = match command.output() {
            Ok(output) => output,
            Err(error) => {
                skip(test, &format!("the test program cannot be run as another user: {error}"));
                return None;
            }
        };
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stdout));
        Some(text)
    }
}

/// Not a test: the child's side.
#[test]
#[ignore = "the other side of the tests that need a process of their own"]
fn child() {
    let (Some(path), Ok(task)) = (env::var_os("KEYWARD_TEST_PATH"), env::var(TASK)) else { return };
    if let Some(gate) = env::var_os("KEYWARD_TEST_GATE") {
        rustix::fs::flock(File::open(gate).unwrap(), FlockOperation::LockShared).unwrap();
    }
    let path = Path::new(&path);
    let mut say = |event: Event| eprintln!("event: {event}");
    let (kind, text) = task.split_once(' ').unwrap();
    let said = match kind {
        "append" => append(path, text, &Options::default()),
        "write" => write_with(path, text.as_bytes(), &Options::default(), &mut say),
        "in-place" => {
            let backup_folder = env::var_os("KEYWARD_TEST_BACKUP").map(Into::into);
            write_with(path, text.as_bytes(), &Options { backup_folder, ..in_place() }, &mut say)
        }
        "loop" => loop {
            for text in [Text::A, Text::B] {
                write_with(path, &text.bytes(), &Options::default(), &mut say).unwrap();
            }
        },
        "kill" => {
            let (step, scenario) = text.split_once(' ').unwrap();
            let scenario = Scenario::ALL.into_iter().find(|known| format!("{known:?}") == scenario).unwrap();
            let mut observer = Killer(step.to_owned());
            write_with(path, &Text::B.bytes(), &scenario.options(), &mut observer)
        }
        _ => unreachable!("{task}"),
    };
    match said {
        Ok(outcome) => eprintln!("done: {:?} {:?}", outcome.effect, outcome.backup),
        Err(error) => eprintln!("error: {error}: {error:?}"),
    }
}

struct Killer(String);

impl Observer for Killer {
    fn event(&mut self, _event: Event) {}

    fn before(&mut self, step: Step) -> io::Result<()> {
        if format!("{step:?}") == self.0 {
            kill_process(getpid(), Signal::KILL)?;
        }
        Ok(())
    }
}

/// Two contents that a mixture of can be told from, longer than a page and of unequal length.
#[derive(Clone, Copy)]
pub(crate) enum Text {
    A,
    B,
}

impl Text {
    pub(crate) fn bytes(self) -> Vec<u8> {
        match self {
            Self::A => b"old ".repeat(3000),
            Self::B => b"fresh ".repeat(5000),
        }
    }
}
