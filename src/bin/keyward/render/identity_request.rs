//! `identity request` as text.

use std::fmt::Write as _;

use keyward::report::identity_request::IdentityRequestReport;

use super::certificate::{clean, day};

/// What was made, on stdout; on stderr where the request itself goes to stdout.
pub(crate) fn report(report: &IdentityRequestReport) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}: private key, {}", clean(&report.alias), clean(&report.key.key));
    if let Some(identifier) = &report.key.identifier {
        let _ = writeln!(out, "    key identifier {identifier}");
    }
    let _ = writeln!(out, "    asked for: {}", clean(&report.subject));
    if !report.names.is_empty() {
        let _ = writeln!(out, "    names {}", clean(&report.names.join(", ")));
    }
    let until = report.placeholder.not_after.as_deref().map(day).unwrap_or_default();
    let _ = writeln!(out, "    a self-signed placeholder until {until} stands with it");
    let done = if report.created { "made" } else { "written" };
    let profile = report.profile.map(|profile| format!(", profile {profile}")).unwrap_or_default();
    let _ = writeln!(out, "{}: {done} ({}{profile})", clean(&report.store), report.format);
    if report.csr != "-" {
        let _ = writeln!(out, "{}: the request, for the CA", clean(&report.csr));
    }
    let _ = writeln!(out, "next, with the CA's reply: {}", report.next);
    out
}
