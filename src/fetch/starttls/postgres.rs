//! PostgreSQL: `SSLRequest`, answered with one letter ("Frontend/Backend Protocol", section "SSL Session
//! Encryption").

use super::heard::Heard;
use super::{Machine, StartTlsError, Turn};
use crate::limits;

/// Length 8, and the code 80877103, which is no version of the protocol.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

#[derive(Debug, Default)]
pub(super) struct Postgres {
    asked: bool,
}

impl Machine for Postgres {
    fn turn(&mut self, heard: &mut Heard) -> Result<Turn, StartTlsError> {
        if !self.asked {
            self.asked = true;
            return Ok(Turn::Say(SSL_REQUEST.to_vec()));
        }
        match heard.rest() {
            [] => Ok(Turn::Wait),
            [b'S', ..] => {
                heard.take(1);
                Ok(Turn::Begin)
            }
            [b'N', ..] => Err(StartTlsError::NotOffered("it answered N, its TLS is switched off".to_owned())),
            [b'E', rest @ ..] => error_message(rest),
            other => Err(StartTlsError::unexpected(other)),
        }
    }
}

/// An `ErrorResponse`: a length and fields, of which `M` is for people. Servers before 7.4 have a mere text.
/// It is shown, though nobody has proved where it comes from: the protocol's page says that it may be forged.
fn error_message(rest: &[u8]) -> Result<Turn, StartTlsError> {
    let Some((head, body)) = rest.split_first_chunk::<4>() else { return Ok(Turn::Wait) };
    let length = usize::try_from(u32::from_be_bytes(*head)).unwrap_or(usize::MAX);
    if !(4..=limits::STARTTLS_BYTES).contains(&length) {
        return match rest.iter().position(|&byte| byte == 0) {
            Some(end) => Err(StartTlsError::refused(rest.get(..end).unwrap_or_default())),
            None => Ok(Turn::Wait),
        };
    }
    let Some(fields) = body.get(..length.saturating_sub(4)) else { return Ok(Turn::Wait) };
    let message = fields.split(|&byte| byte == 0).find_map(|field| field.strip_prefix(b"M"));
    Err(StartTlsError::refused(message.unwrap_or(fields)))
}
