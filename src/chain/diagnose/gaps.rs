//! What the chain lacks: intermediates that were not sent, and the root in a trust store.

use super::super::path::PathEnd;
use super::assembly::{Assembly, is_self_signed_leaf};
use super::{called, listed};
use crate::model::Certificate;
use crate::report::finding::{Finding, FindingId, Repair, Severity};

pub(super) fn find(assembly: &Assembly<'_>, findings: &mut Vec<Finding>) {
    if is_self_signed_leaf(assembly) {
        self_signed(assembly, findings);
        return;
    }
    leaf_pinned(assembly, findings);
    missing_intermediates(assembly, findings);
    let Some(last) = assembly.path.certificates.last() else { return };
    match &assembly.path.end {
        PathEnd::Anchor | PathEnd::UntrustedRoot => missing_root(assembly, last, findings),
        PathEnd::NoIssuer if last.is_ca() => unknown_root(assembly, last, findings),
        PathEnd::NoIssuer => unknown_intermediate(assembly, last, findings),
        PathEnd::BadSignature { issuer } => {
            let message = format!(
                "{} says that {} issued it, but the key of the certificate of that name ({}) did not sign it",
                called(last),
                called(issuer),
                place(assembly, issuer),
            );
            findings.push(Finding::new(FindingId::BadSignature, Severity::Error, Some(last), message));
        }
        PathEnd::NotAdmitted => {
            let message = format!("the issuers of {} certify each other and lead to no root", called(last));
            findings.push(Finding::new(FindingId::MissingRoot, Severity::Error, Some(last), message));
        }
        PathEnd::TooLong => {
            let message = format!(
                "no root within {} certificates above {}",
                crate::limits::PATH_LENGTH,
                called(&assembly.leaf)
            );
            findings.push(Finding::new(FindingId::PathTooLong, Severity::Error, Some(last), message));
        }
    }
}

fn self_signed(assembly: &Assembly<'_>, findings: &mut Vec<Finding>) {
    let stores = reproached(assembly);
    if stores.is_empty() {
        return;
    }
    let message = format!(
        "{} is self-signed, and {} to trust it",
        called(&assembly.leaf),
        if let [store] = stores.as_slice() {
            format!("{store} has no entry")
        } else {
            format!("none of {} has an entry", listed(&stores))
        },
    );
    let repair = Repair::TrustLeaf {
        certificate: assembly.leaf.clone(),
        stores: stores.iter().map(|&store| store.to_owned()).collect(),
    };
    let finding = Finding::new(FindingId::SelfSigned, Severity::Error, Some(&assembly.leaf), message);
    findings.push(finding.with_repair(Some(repair)));
}

/// Trust that ends with the server's next certificate.
fn leaf_pinned(assembly: &Assembly<'_>, findings: &mut Vec<Finding>) {
    let [leaf] = assembly.path.certificates.as_slice() else { return };
    let Some(store) = assembly.anchor().and_then(|anchor| assembly.trusting(anchor)) else { return };
    let message = format!(
        "{} trusts {} itself, not its issuer: that ends when the server gets another certificate, on {} at the latest",
        store.label,
        called(leaf),
        leaf.not_after().date()
    );
    findings.push(Finding::new(FindingId::LeafPinned, Severity::Info, Some(leaf), message));
}

/// The stores whose lack of an anchor is a finding.
fn reproached<'a>(assembly: &Assembly<'a>) -> Vec<&'a str> {
    let lacking = assembly.lacking();
    if assembly.world.asked.is_empty() && lacking.len() < assembly.anchored.len() {
        return Vec::new();
    }
    lacking
}

/// Links of the path that a client would not have.
fn missing_intermediates(assembly: &Assembly<'_>, findings: &mut Vec<Finding>) {
    let path = &assembly.path.certificates;
    for (below, certificate) in path.iter().zip(path.iter().skip(1)) {
        let is_anchor = assembly.anchor() == Some(certificate);
        let is_root = certificate.is_self_issued();
        if is_root || assembly.was_sent(certificate) {
            continue;
        }
        let (severity, rest) = if is_anchor {
            let store = assembly.trusting(certificate).map_or("a trust store", |store| store.label);
            let asked = assembly.world.asked;
            // Whoever asks about these stores alone has nothing to fear.
            let all_have_it =
                !asked.is_empty() && asked.iter().all(|store| store.certificates.contains(certificate));
            let severity = if all_have_it { Severity::Info } else { Severity::Warning };
            (severity, format!("{store} has it itself, so its clients do not mind; others fail"))
        } else {
            let origin = assembly.origin(certificate).unwrap_or("elsewhere");
            (Severity::Error, format!("it was found at {origin}"))
        };
        let message = format!(
            "the intermediate {}, which issued {}, was not sent; {rest}",
            called(certificate),
            called(below)
        );
        findings.push(
            Finding::new(FindingId::MissingIntermediate, severity, Some(certificate), message)
                .with_repair(send_chain(assembly)),
        );
    }
}

/// The repaired path as a server should send it, where all of it is known.
pub(super) fn send_chain(assembly: &Assembly<'_>) -> Option<Repair> {
    let path = &assembly.path.certificates;
    let complete = matches!(assembly.path.end, PathEnd::Anchor | PathEnd::UntrustedRoot);
    let certificates: Vec<Certificate> = path
        .iter()
        .enumerate()
        .filter(|(i, c)| *i == 0 || !c.is_self_issued())
        .map(|(_, c)| c.clone())
        .collect();
    complete.then_some(Repair::SendChain { certificates })
}

/// The root is known; some store may lack it.
fn missing_root(assembly: &Assembly<'_>, root: &Certificate, findings: &mut Vec<Finding>) {
    let stores = reproached(assembly);
    // The path of another store may end below the root.
    let root = if root.is_self_issued() { root } else { &root_above(assembly, root) };
    let known = assembly.trusting(root).map(|store| store.label);
    let found = match (known, assembly.was_sent(root)) {
        (Some(label), _) => format!("; {label} has it"),
        (None, true) => "; the server sent it, which vouches for nothing".to_owned(),
        (None, false) => assembly.origin(root).map_or_else(String::new, |o| format!("; it was found at {o}")),
    };
    let subject = format!("the root {}, which the chain of {} needs", called(root), called(&assembly.leaf));
    if assembly.world.asked.is_empty() {
        if !stores.is_empty() {
            let message = format!("{subject}, is in none of {}{found}", listed(&stores));
            let finding = Finding::new(FindingId::MissingRoot, Severity::Error, Some(root), message);
            let store = stores.first().map(|&store| store.to_owned()).unwrap_or_default();
            findings.push(finding.with_repair(Some(Repair::TrustRoot { certificate: root.clone(), store })));
        }
        return;
    }
    for store in stores {
        let message = format!("{subject}, is not in {store}{found}");
        let finding = Finding::new(FindingId::MissingRoot, Severity::Error, Some(root), message);
        let repair = Repair::TrustRoot { certificate: root.clone(), store: store.to_owned() };
        findings.push(finding.with_repair(Some(repair)));
    }
}

/// The self-signed certificate above an anchor that is an intermediate, where a store or the chain has it.
fn root_above(assembly: &Assembly<'_>, anchor: &Certificate) -> Certificate {
    let stores = assembly.world.asked.iter().chain(assembly.world.known).chain(assembly.world.pool);
    let all = stores.flat_map(|store| store.certificates).chain(assembly.presented);
    all.into_iter().find(|c| c.is_self_issued() && c.subject() == anchor.issuer()).unwrap_or(anchor).clone()
}

/// The chain ends at a CA whose issuer nobody knows: that issuer is most likely a private root.
fn unknown_root(assembly: &Assembly<'_>, last: &Certificate, findings: &mut Vec<Finding>) {
    let issuer = format!("\"{}\"", last.issuer().short());
    let asked = attempted(assembly, last);
    let stores: Vec<&str> = assembly.anchored.iter().map(|(label, _)| *label).collect();
    let message = |stores: &str| {
        format!(
            "the chain of {} ends at {}; its issuer {issuer}, most likely the root, {stores}{asked}",
            called(&assembly.leaf),
            called(last),
        )
    };
    let mut push =
        |text| findings.push(Finding::new(FindingId::MissingRoot, Severity::Error, Some(last), text));
    if assembly.world.asked.is_empty() {
        push(message(&if stores.is_empty() {
            "was not found".to_owned()
        } else {
            format!("is in none of {}", listed(&stores))
        }));
        return;
    }
    for store in stores {
        push(message(&format!("is not in {store}")));
    }
}

/// The chain ends at the server's certificate: whether a root or an intermediate issued it, it lacks.
fn unknown_intermediate(assembly: &Assembly<'_>, leaf: &Certificate, findings: &mut Vec<Finding>) {
    let message = format!(
        "\"{}\", which issued {}, was not sent and was not found in any given store or file{}",
        leaf.issuer().short(),
        called(leaf),
        attempted(assembly, leaf),
    );
    findings.push(Finding::new(FindingId::MissingIntermediate, Severity::Error, Some(leaf), message));
}

/// What became of the addresses that a certificate names for its issuer.
fn attempted(assembly: &Assembly<'_>, certificate: &Certificate) -> String {
    let attempts = assembly.attempts.get(&certificate.fingerprint()).map_or(&[][..], Vec::as_slice);
    let told: Vec<String> = attempts
        .iter()
        .map(|attempt| match &attempt.outcome {
            Ok(0) => format!("{} gave no certificate", attempt.address),
            Ok(_) => format!("{} gave a certificate that is not the issuer's", attempt.address),
            Err(error) => format!("{}: {error}", attempt.address),
        })
        .collect();
    match (told.is_empty(), certificate.ca_issuers().is_empty()) {
        (false, _) => format!("; {}", told.join("; ")),
        (true, true) => "; it names no address where its issuer could be had".to_owned(),
        (true, false) => format!("; not asked: {}", certificate.ca_issuers().join(", ")),
    }
}

/// Where a certificate is, for a message.
fn place(assembly: &Assembly<'_>, certificate: &Certificate) -> String {
    if assembly.was_sent(certificate) {
        "sent by the server".to_owned()
    } else {
        format!("from {}", assembly.origin(certificate).unwrap_or("elsewhere"))
    }
}
