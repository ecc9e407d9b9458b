//! The line on a terminal that counts what is done.

use std::io::{self, IsTerminal, Write};

/// Back to the start of the line, and the rest of it away.
const ERASE: &str = "\r\x1b[K";

/// How much of many is done. It is shown while something runs, and only where stderr is a terminal.
pub(crate) struct Progress {
    noun: &'static str,
    /// `None` where the list is read as it goes.
    all: Option<usize>,
    done: usize,
    visible: bool,
}

impl Progress {
    /// Of one thing there is nothing to count. `lines`: what is written meanwhile ends each time with a line. What
    /// does not would be mixed with the count where both go to one terminal.
    pub(crate) fn of(noun: &'static str, all: Option<usize>, lines: bool) -> Self {
        let apart = lines || !io::stdout().is_terminal();
        let visible = all != Some(1) && apart && io::stderr().is_terminal();
        let progress = Self { noun, all, done: 0, visible };
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

    pub(crate) fn show(&self) {
        if self.visible {
            let _ = write!(io::stderr(), "{ERASE}{}", self.line());
        }
    }

    pub(crate) fn clear(&self) {
        if self.visible {
            let _ = write!(io::stderr(), "{ERASE}");
        }
    }

    fn line(&self) -> String {
        match self.all {
            Some(all) => format!("{} of {all} {}", self.done, self.noun),
            None => format!("{} {}", self.done, self.noun),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Progress;

    #[test]
    fn counts_up_to_what_is_known() {
        let mut progress = Progress { noun: "targets", all: Some(3), done: 0, visible: false };
        assert_eq!(progress.line(), "0 of 3 targets");
        progress.step();
        assert_eq!(progress.line(), "1 of 3 targets");
        progress.all = None;
        assert_eq!(progress.line(), "1 targets");
    }
}
