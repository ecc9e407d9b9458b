//! A certificate as text.

use std::fmt::Write as _;

use keyward::model::Fingerprint;
use keyward::report::certificate::CertificateReport;

/// The lines of a certificate, its subject on the first, each indented by `indent`.
pub(crate) fn block(certificate: &CertificateReport, indent: &str) -> String {
    let mut out = String::new();
    if let Some(reason) = &certificate.unreadable {
        let _ = writeln!(out, "(cannot be read: {})", clean(reason));
    } else {
        let _ = writeln!(out, "{}", subject(certificate));
    }
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(out, "{indent}{label:<9}{}", clean(value));
    };
    if certificate.self_issued {
        line("issuer", "itself");
    } else if let Some(issuer) = &certificate.issuer {
        line("issuer", issuer);
    }
    if !certificate.names.is_empty() {
        line("names", &names(&certificate.names));
    }
    if let (Some(from), Some(until)) = (&certificate.not_before, &certificate.not_after) {
        line("valid", &format!("{} to {}", day(from), day(until)));
    }
    if let (Some(key), Some(algorithm)) = (&certificate.key, &certificate.signature_algorithm) {
        let authority = if certificate.ca { ", CA" } else { "" };
        line("key", &format!("{key}, signed with {algorithm}{authority}"));
    }
    line("sha256", &certificate.sha256);
    out
}

/// The block that a person is shown before a question: the fingerprint as keytool prints it too.
pub(crate) fn for_question(certificate: &CertificateReport) -> String {
    let mut out = format!("  {}", block(certificate, "    "));
    if let Some(serial) = &certificate.serial {
        let _ = writeln!(out, "    {:<9}{serial}", "serial");
    }
    if let Some(print) = Fingerprint::parse(&certificate.sha256) {
        let _ = writeln!(out, "    {:<9}{}", "", print.colons());
    }
    out
}

/// The subject, or what to say where there is none.
pub(crate) fn subject(certificate: &CertificateReport) -> String {
    match certificate.subject.as_deref() {
        Some("") => "(no subject)".to_owned(),
        Some(text) => clean(text),
        None => "(cannot be read)".to_owned(),
    }
}

/// The date of an RFC 3339 time.
pub(crate) fn day(time: &str) -> &str {
    time.split('T').next().unwrap_or(time)
}

/// Outside text without control characters and the characters that turn the direction of writing.
pub(crate) fn clean(text: &str) -> String {
    let hostile = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.replace(hostile, "\u{fffd}")
}

fn names(names: &[String]) -> String {
    const SHOWN: usize = 6;
    let mut text = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if let Some(more) = names.len().checked_sub(SHOWN).filter(|&more| more > 0) {
        let _ = write!(text, " and {more} more");
    }
    text
}
