//! The line on a terminal that counts what is done.

use std::io::{self, IsTerminal, Write};

/// How much of many is done. It is shown while something runs, and only where stderr is a terminal.
pub(crate) struct Progress {
    noun: &'static str,
    /// `None` where the list is read as it goes.
    all: Option<usize>,
    done: usize,
    visible: bool,
}

impl Progress {
    /// Of one thing there is nothing to count.
    pub(crate) fn of(noun: &'static str, all: Option<usize>) -> Self {
        let mut progress = Self { noun, all, done: 0, visible: all != Some(1) && io::stderr().is_terminal() };
        progress.show();
        progress
    }

    /// One more is done.
    pub(crate) fn step(&mut self) {
        self.done += 1;
    }

    /// Whether there is a line that text would be mixed with.
    pub(crate) fn is_visible(&self) -> bool {
        self.visible
    }

    pub(crate) fn show(&mut self) {
        if self.visible {
            let _ = write!(io::stderr(), "{}", self.line());
        }
    }

    pub(crate) fn clear(&mut self) {
        if self.visible {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }

    fn line(&self) -> String {
        match self.all {
            Some(all) => format!("\r\x1b[K{} of {all} {}", self.done, self.noun),
            None => format!("\r\x1b[K{} {}", self.done, self.noun),
        }
    }
}
