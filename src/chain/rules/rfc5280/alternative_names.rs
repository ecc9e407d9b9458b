//! The form of alternative names: RFC 5280 section 4.2.1.6.

use x509_parser::prelude::{GeneralName, ParsedExtension};

use super::super::violation::{Rank, Violation};
use super::Link;
use super::general_names::{is_dns_name, is_mailbox, is_uri};

const SECTION: &str = "RFC 5280 section 4.2.1.6";
const OID: &str = "2.5.29.17";

/// Where the extension is there, it holds names, each in its syntax; it is critical where the subject is
/// empty, and there at all where it is the only name.
pub(super) fn check(link: &Link<'_>, found: &mut Vec<Violation>) {
    let mut breaks = |id, message| found.push(link.breaks(id, Rank::Form, SECTION, message));
    let subject_is_empty = link.certificate.subject().is_empty();
    let Some(extension) = link.extension(OID) else {
        if subject_is_empty && !link.is_authority() {
            breaks("no-name", "the certificate has neither a subject nor alternative names".to_owned());
        }
        return;
    };
    if subject_is_empty && !extension.critical {
        let message = "the alternative names of a certificate without a subject are not critical";
        breaks("alternative-names-not-critical", message.to_owned());
    }
    let ParsedExtension::SubjectAlternativeName(names) = extension.parsed_extension() else { return };
    if names.general_names.is_empty() {
        breaks("no-alternative-names", format!("the alternative names of {} are none", link.called()));
    }
    for name in &names.general_names {
        if let Some(what) = fault(name) {
            breaks("malformed-name", format!("{} has an alternative name that is {what}", link.called()));
        }
    }
}

/// What is wrong with a name.
fn fault(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(text) if !is_dns_name(text) => Some(format!("no DNS name: \"{text}\"")),
        GeneralName::RFC822Name(text) if !is_mailbox(text) => Some(format!("no mailbox: \"{text}\"")),
        GeneralName::URI(text) if !is_uri(text) => Some(format!("no absolute URI: \"{text}\"")),
        GeneralName::IPAddress(octets) if !matches!(octets.len(), 4 | 16) => {
            Some(format!("no address: {} octets", octets.len()))
        }
        GeneralName::Invalid(..) => Some("not readable".to_owned()),
        _ => None,
    }
}
