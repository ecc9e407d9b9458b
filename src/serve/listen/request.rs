//! The CertificateRequest, as it has to be sent.
//!
//! rustls sends one of its own: on TLS 1.2 with fixed certificate types and without the signature schemes that it
//! has no names for (DSA, RSA-PSS keys, SHA-224), on TLS 1.3 without `signature_algorithms_cert` and `oid_filters`. A
//! double of another server has to ask what that server asks, to the byte. So our message takes the place of
//! rustls's: on the wire, in the hash of the handshake, and in the text that the client signs. All three are behind
//! public interfaces of rustls: the transport, [`hash::Hash`] with [`MessageEncrypter`], and the verifier.

use std::sync::Arc;

use rustls::crypto::cipher::{
    AeadKey, Iv, MessageDecrypter, MessageEncrypter, OutboundChunks, OutboundOpaqueMessage,
    OutboundPlainMessage, Tls13AeadAlgorithm, UnsupportedOperationError,
};
use rustls::crypto::{CryptoProvider, hash};
use rustls::{
    CipherSuiteCommon, ConnectionTrafficSecrets, ContentType, Error, SupportedCipherSuite, Tls12CipherSuite,
    Tls13CipherSuite,
};

use crate::model::ClientAuthRequest;

#[cfg(test)]
mod tests;

/// The type of a CertificateRequest (RFC 5246 section 7.4).
const CERTIFICATE_REQUEST: u8 = 13;

/// Why a request cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {0} of the request are longer than a message can say")]
pub struct RequestTooLong(pub &'static str);

/// The whole message, its header included: RFC 5246 section 7.4.4, or RFC 8446 section 4.3.2 where the request's
/// version is 0x0304.
pub(super) fn encode(request: &ClientAuthRequest) -> Result<Vec<u8>, RequestTooLong> {
    let schemes = |list: &Option<Vec<u16>>| -> Vec<u8> {
        list.iter().flatten().flat_map(|scheme| scheme.to_be_bytes()).collect()
    };
    let mut names = Vec::new();
    for name in &request.authorities {
        names.extend(vector16(name, "names")?);
    }
    let mut body = Vec::new();
    if request.version == 0x0304 {
        let mut extensions = Vec::new();
        let mut extension = |number: u16, content: Vec<u8>| -> Result<(), RequestTooLong> {
            extensions.extend(number.to_be_bytes());
            extensions.extend(vector16(&content, "extensions")?);
            Ok(())
        };
        extension(13, vector16(&schemes(&request.signature_algorithms), "algorithms")?)?;
        if request.signature_algorithms_cert.is_some() {
            extension(50, vector16(&schemes(&request.signature_algorithms_cert), "algorithms")?)?;
        }
        if !names.is_empty() {
            extension(47, vector16(&names, "names")?)?;
        }
        if !request.oid_filters.is_empty() {
            let mut filters = Vec::new();
            for filter in &request.oid_filters {
                filters.extend(vector8(&filter.oid, "filters")?);
                filters.extend(vector16(&filter.values, "filters")?);
            }
            extension(48, vector16(&filters, "filters")?)?;
        }
        body.push(0);
        body.extend(vector16(&extensions, "extensions")?);
    } else {
        body.extend(vector8(&request.types, "types")?);
        body.extend(vector16(&schemes(&request.signature_algorithms), "algorithms")?);
        body.extend(vector16(&names, "names")?);
    }
    let length = u32::try_from(body.len()).map_err(|_| RequestTooLong("names"))?;
    let [_, high, middle, low] = length.to_be_bytes();
    let mut message = vec![CERTIFICATE_REQUEST, high, middle, low];
    message.extend(body);
    Ok(message)
}

fn vector8(content: &[u8], what: &'static str) -> Result<Vec<u8>, RequestTooLong> {
    let length = u8::try_from(content.len()).map_err(|_| RequestTooLong(what))?;
    Ok([&[length], content].concat())
}

fn vector16(content: &[u8], what: &'static str) -> Result<Vec<u8>, RequestTooLong> {
    let length = u16::try_from(content.len()).map_err(|_| RequestTooLong(what))?;
    Ok([&length.to_be_bytes(), content].concat())
}

/// Handshake messages with ours in the place of each CertificateRequest. What is no whole message stays as it is.
pub(super) fn replaced(mut messages: &[u8], ours: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(messages.len().saturating_add(ours.len()));
    while let Some((message, rest)) = first_message(messages) {
        let is_request = message.first() == Some(&CERTIFICATE_REQUEST);
        out.extend_from_slice(if is_request { ours } else { message });
        messages = rest;
    }
    out.extend_from_slice(messages);
    out
}

fn first_message(messages: &[u8]) -> Option<(&[u8], &[u8])> {
    let [_, high, middle, low] = *messages.first_chunk::<4>()?;
    let length = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
    messages.split_at_checked(length.saturating_add(4))
}

/// A provider whose handshakes hash our message, and on TLS 1.3 encrypt it, in the place of rustls's.
///
/// rustls wants cipher suites that live as long as the process. So each call leaves some kilobytes behind for good;
/// one is made for each server, not for each connection.
pub(super) fn provider(usual: CryptoProvider, tls12: &Arc<[u8]>, tls13: &Arc<[u8]>) -> CryptoProvider {
    let suites = usual.cipher_suites.iter().map(|suite| match suite {
        SupportedCipherSuite::Tls12(suite) => {
            SupportedCipherSuite::Tls12(Box::leak(Box::new(Tls12CipherSuite {
                common: common(&suite.common, tls12),
                prf_provider: suite.prf_provider,
                kx: suite.kx,
                sign: suite.sign,
                aead_alg: suite.aead_alg,
            })))
        }
        SupportedCipherSuite::Tls13(suite) => {
            SupportedCipherSuite::Tls13(Box::leak(Box::new(Tls13CipherSuite {
                common: common(&suite.common, tls13),
                hkdf_provider: suite.hkdf_provider,
                aead_alg: Box::leak(Box::new(Sealing { usual: suite.aead_alg, ours: Arc::clone(tls13) })),
                quic: None,
            })))
        }
    });
    CryptoProvider { cipher_suites: suites.collect(), ..usual }
}

fn common(usual: &CipherSuiteCommon, ours: &Arc<[u8]>) -> CipherSuiteCommon {
    CipherSuiteCommon {
        suite: usual.suite,
        hash_provider: Box::leak(Box::new(Hashing { usual: usual.hash_provider, ours: Arc::clone(ours) })),
        confidentiality_limit: usual.confidentiality_limit,
    }
}

/// A hash that is fed our message. Each handshake message is one call of [`hash::Context::update`].
struct Hashing {
    usual: &'static dyn hash::Hash,
    ours: Arc<[u8]>,
}

impl hash::Hash for Hashing {
    fn start(&self) -> Box<dyn hash::Context> {
        Box::new(HashingContext { usual: self.usual.start(), ours: Arc::clone(&self.ours) })
    }

    fn hash(&self, data: &[u8]) -> hash::Output {
        self.usual.hash(data)
    }

    fn output_len(&self) -> usize {
        self.usual.output_len()
    }

    fn algorithm(&self) -> hash::HashAlgorithm {
        self.usual.algorithm()
    }
}

struct HashingContext {
    usual: Box<dyn hash::Context>,
    ours: Arc<[u8]>,
}

impl hash::Context for HashingContext {
    fn fork_finish(&self) -> hash::Output {
        self.usual.fork_finish()
    }

    fn fork(&self) -> Box<dyn hash::Context> {
        Box::new(Self { usual: self.usual.fork(), ours: Arc::clone(&self.ours) })
    }

    fn finish(self: Box<Self>) -> hash::Output {
        self.usual.finish()
    }

    fn update(&mut self, data: &[u8]) {
        match first_message(data) {
            Some((message, [])) if message.first() == Some(&CERTIFICATE_REQUEST) => {
                self.usual.update(&self.ours)
            }
            _ => self.usual.update(data),
        }
    }
}

/// Encryption of TLS 1.3 that seals our message.
struct Sealing {
    usual: &'static dyn Tls13AeadAlgorithm,
    ours: Arc<[u8]>,
}

impl Tls13AeadAlgorithm for Sealing {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageEncrypter> {
        let ours = Arc::clone(&self.ours);
        Box::new(Sealer { usual: self.usual.encrypter(key, iv), stream: Substitution::new(ours) })
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageDecrypter> {
        self.usual.decrypter(key, iv)
    }

    fn key_len(&self) -> usize {
        self.usual.key_len()
    }

    fn extract_keys(
        &self,
        key: AeadKey,
        iv: Iv,
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.usual.extract_keys(key, iv)
    }
}

struct Sealer {
    usual: Box<dyn MessageEncrypter>,
    stream: Substitution,
}

impl MessageEncrypter for Sealer {
    fn encrypt(
        &mut self,
        message: OutboundPlainMessage<'_>,
        number: u64,
    ) -> Result<OutboundOpaqueMessage, Error> {
        if message.typ != ContentType::Handshake {
            return self.usual.encrypt(message, number);
        }
        let content = self.stream.pass(&message.payload.to_vec());
        let payload = OutboundChunks::Single(&content);
        self.usual
            .encrypt(OutboundPlainMessage { typ: message.typ, version: message.version, payload }, number)
    }

    fn encrypted_payload_len(&self, length: usize) -> usize {
        self.usual.encrypted_payload_len(length)
    }
}

/// Puts our message into a stream of handshake messages that comes in pieces. Each piece goes out with the length
/// with which it came, but for the one in which rustls's message ends: that one takes what ours is longer. On TLS 1.3
/// ours is never shorter, because it holds all that rustls's does.
pub(super) struct Substitution {
    ours: Arc<[u8]>,
    /// The header of the current message, as far as it has come.
    header: Vec<u8>,
    /// Bytes of the current message that are still to come, its header not counted.
    left: usize,
    /// Bytes of ours that have gone out; `None` outside a request.
    gone: Option<usize>,
}

impl Substitution {
    pub(super) fn new(ours: Arc<[u8]>) -> Self {
        Self { ours, header: Vec::new(), left: 0, gone: None }
    }

    /// The next piece.
    pub(super) fn pass(&mut self, mut piece: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(piece.len());
        while let Some((&octet, rest)) = piece.split_first() {
            if self.left == 0 {
                piece = rest;
                self.begin(octet, &mut out);
            } else {
                let (now, later) = piece.split_at(self.left.min(piece.len()));
                self.left = self.left.saturating_sub(now.len());
                piece = later;
                match self.gone {
                    Some(_) => self.emit(now.len(), &mut out),
                    None => out.extend_from_slice(now),
                }
            }
            if self.left == 0 && self.header.is_empty() {
                self.end(&mut out);
            }
        }
        out
    }

    /// An octet of a header.
    fn begin(&mut self, octet: u8, out: &mut Vec<u8>) {
        self.header.push(octet);
        if self.header.first() == Some(&CERTIFICATE_REQUEST) {
            self.gone.get_or_insert(0);
            self.emit(1, out);
        } else {
            out.push(octet);
        }
        if let [_, high, middle, low] = *self.header.as_slice() {
            self.left = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
            self.header.clear();
        }
    }

    /// As many octets of ours.
    fn emit(&mut self, count: usize, out: &mut Vec<u8>) {
        let gone = self.gone.unwrap_or_default();
        out.extend(self.ours.iter().skip(gone).take(count));
        self.gone = Some(gone.saturating_add(count));
    }

    /// The rest of ours, where rustls's has ended.
    fn end(&mut self, out: &mut Vec<u8>) {
        if let Some(gone) = self.gone.take() {
            out.extend(self.ours.iter().skip(gone));
        }
    }
}
