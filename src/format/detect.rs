//! What a file is, found from its bytes and never from its name.

mod der;

#[cfg(test)]
mod tests;

use std::fmt;

use super::{jks, pem};

/// What bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Nothing, or nothing but blanks.
    Empty,
    /// A JKS keystore.
    Jks,
    /// A JCEKS keystore.
    Jceks,
    /// A PKCS12 keystore.
    Pkcs12,
    /// A BKS keystore of Bouncy Castle.
    Bks,
    /// A UBER keystore of Bouncy Castle: BKS, encrypted.
    Uber,
    /// A BCFKS keystore of Bouncy Castle's FIPS provider.
    Bcfks,
    /// PKCS7, of whatever content type.
    Pkcs7,
    /// An X.509 certificate.
    Certificate,
    /// A private key that is not encrypted.
    PrivateKey(KeyEncoding),
    /// A PKCS8 `EncryptedPrivateKeyInfo`.
    EncryptedPrivateKey,
    /// A PKCS10 certificate request.
    CertificateRequest,
    /// A CRL.
    Crl,
    /// A public key without certificate.
    PublicKey,
    /// Text with a line that begins a PEM block.
    Pem,
    /// A web page.
    Html,
    /// Text that is none of the others.
    Text,
    /// Text in UTF-16, without a PEM block in it.
    Utf16Text,
    /// None of these.
    Unknown,
}

/// How a private key is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyEncoding {
    /// `PrivateKeyInfo` (RFC 5208) or `OneAsymmetricKey` (RFC 5958).
    Pkcs8,
    /// `RSAPrivateKey` (RFC 8017 appendix A.1.2).
    Pkcs1,
    /// `ECPrivateKey` (RFC 5915).
    Sec1,
    /// OpenSSL's SEQUENCE of six numbers for DSA.
    Dsa,
}

impl Kind {
    /// Whether it is a keystore, of whichever maker.
    #[must_use]
    pub fn is_key_store(self) -> bool {
        matches!(self, Self::Jks | Self::Jceks | Self::Pkcs12 | Self::Bks | Self::Uber | Self::Bcfks)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "empty",
            Self::Jks => "a Java keystore (JKS)",
            Self::Jceks => "a Java keystore (JCEKS)",
            Self::Pkcs12 => "a PKCS12 keystore",
            Self::Bks => "a Bouncy Castle keystore (BKS)",
            Self::Uber => "a Bouncy Castle keystore (UBER)",
            Self::Bcfks => "a Bouncy Castle keystore (BCFKS)",
            Self::Pkcs7 => "a PKCS7 file",
            Self::Certificate => "a certificate",
            Self::PrivateKey(KeyEncoding::Pkcs8) => "a private key (PKCS8)",
            Self::PrivateKey(KeyEncoding::Pkcs1) => "an RSA private key (PKCS1)",
            Self::PrivateKey(KeyEncoding::Sec1) => "an EC private key (SEC1)",
            Self::PrivateKey(KeyEncoding::Dsa) => "a DSA private key",
            Self::EncryptedPrivateKey => "an encrypted private key",
            Self::CertificateRequest => "a certificate request",
            Self::Crl => "a CRL",
            Self::PublicKey => "a public key",
            Self::Pem => "PEM text",
            Self::Html => "an HTML page",
            Self::Text => "plain text",
            Self::Utf16Text => "text in UTF-16",
            Self::Unknown => "data of an unknown format",
        })
    }
}

/// Finds what bytes are, by their beginning and structure: a file that is cut short or damaged further on
/// is still found. Nothing is verified beyond that.
#[must_use]
pub fn detect(bytes: &[u8]) -> Kind {
    if let Some(kind) = binary(bytes) {
        return kind;
    }
    let utf16 = pem::is_utf16(bytes);
    let text = pem::text(bytes);
    let trimmed = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text).trim_ascii();
    if trimmed.is_empty() {
        Kind::Empty
    } else if pem::has_block(trimmed) {
        Kind::Pem
    } else if is_html(trimmed) {
        Kind::Html
    } else if utf16 {
        Kind::Utf16Text
    } else if is_text(trimmed) {
        Kind::Text
    } else {
        Kind::Unknown
    }
}

fn binary(bytes: &[u8]) -> Option<Kind> {
    match bytes.first_chunk::<4>()? {
        &jks::JKS_MAGIC => Some(Kind::Jks),
        &jks::JCEKS_MAGIC => Some(Kind::Jceks),
        [0, 0, 0, 1 | 2] => bouncy_castle(bytes),
        [0x30, ..] => der::kind(bytes),
        _ => None,
    }
}

/// BKS and UBER (`org.bouncycastle.jcajce.provider.keystore.bc.BcKeyStoreSpi`) begin alike: version, length
/// of the salt (20), salt, iterations. In BKS entries follow in the clear, the first octet being their type
/// (1 to 4) or, without entries, a zero before the HMAC; in UBER all that follows is encrypted.
fn bouncy_castle(bytes: &[u8]) -> Option<Kind> {
    if bytes.get(4..8)? != [0, 0, 0, 20] {
        return None;
    }
    match bytes.get(32..)? {
        [0, mac @ ..] if mac.len() == 20 => Some(Kind::Bks),
        [1..=4, high, low, rest @ ..] => {
            let alias = rest.get(..usize::from(u16::from_be_bytes([*high, *low])));
            let plain = alias.is_some_and(|alias| std::str::from_utf8(alias).is_ok());
            Some(if plain { Kind::Bks } else { Kind::Uber })
        }
        _ => Some(Kind::Uber),
    }
}

/// A page, an error page above all, that a download has put in the place of a certificate.
fn is_html(text: &[u8]) -> bool {
    let start = text.get(..text.len().min(1024)).unwrap_or_default().to_ascii_lowercase();
    start.starts_with(b"<!doctype html")
        || start.starts_with(b"<") && start.windows(5).any(|w| matches!(w, b"<html" | b"<head" | b"<body"))
}

/// Text in UTF-8 or in one of the encodings of a single octet: no control characters.
fn is_text(text: &[u8]) -> bool {
    text.iter().all(|b| !matches!(b, 0..=8 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f))
        && (std::str::from_utf8(text).is_ok()
            || text.iter().filter(|b| b.is_ascii()).count() * 4 > text.len() * 3)
}
