//! The encodings of private keys from before PKCS8, each turned into it.

use zeroize::Zeroizing;

use super::KeyError;
use crate::format::asn1::{self, Asn1Error, Problem, Reader, Value, tag};
use crate::model::PrivateKey;

/// 1.2.840.113549.1.1.1, rsaEncryption.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// 1.2.840.10045.2.1, id-ecPublicKey.
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// 1.2.840.10040.4.1, id-dsa.
const DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01];

/// The numbers of an `RSAPrivateKey` after its version.
const RSA_NUMBERS: usize = 8;

/// From `RSAPrivateKey` (RFC 8017 appendix A.1.2).
pub(super) fn rsa(der: &[u8]) -> Result<PrivateKey, KeyError> {
    const NAME: &str = "RSAPrivateKey";
    let mut fields = only(der, NAME)?;
    fields.unsigned("version")?;
    for _ in 0..RSA_NUMBERS {
        fields.tagged(tag::INTEGER, NAME)?;
    }
    fields.optional(tag::SEQUENCE, "otherPrimeInfos")?;
    fields.end(NAME)?;
    pkcs8(&asn1::sequence(&[asn1::object_identifier(RSA), asn1::null()]), der)
}

/// From `ECPrivateKey` (RFC 5915 section 3). The curve moves to the algorithm; the public key stays, if it is
/// there; the private number is brought to the length of the curve.
pub(super) fn ec(der: &[u8], parameters: Option<&[u8]>) -> Result<PrivateKey, KeyError> {
    const NAME: &str = "ECPrivateKey";
    let mut fields = only(der, NAME)?;
    let version = fields.unsigned("version")?;
    let number = Zeroizing::new(fields.octet_string("privateKey")?.into_owned());
    let own = fields.optional(tag::context(0) | tag::CONSTRUCTED, "parameters")?;
    let public = fields.optional(tag::context(1) | tag::CONSTRUCTED, "publicKey")?;
    fields.end(NAME)?;
    let curve = match (&own, parameters) {
        (Some(own), _) => own.reader().any("parameters")?.whole,
        (None, Some(parameters)) => Reader::new(parameters).any("EC PARAMETERS")?.whole,
        (None, None) => return Err(KeyError::CurveMissing),
    };
    let algorithm = asn1::sequence(&[&asn1::object_identifier(EC), curve]);
    let assemble = |number: &[u8]| {
        let number = Zeroizing::new(asn1::octet_string(number));
        let public = public.map(|value| value.whole).unwrap_or_default();
        let key = Zeroizing::new(asn1::sequence(&[&asn1::integer(version), number.as_slice(), public]));
        pkcs8(&algorithm, &key)
    };
    let key = assemble(&number)?;
    let octets = key.key().bits.and_then(|bits| usize::try_from(bits.div_ceil(8)).ok()).unwrap_or_default();
    match octets.checked_sub(number.len()) {
        None | Some(0) => Ok(key),
        Some(missing) => {
            let mut padded = Zeroizing::new(vec![0; octets]);
            padded.iter_mut().skip(missing).zip(number.iter()).for_each(|(to, from)| *to = *from);
            assemble(&padded)
        }
    }
}

/// From OpenSSL's SEQUENCE of 0, p, q, g, y and x.
pub(super) fn dsa(der: &[u8]) -> Result<PrivateKey, KeyError> {
    const NAME: &str = "DSAPrivateKey";
    let mut fields = only(der, NAME)?;
    fields.unsigned("version")?;
    let mut number = |name| -> Result<Value<'_>, Asn1Error> { fields.tagged(tag::INTEGER, name) };
    let parameters = [number("p")?.whole, number("q")?.whole, number("g")?.whole];
    number("y")?;
    let private = number("x")?.whole;
    fields.end(NAME)?;
    pkcs8(&asn1::sequence(&[asn1::object_identifier(DSA), asn1::sequence(&parameters)]), private)
}

/// A reader of the one SEQUENCE that bytes are.
fn only<'a>(der: &'a [u8], name: &'static str) -> Result<Reader<'a>, Asn1Error> {
    let mut outer = Reader::new(der);
    let fields = outer.sequence(name)?;
    if outer.is_empty() { Ok(fields) } else { Err(outer.error(name, Problem::Trailing(outer.rest().len()))) }
}

/// `PrivateKeyInfo` (RFC 5208 section 5).
fn pkcs8(algorithm: &[u8], key: &[u8]) -> Result<PrivateKey, KeyError> {
    let octets = Zeroizing::new(asn1::octet_string(key));
    let info = Zeroizing::new(asn1::sequence(&[&asn1::integer(0), algorithm, octets.as_slice()]));
    Ok(PrivateKey::from_pkcs8(&info)?)
}
