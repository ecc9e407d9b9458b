//! Public keys and signature algorithms, named as operators know them.

mod handshake;

use std::fmt;

use sha1::{Digest, Sha1};
use x509_parser::asn1_rs::{Any, Tag};
use x509_parser::prelude::{AlgorithmIdentifier, FromDer, SubjectPublicKeyInfo};
use x509_parser::public_key::PublicKey as ParsedKey;

use super::hex;
use super::object_identifier::dotted;

/// The algorithm of a public key (RFC 5280 section 4.1.2.7, RFC 8410).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyAlgorithm {
    /// rsaEncryption.
    Rsa,
    /// id-RSASSA-PSS: an RSA key restricted to PSS signatures.
    RsaPss,
    /// id-ecPublicKey.
    Ec,
    /// id-dsa.
    Dsa,
    /// Ed25519.
    Ed25519,
    /// Ed448.
    Ed448,
    /// Any other, by its number.
    Other(String),
}

impl KeyAlgorithm {
    /// The algorithm of a dotted number.
    pub(crate) fn of(oid: &str) -> Self {
        match oid {
            "1.2.840.113549.1.1.1" => Self::Rsa,
            "1.2.840.113549.1.1.10" => Self::RsaPss,
            "1.2.840.10045.2.1" => Self::Ec,
            "1.2.840.10040.4.1" => Self::Dsa,
            "1.3.101.112" => Self::Ed25519,
            "1.3.101.113" => Self::Ed448,
            _ => Self::Other(oid.to_owned()),
        }
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rsa => "RSA",
            Self::RsaPss => "RSASSA-PSS",
            Self::Ec => "EC",
            Self::Dsa => "DSA",
            Self::Ed25519 => "Ed25519",
            Self::Ed448 => "Ed448",
            // An object identifier without octets, which some readers take.
            Self::Other(oid) if oid.is_empty() => "an algorithm without a number",
            Self::Other(oid) => oid,
        })
    }
}

/// What a `SubjectPublicKeyInfo` says of its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// The algorithm.
    pub algorithm: KeyAlgorithm,
    /// Size in bits: the modulus, the field of the curve; `None` where the encoding does not tell.
    pub bits: Option<u32>,
    /// The curve of an EC key: its usual name (`secp256r1`), or its number.
    pub curve: Option<String>,
    /// The whole `SubjectPublicKeyInfo`, DER.
    pub spki: Box<[u8]>,
}

impl PublicKey {
    pub(crate) fn from_parsed(spki: &SubjectPublicKeyInfo<'_>) -> Self {
        let oid = dotted(spki.algorithm.algorithm.as_bytes());
        let algorithm = KeyAlgorithm::of(&oid);
        let mut curve = None;
        let bits = match &algorithm {
            KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss => rsa_bits(spki),
            KeyAlgorithm::Ec => {
                let named = spki.algorithm.parameters.as_ref().and_then(named_curve);
                let bits = named.as_ref().and_then(|(_, bits)| *bits);
                curve = named.map(|(name, _)| name);
                bits
            }
            KeyAlgorithm::Dsa => spki.algorithm.parameters.as_ref().and_then(dsa_bits),
            KeyAlgorithm::Ed25519 => Some(255),
            KeyAlgorithm::Ed448 => Some(448),
            KeyAlgorithm::Other(_) => None,
        };
        Self { algorithm, bits, curve, spki: spki.raw.into() }
    }

    /// The key identifier that most CAs write: SHA-1 of the public key's BIT STRING without its tag, length and
    /// unused bits (RFC 5280 section 4.2.1.2, method 1), in lower-case hex. `None` where the encoding cannot be
    /// read. It tells keys apart for people, and proves nothing.
    #[must_use]
    pub fn identifier(&self) -> Option<String> {
        let (_, spki) = SubjectPublicKeyInfo::from_der(&self.spki).ok()?;
        Some(identifier(&spki.subject_public_key.data))
    }
}

/// The identifier of the bits of a public key.
pub(super) fn identifier(bits: &[u8]) -> String {
    hex::lower(&Sha1::digest(bits))
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        describe(f, &self.algorithm, self.curve.as_deref(), self.bits)
    }
}

/// Algorithm and size as a person reads them: `EC secp256r1`, `RSA 2048 bit`, `Ed25519`.
pub(super) fn describe(
    f: &mut fmt::Formatter<'_>,
    algorithm: &KeyAlgorithm,
    curve: Option<&str>,
    bits: Option<u32>,
) -> fmt::Result {
    match (algorithm, curve, bits) {
        (KeyAlgorithm::Ec, Some(curve), _) => write!(f, "EC {curve}"),
        (KeyAlgorithm::Ed25519 | KeyAlgorithm::Ed448, ..) | (_, _, None) => write!(f, "{algorithm}"),
        (_, _, Some(bits)) => write!(f, "{algorithm} {bits} bit"),
    }
}

/// An `AlgorithmIdentifier` of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureAlgorithm {
    /// The object identifier, dotted.
    pub oid: String,
    /// The name that Java uses (`SHA256withRSA`), or the number where there is none.
    pub name: String,
    /// The digest, upper case without hyphens as in Java's constraints (`MD5`, `SHA1`, `SHA256`), where
    /// the algorithm has one of its own.
    pub digest: Option<&'static str>,
    /// The parameters, DER, where there are any: RSASSA-PSS names its digest and salt there.
    pub parameters: Option<Box<[u8]>>,
}

/// Signature algorithms by number: RFC 3279, 4055, 5758, 8410, 9688.
const SIGNATURES: [(&str, &str, Option<&str>); 24] = [
    ("1.2.840.113549.1.1.2", "MD2withRSA", Some("MD2")),
    ("1.2.840.113549.1.1.3", "MD4withRSA", Some("MD4")),
    ("1.2.840.113549.1.1.4", "MD5withRSA", Some("MD5")),
    ("1.2.840.113549.1.1.5", "SHA1withRSA", Some("SHA1")),
    ("1.3.14.3.2.29", "SHA1withRSA", Some("SHA1")),
    ("1.2.840.113549.1.1.14", "SHA224withRSA", Some("SHA224")),
    ("1.2.840.113549.1.1.11", "SHA256withRSA", Some("SHA256")),
    ("1.2.840.113549.1.1.12", "SHA384withRSA", Some("SHA384")),
    ("1.2.840.113549.1.1.13", "SHA512withRSA", Some("SHA512")),
    ("1.2.840.113549.1.1.15", "SHA512/224withRSA", Some("SHA512/224")),
    ("1.2.840.113549.1.1.16", "SHA512/256withRSA", Some("SHA512/256")),
    ("1.2.840.113549.1.1.10", "RSASSA-PSS", None),
    ("1.2.840.10040.4.3", "SHA1withDSA", Some("SHA1")),
    ("1.3.14.3.2.27", "SHA1withDSA", Some("SHA1")),
    ("2.16.840.1.101.3.4.3.1", "SHA224withDSA", Some("SHA224")),
    ("2.16.840.1.101.3.4.3.2", "SHA256withDSA", Some("SHA256")),
    ("2.16.840.1.101.3.4.3.3", "SHA384withDSA", Some("SHA384")),
    ("1.2.840.10045.4.1", "SHA1withECDSA", Some("SHA1")),
    ("1.2.840.10045.4.3.1", "SHA224withECDSA", Some("SHA224")),
    ("1.2.840.10045.4.3.2", "SHA256withECDSA", Some("SHA256")),
    ("1.2.840.10045.4.3.3", "SHA384withECDSA", Some("SHA384")),
    ("1.2.840.10045.4.3.4", "SHA512withECDSA", Some("SHA512")),
    ("1.3.101.112", "Ed25519", None),
    ("1.3.101.113", "Ed448", None),
];

impl SignatureAlgorithm {
    pub(crate) fn from_parsed(algorithm: &AlgorithmIdentifier<'_>) -> Self {
        let oid = dotted(algorithm.algorithm.as_bytes());
        let known = SIGNATURES.iter().find(|(id, ..)| *id == oid);
        Self {
            name: known.map_or_else(|| oid.clone(), |(_, name, _)| (*name).to_owned()),
            digest: known.and_then(|(_, _, digest)| *digest),
            parameters: algorithm.parameters.as_ref().map(|p| p.data.into()),
            oid,
        }
    }
}

fn rsa_bits(spki: &SubjectPublicKeyInfo<'_>) -> Option<u32> {
    match spki.parsed().ok()? {
        ParsedKey::RSA(key) => bit_length(key.modulus),
        _ => rsa_modulus_of_pss(spki),
    }
}

/// x509-parser reads the key of an RSASSA-PSS `SubjectPublicKeyInfo` as unknown; its encoding is that of
/// rsaEncryption (RFC 4055 section 1.2).
fn rsa_modulus_of_pss(spki: &SubjectPublicKeyInfo<'_>) -> Option<u32> {
    use x509_parser::asn1_rs::{Integer, Sequence};
    let (_, sequence) = Sequence::from_der(&spki.subject_public_key.data).ok()?;
    let (_, modulus) = Integer::from_der(&sequence.content).ok()?;
    bit_length(modulus.as_ref())
}

/// The size of a DSA key is that of the prime p, the first of its parameters.
pub(super) fn dsa_bits(parameters: &Any<'_>) -> Option<u32> {
    use x509_parser::asn1_rs::Integer;
    let (_, prime) = Integer::from_der(parameters.data).ok()?;
    bit_length(prime.as_ref())
}

pub(super) fn bit_length(number: &[u8]) -> Option<u32> {
    let mut digits = number.iter().skip_while(|&&b| b == 0);
    let first = digits.next()?;
    let rest = u32::try_from(digits.count()).ok()?;
    rest.checked_mul(8)?.checked_add(8 - first.leading_zeros())
}

/// The curve that parameters name, and its size; `None` where they describe it instead.
pub(super) fn named_curve(parameters: &Any<'_>) -> Option<(String, Option<u32>)> {
    let oid = (parameters.tag() == Tag::Oid).then(|| parameters.as_oid().ok())??;
    Some(curve_of(&dotted(oid.as_bytes())))
}

/// Curves by number: RFC 5480 section 2.1.1.1, SEC 2, RFC 5639.
fn curve_of(oid: &str) -> (String, Option<u32>) {
    let known = match oid {
        "1.2.840.10045.3.1.7" => Some(("secp256r1", 256)),
        "1.3.132.0.34" => Some(("secp384r1", 384)),
        "1.3.132.0.35" => Some(("secp521r1", 521)),
        "1.3.132.0.10" => Some(("secp256k1", 256)),
        "1.3.132.0.33" => Some(("secp224r1", 224)),
        "1.2.840.10045.3.1.1" => Some(("secp192r1", 192)),
        "1.3.36.3.3.2.8.1.1.7" => Some(("brainpoolP256r1", 256)),
        "1.3.36.3.3.2.8.1.1.11" => Some(("brainpoolP384r1", 384)),
        "1.3.36.3.3.2.8.1.1.13" => Some(("brainpoolP512r1", 512)),
        _ => None,
    };
    match known {
        Some((name, bits)) => (name.to_owned(), Some(bits)),
        None => (oid.to_owned(), None),
    }
}
