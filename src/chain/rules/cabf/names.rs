//! Alternative names of subscribers: BR section 7.1.2.7.12, and 3.2.2.6 on wildcards.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use x509_parser::prelude::{GeneralName, ParsedExtension};

use super::super::super::names::is_public_suffix;
use super::super::rfc5280::{Link, Place};
use super::super::violation::{Rank, Violation};

const SECTION: &str = "BR section 7.1.2.7.12";
const OID: &str = "2.5.29.17";

/// A subscriber has alternative names: host names and addresses of the public network, and nothing else. They
/// are critical exactly where the subject is empty.
pub(super) fn check(link: &Link<'_>, found: &mut Vec<Violation>) {
    if link.place != Place::EndEntity {
        return;
    }
    let mut breaks = |id, section, message| found.push(link.breaks(id, Rank::Form, section, message));
    let Some(extension) = link.extension(OID) else {
        breaks("no-alternative-names", SECTION, format!("{} has no alternative names", link.called()));
        return;
    };
    if extension.critical && !link.certificate.subject().is_empty() {
        let message =
            format!("the alternative names of {} are critical, and it has a subject", link.called());
        breaks("alternative-names-critical", SECTION, message);
    }
    let ParsedExtension::SubjectAlternativeName(names) = extension.parsed_extension() else { return };
    for name in &names.general_names {
        match name {
            GeneralName::DNSName(text) => {
                if let Some((id, section, what)) = fault_of_host(text) {
                    breaks(id, section, format!("{} has the name \"{text}\", {what}", link.called()));
                }
            }
            GeneralName::IPAddress(octets) => {
                if is_reserved(octets) {
                    breaks("reserved-address", SECTION, format!("{} has a reserved address", link.called()));
                }
            }
            _ => breaks(
                "name-kind",
                SECTION,
                format!("{} has a name that is neither DNS nor IP", link.called()),
            ),
        }
    }
}

fn fault_of_host(text: &str) -> Option<(&'static str, &'static str, &'static str)> {
    let host = text.strip_prefix("*.").unwrap_or(text);
    // RFC 5890 section 2.3.1: hyphens in third and fourth place are reserved, and only xn-- is in use.
    let reserved = |label: &str| {
        label.get(2..4) == Some("--") && !label.get(..2).is_some_and(|p| p.eq_ignore_ascii_case("xn"))
    };
    if host.split('.').any(reserved) {
        return Some(("reserved-label", SECTION, "which has a reserved label"));
    }
    if !text.starts_with("*.") && !host.contains('.') {
        return Some(("internal-name", SECTION, "which is no name of the public network"));
    }
    // A top level domain that is not on the list counts as a registry too.
    let spans = || is_public_suffix(host).unwrap_or(!host.contains('.'));
    if text.starts_with("*.") && spans() {
        return Some(("public-suffix-wildcard", "BR section 3.2.2.6", "a wildcard below a public suffix"));
    }
    None
}

/// Addresses that the registries of IANA call not globally reachable.
fn is_reserved(octets: &[u8]) -> bool {
    let four = <[u8; 4]>::try_from(octets).map(|octets| IpAddr::V4(Ipv4Addr::from(octets)));
    let address =
        four.or_else(|_| <[u8; 16]>::try_from(octets).map(|octets| IpAddr::V6(Ipv6Addr::from(octets))));
    match address {
        Ok(IpAddr::V4(four)) => {
            let [first, second, ..] = four.octets();
            four.is_private()
                || four.is_loopback()
                || four.is_link_local()
                || four.is_documentation()
                || four.is_broadcast()
                || first == 0
                || first >= 224
                || (first == 100 && second & 0xc0 == 64)
                || (first == 198 && second & 0xfe == 18)
        }
        Ok(IpAddr::V6(six)) => {
            let [first, second, ..] = six.segments();
            six.is_loopback()
                || six.is_unspecified()
                || six.is_multicast()
                || first & 0xfe00 == 0xfc00
                || first & 0xffc0 == 0xfe80
                || (first == 0x2001 && second == 0xdb8)
        }
        Err(_) => false,
    }
}
