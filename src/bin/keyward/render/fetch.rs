//! `fetch` as text.

use std::fmt::Write as _;

use keyward::report::fetch::FetchedTarget;

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
        if !session.key_proved {
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
