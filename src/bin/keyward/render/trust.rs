//! The verbs of `trust` as text.

use std::fmt::Write as _;

use keyward::report::trust::{ListedEntry, TrustAddReport, TrustListReport};

use super::certificate::{block, clean, day, subject};

/// What an import did, on stdout.
pub(crate) fn added(report: &TrustAddReport) -> String {
    let mut out = String::new();
    for entry in &report.entries {
        let what = match entry.action {
            "kept" => "already there",
            "replaced" => "replaced",
            "reply-installed" => "reply installed",
            _ => "added",
        };
        let why = match entry.basis {
            "vouched" if entry.action == "kept" => String::new(),
            "vouched" => ", vouched for by what is trusted already".to_owned(),
            "pinned" => ", pinned by its SHA-256".to_owned(),
            "confirmed" => ", confirmed".to_owned(),
            other => format!(", {other}"),
        };
        let _ = writeln!(out, "{}: {} ({what}{why})", clean(&entry.alias), subject(&entry.certificate));
        let _ = writeln!(out, "  sha256 {}", entry.certificate.sha256);
        for (number, certificate) in entry.chain.iter().enumerate().skip(1) {
            let _ = writeln!(out, "  chain {number}: {}", subject(certificate));
        }
    }
    let file = clean(&report.store);
    let _ = match (report.created, report.changed) {
        (true, _) => writeln!(out, "{file}: made ({})", report.format),
        (false, true) => writeln!(out, "{file}: written ({})", report.format),
        (false, false) => writeln!(out, "{file}: unchanged ({})", report.format),
    };
    out
}

/// A whole store.
pub(crate) fn list(report: &TrustListReport) -> String {
    let count = match report.entries.len() {
        1 => "1 entry".to_owned(),
        count => format!("{count} entries"),
    };
    let integrity = match report.integrity {
        "verified" => "integrity verified",
        "none" => "the file has no integrity check",
        _ => "integrity NOT verified: no password was given",
    };
    let mut out = format!("{}: {}, {count}, {integrity}\n", clean(&report.store), report.format);
    for entry in &report.entries {
        out.push('\n');
        out.push_str(&listed(entry));
    }
    out
}

/// One entry of a store.
pub(crate) fn listed(entry: &ListedEntry) -> String {
    let alias = if entry.alias.is_empty() { "(no alias)".to_owned() } else { clean(&entry.alias) };
    let mut out = format!("{alias}  {}", entry.kind.replace('-', " "));
    if let Some(created) = &entry.created {
        let _ = write!(out, ", {}", day(created));
    }
    if let Some(hidden) = entry.hidden {
        let _ = write!(out, ", Java does not show it: {}", why_hidden(hidden));
    }
    out.push('\n');
    match (&entry.certificate, entry.chain.len()) {
        (Some(certificate), 0) => {
            let _ = write!(out, "    {}", block(certificate, "    "));
        }
        (Some(_), _) => {
            for (number, certificate) in entry.chain.iter().enumerate() {
                let _ = write!(out, "{number:>2}  {}", block(certificate, "    "));
            }
        }
        (None, _) => {}
    }
    out
}

/// Why Java does not show an entry, by the name of the reason.
pub(crate) fn why_hidden(hidden: &str) -> &'static str {
    match hidden {
        "no-trust-attribute" => "it lacks Java's trust attribute",
        "plain-key-bag" => "the key is not encrypted",
        "no-local-key-id" => "the key has no localKeyID, and it is not the only one",
        "shadowed" => "a later entry has the same alias",
        "capitals" => "the alias has capitals, no lookup finds it",
        "non-ascii-password" => "it does not take the password",
        _ => "Java does not know this kind of bag",
    }
}

/// A note, on stderr.
pub(crate) fn note(note: &keyward::report::trust::Note) -> String {
    match &note.fix {
        Some(fix) => format!("note: {}\n  better: {}", clean(&note.message), clean(fix)),
        None => format!("note: {}", clean(&note.message)),
    }
}
