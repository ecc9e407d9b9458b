//! Public keys without a certificate: `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7), and the bare
//! `RSAPublicKey` of PKCS1 (RFC 8017 appendix A.1.1).

use x509_parser::prelude::{FromDer, SubjectPublicKeyInfo};

use super::asn1::{self, Reader, tag};
use crate::model::PublicKey;

/// 1.2.840.113549.1.1.1, rsaEncryption.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// Why bytes are no public key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    /// The bytes are not the DER of a public key.
    #[error("not a public key: {0}")]
    Malformed(String),
    /// A public key, and then more bytes.
    #[error("{0} bytes follow the public key")]
    Trailing(usize),
}

/// Reads a public key. An `RSAPublicKey` becomes the `SubjectPublicKeyInfo` that holds it. That the key is a
/// good one is not checked.
///
/// # Errors
///
/// [`PublicKeyError`].
pub fn read(der: &[u8]) -> Result<PublicKey, PublicKeyError> {
    if is_pkcs1(der) {
        let bits: Vec<u8> = [&[0], der].concat();
        let algorithm = asn1::sequence(&[asn1::object_identifier(RSA), asn1::null()]);
        return info(&asn1::sequence(&[algorithm, asn1::tlv(tag::BIT_STRING, &bits)]));
    }
    info(der)
}

fn info(der: &[u8]) -> Result<PublicKey, PublicKeyError> {
    let (rest, info) = SubjectPublicKeyInfo::from_der(der)
        .map_err(|error| PublicKeyError::Malformed(super::parse_error(error)))?;
    if !rest.is_empty() {
        return Err(PublicKeyError::Trailing(rest.len()));
    }
    fields_fill(der).map_err(|error| PublicKeyError::Malformed(error.to_string()))?;
    Ok(PublicKey::from_parsed(&info))
}

/// The two fields of a SubjectPublicKeyInfo have to fill it: x509-parser reads them and looks no further.
fn fields_fill(der: &[u8]) -> Result<(), asn1::Asn1Error> {
    let mut outer = Reader::new(der);
    let mut fields = outer.sequence("SubjectPublicKeyInfo")?;
    fields.tagged(tag::SEQUENCE, "algorithm")?;
    fields.tagged(tag::BIT_STRING, "subjectPublicKey")?;
    fields.end("SubjectPublicKeyInfo")?;
    outer.end("SubjectPublicKeyInfo")
}

/// Whether bytes are a SEQUENCE of two numbers and nothing else.
fn is_pkcs1(der: &[u8]) -> bool {
    let mut outer = Reader::new(der);
    let Ok(mut numbers) = outer.sequence("RSAPublicKey") else { return false };
    let both = [0; 2].iter().all(|_| numbers.tagged(tag::INTEGER, "RSAPublicKey").is_ok());
    both && numbers.is_empty() && outer.is_empty()
}
