//! POP3: `STLS` (RFC 2595 section 4).

use super::heard::Heard;
use super::{Machine, StartTlsError, Turn};

#[derive(Debug, Default)]
pub(super) struct Pop3 {
    asked: bool,
}

impl Machine for Pop3 {
    fn turn(&mut self, heard: &mut Heard) -> Result<Turn, StartTlsError> {
        let Some(line) = heard.line() else { return Ok(Turn::Wait) };
        let agrees = line.starts_with(b"+OK");
        match (self.asked, agrees) {
            (false, true) => {
                self.asked = true;
                Ok(Turn::Say(b"STLS\r\n".to_vec()))
            }
            (true, true) => Ok(Turn::Begin),
            _ if line.starts_with(b"-ERR") => Err(StartTlsError::refused(&line)),
            _ => Err(StartTlsError::unexpected(&line)),
        }
    }
}
