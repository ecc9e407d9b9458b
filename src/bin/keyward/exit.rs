//! How a call ends: its exit code, and what is said when it cannot do its work.

use std::fmt;
use std::process::ExitCode;

/// The exit codes. With several subjects the highest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Done, and nothing wrong found.
    Done = 0,
    /// Done, and what was examined falls short; or a person answered no.
    Short = 1,
    /// The call or the input cannot be used.
    Unusable = 2,
    /// The network, the disk or another part of the world failed.
    World = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a call ends without its work done: the fact, and what to do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) exit: Exit,
    /// A stable name for scripts.
    pub(crate) id: &'static str,
    /// The fact, one sentence without a final stop.
    pub(crate) message: String,
    /// What to do, each a line of its own.
    pub(crate) hints: Vec<String>,
}

impl Failure {
    /// The call or its input cannot be used.
    pub(crate) fn unusable(id: &'static str, message: impl fmt::Display) -> Self {
        Self { exit: Exit::Unusable, id, message: message.to_string(), hints: Vec::new() }
    }

    /// The world failed.
    pub(crate) fn world(id: &'static str, message: impl fmt::Display) -> Self {
        Self { exit: Exit::World, id, message: message.to_string(), hints: Vec::new() }
    }

    /// Adds a line of advice.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}
