//! From the model to the bytes of a file.

use super::algorithm::Encryption;
use super::cipher::{self, Secret};
use super::derivations::Derivations;
use super::error::{Pkcs12Error, Place};
use super::{mac, oid, safe_contents};
use crate::format::asn1::{self, tag};
use crate::model::Password;
use crate::model::entropy::Entropy;
use crate::model::key_store::pfx::{Part, Pfx, Protection};

/// Writes a PKCS12 file in DER.
///
/// Parts that no edit has touched are written to the byte as they were read. A touched part keeps its
/// scheme, iterations and length of salt, and gets a new salt and initialization vector; so does the MAC.
/// That the password is the one that untouched parts and private keys have is not checked.
///
/// # Errors
///
/// [`Pkcs12Error::PasswordRequired`] without a password where there is a MAC or a touched part to encrypt;
/// [`Pkcs12Error::Entropy`].
pub fn encode(
    pfx: &Pfx,
    password: Option<&Password>,
    entropy: &mut dyn Entropy,
    derivations: &mut Derivations,
) -> Result<Vec<u8>, Pkcs12Error> {
    let secret = password.map(|password| Secret { password, form: pfx.password_form() });
    let mut parts = Vec::with_capacity(pfx.parts().len());
    for (index, part) in pfx.parts().iter().enumerate() {
        let place = Place::Part(index.saturating_add(1));
        parts.push(encode_part(part, place, secret, entropy, derivations)?);
    }
    let safe = asn1::sequence(&parts);
    let mut fields = vec![asn1::integer(3), data(&safe)];
    if let Some(scheme) = pfx.mac() {
        let secret = secret.ok_or(Pkcs12Error::PasswordRequired { place: Place::Mac })?;
        fields.push(mac::encode(scheme, &safe, secret, entropy, derivations)?);
    }
    Ok(asn1::sequence(&fields))
}

fn encode_part(
    part: &Part,
    place: Place,
    secret: Option<Secret<'_>>,
    entropy: &mut dyn Entropy,
    derivations: &mut Derivations,
) -> Result<Vec<u8>, Pkcs12Error> {
    if let Some(original) = part.original() {
        return Ok(original.to_vec());
    }
    let contents = safe_contents::encode(part.bags().unwrap_or_default());
    let scheme = match part.protection() {
        Protection::Plain => return Ok(data(&contents)),
        Protection::Encrypted(scheme) => scheme,
        Protection::Other(kind) => return Err(super::algorithm::unsupported(place, "content type", kind)),
    };
    let secret = secret.ok_or(Pkcs12Error::PasswordRequired { place })?;
    let encryption = Encryption::new(scheme, entropy)?;
    let ciphertext = cipher::encrypt(&encryption, &contents, secret, place, derivations)?;
    let content = asn1::sequence(&[
        asn1::object_identifier(oid::DATA),
        encryption.encode(),
        asn1::tlv(tag::context(0), &ciphertext),
    ]);
    let encrypted = asn1::sequence(&[asn1::integer(0), content]);
    Ok(asn1::sequence(&[asn1::object_identifier(oid::ENCRYPTED_DATA), asn1::explicit(0, &encrypted)]))
}

/// A ContentInfo of type Data.
fn data(content: &[u8]) -> Vec<u8> {
    let content = asn1::explicit(0, &asn1::octet_string(content));
    asn1::sequence(&[asn1::object_identifier(oid::DATA), content])
}
