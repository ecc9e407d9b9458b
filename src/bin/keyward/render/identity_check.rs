//! `identity check` as text.

use std::fmt::Write as _;

use keyward::report::identity_check::IdentityCheckReport;

use super::certificate::{clean, day, subject};
use super::diagnose::finding;
use crate::output::Output;

/// Each identity with its chain, the findings with their repairs, and what was not judged.
pub(crate) fn report(report: &IdentityCheckReport, output: &Output) -> String {
    let mut out = format!("{} ({})\n", clean(&report.store), report.format);
    for identity in &report.identities {
        let key = identity.key.as_deref().unwrap_or("key not opened");
        let _ = writeln!(out, "  \"{}\": {key}", clean(&identity.alias));
        for (number, certificate) in identity.chain.iter().enumerate() {
            let until = certificate.not_after.as_deref().map_or("?", day);
            let _ = writeln!(out, "{number:>6}  {}, until {until}", subject(certificate));
        }
    }
    if report.findings.is_empty() {
        out.push_str("  nothing wrong found\n");
    }
    for repairable in &report.findings {
        out.push_str(&finding(&repairable.finding.finding, repairable.fix.as_deref(), output));
    }
    for what in &report.not_judged {
        let _ = writeln!(out, "  not judged: {}", clean(what));
    }
    out
}
