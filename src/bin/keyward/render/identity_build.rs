//! `identity build` as text.

use std::fmt::Write as _;

use keyward::report::identity_build::IdentityBuildReport;

use super::certificate::{clean, day, subject};

/// What was built, on stdout.
pub(crate) fn report(report: &IdentityBuildReport) -> String {
    let mut out = String::new();
    let action = match report.action {
        "unchanged" => "already there",
        other => other,
    };
    let _ = writeln!(out, "{}: private key, {} ({action})", clean(&report.alias), clean(&report.key.key));
    if let Some(identifier) = &report.key.identifier {
        let _ = writeln!(out, "    key identifier {identifier}");
    }
    for (number, link) in report.chain.iter().enumerate() {
        let certificate = &link.certificate;
        let until = certificate.not_after.as_deref().map(day).unwrap_or_default();
        let _ = writeln!(out, "{number:>2}  {}, until {until} ({})", subject(certificate), clean(&link.from));
        match &certificate.issuer {
            _ if certificate.self_issued => {}
            Some(issuer) => {
                let _ = writeln!(out, "    issued by {}", clean(issuer));
            }
            None => {}
        }
    }
    let _ = match (&report.root.certificate, report.root.state) {
        (Some(root), _) => writeln!(
            out,
            "    the root is left out: {}, until {} ({})",
            subject(&root.certificate),
            root.certificate.not_after.as_deref().map(day).unwrap_or_default(),
            clean(&root.from)
        ),
        (None, "included") => writeln!(out, "    the last one is the root"),
        (None, "self-signed") => writeln!(out, "    it is self-signed: nobody stands above it"),
        (None, _) => writeln!(out, "    the chain is incomplete"),
    };
    let _ = match report.key_password {
        "store" => writeln!(out, "the key has the password of the store"),
        _ => writeln!(out, "the key has a password of its own"),
    };
    let profile = report.profile.map(|profile| format!(", profile {profile}")).unwrap_or_default();
    let done = match (report.created, report.changed) {
        (true, _) => "made",
        (false, true) => "written",
        (false, false) => "unchanged",
    };
    let _ = writeln!(out, "{}: {done} ({}{profile})", clean(&report.store), report.format);
    let _ = writeln!(out, "next: {}", report.next);
    out
}
