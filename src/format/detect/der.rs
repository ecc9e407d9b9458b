//! Telling ASN.1 structures apart by the tags of their first fields.

use super::{KeyEncoding, Kind};
use crate::format::asn1::tag;
use crate::format::pkcs7;

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const VERSION_0: u8 = tag::context(0) | tag::CONSTRUCTED;

/// What a SEQUENCE is, if it is anything that keyward has a name for.
pub(super) fn kind(bytes: &[u8]) -> Option<Kind> {
    let outer = Fields(bytes).next().filter(|f| f.tag == tag::SEQUENCE)?;
    let mut fields = outer.fields();
    let first = fields.next()?;
    match first.tag {
        tag::OBJECT_IDENTIFIER => first.content.starts_with(pkcs7::PKCS7).then_some(Kind::Pkcs7),
        tag::INTEGER => numbered(&first, fields),
        tag::SEQUENCE => nested(&first, fields),
        _ => None,
    }
}

/// What begins with a version, or with a number.
fn numbered(version: &Field<'_>, mut fields: Fields<'_>) -> Option<Kind> {
    let next = fields.next()?;
    match (version.content, next.tag) {
        ([3], tag::SEQUENCE) => {
            let oid = next.fields().next()?;
            (oid.tag == tag::OBJECT_IDENTIFIER && oid.content.starts_with(pkcs7::PKCS7))
                .then_some(Kind::Pkcs12)
        }
        ([0 | 1], tag::SEQUENCE) => {
            let algorithm = next.fields().next()?;
            let key = fields.next()?;
            (algorithm.tag == tag::OBJECT_IDENTIFIER && key.tag == tag::OCTET_STRING)
                .then_some(Kind::PrivateKey(KeyEncoding::Pkcs8))
        }
        ([1], tag::OCTET_STRING) => Some(Kind::PrivateKey(KeyEncoding::Sec1)),
        (_, tag::INTEGER) => {
            let count = 2 + fields.filter(|f| f.tag == tag::INTEGER).count();
            match (version.content, count) {
                ([0 | 1], 9) => Some(Kind::PrivateKey(KeyEncoding::Pkcs1)),
                ([0], 6) => Some(Kind::PrivateKey(KeyEncoding::Dsa)),
                (_, 2) => Some(Kind::PublicKey),
                _ => None,
            }
        }
        _ => None,
    }
}

/// What begins with a SEQUENCE: signed structures, and keys after their algorithm.
fn nested(first: &Field<'_>, mut after: Fields<'_>) -> Option<Kind> {
    let mut fields = first.fields();
    let start = fields.next()?;
    let second = fields.next();
    match start.tag {
        tag::OBJECT_IDENTIFIER => match after.next()?.tag {
            tag::BIT_STRING => Some(Kind::PublicKey),
            tag::OCTET_STRING => Some(Kind::EncryptedPrivateKey),
            _ => None,
        },
        VERSION_0 => Some(Kind::Certificate),
        tag::INTEGER => signed_after_version(&second?, fields),
        // Without a version: a CRL of version 1, or a BCFKS store.
        tag::SEQUENCE => match (second?.tag, fields.next().map(|f| f.tag)) {
            (tag::SEQUENCE, Some(UTC_TIME | GENERALIZED_TIME)) => Some(Kind::Crl),
            (tag::OCTET_STRING, None) => Some(Kind::Bcfks),
            _ => None,
        },
        _ => None,
    }
}

/// Certificates of version 1, requests and CRLs: all begin with a number and a SEQUENCE.
fn signed_after_version(second: &Field<'_>, mut fields: Fields<'_>) -> Option<Kind> {
    if second.tag != tag::SEQUENCE {
        return None;
    }
    let third = fields.next()?;
    let fourth = fields.next();
    match (third.tag, fourth.map(|f| f.tag)) {
        // version, signature, issuer, thisUpdate
        (tag::SEQUENCE, Some(UTC_TIME | GENERALIZED_TIME)) => Some(Kind::Crl),
        // serialNumber, signature, issuer, validity
        (tag::SEQUENCE, Some(tag::SEQUENCE)) => Some(Kind::Certificate),
        // version, subject, subjectPKInfo, attributes
        (tag::SEQUENCE, _) => Some(Kind::CertificateRequest),
        _ => None,
    }
}

/// A value as far as its bytes go: what is cut short is still told apart.
struct Field<'a> {
    tag: u8,
    content: &'a [u8],
}

impl<'a> Field<'a> {
    fn fields(&self) -> Fields<'a> {
        Fields(self.content)
    }
}

/// The values in some bytes. A value of indefinite length is taken to reach to the end, which is enough
/// where only first fields count.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0x00..=0x7f => (usize::from(first), rest),
            0x80 => (rest.len(), rest),
            0x81..=0x88 => {
                let (octets, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                let length = octets.iter().fold(0u64, |n, &octet| n << 8 | u64::from(octet));
                (usize::try_from(length).unwrap_or(usize::MAX), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at(length.min(rest.len()));
        self.0 = rest;
        Some(Field { tag, content })
    }
}
