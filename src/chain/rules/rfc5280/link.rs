//! One certificate of a path, read with all its extensions.

use x509_parser::prelude::{FromDer, ParsedExtension, X509Certificate, X509Extension};

use super::super::violation::{Rank, Violation, called};
use crate::model::Certificate;

/// Where a certificate stands in its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The peer's own. It is the anchor too where it is all of the path.
    EndEntity,
    /// Between.
    Intermediate,
    /// The trust anchor.
    Anchor,
}

/// One certificate of a path.
pub(crate) struct Link<'a> {
    /// The certificate.
    pub(crate) certificate: &'a Certificate,
    /// All that it says.
    pub(crate) parsed: X509Certificate<'a>,
    /// Where it stands.
    pub(crate) place: Place,
}

impl<'a> Link<'a> {
    /// Reads a certificate again, this time whole.
    pub(crate) fn new(certificate: &'a Certificate, place: Place) -> Result<Self, Box<Violation>> {
        match X509Certificate::from_der(certificate.der()) {
            Ok((_, parsed)) => Ok(Self { certificate, parsed, place }),
            Err(error) => Err(Box::new(Violation::new(
                "malformed",
                Rank::Form,
                "RFC 5280 section 4.1",
                certificate,
                format!("{} cannot be read: {error}", called(certificate)),
            ))),
        }
    }

    /// Whether it issues the certificate below it.
    pub(crate) fn issues(&self) -> bool {
        self.place != Place::EndEntity
    }

    /// Whether it is a CA by what it says or by its place.
    pub(crate) fn is_authority(&self) -> bool {
        self.issues() || self.certificate.is_ca()
    }

    /// The extension of this number; of several the first, and [`super::extensions::check`] minds the others.
    pub(crate) fn extension(&self, oid: &str) -> Option<&X509Extension<'a>> {
        let place = self.certificate.extensions().iter().position(|(id, _)| id == oid)?;
        self.parsed.extensions().get(place)
    }

    /// What that extension says.
    pub(crate) fn says(&self, oid: &str) -> Option<&ParsedExtension<'a>> {
        self.extension(oid).map(X509Extension::parsed_extension)
    }

    /// What it is called in messages.
    pub(crate) fn called(&self) -> String {
        called(self.certificate)
    }

    /// A violation by this certificate.
    pub(crate) fn breaks(
        &self,
        id: &'static str,
        rank: Rank,
        section: &'static str,
        message: impl Into<String>,
    ) -> Violation {
        Violation::new(id, rank, section, self.certificate, message)
    }
}

/// The certificates of a path that ends with an anchor, leaf first.
pub(super) fn links(path: &[Certificate]) -> Result<Vec<Link<'_>>, Box<Violation>> {
    let last = path.len().saturating_sub(1);
    path.iter()
        .enumerate()
        .map(|(i, certificate)| {
            let place = match i {
                0 => Place::EndEntity,
                _ if i == last => Place::Anchor,
                _ => Place::Intermediate,
            };
            Link::new(certificate, place)
        })
        .collect()
}
