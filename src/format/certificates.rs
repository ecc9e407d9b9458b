//! Certificates from whatever a person has at hand: DER, PEM, PKCS7, bare base64, the output of a tool.
//!
//! Read is all that `keytool -importcert` reads, with the same first certificate, and what it refuses
//! though its meaning is plain: byte order marks, indentation, UTF-16, `TRUSTED CERTIFICATE`, PKCS7, a
//! private key before the certificate, a damaged block among good ones.

#[cfg(test)]
mod tests;

use std::fmt;

use super::asn1::{Problem, Reader};
use super::detect::{KeyEncoding, Kind, detect};
use super::pem::{self, Block, PemError, PemProblem};
use super::pkcs7::{self, Pkcs7Error};
use crate::model::{Certificate, CertificateError};

/// What was read of one input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The certificates, in the order of the input. Never empty when [`read`] gives it.
    pub certificates: Vec<Found>,
    /// What was passed over and why, in the order of the input.
    pub notes: Vec<Note>,
}

/// A certificate and where it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The certificate.
    pub certificate: Certificate,
    /// Where it stood.
    pub place: Place,
}

/// A place in an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A line of text, the first being 1. Of text that was base64 as a whole: of what it stands for.
    Line(usize),
    /// An offset in binary data.
    Offset(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Offset(offset) => write!(f, "offset {offset}"),
        }
    }
}

/// Something that did not become a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Where it stands.
    pub place: Place,
    /// What it is.
    pub remark: Remark,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.remark)
    }
}

/// Why something did not become a certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Remark {
    /// It is something else, a private key for one.
    #[error("{0} is passed over")]
    PassedOver(Kind),
    /// A PEM block that keyward has no use for.
    #[error("a block \"{}\" is passed over", .0.escape_debug())]
    Label(String),
    /// A PEM block that cannot be read.
    #[error(transparent)]
    Block(PemProblem),
    /// What should be a certificate cannot be read.
    #[error(transparent)]
    Certificate(CertificateError),
    /// What should be a certificate or PKCS7 is not there to its end.
    #[error("the data ends too early")]
    Truncated,
    /// PKCS7 that cannot be read.
    #[error(transparent)]
    Pkcs7(Pkcs7Error),
    /// PKCS7 that can be read and holds none.
    #[error("a PKCS7 file without certificates")]
    NoCertificates,
    /// The settings that `openssl x509 -trustout` puts after the certificate. The certificate is read.
    #[error("the trust settings of OpenSSL are passed over")]
    TrustSettings,
    /// Bytes after the last certificate.
    #[error("{0} bytes after the certificates are passed over")]
    Trailing(usize),
}

impl Remark {
    /// Whether it is damage, and not just something else.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Block(_) | Self::Certificate(_) | Self::Truncated | Self::Pkcs7(_))
    }
}

/// Why an input gives no certificate at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// No bytes, or nothing but blanks.
    #[error("the input is empty")]
    Empty,
    /// Something else.
    #[error("the input is {found}, not a certificate")]
    NotCertificates {
        /// What it is.
        found: Kind,
    },
    /// There should be certificates, and none can be read.
    #[error("no certificate can be read: {first}")]
    Unreadable {
        /// The first thing that is wrong.
        first: Note,
        /// All that was passed over.
        notes: Vec<Note>,
    },
}

/// Reads all certificates of one input, in its order. The first is the one that `keytool -importcert`
/// would import, if it reads the input.
///
/// What else stands in the input becomes a note, damaged certificates and blocks too. Certificates are
/// read, and not verified; two equal ones are both kept.
///
/// # Errors
///
/// [`InputError`] when no certificate is left.
pub fn read(bytes: &[u8]) -> Result<Reading, InputError> {
    let mut reading = Reading::default();
    match detect(bytes) {
        Kind::Empty => return Err(InputError::Empty),
        Kind::Text | Kind::Utf16Text => reading.read_bare_base64(bytes)?,
        found => reading.read_as(found, bytes)?,
    }
    reading.finish()
}

impl Reading {
    fn read_as(&mut self, found: Kind, bytes: &[u8]) -> Result<(), InputError> {
        match found {
            Kind::Certificate | Kind::Pkcs7 => {
                let rest = self.read_der(bytes, 0);
                if pem::has_block(rest) {
                    self.read_pem(bytes);
                } else if !rest.trim_ascii().is_empty() {
                    let place = Place::Offset(bytes.len().saturating_sub(rest.len()));
                    self.note(place, Remark::Trailing(rest.len()));
                }
                Ok(())
            }
            Kind::Pem => {
                self.read_pem(bytes);
                Ok(())
            }
            found => Err(InputError::NotCertificates { found }),
        }
    }

    /// What is left when the armour is lost: the base64 text of DER, or, as Kubernetes keeps it, of PEM.
    fn read_bare_base64(&mut self, bytes: &[u8]) -> Result<(), InputError> {
        let text = pem::text(bytes);
        let plain = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
        match pem::base64(plain).map(|decoded| (detect(&decoded), decoded)) {
            Err(_) | Ok((Kind::Text | Kind::Utf16Text | Kind::Unknown | Kind::Empty | Kind::Html, _)) => {
                Err(InputError::NotCertificates { found: Kind::Text })
            }
            Ok((found, decoded)) => self.read_as(found, &decoded),
        }
    }

    /// Reads DER values as long as they are certificates or PKCS7, and gives what follows.
    fn read_der<'a>(&mut self, bytes: &'a [u8], base: usize) -> &'a [u8] {
        let mut reader = Reader::new(bytes);
        loop {
            let place = Place::Offset(base.saturating_add(reader.offset()));
            let rest = reader.rest();
            let found = if rest.first() == Some(&0x30) { detect(rest) } else { Kind::Unknown };
            if !matches!(found, Kind::Certificate | Kind::Pkcs7) {
                return rest;
            }
            let Ok(value) = reader.any("certificate") else {
                self.certificate(place, rest);
                return &[];
            };
            match found {
                Kind::Certificate => self.certificate(place, value.whole),
                _ => self.pkcs7(place, value.whole),
            }
        }
    }

    fn read_pem(&mut self, bytes: &[u8]) {
        let mut end = 0;
        for block in pem::blocks(bytes) {
            match block {
                Ok(block) => {
                    end = block.end;
                    self.block(&block);
                }
                Err(PemError { line, problem, .. }) => {
                    self.note(Place::Line(line), Remark::Block(problem));
                }
            }
        }
        let tail = bytes.get(end..).unwrap_or_default().trim_ascii_start();
        if end > 0 && !pem::is_utf16(bytes) {
            self.read_der(tail, bytes.len().saturating_sub(tail.len()));
        }
    }

    fn block(&mut self, block: &Block) {
        let place = Place::Line(block.line);
        if let Some(kind) = key_kind(block) {
            self.note(place, Remark::PassedOver(kind));
            return;
        }
        match detect(&block.der) {
            Kind::Certificate if block.label == "TRUSTED CERTIFICATE" => {
                let mut reader = Reader::new(&block.der);
                let value = reader.any("certificate").map_or(&**block.der, |value| value.whole);
                self.certificate(place, value);
                if !reader.is_empty() {
                    self.note(place, Remark::TrustSettings);
                }
            }
            Kind::Certificate => self.certificate(place, &block.der),
            Kind::Pkcs7 => self.pkcs7(place, &block.der),
            kind @ (Kind::CertificateRequest | Kind::Crl | Kind::PublicKey) => {
                self.note(place, Remark::PassedOver(kind));
            }
            _ if block.label.ends_with("CERTIFICATE") => {
                self.certificate(place, &block.der);
            }
            Kind::PrivateKey(encoding) => self.note(place, Remark::PassedOver(Kind::PrivateKey(encoding))),
            _ => self.note(place, Remark::Label(block.label.clone())),
        }
    }

    fn pkcs7(&mut self, place: Place, der: &[u8]) {
        match pkcs7::certificates(der) {
            Ok(certificates) if certificates.is_empty() => self.note(place, Remark::NoCertificates),
            Ok(certificates) => certificates.iter().for_each(|c| self.certificate(place, &c.der)),
            Err(error) => self.note(place, Remark::Pkcs7(error)),
        }
    }

    fn certificate(&mut self, place: Place, der: &[u8]) {
        match Certificate::from_der(der) {
            Ok(certificate) => self.certificates.push(Found { certificate, place }),
            Err(error) => {
                let end = Reader::new(der).any("certificate").map_err(|error| error.problem);
                let truncated = matches!(end, Err(Problem::Truncated));
                let remark = if truncated { Remark::Truncated } else { Remark::Certificate(error) };
                self.note(place, remark);
            }
        }
    }

    fn note(&mut self, place: Place, remark: Remark) {
        self.notes.push(Note { place, remark });
    }

    /// The reading, if anything was read; else the most telling of the notes: damage before anything that
    /// is merely something else.
    fn finish(self) -> Result<Self, InputError> {
        if !self.certificates.is_empty() {
            return Ok(self);
        }
        let damage = self.notes.iter().find(|note| note.remark.is_damage());
        match damage.or(self.notes.first()).cloned() {
            None => Err(InputError::NotCertificates { found: Kind::Pem }),
            Some(Note { remark: Remark::PassedOver(found), .. }) => {
                Err(InputError::NotCertificates { found })
            }
            Some(Note { remark: Remark::Label(_), .. }) => {
                Err(InputError::NotCertificates { found: Kind::Pem })
            }
            Some(first) => Err(InputError::Unreadable { first, notes: self.notes }),
        }
    }
}

/// The kind of a private key, by its label alone: what a key holds is nobody's business here.
fn key_kind(block: &Block) -> Option<Kind> {
    let encrypted =
        block.headers.iter().any(|(name, value)| name == "Proc-Type" && value.contains("ENCRYPTED"));
    match block.label.as_str() {
        "ENCRYPTED PRIVATE KEY" => Some(Kind::EncryptedPrivateKey),
        label if label.ends_with("PRIVATE KEY") && encrypted => Some(Kind::EncryptedPrivateKey),
        "RSA PRIVATE KEY" => Some(Kind::PrivateKey(KeyEncoding::Pkcs1)),
        "EC PRIVATE KEY" => Some(Kind::PrivateKey(KeyEncoding::Sec1)),
        "DSA PRIVATE KEY" => Some(Kind::PrivateKey(KeyEncoding::Dsa)),
        label if label.ends_with("PRIVATE KEY") => Some(Kind::PrivateKey(KeyEncoding::Pkcs8)),
        _ => None,
    }
}
