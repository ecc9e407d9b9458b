//! `verify` as text.

use std::fmt::Write as _;

use anstyle::AnsiColor;
use keyward::report::revocation::RevocationReport;
use keyward::report::verdict::Verdict;
use keyward::report::verify::VerifyReport;

use super::certificate::{clean, day, subject};
use crate::output::Output;

/// One line a rule set; for a single one also its path and what it refused on the way.
pub(crate) fn report(report: &VerifyReport, output: &Output) -> String {
    let mut out = String::new();
    let name = report
        .name
        .as_ref()
        .map_or_else(|| ", no name checked".to_owned(), |name| format!(" as {}", clean(name)));
    let _ = writeln!(out, "{}{name}, {}", clean(&report.subject), report.at);
    for verdict in &report.verdicts {
        out.push_str(&line(verdict, output));
    }
    if let [only] = report.verdicts.as_slice() {
        out.push_str(&details(only));
    }
    for answer in &report.revocation {
        out.push_str(&revocation(answer));
    }
    out
}

/// What one rule set says.
pub(crate) fn line(verdict: &Verdict, output: &Output) -> String {
    let (word, color) = match verdict.accepted {
        Some(true) => ("accepts", AnsiColor::Green),
        Some(false) => ("refuses", AnsiColor::Red),
        None => ("cannot judge", AnsiColor::Yellow),
    };
    let word = output.paint(word, color);
    match &verdict.reason {
        Some(reason) => format!("  {:<8} {word}: {}: {}\n", verdict.rules, reason.id, clean(&reason.message)),
        None => format!("  {:<8} {word}\n", verdict.rules),
    }
}

/// What somebody said about the revocation of a certificate.
fn revocation(answer: &RevocationReport) -> String {
    let source = match answer.source {
        "crl-file" => "the CRL",
        "stapled" => "the stapled answer",
        "ocsp" => "OCSP at",
        "crl" => "the CRL at",
        _ => "nobody",
    };
    let place = answer.place.as_deref().map(|place| format!(" {}", clean(place))).unwrap_or_default();
    let said = match answer.status {
        "good" => "not revoked".to_owned(),
        "unknown" => "an unknown certificate".to_owned(),
        "revoked" => {
            let since = answer.revoked_at.as_deref().unwrap_or("?");
            let reason = answer.reason.as_deref().map(|reason| format!(", {reason}")).unwrap_or_default();
            format!("revoked since {since}{reason}")
        }
        "unusable" => "no good answer".to_owned(),
        _ => "no answer".to_owned(),
    };
    let message = answer.message.as_deref().map(|text| format!(": {}", clean(text))).unwrap_or_default();
    let dates = match (&answer.this_update, &answer.next_update) {
        (Some(from), Some(until)) => format!(" (from {from} until {until})"),
        (Some(from), None) => format!(" (from {from})"),
        _ => String::new(),
    };
    format!("  revocation of \"{}\": {source}{place}: {said}{message}{dates}\n", clean(&answer.subject))
}

fn details(verdict: &Verdict) -> String {
    let mut out = String::new();
    for (number, certificate) in verdict.path.iter().enumerate() {
        let until = certificate.not_after.as_deref().map_or("?", day);
        let _ = writeln!(out, "{number:>6}  {}, until {until}", subject(certificate));
    }
    if verdict.refused.len() > 1 {
        let _ = writeln!(out, "  {} paths were looked at:", verdict.refused.len());
        for refused in &verdict.refused {
            let count = refused.path.len();
            let certificates = if count == 1 { "certificate" } else { "certificates" };
            let _ = writeln!(out, "      {count} {certificates}: {}", clean(&refused.reason.message));
        }
    }
    for text in &verdict.not_judged {
        let _ = writeln!(out, "  not judged: {}", clean(text));
    }
    out
}
