//! Everything in a file that is no keystore: certificates, private keys, requests, CRLs and public keys, in
//! PEM, DER, PKCS7 or bare base64.
//!
//! [`certificates`](super::certificates) takes the certificates out of such a file and passes over the rest;
//! here the rest counts as much. Keys stay as they are: opening one takes a password.

#[cfg(test)]
mod tests;

use std::fmt;

use zeroize::Zeroizing;

use super::asn1::Reader;
use super::certificates::Place;
use super::detect::{KeyEncoding, Kind, detect};
use super::pem::{self, Block, PemError};
use super::{crl, pkcs7, public_key, request};
use crate::model::{CertificateRequest, Crl, EncodedCertificate, PublicKey};

/// What was read of one file.
#[derive(Debug)]
pub struct Objects {
    /// How the file is encoded.
    pub encoding: Encoding,
    /// The objects, in the order of the file.
    pub found: Vec<Found>,
    /// What was passed over: blocks that keyward has no use for, and bytes after the last object.
    pub passed_over: Vec<(Place, String)>,
}

/// How a file of objects is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// PEM blocks, of PKCS7 too.
    Pem,
    /// One DER value, or several one after the other.
    Der,
    /// PKCS7 in DER or BER.
    Pkcs7,
    /// Base64 text of one of the others.
    Base64,
}

impl Encoding {
    /// The name in keyward's JSON.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Pem => "PEM",
            Self::Der => "DER",
            Self::Pkcs7 => "PKCS7",
            Self::Base64 => "base64",
        }
    }
}

/// One object and where it stands.
#[derive(Debug)]
pub struct Found {
    /// Where it stands.
    pub place: Place,
    /// What it is.
    pub object: Object,
}

/// What stands in a file.
#[derive(Debug)]
pub enum Object {
    /// A certificate, not read yet.
    Certificate(EncodedCertificate),
    /// A private key, as it was encoded and perhaps encrypted.
    PrivateKey(EncodedKey),
    /// A certificate request.
    Request(CertificateRequest),
    /// A CRL.
    Crl(Crl),
    /// A public key.
    PublicKey(PublicKey),
    /// What should be one of these, by its label or structure, and cannot be read.
    Damaged {
        /// What it should be.
        kind: Kind,
        /// Why it cannot be read.
        message: String,
    },
}

/// A private key as it stands in a file. `Debug` shows none of it.
pub enum EncodedKey {
    /// In a PEM block.
    Block {
        /// The block.
        block: Block,
        /// The content of an `EC PARAMETERS` block before it.
        ec_parameters: Option<Zeroizing<Vec<u8>>>,
    },
    /// In DER.
    Der(Zeroizing<Vec<u8>>),
}

impl fmt::Debug for EncodedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Block { block, .. } => write!(f, "{block:?}"),
            Self::Der(_) => f.write_str("Der(..)"),
        }
    }
}

/// Reads all objects of a file. `Err` tells what the file is when it holds none of them: a keystore, a web
/// page, nothing at all.
///
/// Certificates and keys are found, and not read; the others are read, and not verified. One damaged object
/// does not hide the others.
///
/// # Errors
///
/// What the bytes are instead.
pub fn read(bytes: &[u8]) -> Result<Objects, Kind> {
    let kind = detect(bytes);
    match kind {
        Kind::Text | Kind::Utf16Text => {
            let decoded = bare_base64(bytes).ok_or(kind)?;
            let mut objects = read_encoded(detect(&decoded), &decoded)?;
            objects.encoding = Encoding::Base64;
            Ok(objects)
        }
        kind => read_encoded(kind, bytes),
    }
}

/// What a text that is base64 from its first character to its last stands for, as Kubernetes keeps files;
/// `None` for any other text.
#[must_use]
pub fn bare_base64(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = pem::text(bytes);
    let plain = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    pem::base64(plain).ok().filter(|decoded| {
        !matches!(detect(decoded), Kind::Text | Kind::Utf16Text | Kind::Unknown | Kind::Empty | Kind::Html)
    })
}

fn read_encoded(kind: Kind, bytes: &[u8]) -> Result<Objects, Kind> {
    let encoding = match kind {
        Kind::Pem => Encoding::Pem,
        Kind::Pkcs7 => Encoding::Pkcs7,
        kind if is_object(kind) => Encoding::Der,
        kind => return Err(kind),
    };
    let mut objects = Objects { encoding, found: Vec::new(), passed_over: Vec::new() };
    match encoding {
        Encoding::Pem => objects.read_pem(bytes),
        _ => objects.read_der(bytes),
    }
    Ok(objects)
}

impl Objects {
    fn read_pem(&mut self, bytes: &[u8]) {
        // An EC key may leave it to the block before it to name its curve.
        let mut ec_parameters = None;
        for block in pem::blocks(bytes) {
            match block {
                Ok(block) if block.label == "EC PARAMETERS" => ec_parameters = Some(block.der),
                Ok(block) => self.block(block, &mut ec_parameters),
                // OpenPGP has such blocks too, with a checksum that is no base64.
                Err(PemError { label, line, .. }) if label.starts_with("PGP ") => {
                    self.pass_over(Place::Line(line), &label);
                }
                Err(PemError { label, line, problem }) => {
                    let kind = by_label(&label).unwrap_or(Kind::Unknown);
                    self.damaged(Place::Line(line), kind, problem.to_string());
                }
            }
        }
    }

    fn block(&mut self, block: Block, ec_parameters: &mut Option<Zeroizing<Vec<u8>>>) {
        let place = Place::Line(block.line);
        let labelled = by_label(&block.label);
        // A key is one by its label alone: what is encrypted by headers has no structure.
        if let Some(Kind::PrivateKey(_) | Kind::EncryptedPrivateKey) = labelled {
            self.push(place, private_key(block, ec_parameters.take()));
            return;
        }
        let detected = detect(&block.der);
        match (detected, labelled) {
            // Those of DH have the two numbers of an RSA key.
            _ if block.label.ends_with("PARAMETERS") => self.pass_over(place, &block.label),
            (Kind::Certificate, _) if block.label == "TRUSTED CERTIFICATE" => {
                let first = Reader::new(&block.der).any("certificate").map(|value| value.whole);
                self.der(place, Kind::Certificate, first.unwrap_or(&block.der));
            }
            (Kind::PrivateKey(_) | Kind::EncryptedPrivateKey, _) => {
                self.push(place, private_key(block, ec_parameters.take()));
            }
            (kind, _) if is_object(kind) || kind == Kind::Pkcs7 => self.der(place, kind, &block.der),
            (_, Some(kind)) => self.der(place, kind, &block.der),
            _ => self.pass_over(place, &block.label),
        }
    }

    fn read_der(&mut self, bytes: &[u8]) {
        let mut reader = Reader::new(bytes);
        loop {
            let place = Place::Offset(reader.offset());
            let rest = reader.rest();
            let kind = if rest.first() == Some(&0x30) { detect(rest) } else { Kind::Unknown };
            if !is_object(kind) && kind != Kind::Pkcs7 {
                if !rest.trim_ascii().is_empty() {
                    let count = rest.len();
                    self.passed_over.push((place, format!("{count} bytes at the end are passed over")));
                }
                return;
            }
            match reader.any("file") {
                Ok(value) => self.der(place, kind, value.whole),
                Err(error) => {
                    self.damaged(place, kind, error.to_string());
                    return;
                }
            }
        }
    }

    fn der(&mut self, place: Place, kind: Kind, der: &[u8]) {
        let damaged = |message: String| Object::Damaged { kind, message };
        let object = match kind {
            Kind::Certificate => Object::Certificate(EncodedCertificate::x509(der)),
            Kind::CertificateRequest => {
                request::read(der).map_or_else(|e| damaged(e.to_string()), Object::Request)
            }
            Kind::Crl => crl::read(der).map_or_else(|e| damaged(e.to_string()), Object::Crl),
            Kind::PublicKey => {
                public_key::read(der).map_or_else(|e| damaged(e.to_string()), Object::PublicKey)
            }
            Kind::Pkcs7 => match pkcs7::contents(der) {
                Ok(contents) => {
                    for certificate in contents.certificates {
                        self.push(place, Object::Certificate(certificate));
                    }
                    for crl in contents.crls {
                        self.der(place, Kind::Crl, crl);
                    }
                    return;
                }
                Err(error) => damaged(error.to_string()),
            },
            Kind::PrivateKey(_) | Kind::EncryptedPrivateKey => {
                Object::PrivateKey(EncodedKey::Der(Zeroizing::new(der.to_vec())))
            }
            other => damaged(format!("it is {other}")),
        };
        self.push(place, object);
    }

    fn pass_over(&mut self, place: Place, label: &str) {
        let label = label.escape_debug();
        self.passed_over.push((place, format!("a block \"{label}\" is passed over")));
    }

    fn push(&mut self, place: Place, object: Object) {
        self.found.push(Found { place, object });
    }

    fn damaged(&mut self, place: Place, kind: Kind, message: String) {
        self.push(place, Object::Damaged { kind, message });
    }
}

fn private_key(block: Block, ec_parameters: Option<Zeroizing<Vec<u8>>>) -> Object {
    Object::PrivateKey(EncodedKey::Block { block, ec_parameters })
}

fn is_object(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Certificate
            | Kind::PrivateKey(_)
            | Kind::EncryptedPrivateKey
            | Kind::CertificateRequest
            | Kind::Crl
            | Kind::PublicKey
    )
}

/// What a block should hold by its label (RFC 7468, and OpenSSL's `pem.h`).
fn by_label(label: &str) -> Option<Kind> {
    match label {
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => Some(Kind::Certificate),
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Some(Kind::CertificateRequest),
        "X509 CRL" => Some(Kind::Crl),
        "PKCS7" | "CMS" | "PKCS #7 SIGNED DATA" => Some(Kind::Pkcs7),
        "PUBLIC KEY" | "RSA PUBLIC KEY" => Some(Kind::PublicKey),
        "ENCRYPTED PRIVATE KEY" => Some(Kind::EncryptedPrivateKey),
        "RSA PRIVATE KEY" => Some(Kind::PrivateKey(KeyEncoding::Pkcs1)),
        "EC PRIVATE KEY" => Some(Kind::PrivateKey(KeyEncoding::Sec1)),
        "DSA PRIVATE KEY" => Some(Kind::PrivateKey(KeyEncoding::Dsa)),
        label if label.ends_with("PRIVATE KEY") => Some(Kind::PrivateKey(KeyEncoding::Pkcs8)),
        _ => None,
    }
}
