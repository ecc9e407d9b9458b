//! Certificate requests (PKCS10, RFC 2986).

use super::certificate::{AlternativeName, Fingerprint};
use super::name::Name;
use super::public_key::{PublicKey, SignatureAlgorithm};

/// A certificate request, as far as a person wants to see it. Its signature is not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateRequest {
    /// The whole encoding.
    pub der: Box<[u8]>,
    /// The name that the certificate is asked for.
    pub subject: Name,
    /// The key that it is asked for.
    pub key: PublicKey,
    /// The subject alternative names of the extensionRequest attribute (RFC 2985 section 5.4.2); empty where
    /// there are none.
    pub alternative_names: Vec<AlternativeName>,
    /// The algorithm of the signature.
    pub signature_algorithm: SignatureAlgorithm,
}

impl CertificateRequest {
    /// The SHA-256 of the encoding.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.der)
    }
}
