//! Certificate transparency.

use time::OffsetDateTime;

/// A signed certificate timestamp (RFC 6962 section 3.2): a log's promise that it has the certificate. The log's
/// signature is not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCertificateTimestamp {
    /// SHA-256 of the log's key.
    pub log: [u8; 32],
    /// When the log made the promise; `None` for a number that is no time.
    pub time: Option<OffsetDateTime>,
}
