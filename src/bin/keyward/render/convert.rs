//! `convert` as text.

use std::fmt::Write as _;

use keyward::report::convert::ConvertReport;

use super::certificate::{clean, subject};

/// What was written, on stdout.
pub(crate) fn report(report: &ConvertReport) -> String {
    let mut out = String::new();
    let store = matches!(report.format, "JKS" | "JCEKS" | "PKCS12");
    for entry in &report.entries {
        let name = if store && !entry.alias.is_empty() {
            format!("{}: ", clean(&entry.alias))
        } else {
            String::new()
        };
        let _ = write!(out, "{name}{}", entry.kind.replace('-', " "));
        if let Some(key) = &entry.key {
            let bits = key.bits.map(|bits| format!(" {bits} bit")).unwrap_or_default();
            let _ = write!(out, ", {}{bits}", clean(&key.algorithm));
        }
        let _ = writeln!(out, " (from {})", clean(&entry.input));
        for certificate in &entry.chain {
            let _ = writeln!(out, "  {}\n    sha256 {}", subject(certificate), certificate.sha256);
        }
    }
    let done = if report.created { "made" } else { "written over" };
    let profile = report.profile.map(|profile| format!(", profile {profile}")).unwrap_or_default();
    let count = match report.entries.len() {
        1 => "1 entry".to_owned(),
        count => format!("{count} entries"),
    };
    let _ = writeln!(out, "{}: {done} ({}{profile}, {count})", clean(&report.output), report.format);
    out
}
