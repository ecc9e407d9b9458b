//! `diagnose` as text.

use std::fmt::Write as _;

use anstyle::AnsiColor;
use keyward::report::finding::Severity;

use super::certificate::clean;
use crate::output::Output;
use crate::verbs::diagnose::DiagnosedSubject;

/// One subject: its path, its anchors, its findings with their repairs.
pub(crate) fn subject(report: &DiagnosedSubject, output: &Output) -> String {
    let mut out = format!("{}\n", clean(&report.diagnosis.subject));
    for (number, certificate) in report.diagnosis.path.iter().enumerate() {
        let origin = report.origins.get(number).map_or("", String::as_str);
        let origin = if origin.is_empty() { String::new() } else { format!("   ({origin})") };
        let subject = certificate.subject().rfc4514();
        let subject = if subject.is_empty() { "(no subject)" } else { subject };
        let until = certificate.not_after().date();
        let _ = writeln!(out, "{number:>2}  {}, until {until}{origin}", clean(subject));
    }
    if !report.diagnosis.anchors.is_empty() {
        let stores: Vec<String> = report
            .diagnosis
            .anchors
            .iter()
            .map(|(store, has)| format!("{} {}", clean(store), if *has { "yes" } else { "no" }))
            .collect();
        let _ = writeln!(out, "    trusted by: {}", stores.join(", "));
    }
    if report.findings.is_empty() {
        out.push_str("    nothing wrong found\n");
    }
    for finding in &report.findings {
        let (label, color) = match finding.severity {
            Severity::Error => ("error", AnsiColor::Red),
            Severity::Warning => ("warning", AnsiColor::Yellow),
            Severity::Info => ("info", AnsiColor::Cyan),
        };
        let _ = writeln!(out, "  {} {}: {}", output.paint(label, color), finding.id, clean(&finding.message));
        if let Some(fix) = &finding.fix {
            let _ = writeln!(out, "      {}", clean(fix));
        }
    }
    out
}
