//! Certificate revocation lists (RFC 5280 section 5), read with x509-parser.

use time::OffsetDateTime;
use x509_parser::prelude::{CertificateRevocationList, FromDer};
use x509_parser::time::ASN1Time;

use crate::model::public_key::SignatureAlgorithm;
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

/// Reads a CRL. Its signature and its dates are not checked.
///
/// # Errors
///
/// [`CrlError`].
pub fn read(der: &[u8]) -> Result<Crl, CrlError> {
    let (rest, crl) = CertificateRevocationList::from_der(der)
        .map_err(|error| CrlError::Malformed(super::parse_error(error)))?;
    if !rest.is_empty() {
        return Err(CrlError::Trailing(rest.len()));
    }
    let next_update = crl.next_update().map(|time| date(time, "nextUpdate")).transpose()?;
    Ok(Crl {
        der: der.into(),
        issuer: Name::from_parsed(crl.issuer()),
        this_update: date(crl.last_update(), "thisUpdate")?,
        next_update,
        number: crl.crl_number().map(|number| number.to_bytes_be().into()),
        revoked: crl.iter_revoked_certificates().count(),
        signature_algorithm: SignatureAlgorithm::from_parsed(&crl.signature_algorithm),
    })
}

fn date(time: ASN1Time, field: &'static str) -> Result<OffsetDateTime, CrlError> {
    OffsetDateTime::from_unix_timestamp(time.timestamp()).map_err(|_| CrlError::Date(field))
}
