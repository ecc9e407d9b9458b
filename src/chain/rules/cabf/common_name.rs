//! The common name of subscribers: BR section 7.1.4.3.

use std::net::IpAddr;

use super::super::rfc5280::{Link, Place};
use super::super::violation::{Rank, Violation};
use crate::model::certificate::AlternativeName;

const SECTION: &str = "BR section 7.1.4.3";

/// Where there is a common name, it is the only one, and one of the alternative names, character for
/// character; an address in its one written form.
pub(super) fn check(link: &Link<'_>, found: &mut Vec<Violation>) {
    if link.place != Place::EndEntity {
        return;
    }
    let mut breaks = |id, message| found.push(link.breaks(id, Rank::Form, SECTION, message));
    let names = link.certificate.alternative_names().unwrap_or_default();
    match link.certificate.subject().common_names() {
        [] => {}
        [only] => {
            if !names.iter().any(|name| is_written(name, only)) {
                breaks(
                    "common-name",
                    format!("the common name of {} is none of its alternative names", link.called()),
                );
            }
        }
        _ => breaks("common-name", format!("{} has several common names", link.called())),
    }
}

/// `IpAddr` writes IPv4 by RFC 3986 section 3.2.2 and IPv6 by RFC 5952 section 4.
fn is_written(name: &AlternativeName, text: &str) -> bool {
    match name {
        AlternativeName::Dns(host) => host == text,
        AlternativeName::Ip(IpAddr::V4(address)) => address.to_string() == text,
        AlternativeName::Ip(IpAddr::V6(address)) => address.to_string() == text,
        _ => false,
    }
}
