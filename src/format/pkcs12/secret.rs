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
use crate::format::name::encoded_oid;
use crate::model::entropy::Entropy;
use crate::model::key_store::pfx::Scheme;
use crate::model::{Password, SecretKey};

const PLACE: Place = Place::Secret;

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
    Ok(SecretKey::new(SecretKey::algorithm_of(oid::dotted(algorithm)), octets))
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
    let Some(algorithm) = secret.number().and_then(encoded_oid) else {
        let oid = secret.algorithm().to_owned();
        return Err(Pkcs12Error::Unsupported { place: PLACE, what: "algorithm", oid });
    };
    let algorithm = asn1::sequence(&[asn1::object_identifier(&algorithm)]);
    let octets = Zeroizing::new(asn1::octet_string(secret.octets()));
    let info = Zeroizing::new(asn1::sequence(&[&asn1::integer(0), &algorithm, &*octets]));
    let encrypted = key::encrypt_key(&info, scheme, password, entropy, derivations)?;
    let value = asn1::explicit(0, &asn1::octet_string(&encrypted));
    Ok(Zeroizing::new(asn1::sequence(&[asn1::object_identifier(oid::SHROUDED_KEY_BAG), value])))
}
