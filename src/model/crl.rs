//! Certificate revocation lists (RFC 5280 section 5).

use time::OffsetDateTime;

use super::certificate::Fingerprint;
use super::name::Name;
use super::public_key::SignatureAlgorithm;

/// A CRL, as far as a person wants to see it. Its signature is not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crl {
    /// The whole encoding.
    pub der: Box<[u8]>,
    /// Who issued it.
    pub issuer: Name,
    /// When it was issued.
    pub this_update: OffsetDateTime,
    /// By when the next one is due, where it says so.
    pub next_update: Option<OffsetDateTime>,
    /// The octets of the CRL number (RFC 5280 section 5.2.3), big endian, where there is one.
    pub number: Option<Box<[u8]>>,
    /// How many certificates it revokes.
    pub revoked: usize,
    /// The algorithm of the signature.
    pub signature_algorithm: SignatureAlgorithm,
}

impl Crl {
    /// The SHA-256 of the encoding.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.der)
    }
}
