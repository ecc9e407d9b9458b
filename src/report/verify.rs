//! Who would accept a chain, by several rule sets.

use serde::Serialize;

use super::revocation::RevocationReport;
use super::verdict::Verdict;

/// The answer of `keyward verify`, schema `keyward.verify/1`.
#[derive(Clone, Debug, Serialize)]
pub struct VerifyReport {
    /// `keyward.verify/1`.
    pub schema: &'static str,
    /// The target or file as typed.
    pub subject: String,
    /// The name that the certificate had to be for; `None` where no name was checked.
    pub name: Option<String>,
    /// The time at which was judged, RFC 3339.
    pub at: String,
    /// `server`, `client` or `any`.
    pub purpose: &'static str,
    /// One for each rule set, in the order of the call.
    pub verdicts: Vec<Verdict>,
    /// All that was said about revocation, in the order in which it was asked; none where nobody was asked.
    pub revocation: Vec<RevocationReport>,
}
