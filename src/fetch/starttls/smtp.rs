//! SMTP: `EHLO`, then `STARTTLS` (RFC 3207 section 4). LMTP differs in its greeting only.

use std::net::IpAddr;

use super::heard::Heard;
use super::reply::Replies;
use super::{Machine, Names, StartTlsError, Turn};

/// What was said last.
#[derive(Debug)]
enum Said {
    Nothing,
    Hello,
    StartTls,
}

#[derive(Debug)]
pub(super) struct Smtp {
    hello: String,
    said: Said,
    replies: Replies,
}

impl Smtp {
    /// With `EHLO`, or the word that stands for it.
    pub(super) fn new(verb: &str, names: &Names) -> Self {
        let client = match names.client {
            IpAddr::V4(v4) => format!("[{v4}]"),
            IpAddr::V6(v6) => format!("[IPv6:{v6}]"),
        };
        Self { hello: format!("{verb} {client}\r\n"), said: Said::Nothing, replies: Replies::default() }
    }
}

impl Machine for Smtp {
    fn turn(&mut self, heard: &mut Heard) -> Result<Turn, StartTlsError> {
        let Some(reply) = self.replies.next(heard)? else { return Ok(Turn::Wait) };
        match (&self.said, reply.code) {
            (Said::Nothing, 220) => {
                self.said = Said::Hello;
                Ok(Turn::Say(self.hello.clone().into_bytes()))
            }
            // A server that does not name STARTTLS, or does not know EHLO, is asked all the same: some only
            // forget to name it, and the others then refuse in their own words.
            (Said::Hello, code) if !matches!(code, 421 | 554) => {
                self.said = Said::StartTls;
                Ok(Turn::Say(b"STARTTLS\r\n".to_vec()))
            }
            (Said::StartTls, 220) => Ok(Turn::Begin),
            _ => Err(reply.refusal()),
        }
    }
}
