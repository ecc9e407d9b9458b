//! ManageSieve: the server lists its capabilities unasked, then `STARTTLS` (RFC 5804 sections 1.7 and 2.2).

use super::heard::Heard;
use super::{Machine, StartTlsError, Turn};

#[derive(Debug, Default)]
pub(super) struct Sieve {
    asked: bool,
    /// What has come of a response that goes on after a literal (RFC 5804 section 4: `{20}` or `{20+}`), and the octets
    /// of the literal that is due.
    unfinished: (Vec<u8>, Option<usize>),
}

impl Sieve {
    /// A response: a line, with the literals in it.
    fn response(&mut self, heard: &mut Heard) -> Option<Vec<u8>> {
        loop {
            let (mut said, octets) = std::mem::take(&mut self.unfinished);
            if let Some(octets) = octets {
                let Some(literal) = heard.take(octets) else {
                    self.unfinished = (said, Some(octets));
                    return None;
                };
                said.push(b' ');
                said.extend(literal);
            }
            // Only what stands outside a literal may announce the next one.
            let Some(line) = heard.line() else {
                self.unfinished = (said, None);
                return None;
            };
            match literal_at_end(&line) {
                Some((start, octets)) => {
                    said.extend(line.get(..start).unwrap_or_default());
                    self.unfinished = (said, Some(octets));
                }
                None => {
                    said.extend(line);
                    return Some(said);
                }
            }
        }
    }
}

impl Machine for Sieve {
    fn turn(&mut self, heard: &mut Heard) -> Result<Turn, StartTlsError> {
        while let Some(line) = self.response(heard) {
            let word = line.split(|byte| matches!(byte, b' ' | b'(')).next().unwrap_or_default();
            match word.to_ascii_uppercase().as_slice() {
                b"OK" if self.asked => return Ok(Turn::Begin),
                b"OK" => {
                    self.asked = true;
                    return Ok(Turn::Say(b"STARTTLS\r\n".to_vec()));
                }
                b"NO" | b"BYE" => return Err(StartTlsError::refused(&line)),
                // A capability: a quoted name, and perhaps a value.
                quoted if !self.asked && quoted.starts_with(b"\"") => {}
                _ => return Err(StartTlsError::unexpected(&line)),
            }
        }
        Ok(Turn::Wait)
    }
}

/// Where a line ends in the announcement of a literal: where that begins, and the octets that follow.
fn literal_at_end(line: &[u8]) -> Option<(usize, usize)> {
    let inner = line.strip_suffix(b"}")?;
    let inner = inner.strip_suffix(b"+").unwrap_or(inner);
    let start = inner.iter().rposition(|&byte| byte == b'{')?;
    let digits = std::str::from_utf8(inner.get(start.checked_add(1)?..)?).ok()?;
    // More than any server may say is as good as endless: it is waited for, and ends with the bound.
    let octets = if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    } else {
        digits.parse().unwrap_or(usize::MAX)
    };
    Some((start, octets))
}
