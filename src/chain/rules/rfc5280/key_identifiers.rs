//! Key identifiers: RFC 5280 sections 4.2.1.1 and 4.2.1.2.

use x509_parser::prelude::ParsedExtension;

use super::super::Question;
use super::super::violation::{Rank, Violation};
use super::Link;

const AUTHORITY: &str = "RFC 5280 section 4.2.1.1";
const SUBJECT: &str = "RFC 5280 section 4.2.1.2";

/// Each certificate names its issuer's key, unless it is self-signed; each CA names its own.
pub(super) fn check(link: &Link<'_>, found: &mut Vec<Violation>) {
    let mut breaks = |id, section, message| found.push(link.breaks(id, Rank::Form, section, message));
    if link.extension("2.5.29.35").is_some_and(|extension| extension.critical) {
        breaks(
            "authority-key-id-critical",
            AUTHORITY,
            format!("the authority key identifier of {} is critical", link.called()),
        );
    }
    if link.extension("2.5.29.14").is_some_and(|extension| extension.critical) {
        breaks(
            "subject-key-id-critical",
            SUBJECT,
            format!("the subject key identifier of {} is critical", link.called()),
        );
    }
    // For an unsigned question the cheap answer will do: self-issued, and no other key is named.
    let own_key = link.certificate.is_self_issued()
        && link.certificate.authority_key_id().is_none_or(|id| Some(id) == link.certificate.subject_key_id());
    if link.certificate.authority_key_id().is_none() && !own_key {
        breaks(
            "no-authority-key-id",
            AUTHORITY,
            format!("{} has no authority key identifier with a key identifier", link.called()),
        );
    }
    if let Some(ParsedExtension::AuthorityKeyIdentifier(id)) = link.says("2.5.29.35")
        && id.authority_cert_issuer.is_some() != id.authority_cert_serial.is_some()
    {
        breaks(
            "authority-key-id-incomplete",
            AUTHORITY,
            format!(
                "the authority key identifier of {} has an issuer without a serial number, or the reverse",
                link.called()
            ),
        );
    }
    if link.is_authority() && link.certificate.subject_key_id().is_none() {
        breaks(
            "no-subject-key-id",
            SUBJECT,
            format!("{} is a CA without a subject key identifier", link.called()),
        );
    }
}

/// The key identifier that a certificate names is that of its issuer.
pub(super) fn path(path: &[Link<'_>], _: &Question<'_>, found: &mut Vec<Violation>) {
    for pair in path.windows(2) {
        let [link, issuer] = pair else { continue };
        let (wanted, is) = (link.certificate.authority_key_id(), issuer.certificate.subject_key_id());
        if wanted.is_some() && is.is_some() && wanted != is {
            let message = format!(
                "the key identifier that {} names for its issuer is not that of {}",
                link.called(),
                issuer.called()
            );
            found.push(link.breaks("key-id-mismatch", Rank::Form, SUBJECT, message));
        }
    }
}
