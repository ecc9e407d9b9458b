//! `inspect` as text.

use std::fmt::Write as _;

use keyward::inspect::readers;
use keyward::report::inspect::{
    InspectedCertificate, InspectedEntry, InspectedFile, InspectedKey, Reader, Reads,
};

use super::certificate::{block, clean, day};
use super::trust::why_hidden;

/// One file with all that is in it.
pub(crate) fn file(file: &InspectedFile) -> String {
    let mut out = format!("{}: {}\n", clean(&file.path), summary(file));
    if let Some(protection) = &file.protection {
        match &protection.mac {
            Some(mac) if mac.kdf.is_none() => {
                out.push_str("  digest   SHA-1 with the password; each key is encrypted by itself\n")
            }
            Some(mac) => {
                let _ = writeln!(out, "  {:<9}{}", "MAC", readers::describe_mac(mac));
            }
            None => out.push_str("  MAC      none\n"),
        }
        for (number, part) in protection.parts.iter().enumerate() {
            let how = part.encryption.as_ref().map_or_else(|| "not encrypted".to_owned(), readers::describe);
            let bags = match part.bags {
                Some(1) => "1 bag".to_owned(),
                Some(count) => format!("{count} bags"),
                None => "LOCKED".to_owned(),
            };
            let _ = writeln!(out, "  {:<9}{}; {bags}", format!("part {}", number + 1), clean(&how));
        }
    }
    if let Some(readers) = &file.readers {
        let _ = writeln!(out, "  {:<9}{}", "Java 17", reader(&readers.java17));
        let _ = writeln!(out, "  {:<9}before 8u301, not measured: {}", "Java 8", reader(&readers.java8));
    }
    for note in &file.notes {
        let _ = writeln!(out, "  {:<9}{}", "note", clean(&note.message));
    }
    for entry in &file.entries {
        out.push('\n');
        out.push_str(&self::entry(entry));
    }
    out
}

fn summary(file: &InspectedFile) -> String {
    if file.error.is_some() && file.entries.is_empty() {
        return match file.format {
            Some(format) => format!("{format}, cannot be read"),
            None => "cannot be read".to_owned(),
        };
    }
    let format = file.format.unwrap_or("unknown");
    let (one, many) = if file.protection.is_some() { ("entry", "entries") } else { ("object", "objects") };
    let count = match file.entries.len() {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    };
    let integrity = match (file.protection.is_some(), file.integrity) {
        (false, _) => "",
        (true, "verified") => ", integrity verified",
        (true, "none") => ", no integrity check in the file",
        (true, _) => ", integrity NOT verified: no password was given",
    };
    format!("{format}, {count}{integrity}")
}

fn reader(reader: &Reader) -> String {
    match reader.reads {
        Reads::All => "reads it".to_owned(),
        Reads::ButKeys => format!("lists it, but cannot open: {}", clean(&reader.reasons.join("; "))),
        Reads::Nothing => format!("cannot read it: {}", clean(&reader.reasons.join("; "))),
    }
}

fn entry(entry: &InspectedEntry) -> String {
    let mut out = match (&entry.alias, &entry.place) {
        (Some(alias), _) if alias.is_empty() => "\"\"".to_owned(),
        (Some(alias), _) => clean(alias),
        (None, Some(place)) => place.clone(),
        (None, None) => "(no alias)".to_owned(),
    };
    let _ = write!(out, "  {}", entry.kind.replace('-', " "));
    if let Some(created) = &entry.created {
        let _ = write!(out, ", {}", day(created));
    }
    if let Some(hidden) = entry.hidden {
        let _ = write!(out, ", Java does not show it: {}", why_hidden(hidden));
    }
    out.push('\n');
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(out, "    {label:<9}{}", clean(value));
    };
    if let Some(error) = &entry.error {
        line("damaged", &error.message);
    }
    if let Some(request) = &entry.request {
        line("subject", if request.subject.is_empty() { "(no subject)" } else { &request.subject });
        if !request.names.is_empty() {
            line("names", &request.names.join(", "));
        }
        line("signed", &format!("with {}", request.signature_algorithm));
        line("sha256", &request.sha256);
    }
    if let Some(crl) = &entry.crl {
        line("issuer", &crl.issuer);
        let next = crl.next_update.as_deref().map_or("no next one", |next| day(next));
        line("issued", &format!("{}, next {next}", day(&crl.this_update)));
        if let Some(number) = &crl.number {
            line("number", &format!("0x{number}"));
        }
        line("revoked", &crl.revoked.to_string());
        line("signed", &format!("with {}", crl.signature_algorithm));
        line("sha256", &crl.sha256);
    }
    if let Some(key) = &entry.key {
        for (label, value) in key_lines(key, entry.kind) {
            line(label, &value);
        }
    }
    let single = entry.kind != "private-key";
    for (number, certificate) in entry.chain.iter().enumerate() {
        let head = if single { "    ".to_owned() } else { format!("{number:>2}  ") };
        let _ = write!(out, "{head}{}", self::certificate(certificate));
    }
    out
}

fn key_lines(key: &InspectedKey, kind: &str) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    let mut words: Vec<String> = key.describe().into_iter().collect();
    if key.algorithm.is_none() {
        words.push(key.error.as_ref().map_or("not opened".to_owned(), |error| error.message.clone()));
    }
    match key.fits_certificate {
        Some(true) => words.push("fits its certificate".to_owned()),
        Some(false) => words.push("does NOT fit its certificate".to_owned()),
        None => {}
    }
    lines.push(("key", words.join(", ")));
    if matches!(kind, "private-key" | "secret-key") {
        let how = key.encryption.as_ref().map_or_else(|| "NOT encrypted".to_owned(), readers::describe);
        lines.push(("stored", how));
    }
    if let Some(sha256) = &key.pkcs8_sha256 {
        lines.push(("pkcs8", format!("sha256 {sha256}")));
    }
    if let Some(sha256) = &key.spki_sha256 {
        lines.push(("spki", format!("sha256 {sha256}")));
    }
    lines
}

fn certificate(certificate: &InspectedCertificate) -> String {
    let mut out = block(&certificate.certificate, "    ");
    let _ = writeln!(out, "    {:<9}{}", "sha1", certificate.sha1);
    if let Some(serial) = &certificate.certificate.serial {
        let _ = writeln!(out, "    {:<9}{serial}", "serial");
    }
    if let Some(usage) = &certificate.key_usage {
        let _ = writeln!(out, "    {:<9}{}", "usage", usage.join(", "));
    }
    if let Some(purposes) = &certificate.extended_key_usage {
        let _ = writeln!(out, "    {:<9}{}", "purposes", clean(&purposes.join(", ")));
    }
    out
}
