//! One demand of a standard that a path does not meet.

use crate::model::{Certificate, Fingerprint};
use crate::report::verdict::Reason;

/// How much a violation says to a person: of several the highest is told. The order is that of
/// `webpki::Error`: what is wrong with this certificate comes before what is wrong with its encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// No path, and nothing known of why.
    Nothing,
    /// A search or a comparison was given up.
    GivenUp,
    /// The form of a certificate, not what it says.
    Form,
    /// An algorithm or a key size.
    Algorithm,
    /// A certificate does what another one, or itself, does not let it do.
    Right,
    /// A name that a CA may not vouch for.
    Constraint,
    /// The certificate is not for this purpose.
    Purpose,
    /// A signature.
    Signature,
    /// Revoked, or nobody knows.
    Revocation,
    /// The certificate is not for this name.
    Name,
    /// Dates.
    Date,
}

/// A violation, with the section that it breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// A stable kebab-case id.
    pub(crate) id: &'static str,
    /// One clause, without the section.
    pub(crate) message: String,
    /// `RFC 5280 section 4.2.1.9`; empty where no standard is broken.
    pub(crate) section: &'static str,
    /// The certificate to blame.
    pub(crate) certificate: Option<Fingerprint>,
    /// How much it says.
    pub(crate) rank: Rank,
    /// It is no violation, but nobody here can tell.
    pub(crate) unjudged: bool,
}

impl Violation {
    pub(crate) fn new(
        id: &'static str,
        rank: Rank,
        section: &'static str,
        certificate: &Certificate,
        message: impl Into<String>,
    ) -> Self {
        Self {
            id,
            message: message.into(),
            section,
            certificate: Some(certificate.fingerprint()),
            rank,
            unjudged: false,
        }
    }

    /// What cannot be told here.
    pub(crate) fn unjudged(certificate: Option<&Certificate>, message: impl Into<String>) -> Self {
        Self {
            id: "cannot-judge",
            message: message.into(),
            section: "",
            certificate: certificate.map(Certificate::fingerprint),
            rank: Rank::GivenUp,
            unjudged: true,
        }
    }

    /// As it is reported.
    pub(crate) fn reason(&self) -> Reason {
        let message = match self.section {
            "" => self.message.clone(),
            section => format!("{} ({section})", self.message),
        };
        Reason { id: self.id, message, certificate: self.certificate.map(|c| c.to_string()) }
    }
}

/// What a certificate is called in a message.
pub(crate) fn called(certificate: &Certificate) -> String {
    let name = certificate.subject().short();
    if name.is_empty() { "the certificate without a subject".to_owned() } else { format!("\"{name}\"") }
}
