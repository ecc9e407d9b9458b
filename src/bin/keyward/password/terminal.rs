//! A password typed at the terminal.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::SIGINT;
use zeroize::Zeroizing;

use crate::signals;

/// Ctrl-C, as a terminal in this state hands it over.
const INTERRUPT: u8 = 3;

/// Asks without an echo.
///
/// # Errors
///
/// `NotConnected`: there is no terminal. `UnexpectedEof`: the person ended the input. `Interrupted`: Ctrl-C, where
/// a verb waits for signals itself; else the process ends by it.
pub(super) fn ask(prompt: &str) -> io::Result<Zeroizing<String>> {
    let keyboard = Silent::new(open()?)?;
    let mut screen = open()?;
    let config = rpassword::ConfigBuilder::new().input_reader(keyboard).output_writer(open()?).build();
    // The reader is dropped with the answer, so that the terminal is as it was for what is written next.
    let answer = rpassword::prompt_password_with_config(prompt, config).map(Zeroizing::new);
    screen.write_all(b"\n")?;
    answer
}

/// The controlling terminal, wherever the standard streams lead.
pub(super) fn open() -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/tty")
        .map_err(|error| io::Error::new(io::ErrorKind::NotConnected, error))
}

/// A terminal that echoes nothing, hands over each key, and is as it was when this is dropped.
///
/// Ctrl-C is a key like others here: the signal would end the process at once and leave the terminal silent to
/// the shell. It is raised when the terminal is as it was.
struct Silent {
    terminal: File,
    before: Termios,
}

impl Silent {
    fn new(terminal: File) -> io::Result<Self> {
        let before = tcgetattr(&terminal)?;
        signals::restore_at_the_end(&terminal, &before)?;
        let mut silent = before.clone();
        silent.local_modes -= LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG;
        silent.special_codes[SpecialCodeIndex::VMIN] = 1;
        silent.special_codes[SpecialCodeIndex::VTIME] = 0;
        let silent_terminal = Self { terminal, before };
        tcsetattr(&silent_terminal.terminal, OptionalActions::Now, &silent)?;
        Ok(silent_terminal)
    }

    fn restore(&self) -> io::Result<()> {
        Ok(tcsetattr(&self.terminal, OptionalActions::Now, &self.before)?)
    }
}

impl Read for Silent {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.terminal.read(buffer)?;
        if !buffer.iter().take(read).any(|key| *key == INTERRUPT) {
            return Ok(read);
        }
        self.restore()?;
        writeln!(self.terminal)?;
        signals::end_by(SIGINT);
        Err(io::Error::from(io::ErrorKind::Interrupted))
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        let _ = self.restore();
        signals::restored();
    }
}
