//! IRC: `STARTTLS` (IRCv3, "tls Extension"): 670 agrees, 691 refuses.

use super::heard::Heard;
use super::{Machine, StartTlsError, Turn};

#[derive(Debug, Default)]
pub(super) struct Irc {
    asked: bool,
}

impl Machine for Irc {
    fn turn(&mut self, heard: &mut Heard) -> Result<Turn, StartTlsError> {
        if !self.asked {
            // The client speaks first (RFC 2812 section 3.1).
            self.asked = true;
            return Ok(Turn::Say(b"STARTTLS\r\n".to_vec()));
        }
        while let Some(line) = heard.line() {
            let mut words = line.split(|&byte| byte == b' ').filter(|word| !word.is_empty());
            let mut command = words.next().unwrap_or_default();
            if command.starts_with(b":") {
                command = words.next().unwrap_or_default();
            }
            match command.to_ascii_uppercase().as_slice() {
                b"670" => return Ok(Turn::Begin),
                // Any other error: an unknown command (421), no registration yet (451).
                [b'4' | b'5', _, _] | b"691" | b"ERROR" => return Err(StartTlsError::refused(&line)),
                b"PING" => {
                    let cookie: Vec<&[u8]> = words.collect();
                    return Ok(Turn::Say([b"PONG ", cookie.join(&b' ').as_slice(), b"\r\n"].concat()));
                }
                [_, _, _] if command.iter().all(u8::is_ascii_digit) => {}
                b"" | b"NOTICE" | b"CAP" | b"MODE" => {}
                _ => return Err(StartTlsError::unexpected(&line)),
            }
        }
        Ok(Turn::Wait)
    }
}
