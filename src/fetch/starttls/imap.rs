//! IMAP: `CAPABILITY`, then `STARTTLS` (RFC 9051 sections 6.1.1 and 6.2.1).

use super::heard::Heard;
use super::{Machine, StartTlsError, Turn};

#[derive(Debug, Default)]
enum Said {
    #[default]
    Nothing,
    Capability,
    StartTls,
}

#[derive(Debug, Default)]
pub(super) struct Imap {
    said: Said,
}

impl Machine for Imap {
    fn turn(&mut self, heard: &mut Heard) -> Result<Turn, StartTlsError> {
        while let Some(line) = heard.line() {
            let mut parts = line.splitn(3, |&byte| byte == b' ');
            let tag = parts.next().unwrap_or_default();
            let status = parts.next().unwrap_or_default().to_ascii_uppercase();
            match (&self.said, tag, status.as_slice()) {
                (Said::Nothing, b"*", b"OK") => {
                    self.said = Said::Capability;
                    return Ok(Turn::Say(b"k1 CAPABILITY\r\n".to_vec()));
                }
                // Who is logged in already cannot start TLS (section 6.2.1).
                (Said::Nothing, b"*", b"PREAUTH") | (_, b"*", b"BYE") => {
                    return Err(StartTlsError::refused(&line));
                }
                // Whatever the capabilities are: a server that lacks STARTTLS refuses it in its own words.
                (Said::Capability, b"k1", b"OK" | b"NO" | b"BAD") => {
                    self.said = Said::StartTls;
                    return Ok(Turn::Say(b"k2 STARTTLS\r\n".to_vec()));
                }
                (Said::StartTls, b"k2", b"OK") => return Ok(Turn::Begin),
                (Said::StartTls, b"k2", _) => return Err(StartTlsError::refused(&line)),
                (Said::Capability | Said::StartTls, b"*", _) => {}
                _ => return Err(StartTlsError::unexpected(&line)),
            }
        }
        Ok(Turn::Wait)
    }
}
