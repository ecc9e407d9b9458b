//! FTP: `AUTH TLS` (RFC 4217 section 4), and `AUTH SSL` for servers from before it.

use super::heard::Heard;
use super::reply::Replies;
use super::{Machine, StartTlsError, Turn};

#[derive(Debug, Default)]
enum Said {
    #[default]
    Nothing,
    AuthTls,
    /// With the answer to `AUTH TLS`, which is the one to be shown.
    AuthSsl(StartTlsError),
}

#[derive(Debug, Default)]
pub(super) struct Ftp {
    said: Said,
    replies: Replies,
}

impl Machine for Ftp {
    fn turn(&mut self, heard: &mut Heard) -> Result<Turn, StartTlsError> {
        loop {
            let Some(reply) = self.replies.next(heard)? else { return Ok(Turn::Wait) };
            match (&self.said, reply.code) {
                // "Service ready in nnn minutes".
                (Said::Nothing, 120) => {}
                (Said::Nothing, 220) => {
                    self.said = Said::AuthTls;
                    return Ok(Turn::Say(b"AUTH TLS\r\n".to_vec()));
                }
                // 334 is the answer of servers that follow drafts of RFC 4217.
                (Said::AuthTls | Said::AuthSsl(_), 234 | 334) => return Ok(Turn::Begin),
                (Said::AuthTls, 500..=599) => {
                    self.said = Said::AuthSsl(reply.refusal());
                    return Ok(Turn::Say(b"AUTH SSL\r\n".to_vec()));
                }
                (Said::AuthSsl(first), _) => return Err(first.clone()),
                _ => return Err(reply.refusal()),
            }
        }
    }
}
