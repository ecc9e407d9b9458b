//! Whether certificates were revoked: by CRLs (RFC 5280 section 6.3) and by OCSP (RFC 6960).
//!
//! What is at hand (CRLs, a stapled answer) comes first; if it does not settle the matter, a
//! [`RevocationSource`] is asked: the OCSP responders that the certificate names, then its distribution points. An
//! answer that does not hold settles nothing, and is no silence either: [`Demand::Soft`] lets pass only a
//! certificate of which nobody says anything.

mod crl;
mod inquiry;
mod ocsp;
mod source;

use time::OffsetDateTime;

pub use inquiry::Inquiry;
pub use source::{RevocationSource, SourceError};

use crate::model::revocation::RevocationReason;
use crate::model::{Certificate, Crl};

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
    /// What else may be asked, and what came of it. Without one the CRLs are all there is.
    pub inquiry: Option<&'a Inquiry>,
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
        /// Why; `None` where the issuer does not say.
        reason: Option<RevocationReason>,
    },
    /// A responder that may speak for the issuer does not know it.
    Unknown,
    /// There is an answer, and it is no good.
    Unusable(String),
    /// Nobody says anything.
    Silent(String),
}

/// A certificate with its issuer, and where to look for other keys of the issuer.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The certificate in question.
    pub certificate: &'a Certificate,
    /// Its issuer in the path.
    pub issuer: &'a Certificate,
    /// The issuer's issuer in the path, if it is not the anchor.
    pub above: Option<&'a Certificate>,
    /// Material for paths.
    pub candidates: &'a [Certificate],
    /// Material for paths besides.
    pub more_candidates: &'a [Certificate],
    /// The time at which is judged.
    pub now: OffsetDateTime,
}

/// Finds out about a certificate.
#[must_use]
pub fn status(subject: &Subject<'_>, revocation: Revocation<'_>) -> Status {
    match revocation.inquiry {
        Some(inquiry) => inquiry.status(subject, revocation.crls),
        None => Inquiry::default().status(subject, revocation.crls),
    }
}

/// What one answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Answer {
    said: Said,
    this_update: Option<OffsetDateTime>,
    next_update: Option<OffsetDateTime>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Said {
    Good,
    Revoked { since: OffsetDateTime, reason: Option<RevocationReason> },
    Unknown,
    Unusable(String),
    Silent(String),
}

impl Answer {
    fn undated(said: Said) -> Self {
        Self { said, this_update: None, next_update: None }
    }
}

/// A reason as it is written in reports and messages.
pub(crate) fn reason_text(reason: RevocationReason) -> String {
    reason.name().map_or_else(|| format!("reason {}", reason.0), str::to_owned)
}
