//! Keys and certificates brought together, and chains put in order.

use std::collections::HashSet;

use super::PlanError;
use super::item::{Content, Item};
use crate::chain::budget::Budget;
use crate::chain::path::{AdmitAll, Candidates, PathEnd, Search};
use crate::model::Certificate;
use crate::model::key_store::{ChainCertificate, EncodedCertificate};
use crate::model::private_key::PrivateKey;
use crate::report::trust::Note;

/// Gives chains to the keys that have none, lets chains go on that break off, and gives each certificate of a
/// file its purpose. `untrusted` says that the target holds certificates without trusting them.
pub(super) fn complete(
    items: &mut Vec<Item>,
    untrusted: bool,
    notes: &mut Vec<Note>,
) -> Result<(), PlanError> {
    drop_repeated(items);
    let mut has_keys = false;
    if items.iter().any(|item| matches!(item.content, Content::PrivateKey { .. })) {
        has_keys = true;
        let used = chains(items, notes)?;
        items.retain(|item| match &item.content {
            Content::Loose(certificate) | Content::Certificate(certificate) => !used.contains(certificate),
            _ => true,
        });
    }
    for item in items {
        let purpose = match &item.content {
            Content::Loose(certificate) if has_keys => Content::Certificate(certificate.clone()),
            Content::Loose(certificate) => Content::TrustedCertificate(certificate.clone()),
            Content::Certificate(certificate) if !has_keys && !untrusted => {
                Content::TrustedCertificate(certificate.clone())
            }
            _ => continue,
        };
        item.content = purpose;
    }
    Ok(())
}

/// A certificate that a chain may take.
struct Material {
    certificate: Certificate,
    link: ChainCertificate,
    loose: bool,
}

/// Of the same certificate in several files one is enough.
fn drop_repeated(items: &mut Vec<Item>) {
    let mut seen = HashSet::new();
    items.retain(|item| match &item.content {
        Content::Loose(certificate) => seen.insert(certificate.clone()),
        _ => true,
    });
}

/// Completes the chains, and gives the certificates that they took.
fn chains(items: &mut [Item], notes: &mut Vec<Note>) -> Result<HashSet<EncodedCertificate>, PlanError> {
    let material: Vec<Material> = items.iter().filter_map(Material::of).collect();
    let all: Candidates = material.iter().map(|material| &material.certificate).collect();
    let loose: Candidates =
        material.iter().filter(|material| material.loose).map(|material| &material.certificate).collect();
    let mut used = HashSet::new();
    for item in items {
        let (label, of_file) = (item.label(), item.alias.is_empty());
        let Content::PrivateKey { key, chain } = &mut item.content else { continue };
        let (start, candidates) = match chain.last() {
            Some(last) => (last.certificate.read().ok(), &loose),
            None => (end_entity(key, &material).map(|found| found.certificate.clone()), &all),
        };
        let Some(start) = start else {
            if chain.is_empty() && of_file && !loose.is_empty() {
                return Err(PlanError::NoneFits {
                    input: item.input.to_string(),
                    key: key.key().to_string(),
                });
            }
            continue;
        };
        let given = chain.len();
        let above = path(start, candidates);
        for certificate in above.iter().skip(given.min(1)) {
            let found = material.iter().find(|material| material.certificate == *certificate);
            let Some(found) = found else { continue };
            used.insert(found.link.certificate.clone());
            chain.push(found.link.clone());
        }
        if given > 0 && chain.len() > given {
            notes.push(Note {
                id: "chain-completed",
                message: format!(
                    "the chain of {label} broke off after {given} of what are {} certificates now",
                    chain.len()
                ),
                fix: None,
            });
        }
    }
    Ok(used)
}

impl Material {
    fn of(item: &Item) -> Option<Self> {
        let (encoded, loose) = match &item.content {
            Content::Loose(encoded) => (encoded, true),
            Content::Certificate(encoded) => (encoded, false),
            _ => return None,
        };
        let link = ChainCertificate { certificate: encoded.clone(), attributes: item.attributes.clone() };
        Some(Self { certificate: encoded.read().ok()?, link, loose })
    }
}

/// The certificate of a key: of several the one that is valid longest. Where a key's public half cannot be
/// had, the only certificate that may be its own is taken for it.
fn end_entity<'a>(key: &PrivateKey, material: &'a [Material]) -> Option<&'a Material> {
    let fits = |material: &&Material| key.fits(&material.certificate);
    let found = material.iter().filter(|m| fits(m) == Some(true)).max_by_key(|m| m.certificate.not_after());
    found.or_else(|| {
        let mut possible = material.iter().filter(|m| fits(m).is_none() && !m.certificate.is_ca());
        possible.next().filter(|_| possible.next().is_none())
    })
}

/// The way up from a certificate, itself first: to a root if there is one, else as far as it goes.
fn path(start: Certificate, candidates: &Candidates) -> Vec<Certificate> {
    let anchors = Candidates::default();
    let mut budget = Budget::default();
    let mut search = Search::new(&start, &anchors, candidates, AdmitAll);
    let mut longest = vec![start.clone()];
    // A search that is given up has found what it has found.
    while let Ok(Some(path)) = search.next_path(&mut budget) {
        if path.end == PathEnd::UntrustedRoot {
            return path.certificates;
        }
        if path.certificates.len() > longest.len() {
            longest = path.certificates;
        }
    }
    longest
}
