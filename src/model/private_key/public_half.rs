//! The public key that belongs to a private one.

use aws_lc_rs::agreement;
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use ed448_goldilocks_plus::{EdwardsPoint, Scalar, ScalarBytes};
use rsa::BigUint;
use shake::Shake256;
use shake::digest::{ExtendableOutput, Update, XofReader};
use x509_parser::asn1_rs::{BitString, Class, FromDer, Sequence, Tag, ToDer};
use x509_parser::prelude::SubjectPublicKeyInfo;
use zeroize::{Zeroize, Zeroizing};

use super::{Fields, KeySummary, any, integers, value};
use crate::limits;
use crate::model::public_key::{KeyAlgorithm, bit_length};

/// Bits of the private number of a DSA key. FIPS 186-4 has 256 at most, and what is larger costs time.
const DSA_EXPONENT_BITS: u32 = 1_024;

/// Octets of an Ed448 seed.
const ED448_OCTETS: usize = 57;

const X25519: &str = "1.3.101.110";

/// A `SubjectPublicKeyInfo` with this algorithm identifier and these bits.
pub(super) fn info(algorithm: &[u8], bits: &[u8]) -> Option<Vec<u8>> {
    let mut content = algorithm.to_vec();
    content.extend(BitString::new(0, bits).to_der_vec().ok()?);
    Sequence::new(content.into()).to_der_vec().ok()
}

/// The bits of a `SubjectPublicKeyInfo`.
pub(super) fn bits(spki: &[u8]) -> Option<Vec<u8>> {
    let (_, spki) = SubjectPublicKeyInfo::from_der(spki).ok()?;
    Some(spki.subject_public_key.data.to_vec())
}

/// Whether two points are the same, one of which may be compressed (SEC 1 section 2.3.3).
pub(super) fn same_point(a: &[u8], b: &[u8]) -> bool {
    let compressed = |point: &[u8]| match point {
        [0x04 | 0x06 | 0x07, coordinates @ ..] => {
            let (x, y) = coordinates.split_at(coordinates.len() / 2);
            let parity = y.last().map_or(0, |low| low & 1);
            [&[2 | parity], x].concat()
        }
        other => other.to_vec(),
    };
    a == b || compressed(a) == compressed(b)
}

/// The bits of the public key.
pub(super) fn compute(summary: &KeySummary, fields: &Fields<'_>, pkcs8: &[u8]) -> Option<Vec<u8>> {
    match &summary.algorithm {
        KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss => rsa(fields.key),
        KeyAlgorithm::Ec => point(fields.key).or_else(|| computed_point(summary, pkcs8)),
        KeyAlgorithm::Dsa => dsa(fields),
        KeyAlgorithm::Ed25519 => {
            let (_, seed) = value(fields.key, "", Tag::OctetString).ok()?;
            Some(Ed25519KeyPair::from_seed_unchecked(seed).ok()?.public_key().as_ref().to_vec())
        }
        KeyAlgorithm::Ed448 => {
            let (_, seed) = value(fields.key, "", Tag::OctetString).ok()?;
            ed448(seed)
        }
        KeyAlgorithm::Other(oid) if oid == X25519 => {
            let (_, secret) = value(fields.key, "", Tag::OctetString).ok()?;
            let key = agreement::PrivateKey::from_private_key(&agreement::X25519, secret).ok()?;
            Some(key.compute_public_key().ok()?.as_ref().to_vec())
        }
        _ => fields.public.map(<[u8]>::to_vec),
    }
}

/// `RSAPublicKey` (RFC 8017 appendix A.1.1) out of an `RSAPrivateKey`.
fn rsa(key: &[u8]) -> Option<Vec<u8>> {
    let numbers = integers(key, 3)?;
    let mut content = Vec::new();
    for number in numbers.get(1..)? {
        if bit_length(number)? > u32::try_from(limits::RSA_BITS).ok()? {
            return None;
        }
        content.extend(integer(number)?);
    }
    Sequence::new(content.into()).to_der_vec().ok()
}

/// The publicKey field of an `ECPrivateKey` (RFC 5915 section 3).
fn point(key: &[u8]) -> Option<Vec<u8>> {
    let (_, content) = value(key, "", Tag::Sequence).ok()?;
    let mut rest = content;
    while !rest.is_empty() {
        let (after, field) = any(rest, "").ok()?;
        if field.class() == Class::ContextSpecific && field.tag().0 == 1 {
            let (_, bits) = value(field.data, "", Tag::BitString).ok()?;
            return bits.strip_prefix(&[0]).map(<[u8]>::to_vec);
        }
        rest = after;
    }
    None
}

fn computed_point(summary: &KeySummary, pkcs8: &[u8]) -> Option<Vec<u8>> {
    let curve = match summary.curve.as_deref()? {
        "secp256r1" => &signature::ECDSA_P256_SHA256_ASN1_SIGNING,
        "secp384r1" => &signature::ECDSA_P384_SHA384_ASN1_SIGNING,
        "secp521r1" => &signature::ECDSA_P521_SHA512_ASN1_SIGNING,
        "secp256k1" => &signature::ECDSA_P256K1_SHA256_ASN1_SIGNING,
        _ => return None,
    };
    Some(EcdsaKeyPair::from_pkcs8(curve, pkcs8).ok()?.public_key().as_ref().to_vec())
}

/// The public key of a seed (RFC 8032 section 5.2.5), in a time that does not depend on it.
fn ed448(seed: &[u8]) -> Option<Vec<u8>> {
    if seed.len() != ED448_OCTETS {
        return None;
    }
    // The second half of the hash is for signing.
    let mut secret = Zeroizing::new(ScalarBytes::default());
    Shake256::default().chain(seed).finalize_xof().read(&mut secret);
    if let [lowest, .., highest, last] = secret.as_mut_slice() {
        *lowest &= 0xfc;
        *highest |= 0x80;
        *last = 0;
    }
    let scalar = Zeroizing::new(Scalar::from_bytes_mod_order(&secret));
    Some((EdwardsPoint::GENERATOR * *scalar).compress().to_bytes().to_vec())
}

/// g to the power of x modulo p (FIPS 186-4 section 4.1), as the INTEGER that a DSA public key is (RFC 3279
/// section 2.3.2).
fn dsa(fields: &Fields<'_>) -> Option<Vec<u8>> {
    let parameters = fields.algorithm.parameters.as_ref()?;
    let mut rest = parameters.data;
    let mut numbers = Vec::with_capacity(3);
    for _ in 0..3 {
        let (after, number) = value(rest, "", Tag::Integer).ok()?;
        numbers.push(number);
        rest = after;
    }
    let (_, x) = value(fields.key, "", Tag::Integer).ok()?;
    let [p, _, g] = numbers.try_into().ok()?;
    let bounded = |number, most| bit_length(number).is_some_and(|bits| bits <= most);
    let most = u32::try_from(limits::RSA_BITS).ok()?;
    if !bounded(p, most) || !bounded(g, most) || !bounded(x, DSA_EXPONENT_BITS) {
        return None;
    }
    let mut x = BigUint::from_bytes_be(x);
    let y = BigUint::from_bytes_be(g).modpow(&x, &BigUint::from_bytes_be(p));
    x.zeroize();
    integer(&y.to_bytes_be())
}

/// The INTEGER of a number that is not negative.
fn integer(number: &[u8]) -> Option<Vec<u8>> {
    let digits: Vec<u8> = number.iter().copied().skip_while(|&octet| octet == 0).collect();
    let sign = digits.first().is_none_or(|&first| first & 0x80 != 0).then_some(0);
    let content: Vec<u8> = sign.into_iter().chain(digits).collect();
    x509_parser::asn1_rs::Any::from_tag_and_data(Tag::Integer, &content).to_der_vec().ok()
}
