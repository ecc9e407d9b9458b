//! MySQL and MariaDB: the server's handshake packet, answered with an `SSLRequest` ("Client/Server Protocol",
//! sections "Protocol::HandshakeV10" and "Protocol::SSLRequest").

use super::heard::Heard;
use super::{Machine, StartTlsError, Turn, words};
use crate::limits;

/// CLIENT_SSL.
const SSL: u16 = 0x0800;

/// CLIENT_LONG_PASSWORD, CLIENT_PROTOCOL_41, CLIENT_SSL, CLIENT_TRANSACTIONS, CLIENT_SECURE_CONNECTION.
const CAPABILITIES: u32 = 0x0001 | 0x0200 | 0x0800 | 0x2000 | 0x8000;

/// 16 MiB less one, the most that a packet can have.
const PACKET: u32 = 0x00ff_ffff;

/// `utf8_general_ci`, which every server knows.
const CHARACTER_SET: u8 = 33;

#[derive(Debug, Default)]
pub(super) struct MySql {
    asked: bool,
}

impl Machine for MySql {
    fn turn(&mut self, heard: &mut Heard) -> Result<Turn, StartTlsError> {
        if self.asked {
            // The server does not answer the request: TLS begins.
            return Ok(Turn::Begin);
        }
        let Some((head, _)) = heard.rest().split_first_chunk::<4>() else { return Ok(Turn::Wait) };
        let [a, b, c, sequence] = *head;
        let length = usize::from(a) | usize::from(b) << 8 | usize::from(c) << 16;
        if sequence != 0 || length > limits::STARTTLS_BYTES {
            return Err(StartTlsError::unexpected(heard.rest()));
        }
        let Some(packet) = heard.take(length.saturating_add(4)) else { return Ok(Turn::Wait) };
        let payload = packet.get(4..).unwrap_or_default();
        read(payload)?;
        self.asked = true;
        Ok(Turn::Say(request()))
    }
}

/// Looks whether a handshake packet offers TLS.
fn read(payload: &[u8]) -> Result<(), StartTlsError> {
    let unexpected = || StartTlsError::unexpected(payload);
    match payload.split_first().ok_or_else(unexpected)? {
        (10, rest) => {
            let end = rest.iter().position(|&byte| byte == 0).ok_or_else(unexpected)?;
            let (version, rest) = rest.split_at(end);
            // After the zero: the connection's number (4), the start of the scramble (8), a filler (1).
            let low = rest.get(14..16).and_then(|bytes| bytes.try_into().ok()).map(u16::from_le_bytes);
            if low.ok_or_else(unexpected)? & SSL == 0 {
                return Err(StartTlsError::NotOffered(format!(
                    "it is a server of version {}",
                    words(version)
                )));
            }
            Ok(())
        }
        (0xff, [_, _, message @ ..]) => Err(StartTlsError::refused(message)),
        _ => Err(unexpected()),
    }
}

fn request() -> Vec<u8> {
    let mut packet = vec![32, 0, 0, 1];
    packet.extend(CAPABILITIES.to_le_bytes());
    packet.extend(PACKET.to_le_bytes());
    packet.push(CHARACTER_SET);
    packet.extend([0; 23]);
    packet
}
