//! Extensions as such: RFC 5280 section 4.2, and which of them may be critical.

use x509_parser::prelude::ParsedExtension;

use super::super::violation::{Rank, Violation};
use super::Link;

/// Extensions that have to be non-critical, with the section that says so.
const NOT_CRITICAL: [(&str, &str, &str); 5] = [
    ("1.3.6.1.5.5.7.1.1", "authority information access", "RFC 5280 section 4.2.2.1"),
    ("1.3.6.1.5.5.7.1.11", "subject information access", "RFC 5280 section 4.2.2.2"),
    ("2.5.29.9", "subject directory attributes", "RFC 5280 section 4.2.1.8"),
    ("2.5.29.46", "freshest CRL", "RFC 5280 section 4.2.1.15"),
    ("2.16.840.1.113730.1.13", "Netscape comment", "RFC 5280 section 4.2"),
];

/// Extensions that a validator has to process, or that it looks at here.
const PROCESSED: [&str; 13] = [
    "2.5.29.14",
    "2.5.29.15",
    "2.5.29.17",
    "2.5.29.18",
    "2.5.29.19",
    "2.5.29.30",
    "2.5.29.31",
    "2.5.29.32",
    "2.5.29.33",
    "2.5.29.35",
    "2.5.29.36",
    "2.5.29.37",
    "2.5.29.54",
];

/// Each extension is there once, can be read, and is not critical where it must not be.
pub(super) fn check(link: &Link<'_>, found: &mut Vec<Violation>) {
    let all = link.certificate.extensions();
    for (place, (oid, critical)) in all.iter().enumerate() {
        if all.iter().take(place).any(|(earlier, _)| earlier == oid) {
            let message = format!("{} has the extension {oid} twice", link.called());
            found.push(link.breaks("duplicate-extension", Rank::Form, "RFC 5280 section 4.2", message));
        }
        let unwelcome = NOT_CRITICAL.iter().find(|(id, ..)| id == oid).filter(|_| *critical);
        if let Some((_, name, section)) = unwelcome {
            let message = format!("the extension \"{name}\" of {} is critical", link.called());
            found.push(link.breaks("extension-critical", Rank::Form, section, message));
        }
    }
    for extension in link.parsed.extensions() {
        if matches!(extension.parsed_extension(), ParsedExtension::ParseError { .. }) {
            let message =
                format!("the extension {} of {} cannot be read", extension.oid.to_id_string(), link.called());
            found.push(link.breaks("malformed-extension", Rank::Form, "RFC 5280 section 4.2", message));
        }
    }
}

/// No critical extension that is not processed.
pub(super) fn critical(link: &Link<'_>, found: &mut Vec<Violation>) {
    let forbidden = |oid: &str| NOT_CRITICAL.iter().any(|(id, ..)| *id == oid);
    for (oid, critical) in link.certificate.extensions() {
        if *critical && !PROCESSED.contains(&oid.as_str()) && !forbidden(oid) {
            let message = format!("{} has the critical extension {oid}, which is not known", link.called());
            let section = "RFC 5280 section 6.1.4";
            found.push(link.breaks("unknown-critical-extension", Rank::Right, section, message));
        }
    }
}
