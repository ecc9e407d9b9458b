//! What the process has around it: variables, descriptors, a terminal.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;

use zeroize::Zeroizing;

use super::terminal;
use crate::render::certificate::clean;

/// What passwords come from, so that tests need no terminal.
pub(crate) trait Surroundings {
    /// The value of an environment variable.
    fn variable(&self, name: &str) -> Option<OsString>;

    /// Standard input, of which no more is taken than is read.
    fn standard_input(&mut self) -> &mut dyn Read;

    /// Asks on the terminal, without an echo. The answer has no line end.
    ///
    /// # Errors
    ///
    /// `NotConnected`: there is no terminal. `UnexpectedEof`: the person ended the input.
    fn ask(&mut self, prompt: &str) -> io::Result<Zeroizing<String>>;

    /// Writes a line to the terminal.
    ///
    /// # Errors
    ///
    /// Those of the terminal.
    fn say(&mut self, text: &str) -> io::Result<()>;
}

impl<T: Surroundings + ?Sized> Surroundings for &mut T {
    fn variable(&self, name: &str) -> Option<OsString> {
        (**self).variable(name)
    }

    fn standard_input(&mut self) -> &mut dyn Read {
        (**self).standard_input()
    }

    fn ask(&mut self, prompt: &str) -> io::Result<Zeroizing<String>> {
        (**self).ask(prompt)
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        (**self).say(text)
    }
}

/// The surroundings of this process.
#[derive(Debug, Default)]
pub(crate) struct Process {
    standard_input: Unbuffered,
}

impl Surroundings for Process {
    fn variable(&self, name: &str) -> Option<OsString> {
        // `std::env::var_os` takes a name with "=" or NUL for one that is not set, which is what it is.
        std::env::var_os(name)
    }

    fn standard_input(&mut self) -> &mut dyn Read {
        &mut self.standard_input
    }

    fn ask(&mut self, prompt: &str) -> io::Result<Zeroizing<String>> {
        terminal::ask(&clean(prompt))
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        writeln!(terminal::open()?, "{text}")
    }
}

/// Standard input without the buffer of [`std::io::Stdin`], which would keep a copy of the password and
/// swallow what follows it.
#[derive(Debug, Default)]
struct Unbuffered;

impl Read for Unbuffered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(rustix::io::read(io::stdin().as_fd(), buffer)?)
    }
}

/// A descriptor that this process was started with, its position shared with whoever else has it.
///
/// # Errors
///
/// The system's, if there is no such descriptor.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn descriptor(number: i32) -> io::Result<File> {
    use rustix::io::Errno;
    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};

    let duplicate = pidfd_open(getpid(), PidfdFlags::empty())
        .and_then(|process| pidfd_getfd(process, number, PidfdGetfdFlags::empty()));
    match duplicate {
        Ok(descriptor) => Ok(File::from(descriptor)),
        Err(Errno::BADF) => Err(Errno::BADF.into()),
        // Kernels before 5.6, and sandboxes that forbid the call. A file is opened anew then, from its start.
        Err(_) => File::open(format!("/dev/fd/{number}")),
    }
}

/// A descriptor that this process was started with, its position shared with whoever else has it.
///
/// # Errors
///
/// The system's, if there is no such descriptor.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn descriptor(number: i32) -> io::Result<File> {
    File::open(format!("/dev/fd/{number}"))
}
