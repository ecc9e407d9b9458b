//! Extended key usage: RFC 5280 section 4.2.1.12.

use super::super::Question;
use super::super::violation::{Rank, Violation};
use super::{Link, Place};

const SECTION: &str = "RFC 5280 section 4.2.1.12";
/// anyExtendedKeyUsage.
const ANY: &str = "2.5.29.37.0";

/// Where the extension is there, it names a purpose.
pub(super) fn check(link: &Link<'_>, found: &mut Vec<Violation>) {
    if link.certificate.extended_key_usage().is_some_and(<[String]>::is_empty) {
        let message = format!("the extended key usage of {} names no purpose", link.called());
        found.push(link.breaks("empty-extended-key-usage", Rank::Form, SECTION, message));
    }
}

/// The peer's certificate is for the purpose that is asked for. That a CA's extended key usage limits those
/// below it is what all clients do; the standard does not say so. The anchor's is left alone.
pub(super) fn path(path: &[Link<'_>], question: &Question<'_>, found: &mut Vec<Violation>) {
    let Some(purpose) = question.purpose.oid() else { return };
    for link in path.iter().filter(|link| link.place != Place::Anchor) {
        let Some(usages) = link.certificate.extended_key_usage() else { continue };
        if !usages.iter().any(|usage| usage == purpose || usage == ANY) {
            let holder = question.purpose.holder();
            let id = if question.purpose == super::super::Purpose::Client {
                "no-client-auth"
            } else {
                "no-server-auth"
            };
            let message = format!("the extended key usage of {} does not allow {holder}", link.called());
            found.push(link.breaks(id, Rank::Purpose, SECTION, message));
        }
    }
}
