//! NNTP: `CAPABILITIES`, then `STARTTLS` (RFC 4642 section 2.2).

use super::heard::Heard;
use super::reply::Replies;
use super::{Machine, StartTlsError, Turn};

#[derive(Debug, Default)]
enum Said {
    #[default]
    Nothing,
    Capabilities,
    /// The list of capabilities is under way; it ends with a line of one dot (RFC 3977 section 3.1.1).
    Listening,
    StartTls,
}

#[derive(Debug, Default)]
pub(super) struct Nntp {
    said: Said,
    replies: Replies,
}

impl Nntp {
    fn start_tls(&mut self) -> Turn {
        self.said = Said::StartTls;
        Turn::Say(b"STARTTLS\r\n".to_vec())
    }
}

impl Machine for Nntp {
    fn turn(&mut self, heard: &mut Heard) -> Result<Turn, StartTlsError> {
        loop {
            if matches!(self.said, Said::Listening) {
                match heard.line() {
                    None => return Ok(Turn::Wait),
                    Some(line) if line == b"." => return Ok(self.start_tls()),
                    Some(_) => continue,
                }
            }
            let Some(reply) = self.replies.next(heard)? else { return Ok(Turn::Wait) };
            match (&self.said, reply.code) {
                (Said::Nothing, 200 | 201) => {
                    self.said = Said::Capabilities;
                    return Ok(Turn::Say(b"CAPABILITIES\r\n".to_vec()));
                }
                (Said::Capabilities, 101) => self.said = Said::Listening,
                // Servers from before RFC 3977 have no CAPABILITIES.
                (Said::Capabilities, 500..=599) => return Ok(self.start_tls()),
                (Said::StartTls, 382) => return Ok(Turn::Begin),
                _ => return Err(reply.refusal()),
            }
        }
    }
}
