//! The store of an identity: what is in it, and who can read it.

use std::collections::HashSet;

use super::{StorePassword, Subject, World, quoted};
use crate::model::key_store::{Entry, EntryKind, Hidden};
use crate::model::{Certificate, EncodedCertificate, Fingerprint};
use crate::report::finding::{FindingId, Severity};
use crate::report::identity_check::{IdentityFinding, IdentityRepair};
use crate::report::inspect::Reads;

/// As many trusted CAs, none of them in the path of an identity, make a store a trust store.
const CAS_OF_A_TRUST_STORE: usize = 3;

pub(super) fn find(subject: &Subject<'_>, world: &World<'_>) -> Vec<IdentityFinding> {
    let mut findings = readers(subject, world);
    let entries = subject.store.entries();
    let hidden: Vec<&Entry<'_>> = entries
        .iter()
        .filter(|entry| entry.kind == EntryKind::PrivateKey && subject.asks_for(&entry.alias))
        .filter(|entry| entry.hidden.is_some())
        .collect();
    findings.extend(hidden.iter().filter_map(|entry| hidden_key(subject, entry)));
    if subject.identities.is_empty() {
        findings.push(nothing_to_send(&entries));
    } else {
        findings.extend(in_trust_store(subject, &entries));
    }
    findings
}

/// Which JVMs read the file at all.
fn readers(subject: &Subject<'_>, world: &World<'_>) -> Vec<IdentityFinding> {
    let mut findings = Vec::new();
    let repair = |old_java, new_password| IdentityRepair::Convert { old_java, new_password };
    if subject.password == StorePassword::NotForJava {
        // com.sun.crypto.provider.PBEKey: 0x20 to 0x7e.
        let message = "the password of the store has other characters than printable ASCII: Java 17 opens no PKCS12 \
                       file with it";
        let finding = IdentityFinding::of_store(FindingId::NonAsciiPassword, Severity::Error, message);
        findings.push(finding.repaired_by(repair(false, true)));
    }
    let java17 = &subject.readers.java17;
    let what = match java17.reads {
        Reads::All => None,
        Reads::ButKeys => Some("cannot open every key"),
        Reads::Nothing => Some("cannot load the store"),
    };
    if let Some(what) = what {
        let message = format!("OpenJDK 17 {what}: {}", java17.reasons.join("; "));
        let finding = IdentityFinding::of_store(FindingId::UnreadableByJava, Severity::Error, message);
        // The same certificates would go along into another store.
        let stays =
            subject.store.entries().iter().any(|entry| entry.chain.iter().any(|link| no_jvm_reads(link)));
        findings.push(if stays { finding } else { finding.repaired_by(repair(false, false)) });
    }
    let java8 = &subject.readers.java8;
    if java8.reads != Reads::All && java17.reads != Reads::Nothing {
        let severity = if world.old_java { Severity::Error } else { Severity::Info };
        let message =
            format!("Java 8 before 8u301 cannot load the store: {} (not measured)", java8.reasons.join("; "));
        let finding = IdentityFinding::of_store(FindingId::UnreadableByOldJava, severity, message);
        findings.push(finding.repaired_by(repair(true, false)));
    }
    findings
}

fn no_jvm_reads(certificate: &EncodedCertificate) -> bool {
    certificate.read().is_ok_and(|certificate| certificate.java_reads().is_err())
}

/// Keys that `PKCS12KeyStore` and `JavaKeyStore` do not show. One whose place another entry has taken is told with
/// the aliases.
fn hidden_key(subject: &Subject<'_>, entry: &Entry<'_>) -> Option<IdentityFinding> {
    let alias = &entry.alias;
    let convert = || IdentityRepair::Convert { old_java: false, new_password: false };
    let (why, repair) = match entry.hidden? {
        Hidden::PlainKeyBag => {
            ("it is not encrypted (a key bag, where Java reads shrouded ones)", Some(convert()))
        }
        Hidden::NoLocalKeyId => ("it has no localKeyID, and the file holds several keys", None),
        Hidden::UnsupportedBag => ("it stands in a bag of a type that Java passes over", Some(convert())),
        Hidden::Capitals => (
            "its alias has capitals, and lookups are in small letters",
            Some(IdentityRepair::Rename { alias: alias.clone(), to: alias.to_lowercase() })
                .filter(|_| subject.store.entries().iter().all(|other| other.alias != alias.to_lowercase())),
        ),
        Hidden::NoTrustAttribute | Hidden::Shadowed => return None,
    };
    let severity = if subject.identities.is_empty() { Severity::Error } else { Severity::Warning };
    let message = format!("Java does not show the private key {}: {why}", quoted(alias));
    let mut finding = IdentityFinding::of_entry(alias, FindingId::HiddenKey, severity, message);
    finding.repair = repair;
    Some(finding)
}

fn nothing_to_send(entries: &[Entry<'_>]) -> IdentityFinding {
    const SENT: &str = "a JVM with it sends no certificate";
    let trusted = entries.iter().filter(|entry| entry.kind == EntryKind::TrustedCertificate).count();
    let hidden = entries.iter().filter(|entry| entry.kind == EntryKind::PrivateKey).count();
    let (id, message) = if entries.is_empty() {
        (FindingId::EmptyStore, format!("the store is empty: {SENT}"))
    } else if trusted == entries.len() {
        let message = format!(
            "the store holds {} and no private key: it is a trust store, and {SENT}",
            counted(trusted, "trusted certificate")
        );
        (FindingId::OnlyTrusted, message)
    } else if hidden > 0 {
        (FindingId::NoIdentity, format!("no private key of the store is shown by Java: {SENT}"))
    } else {
        let message =
            format!("the store holds {}, and no private key: {SENT}", counted(entries.len(), "entry"));
        (FindingId::NoIdentity, message)
    };
    IdentityFinding::of_store(id, Severity::Error, message)
}

fn counted(number: usize, noun: &str) -> String {
    match (number, noun) {
        (1, noun) => format!("1 {noun}"),
        (number, "entry") => format!("{number} entries"),
        (number, noun) => format!("{number} {noun}s"),
    }
}

/// A trust store is handed out to whoever needs it, and its password is everybody's.
fn in_trust_store(subject: &Subject<'_>, entries: &[Entry<'_>]) -> Option<IdentityFinding> {
    let chains = || subject.identities.iter().flat_map(|identity| &identity.chain);
    let own: HashSet<Fingerprint> = chains().map(Certificate::fingerprint).collect();
    let issuers: HashSet<&str> = chains().map(|below| below.issuer().canonical()).collect();
    let foreign = entries
        .iter()
        .filter(|entry| entry.kind == EntryKind::TrustedCertificate && entry.hidden.is_none())
        .filter_map(|entry| entry.chain.first()?.read().ok())
        .filter(|certificate| certificate.is_ca() || certificate.is_self_issued())
        .filter(|ca| !own.contains(&ca.fingerprint()) && !issuers.contains(ca.subject().canonical()))
        .count();
    let identity = subject.identities.iter().find(|identity| subject.asks_for(&identity.alias))?;
    if foreign < CAS_OF_A_TRUST_STORE {
        return None;
    }
    let alias = &identity.alias;
    let message = format!(
        "the private key {} stands in what looks like a trust store, with {}: whoever gets the trust store gets the \
         key, and a JVM that trusts by it trusts the key's certificate too",
        quoted(alias),
        counted(foreign, "trusted CA")
    );
    let finding = IdentityFinding::of_entry(alias, FindingId::KeyInTrustStore, Severity::Warning, message);
    Some(finding.repaired_by(IdentityRepair::Separate { alias: alias.clone() }))
}
