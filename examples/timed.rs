//! Runs a command and prints how many microseconds passed from its start to its end, nothing else counted:
//! a shell that forks itself for each run adds as much as a small command takes. Used by benches/versus.sh.
//!
//!     timed COMMAND [ARGUMENT…]
//!
//! The command reads nothing; what it writes goes to the files `out` and `err` in the current folder. A
//! command that fails is the exit code 1.

use std::error::Error;
use std::fs::File;
use std::process::{Command, Stdio};
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args_os().skip(1);
    let mut command = Command::new(words.next().ok_or("which command?")?);
    command.args(words).stdin(Stdio::null()).stdout(File::create("out")?).stderr(File::create("err")?);
    let start = Instant::now();
    let status = command.status()?;
    let took = start.elapsed();
    if !status.success() {
        return Err(format!("{command:?}: {status}").into());
    }
    println!("{}", took.as_micros());
    Ok(())
}
