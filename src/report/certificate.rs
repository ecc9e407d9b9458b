//! A certificate, as every report shows it.

use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::model::Certificate;
use crate::model::key_store::EncodedCertificate;

/// The `CERT` of `docs/json.md`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CertificateReport {
    /// SHA-256 of the DER, lower-case hex.
    pub sha256: String,
    /// RFC 4514; `None` only where the encoding cannot be read.
    pub subject: Option<String>,
    /// RFC 4514.
    pub issuer: Option<String>,
    /// Lower-case hex, without leading zeros of the encoding.
    pub serial: Option<String>,
    /// RFC 3339, UTC.
    pub not_before: Option<String>,
    /// RFC 3339, UTC.
    pub not_after: Option<String>,
    /// Basic constraints say CA.
    pub ca: bool,
    /// Subject and issuer are the same name.
    pub self_issued: bool,
    /// The public key, such as `RSA 2048 bit` or `EC secp256r1`.
    pub key: Option<String>,
    /// Java's name of the signature algorithm, such as `SHA256withRSA`.
    pub signature_algorithm: Option<String>,
    /// Subject alternative names, such as `DNS:example.org`.
    pub names: Vec<String>,
    /// Why the encoding cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
}

impl From<&Certificate> for CertificateReport {
    fn from(certificate: &Certificate) -> Self {
        Self {
            sha256: certificate.fingerprint().to_string(),
            subject: Some(certificate.subject().rfc4514().to_owned()),
            issuer: Some(certificate.issuer().rfc4514().to_owned()),
            serial: Some(certificate.serial_hex()),
            not_before: Some(rfc3339(certificate.not_before())),
            not_after: Some(rfc3339(certificate.not_after())),
            ca: certificate.is_ca(),
            self_issued: certificate.is_self_issued(),
            key: Some(certificate.key().to_string()),
            signature_algorithm: Some(certificate.signature_algorithm().name.clone()),
            names: certificate
                .alternative_names()
                .unwrap_or_default()
                .iter()
                .map(ToString::to_string)
                .collect(),
            unreadable: None,
        }
    }
}

impl From<&EncodedCertificate> for CertificateReport {
    fn from(encoded: &EncodedCertificate) -> Self {
        encoded.read().as_ref().map_or_else(
            |error| Self {
                sha256: encoded.fingerprint().to_string(),
                subject: None,
                issuer: None,
                serial: None,
                not_before: None,
                not_after: None,
                ca: false,
                self_issued: false,
                key: None,
                signature_algorithm: None,
                names: Vec::new(),
                unreadable: Some(error.to_string()),
            },
            Self::from,
        )
    }
}

/// A time as every report writes it: RFC 3339, UTC, whole seconds unless there are others.
#[must_use]
pub fn rfc3339(time: OffsetDateTime) -> String {
    time.format(&Rfc3339).unwrap_or_else(|_| time.unix_timestamp().to_string())
}
