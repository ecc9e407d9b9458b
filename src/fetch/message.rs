//! The handshake messages that a server sends, read field by field. Each length has to agree with what is there:
//! a list that ends before its length does would be taken for a complete one.

use tls_parser::{
    ECParametersContent, TlsCipherSuiteID, TlsHandshakeType, TlsMessageHandshake, parse_dh_params,
    parse_ecdh_params, parse_tls_handshake_certificatestatus, parse_tls_handshake_msg_certificate,
    parse_tls_handshake_server_hello,
};

use crate::limits;
use crate::model::{ClientAuthRequest, EncodedCertificate, OidFilter};

#[cfg(test)]
mod tests;

/// A handshake message that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {message} message cannot be read: {field}")]
pub struct MessageError {
    /// The message's name in the RFC.
    pub message: &'static str,
    /// The part of it that is wrong.
    pub field: &'static str,
}

/// `random` of a ServerHello that is a HelloRetryRequest (RFC 8446 section 4.1.3).
const RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
    0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// A ServerHello.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ServerHello {
    /// The version that was chosen: that of `supported_versions` where it is there.
    pub(super) version: u16,
    /// The cipher suite.
    pub(super) suite: u16,
    /// Whether this asks for another ClientHello.
    pub(super) retry: bool,
    /// The group of `key_share`.
    pub(super) group: Option<u16>,
    /// The application protocol.
    pub(super) alpn: Option<Vec<u8>>,
    /// The stamps of certificate transparency (RFC 6962 section 3.3.1), unread.
    pub(super) scts: Option<Vec<u8>>,
}

/// Reads a ServerHello.
pub(super) fn server_hello(body: &[u8]) -> Result<ServerHello, MessageError> {
    let wrong = |field| MessageError { message: "ServerHello", field };
    let (rest, hello) = parse_tls_handshake_server_hello(body).map_err(|_| wrong("its fixed part"))?;
    let mut read = ServerHello {
        version: hello.version.0,
        suite: hello.cipher.0,
        retry: hello.random == RETRY_RANDOM,
        ..ServerHello::default()
    };
    // SSL 3.0 knows no extensions, and what follows there is nothing.
    if !rest.is_empty() && read.version != 0x0300 {
        return Err(wrong("the length of its extensions"));
    }
    let mut extensions = Fields(hello.ext.unwrap_or_default());
    while !extensions.is_empty() {
        let kind = extensions.u16().ok_or(wrong("an extension"))?;
        let content = extensions.vector16().ok_or(wrong("an extension"))?;
        match kind {
            16 => {
                // ALPN: a list of exactly one name (RFC 7301 section 3.1).
                read.alpn =
                    Fields(content).vector16().and_then(|list| Fields(list).vector8()).map(<[u8]>::to_vec);
            }
            18 => read.scts = Some(content.to_vec()),
            43 => read.version = Fields(content).u16().ok_or(wrong("supported_versions"))?,
            51 => read.group = Some(Fields(content).u16().ok_or(wrong("key_share"))?),
            _ => {}
        }
    }
    Ok(read)
}

/// The certificates of a Certificate message, up to TLS 1.2, and how many came beyond
/// [`limits::PRESENTED_CERTIFICATES`].
pub(super) fn certificates(body: &[u8]) -> Result<(Vec<EncodedCertificate>, usize), MessageError> {
    let wrong = |field| MessageError { message: "Certificate", field };
    let (rest, message) =
        parse_tls_handshake_msg_certificate(body).map_err(|_| wrong("the length of the list"))?;
    let TlsMessageHandshake::Certificate(message) = message else { return Err(wrong("its kind")) };
    // tls-parser passes over what is left of the list when a length in it leads beyond its end.
    let read: usize =
        message.cert_chain.iter().map(|certificate| certificate.data.len().saturating_add(3)).sum();
    if !rest.is_empty() || read.saturating_add(3) != body.len() {
        return Err(wrong("the length of a certificate"));
    }
    let omitted = message.cert_chain.len().saturating_sub(limits::PRESENTED_CERTIFICATES);
    let kept = message.cert_chain.iter().take(limits::PRESENTED_CERTIFICATES);
    Ok((kept.map(|certificate| EncodedCertificate::x509(certificate.data)).collect(), omitted))
}

/// The stapled answer of a CertificateStatus message, unread.
pub(super) fn certificate_status(body: &[u8]) -> Result<Option<Vec<u8>>, MessageError> {
    let wrong = |field| MessageError { message: "CertificateStatus", field };
    let (rest, status) = parse_tls_handshake_certificatestatus(body).map_err(|_| wrong("its length"))?;
    if !rest.is_empty() {
        return Err(wrong("its length"));
    }
    Ok((status.status_type == 1 && !status.blob.is_empty()).then(|| status.blob.to_vec()))
}

/// What a ServerKeyExchange message says of the group, in words; `None` where the suite has none or the message
/// cannot be read: nothing depends on it.
pub(super) fn key_exchange_group(suite: u16, body: &[u8]) -> Option<String> {
    use tls_parser::TlsCipherKx as Kx;
    let suite = TlsCipherSuiteID(suite).get_ciphersuite()?;
    match suite.kx {
        Kx::Dhe => {
            let (_, parameters) = parse_dh_params(body).ok()?;
            Some(format!("dh{}", bits(parameters.dh_p)))
        }
        Kx::Ecdhe => match body {
            // A curve of characteristic 2 that is spelled out (RFC 4492 section 5.4).
            [2, ..] => Some("explicit binary curve".to_owned()),
            _ => match parse_ecdh_params(body).ok()?.1.curve_params.params_content {
                ECParametersContent::NamedGroup(group) => Some(group_name(group.0)),
                ECParametersContent::ExplicitPrime(curve) => {
                    Some(format!("explicit prime curve of {} bits", bits(curve.prime_p)))
                }
            },
        },
        _ => None,
    }
}

fn bits(number: &[u8]) -> usize {
    let significant = number.iter().position(|&octet| octet != 0).and_then(|at| number.get(at..));
    let number = significant.unwrap_or_default();
    let leading = number.first().map_or(0, |octet| octet.leading_zeros() as usize);
    number.len().saturating_mul(8).saturating_sub(leading)
}

/// Reads a CertificateRequest of TLS 1.2 or older.
pub(super) fn certificate_request(version: u16, body: &[u8]) -> Result<ClientAuthRequest, MessageError> {
    let wrong = |field| MessageError { message: "CertificateRequest", field };
    let mut fields = Fields(body);
    let types = fields.vector8().ok_or(wrong("certificate_types"))?.to_vec();
    let signature_algorithms = if version >= 0x0303 {
        let list = fields.vector16().ok_or(wrong("supported_signature_algorithms"))?;
        Some(numbers(list).ok_or(wrong("supported_signature_algorithms"))?)
    } else {
        None
    };
    // SSL 3.0 servers may leave the list out.
    let absent = version == 0x0300 && fields.is_empty();
    let list = if absent { &[] } else { fields.vector16().ok_or(wrong("certificate_authorities"))? };
    if !fields.is_empty() {
        return Err(wrong("its length"));
    }
    Ok(ClientAuthRequest {
        version,
        types,
        signature_algorithms,
        authorities: authorities(list).ok_or(wrong("certificate_authorities"))?,
        ..ClientAuthRequest::default()
    })
}

/// Reads a CertificateRequest of TLS 1.3.
pub(super) fn certificate_request_13(body: &[u8]) -> Result<ClientAuthRequest, MessageError> {
    let wrong = |field| MessageError { message: "CertificateRequest", field };
    let mut fields = Fields(body);
    fields.vector8().ok_or(wrong("certificate_request_context"))?;
    let mut extensions = Fields(fields.vector16().ok_or(wrong("extensions"))?);
    if !fields.is_empty() {
        return Err(wrong("its length"));
    }
    let mut request = ClientAuthRequest { version: 0x0304, ..ClientAuthRequest::default() };
    while !extensions.is_empty() {
        let kind = extensions.u16().ok_or(wrong("extensions"))?;
        let mut content = Fields(extensions.vector16().ok_or(wrong("extensions"))?);
        let field = match kind {
            13 => "signature_algorithms",
            47 => "certificate_authorities",
            48 => "oid_filters",
            50 => "signature_algorithms_cert",
            _ => continue,
        };
        let list = content.vector16().filter(|_| content.is_empty()).ok_or(wrong(field))?;
        match kind {
            13 => request.signature_algorithms = Some(numbers(list).ok_or(wrong(field))?),
            47 => request.authorities = authorities(list).ok_or(wrong(field))?,
            48 => request.oid_filters = oid_filters(list).ok_or(wrong(field))?,
            _ => request.signature_algorithms_cert = Some(numbers(list).ok_or(wrong(field))?),
        }
    }
    Ok(request)
}

fn authorities(list: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut fields = Fields(list);
    let mut names = Vec::new();
    while !fields.is_empty() {
        names.push(fields.vector16()?.to_vec());
        if names.len() > limits::REQUESTED_AUTHORITIES {
            return None;
        }
    }
    Some(names)
}

fn oid_filters(list: &[u8]) -> Option<Vec<OidFilter>> {
    let mut fields = Fields(list);
    let mut filters = Vec::new();
    while !fields.is_empty() {
        let oid = fields.vector8()?.to_vec();
        filters.push(OidFilter { oid, values: fields.vector16()?.to_vec() });
    }
    Some(filters)
}

fn numbers(list: &[u8]) -> Option<Vec<u16>> {
    let (pairs, rest) = list.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect())
}

/// Fields of a message, taken off from the front.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn u16(&mut self) -> Option<u16> {
        let (number, rest) = self.0.split_first_chunk::<2>()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*number))
    }

    /// A field with one octet for its length.
    fn vector8(&mut self) -> Option<&'a [u8]> {
        let (&length, rest) = self.0.split_first()?;
        let (content, rest) = rest.split_at_checked(usize::from(length))?;
        self.0 = rest;
        Some(content)
    }

    /// A field with two octets for its length.
    fn vector16(&mut self) -> Option<&'a [u8]> {
        let length = self.u16()?;
        let (content, rest) = self.0.split_at_checked(usize::from(length))?;
        self.0 = rest;
        Some(content)
    }
}

/// The name of a protocol version.
pub(super) fn version_name(version: u16) -> String {
    match version {
        0x0300 => "SSLv3".to_owned(),
        0x0301 => "TLSv1.0".to_owned(),
        0x0302 => "TLSv1.1".to_owned(),
        0x0303 => "TLSv1.2".to_owned(),
        0x0304 => "TLSv1.3".to_owned(),
        other => format!("{other:#06x}"),
    }
}

/// The name of a cipher suite in the registry of IANA.
pub(super) fn suite_name(suite: u16) -> String {
    TlsCipherSuiteID(suite)
        .get_ciphersuite()
        .map_or_else(|| format!("{suite:#06x}"), |suite| suite.name.to_owned())
}

/// Groups by number (the registry "TLS Supported Groups").
const GROUPS: [(u16, &str); 45] = [
    (1, "sect163k1"),
    (2, "sect163r1"),
    (3, "sect163r2"),
    (4, "sect193r1"),
    (5, "sect193r2"),
    (6, "sect233k1"),
    (7, "sect233r1"),
    (8, "sect239k1"),
    (9, "sect283k1"),
    (10, "sect283r1"),
    (11, "sect409k1"),
    (12, "sect409r1"),
    (13, "sect571k1"),
    (14, "sect571r1"),
    (15, "secp160k1"),
    (16, "secp160r1"),
    (17, "secp160r2"),
    (18, "secp192k1"),
    (19, "secp192r1"),
    (20, "secp224k1"),
    (21, "secp224r1"),
    (22, "secp256k1"),
    (23, "secp256r1"),
    (24, "secp384r1"),
    (25, "secp521r1"),
    (26, "brainpoolP256r1"),
    (27, "brainpoolP384r1"),
    (28, "brainpoolP512r1"),
    (29, "x25519"),
    (30, "x448"),
    (31, "brainpoolP256r1tls13"),
    (32, "brainpoolP384r1tls13"),
    (33, "brainpoolP512r1tls13"),
    (41, "curveSM2"),
    (256, "ffdhe2048"),
    (257, "ffdhe3072"),
    (258, "ffdhe4096"),
    (259, "ffdhe6144"),
    (260, "ffdhe8192"),
    (512, "MLKEM512"),
    (513, "MLKEM768"),
    (514, "MLKEM1024"),
    (4587, "SecP256r1MLKEM768"),
    (4588, "X25519MLKEM768"),
    (4589, "SecP384r1MLKEM1024"),
];

/// All groups that have a number.
pub(super) fn groups() -> impl Iterator<Item = u16> {
    GROUPS.iter().map(|(id, _)| *id)
}

/// The name of a group in the registry of IANA.
pub(super) fn group_name(group: u16) -> String {
    let known = GROUPS.iter().find(|(id, _)| *id == group);
    known.map_or_else(|| format!("{group:#06x}"), |(_, name)| (*name).to_owned())
}

/// The handshake types that are looked for (RFC 5246 section 7.4).
pub(super) mod kind {
    use super::TlsHandshakeType as Type;

    pub(in crate::fetch) const SERVER_HELLO: u8 = Type::ServerHello.0;
    pub(in crate::fetch) const CERTIFICATE: u8 = Type::Certificate.0;
    pub(in crate::fetch) const SERVER_KEY_EXCHANGE: u8 = Type::ServerKeyExchange.0;
    pub(in crate::fetch) const CERTIFICATE_REQUEST: u8 = Type::CertificateRequest.0;
    pub(in crate::fetch) const SERVER_DONE: u8 = Type::ServerDone.0;
    pub(in crate::fetch) const FINISHED: u8 = Type::Finished.0;
    pub(in crate::fetch) const CERTIFICATE_STATUS: u8 = Type::CertificateStatus.0;
    pub(in crate::fetch) const HELLO_REQUEST: u8 = Type::HelloRequest.0;
}
