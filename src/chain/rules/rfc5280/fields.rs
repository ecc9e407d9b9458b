//! The basic fields: RFC 5280 section 4.1.

use super::super::violation::{Rank, Violation};
use super::{Link, Place};

/// Version, serial number, names, unique identifiers, and that both signature algorithms are one.
pub(super) fn check(link: &Link<'_>, found: &mut Vec<Violation>) {
    let mut breaks = |id, section, message: String| {
        found.push(link.breaks(id, Rank::Form, section, format!("{} {message}", link.called())));
    };
    let certificate = link.certificate;
    if certificate.version() < 3 && !certificate.extensions().is_empty() {
        breaks("version", "RFC 5280 section 4.1.2.1", "has extensions, and is not of version 3".to_owned());
    }
    if certificate.version() < 3 && link.issues() {
        breaks(
            "version",
            "RFC 5280 section 6.1.4",
            format!("issues, and is of version {}", certificate.version()),
        );
    }
    // The number of a root is what its owner once chose; public ones have 0 there.
    if link.place != Place::Anchor {
        let serial = certificate.serial();
        let problem = match serial.first() {
            Some(first) if first & 0x80 != 0 => Some("negative"),
            _ if serial.iter().all(|&octet| octet == 0) => Some("zero"),
            _ if serial.len() > 20 => Some("longer than 20 octets"),
            _ => None,
        };
        if let Some(problem) = problem {
            breaks(
                "serial-number",
                "RFC 5280 section 4.1.2.2",
                format!("has a serial number that is {problem}"),
            );
        }
    }
    if !certificate.signature_algorithms_agree() {
        breaks(
            "signature-algorithms-differ",
            "RFC 5280 section 4.1.1.2",
            "has two signature algorithms".to_owned(),
        );
    }
    if certificate.issuer().is_empty() {
        breaks("empty-issuer", "RFC 5280 section 4.1.2.4", "has an issuer without a name".to_owned());
    }
    if certificate.subject().is_empty() && link.is_authority() {
        breaks("empty-subject", "RFC 5280 section 4.1.2.6", "is a CA without a name".to_owned());
    }
    let tbs = &link.parsed.tbs_certificate;
    if tbs.issuer_uid.is_some() || tbs.subject_uid.is_some() {
        breaks("unique-identifier", "RFC 5280 section 4.1.2.8", "has a unique identifier".to_owned());
    }
    if certificate.not_after() < certificate.not_before() {
        breaks("validity", "RFC 5280 section 4.1.2.5", "ends before it begins".to_owned());
    }
}
