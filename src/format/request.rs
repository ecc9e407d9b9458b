//! Certificate requests (PKCS10, RFC 2986), read with x509-parser; our own are made by a [`Draft`].

mod draft;

pub use draft::{Draft, DraftError};
use x509_parser::prelude::{FromDer, ParsedExtension, X509CertificationRequest};

use crate::model::certificate::alternative_name;
use crate::model::public_key::SignatureAlgorithm;
use crate::model::{CertificateRequest, Name, PublicKey};

/// Why bytes are no certificate request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The bytes are not the DER of a request.
    #[error("not a certificate request: {0}")]
    Malformed(String),
    /// A request, and then more bytes.
    #[error("{0} bytes follow the certificate request")]
    Trailing(usize),
}

/// Reads a certificate request. Its signature, which proves that the asker has the key, is not checked.
///
/// # Errors
///
/// [`RequestError`].
pub fn read(der: &[u8]) -> Result<CertificateRequest, RequestError> {
    let (rest, request) = X509CertificationRequest::from_der(der)
        .map_err(|error| RequestError::Malformed(super::parse_error(error)))?;
    if !rest.is_empty() {
        return Err(RequestError::Trailing(rest.len()));
    }
    let info = &request.certification_request_info;
    let mut alternative_names = Vec::new();
    for extension in request.requested_extensions().into_iter().flatten() {
        if let ParsedExtension::SubjectAlternativeName(names) = extension {
            alternative_names.extend(names.general_names.iter().map(alternative_name));
        }
    }
    Ok(CertificateRequest {
        der: der.into(),
        subject: Name::from_parsed(&info.subject),
        key: PublicKey::from_parsed(&info.subject_pki),
        alternative_names,
        signature_algorithm: SignatureAlgorithm::from_parsed(&request.signature_algorithm),
    })
}
