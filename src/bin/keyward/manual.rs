//! Manual pages, made from the help texts.

use std::io;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::args::Cli;
use crate::exit::Failure;

/// The page of a verb (`["trust", "add"]`), or the main one, as roff.
pub(crate) fn page(verb: &[String]) -> Result<Vec<u8>, Failure> {
    // The verb `help` has no page of its own.
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    let mut command = &root;
    for word in verb {
        command = command.find_subcommand(word).ok_or_else(|| {
            Failure::unusable("no-such-verb", format!("there is no verb \"{}\"", verb.join(" ")))
                .hint("keyward --help names them")
        })?;
    }
    roff(command).map_err(|error| Failure::world("manual", error))
}

fn roff(command: &Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let man = Man::new(command.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    if let Some(text) = command.get_after_help() {
        page.extend(unfilled(&text.to_string()).into_bytes());
    }
    Ok(page)
}

/// Examples keep their lines: filled ones could not be pasted.
fn unfilled(text: &str) -> String {
    let mut out = String::from(".SH EXAMPLES\n.nf\n");
    for line in text.lines().filter(|line| !matches!(*line, "Examples:" | "Example:")) {
        if line == "Exit codes:" {
            out.push_str(".fi\n.SH EXIT STATUS\n.nf\n");
            continue;
        }
        // A backslash and a dot at the start of a line mean something to roff.
        out.push_str("\\&");
        out.push_str(&line.trim_start().replace('\\', "\\e").replace('-', "\\-"));
        out.push('\n');
    }
    out.push_str(".fi\n");
    out
}
