//! `identity listen` as text.

use std::fmt::Write as _;

use anstyle::AnsiColor;
use keyward::report::identity_listen::{ConnectionReport, ListeningReport};

use super::certificate::{block, clean};
use super::{fetch, verify};
use crate::output::Output;

/// Where clients may come, and what they are asked.
pub(crate) fn listening(report: &ListeningReport) -> String {
    let mut out = format!("listening at {}, {}", report.address, report.protocols.join(" and "));
    if let Some(like) = &report.like {
        let _ = write!(out, ", like {}", clean(like));
    }
    out.push('\n');
    for asked in &report.client_auth {
        let version = if asked.version == Some(0x0304) { "TLSv1.3" } else { "TLSv1.2" };
        let insists = if asked.status == "required" { "demands" } else { "asks for" };
        let _ = writeln!(out, "    on {version} it {insists} a client certificate");
        out.push_str(&fetch::client_auth(asked));
    }
    for difference in &report.differences {
        let _ = writeln!(out, "    {}", clean(difference));
    }
    if let Some(file) = &report.ca_file {
        let _ = writeln!(out, "    clients have to trust {}", clean(file));
    }
    out
}

/// One client.
pub(crate) fn connection(report: &ConnectionReport, output: &Output) -> String {
    let mut out = format!("{}  {}", report.number, report.peer);
    for part in [&report.protocol, &report.cipher_suite].into_iter().flatten() {
        let _ = write!(out, "  {}", clean(part));
    }
    if let Some(sni) = &report.sni {
        let _ = write!(out, "  for {}", clean(sni));
    }
    if !report.alpn.is_empty() {
        let _ = write!(out, "  offers {}", clean(&report.alpn.join(", ")));
    }
    out.push('\n');
    if !report.signature_algorithms.is_empty() {
        let _ = writeln!(out, "    signature algorithms: {}", fetch::names(&report.signature_algorithms));
    }
    let bytes = report.bytes.unwrap_or_default();
    match report.certificate {
        "chain" => {
            let count = report.chain.len();
            let noun = if count == 1 { "certificate" } else { "certificates" };
            let sent = output.paint("sent", AnsiColor::Green);
            let _ = writeln!(out, "    {sent}: {count} {noun}, {bytes} bytes");
            for (number, certificate) in report.chain.iter().enumerate() {
                let _ = write!(out, "  {number:>2}  {}", block(certificate, "      "));
            }
            match report.key_proof {
                "failed" => out.push_str("    the client does not hold the key of this certificate\n"),
                "not-judged" => out.push_str("    whether the client holds the key cannot be judged\n"),
                _ => {}
            }
            if report.issuer_listed == Some(false) {
                out.push_str("    no certificate of it is issued by an authority that was listed\n");
            }
        }
        "none" => {
            let nothing = output.paint("nothing sent", AnsiColor::Yellow);
            let _ = writeln!(
                out,
                "    {nothing}: a Certificate message of length 0 ({bytes} bytes with its header)"
            );
        }
        _ => out.push_str("    no certificate was seen\n"),
    }
    for verdict in &report.verdicts {
        out.push_str(&verify::line(verdict, output));
    }
    if let Some(ended) = &report.ended {
        let _ = writeln!(out, "    {}", clean(&ended.message));
        if ended.id == "tls-alert" && report.certificate == "unknown" {
            out.push_str(
                "    a client that does not trust this server ends so; give it the file of --write-ca\n",
            );
        }
    }
    out
}
