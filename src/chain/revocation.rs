//! Whether certificates were revoked: RFC 5280 section 6.3.

mod crl;

use crate::model::{Certificate, Crl};
use time::OffsetDateTime;

/// What is demanded of revocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Demand {
    /// Nothing is looked at.
    #[default]
    Off,
    /// What says that a certificate is revoked counts, and so does an answer that is no good; a certificate of
    /// which nobody says anything passes.
    Soft,
    /// Every certificate below the anchor must be known not to be revoked.
    Hard,
}

/// What is demanded, and what is at hand to meet it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Revocation<'a> {
    /// The demand.
    pub demand: Demand,
    /// CRLs, of whatever issuers.
    pub crls: &'a [Crl],
}

/// What is known of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Its issuer says that it is not revoked.
    Good,
    /// Its issuer has revoked it.
    Revoked {
        /// Since when.
        since: OffsetDateTime,
        /// Why, as RFC 5280 section 5.3.1 calls it; `None` where the issuer does not say.
        reason: Option<&'static str>,
    },
    /// Nobody says anything.
    Unknown,
    /// There is an answer, and it is no good.
    Unusable(String),
}

/// Finds out about a certificate below its issuer at a time.
#[must_use]
pub fn status(
    certificate: &Certificate,
    issuer: &Certificate,
    revocation: Revocation<'_>,
    now: OffsetDateTime,
) -> Status {
    let mut good = false;
    let mut problem = None;
    for list in revocation.crls.iter().filter(|list| list.issuer == *certificate.issuer()) {
        match crl::look_up(certificate, issuer, list, now) {
            Ok(crl::Finding::Revoked { since, reason }) => return Status::Revoked { since, reason },
            Ok(crl::Finding::Absent) => good = true,
            Ok(crl::Finding::OutOfScope) => {}
            Err(text) => {
                problem.get_or_insert(text);
            }
        }
    }
    match problem {
        _ if good => Status::Good,
        Some(problem) => Status::Unusable(problem),
        None => Status::Unknown,
    }
}
