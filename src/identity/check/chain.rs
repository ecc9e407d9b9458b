//! The chain of an identity: complete, in order, without strangers, without a root.

use std::collections::{HashMap, HashSet};

use super::certificate::{Suits, suits, too_small_for_java};
use super::{Subject, World, quoted};
use crate::chain::budget::Budget;
use crate::chain::completion::complete;
use crate::chain::diagnose::{called, listed};
use crate::chain::issuers::{IssuerSource, NoIssuers};
use crate::chain::path::{Candidates, Path, PathEnd};
use crate::chain::signature::is_self_signed;
use crate::identity::Identity;
use crate::model::key_store::EntryKind;
use crate::model::{Certificate, EncodedCertificate, Fingerprint, KeyStore};
use crate::report::finding::{FindingId, Severity};
use crate::report::identity_check::{IdentityFinding, IdentityRepair};

/// What the chains of one store are held against.
pub(super) struct Survey<'a> {
    store: &'a KeyStore,
    world: &'a World<'a>,
    budget: &'a mut Budget,
    issuers: &'a mut dyn IssuerSource,
    entries: HashMap<String, Vec<&'a EncodedCertificate>>,
    roots: Candidates,
    /// What is no chain's own: certificates of the pool, and those that stand by themselves in the store.
    others: Vec<Certificate>,
}

impl<'a> Survey<'a> {
    pub(super) fn new(
        subject: &Subject<'a>,
        world: &'a World<'a>,
        budget: &'a mut Budget,
        issuers: &'a mut dyn IssuerSource,
    ) -> Self {
        let mut entries = HashMap::new();
        let mut others = world.pool.to_vec();
        for entry in subject.store.entries() {
            match entry.kind {
                EntryKind::PrivateKey if entry.hidden.is_none() => {
                    entries.insert(entry.alias, entry.chain);
                }
                EntryKind::TrustedCertificate | EntryKind::Certificate => {
                    others.extend(entry.chain.first().and_then(|encoded| encoded.read().ok()));
                }
                _ => {}
            }
        }
        let roots = world.roots.iter().collect();
        Self { store: subject.store, world, budget, issuers, entries, roots, others }
    }
}

/// The certificate of the key: the first that it fits. Where there is none, the first of the chain, unless that issued
/// another: then the first that issued none.
pub(super) fn end_entity(identity: &Identity) -> Option<&Certificate> {
    let chain = &identity.chain;
    let key = identity.key.key();
    let fits = |certificate: &&Certificate| key.is_some_and(|key| key.fits(certificate) == Some(true));
    let issued_none = |certificate: &&Certificate| {
        chain.iter().all(|other| other == *certificate || other.issuer() != certificate.subject())
    };
    let first = chain.first();
    chain
        .iter()
        .find(fits)
        .or_else(|| first.filter(issued_none))
        .or_else(|| chain.iter().find(issued_none))
        .or(first)
}

pub(super) fn find(
    identity: &Identity,
    survey: &mut Survey<'_>,
    findings: &mut Vec<IdentityFinding>,
    not_judged: &mut Vec<String>,
) {
    unreadable(identity, survey, findings);
    let Some(leaf) = end_entity(identity) else {
        let message = format!(
            "the key {} has no certificate: JVMs pass it over and send nothing",
            quoted(&identity.alias)
        );
        let id = FindingId::EmptyChain;
        findings.push(IdentityFinding::of_entry(&identity.alias, id, Severity::Error, message));
        return;
    };
    if is_self_signed(leaf) {
        self_signed(identity, leaf, findings);
        return;
    }
    let path = path(identity, leaf, survey);
    let rebuild = || IdentityRepair::Rebuild { alias: identity.alias.clone(), apart: false };
    gaps(identity, leaf, &path, findings, not_judged);
    let related = related(identity, leaf, &path, survey.budget);
    order(identity, leaf, &path, &related, findings);
    let mut seen = HashSet::new();
    for certificate in &identity.chain {
        if !seen.insert(certificate.fingerprint()) {
            let message = format!("{} stands in the chain more than once", called(certificate));
            let id = FindingId::DuplicateCertificate;
            let finding = IdentityFinding::of_entry(&identity.alias, id, Severity::Info, message);
            findings.push(finding.at(certificate).repaired_by(rebuild()));
        } else if !related.contains(&certificate.fingerprint()) {
            stranger(identity, certificate, &path, findings);
        } else if certificate != leaf && is_self_signed(certificate) {
            root(identity, certificate, survey.store, findings);
        }
    }
}

/// A JVM that cannot read one certificate loads nothing of the store.
fn unreadable(identity: &Identity, survey: &Survey<'_>, findings: &mut Vec<IdentityFinding>) {
    let stored = survey.entries.get(&identity.alias).into_iter().flatten();
    for (number, encoded) in stored.enumerate() {
        if let Err(error) = encoded.read() {
            let message = format!(
                "certificate {} in the chain of {} cannot be read: {error}; a JVM that cannot read it either loads \
                 nothing of the store",
                number.saturating_add(1),
                quoted(&identity.alias)
            );
            let id = FindingId::UnreadableCertificate;
            let mut finding = IdentityFinding::of_entry(&identity.alias, id, Severity::Error, message);
            finding.finding.certificate = Some(encoded.fingerprint());
            findings.push(finding);
        }
    }
}

/// The placeholder that `keytool -genkeypair` makes, or a certificate that the server was given by hand.
fn self_signed(identity: &Identity, leaf: &Certificate, findings: &mut Vec<IdentityFinding>) {
    let message = format!(
        "{} is self-signed: no CA has issued it yet, or the server must have been given this very certificate",
        called(leaf)
    );
    let id = FindingId::SelfSigned;
    findings.push(IdentityFinding::of_entry(&identity.alias, id, Severity::Warning, message).at(leaf));
}

/// The path from the end entity, within the chain where that leads to a root, else with all that can be had.
fn path(identity: &Identity, leaf: &Certificate, survey: &mut Survey<'_>) -> Path {
    let mut own: Candidates = identity.chain.iter().collect();
    let nothing = |_: &Certificate, _: &_| {};
    let now = survey.world.now;
    let (nobody, mut offline) = (Candidates::default(), NoIssuers);
    let within = complete(leaf, &nobody, &mut own, now, &mut offline, survey.budget, nothing);
    if within.end == PathEnd::UntrustedRoot {
        return within;
    }
    for certificate in &survey.others {
        own.insert(certificate);
    }
    complete(leaf, &survey.roots, &mut own, now, survey.issuers, survey.budget, nothing)
}

/// Issuers that the chain lacks. Whether what it ends with was issued by a root is known only where the root is.
fn gaps(
    identity: &Identity,
    leaf: &Certificate,
    path: &Path,
    findings: &mut Vec<IdentityFinding>,
    not_judged: &mut Vec<String>,
) {
    let alias = &identity.alias;
    let rebuild = || IdentityRepair::Rebuild { alias: alias.clone(), apart: false };
    let is_anchor = |i: usize| path.end == PathEnd::Anchor && i.saturating_add(1) == path.certificates.len();
    let missing: Vec<&Certificate> = path
        .certificates
        .iter()
        .enumerate()
        .filter(|(i, passed)| !identity.chain.contains(passed) && !is_anchor(*i) && !is_self_signed(passed))
        .map(|(_, passed)| passed)
        .collect();
    if let Some(first) = missing.first() {
        let names: Vec<String> = missing.iter().map(|certificate| called(certificate)).collect();
        let message = format!(
            "the chain of {} lacks {}: a JVM sends nothing to a server that lists only CAs above, and servers that \
             lack it too refuse what is sent",
            quoted(alias),
            listed(&names)
        );
        let finding =
            IdentityFinding::of_entry(alias, FindingId::MissingIntermediate, Severity::Error, message);
        findings.push(finding.at(first).repaired_by(rebuild()));
    }
    let Some(last) = path.certificates.last() else { return };
    match &path.end {
        PathEnd::BadSignature { issuer } => {
            let message = format!(
                "{} says that {} issued it, but the key of the certificate of that name did not sign it: servers find \
                 no path",
                called(last),
                called(issuer)
            );
            let finding = IdentityFinding::of_entry(alias, FindingId::BadSignature, Severity::Error, message);
            findings.push(finding.at(last));
        }
        PathEnd::NoIssuer if last == leaf => {
            let message = format!(
                "the chain of {} is only the certificate {}, and its issuer \"{}\" is not at hand: unless that is a \
                 root, the chain is incomplete, and a JVM sends nothing to a server that lists only the root; \
                 give the issuers' certificates with --untrusted",
                quoted(alias),
                called(leaf),
                leaf.issuer().short()
            );
            let id = FindingId::MissingIntermediate;
            findings.push(IdentityFinding::of_entry(alias, id, Severity::Warning, message).at(leaf));
        }
        PathEnd::NoIssuer => not_judged.push(format!(
            "whether \"{}\", which issued the last certificate in the chain of {}, is a root: it is not at hand",
            last.issuer().short(),
            quoted(alias)
        )),
        PathEnd::NotAdmitted | PathEnd::TooLong => not_judged.push(format!(
            "whether the chain of {} is complete: its issuers lead to no root",
            quoted(alias)
        )),
        PathEnd::Anchor | PathEnd::UntrustedRoot => {}
    }
}

/// Everything in the chain from which a line of issued certificates leads down to the end entity.
fn related(
    identity: &Identity,
    leaf: &Certificate,
    path: &Path,
    budget: &mut Budget,
) -> HashSet<Fingerprint> {
    let mut related = HashSet::from([leaf.fingerprint()]);
    let mut frontier: Vec<&Certificate> = path.certificates.iter().collect();
    frontier.push(leaf);
    while let Some(below) = frontier.pop() {
        for certificate in &identity.chain {
            if certificate.subject() == below.issuer()
                && !related.contains(&certificate.fingerprint())
                && budget.issued(below, certificate)
            {
                related.insert(certificate.fingerprint());
                frontier.push(certificate);
            }
        }
    }
    related
}

/// A JVM sends a chain of JKS as it stands, and takes the first certificate for the key's own; that of PKCS12 it puts
/// in order by itself (`PKCS12KeyStore.engineLoad`).
fn order(
    identity: &Identity,
    leaf: &Certificate,
    path: &Path,
    related: &HashSet<Fingerprint>,
    findings: &mut Vec<IdentityFinding>,
) {
    let mut push = |severity, at: &Certificate, message| {
        let finding = IdentityFinding::of_entry(&identity.alias, FindingId::WrongOrder, severity, message);
        let repair = IdentityRepair::Rebuild { alias: identity.alias.clone(), apart: false };
        findings.push(finding.at(at).repaired_by(repair));
    };
    let Some(first) = identity.chain.first() else { return };
    if first != leaf {
        let message = format!(
            "the chain of {} begins with {}, but the key belongs to {}, which must come first: JVMs take the first \
             certificate for the key's own, and the handshake fails",
            quoted(&identity.alias),
            called(first),
            called(leaf)
        );
        return push(Severity::Error, first, message);
    }
    let above_leaf = |issuer: &Certificate| {
        path.certificates.iter().position(|passed| passed == issuer).filter(|_| issuer != leaf)
    };
    let mut reached = 0;
    for certificate in identity.chain.iter().skip(1).filter(|c| related.contains(&c.fingerprint())) {
        let Some(position) = above_leaf(certificate) else { continue };
        if position < reached {
            let message = format!(
                "{} stands behind certificates that it did not issue; it belongs before them, and some servers take \
                 the order as it comes and fail",
                called(certificate)
            );
            return push(Severity::Warning, certificate, message);
        }
        reached = position;
    }
}

fn stranger(
    identity: &Identity,
    certificate: &Certificate,
    path: &Path,
    findings: &mut Vec<IdentityFinding>,
) {
    if matches!(&path.end, PathEnd::BadSignature { issuer } if issuer == certificate) {
        return;
    }
    let message = format!(
        "{} stands in the chain of {}, but issued nothing in it; it is sent along, its issuer counts where a JVM looks \
         for the CAs that a server lists, and strict servers refuse it",
        called(certificate),
        quoted(&identity.alias)
    );
    let id = FindingId::UnrelatedCertificate;
    let finding = IdentityFinding::of_entry(&identity.alias, id, Severity::Warning, message).at(certificate);
    findings
        .push(finding.repaired_by(IdentityRepair::Rebuild { alias: identity.alias.clone(), apart: false }));
}

/// `X509KeyManagerImpl.conformsToAlgorithmConstraints` looks at every certificate of the chain, the root included.
fn root(identity: &Identity, root: &Certificate, store: &KeyStore, findings: &mut Vec<IdentityFinding>) {
    let reason = match suits(root) {
        Suits::Retired(name) => Some(format!(
            "it is signed with {name}, and PKIX sends nothing to a server that does not list SHA-1, as OpenSSL's do \
             not; SunX509 sends it"
        )),
        Suits::Never(name) => Some(format!(
            "it is signed with {name}, which no server lists, and PKIX sends nothing; SunX509 sends it"
        )),
        Suits::Usual => too_small_for_java(root).map(|least| {
            format!(
                "its key is {}, JVMs have less than {least} bit disabled, and PKIX sends nothing",
                root.key()
            )
        }),
    };
    let alias = &identity.alias;
    let (severity, message) = match reason {
        Some(reason) => (
            Severity::Error,
            format!("the root {} stands in the chain of {}: {reason}", called(root), quoted(alias)),
        ),
        None => (
            Severity::Info,
            format!(
                "the root {} stands in the chain of {}; servers have their own and ignore it",
                called(root),
                quoted(alias)
            ),
        ),
    };
    let finding = IdentityFinding::of_entry(alias, FindingId::RootSent, severity, message).at(root);
    findings.push(finding.repaired_by(without_root(alias, Some((root, store)))));
}

/// A chain of PKCS12 is found among all certificates of the file: where the root is trusted there too, it comes back.
pub(super) fn without_root(alias: &str, among: Option<(&Certificate, &KeyStore)>) -> IdentityRepair {
    let apart = among.is_some_and(|(root, store)| {
        matches!(store, KeyStore::Pkcs12(_))
            && store.entries().iter().any(|entry| {
                entry.kind == EntryKind::TrustedCertificate
                    && entry.chain.first().is_some_and(|held| held.fingerprint() == root.fingerprint())
            })
    });
    IdentityRepair::Rebuild { alias: alias.to_owned(), apart }
}
