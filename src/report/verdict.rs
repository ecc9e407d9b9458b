//! Who would accept a chain, and why not.

use serde::Serialize;

use super::certificate::CertificateReport;

/// The verdict of one rule set on one chain: an element of `verdicts` in `keyward.verify/1`, and the
/// `verdict` of `keyward.trust-add/1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The rule set: `jsse17`, `jsse25`, `webpki`, `rfc5280`, `cabf`.
    pub rules: &'static str,
    /// `None` (`null`) where keyward cannot judge, as with a signature algorithm that it cannot check.
    pub accepted: Option<bool>,
    /// The path that was judged, leaf first, the anchor last where there is one.
    pub path: Vec<CertificateReport>,
    /// Why not; `None` when accepted.
    pub reason: Option<Reason>,
    /// The paths that were looked at and refused, the nearest to acceptance first; none when accepted, and
    /// where the client that is spoken for tells of none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedPath>,
    /// What the client that is spoken for looks at, and this verdict does not: plain sentences.
    pub not_judged: Vec<String>,
}

impl Verdict {
    /// Makes a yes a no, for a reason that lies outside the chain. Another verdict stays as it is.
    pub fn refuse(&mut self, id: &'static str, message: String) {
        if self.is_accepted() {
            self.accepted = Some(false);
            self.reason = Some(Reason { id, message, certificate: None });
        }
    }

    /// Whether the chain is known to be accepted.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.accepted == Some(true)
    }
}

/// A path that will not do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusedPath {
    /// SHA-256 of each certificate, lower-case hex, leaf first.
    pub path: Vec<String>,
    /// Why not.
    pub reason: Reason,
}

/// Why a chain is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// A stable kebab-case id: `no-path`, `expired`, `name-mismatch` and so on.
    pub id: &'static str,
    /// What the client itself would say, word for word where that is known.
    pub message: String,
    /// SHA-256 of the certificate that is to blame, lower-case hex.
    pub certificate: Option<String>,
}
