//! Private keys: their PKCS8 encoding, and what can be said of one without showing it.

mod generate;
mod public_half;
mod sign;

use std::fmt;

use x509_parser::asn1_rs::{Any, Class, Error, FromBer, FromDer, Tag};
use x509_parser::prelude::AlgorithmIdentifier;
use zeroize::Zeroizing;

pub use generate::{GenerateError, KeyKind};
pub use sign::SignError;

use super::certificate::{Certificate, Fingerprint};
use super::object_identifier::dotted;
use super::public_key::{self, KeyAlgorithm};

/// A private key: its `PrivateKeyInfo` (RFC 5208 section 5) or `OneAsymmetricKey` (RFC 5958 section 2).
///
/// Zeroized when dropped, absent from `Debug`, not `Clone`. The bytes are kept as they were read. Reading
/// checks the frame only: that the numbers inside are a working key, or that a public key inside belongs to
/// it, is not checked.
pub struct PrivateKey {
    pkcs8: Zeroizing<Vec<u8>>,
    summary: KeySummary,
}

/// What may be shown of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySummary {
    /// The algorithm.
    pub algorithm: KeyAlgorithm,
    /// Size in bits, as in [`PublicKey`](super::public_key::PublicKey); `None` where the encoding does not
    /// tell.
    pub bits: Option<u32>,
    /// The curve of an EC key: its usual name, or its number; `None` where it is given by its parameters.
    pub curve: Option<String>,
}

/// Why bytes are no private key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrivateKeyError {
    /// The bytes are not a `PrivateKeyInfo`.
    #[error("not a PKCS8 private key: {0}")]
    Malformed(String),
    /// A version that neither RFC 5208 nor RFC 5958 has.
    #[error("PKCS8 private keys of version {0} are unknown")]
    Version(u32),
    /// A private key, and then more bytes.
    #[error("{0} bytes follow the private key")]
    Trailing(usize),
}

impl PrivateKey {
    /// Reads a PKCS8 key that is not encrypted. The bytes are copied once, into memory that is zeroized.
    ///
    /// # Errors
    ///
    /// [`PrivateKeyError`].
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, PrivateKeyError> {
        let fields = Fields::read(der)?;
        Ok(Self { summary: fields.summary(), pkcs8: Zeroizing::new(der.to_vec()) })
    }

    /// The PKCS8 encoding, to the byte as it was read. The caller must not log or keep it.
    #[must_use]
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// Algorithm and size.
    #[must_use]
    pub fn key(&self) -> &KeySummary {
        &self.summary
    }

    /// The SHA-256 of the PKCS8 encoding. The same key in another encoding has another one.
    #[must_use]
    pub fn sha256(&self) -> Fingerprint {
        Fingerprint::of(&self.pkcs8)
    }

    /// The DER of the `SubjectPublicKeyInfo` that belongs to the key, with the key's own algorithm
    /// identifier.
    ///
    /// RSA and DSA keys always have one within [`crate::limits::RSA_BITS`], X25519, Ed25519 and Ed448 keys too; EC
    /// keys where the public point is in the encoding or the curve is P-256, P-384, P-521 or secp256k1; all
    /// others where the encoding holds the public key. The computation for DSA takes a time that depends on
    /// the key.
    #[must_use]
    pub fn public_key(&self) -> Option<Vec<u8>> {
        let fields = Fields::read(&self.pkcs8).ok()?;
        public_half::info(fields.algorithm_der, &self.bits_of(&fields)?)
    }

    /// The identifier of the public half ([`PublicKey::identifier`](super::PublicKey::identifier)); `None` where
    /// that cannot be had.
    #[must_use]
    pub fn identifier(&self) -> Option<String> {
        let fields = Fields::read(&self.pkcs8).ok()?;
        Some(public_key::identifier(&self.bits_of(&fields)?))
    }

    /// Whether the certificate certifies this key: the algorithms are of one family and the public keys are
    /// the same. A restriction to RSASSA-PSS does not count, nor how parameters or points are written.
    /// `None` where the key's public half cannot be had.
    #[must_use]
    pub fn fits(&self, certificate: &Certificate) -> Option<bool> {
        let theirs = certificate.key();
        if family(&self.summary.algorithm) != family(&theirs.algorithm) {
            return Some(false);
        }
        if let (Some(ours), Some(theirs)) = (&self.summary.curve, &theirs.curve)
            && ours != theirs
        {
            return Some(false);
        }
        let fields = Fields::read(&self.pkcs8).ok()?;
        let ours = self.bits_of(&fields)?;
        let theirs = public_half::bits(&theirs.spki)?;
        Some(match &self.summary.algorithm {
            KeyAlgorithm::Ec => public_half::same_point(&ours, &theirs),
            _ => ours == theirs,
        })
    }

    /// The content of the public key's BIT STRING.
    fn bits_of(&self, fields: &Fields<'_>) -> Option<Vec<u8>> {
        public_half::compute(&self.summary, fields, &self.pkcs8)
    }
}

impl PartialEq for PrivateKey {
    /// Whether the encodings are the same. Takes the same time whatever differs but the length.
    fn eq(&self, other: &Self) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(&self.pkcs8, &other.pkcs8).is_ok()
    }
}

impl Eq for PrivateKey {}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({}, ..)", self.summary)
    }
}

impl fmt::Display for KeySummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        public_key::describe(f, &self.algorithm, self.curve.as_deref(), self.bits)
    }
}

/// An RSA key may sign with PSS whether its certificate says so or not.
fn family(algorithm: &KeyAlgorithm) -> &KeyAlgorithm {
    match algorithm {
        KeyAlgorithm::RsaPss => &KeyAlgorithm::Rsa,
        other => other,
    }
}

/// The fields of a PKCS8 key.
struct Fields<'a> {
    algorithm: AlgorithmIdentifier<'a>,
    algorithm_der: &'a [u8],
    key: &'a [u8],
    /// The publicKey field of version 2 without its count of unused bits.
    public: Option<&'a [u8]>,
}

impl<'a> Fields<'a> {
    fn read(der: &'a [u8]) -> Result<Self, PrivateKeyError> {
        let (rest, outer) = value(der, "PrivateKeyInfo", Tag::Sequence)?;
        if !rest.is_empty() {
            return Err(PrivateKeyError::Trailing(rest.len()));
        }
        let (rest, version) = value(outer, "version", Tag::Integer)?;
        match version {
            [0 | 1] => {}
            [version] => return Err(PrivateKeyError::Version(u32::from(*version))),
            _ => return Err(malformed("version", "it is no small number")),
        }
        // The crate looks at the number of a tag, not at its class.
        let (_, identifier) = value(rest, "algorithm", Tag::Sequence)?;
        value(identifier, "algorithm", Tag::Oid)?;
        let (after, algorithm) = AlgorithmIdentifier::from_der(rest)
            .map_err(|_| malformed("algorithm", "it is no algorithm identifier"))?;
        let algorithm_der = rest.get(..rest.len().saturating_sub(after.len())).unwrap_or_default();
        let (mut rest, key) = value(after, "privateKey", Tag::OctetString)?;
        let mut public = None;
        while !rest.is_empty() {
            let (after, field) = any(rest, "attributes")?;
            match (field.class(), field.tag().0) {
                (Class::ContextSpecific, 0) => {}
                (Class::ContextSpecific, 1) => public = field.data.strip_prefix(&[0]),
                _ => return Err(malformed("attributes", "a field that does not belong there")),
            }
            rest = after;
        }
        Ok(Self { algorithm, algorithm_der, key, public })
    }

    fn summary(&self) -> KeySummary {
        let algorithm = KeyAlgorithm::of(&dotted(self.algorithm.algorithm.as_bytes()));
        let parameters = self.algorithm.parameters.as_ref();
        let mut curve = None;
        let bits = match &algorithm {
            KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss => {
                integers(self.key, 2).and_then(|numbers| public_key::bit_length(numbers.get(1)?))
            }
            KeyAlgorithm::Ec => {
                let named = parameters.and_then(public_key::named_curve);
                let bits = named.as_ref().and_then(|(_, bits)| *bits);
                curve = named.map(|(name, _)| name);
                bits
            }
            KeyAlgorithm::Dsa => parameters.and_then(public_key::dsa_bits),
            KeyAlgorithm::Ed25519 => Some(255),
            KeyAlgorithm::Ed448 => Some(448),
            KeyAlgorithm::Other(_) => None,
        };
        KeySummary { algorithm, bits, curve }
    }
}

/// The contents of the first INTEGERs of a SEQUENCE.
fn integers(sequence: &[u8], count: usize) -> Option<Vec<&[u8]>> {
    let (_, mut rest) = value(sequence, "", Tag::Sequence).ok()?;
    let mut numbers = Vec::with_capacity(count.min(16));
    for _ in 0..count {
        let (after, number) = value(rest, "", Tag::Integer).ok()?;
        numbers.push(number);
        rest = after;
    }
    Some(numbers)
}

/// Takes a value with a universal tag: what follows, and its content. A SEQUENCE is constructed and the others are
/// not (X.690 sections 8.3 to 8.9, 10.2), which the crate does not look at.
fn value<'a>(bytes: &'a [u8], field: &str, tag: Tag) -> Result<(&'a [u8], &'a [u8]), PrivateKeyError> {
    let (rest, value) = any(bytes, field)?;
    if value.class() != Class::Universal || value.tag() != tag {
        return Err(malformed(field, &format!("the tag is {} where {tag} belongs", value.tag())));
    }
    if value.header.constructed() != (tag == Tag::Sequence) {
        return Err(malformed(field, &format!("the {tag} is in a form that no {tag} has")));
    }
    Ok((rest, value.data))
}

fn any<'a>(bytes: &'a [u8], field: &str) -> Result<(&'a [u8], Any<'a>), PrivateKeyError> {
    Any::from_ber(bytes).map_err(|error: x509_parser::asn1_rs::Err<Error>| match error {
        x509_parser::asn1_rs::Err::Incomplete(_) => malformed(field, "the data ends too early"),
        x509_parser::asn1_rs::Err::Error(e) | x509_parser::asn1_rs::Err::Failure(e) => {
            malformed(field, &e.to_string())
        }
    })
}

fn malformed(field: &str, what: &str) -> PrivateKeyError {
    PrivateKeyError::Malformed(format!("{field}: {what}"))
}
