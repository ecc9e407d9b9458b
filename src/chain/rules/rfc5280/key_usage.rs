//! Key usage: RFC 5280 sections 4.2.1.3 and 6.1.4 (n).

use super::super::violation::{Rank, Violation};
use super::{Link, Place};

const SECTION: &str = "RFC 5280 section 4.2.1.3";

/// A CA's key usage allows it to sign certificates, and nobody else's does.
pub(super) fn check(link: &Link<'_>, found: &mut Vec<Violation>) {
    let mut breaks = |id, message| found.push(link.breaks(id, Rank::Right, SECTION, message));
    let Some(usage) = link.certificate.key_usage() else {
        // An anchor is a name and a key; what it lacks here, roots of the nineties lack.
        if link.place == Place::Intermediate {
            breaks("no-key-usage", format!("{} is a CA without a key usage", link.called()));
        }
        return;
    };
    if usage.0 == 0 {
        breaks("no-usage", format!("the key usage of {} has no bit set", link.called()));
    }
    if link.issues() && !usage.key_cert_sign() {
        breaks(
            "no-cert-sign",
            format!("the key usage of {} does not allow it to sign certificates", link.called()),
        );
    }
    if usage.key_cert_sign() && !link.certificate.is_ca() {
        breaks(
            "cert-sign-of-no-ca",
            format!("the key usage of {} allows it to sign certificates, and it is no CA", link.called()),
        );
    }
}
