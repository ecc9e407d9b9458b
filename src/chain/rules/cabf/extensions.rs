//! Usages and basic constraints: BR sections 7.1.2.1, 7.1.2.7 and 7.1.2.10.

use super::super::rfc5280::{Link, Place};
use super::super::violation::{Rank, Violation};
use super::is_root;

const SERVER: &str = "1.3.6.1.5.5.7.3.1";
const CLIENT: &str = "1.3.6.1.5.5.7.3.2";
/// anyExtendedKeyUsage.
const ANY: &str = "2.5.29.37.0";
/// What shares no certificate with a server: code signing, mail, time stamping, OCSP.
const OTHERS: [&str; 4] =
    ["1.3.6.1.5.5.7.3.3", "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.9"];

/// A subscriber's key signs no certificates and no CRLs (7.1.2.7.11).
pub(super) fn key_usage(link: &Link<'_>, found: &mut Vec<Violation>) {
    let signs =
        link.certificate.key_usage().is_some_and(|usage| usage.key_cert_sign() || usage.0 & 1 << 6 != 0);
    if link.place == Place::EndEntity && signs {
        let message = format!("the key usage of {} is that of a CA", link.called());
        found.push(link.breaks("cert-sign-of-no-ca", Rank::Right, "BR section 7.1.2.7.11", message));
    }
}

/// A subscriber's extended key usage is there, not critical, and names servers and at most clients besides
/// (7.1.2.7.6, 7.1.2.7.10); a root has none (7.1.2.1.2); that of a CA below it names servers and not anything
/// (7.1.2.10.6).
pub(super) fn extended_key_usage(link: &Link<'_>, found: &mut Vec<Violation>) {
    let section = match link.place {
        Place::EndEntity => "BR section 7.1.2.7.10",
        _ if is_root(link) => "BR section 7.1.2.1.2",
        _ => "BR section 7.1.2.10.6",
    };
    let mut breaks = |id, message: String| found.push(link.breaks(id, Rank::Purpose, section, message));
    let Some(usages) = link.certificate.extended_key_usage() else {
        if link.place == Place::EndEntity {
            breaks("no-extended-key-usage", format!("{} has no extended key usage", link.called()));
        }
        return;
    };
    let has = |usage: &str| usages.iter().any(|has| has == usage);
    if is_root(link) {
        breaks(
            "extended-key-usage-of-root",
            format!("{} is a root with an extended key usage", link.called()),
        );
        return;
    }
    if has(ANY) {
        breaks(
            "any-extended-key-usage",
            format!("the extended key usage of {} allows anything", link.called()),
        );
    }
    if link.place != Place::EndEntity {
        return;
    }
    if link.extension("2.5.29.37").is_some_and(|extension| extension.critical) {
        breaks(
            "extended-key-usage-critical",
            format!("the extended key usage of {} is critical", link.called()),
        );
    }
    if !has(SERVER) && !has(CLIENT) {
        breaks(
            "no-server-auth",
            format!("the extended key usage of {} does not allow TLS servers", link.called()),
        );
    }
    if OTHERS.iter().any(|other| has(other)) {
        breaks(
            "mixed-extended-key-usage",
            format!("the extended key usage of {} allows more than TLS", link.called()),
        );
    }
}

/// A subscriber is no CA (7.1.2.7.8).
pub(super) fn basic_constraints(link: &Link<'_>, found: &mut Vec<Violation>) {
    if link.place == Place::EndEntity && link.certificate.is_ca() {
        let message = format!("{} is a CA", link.called());
        found.push(link.breaks("ca-as-end-entity", Rank::Right, "BR section 7.1.2.7.8", message));
    }
}
