//! stdout is data, stderr is talk.

use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::exit::Failure;
use crate::render::certificate::clean_lines;

/// The two streams. A reader that closes stdout early is no error: what it wanted it has.
pub(crate) struct Output {
    stdout: BufWriter<io::Stdout>,
    closed: bool,
    json: Option<&'static str>,
    color: bool,
    wrote_json: bool,
    /// Items of the list that is being written.
    items: usize,
}

impl Output {
    /// `json` is the schema of the verb when `--json` was given.
    pub(crate) fn new(json: Option<&'static str>) -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            stdout: BufWriter::new(io::stdout()),
            closed: false,
            json,
            color: !no_color && io::stderr().is_terminal() && io::stdout().is_terminal(),
            wrote_json: false,
            items: 0,
        }
    }

    /// Writes text to stdout, control characters of outside data included as they are: callers clean them.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Failure> {
        self.bytes(text.as_bytes())
    }

    /// Writes bytes to stdout.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if self.closed {
            return Ok(());
        }
        let written = self.stdout.write_all(bytes);
        self.settle(written)
    }

    /// Writes binary data, but not to a terminal.
    pub(crate) fn binary(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if io::stdout().is_terminal() {
            return Err(Failure::unusable("binary-to-terminal", "binary data is not written to a terminal")
                .hint("give a file with -o, or send the output through a pipe"));
        }
        self.bytes(bytes)
    }

    /// Writes one JSON document and a line end.
    pub(crate) fn json(&mut self, report: &impl Serialize) -> Result<(), Failure> {
        let mut text = serde_json::to_string_pretty(report).map_err(|error| unwritable(&error))?;
        text.push('\n');
        self.wrote_json = true;
        self.text(&text)
    }

    /// Begins a JSON document whose only list is written item by item, so that it need not be held in memory.
    pub(crate) fn begin_list(&mut self, schema: &str, name: &str) -> Result<(), Failure> {
        self.wrote_json = true;
        self.text(&format!("{{\n  \"schema\": \"{schema}\",\n  \"{name}\": ["))
    }

    /// Writes the next item of the list.
    pub(crate) fn item(&mut self, report: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(report).map_err(|error| unwritable(&error))?;
        let comma = if self.items == 0 { "" } else { "," };
        self.items += 1;
        self.text(&format!("{comma}\n    {}", text.replace('\n', "\n    ")))
    }

    /// Ends the list and the document.
    pub(crate) fn end_list(&mut self) -> Result<(), Failure> {
        self.text(if self.items == 0 { "]\n}\n" } else { "\n  ]\n}\n" })
    }

    /// Writes a JSON document on one line, and pushes it out.
    pub(crate) fn json_line(&mut self, report: &impl Serialize) -> Result<(), Failure> {
        let mut text = serde_json::to_string(report).map_err(|error| unwritable(&error))?;
        text.push('\n');
        self.wrote_json = true;
        self.text(&text)?;
        self.finish()
    }

    /// Whether nobody reads stdout any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether stdout is a pipe whose reader has gone, as can be seen without writing to it.
    #[cfg(unix)]
    pub(crate) fn nobody_reads(&self) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let stdout = io::stdout();
        let mut fds = [PollFd::new(&stdout, PollFlags::empty())];
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        let polled = poll(&mut fds, Some(&at_once));
        polled.is_ok() && fds.iter().any(|fd| fd.revents().contains(PollFlags::ERR))
    }

    /// Pushes out what is buffered.
    pub(crate) fn finish(&mut self) -> Result<(), Failure> {
        let flushed = self.stdout.flush();
        self.settle(flushed)
    }

    /// Says something on stderr. Names, paths and what a server said come from outside: none of it may drive
    /// the terminal.
    pub(crate) fn talk(&mut self, line: &str) {
        self.talk_labelled(None, line);
    }

    /// A warning on stderr.
    pub(crate) fn warn(&mut self, line: &str) {
        self.talk_labelled(Some(("warning:", AnsiColor::Yellow)), line);
    }

    /// A failure on stderr, with its advice.
    pub(crate) fn say(&mut self, failure: &Failure) {
        let mut text = failure.message.clone();
        for hint in &failure.hints {
            text.push_str("\n  ");
            text.push_str(&hint.replace('\n', "\n  "));
        }
        self.talk_labelled(Some(("error:", AnsiColor::Red)), &text);
    }

    /// The failure of the whole call: on stderr, and on stdout as JSON where that was asked for.
    pub(crate) fn failure(&mut self, failure: &Failure) {
        if let Some(schema) = self.json.filter(|_| !self.wrote_json) {
            let _ = self.json(&serde_json::json!({
                "schema": schema,
                "error": { "id": failure.id, "message": failure.message, "hints": failure.hints },
            }));
        }
        self.say(failure);
    }

    /// Text in a colour, where the terminal and the user want one.
    pub(crate) fn paint(&self, text: &str, color: AnsiColor) -> String {
        if self.color {
            let style = Style::new().bold().fg_color(Some(color.into()));
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    fn talk_labelled(&mut self, label: Option<(&str, AnsiColor)>, text: &str) {
        let _ = self.finish();
        let text = clean_lines(text);
        let _ = match label {
            Some((label, color)) => writeln!(io::stderr(), "{} {text}", self.paint(label, color)),
            None => writeln!(io::stderr(), "{text}"),
        };
    }

    fn settle(&mut self, result: io::Result<()>) -> Result<(), Failure> {
        match result {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            Err(error) => {
                self.closed = true;
                Err(Failure::world("output", format!("the output cannot be written: {error}")))
            }
            Ok(()) => Ok(()),
        }
    }
}

fn unwritable(error: &serde_json::Error) -> Failure {
    Failure::world("json", format!("the report cannot be written as JSON: {error}"))
}
