//! Answers about the revocation of one certificate (OCSP, RFC 6960).

use time::OffsetDateTime;

use super::certificate::Certificate;
use super::crl::significant;
use super::name::Name;
use super::public_key::SignatureAlgorithm;
use super::revocation::RevocationReason;

/// What a responder sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OcspAnswer {
    /// It declines to answer, unsigned, with this `responseStatus`.
    Declined(OcspDecline),
    /// It answers.
    Basic(Box<OcspResponse>),
}

/// A `responseStatus` other than successful (RFC 6960 section 4.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OcspDecline(pub u8);

impl OcspDecline {
    /// The name that the RFC gives it; `None` for a number without a meaning.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            1 => "malformedRequest",
            2 => "internalError",
            3 => "tryLater",
            5 => "sigRequired",
            6 => "unauthorized",
            _ => return None,
        })
    }
}

/// A basic response. Its signature is not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OcspResponse {
    /// The bytes that the responder signed.
    pub signed: Box<[u8]>,
    /// How.
    pub signature_algorithm: SignatureAlgorithm,
    /// The signature's octets.
    pub signature: Box<[u8]>,
    /// Who signed, by its own account.
    pub responder: ResponderId,
    /// When.
    pub produced_at: OffsetDateTime,
    /// The nonce (RFC 9654), where there is one.
    pub nonce: Option<Box<[u8]>>,
    /// Critical extensions, of the response or of one of its parts, that keyward does not process, dotted.
    pub unknown_critical: Vec<String>,
    /// The certificates that came along and could be read.
    pub certificates: Vec<Certificate>,
    /// What is said, of one certificate each.
    pub responses: Vec<SingleResponse>,
}

/// How a responder names itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResponderId {
    /// By the subject of its certificate.
    Name(Name),
    /// By the SHA-1 of its public key, without the frame of the BIT STRING.
    KeyHash(Box<[u8]>),
}

/// How a certificate is named (RFC 6960 section 4.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateId {
    /// The hash function, dotted.
    pub digest: String,
    /// The hash of the DER of the issuer's name.
    pub issuer_name_hash: Box<[u8]>,
    /// The hash of the issuer's public key, without the frame of the BIT STRING.
    pub issuer_key_hash: Box<[u8]>,
    /// The octets of the serial number.
    pub serial: Box<[u8]>,
}

impl CertificateId {
    /// Whether both name the same certificate, by the same hash function.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.digest == other.digest
            && self.issuer_name_hash == other.issuer_name_hash
            && self.issuer_key_hash == other.issuer_key_hash
            && significant(&self.serial) == significant(&other.serial)
    }
}

/// What is said of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SingleResponse {
    /// Of which.
    pub certificate: CertificateId,
    /// What.
    pub status: OcspStatus,
    /// When this was known to be so.
    pub this_update: OffsetDateTime,
    /// By when there will be newer news, where it says so.
    pub next_update: Option<OffsetDateTime>,
}

/// The status of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OcspStatus {
    /// Not revoked.
    Good,
    /// Revoked.
    Revoked {
        /// Since when.
        date: OffsetDateTime,
        /// Why, where it says so.
        reason: Option<RevocationReason>,
    },
    /// The responder does not know the certificate.
    Unknown,
}
