//! Whether a JVM can read a certificate at all.
//!
//! A keystore with one certificate that it cannot read is refused by a JVM as a whole, the other entries
//! included. After `sun.security.x509.X509CertImpl` and `X509CertInfo`, and the key factories that they ask; 17
//! and 25 agree (`tests/interop/unreadable_certificates.rs`).

use x509_parser::asn1_rs::{Any, FromDer as _, Integer, Sequence, Tag};
use x509_parser::prelude::{AlgorithmIdentifier, SubjectPublicKeyInfo, X509Certificate};

use super::Certificate;
use crate::model::public_key::{KeyAlgorithm, bit_length};

/// Why a JVM cannot read a certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JavaRefusal {
    /// Fields that only a later version of certificates has.
    #[error("it has fields that a certificate of version {0} cannot have")]
    Version(u32),
    /// The serial number has no octets.
    #[error("its serial number is empty")]
    Serial,
    /// The issuer has no name.
    #[error("its issuer's name is empty")]
    Issuer,
    /// The subject has no name, and no critical subject alternative names stand in for it.
    #[error("its subject's name is empty, without a critical extension of alternative names")]
    Subject,
    /// The signature algorithm inside the signed part is another one than outside.
    #[error("its two fields for the signature algorithm differ")]
    SignatureAlgorithm,
    /// Two extensions of one number.
    #[error("it has the extension {0} twice")]
    DuplicateExtension(String),
    /// A critical extension that Java knows and cannot read.
    #[error("its critical extension {0} cannot be read")]
    Extension(String),
    /// The key's curve is described, or absent, instead of named.
    #[error("the curve of its key is not named, but described or missing")]
    UnnamedCurve,
    /// A curve that Java does not know.
    #[error("the curve of its key, {0}, is none that Java knows")]
    UnknownCurve(String),
    /// The point of an EC key is compressed, or of another size than its curve's.
    #[error("the point of its EC key is compressed or has a wrong size")]
    Point,
    /// An RSA modulus below 512 or above 16,384 bits.
    #[error("its RSA key has {0} bits, where 512 to 16384 are allowed")]
    RsaSize(u32),
    /// An RSA exponent below 3, above the modulus, or of more than 64 bits beside a modulus of more than 3072.
    #[error("the exponent of its RSA key is out of bounds")]
    RsaExponent,
    /// The key's octets do not have the form or the length of its algorithm.
    #[error("its {0} key cannot be read")]
    Key(String),
}

impl Certificate {
    /// Why no JVM can read the certificate, where that is so. Nothing else than its encoding is looked at: a
    /// JVM reads certificates that are expired, or made with algorithms that it would never accept.
    ///
    /// # Errors
    ///
    /// [`JavaRefusal`], the first that Java would meet or a later one. Inside critical extensions only basic
    /// constraints are read; of the others the outermost type counts.
    pub fn java_reads(&self) -> Result<(), JavaRefusal> {
        // What was read once is read again.
        let Ok((_, parsed)) = X509Certificate::from_der(self.der()) else { return Ok(()) };
        let tbs = &parsed.tbs_certificate;
        if tbs.raw_serial().is_empty() {
            return Err(JavaRefusal::Serial);
        }
        if tbs.issuer().iter_attributes().next().is_none() {
            return Err(JavaRefusal::Issuer);
        }
        key(&tbs.subject_pki, self)?;
        fields(&parsed, self)?;
        extensions(&parsed)?;
        if !same(&tbs.signature, &parsed.signature_algorithm) {
            return Err(JavaRefusal::SignatureAlgorithm);
        }
        Ok(())
    }
}

/// `X509CertInfo.parse` and `verifyCert`.
fn fields(parsed: &X509Certificate<'_>, certificate: &Certificate) -> Result<(), JavaRefusal> {
    let tbs = &parsed.tbs_certificate;
    let version = certificate.version();
    let has_ids = tbs.issuer_uid.is_some() || tbs.subject_uid.is_some();
    let has_extensions = !tbs.extensions().is_empty();
    if version == 1 && (has_ids || has_extensions) || version != 3 && has_extensions {
        return Err(JavaRefusal::Version(version));
    }
    if tbs.subject().iter_attributes().next().is_none() {
        let stands_in = tbs
            .extensions()
            .iter()
            .any(|extension| extension.critical && extension.oid.to_id_string() == ALTERNATIVE_NAMES);
        let named = certificate.alternative_names().is_some_and(|names| !names.is_empty());
        if version == 1 || (has_extensions && !(stands_in && named)) {
            return Err(JavaRefusal::Subject);
        }
    }
    Ok(())
}

const ALTERNATIVE_NAMES: &str = "2.5.29.17";
const BASIC_CONSTRAINTS: &str = "2.5.29.19";

/// The extensions that Java knows (`OIDMap`), and the type of each.
const KNOWN_EXTENSIONS: [(&str, Tag); 17] = [
    ("2.5.29.14", Tag::OctetString),
    ("2.5.29.15", Tag::BitString),
    ("2.5.29.16", Tag::Sequence),
    (ALTERNATIVE_NAMES, Tag::Sequence),
    ("2.5.29.18", Tag::Sequence),
    (BASIC_CONSTRAINTS, Tag::Sequence),
    ("2.5.29.30", Tag::Sequence),
    ("2.5.29.31", Tag::Sequence),
    ("2.5.29.32", Tag::Sequence),
    ("2.5.29.33", Tag::Sequence),
    ("2.5.29.35", Tag::Sequence),
    ("2.5.29.36", Tag::Sequence),
    ("2.5.29.37", Tag::Sequence),
    ("2.5.29.54", Tag::Integer),
    ("1.3.6.1.5.5.7.1.1", Tag::Sequence),
    ("1.3.6.1.5.5.7.1.11", Tag::Sequence),
    ("2.16.840.1.113730.1.1", Tag::BitString),
];

/// `CertificateExtensions`: what is not critical may be broken.
fn extensions(parsed: &X509Certificate<'_>) -> Result<(), JavaRefusal> {
    let mut seen = Vec::new();
    for extension in parsed.tbs_certificate.extensions() {
        let id = extension.oid.to_id_string();
        let known = KNOWN_EXTENSIONS.iter().find(|(known, _)| extension.critical && *known == id);
        if let Some((_, tag)) = known {
            let readable = Any::from_der(extension.value).is_ok_and(|(_, value)| {
                value.tag() == *tag && (id != BASIC_CONSTRAINTS || is_basic_constraints(value.data))
            });
            if !readable {
                return Err(JavaRefusal::Extension(id));
            }
        }
        if seen.contains(&id) {
            return Err(JavaRefusal::DuplicateExtension(id));
        }
        seen.push(id);
    }
    Ok(())
}

/// Whether octets are a BOOLEAN and an `int`, or either, or nothing. Java leaves what stands behind a missing
/// BOOLEAN unread.
fn is_basic_constraints(content: &[u8]) -> bool {
    let Ok((rest, first)) = Any::from_der(content) else { return content.is_empty() };
    if first.tag() != Tag::Boolean || rest.is_empty() {
        return true;
    }
    Any::from_der(rest)
        .is_ok_and(|(_, second)| second.tag() == Tag::Integer && bit_length(second.data).unwrap_or(0) < 32)
}

/// `X509Key.parse` and the key factory of the algorithm.
fn key(spki: &SubjectPublicKeyInfo<'_>, certificate: &Certificate) -> Result<(), JavaRefusal> {
    let octets: &[u8] = &spki.subject_public_key.data;
    let of_length = |length: usize, name: &str| {
        if octets.len() == length { Ok(()) } else { Err(JavaRefusal::Key(name.to_owned())) }
    };
    match &certificate.key().algorithm {
        KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss => rsa(octets, &certificate.key().algorithm),
        KeyAlgorithm::Ec => ec(spki, octets),
        KeyAlgorithm::Ed25519 => of_length(32, "Ed25519"),
        KeyAlgorithm::Ed448 => of_length(57, "Ed448"),
        KeyAlgorithm::Other(oid) => match oid.as_str() {
            "1.3.101.110" => of_length(32, "X25519"),
            "1.3.101.111" => of_length(56, "X448"),
            "1.2.840.113549.1.3.1" | "1.2.840.10046.2.1" => diffie_hellman(spki),
            _ => Ok(()),
        },
        KeyAlgorithm::Dsa => Ok(()),
    }
}

/// `com.sun.crypto.provider.DHPublicKey` reads p and g of PKCS3, then a length that has to be an `int`. Parameters of
/// X9.42 have a third number there, and it is a prime.
fn diffie_hellman(spki: &SubjectPublicKeyInfo<'_>) -> Result<(), JavaRefusal> {
    let parameters =
        spki.algorithm.parameters.as_ref().filter(|parameters| parameters.tag() == Tag::Sequence);
    let third = || {
        let (rest, _) = Any::from_der(parameters?.data).ok()?;
        let (rest, _) = Any::from_der(rest).ok()?;
        let (rest, length) = Any::from_der(rest).ok()?;
        Some(!rest.is_empty() || length.tag() != Tag::Integer || bit_length(length.data).unwrap_or(0) > 31)
    };
    if third() == Some(true) { Err(JavaRefusal::Key("Diffie-Hellman".to_owned())) } else { Ok(()) }
}

/// `sun.security.rsa.RSAPublicKeyImpl`.
fn rsa(octets: &[u8], algorithm: &KeyAlgorithm) -> Result<(), JavaRefusal> {
    let numbers = || {
        let (_, sequence) = Sequence::from_der(octets).ok()?;
        let (rest, modulus) = Integer::from_der(&sequence.content).ok()?;
        let (_, exponent) = Integer::from_der(rest).ok()?;
        Some((modulus.as_ref().to_vec(), exponent.as_ref().to_vec()))
    };
    let (modulus, exponent) = numbers().ok_or_else(|| JavaRefusal::Key(algorithm.to_string()))?;
    let is_negative = |number: &[u8]| number.first().is_some_and(|octet| octet & 0x80 != 0);
    let size = if is_negative(&modulus) { 0 } else { bit_length(&modulus).unwrap_or(0) };
    // Java rounds up to whole octets before it compares.
    if !(505..=16_384).contains(&size) {
        return Err(JavaRefusal::RsaSize(size));
    }
    let bits = if is_negative(&exponent) { 0 } else { bit_length(&exponent).unwrap_or(0) };
    let at_least_three = bits > 2 || bits == 2 && exponent.last() == Some(&3);
    if !at_least_three || bits > size || (size > 3072 && bits > 64) {
        return Err(JavaRefusal::RsaExponent);
    }
    Ok(())
}

/// `sun.security.util.ECParameters` and `ECUtil.decodePoint`.
fn ec(spki: &SubjectPublicKeyInfo<'_>, point: &[u8]) -> Result<(), JavaRefusal> {
    let named = spki.algorithm.parameters.as_ref().filter(|parameters| parameters.tag() == Tag::Oid);
    let oid = named.and_then(|parameters| parameters.as_oid().ok()).ok_or(JavaRefusal::UnnamedCurve)?;
    let oid = oid.to_id_string();
    let size = field_bits(&oid).ok_or(JavaRefusal::UnknownCurve(oid))?;
    let [4, coordinates @ ..] = point else { return Err(JavaRefusal::Point) };
    if coordinates.len() / 2 != usize::from(size.div_ceil(8)) { Err(JavaRefusal::Point) } else { Ok(()) }
}

fn same(one: &AlgorithmIdentifier<'_>, other: &AlgorithmIdentifier<'_>) -> bool {
    // NULL is as good as nothing.
    fn parameters<'a>(of: &'a AlgorithmIdentifier<'_>) -> Option<(Tag, &'a [u8])> {
        of.parameters.as_ref().filter(|any| any.tag() != Tag::Null).map(|any| (any.tag(), any.data))
    }
    one.algorithm == other.algorithm && parameters(one) == parameters(other)
}

/// The size of the field of a curve that `sun.security.util.CurveDB` knows.
fn field_bits(oid: &str) -> Option<u16> {
    let (family, number) = oid.rsplit_once('.')?;
    let number: u16 = number.parse().ok()?;
    let (_, curves) = CURVES.iter().find(|(known, _)| *known == family)?;
    curves.iter().find(|(known, _)| *known == number).map(|(_, bits)| *bits)
}

/// Curves by the last arc of their numbers, with the sizes of their fields in bits.
#[rustfmt::skip]
const CURVES: [(&str, &[(u16, u16)]); 4] = [
    ("1.2.840.10045.3.0", &[(5, 191), (6, 191), (7, 191), (11, 239), (12, 239), (13, 239), (18, 359), (20, 431)]),
    ("1.2.840.10045.3.1", &[(1, 192), (2, 192), (3, 192), (4, 239), (5, 239), (6, 239), (7, 256)]),
    ("1.3.36.3.3.2.8.1.1", &[(1, 160), (3, 192), (5, 224), (7, 256), (9, 320), (11, 384), (13, 512)]),
    ("1.3.132.0", &[(1, 163), (2, 163), (3, 239), (4, 113), (5, 113), (6, 112), (7, 112), (8, 160), (9, 160), (10, 256), (15, 163), (16, 283), (17, 283), (22, 131), (23, 131), (24, 193), (25, 193), (26, 233), (27, 233), (28, 128), (29, 128), (30, 160), (31, 192), (32, 224), (33, 224), (34, 384), (35, 521), (36, 409), (37, 409), (38, 571), (39, 571)]),
];
