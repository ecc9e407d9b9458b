//! Certificate revocation lists (RFC 5280 section 5).
//!
//! Lists have up to some million entries, so they are read in one pass, and of an entry is kept where its serial
//! number stands, its date and its reason.

use time::OffsetDateTime;
use x509_parser::asn1_rs::FromDer;
use x509_parser::prelude::{AlgorithmIdentifier, GeneralName, X509Name};

use super::asn1::{Asn1Error, Problem, Reader, Value, tag};
use super::extension::{self, dotted};
use crate::model::certificate::alternative_name;
use crate::model::crl::{CrlScope, Entry};
use crate::model::public_key::SignatureAlgorithm;
use crate::model::revocation::{PointName, RevocationReason};
use crate::model::{Crl, Name};

/// Why bytes are no CRL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CrlError {
    /// The bytes are not the DER of a CRL.
    #[error("not a CRL: {0}")]
    Malformed(String),
    /// A CRL, and then more bytes.
    #[error("{0} bytes follow the CRL")]
    Trailing(usize),
    /// A date outside the calendar.
    #[error("the CRL's {0} is no date")]
    Date(&'static str),
}

impl From<Asn1Error> for CrlError {
    fn from(error: Asn1Error) -> Self {
        Self::Malformed(error.to_string())
    }
}

const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 0x23];
const NUMBER: &[u8] = &[0x55, 0x1d, 0x14];
const DELTA: &[u8] = &[0x55, 0x1d, 0x1b];
const SCOPE: &[u8] = &[0x55, 0x1d, 0x1c];
const FRESHEST: &[u8] = &[0x55, 0x1d, 0x2e];
/// Extensions that a list must not mark critical.
const NOT_CRITICAL: [&[u8]; 3] = [NUMBER, AUTHORITY_KEY_ID, FRESHEST];
const REASON: &[u8] = &[0x55, 0x1d, 0x15];
const INVALIDITY_DATE: &[u8] = &[0x55, 0x1d, 0x18];

/// Reads a CRL. Its signature and its dates are not checked.
///
/// # Errors
///
/// [`CrlError`].
pub fn read(der: &[u8]) -> Result<Crl, CrlError> {
    let mut reader = Reader::new(der);
    let mut list = reader.sequence("CertificateList")?;
    if !reader.is_empty() {
        return Err(CrlError::Trailing(reader.rest().len()));
    }
    let signed = list.tagged(tag::SEQUENCE, "tbsCertList")?;
    let outer = list.tagged(tag::SEQUENCE, "signatureAlgorithm")?;
    let signature = list.tagged(tag::BIT_STRING, "signatureValue")?;
    list.end("CertificateList")?;
    let mut body = signed.reader();
    body.optional(tag::INTEGER, "version")?;
    let inner = body.tagged(tag::SEQUENCE, "signature")?;
    let issuer = name(&body.tagged(tag::SEQUENCE, "issuer")?)
        .ok_or_else(|| CrlError::Malformed("the issuer is no name".to_owned()))?;
    let this_update = body.time("thisUpdate")?;
    let next_update = match body.peek() {
        Some(tag::UTC_TIME | tag::GENERALIZED_TIME) => Some(body.time("nextUpdate")?),
        _ => None,
    };
    let mut extensions = Extensions::default();
    let entries = match body.optional(tag::SEQUENCE, "revokedCertificates")? {
        Some(revoked) => entries(revoked.reader(), &mut extensions)?,
        None => Vec::new(),
    };
    if let Some(wrapped) = body.optional(tag::context(0) | tag::CONSTRUCTED, "crlExtensions")? {
        let mut wrapped = wrapped.reader();
        extensions.read(wrapped.sequence("crlExtensions")?)?;
        wrapped.end("crlExtensions")?;
    }
    body.end("tbsCertList")?;
    let start = signed.offset;
    Ok(Crl {
        der: der.into(),
        issuer,
        this_update,
        next_update,
        number: extensions.number,
        revoked: entries.len(),
        signature_algorithm: algorithm(&outer)
            .ok_or_else(|| CrlError::Malformed("the signature algorithm cannot be read".to_owned()))?,
        signature_algorithms_agree: inner.whole == outer.whole,
        signature: super::extension::bits(&signature)?.into(),
        authority_key_id: extensions.authority_key_id,
        scope: extensions.scope,
        is_delta: extensions.is_delta,
        unknown_critical: extensions.unknown_critical,
        wrongly_critical: extensions.wrongly_critical,
        signed: start..start.saturating_add(signed.whole.len()),
        entries: entries.into(),
    })
}

/// A name, read with x509-parser.
pub(super) fn name(value: &Value<'_>) -> Option<Name> {
    X509Name::from_der(value.whole).ok().map(|(_, name)| Name::from_parsed(&name))
}

/// An algorithm identifier, read with x509-parser.
pub(super) fn algorithm(value: &Value<'_>) -> Option<SignatureAlgorithm> {
    AlgorithmIdentifier::from_der(value.whole).ok().map(|(_, read)| SignatureAlgorithm::from_parsed(&read))
}

/// What the extensions of a list say.
#[derive(Default)]
struct Extensions {
    number: Option<Box<[u8]>>,
    authority_key_id: Option<Box<[u8]>>,
    scope: Option<CrlScope>,
    is_delta: bool,
    unknown_critical: Vec<String>,
    wrongly_critical: Vec<String>,
}

impl Extensions {
    fn read(&mut self, reader: Reader<'_>) -> Result<(), Asn1Error> {
        for extension in extension::read(reader)? {
            let mut value = Reader::new(&extension.value);
            if extension.critical && NOT_CRITICAL.contains(&extension.id) {
                self.wrongly_critical.push(dotted(extension.id));
                continue;
            }
            match extension.id {
                NUMBER => {
                    let number = value.tagged(tag::INTEGER, "cRLNumber")?;
                    self.number = Some(positive(number.content).into());
                }
                AUTHORITY_KEY_ID => {
                    let mut id = value.sequence("authorityKeyIdentifier")?;
                    self.authority_key_id =
                        id.optional(tag::context(0), "keyIdentifier")?.map(|key| key.content.into());
                }
                SCOPE => self.scope = Some(scope(value.sequence("issuingDistributionPoint")?)?),
                DELTA => self.is_delta = true,
                _ if extension.critical => self.unknown(extension.id),
                _ => {}
            }
        }
        Ok(())
    }

    fn unknown(&mut self, id: &[u8]) {
        let id = dotted(id);
        if !self.unknown_critical.contains(&id) {
            self.unknown_critical.push(id);
        }
    }
}

/// The octets of a number without the one that only keeps it positive.
fn positive(octets: &[u8]) -> &[u8] {
    match octets {
        [0, rest @ ..] if !rest.is_empty() => rest,
        all => all,
    }
}

fn entries(mut reader: Reader<'_>, extensions: &mut Extensions) -> Result<Vec<Entry>, CrlError> {
    let mut found = Vec::new();
    while !reader.is_empty() {
        let mut entry = reader.sequence("revokedCertificate")?;
        let serial = entry.tagged(tag::INTEGER, "userCertificate")?;
        let date = entry.time("revocationDate")?;
        let mut reason = None;
        if let Some(list) = entry.optional(tag::SEQUENCE, "crlEntryExtensions")? {
            reason = entry_extensions(list.reader(), extensions)?;
        }
        entry.end("revokedCertificate")?;
        found.push(self::entry(&serial, date, reason).ok_or_else(|| {
            CrlError::Malformed(format!("the serial number at offset {} is too far", serial.offset))
        })?);
    }
    Ok(found)
}

fn entry(serial: &Value<'_>, date: OffsetDateTime, reason: Option<RevocationReason>) -> Option<Entry> {
    let header = serial.whole.len().checked_sub(serial.content.len())?;
    Some(Entry {
        serial_offset: u32::try_from(serial.offset.checked_add(header)?).ok()?,
        serial_length: u32::try_from(serial.content.len()).ok()?,
        date: date.unix_timestamp(),
        reason,
    })
}

fn entry_extensions(
    reader: Reader<'_>,
    extensions: &mut Extensions,
) -> Result<Option<RevocationReason>, Asn1Error> {
    let mut reason = None;
    for extension in extension::read(reader)? {
        match extension.id {
            REASON => reason = Some(self::reason(&mut Reader::new(&extension.value))?),
            INVALIDITY_DATE => {}
            _ if extension.critical => extensions.unknown(extension.id),
            _ => {}
        }
    }
    Ok(reason)
}

/// A reason code, an ENUMERATED of one octet.
pub(super) fn reason(reader: &mut Reader<'_>) -> Result<RevocationReason, Asn1Error> {
    let place = reader.clone();
    match reader.tagged(tag::ENUMERATED, "CRLReason")?.content {
        [code] => Ok(RevocationReason(*code)),
        _ => Err(place.error("CRLReason", Problem::Content("no reason code"))),
    }
}

/// RFC 5280 section 5.2.5.
fn scope(mut reader: Reader<'_>) -> Result<CrlScope, Asn1Error> {
    let mut scope = CrlScope::default();
    while let Some(found) = reader.peek() {
        let value = reader.any("issuingDistributionPoint")?;
        let set = value.content.iter().any(|&octet| octet != 0);
        match found {
            0xa0 => scope.point = Some(point(value.reader())?),
            0x81 => scope.users_only = set,
            0x82 => scope.authorities_only = set,
            0x83 => scope.some_reasons = true,
            0x84 => scope.indirect = set,
            0x85 => scope.attributes_only = set,
            found => {
                let problem = Problem::Tag { expected: 0x80, found };
                return Err(Asn1Error { field: "issuingDistributionPoint", offset: value.offset, problem });
            }
        }
    }
    Ok(scope)
}

/// `DistributionPointName`.
fn point(mut reader: Reader<'_>) -> Result<PointName, Asn1Error> {
    let value = reader.any("distributionPoint")?;
    reader.end("distributionPoint")?;
    if value.tag != tag::context(0) | tag::CONSTRUCTED {
        return Ok(PointName::Relative);
    }
    let mut names = Vec::new();
    let mut reader = value.reader();
    while !reader.is_empty() {
        let name = reader.any("fullName")?;
        if let Ok((_, name)) = GeneralName::from_der(name.whole) {
            names.push(alternative_name(&name));
        }
    }
    Ok(PointName::Full(names))
}
