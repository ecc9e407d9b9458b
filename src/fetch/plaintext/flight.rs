//! The server's first flight up to TLS 1.2, from ServerHello to ServerHelloDone (RFC 5246 section 7.3): a machine
//! over bytes, which knows no socket.

use super::super::message::{self, MessageError, ServerHello, kind};
use super::super::record::{Event, RecordError, Records};
use crate::model::{ClientAuthRequest, EncodedCertificate};

/// Why a server's flight cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FlightError {
    /// The records are wrong.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A message is wrong.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// A message that does not belong there.
    #[error("a handshake message of type {0} that does not belong there")]
    Unexpected(u8),
    /// Encryption begins, or data come, before the flight is over.
    #[error("encrypted records before the end of the server's part")]
    Encrypted,
}

/// Where a flight stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// More has to be heard.
    More,
    /// The server has said all that it says in the clear.
    Done,
    /// The server ended the handshake with this alert.
    Alert(u8),
    /// The server chose TLS 1.3, and says no more in the clear.
    Hidden,
}

/// What a server says in the clear.
#[derive(Debug, Default)]
pub struct ServerFlight {
    records: Records,
    pub(super) hello: Option<ServerHello>,
    pub(super) chain: Vec<EncodedCertificate>,
    pub(super) omitted: usize,
    pub(super) ocsp: Option<Vec<u8>>,
    pub(super) group: Option<String>,
    pub(super) request: Option<ClientAuthRequest>,
    has_certificates: bool,
    over: Option<Progress>,
}

impl ServerFlight {
    /// A flight of which nothing was heard yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The certificates so far, in the server's order.
    #[must_use]
    pub fn chain(&self) -> &[EncodedCertificate] {
        &self.chain
    }

    /// Takes more of what the server said. What follows the end is not looked at.
    ///
    /// # Errors
    ///
    /// [`FlightError`] for what is no part of a handshake or exceeds a bound. What was read before stays.
    pub fn hear(&mut self, more: &[u8]) -> Result<Progress, FlightError> {
        if let Some(over) = self.over {
            return Ok(over);
        }
        self.records.hear(more);
        while let Some(event) = self.records.next()? {
            let progress = match event {
                Event::Message { kind, body } => self.message(kind, &body)?,
                Event::Alert { fatal: true, number } | Event::Alert { number: number @ 0, .. } => {
                    Progress::Alert(number)
                }
                Event::Alert { .. } => Progress::More,
                Event::ChangeCipherSpec | Event::Data { .. } => return Err(FlightError::Encrypted),
            };
            if progress != Progress::More {
                self.over = Some(progress);
                return Ok(progress);
            }
        }
        Ok(Progress::More)
    }

    fn message(&mut self, number: u8, body: &[u8]) -> Result<Progress, FlightError> {
        let unexpected = Err(FlightError::Unexpected(number));
        if number == kind::HELLO_REQUEST {
            // It may come at any time, and means nothing in a handshake (RFC 5246 section 7.4.1.1).
            return Ok(Progress::More);
        }
        let Some(hello) = &self.hello else {
            if number != kind::SERVER_HELLO {
                return unexpected;
            }
            let hello = message::server_hello(body)?;
            let hidden = hello.version >= 0x0304;
            self.hello = Some(hello);
            return Ok(if hidden { Progress::Hidden } else { Progress::More });
        };
        let (version, suite) = (hello.version, hello.suite);
        match number {
            kind::CERTIFICATE if !self.has_certificates => {
                (self.chain, self.omitted) = message::certificates(body)?;
                self.has_certificates = true;
            }
            kind::CERTIFICATE_STATUS if self.ocsp.is_none() => {
                self.ocsp = message::certificate_status(body)?;
            }
            kind::SERVER_KEY_EXCHANGE if self.group.is_none() => {
                self.group = message::key_exchange_group(suite, body);
            }
            kind::CERTIFICATE_REQUEST if self.request.is_none() => {
                self.request = Some(message::certificate_request(version, body)?);
            }
            kind::SERVER_DONE => return Ok(Progress::Done),
            _ => return unexpected,
        }
        Ok(Progress::More)
    }
}
