//! OCSP (RFC 6960): requests for one certificate, and responses.

use super::asn1::{self, Asn1Error, Problem, Reader, tag};
use super::crl::{algorithm, name, reason};
use super::extension::{self, bits, dotted};
use crate::limits;
use crate::model::Certificate;
use crate::model::ocsp::{
    CertificateId, OcspAnswer, OcspDecline, OcspResponse, OcspStatus, ResponderId, SingleResponse,
};

/// Why bytes are no OCSP response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OcspError {
    /// The bytes are not the DER of an OCSP response.
    #[error("not an OCSP response: {0}")]
    Malformed(#[from] Asn1Error),
    /// A name, a hash function or a signature algorithm that cannot be read.
    #[error("not an OCSP response: {0} cannot be read")]
    Field(&'static str),
    /// A response of another type than id-pkix-ocsp-basic, dotted.
    #[error("an OCSP response of the unknown type {0}")]
    Type(String),
    /// A version that is not known.
    #[error("an OCSP response of version {0}")]
    Version(u64),
    /// More certificates or statuses than [`limits::OCSP_PARTS`].
    #[error("an OCSP response with more than {0} certificates or statuses")]
    TooMany(usize),
}

/// id-pkix-ocsp-basic.
const BASIC: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01];
/// id-pkix-ocsp-nonce.
const NONCE: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02];
/// SHA-1.
const SHA1: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x1a];
/// An explicit context tag.
const fn explicit(number: u8) -> u8 {
    tag::context(number) | tag::CONSTRUCTED
}

/// A request for the status of one certificate, with a nonce of 1 to 128 octets (RFC 9654). The hashes of
/// `certificate` have to be of SHA-1: the one hash function that every responder knows.
#[must_use]
pub fn request(certificate: &CertificateId, nonce: &[u8]) -> Vec<u8> {
    let digest = asn1::sequence(&[asn1::object_identifier(SHA1), asn1::null()]);
    let id = asn1::sequence(&[
        digest,
        asn1::octet_string(&certificate.issuer_name_hash),
        asn1::octet_string(&certificate.issuer_key_hash),
        asn1::tlv(tag::INTEGER, &certificate.serial),
    ]);
    let list = asn1::sequence(&[asn1::sequence(&[id])]);
    let nonce = asn1::octet_string(&asn1::octet_string(nonce));
    let extension = asn1::sequence(&[asn1::object_identifier(NONCE), nonce]);
    let extensions = asn1::explicit(2, &asn1::sequence(&[extension]));
    asn1::sequence(&[asn1::sequence(&[list, extensions])])
}

/// Reads a response. Neither its signature nor its dates are checked. Certificates that came along and cannot be
/// read are passed over.
///
/// # Errors
///
/// [`OcspError`].
pub fn read(der: &[u8]) -> Result<OcspAnswer, OcspError> {
    let mut reader = Reader::new(der);
    let mut answer = reader.sequence("OCSPResponse")?;
    reader.end("OCSPResponse")?;
    let place = answer.clone();
    match answer.tagged(tag::ENUMERATED, "responseStatus")?.content {
        [0] => {}
        [status] => return Ok(OcspAnswer::Declined(OcspDecline(*status))),
        _ => return Err(place.error("responseStatus", Problem::Content("no status")).into()),
    }
    let mut bytes = answer.tagged(explicit(0), "responseBytes")?.reader().sequence("ResponseBytes")?;
    let kind = bytes.object_identifier("responseType")?;
    if kind != BASIC {
        return Err(OcspError::Type(dotted(kind)));
    }
    basic(&bytes.octet_string("response")?).map(|response| OcspAnswer::Basic(Box::new(response)))
}

fn basic(der: &[u8]) -> Result<OcspResponse, OcspError> {
    let mut reader = Reader::new(der);
    let mut basic = reader.sequence("BasicOCSPResponse")?;
    reader.end("BasicOCSPResponse")?;
    let signed = basic.tagged(tag::SEQUENCE, "tbsResponseData")?;
    let signature_algorithm = algorithm(&basic.tagged(tag::SEQUENCE, "signatureAlgorithm")?)
        .ok_or(OcspError::Field("the signature algorithm"))?;
    let signature = bits(&basic.tagged(tag::BIT_STRING, "signature")?)?;
    let mut certificates = Vec::new();
    if let Some(wrapped) = basic.optional(explicit(0), "certs")? {
        let mut list = wrapped.reader().sequence("certs")?;
        while !list.is_empty() {
            if certificates.len() >= limits::OCSP_PARTS {
                return Err(OcspError::TooMany(limits::OCSP_PARTS));
            }
            certificates.extend(Certificate::from_der(list.any("certs")?.whole).ok());
        }
    }
    let mut data = signed.reader();
    if let Some(version) = data.optional(explicit(0), "version")? {
        match version.reader().unsigned("version")? {
            0 => {}
            other => return Err(OcspError::Version(other.saturating_add(1))),
        }
    }
    let responder = responder(&mut data)?;
    let produced_at = data.time("producedAt")?;
    let mut list = data.sequence("responses")?;
    let mut unknown_critical = Vec::new();
    let mut responses = Vec::new();
    while !list.is_empty() {
        if responses.len() >= limits::OCSP_PARTS {
            return Err(OcspError::TooMany(limits::OCSP_PARTS));
        }
        responses.push(single(list.sequence("SingleResponse")?, &mut unknown_critical)?);
    }
    let mut nonce = None;
    if let Some(wrapped) = data.optional(explicit(1), "responseExtensions")? {
        for extension in extension::read(wrapped.reader().sequence("responseExtensions")?)? {
            if extension.id == NONCE {
                nonce = Some(Reader::new(&extension.value).octet_string("nonce")?.into());
            } else if extension.critical {
                unknown_critical.push(dotted(extension.id));
            }
        }
    }
    data.end("tbsResponseData")?;
    Ok(OcspResponse {
        signed: signed.whole.into(),
        signature_algorithm,
        signature: signature.into(),
        responder,
        produced_at,
        nonce,
        unknown_critical,
        certificates,
        responses,
    })
}

fn responder(data: &mut Reader<'_>) -> Result<ResponderId, OcspError> {
    if let Some(by_key) = data.optional(explicit(2), "responderID")? {
        return Ok(ResponderId::KeyHash(by_key.reader().octet_string("byKey")?.into()));
    }
    let by_name = data.tagged(explicit(1), "responderID")?.reader().tagged(tag::SEQUENCE, "byName")?;
    name(&by_name).map(ResponderId::Name).ok_or(OcspError::Field("the responder's name"))
}

fn single(mut reader: Reader<'_>, unknown_critical: &mut Vec<String>) -> Result<SingleResponse, OcspError> {
    let certificate = certificate_id(reader.sequence("certID")?)?;
    let place = reader.clone();
    let status = reader.any("certStatus")?;
    let status = match status.tag {
        0x80 => OcspStatus::Good,
        0xa1 => {
            let mut revoked = status.reader();
            let date = revoked.time("revocationTime")?;
            let reason = match revoked.optional(explicit(0), "revocationReason")? {
                Some(wrapped) => Some(reason(&mut wrapped.reader())?),
                None => None,
            };
            OcspStatus::Revoked { date, reason }
        }
        0x82 => OcspStatus::Unknown,
        found => {
            return Err(place.error("certStatus", Problem::Tag { expected: 0x80, found }).into());
        }
    };
    let this_update = reader.time("thisUpdate")?;
    let next_update = match reader.optional(explicit(0), "nextUpdate")? {
        Some(wrapped) => Some(wrapped.reader().time("nextUpdate")?),
        None => None,
    };
    if let Some(wrapped) = reader.optional(explicit(1), "singleExtensions")? {
        let extensions = extension::read(wrapped.reader().sequence("singleExtensions")?)?;
        let critical = extensions.iter().filter(|extension| extension.critical);
        unknown_critical.extend(critical.map(|extension| dotted(extension.id)));
    }
    reader.end("SingleResponse")?;
    Ok(SingleResponse { certificate, status, this_update, next_update })
}

fn certificate_id(mut reader: Reader<'_>) -> Result<CertificateId, OcspError> {
    let digest = reader.sequence("hashAlgorithm")?.object_identifier("hashAlgorithm")?;
    let id = CertificateId {
        digest: dotted(digest),
        issuer_name_hash: reader.octet_string("issuerNameHash")?.into(),
        issuer_key_hash: reader.octet_string("issuerKeyHash")?.into(),
        serial: reader.tagged(tag::INTEGER, "serialNumber")?.content.into(),
    };
    reader.end("certID")?;
    Ok(id)
}
