//! Questions to a person.

use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader, IsTerminal, Write};

use crate::exit::Failure;
use crate::render::certificate::clean;

/// Whether somebody can be asked: standard input is a terminal, or it carries the source while the talk
/// goes to one.
pub(crate) fn somebody_is_there(stdin_is_source: bool) -> bool {
    io::stdin().is_terminal() || (stdin_is_source && io::stderr().is_terminal())
}

/// Asks until the answer is yes or no. An empty answer and the end of the input are no.
pub(crate) fn yes(question: &str, stdin_is_source: bool) -> Result<bool, Failure> {
    const TRIES: usize = 5;
    let terminal =
        |error: io::Error| Failure::world("terminal", format!("the terminal cannot be read: {error}"));
    let mut input: Box<dyn BufRead> = if stdin_is_source {
        let tty = OpenOptions::new().read(true).open("/dev/tty").map_err(terminal)?;
        Box::new(BufReader::new(tty))
    } else {
        Box::new(BufReader::new(io::stdin()))
    };
    for _ in 0..TRIES {
        let mut stderr = io::stderr();
        let _ = write!(stderr, "{} [no]: ", clean(question));
        let _ = stderr.flush();
        let mut line = String::new();
        if input.read_line(&mut line).map_err(terminal)? == 0 {
            let _ = writeln!(stderr);
            return Ok(false);
        }
        match line.trim().to_lowercase().as_str() {
            "y" | "yes" => return Ok(true),
            "" | "n" | "no" => return Ok(false),
            _ => {
                let _ = writeln!(stderr, "yes or no, please");
            }
        }
    }
    Ok(false)
}
