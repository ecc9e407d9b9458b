//! The ClientHellos of a reader without keys: they offer whatever a server may want.

use std::sync::LazyLock;

use tls_parser::{CIPHERS, TlsCipherAu, TlsCipherEnc, TlsCipherEncMode, TlsCipherKx, TlsCipherSuite};

use super::super::message;

/// What a ClientHello offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offer {
    /// SSL 3.0 to TLS 1.2, with extensions.
    UpTo12,
    /// TLS 1.0 without extensions but the server's name: for servers that take offence at newer hellos.
    Plain10,
    /// TLS 1.3 with every group and no share of any: the server has to name the group that it wants in a
    /// HelloRetryRequest (RFC 8446 section 4.1.4).
    Ask13,
}

/// A ClientHello in its record. `random` has to be fresh: servers may refuse one that they have seen.
pub(super) fn client_hello(offer: Offer, name: Option<&str>, alpn: &[Vec<u8>], random: &[u8; 32]) -> Vec<u8> {
    let version: u16 = if offer == Offer::Plain10 { 0x0301 } else { 0x0303 };
    let mut body = version.to_be_bytes().to_vec();
    body.extend_from_slice(random);
    // A session of TLS 1.3 that looks like one of TLS 1.2 has an identifier (RFC 8446 appendix D.4).
    let session: &[u8] = if offer == Offer::Ask13 { random } else { &[] };
    vector8(&mut body, session);
    let suites: &[u16] = match offer {
        Offer::UpTo12 => &SUITES,
        Offer::Plain10 => SUITES_10.as_slice(),
        Offer::Ask13 => &SUITES_13,
    };
    vector16(&mut body, &numbers(suites));
    vector8(&mut body, &[0]);
    let extensions = extensions(offer, name, alpn);
    if !extensions.is_empty() {
        vector16(&mut body, &extensions);
    }
    let length = body.len().to_be_bytes();
    let mut handshake = vec![1];
    handshake.extend_from_slice(length.get(length.len().saturating_sub(3)..).unwrap_or_default());
    handshake.extend_from_slice(&body);
    // Old servers look at this version too (RFC 5246 appendix E.1).
    let mut record = vec![22, 3, 1];
    vector16(&mut record, &handshake);
    record
}

/// The suites whose handshakes show certificates in the clear: no keys shared beforehand, nothing anonymous,
/// nothing without encryption. Ephemeral ones first, because a server that has both may present another
/// certificate for the others; exports and single DES last.
static SUITES: LazyLock<Vec<u16>> = LazyLock::new(|| {
    let mut suites: Vec<&TlsCipherSuite> = CIPHERS
        .values()
        .filter(|suite| {
            use TlsCipherKx as Kx;
            matches!(suite.kx, Kx::Rsa | Kx::Dh | Kx::Dhe | Kx::Ecdh | Kx::Ecdhe)
                && matches!(suite.au, TlsCipherAu::Rsa | TlsCipherAu::Ecdsa | TlsCipherAu::Dss)
                && suite.enc != TlsCipherEnc::Null
        })
        .collect();
    suites.sort_by_key(|suite| (rank(suite), suite.id.0));
    // The last one says that a renegotiation would be a safe one (RFC 5746 section 3.3): some servers insist.
    suites.iter().map(|suite| suite.id.0).chain([0x00ff]).collect()
});

/// Those that TLS 1.0 knows, without elliptic curves, for which there are no extensions then.
static SUITES_10: LazyLock<Vec<u16>> = LazyLock::new(|| {
    let known =
        |id: &u16| *id < 0xc000 && TlsCipherSuite::from_id(*id).is_none_or(|suite| !needs_tls_12(suite));
    SUITES.iter().copied().filter(known).collect()
});

/// Those of TLS 1.3 (RFC 8446 appendix B.4).
const SUITES_13: [u16; 5] = [0x1301, 0x1302, 0x1303, 0x1304, 0x1305];

fn needs_tls_12(suite: &TlsCipherSuite) -> bool {
    use TlsCipherEncMode as Mode;
    matches!(suite.enc_mode, Mode::Gcm | Mode::Ccm)
        || suite.name.ends_with("SHA256")
        || suite.name.ends_with("SHA384")
}

fn rank(suite: &TlsCipherSuite) -> (bool, u8, u8) {
    let exchange = match suite.kx {
        TlsCipherKx::Ecdhe => 0,
        TlsCipherKx::Dhe => 1,
        TlsCipherKx::Rsa => 2,
        _ => 3,
    };
    let cipher = match (suite.enc, suite.enc_mode) {
        (TlsCipherEnc::Aes, TlsCipherEncMode::Gcm) | (TlsCipherEnc::Chacha20_Poly1305, _) => 0,
        (TlsCipherEnc::Aes, _) => 1,
        (TlsCipherEnc::Rc4, _) => 3,
        _ => 2,
    };
    (suite.enc_size < 112, exchange, cipher)
}

/// Signature algorithms: the good ones in the order of OpenSSL, then the old ones, MD5 and DSA among them.
const SIGNATURES: [u16; 32] = [
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x081a, 0x081b, 0x081c, 0x0809, 0x080a, 0x080b, 0x0804, 0x0805,
    0x0806, 0x0401, 0x0501, 0x0601, 0x0303, 0x0301, 0x0203, 0x0201, 0x0402, 0x0502, 0x0602, 0x0302, 0x0202,
    0x0101, 0x0102, 0x0103, 0x0904, 0x0905, 0x0906,
];

fn extensions(offer: Offer, name: Option<&str>, alpn: &[Vec<u8>]) -> Vec<u8> {
    let mut extensions = Vec::new();
    let mut add = |kind: u16, content: &[u8]| {
        extensions.extend_from_slice(&kind.to_be_bytes());
        vector16(&mut extensions, content);
    };
    if let Some(name) = name {
        let mut entry = vec![0];
        vector16(&mut entry, name.as_bytes());
        add(0, &in_vector16(&entry));
    }
    if offer == Offer::Plain10 {
        return extensions;
    }
    // OCSP, with no responders and no extensions of its own (RFC 6066 section 8).
    add(5, &[1, 0, 0, 0, 0]);
    // The usual groups first: a server whose first choice is ours should not be led to an odd one.
    let usual = [29, 23, 24, 25];
    let odd =
        message::groups().filter(|group| !usual.contains(group) && (offer == Offer::Ask13 || *group < 512));
    let groups: Vec<u16> = usual.into_iter().chain(odd).collect();
    add(10, &in_vector16(&numbers(&groups)));
    add(11, &[3, 0, 1, 2]);
    add(13, &in_vector16(&numbers(&SIGNATURES)));
    if !alpn.is_empty() {
        let mut list = Vec::new();
        for protocol in alpn {
            vector8(&mut list, protocol);
        }
        add(16, &in_vector16(&list));
    }
    // Stamps of certificate transparency (RFC 6962 section 3.3.1).
    add(18, &[]);
    if offer == Offer::Ask13 {
        add(43, &[2, 3, 4]);
        add(51, &[0, 0]);
    } else {
        // Extended master secret (RFC 7627), renegotiation (RFC 5746).
        add(23, &[]);
        add(0xff01, &[0]);
    }
    extensions
}

fn numbers(list: &[u16]) -> Vec<u8> {
    list.iter().flat_map(|number| number.to_be_bytes()).collect()
}

fn in_vector16(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    vector16(&mut out, content);
    out
}

/// What is written here is far shorter than its length can say; what is not would be cut, never wrapped.
fn vector16(out: &mut Vec<u8>, content: &[u8]) {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend(content.iter().take(usize::from(length)));
}

fn vector8(out: &mut Vec<u8>, content: &[u8]) {
    let length = u8::try_from(content.len()).unwrap_or(u8::MAX);
    out.push(length);
    out.extend(content.iter().take(usize::from(length)));
}
