//! What is wrong with single certificates of the path: dates, names, algorithms, keys, constraints, usages.

use std::net::IpAddr;

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime};

use super::super::budget::Budget;
use super::super::names::{self, ServerName, Wildcards};
use super::super::path::PathEnd;
use super::super::rules::jsse::{self, Java};
use super::super::signature::{SignatureError, is_self_signed, rests_on_sha1};
use super::assembly::Assembly;
use super::gaps::send_chain;
use super::{called, listed};
use crate::model::Certificate;
use crate::model::certificate::AlternativeName;
use crate::model::public_key::{KeyAlgorithm, PublicKey};
use crate::report::finding::{Finding, FindingId, Severity};

/// How long before its end a validity is worth a word.
const SOON: Duration = Duration::days(30);

/// Names that a message lists before it says how many more there are.
const NAMES_LISTED: usize = 8;

pub(super) fn find(
    assembly: &Assembly<'_>,
    host: Option<&ServerName>,
    budget: &mut Budget,
    findings: &mut Vec<Finding>,
) {
    if let Some(host) = host {
        name(&assembly.leaf, host, findings);
    }
    let path = &assembly.path.certificates;
    for (i, certificate) in path.iter().enumerate() {
        let is_anchor = assembly.anchor() == Some(certificate);
        dates(certificate, is_anchor, assembly.world.now, findings);
        key(certificate, findings);
        if i > 0 && !is_anchor {
            issuing(certificate, findings);
        }
        if is_anchor || is_self_signed(certificate) {
            continue;
        }
        signature_digest(certificate, findings);
        critical(certificate, findings);
        let Some(issuer) = path.get(i + 1) else { continue };
        issuer_name(certificate, issuer, findings);
        key_identifier(assembly, certificate, issuer, findings);
        if let Ok(Err(error @ SignatureError::Unsupported(_))) = budget.verify(certificate, issuer) {
            let message = format!("{}: {error}; it is taken as good", called(certificate));
            let id = FindingId::UnjudgedSignature;
            findings.push(Finding::new(id, Severity::Info, Some(certificate), message));
        }
    }
    path_lengths(assembly, findings);
    end_entity(assembly, findings);
    alternatives(assembly, findings);
}

/// RFC 5280 section 4.1.2.4 wants the issuer's name as the issuer writes it. `X509_NAME_cmp` of OpenSSL goes by
/// the text, Java by the text of two string types, webpki and Go by the octets.
fn issuer_name(certificate: &Certificate, issuer: &Certificate, findings: &mut Vec<Finding>) {
    let (named, own) = (certificate.issuer(), issuer.subject());
    if named.der() == own.der() {
        return;
    }
    let (severity, who) = if named.is_equal_in_java(own) {
        (Severity::Warning, "rustls and Go do not take the one for the other's issuer, JVMs and OpenSSL do")
    } else {
        (Severity::Error, "JVMs, rustls and Go do not take the one for the other's issuer, OpenSSL does")
    };
    let message = format!(
        "{} was signed by {}, but writes its name in other letters or another string type; {who}",
        called(certificate),
        called(issuer),
    );
    findings.push(Finding::new(FindingId::IssuerNameMismatch, severity, Some(certificate), message));
}

/// RFC 5280 section 4.2.1.1. `CertPathHelper` and OpenSSL's `X509_check_akid` exclude an issuer by it; the first asks
/// for anchors alone, where the chain was sent in order.
fn key_identifier(
    assembly: &Assembly<'_>,
    certificate: &Certificate,
    issuer: &Certificate,
    findings: &mut Vec<Finding>,
) {
    let (Some(named), Some(own)) = (certificate.authority_key_id(), issuer.subject_key_id()) else { return };
    if named == own {
        return;
    }
    let ends_here = matches!(assembly.path.end, PathEnd::Anchor | PathEnd::UntrustedRoot)
        && assembly.path.certificates.last() == Some(issuer);
    let accepted = || {
        let anchor = std::slice::from_ref(issuer);
        jsse::judge(assembly.presented, anchor, None, assembly.world.now, Java::V17).is_accepted()
    };
    let (severity, who) = if ends_here && !accepted() {
        (Severity::Error, "OpenSSL and JVMs do")
    } else {
        (Severity::Warning, "OpenSSL does")
    };
    let message = format!(
        "{} was signed by {}, but names another key identifier for its issuer; {who} not take the one for the \
         other's issuer",
        called(certificate),
        called(issuer),
    );
    findings.push(Finding::new(FindingId::KeyIdentifierMismatch, severity, Some(certificate), message));
}

fn dates(certificate: &Certificate, is_anchor: bool, now: OffsetDateTime, findings: &mut Vec<Finding>) {
    let what = called(certificate);
    let note = if is_anchor { "; JVMs do not mind the dates of a trust anchor, OpenSSL does" } else { "" };
    let severity = if is_anchor { Severity::Warning } else { Severity::Error };
    let finding = if certificate.not_after() < now {
        let ago = days(now - certificate.not_after());
        let message = format!("{what} expired on {}, {ago} ago{note}", date(certificate.not_after()));
        Finding::new(FindingId::Expired, severity, Some(certificate), message)
    } else if now < certificate.not_before() {
        let ahead = days(certificate.not_before() - now);
        let message =
            format!("{what} is not valid before {}, in {ahead}{note}", date(certificate.not_before()));
        Finding::new(FindingId::NotYetValid, severity, Some(certificate), message)
    } else if certificate.not_after() - now <= SOON {
        let left = days(certificate.not_after() - now);
        let message = format!("{what} expires on {}, in {left}", date(certificate.not_after()));
        Finding::new(FindingId::ExpiresSoon, Severity::Info, Some(certificate), message)
    } else {
        return;
    };
    findings.push(finding);
}

/// Certificates that were sent, are not on the path, and lead clients without the better one astray.
fn alternatives(assembly: &Assembly<'_>, findings: &mut Vec<Finding>) {
    let now = assembly.world.now;
    let mut told: Vec<&Certificate> = Vec::new();
    for certificate in assembly.presented {
        let replaces = |other: &&Certificate| {
            other.subject() == certificate.subject() && other.key() == certificate.key()
        };
        let replaced = assembly.path.certificates.iter().skip(1).find(replaces);
        let outdated = certificate.not_after() < now && !is_self_signed(certificate);
        if outdated && !assembly.path.certificates.contains(certificate) && !told.contains(&certificate) {
            let Some(better) = replaced else { continue };
            let ended = date(certificate.not_after());
            let (message, repair) = if assembly.was_sent(better) {
                let message = format!(
                    "{} was sent twice, for the same key: one expired on {ended}, the other holds; clients that take \
                     the first that fits fail",
                    called(certificate),
                );
                (message, send_chain(assembly))
            } else if assembly.trusting(better).is_none() {
                let origin = assembly.origin(better).unwrap_or("elsewhere");
                let message = format!(
                    "{} was sent as a certificate that expired on {ended}; the one for the same key that was found at \
                     {origin} holds and has to be sent in its place",
                    called(certificate),
                );
                (message, None)
            } else {
                let message = format!(
                    "{} was sent as issued by \"{}\": that certificate expired on {ended}; clients with {} in their \
                     store do not need it, others fail",
                    called(certificate),
                    certificate.issuer().short(),
                    called(better),
                );
                (message, None)
            };
            let finding = Finding::new(FindingId::Expired, Severity::Warning, Some(certificate), message);
            findings.push(finding.with_repair(repair));
            told.push(certificate);
        }
    }
}

fn name(leaf: &Certificate, host: &ServerName, findings: &mut Vec<Finding>) {
    if names::rfc9525(host, leaf) {
        return;
    }
    let what = called(leaf);
    let (severity, message) = if names::jsse(host, leaf, Wildcards::LeftmostLabel).is_ok() {
        let message = if leaf.alternative_names().is_none() {
            format!(
                "{what} has {host} in its common name only; JVMs take that, browsers, Go and rustls do not"
            )
        } else {
            format!("{what} fits {host} by the JVM's lenient rules only; browsers, Go and rustls refuse it")
        };
        (Severity::Warning, message)
    } else {
        (Severity::Error, format!("{what} is for {}, not for {host}", names_of(leaf)))
    };
    findings.push(Finding::new(FindingId::NameMismatch, severity, Some(leaf), message));
}

fn names_of(leaf: &Certificate) -> String {
    let mut names: Vec<String> = leaf
        .alternative_names()
        .unwrap_or_default()
        .iter()
        .filter_map(|name| match name {
            AlternativeName::Dns(name) => {
                let name: String = name.chars().map(visible).collect();
                // No client takes that for the address that it looks like.
                let address = name.parse::<IpAddr>().is_ok();
                Some(if address { format!("\"{name}\" as a DNS name") } else { name })
            }
            AlternativeName::Ip(address) => Some(address.to_string()),
            _ => None,
        })
        .collect();
    let more = names.len().saturating_sub(NAMES_LISTED);
    names.truncate(NAMES_LISTED);
    match (names.is_empty(), more) {
        (true, _) => "no host at all (it has no subject alternative names for hosts)".to_owned(),
        (false, 0) => listed(&names),
        (false, _) => format!("{} and {more} more names", names.join(", ")),
    }
}

fn visible(c: char) -> char {
    if c.is_control() { '\u{fffd}' } else { c }
}

fn signature_digest(certificate: &Certificate, findings: &mut Vec<Finding>) {
    let algorithm = &certificate.signature_algorithm();
    let (severity, rest) = match algorithm.digest {
        Some("MD2" | "MD4" | "MD5") => (Severity::Error, "which clients refuse"),
        _ if rests_on_sha1(algorithm) => {
            (Severity::Warning, "which browsers, and JVMs below public roots, refuse")
        }
        _ => return,
    };
    let over = if algorithm.digest.is_none() { " over SHA-1" } else { "" };
    let message = format!("{} was signed with {}{over}, {rest}", called(certificate), algorithm.name);
    findings.push(Finding::new(FindingId::WeakSignature, severity, Some(certificate), message));
}

fn key(certificate: &Certificate, findings: &mut Vec<Finding>) {
    let PublicKey { algorithm, bits: Some(bits), .. } = certificate.key() else { return };
    let (refused, small) = match algorithm {
        KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss | KeyAlgorithm::Dsa => (1024, 2048),
        KeyAlgorithm::Ec => (224, 224),
        _ => return,
    };
    let (severity, rest) = if *bits < refused {
        (Severity::Error, format!("; clients refuse less than {refused} bit"))
    } else if *bits < small {
        (Severity::Warning, format!("; less than {small} bit is refused by many clients"))
    } else {
        return;
    };
    let message = format!("{} has a key of {algorithm} {bits} bit{rest}", called(certificate));
    findings.push(Finding::new(FindingId::WeakKey, severity, Some(certificate), message));
}

fn issuing(certificate: &Certificate, findings: &mut Vec<Finding>) {
    let mut push = |id, message| findings.push(Finding::new(id, Severity::Error, Some(certificate), message));
    if !certificate.is_ca() {
        push(
            FindingId::NotACa,
            format!("{} issued a certificate of this chain, but is no CA", called(certificate)),
        );
    } else if certificate.key_usage().is_some_and(|usage| !usage.key_cert_sign()) {
        push(
            FindingId::NoCertSign,
            format!("the key usage of {} does not allow to sign certificates", called(certificate)),
        );
    }
    if certificate.extended_key_usage().is_some_and(|usages| !usages.iter().any(serves_tls)) {
        let message = format!(
            "the extended key usage of {} does not allow TLS servers; JVMs do not mind that of a CA, OpenSSL, \
             browsers and rustls do",
            called(certificate)
        );
        let id = FindingId::NoServerAuth;
        findings.push(Finding::new(id, Severity::Warning, Some(certificate), message));
    }
}

fn serves_tls(usage: &String) -> bool {
    usage == "1.3.6.1.5.5.7.3.1" || usage == "2.5.29.37.0"
}

/// RFC 5280 section 4.2.1.9: certificates that are not self-issued, between the CA and the leaf.
fn path_lengths(assembly: &Assembly<'_>, findings: &mut Vec<Finding>) {
    let path = &assembly.path.certificates;
    for (i, certificate) in path.iter().enumerate().skip(1) {
        let Some(allowed) = certificate.basic_constraints().and_then(|b| b.path_length) else { continue };
        let between = path.iter().take(i).skip(1).filter(|c| !c.is_self_issued()).count();
        if usize::try_from(allowed).is_ok_and(|allowed| between > allowed) {
            let is_root = assembly.anchor() == Some(certificate) || is_self_signed(certificate);
            let (severity, note) = if is_root {
                (Severity::Warning, "; JVMs and rustls do not mind that of a trust anchor, OpenSSL and Go do")
            } else {
                (Severity::Error, "")
            };
            let message = format!(
                "{} allows {allowed} CA certificates below it, and {between} stand there{note}",
                called(certificate)
            );
            let id = FindingId::PathTooLong;
            findings.push(Finding::new(id, severity, Some(certificate), message));
        }
    }
}

fn end_entity(assembly: &Assembly<'_>, findings: &mut Vec<Finding>) {
    let leaf = &assembly.leaf;
    let (severity, note) = if assembly.anchor() == Some(leaf) {
        (Severity::Warning, "; JVMs do not mind that of a trust anchor, OpenSSL does")
    } else {
        (Severity::Error, "")
    };
    let mut push = |id, message| findings.push(Finding::new(id, severity, Some(leaf), message + note));
    if leaf.extended_key_usage().is_some_and(|usages| !usages.iter().any(serves_tls)) {
        push(
            FindingId::NoServerAuth,
            format!("the extended key usage of {} does not allow TLS servers", called(leaf)),
        );
    }
    if leaf.key_usage().is_some_and(|usage| !usage.digital_signature()) && !leaf.is_ca() {
        push(
            FindingId::NoDigitalSignature,
            format!("the key usage of {} does not allow the signatures of a handshake", called(leaf)),
        );
    }
}

fn critical(certificate: &Certificate, findings: &mut Vec<Finding>) {
    if let Some(oid) = certificate.unknown_critical().first() {
        let message =
            format!("{} has the critical extension {oid}, which clients do not know", called(certificate));
        let id = FindingId::UnknownCriticalExtension;
        findings.push(Finding::new(id, Severity::Error, Some(certificate), message));
    }
}

const DATE: &[BorrowedFormatItem<'static>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");

/// A time as findings say it.
pub(crate) fn date(time: OffsetDateTime) -> String {
    time.format(DATE).unwrap_or_else(|_| time.unix_timestamp().to_string())
}

/// Whole days, or hours below two days.
pub(crate) fn days(duration: Duration) -> String {
    match (duration.whole_days(), duration.whole_hours()) {
        (0 | 1, 1) => "1 hour".to_owned(),
        (0 | 1, hours) => format!("{hours} hours"),
        (days, _) => format!("{days} days"),
    }
}
