//! `diagnose` as text.

use std::fmt::Write as _;

use anstyle::AnsiColor;
use keyward::report::diagnose::DiagnosedSubject;
use keyward::report::finding::{Finding, Severity};

use super::certificate::{clean, day, subject as name};
use super::fetch::client_certificate;
use crate::output::Output;

/// One subject: its path, its anchors, its findings with their repairs.
pub(crate) fn subject(report: &DiagnosedSubject, output: &Output) -> String {
    let mut out = format!("{}\n", clean(&report.subject));
    for (number, certificate) in report.path.iter().enumerate() {
        let until = certificate.not_after.as_deref().map_or("?", day);
        let _ = writeln!(out, "{number:>2}  {}, until {until}", name(certificate));
    }
    if !report.anchors.is_empty() {
        let stores: Vec<String> = report
            .anchors
            .iter()
            .map(|(store, has)| format!("{} {}", clean(store), if *has { "yes" } else { "no" }))
            .collect();
        let _ = writeln!(out, "    anchor in: {}", stores.join(", "));
    }
    out.push_str(report.client_certificate.map_or("", client_certificate));
    if report.findings.is_empty() {
        out.push_str("  nothing wrong found\n");
    }
    for repairable in &report.findings {
        out.push_str(&finding(&repairable.finding, repairable.fix.as_deref(), output));
    }
    out
}

/// One finding, and the command that repairs it.
pub(super) fn finding(finding: &Finding, fix: Option<&str>, output: &Output) -> String {
    let (label, color) = match finding.severity {
        Severity::Error => ("error", AnsiColor::Red),
        Severity::Warning => ("warning", AnsiColor::Yellow),
        Severity::Info => ("info", AnsiColor::Cyan),
    };
    let mut out = format!("  {} {}: {}\n", output.paint(label, color), finding.id, clean(&finding.message));
    if let Some(fix) = fix {
        let _ = writeln!(out, "      {}", clean(fix));
    }
    out
}
