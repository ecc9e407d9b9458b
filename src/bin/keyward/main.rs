//! The command: a thin face on the library.

mod again;
mod anchors;
mod args;
mod certificates;
mod clock;
mod connection;
mod exit;
mod identity;
mod manual;
mod output;
mod password;
mod presented;
mod profile;
mod progress;
mod purse;
mod question;
mod render;
mod repair;
mod run;
mod shell;
mod signals;
mod source;
mod store;
mod survey;
mod verbs;

use std::process::ExitCode;

fn main() -> ExitCode {
    run::run().into()
}
