//! Where the certificate of an issuer may come from.

use crate::model::Certificate;

/// Something that can be asked for the certificates of an issuer: the AIA addresses of the certificate in
/// question, a folder, a test's list. What it gives is material for a path and vouches for nothing.
pub trait IssuerSource {
    /// Looks for certificates of the issuer of `certificate`. The caller checks names and signatures.
    fn issuers_of(&mut self, certificate: &Certificate) -> IssuerAnswer;
}

/// What a source had to say.
#[derive(Clone, Debug, Default)]
pub struct IssuerAnswer {
    /// Whatever came, in the order in which it came.
    pub certificates: Vec<Certificate>,
    /// Each address that was asked, with what became of it.
    pub attempts: Vec<IssuerAttempt>,
}

/// One address that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerAttempt {
    /// The address as the certificate gives it.
    pub address: String,
    /// How many certificates came, or why none did.
    pub outcome: Result<usize, String>,
}

/// A source that has nothing, for work without a network.
#[derive(Debug, Default)]
pub struct NoIssuers;

impl IssuerSource for NoIssuers {
    fn issuers_of(&mut self, _: &Certificate) -> IssuerAnswer {
        IssuerAnswer::default()
    }
}
