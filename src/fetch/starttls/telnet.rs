//! Telnet: the option START_TLS (draft-altman-telnet-starttls-02, over RFC 854 and RFC 855).

use super::heard::Heard;
use super::{Machine, StartTlsError, Turn};

const IAC: u8 = 255;
const DONT: u8 = 254;
const DO: u8 = 253;
const WONT: u8 = 252;
const WILL: u8 = 251;
const SB: u8 = 250;
const SE: u8 = 240;

const START_TLS: u8 = 46;
const FOLLOWS: u8 = 1;

#[derive(Debug, Default)]
pub(super) struct Telnet {
    /// WILL START_TLS was said.
    willing: bool,
    /// Our half of "TLS follows" was said.
    follows: bool,
    /// What the server said that was no negotiation.
    text: Vec<u8>,
}

/// A piece of what a telnet server says.
enum Piece {
    /// A verb about an option.
    Option { verb: u8, option: u8 },
    /// A subnegotiation.
    Sub(Vec<u8>),
    /// Data or another command.
    Other(u8),
}

impl Machine for Telnet {
    fn turn(&mut self, heard: &mut Heard) -> Result<Turn, StartTlsError> {
        while let Some(piece) = piece(heard) {
            match piece {
                Piece::Option { verb: DO, option: START_TLS } => {
                    if self.follows {
                        continue;
                    }
                    let mut say = if self.willing { Vec::new() } else { vec![IAC, WILL, START_TLS] };
                    say.extend([IAC, SB, START_TLS, FOLLOWS, IAC, SE]);
                    (self.willing, self.follows) = (true, true);
                    return Ok(Turn::Say(say));
                }
                Piece::Option { verb: DONT, option: START_TLS } => {
                    let text = "IAC DONT START_TLS";
                    let text = if self.text.is_empty() { text.as_bytes() } else { &self.text };
                    return Err(StartTlsError::refused(text));
                }
                Piece::Sub(sub) if sub == [START_TLS, FOLLOWS] && self.follows => return Ok(Turn::Begin),
                // Every other option is declined; what is not asked for needs no answer (RFC 854, page 2).
                Piece::Option { verb: DO, option } => return Ok(Turn::Say(vec![IAC, WONT, option])),
                Piece::Option { verb: WILL, option } => return Ok(Turn::Say(vec![IAC, DONT, option])),
                Piece::Option { .. } | Piece::Sub(_) => {}
                Piece::Other(byte) => self.text.push(byte),
            }
        }
        if !self.willing && !self.text.is_empty() {
            // The server has begun to talk without asking for TLS: it is asked, so that it answers.
            self.willing = true;
            return Ok(Turn::Say(vec![IAC, WILL, START_TLS]));
        }
        Ok(Turn::Wait)
    }
}

/// The next piece, once it is whole.
fn piece(heard: &mut Heard) -> Option<Piece> {
    let (piece, length) = match heard.rest() {
        [] | [IAC] => return None,
        [IAC, verb @ (DO | DONT | WILL | WONT), rest @ ..] => {
            (Piece::Option { verb: *verb, option: *rest.first()? }, 3)
        }
        [IAC, SB, rest @ ..] => {
            let end = rest.windows(2).position(|pair| pair == [IAC, SE])?;
            (Piece::Sub(rest.get(..end)?.to_vec()), end.saturating_add(4))
        }
        [IAC, IAC, ..] => (Piece::Other(IAC), 2),
        [IAC, _, ..] => (Piece::Other(0), 2),
        [byte, ..] => (Piece::Other(*byte), 1),
    };
    heard.take(length)?;
    Some(piece)
}
