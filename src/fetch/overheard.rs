//! The CertificateRequest of a handshake that the TLS library led. The library hands over a selection of it; JSSE's
//! choice of a certificate depends on all of it. So a copy of the server's records is read once more: up to TLS 1.2 the
//! message is in the clear, and in TLS 1.3 it is under the server's handshake traffic secret (RFC 8446 section 7.1).

use std::fmt;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::aead::{
    AES_128_GCM, AES_256_GCM, Aad, Algorithm, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey,
};
use aws_lc_rs::hkdf::{self, HKDF_SHA256, HKDF_SHA384, KeyType, Prk};
use rustls::KeyLog;
use zeroize::Zeroizing;

use super::message::{self, MessageError, kind};
use super::record::{Event, Messages, RecordError, Records};
use crate::model::ClientAuthRequest;

#[cfg(test)]
mod tests;

/// Why the request cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unread {
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    Message(#[from] MessageError),
    #[error("the TLS library gave no secret to open it with")]
    NoSecret,
    #[error("the cipher suite {0} is not known")]
    Suite(String),
    #[error("a record of the handshake does not open")]
    Sealed,
    #[error("it did not come before the handshake broke")]
    Missing,
}

/// Takes the one secret that is needed from the TLS library, and overwrites it when it is dropped.
#[derive(Default)]
pub(super) struct Secret(Mutex<Option<Zeroizing<Vec<u8>>>>);

/// The name of the secret in the format of key logs.
const LABEL: &str = "SERVER_HANDSHAKE_TRAFFIC_SECRET";

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl KeyLog for Secret {
    fn log(&self, label: &str, _client_random: &[u8], secret: &[u8]) {
        if label == LABEL {
            let secret = Zeroizing::new(secret.to_vec());
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(secret);
        }
    }

    fn will_log(&self, label: &str) -> bool {
        label == LABEL
    }
}

impl Secret {
    /// Takes the secret out.
    pub(super) fn take(&self) -> Option<Zeroizing<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Reads the CertificateRequest out of what a server said in a handshake.
pub(super) fn certificate_request(heard: &[u8], secret: Option<&[u8]>) -> Result<ClientAuthRequest, Unread> {
    let mut records = Records::default();
    records.hear(heard);
    let mut hello = None;
    let mut opened = Messages::default();
    let mut opener = None;
    while let Some(event) = records.next()? {
        match event {
            Event::Message { kind: kind::SERVER_HELLO, body } => {
                hello = Some(message::server_hello(&body)?).filter(|hello| !hello.retry);
            }
            Event::Message { kind: kind::CERTIFICATE_REQUEST, body } => {
                let version = hello.as_ref().map_or(0x0303, |hello| hello.version);
                return Ok(message::certificate_request(version, &body)?);
            }
            Event::Data { header, mut content } => {
                let suite = hello.as_ref().map_or(0, |hello| hello.suite);
                let opener = match &mut opener {
                    Some(opener) => opener,
                    none => none.insert(Opener::new(suite, secret.ok_or(Unread::NoSecret)?)?),
                };
                opened.hear(opener.open(&header, &mut content)?);
                while let Some((number, body)) = opened.next()? {
                    match number {
                        kind::CERTIFICATE_REQUEST => return Ok(message::certificate_request_13(&body)?),
                        kind::FINISHED => return Err(Unread::Missing),
                        _ => {}
                    }
                }
            }
            Event::Message { .. } | Event::Alert { .. } | Event::ChangeCipherSpec => {}
        }
    }
    Err(Unread::Missing)
}

/// Opens the server's records of one handshake, in their order (RFC 8446 sections 5.2, 5.3 and 7.3).
struct Opener {
    key: LessSafeKey,
    iv: Zeroizing<[u8; 12]>,
    number: u64,
}

impl Opener {
    fn new(suite: u16, secret: &[u8]) -> Result<Self, Unread> {
        let (digest, algorithm): (hkdf::Algorithm, &'static Algorithm) = match suite {
            0x1301 => (HKDF_SHA256, &AES_128_GCM),
            0x1302 => (HKDF_SHA384, &AES_256_GCM),
            0x1303 => (HKDF_SHA256, &CHACHA20_POLY1305),
            other => return Err(Unread::Suite(message::suite_name(other))),
        };
        let secret = Prk::new_less_safe(digest, secret);
        let mut key = Zeroizing::new([0; 32]);
        let key = key.get_mut(..algorithm.key_len()).ok_or(Unread::Sealed)?;
        expand(&secret, b"tls13 key", key)?;
        let mut iv = Zeroizing::new([0; 12]);
        expand(&secret, b"tls13 iv", iv.as_mut_slice())?;
        let key = UnboundKey::new(algorithm, key).map_err(|_| Unread::Sealed)?;
        Ok(Self { key: LessSafeKey::new(key), iv, number: 0 })
    }

    /// The handshake bytes of a record; nothing where it holds something else.
    fn open<'a>(&mut self, header: &[u8; 5], content: &'a mut [u8]) -> Result<&'a [u8], Unread> {
        let mut nonce = *self.iv;
        for (octet, number) in nonce.iter_mut().skip(4).zip(self.number.to_be_bytes()) {
            *octet ^= number;
        }
        self.number = self.number.wrapping_add(1);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let opened: &[u8] =
            self.key.open_in_place(nonce, Aad::from(header), content).map_err(|_| Unread::Sealed)?;
        // The type stands last, before the padding.
        let end = opened.iter().rposition(|&octet| octet != 0).ok_or(Unread::Sealed)?;
        match opened.split_at_checked(end) {
            Some((content, [22, ..])) => Ok(content),
            _ => Ok(&[]),
        }
    }
}

/// HKDF-Expand-Label with an empty context.
fn expand(secret: &Prk, label: &[u8], out: &mut [u8]) -> Result<(), Unread> {
    let length = u16::try_from(out.len()).map_err(|_| Unread::Sealed)?.to_be_bytes();
    let label_length = [u8::try_from(label.len()).map_err(|_| Unread::Sealed)?];
    let info: [&[u8]; 4] = [&length, &label_length, label, &[0]];
    let expanded = secret.expand(&info, Length(out.len())).map_err(|_| Unread::Sealed)?;
    expanded.fill(out).map_err(|_| Unread::Sealed)
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}
