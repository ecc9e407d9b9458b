//! What issuers say about revocation: reasons, and where a certificate says that its CRLs are.

use super::certificate::AlternativeName;

/// A reason code (RFC 5280 section 5.3.1), as CRLs and OCSP answers have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RevocationReason(pub u8);

impl RevocationReason {
    /// Reason 8: the certificate is on the list no more. Only a delta CRL has it.
    pub const REMOVE_FROM_CRL: Self = Self(8);

    /// The name that the RFC gives it; `None` for a number without a meaning.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "unspecified",
            1 => "keyCompromise",
            2 => "cACompromise",
            3 => "affiliationChanged",
            4 => "superseded",
            5 => "cessationOfOperation",
            6 => "certificateHold",
            8 => "removeFromCRL",
            9 => "privilegeWithdrawn",
            10 => "aACompromise",
            _ => return None,
        })
    }
}

/// The name of a distribution point (RFC 5280 section 4.2.1.13).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PointName {
    /// Whole names: addresses, or directory names.
    Full(Vec<AlternativeName>),
    /// A part that has to be added to the name of the issuer.
    Relative,
}

impl PointName {
    /// Whether both name the same place by one of their names.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Full(own), Self::Full(others)) => {
                own.iter().any(|name| is_comparable(name) && others.contains(name))
            }
            _ => false,
        }
    }
}

/// Names that could not be read have one text, and are not the same for that.
fn is_comparable(name: &AlternativeName) -> bool {
    match name {
        AlternativeName::Other(text) => text.starts_with("DirName:"),
        _ => true,
    }
}

/// One place where a certificate says that a CRL is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistributionPoint {
    /// Its name, where it has one.
    pub name: Option<PointName>,
    /// The CRL there is about some reasons only.
    pub some_reasons: bool,
    /// The CRL there is of another issuer than the certificate.
    pub other_issuer: bool,
}

impl DistributionPoint {
    /// The addresses among its names.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        let names = match &self.name {
            Some(PointName::Full(names)) => names.as_slice(),
            _ => &[],
        };
        names.iter().filter_map(|name| match name {
            AlternativeName::Uri(address) => Some(address.as_str()),
            _ => None,
        })
    }
}
