//! SafeContents: the bags of one part and their attributes (RFC 7292 section 4.2).

use std::sync::Arc;

use zeroize::Zeroizing;

use super::error::{At, Pkcs12Error, Place};
use super::oid;
use crate::format::asn1::{self, Asn1Error, Problem, Reader, Value, tag};
use crate::limits;
use crate::model::EncodedCertificate;
use crate::model::key_store::pfx::{Attribute, Bag, BagContent};

/// Reads bags and counts them over the whole file.
pub(super) struct BagReader {
    count: usize,
    x509: Arc<str>,
}

impl BagReader {
    pub(super) fn new() -> Self {
        Self { count: 0, x509: "X.509".into() }
    }

    /// Reads the SafeContents of a part, which is counted from 1.
    pub(super) fn part(&mut self, reader: &mut Reader<'_>, part: usize) -> Result<Vec<Bag>, Pkcs12Error> {
        let mut contents = reader.sequence("SafeContents").at(Place::Part(part))?;
        reader.end("SafeContents").at(Place::Part(part))?;
        let mut bags = Vec::new();
        while !contents.is_empty() {
            let place = Place::Bag { part, bag: bags.len().saturating_add(1) };
            bags.push(self.bag(&mut contents, place)?);
        }
        Ok(bags)
    }

    /// Nested SafeContents recur here. Every level is several values deep, and the reader bounds the depth.
    fn bag(&mut self, reader: &mut Reader<'_>, place: Place) -> Result<Bag, Pkcs12Error> {
        self.count = self.count.saturating_add(1);
        if self.count > limits::ENTRIES {
            return Err(Pkcs12Error::Entries { place, limit: limits::ENTRIES });
        }
        let mut fields = reader.sequence("SafeBag").at(place)?;
        let kind = fields.object_identifier("bagId").at(place)?;
        let mut wrapped = explicit(&mut fields, "bagValue").at(place)?;
        let value = wrapped.any("bagValue").at(place)?;
        wrapped.end("bagValue").at(place)?;
        let content = match kind {
            oid::KEY_BAG => BagContent::Key(Zeroizing::new(value.whole.to_vec())),
            oid::SHROUDED_KEY_BAG => BagContent::ShroudedKey(value.whole.to_vec()),
            oid::CERTIFICATE_BAG => self.certificate(&value).at(place)?,
            oid::CRL_BAG => BagContent::Crl(value.whole.to_vec()),
            oid::SECRET_BAG => BagContent::Secret(Zeroizing::new(value.whole.to_vec())),
            oid::SAFE_CONTENTS_BAG => {
                if value.tag != tag::SEQUENCE {
                    let problem = Problem::Tag { expected: tag::SEQUENCE, found: value.tag };
                    return Err(Asn1Error { field: "SafeContents", offset: value.offset, problem }).at(place);
                }
                let mut contents = value.reader();
                let mut bags = Vec::new();
                while !contents.is_empty() {
                    bags.push(self.bag(&mut contents, place)?);
                }
                BagContent::Nested(bags)
            }
            _ => BagContent::Other { kind: kind.to_vec(), value: value.whole.to_vec() },
        };
        let attributes = match fields.optional(tag::SET, "bagAttributes").at(place)? {
            Some(set) => attributes(&mut set.reader()).at(place)?,
            None => Vec::new(),
        };
        fields.end("SafeBag").at(place)?;
        Ok(Bag { content: Arc::new(content), attributes })
    }

    fn certificate(&self, value: &Value<'_>) -> Result<BagContent, Asn1Error> {
        if value.tag != tag::SEQUENCE {
            let problem = Problem::Tag { expected: tag::SEQUENCE, found: value.tag };
            return Err(Asn1Error { field: "CertBag", offset: value.offset, problem });
        }
        let mut fields = value.reader();
        if fields.object_identifier("certId")? != oid::X509_CERTIFICATE {
            return Ok(BagContent::OtherCertificate(value.whole.to_vec()));
        }
        let mut wrapped = explicit(&mut fields, "certValue")?;
        let der = wrapped.octet_string("certValue")?;
        wrapped.end("certValue")?;
        fields.end("CertBag")?;
        Ok(BagContent::Certificate(EncodedCertificate { kind: self.x509.clone(), der: (*der).into() }))
    }
}

/// The DER of SafeContents.
pub(super) fn encode(bags: &[Bag]) -> Zeroizing<Vec<u8>> {
    let bags: Vec<Zeroizing<Vec<u8>>> = bags.iter().map(encode_bag).collect();
    Zeroizing::new(asn1::sequence(&bags.iter().map(|bag| bag.as_slice()).collect::<Vec<_>>()))
}

fn encode_bag(bag: &Bag) -> Zeroizing<Vec<u8>> {
    let nested: Zeroizing<Vec<u8>>;
    let certificate: Vec<u8>;
    let (kind, value): (&[u8], &[u8]) = match &*bag.content {
        BagContent::Key(value) => (oid::KEY_BAG, value),
        BagContent::ShroudedKey(value) => (oid::SHROUDED_KEY_BAG, value),
        BagContent::Certificate(held) => {
            certificate = asn1::sequence(&[
                asn1::object_identifier(oid::X509_CERTIFICATE),
                asn1::explicit(0, &asn1::octet_string(&held.der)),
            ]);
            (oid::CERTIFICATE_BAG, &certificate)
        }
        BagContent::OtherCertificate(value) => (oid::CERTIFICATE_BAG, value),
        BagContent::Crl(value) => (oid::CRL_BAG, value),
        BagContent::Secret(value) => (oid::SECRET_BAG, value),
        BagContent::Nested(bags) => {
            nested = encode(bags);
            (oid::SAFE_CONTENTS_BAG, &nested)
        }
        BagContent::Other { kind, value } => (kind, value),
    };
    let value = Zeroizing::new(asn1::explicit(0, value));
    let kind = asn1::object_identifier(kind);
    if bag.attributes.is_empty() {
        return Zeroizing::new(asn1::sequence(&[kind.as_slice(), &value]));
    }
    let attributes = asn1::set(&bag.attributes.iter().map(encode_attribute).collect::<Vec<_>>());
    Zeroizing::new(asn1::sequence(&[kind.as_slice(), &value, &attributes]))
}

fn attributes(set: &mut Reader<'_>) -> Result<Vec<Attribute>, Asn1Error> {
    // Java writes two for a trusted certificate and for a key.
    let mut attributes = Vec::with_capacity(2);
    while !set.is_empty() {
        let mut fields = set.sequence("attribute")?;
        let kind = fields.object_identifier("attribute type")?;
        let values = fields.tagged(tag::SET, "attribute values")?;
        fields.end("attribute")?;
        attributes.push(
            known(kind, &values)
                .unwrap_or_else(|| Attribute::Other { kind: kind.to_vec(), values: values.content.to_vec() }),
        );
    }
    Ok(attributes)
}

/// An attribute that keyward knows, if its values are what its type asks for. Where only one value makes
/// sense several are not known, so that none is lost.
fn known(kind: &[u8], values: &Value<'_>) -> Option<Attribute> {
    let mut reader = values.reader();
    match kind {
        oid::FRIENDLY_NAME => {
            let value = reader.tagged(tag::BMP_STRING, "friendlyName").ok()?;
            let units = value.content.chunks_exact(2);
            if !reader.is_empty() || !units.remainder().is_empty() {
                return None;
            }
            let units = units.map(|unit| unit.iter().fold(0, |n, &octet| n << 8 | u16::from(octet)));
            Some(Attribute::FriendlyName(units.collect()))
        }
        oid::LOCAL_KEY_ID => {
            let id = reader.octet_string("localKeyID").ok()?;
            reader.is_empty().then(|| Attribute::LocalKeyId(id.into_owned()))
        }
        oid::TRUSTED_KEY_USAGE => {
            reader.object_identifier("trustedKeyUsage").ok()?;
            while !reader.is_empty() {
                reader.object_identifier("trustedKeyUsage").ok()?;
            }
            Some(Attribute::TrustedKeyUsage(values.content.to_vec()))
        }
        _ => None,
    }
}

fn encode_attribute(attribute: &Attribute) -> Vec<u8> {
    let (kind, values) = match attribute {
        Attribute::FriendlyName(units) => {
            let octets: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
            (oid::FRIENDLY_NAME, asn1::tlv(tag::BMP_STRING, &octets))
        }
        Attribute::LocalKeyId(id) => (oid::LOCAL_KEY_ID, asn1::octet_string(id)),
        Attribute::TrustedKeyUsage(values) => (oid::TRUSTED_KEY_USAGE, values.clone()),
        Attribute::Other { kind, values } => (kind.as_slice(), values.clone()),
    };
    asn1::sequence(&[asn1::object_identifier(kind), asn1::tlv(tag::SET, &values)])
}

/// Reads an explicit tag `[0]` and gives a reader of what is in it.
pub(super) fn explicit<'a>(reader: &mut Reader<'a>, field: &'static str) -> Result<Reader<'a>, Asn1Error> {
    Ok(reader.tagged(tag::context(0) | tag::CONSTRUCTED, field)?.reader())
}
