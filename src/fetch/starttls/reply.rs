//! Replies of three digits and one or more lines (RFC 959 section 4.2, RFC 5321 section 4.2).

use super::heard::Heard;
use super::{StartTlsError, words};

/// A whole reply.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) code: u16,
    lines: Vec<u8>,
}

impl Reply {
    /// The refusal that this reply is.
    pub(super) fn refusal(&self) -> StartTlsError {
        StartTlsError::Refused(words(&self.lines))
    }
}

/// Reads replies off what was heard.
#[derive(Debug, Default)]
pub(super) struct Replies {
    /// The lines of a reply whose last line has not come.
    lines: Vec<u8>,
    code: Option<[u8; 3]>,
}

impl Replies {
    /// The next reply, once it is whole.
    pub(super) fn next(&mut self, heard: &mut Heard) -> Result<Option<Reply>, StartTlsError> {
        while let Some(line) = heard.line() {
            if !self.lines.is_empty() {
                self.lines.push(b'\n');
            }
            self.lines.extend_from_slice(&line);
            let (code, mark) = match line.as_slice() {
                [a, b, c] if digits(*a, *b, *c) => (Some([*a, *b, *c]), b' '),
                [a, b, c, mark, ..] if digits(*a, *b, *c) => (Some([*a, *b, *c]), *mark),
                _ => (None, b'-'),
            };
            // Within a reply of several lines FTP has lines of any kind; the last has the code of the first.
            let first = match self.code.or(code) {
                Some(first) => first,
                None => return Err(StartTlsError::unexpected(&line)),
            };
            self.code = Some(first);
            if mark != b'-' && code == Some(first) {
                self.code = None;
                let lines = std::mem::take(&mut self.lines);
                return Ok(Some(Reply { code: number(first), lines }));
            }
        }
        if self.code.is_none() && self.lines.is_empty() && surely_no_reply(heard.rest()) {
            return Err(StartTlsError::unexpected(heard.rest()));
        }
        Ok(None)
    }
}

/// Whether the start of a line, its end still to come, shows that it is no reply: so the silence after a
/// foreign greeting is not waited out.
fn surely_no_reply(start: &[u8]) -> bool {
    start.iter().take(3).any(|byte| !byte.is_ascii_digit())
}

fn digits(a: u8, b: u8, c: u8) -> bool {
    [a, b, c].iter().all(u8::is_ascii_digit)
}

fn number(digits: [u8; 3]) -> u16 {
    digits.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit.saturating_sub(b'0')))
}
