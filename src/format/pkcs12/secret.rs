//! Secret keys in SecretBags, as `sun.security.pkcs12.PKCS12KeyStore` wraps them.
//!
//! ```text
//! SecretBag ::= SEQUENCE { secretTypeId OBJECT IDENTIFIER, secretValue [0] EXPLICIT ANY }
//! ```
//!
//! RFC 7292 section 4.2.5 leaves type and value open. Java's type is pkcs8ShroudedKeyBag, its value an OCTET
//! STRING with an `EncryptedPrivateKeyInfo`, in which the key's octets stand where a private key would.

use zeroize::Zeroizing;

use super::derivations::Derivations;
use super::error::{At, Pkcs12Error, Place};
use super::{key, oid};
use crate::format::asn1::{self, Reader, tag};
use crate::model::entropy::Entropy;
use crate::model::key_store::pfx::Scheme;
use crate::model::{Password, SecretKey};

const PLACE: Place = Place::Secret;

/// The algorithms of secret keys that Java has both a number and a name for (`sun.security.util.KnownOIDs`):
/// content octets, the name that Java reads, and another one, if any, that it writes the number for.
const ALGORITHMS: [(&[u8], &str, &str); 16] = [
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01], "AES", ""),
    (&[0x2b, 0x0e, 0x03, 0x02, 0x11], "DESede", "TripleDES"),
    (&[0x2b, 0x0e, 0x03, 0x02, 0x07], "DES/CBC", "DES"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x04], "ARCFOUR", "RC4"),
    (&oid::rsa_digest(7), "HmacSHA1", ""),
    (&oid::rsa_digest(8), "HmacSHA224", ""),
    (&oid::rsa_digest(9), "HmacSHA256", ""),
    (&oid::rsa_digest(10), "HmacSHA384", ""),
    (&oid::rsa_digest(11), "HmacSHA512", ""),
    (&oid::rsa_digest(12), "HmacSHA512/224", ""),
    (&oid::rsa_digest(13), "HmacSHA512/256", ""),
    (&oid::nist_hash(13), "HmacSHA3-224", ""),
    (&oid::nist_hash(14), "HmacSHA3-256", ""),
    (&oid::nist_hash(15), "HmacSHA3-384", ""),
    (&oid::nist_hash(16), "HmacSHA3-512", ""),
    (&oid::pkcs5(12), "PBKDF2WithHmacSHA1", ""),
];

/// Opens the secret key of a SecretBag that Java wrote.
///
/// # Errors
///
/// [`Pkcs12Error::Unsupported`] for a bag of another type; else as [`super::decrypt_key`].
pub fn open_secret(
    bag: &[u8],
    password: &Password,
    derivations: &mut Derivations,
) -> Result<SecretKey, Pkcs12Error> {
    let mut fields = Reader::new(bag).sequence("SecretBag").at(PLACE)?;
    let kind = fields.object_identifier("secretTypeId").at(PLACE)?;
    if kind != oid::SHROUDED_KEY_BAG {
        return Err(super::algorithm::unsupported(PLACE, "type of secret", kind));
    }
    let value = fields.tagged(tag::context(0) | tag::CONSTRUCTED, "secretValue").at(PLACE)?;
    let encrypted = value.reader().octet_string("secretValue").at(PLACE)?;
    let plain = key::decrypt_key(&encrypted, password, derivations)?;
    let mut fields = Reader::new(&plain).sequence("PrivateKeyInfo").at(PLACE)?;
    fields.unsigned("version").at(PLACE)?;
    let mut algorithm = fields.sequence("algorithm").at(PLACE)?;
    let algorithm = algorithm.object_identifier("algorithm").at(PLACE)?;
    let octets = Zeroizing::new(fields.octet_string("privateKey").at(PLACE)?.into_owned());
    let known = ALGORITHMS.iter().find(|(oid, ..)| *oid == algorithm);
    let name = known.map_or_else(|| oid::dotted(algorithm), |(_, name, _)| (*name).to_owned());
    Ok(SecretKey::new(name, octets))
}

/// Whether a SecretBag is of the type that Java writes.
#[must_use]
pub fn is_java_secret(bag: &[u8]) -> bool {
    let kind = |bag| Reader::new(bag).sequence("SecretBag")?.object_identifier("secretTypeId");
    kind(bag).is_ok_and(|kind| kind == oid::SHROUDED_KEY_BAG)
}

/// The SecretBag that Java would write for a secret key.
///
/// # Errors
///
/// [`Pkcs12Error::Unsupported`] for an algorithm that Java has no number for, and so does not store in PKCS12
/// either; else as [`super::encrypt_key`].
pub fn encode_secret(
    secret: &SecretKey,
    scheme: &Scheme,
    password: &Password,
    entropy: &mut dyn Entropy,
    derivations: &mut Derivations,
) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    let named = |name: &str| !name.is_empty() && name.eq_ignore_ascii_case(secret.algorithm());
    let known = ALGORITHMS.iter().find(|(_, name, other)| named(name) || named(other));
    let Some(&(algorithm, ..)) = known else {
        let oid = secret.algorithm().to_owned();
        return Err(Pkcs12Error::Unsupported { place: PLACE, what: "algorithm", oid });
    };
    let algorithm = asn1::sequence(&[asn1::object_identifier(algorithm)]);
    let octets = Zeroizing::new(asn1::octet_string(secret.octets()));
    let info = Zeroizing::new(asn1::sequence(&[&asn1::integer(0), &algorithm, &*octets]));
    let encrypted = key::encrypt_key(&info, scheme, password, entropy, derivations)?;
    let value = asn1::explicit(0, &asn1::octet_string(&encrypted));
    Ok(Zeroizing::new(asn1::sequence(&[asn1::object_identifier(oid::SHROUDED_KEY_BAG), value])))
}
