//! `identity try` as text.

use std::fmt::Write as _;

use anstyle::AnsiColor;
use keyward::report::identity_try::IdentityTryReport;

use super::certificate::{clean, day, subject};
use super::fetch;
use crate::output::Output;

/// What was asked, what was sent, what came of it.
pub(crate) fn report(report: &IdentityTryReport, output: &Output) -> String {
    let mut out = clean(&report.target);
    let agreed = [&report.starttls, &report.protocol, &report.cipher_suite, &report.alpn];
    for part in agreed.into_iter().flatten() {
        let _ = write!(out, "  {}", clean(part));
    }
    if let Some(proxy) = &report.proxy {
        let _ = write!(out, "  through {}", clean(proxy));
    }
    out.push_str("\n    the server's own certificate is not verified here\n");
    match report.client_auth.status.as_str() {
        "none" => out.push_str("    the server does not ask for a client certificate\n"),
        "after-request" => {
            out.push_str(
                "    the server asks for a client certificate only after the request, in a new handshake\n",
            );
        }
        status => out.push_str(fetch::client_certificate(status)),
    }
    out.push_str(&fetch::client_auth(&report.client_auth));
    out.push_str(&sent(report));
    let (word, color) = match report.outcome {
        "accepted" => ("accepted", AnsiColor::Green),
        "refused" => ("refused", AnsiColor::Red),
        _ => ("not tried", AnsiColor::Yellow),
    };
    let _ = writeln!(out, "{}: {}", output.paint(word, color), outcome(report));
    if let Some(refusal) = &report.refusal {
        let _ = writeln!(out, "    {}", clean(&refusal.message));
    }
    for cause in &report.causes {
        let _ = writeln!(out, "    {}: {}", cause.id, clean(&cause.message));
    }
    for command in &report.next {
        let _ = writeln!(out, "  {command}");
    }
    out
}

fn sent(report: &IdentityTryReport) -> String {
    let identity = &report.identity;
    let name = format!("{}#{}", clean(&identity.store), clean(&identity.alias));
    let Some(sent) = &report.sent else { return String::new() };
    if sent.certificates == 0 {
        return format!(
            "    nothing of {name} was sent: a Certificate message without a certificate, {} bytes\n",
            sent.bytes
        );
    }
    let count = if sent.certificates == 1 { "certificate" } else { "certificates" };
    let algorithm = sent
        .signature_algorithm
        .as_ref()
        .map(|one| format!(", signed with {}", fetch::names(std::slice::from_ref(one))))
        .unwrap_or_default();
    let mut out =
        format!("    sent of {name}: {} {count}, {} bytes{algorithm}\n", sent.certificates, sent.bytes);
    for certificate in &identity.chain {
        let until = certificate.not_after.as_deref().map_or("?", day);
        let _ = writeln!(out, "      {}, until {until}", subject(certificate));
    }
    out
}

fn outcome(report: &IdentityTryReport) -> String {
    if let Some(refusal) = &report.refusal {
        return clean(&refusal.ended);
    }
    match (report.outcome, report.evidence, report.status) {
        ("not-asked", ..) => "the server went on without asking for a certificate".to_owned(),
        ("asked-afterwards", ..) => "keyward makes no new handshake on a connection".to_owned(),
        ("not-sent", ..) => "the server went on, but without the certificate".to_owned(),
        (_, Some("http"), Some(status)) => {
            format!("the server answered the request with the status {status}")
        }
        (_, Some("data"), _) => "the server went on to speak".to_owned(),
        (_, Some("finished"), _) => "the server finished the handshake".to_owned(),
        (_, Some("ticket"), _) => "the server went on to send a session ticket".to_owned(),
        _ => "the server said nothing; a refusal would have come at once".to_owned(),
    }
}
