//! What was said about the revocation of certificates.

use serde::Serialize;

/// One answer about one certificate, or the lack of one: an element of `revocation` in `keyward.verify/1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RevocationReport {
    /// SHA-256 of the certificate, lower-case hex.
    pub certificate: String,
    /// What a person calls its subject.
    pub subject: String,
    /// Who was asked: `crl-file`, `stapled`, `ocsp` or `crl` (an address that the certificate names); `none` where
    /// there was nobody to ask.
    pub source: &'static str,
    /// The file or the address.
    pub place: Option<String>,
    /// `good`, `revoked`, `unknown` (the responder does not know the certificate), `unusable` (there is an answer,
    /// and it does not hold), `no-answer`.
    pub status: &'static str,
    /// Since when this is known, RFC 3339.
    pub this_update: Option<String>,
    /// Until when this counts, RFC 3339.
    pub next_update: Option<String>,
    /// Since when the certificate is revoked, RFC 3339.
    pub revoked_at: Option<String>,
    /// Why, as RFC 5280 section 5.3.1 calls it.
    pub reason: Option<String>,
    /// Why the answer does not hold, or why there is none.
    pub message: Option<String>,
}
