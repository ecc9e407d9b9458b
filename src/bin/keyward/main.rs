//! The command: a thin face on the library.

mod args;
mod certificates;
mod exit;
mod output;
mod password;
mod render;
mod run;
mod shell;
mod source;
mod store;
mod verbs;

use std::process::ExitCode;

fn main() -> ExitCode {
    run::run().into()
}
