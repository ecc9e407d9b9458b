//! Records of TLS and the handshake messages in them, put together from whatever pieces arrive
//! (RFC 5246 section 6.2.1, RFC 8446 section 5.1). Bounded, and without keys.

use tls_parser::{TlsRecordType, parse_tls_record_header};

use crate::limits;

#[cfg(test)]
mod tests;

/// Bytes of a record's header.
const RECORD_HEADER: usize = 5;

/// Bytes of a handshake message's header.
const MESSAGE_HEADER: usize = 4;

/// The most bytes that a record may carry: 2^14 of plaintext, 2^11 more for old ciphers (RFC 5246 section 6.2.3).
const RECORD_BYTES: usize = (1 << 14) + (1 << 11);

/// What is wrong with a stream of records.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The bytes at this offset are no record of TLS or SSL 3.0.
    #[error("no TLS record begins at byte {offset}: type {kind}, version {major}.{minor}")]
    NotARecord {
        /// Bytes before it.
        offset: usize,
        /// The octet in the place of the type.
        kind: u8,
        /// The octets in the place of the version.
        major: u8,
        /// The second of them.
        minor: u8,
    },
    /// A record says that it is longer than any may be.
    #[error("the record at byte {offset} claims {length} bytes, more than a record may have")]
    RecordTooLong {
        /// Bytes before it.
        offset: usize,
        /// The length that it claims.
        length: usize,
    },
    /// More records than a handshake needs.
    #[error("more than {0} records in one handshake")]
    TooManyRecords(usize),
    /// Empty records, one after the other.
    #[error("more than {0} empty records or warnings in one handshake")]
    Idle(usize),
    /// A handshake message says that it is longer than any that is taken.
    #[error("a handshake message of type {kind} claims {length} bytes, more than the {most} that are taken")]
    MessageTooLong {
        /// Its type.
        kind: u8,
        /// The length that it claims.
        length: usize,
        /// [`limits::HANDSHAKE_MESSAGE_BYTES`].
        most: usize,
    },
    /// Another record in the middle of a handshake message (RFC 8446 section 5.1 forbids it).
    #[error("a record of type {0} in the middle of a handshake message")]
    Interleaved(u8),
    /// An alert that has not two octets.
    #[error("an alert of {0} bytes")]
    Alert(usize),
}

/// What a stream of records holds next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A whole handshake message without its header.
    Message { kind: u8, body: Vec<u8> },
    /// An alert.
    Alert { fatal: bool, number: u8 },
    /// What follows is encrypted, up to TLS 1.2.
    ChangeCipherSpec,
    /// Application data; in TLS 1.3 any encrypted record: its header and its content.
    Data { header: [u8; RECORD_HEADER], content: Vec<u8> },
}

/// A record: its header, and its content.
type Record = ([u8; RECORD_HEADER], Vec<u8>);

/// Takes a stream of records apart.
#[derive(Debug, Default)]
pub(super) struct Records {
    bytes: Vec<u8>,
    /// Bytes of `bytes` that are done with.
    taken: usize,
    /// Bytes of the stream before `bytes`.
    before: usize,
    records: usize,
    idle: usize,
    messages: Messages,
}

impl Records {
    /// Takes what the peer said.
    pub(super) fn hear(&mut self, more: &[u8]) {
        self.before = self.before.saturating_add(self.taken);
        self.bytes.drain(..self.taken.min(self.bytes.len()));
        self.taken = 0;
        self.bytes.extend_from_slice(more);
    }

    /// The next whole thing; `None` when more has to be heard first.
    pub(super) fn next(&mut self) -> Result<Option<Event>, RecordError> {
        loop {
            if let Some((kind, body)) = self.messages.next()? {
                return Ok(Some(Event::Message { kind, body }));
            }
            let Some((header, content)) = self.record()? else { return Ok(None) };
            let [kind, ..] = header;
            if kind != TlsRecordType::Handshake.0 && !self.messages.is_empty() {
                return Err(RecordError::Interleaved(kind));
            }
            match TlsRecordType(kind) {
                TlsRecordType::Handshake if content.is_empty() => self.idle()?,
                TlsRecordType::Handshake => self.messages.hear(&content),
                TlsRecordType::ChangeCipherSpec => return Ok(Some(Event::ChangeCipherSpec)),
                TlsRecordType::Alert => return self.alert(&content).map(Some),
                _ => return Ok(Some(Event::Data { header, content })),
            }
        }
    }

    fn alert(&mut self, content: &[u8]) -> Result<Event, RecordError> {
        let [level, number] = *content else { return Err(RecordError::Alert(content.len())) };
        let fatal = level != 1;
        if !fatal {
            self.idle()?;
        }
        Ok(Event::Alert { fatal, number })
    }

    fn idle(&mut self) -> Result<(), RecordError> {
        self.idle = self.idle.saturating_add(1);
        if self.idle > limits::IDLE_RECORDS { Err(RecordError::Idle(limits::IDLE_RECORDS)) } else { Ok(()) }
    }

    /// The next record, its header apart.
    fn record(&mut self) -> Result<Option<Record>, RecordError> {
        let rest = self.bytes.get(self.taken..).unwrap_or_default();
        let Some((header, rest)) = rest.split_first_chunk::<RECORD_HEADER>() else { return Ok(None) };
        let offset = self.before.saturating_add(self.taken);
        let [kind, major, minor, ..] = *header;
        let known = (TlsRecordType::ChangeCipherSpec.0..=TlsRecordType::ApplicationData.0).contains(&kind);
        let Ok((_, read)) = parse_tls_record_header(header) else { return Ok(None) };
        if !known || major != 3 {
            return Err(RecordError::NotARecord { offset, kind, major, minor });
        }
        let length = usize::from(read.len);
        if length > RECORD_BYTES {
            return Err(RecordError::RecordTooLong { offset, length });
        }
        let Some(content) = rest.get(..length) else { return Ok(None) };
        let record = (*header, content.to_vec());
        self.taken = self.taken.saturating_add(RECORD_HEADER).saturating_add(length);
        self.records = self.records.saturating_add(1);
        if self.records > limits::HANDSHAKE_RECORDS {
            return Err(RecordError::TooManyRecords(limits::HANDSHAKE_RECORDS));
        }
        Ok(Some(record))
    }
}

/// Puts handshake messages together from the contents of records.
#[derive(Debug, Default)]
pub(super) struct Messages {
    bytes: Vec<u8>,
    taken: usize,
}

impl Messages {
    /// Takes the content of a record.
    pub(super) fn hear(&mut self, more: &[u8]) {
        self.bytes.drain(..self.taken.min(self.bytes.len()));
        self.taken = 0;
        self.bytes.extend_from_slice(more);
    }

    /// Whether no message has begun.
    pub(super) fn is_empty(&self) -> bool {
        self.taken >= self.bytes.len()
    }

    /// The next whole message: its type, and what follows its header.
    pub(super) fn next(&mut self) -> Result<Option<(u8, Vec<u8>)>, RecordError> {
        let rest = self.bytes.get(self.taken..).unwrap_or_default();
        let Some((&[kind, high, middle, low], rest)) = rest.split_first_chunk::<MESSAGE_HEADER>() else {
            return Ok(None);
        };
        let length = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
        let most = limits::HANDSHAKE_MESSAGE_BYTES;
        if length > most {
            return Err(RecordError::MessageTooLong { kind, length, most });
        }
        let Some(body) = rest.get(..length) else { return Ok(None) };
        let body = body.to_vec();
        self.taken = self.taken.saturating_add(MESSAGE_HEADER).saturating_add(length);
        Ok(Some((kind, body)))
    }
}
