//! Certificates in PKCS7: the `SignedData` without signers that CAs and Windows hand out as `.p7b`.
//!
//! RFC 2315 sections 7 and 9.1, RFC 5652 sections 3, 5.1 and 10.2. BER is read, DER is written.

#[cfg(test)]
mod tests;

use super::asn1::{self, Asn1Error, Reader, tag};
use crate::model::EncodedCertificate;

/// 1.2.840.113549.1.7, under which the content types stand.
pub(crate) const PKCS7: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07];
/// 1.2.840.113549.1.7.1.
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
/// 1.2.840.113549.1.7.2.
pub(crate) const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];

const CERTIFICATES: u8 = tag::context(0) | tag::CONSTRUCTED;
const CRLS: u8 = tag::context(1) | tag::CONSTRUCTED;

/// Why no certificates could be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Pkcs7Error {
    /// The bytes are no `ContentInfo` with `SignedData`.
    #[error("PKCS7 cannot be read: {0}")]
    Asn1(#[from] Asn1Error),
    /// A content type that has no certificates to give, by its name or number.
    #[error("the PKCS7 content is {0}, which holds no certificates")]
    ContentType(&'static str),
}

/// The certificates of a `SignedData`, in the order of the file. Attribute certificates and the other
/// choices that are no X.509 certificate are passed over; so are CRLs and signatures, which are not
/// verified. Bytes after the `ContentInfo` are not looked at.
///
/// A file without certificates gives an empty list.
///
/// # Errors
///
/// [`Pkcs7Error`].
pub fn certificates(bytes: &[u8]) -> Result<Vec<EncodedCertificate>, Pkcs7Error> {
    Ok(contents(bytes)?.certificates)
}

/// What a `SignedData` carries along.
#[derive(Debug, Default)]
pub struct Contents<'a> {
    /// The certificates, in the order of the file.
    pub certificates: Vec<EncodedCertificate>,
    /// The encodings of the CRLs, not read, in the order of the file.
    pub crls: Vec<&'a [u8]>,
}

/// The certificates and the CRLs of a `SignedData`. What is neither is passed over, and signatures are not
/// verified, as in [`certificates`].
///
/// # Errors
///
/// [`Pkcs7Error`].
pub fn contents(bytes: &[u8]) -> Result<Contents<'_>, Pkcs7Error> {
    let mut info = Reader::new(bytes).sequence("ContentInfo")?;
    let content_type = info.object_identifier("contentType")?;
    if content_type != SIGNED_DATA {
        return Err(Pkcs7Error::ContentType(name(content_type)));
    }
    let content = info.tagged(tag::context(0) | tag::CONSTRUCTED, "content")?;
    let mut signed = content.reader().sequence("SignedData")?;
    signed.tagged(tag::INTEGER, "version")?;
    signed.tagged(tag::SET, "digestAlgorithms")?;
    signed.sequence("encapContentInfo")?;
    let mut contents = Contents::default();
    if let Some(set) = signed.optional(CERTIFICATES, "certificates")? {
        let mut choices = set.reader();
        while !choices.is_empty() {
            let choice = choices.any("certificate")?;
            if choice.tag == tag::SEQUENCE {
                contents.certificates.push(EncodedCertificate::x509(choice.whole));
            }
        }
    }
    if let Some(set) = signed.optional(CRLS, "crls")? {
        let mut choices = set.reader();
        while !choices.is_empty() {
            let choice = choices.any("crl")?;
            if choice.tag == tag::SEQUENCE {
                contents.crls.push(choice.whole);
            }
        }
    }
    Ok(contents)
}

/// Writes a degenerate `SignedData` (RFC 2315 section 9.1): certificates, no content, no signers.
///
/// The order is kept, as readers take the first for the end entity; DER would sort the set.
#[must_use]
pub fn encode(certificates: &[EncodedCertificate]) -> Vec<u8> {
    let ders: Vec<&[u8]> = certificates.iter().map(|certificate| &*certificate.der).collect();
    let nothing: [&[u8]; 0] = [];
    let signed = asn1::sequence(&[
        asn1::integer(1),
        asn1::set(&nothing),
        asn1::sequence(&[asn1::object_identifier(DATA)]),
        asn1::tlv(CERTIFICATES, &ders.concat()),
        asn1::set(&nothing),
    ]);
    asn1::sequence(&[asn1::object_identifier(SIGNED_DATA), asn1::explicit(0, &signed)])
}

fn name(content_type: &[u8]) -> &'static str {
    match content_type.strip_prefix(PKCS7) {
        Some([1]) => "plain data",
        Some([3]) => "enveloped data",
        Some([4]) => "signed and enveloped data",
        Some([5]) => "digested data",
        Some([6]) => "encrypted data",
        _ => "of an unknown type",
    }
}
