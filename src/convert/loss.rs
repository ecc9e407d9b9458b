//! What a target cannot hold.

use std::collections::HashMap;

use time::OffsetDateTime;

use super::item::{Content, Item};
use super::{Plan, Target, build};
use crate::model::certificate::JavaRefusal;
use crate::model::key_store::alias::fold;
use crate::model::key_store::pfx::Attribute;
use crate::model::key_store::{EncodedCertificate, EntryKind, StoreFormat};
use crate::report::convert::Loss;
use crate::report::trust::Note;

/// The certificate type that PKCS12, PEM, DER and PKCS7 have a place for.
const X509: &str = "X.509";

/// Takes out of a plan what its target cannot hold, and says so.
pub(super) fn find(plan: &mut Plan, now: OffsetDateTime) {
    let Plan { target, items, losses, notes } = plan;
    items.retain_mut(|item| keep(item, target, losses));
    match target {
        Target::Java(_) => attributes_note(items, notes),
        Target::Pkcs12(_) => {
            java_note(items, notes);
            chains(items, target, now, losses, notes);
            dates_note(items, "PKCS12 has no dates for certificates", notes, |item| {
                item.content.kind() == EntryKind::TrustedCertificate
            });
            for item in items.iter() {
                if matches!(&item.content, Content::PrivateKey { chain, .. } if chain.is_empty()) {
                    notes.push(Note {
                        id: "no-certificate",
                        message: format!("{} has no certificate: TLS can make no use of it", item.label()),
                        fix: None,
                    });
                }
            }
        }
        Target::Pem | Target::Der | Target::P7b => {
            if *target == Target::Der {
                first_only(items, losses);
            }
            file_notes(items, target, notes);
        }
    }
    untrusted_note(items, target, notes);
}

/// Whether anything of an item goes along.
fn keep(item: &mut Item, target: &Target, losses: &mut Vec<Loss>) -> bool {
    let name = target.name();
    let label = item.label();
    let mut lose = |id, message: String| {
        losses.push(Loss { id, input: item.input.to_string(), alias: item.alias.clone(), message });
    };
    let java = matches!(target, Target::Java(_));
    let of_type = |certificate: &EncodedCertificate| java || *certificate.kind == *X509;
    // A store has bytes for a certificate. In other files nothing but the certificate says where it ends.
    let readable =
        |certificate: &EncodedCertificate| target.store_format().is_some() || certificate.read().is_ok();
    match &mut item.content {
        Content::SecretKey(key) => {
            let problem = match target {
                Target::Java(StoreFormat::Jceks) => None,
                Target::Pkcs12(_) if key.number().is_some() => None,
                Target::Pkcs12(_) => {
                    Some(format!("{name} names algorithms by numbers, and \"{}\" has none", key.algorithm()))
                }
                _ => Some(format!("{name} has no place for secret keys")),
            };
            if let Some(problem) = &problem {
                lose("secret-key", format!("{label} does not go along: {problem}"));
            }
            problem.is_none()
        }
        Content::Bag(_) => {
            let held = matches!(target, Target::Pkcs12(_));
            if !held {
                lose("bag", format!("{label} does not go along: {name} has no place for it"));
            }
            held
        }
        Content::Certificate(_) if java => {
            lose(
                "untrusted-certificate",
                format!(
                    "{label} does not go along: {name} holds trusted certificates only, and it is in no chain"
                ),
            );
            false
        }
        Content::TrustedCertificate(certificate)
        | Content::Certificate(certificate)
        | Content::Loose(certificate) => {
            if let Some(refusal) = java_refusal(certificate).filter(|_| java) {
                lose("java-cannot-read", format!("{label} does not go along: {}", unloadable(&refusal)));
                return false;
            }
            if !of_type(certificate) {
                lose("certificate-type", format!("{label} does not go along: {name} holds {X509} only"));
                return false;
            }
            let held = readable(certificate);
            if !held {
                lose("unreadable-certificate", format!("{label} does not go along: it cannot be read"));
            }
            held
        }
        Content::PrivateKey { chain, .. } if java && chain.is_empty() => {
            lose(
                "no-certificate",
                format!("{label} does not go along: {name} has no keys without a certificate"),
            );
            false
        }
        Content::PrivateKey { chain, .. } => {
            let refusals = chain.iter().map(|link| java_refusal(&link.certificate));
            let refused = refusals.enumerate().find_map(|(place, refusal)| Some((place, refusal?)));
            if let Some((place, refusal)) = refused.filter(|_| java) {
                chain.truncate(place);
                let what = if place == 0 { label.clone() } else { format!("a part of the chain of {label}") };
                lose("java-cannot-read", format!("{what} does not go along: {}", unloadable(&refusal)));
                return place > 0;
            }
            if !chain.iter().all(|link| of_type(&link.certificate)) {
                chain.clear();
                lose("chain", format!("the chain of {label} does not go along: {name} holds {X509} only"));
            }
            if !chain.iter().all(|link| readable(&link.certificate)) {
                chain.clear();
                lose("chain", format!("the chain of {label} does not go along: it cannot be read"));
            }
            if *target != Target::P7b {
                return true;
            }
            lose("private-key", format!("{label} does not go along: {name} has no place for keys"));
            !chain.is_empty()
        }
    }
}

/// Why no JVM reads a certificate. What keyward cannot read itself is not judged.
fn java_refusal(certificate: &EncodedCertificate) -> Option<JavaRefusal> {
    certificate.read().ok()?.java_reads().err()
}

fn unloadable(refusal: &JavaRefusal) -> String {
    format!("a JVM could not read the certificate, and would refuse the whole store ({refusal})")
}

/// PKCS12 is for other readers too, so that such a certificate goes along.
fn java_note(items: &[Item], notes: &mut Vec<Note>) {
    for item in items {
        let refusal = item.certificates().into_iter().find_map(java_refusal);
        if let Some(refusal) = refusal {
            let message = format!("{}: {}", item.label(), unloadable(&refusal));
            notes.push(Note { id: "java-cannot-read", message, fix: None });
        }
    }
}

/// Holds the chains that Java would find against those that are meant.
fn chains(
    items: &[Item],
    target: &Target,
    now: OffsetDateTime,
    losses: &mut Vec<Loss>,
    notes: &mut Vec<Note>,
) {
    if !items.iter().any(|item| matches!(item.content, Content::PrivateKey { .. })) {
        return;
    }
    // What cannot be drafted cannot be made either, and is an error then.
    let Ok(draft) = build::draft(items, target, now) else { return };
    let found: HashMap<String, Vec<&EncodedCertificate>> = draft
        .entries()
        .into_iter()
        .filter(|entry| entry.kind == EntryKind::PrivateKey)
        .map(|entry| (fold(&entry.alias), entry.chain))
        .collect();
    for item in items {
        let Content::PrivateKey { chain, .. } = &item.content else { continue };
        let found = found.get(&fold(&item.alias)).map(Vec::as_slice).unwrap_or_default();
        let goes_on = found.len() > chain.len();
        let same = chain.iter().zip(found).all(|(link, found)| link.certificate == **found);
        let label = item.label();
        if !same || found.len() < chain.len() {
            losses.push(Loss {
                id: "chain",
                input: item.input.to_string(),
                alias: item.alias.clone(),
                message: format!(
                    "Java would find another chain for {label}: PKCS12 keeps no lists, and of the {} \
                     certificates {} would follow",
                    chain.len(),
                    found.len()
                ),
            });
        } else if goes_on {
            notes.push(Note {
                id: "chain-goes-on",
                message: format!(
                    "the chain of {label} has {} certificates; in PKCS12 it goes on through others of the \
                     store, {} in all",
                    chain.len(),
                    found.len()
                ),
                fix: None,
            });
        }
    }
}

/// DER holds one thing: a certificate before a key, the first before others.
fn first_only(items: &mut Vec<Item>, losses: &mut Vec<Loss>) {
    let mut full = false;
    items.retain_mut(|item| {
        let (input, alias, label) = (item.input.to_string(), item.alias.clone(), item.label());
        let mut lose = |message| {
            losses.push(Loss { id: "der-holds-one", input: input.clone(), alias: alias.clone(), message })
        };
        if std::mem::replace(&mut full, true) {
            lose(format!("{label} does not go along: DER holds one certificate or key"));
            return false;
        }
        if let Content::PrivateKey { chain, .. } = &item.content {
            let rest = chain.len().saturating_sub(1);
            let first = chain.first().map(|link| link.certificate.clone());
            if let Some(first) = first {
                lose(format!("the key of {label} does not go along: DER holds one certificate or key"));
                if rest > 0 {
                    lose(format!("the {rest} issuers in the chain of {label} do not go along"));
                }
                item.content = Content::Certificate(first);
            }
        }
        true
    });
}

fn file_notes(items: &[Item], target: &Target, notes: &mut Vec<Note>) {
    let name = target.name();
    let named = items.iter().filter(|item| item.created.is_some() || !item.attributes.is_empty()).count();
    if named > 0 {
        notes.push(Note {
            id: "aliases",
            message: format!("{name} has no aliases: {} not written", those(named)),
            fix: None,
        });
    }
    dates_note(items, &format!("{name} has no dates of entries"), notes, |_| true);
    attributes_note(items, notes);
}

fn dates_note(items: &[Item], why: &str, notes: &mut Vec<Note>, dated: impl Fn(&Item) -> bool) {
    let count = items.iter().filter(|item| item.created.is_some() && dated(item)).count();
    if count > 0 {
        let message = format!("{why}: {} not written", those(count));
        notes.push(Note { id: "dates", message, fix: None });
    }
}

/// Attributes besides those that every format has in its own way.
fn attributes_note(items: &[Item], notes: &mut Vec<Note>) {
    let further = |attributes: &[Attribute]| {
        attributes.iter().any(|attribute| matches!(attribute, Attribute::Other { .. }))
    };
    let count = items
        .iter()
        .filter(|item| {
            let of_chain = match &item.content {
                Content::PrivateKey { chain, .. } => chain.iter().any(|link| further(&link.attributes)),
                _ => false,
            };
            of_chain || further(&item.attributes)
        })
        .count();
    if count > 0 {
        notes.push(Note {
            id: "attributes",
            message: format!("PKCS12 attributes: {} not written", those(count)),
            fix: None,
        });
    }
}

fn those(count: usize) -> String {
    if count == 1 { "that of 1 entry is".to_owned() } else { format!("those of {count} entries are") }
}

fn untrusted_note(items: &[Item], target: &Target, notes: &mut Vec<Note>) {
    let untrusted = items.iter().filter(|item| matches!(item.content, Content::Certificate(_))).count();
    if matches!(target, Target::Pkcs12(_)) && untrusted > 0 {
        notes.push(Note {
            id: "untrusted-certificates",
            message: format!(
                "in no chain and not marked as trusted, so that Java does not show them: {untrusted}"
            ),
            fix: None,
        });
    }
}
