//! Authority key identifiers: BR sections 7.1.2.1.3 and 7.1.2.11.1.

use x509_parser::prelude::ParsedExtension;

use super::super::rfc5280::Link;
use super::super::violation::{Rank, Violation};
use super::is_root;

/// Where the extension is there, it has a key identifier and nothing else; a root's is its own.
pub(super) fn check(link: &Link<'_>, found: &mut Vec<Violation>) {
    let Some(ParsedExtension::AuthorityKeyIdentifier(id)) = link.says("2.5.29.35") else { return };
    let section = if is_root(link) { "BR section 7.1.2.1.3" } else { "BR section 7.1.2.11.1" };
    let mut breaks = |id, message: &str| {
        let message = format!("the authority key identifier of {} {message}", link.called());
        found.push(link.breaks(id, Rank::Form, section, message));
    };
    if id.key_identifier.is_none() {
        breaks("no-authority-key-id", "has no key identifier");
    }
    if id.authority_cert_issuer.is_some() || id.authority_cert_serial.is_some() {
        breaks("authority-key-id-form", "names an issuer or a serial number");
    }
    let own = link.certificate.subject_key_id();
    if is_root(link) && id.key_identifier.is_some() && link.certificate.authority_key_id() != own {
        breaks("key-id-mismatch", "is not the root's own key identifier");
    }
}
