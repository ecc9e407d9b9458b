//! One OCSP response and one certificate: RFC 6960 sections 3.2 and 4.2.2.

use sha1::{Digest, Sha1};
use sha2::{Sha256, Sha384, Sha512};
use x509_parser::prelude::{FromDer, SubjectPublicKeyInfo};

use super::super::signature::{self, SignatureError, Signed};
use super::crl::is_current;
use super::{Answer, Said, Subject};
use crate::limits;
use crate::model::Certificate;
use crate::model::ocsp::{CertificateId, OcspAnswer, OcspResponse, OcspStatus, ResponderId, SingleResponse};
use crate::report::certificate::rfc3339;

/// id-kp-OCSPSigning.
const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";
/// id-pkix-ocsp-nocheck (section 4.2.2.2.1).
const NO_CHECK: &str = "1.3.6.1.5.5.7.48.1.5";
const SHA1_ID: &str = "1.3.14.3.2.26";
const SHA256_ID: &str = "2.16.840.1.101.3.4.2.1";
const SHA384_ID: &str = "2.16.840.1.101.3.4.2.2";
const SHA512_ID: &str = "2.16.840.1.101.3.4.2.3";

/// How a certificate is called in a request; `None` where the issuer's key cannot be read.
pub(super) fn question(certificate: &Certificate, issuer: &Certificate) -> Option<CertificateId> {
    id_by(SHA1_ID, certificate, issuer)
}

/// Whether the certificate of a responder is known to be revoked.
pub(super) type IsRevoked<'a> = &'a mut dyn FnMut(&Certificate) -> bool;

/// Holds an answer against a certificate. `nonce` is the one that was sent; a stapled answer answers none.
pub(super) fn hold(
    subject: &Subject<'_>,
    answer: &OcspAnswer,
    nonce: Option<&[u8]>,
    is_revoked: IsRevoked<'_>,
) -> Answer {
    let response = match answer {
        OcspAnswer::Basic(response) => response,
        OcspAnswer::Declined(decline) => {
            let name = decline.name().map_or_else(|| format!("status {}", decline.0), str::to_owned);
            return Answer::undated(Said::Silent(format!("the responder declines to answer: {name}")));
        }
    };
    let single = match find(subject, response) {
        Ok(single) => single,
        Err(problem) => return Answer::undated(Said::Unusable(problem)),
    };
    let said = match usable(subject, response, single, nonce, is_revoked) {
        Err(problem) => Said::Unusable(problem),
        Ok(()) => match single.status {
            OcspStatus::Good => Said::Good,
            OcspStatus::Revoked { date, reason } => Said::Revoked { since: date, reason },
            OcspStatus::Unknown => Said::Unknown,
        },
    };
    Answer { said, this_update: Some(single.this_update), next_update: single.next_update }
}

/// What is said of this certificate. Of several statements the one that revokes counts.
fn find<'a>(subject: &Subject<'_>, response: &'a OcspResponse) -> Result<&'a SingleResponse, String> {
    let mut known: Vec<CertificateId> = Vec::new();
    let mut found: Option<&SingleResponse> = None;
    for single in &response.responses {
        let digest = &single.certificate.digest;
        if !known.iter().any(|id| id.digest == *digest) {
            known.extend(id_by(digest, subject.certificate, subject.issuer));
        }
        let is_meant = known.iter().any(|id| id.meets(&single.certificate));
        let revokes = matches!(single.status, OcspStatus::Revoked { .. });
        if is_meant && (found.is_none() || revokes) {
            found = Some(single);
        }
    }
    found.ok_or_else(|| "the answer is about another certificate".to_owned())
}

fn usable(
    subject: &Subject<'_>,
    response: &OcspResponse,
    single: &SingleResponse,
    nonce: Option<&[u8]>,
    is_revoked: IsRevoked<'_>,
) -> Result<(), String> {
    if let Some(oid) = response.unknown_critical.first() {
        return Err(format!("the answer has the critical extension {oid}, which is not known"));
    }
    // Responders that sign ahead of time leave the nonce out (RFC 6960 section 4.4.1).
    if let (Some(sent), Some(came)) = (nonce, &response.nonce)
        && **came != *sent
    {
        return Err("the answer has another nonce than the request".to_owned());
    }
    is_signed(subject, response, is_revoked)?;
    let (now, tolerance) = (subject.now, limits::CLOCK_TOLERANCE);
    if single.this_update > now + tolerance {
        return Err(format!("the answer is not valid before {}", rfc3339(single.this_update)));
    }
    let until = single.next_update.unwrap_or(single.this_update + limits::OCSP_AGE);
    if until < single.this_update {
        return Err("the answer ends before it begins".to_owned());
    }
    if until + tolerance < now {
        return Err(format!("the answer expired on {}", rfc3339(until)));
    }
    Ok(())
}

/// Section 4.2.2.2: the issuer has signed, or a responder that it appointed by a certificate of its own.
fn is_signed(
    subject: &Subject<'_>,
    response: &OcspResponse,
    is_revoked: IsRevoked<'_>,
) -> Result<(), String> {
    if let Some(weak @ ("MD2" | "MD4" | "MD5" | "SHA1")) = response.signature_algorithm.digest {
        return Err(format!("the answer is signed with {weak}"));
    }
    if is_called(subject.issuer, &response.responder) {
        return made_by(response, subject.issuer).map_err(|error| format!("the answer: {error}"));
    }
    let mut problem = None;
    for delegate in response.certificates.iter().filter(|own| is_called(own, &response.responder)) {
        match speaks_for(delegate, subject, response, is_revoked) {
            Ok(()) => return Ok(()),
            Err(text) => {
                problem.get_or_insert(text);
            }
        }
    }
    Err(problem.unwrap_or_else(|| {
        let who = match &response.responder {
            ResponderId::Name(name) => format!("\"{}\"", name.short()),
            ResponderId::KeyHash(_) => "a key".to_owned(),
        };
        format!("the answer is signed by {who}, whose certificate is not in it, and not by the issuer")
    }))
}

fn speaks_for(
    delegate: &Certificate,
    subject: &Subject<'_>,
    response: &OcspResponse,
    is_revoked: IsRevoked<'_>,
) -> Result<(), String> {
    let called = format!("the responder \"{}\"", delegate.subject().short());
    let issuer = subject.issuer;
    if delegate.issuer() != issuer.subject() {
        return Err(format!("{called} was not appointed by the issuer"));
    }
    match signature::verify(delegate, issuer.key()) {
        Ok(()) => {}
        Err(SignatureError::Bad) => return Err(format!("{called} was not appointed by the issuer")),
        Err(error) => return Err(format!("the certificate of {called}: {error}")),
    }
    if !delegate.extended_key_usage().is_some_and(|uses| uses.iter().any(|oid| oid == OCSP_SIGNING)) {
        return Err(format!("the certificate of {called} is not for signing OCSP answers"));
    }
    // Digital signature or non-repudiation (RFC 5280 section 4.2.1.12).
    if delegate.key_usage().is_some_and(|usage| usage.0 & 0b11 == 0) {
        return Err(format!("the key usage of {called} does not allow it to sign"));
    }
    if let Some(oid) = delegate.unknown_critical().iter().find(|oid| *oid != NO_CHECK) {
        return Err(format!("the certificate of {called} has the critical extension {oid}"));
    }
    if !is_current(delegate, subject.now) {
        return Err(format!("the certificate of {called} is not valid at this time"));
    }
    made_by(response, delegate).map_err(|error| format!("the answer: {error}"))?;
    if !delegate.has_extension(NO_CHECK) && is_revoked(delegate) {
        return Err(format!("the certificate of {called} is revoked"));
    }
    Ok(())
}

fn made_by(response: &OcspResponse, signer: &Certificate) -> Result<(), SignatureError> {
    let signed = Signed {
        data: &response.signed,
        algorithm: &response.signature_algorithm,
        signature: &response.signature,
    };
    signature::verify_signed(&signed, signer.key())
}

fn is_called(certificate: &Certificate, responder: &ResponderId) -> bool {
    match responder {
        ResponderId::Name(name) => certificate.subject() == name,
        ResponderId::KeyHash(hash) => {
            key_octets(certificate).is_some_and(|key| Sha1::digest(key).as_slice() == &**hash)
        }
    }
}

/// The name of a certificate by a hash function; `None` for one that is not known.
fn id_by(digest: &str, certificate: &Certificate, issuer: &Certificate) -> Option<CertificateId> {
    let hash: fn(&[u8]) -> Box<[u8]> = match digest {
        SHA1_ID => |octets| Sha1::digest(octets).as_slice().into(),
        SHA256_ID => |octets| Sha256::digest(octets).as_slice().into(),
        SHA384_ID => |octets| Sha384::digest(octets).as_slice().into(),
        SHA512_ID => |octets| Sha512::digest(octets).as_slice().into(),
        _ => return None,
    };
    Some(CertificateId {
        digest: digest.to_owned(),
        issuer_name_hash: hash(certificate.issuer().der()),
        issuer_key_hash: hash(&key_octets(issuer)?),
        serial: certificate.serial().into(),
    })
}

/// The public key without the frame of the BIT STRING.
fn key_octets(certificate: &Certificate) -> Option<Vec<u8>> {
    let (_, info) = SubjectPublicKeyInfo::from_der(&certificate.key().spki).ok()?;
    Some(info.subject_public_key.data.to_vec())
}
