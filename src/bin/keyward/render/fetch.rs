//! `fetch` as text.

use std::fmt::Write as _;

use keyward::report::client_auth::{ClientAuth, Numbered};
use keyward::report::fetch::{FetchedTarget, PathReport};

use super::certificate::{block, clean};

/// One target with its chain. A target without one is for stderr and gives no text here.
pub(crate) fn target(target: &FetchedTarget) -> String {
    if !target.ok {
        return String::new();
    }
    let mut out = clean(&target.target);
    if let Some(session) = &target.session {
        let agreed =
            [&session.starttls, &session.protocol, &session.cipher_suite, &session.group, &session.alpn];
        for part in agreed.into_iter().flatten() {
            let _ = write!(out, "  {}", clean(part));
        }
        let _ = write!(out, "  {} ms", session.milliseconds);
        if let Some(proxy) = &session.proxy {
            let _ = write!(out, "  through {}", clean(proxy));
        }
    }
    out.push('\n');
    for (number, certificate) in target.chain.iter().enumerate() {
        let _ = write!(out, "{number:>2}  {}", block(certificate, "    "));
    }
    if let Some(session) = &target.session {
        out.push_str(client_certificate(session.client_certificate));
        out.push_str(&client_auth(&session.client_auth));
        if let Some(path) = &session.path {
            out.push_str(&path_answer(path));
        }
        if session.reading == "plaintext" {
            let why = session.handshake_error.as_ref().map(|error| format!(" ({})", clean(&error.message)));
            let why = why.unwrap_or_default();
            let _ = writeln!(out, "    read in the clear, without a handshake{why}");
            out.push_str("    the server's possession of the key was not proved\n");
        } else if !session.key_proved {
            out.push_str("    the server did not prove that it holds the key of this certificate\n");
        }
        if let Some(ended) = &session.ended {
            let _ = writeln!(out, "    after the chain: {}", clean(&ended.message));
        }
    }
    out
}

/// A line where the server wants a client certificate.
pub(crate) fn client_certificate(wanted: &str) -> &'static str {
    match wanted {
        "required" => "    the server demands a client certificate\n",
        "optional" => "    the server asks for a client certificate, and goes on without one\n",
        "requested" => "    the server asks for a client certificate\n",
        _ => "",
    }
}

/// What the server asks of a client's certificate, where it asks.
pub(crate) fn client_auth(asked: &ClientAuth) -> String {
    let mut out = String::new();
    if let Some(unread) = &asked.unread {
        let _ = writeln!(out, "      its request could not be read: {}", clean(unread));
    }
    if !asked.types.is_empty() {
        let _ = writeln!(out, "      types: {}", names(&asked.types));
    }
    for (label, list) in [
        ("signature algorithms", &asked.signature_algorithms),
        ("signature algorithms in certificates", &asked.signature_algorithms_cert),
    ] {
        if let Some(list) = list {
            let _ = writeln!(out, "      {label}: {}", names(list));
        }
    }
    if asked.version.is_some() {
        match asked.authorities.len() {
            0 => out.push_str("      issued by: any authority\n"),
            count => {
                let _ = writeln!(out, "      issued by one of {count}:");
            }
        }
        for authority in &asked.authorities {
            let name = authority.name.as_deref().unwrap_or("a name that cannot be read");
            let _ = writeln!(out, "        {}", clean(name));
        }
    }
    if !asked.oid_filters.is_empty() {
        let _ = writeln!(out, "      with certain extensions: {}", asked.oid_filters.len());
    }
    out
}

pub(crate) fn names(list: &[Numbered]) -> String {
    let names = list.iter().map(|one| one.name.clone().unwrap_or_else(|| format!("{:#06x}", one.id)));
    names.collect::<Vec<_>>().join(", ")
}

fn path_answer(path: &PathReport) -> String {
    let mut out = match path.new_handshake {
        Some(true) => "    after the request the server asks for a new handshake, as servers do that want a client \
                       certificate for a path\n"
            .to_owned(),
        Some(false) => "    no client certificate is asked for after the request\n".to_owned(),
        None => "    whether a client certificate is asked for after the request cannot be seen: the server speaks \
                 TLS 1.3 only\n"
            .to_owned(),
    };
    if let Some(status) = path.status {
        let _ = writeln!(out, "    the answer to the request has the status {status}");
    }
    if let Some(ended) = &path.ended {
        let _ = writeln!(out, "    after the request: {}", clean(&ended.message));
    }
    out
}
