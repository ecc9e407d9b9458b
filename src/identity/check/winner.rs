//! Several identities in one store: whether one that fails is taken before one that would do.

use std::collections::HashSet;

use time::OffsetDateTime;

use super::certificate::keeps_pkix_from_sending;
use super::{StorePassword, Subject, World, quoted};
use crate::identity::Identity;
use crate::model::key_store::{EntryKind, StoreFormat, alias::fold};
use crate::model::public_key::KeyAlgorithm;
use crate::model::{KeyStore, Name};
use crate::report::finding::{FindingId, Severity};
use crate::report::identity_check::{IdentityFinding, IdentityRepair};

/// A key manager of a JVM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manager {
    SunX509,
    Pkix,
}

impl Manager {
    fn name(self) -> &'static str {
        match self {
            Self::SunX509 => "SunX509, the default,",
            Self::Pkix => "PKIX",
        }
    }
}

/// `fails` says of each identity whether something about it is an error.
pub(super) fn find(subject: &Subject<'_>, world: &World<'_>, fails: &[bool]) -> Vec<IdentityFinding> {
    let mut findings = Vec::new();
    let mut told = HashSet::new();
    let good =
        subject.identities.iter().zip(fails).filter(|(_, fails)| !**fails).map(|(identity, _)| identity);
    for wanted in good {
        let issuers: Vec<Name> = wanted.chain.last().map(|last| last.issuer().clone()).into_iter().collect();
        for manager in [Manager::SunX509, Manager::Pkix] {
            let asked = [(&[][..], "that names no CAs"), (&issuers[..], "that names its CA")];
            for (names, which) in asked {
                let Some(taken) = usually_taken(manager, subject, names, world.now) else { continue };
                let taken_fails =
                    subject.identities.iter().zip(fails).any(|(i, fails)| i.alias == taken && *fails);
                let concerns = subject.asks_for(&wanted.alias) || subject.asks_for(taken);
                if !taken_fails || !concerns || !told.insert((manager as u8, wanted.alias.clone())) {
                    continue;
                }
                let message = format!(
                    "{} takes {}, which fails, before {}, with a server {which}",
                    manager.name(),
                    quoted(taken),
                    quoted(&wanted.alias)
                );
                let id = FindingId::WrongIdentityFirst;
                let finding = IdentityFinding::of_entry(&wanted.alias, id, Severity::Error, message);
                findings.push(finding.repaired_by(IdentityRepair::Separate { alias: wanted.alias.clone() }));
            }
        }
    }
    findings
}

/// The alias that a key manager takes for a usual request: key types as OpenSSL 3.0 asks for them by default, and
/// these CA names. `chooseClientAlias` of `SunX509KeyManagerImpl` and `X509KeyManagerImpl` as far as that request goes.
fn usually_taken<'a>(
    manager: Manager,
    subject: &Subject<'a>,
    issuers: &[Name],
    now: OffsetDateTime,
) -> Option<&'a str> {
    let closed = |identity: &Identity| !identity.key.opens_with_store();
    if manager == Manager::SunX509
        && subject.password != StorePassword::None
        && subject.identities.iter().any(closed)
    {
        return None;
    }
    let candidates: Vec<&Identity> = java_order(subject)
        .into_iter()
        .filter(|identity| {
            issuers.is_empty()
                || identity.chain.iter().any(|certificate| issuers.contains(certificate.issuer()))
        })
        .collect();
    let kind = |identity: &&Identity| key_type(identity);
    match manager {
        Manager::SunX509 => {
            let order = hash_map_order(&candidates, subject);
            // The first of the least key type: the order within one is that of the map.
            let best = order.iter().filter_map(kind).min()?;
            order.iter().find(|identity| kind(identity) == Some(best)).map(|identity| identity.alias.as_str())
        }
        Manager::Pkix => {
            let conforming: Vec<(&Identity, usize)> = candidates
                .into_iter()
                .filter(|identity| keeps_pkix_from_sending(identity).is_none())
                .filter_map(|identity| Some((identity, key_type(identity)?)))
                .collect();
            let perfect = conforming.iter().find(|(identity, kind)| *kind == 0 && rank(identity, now) == 0);
            let best = perfect.or_else(|| {
                let first = conforming.first().filter(|(identity, _)| rank(identity, now) == 0);
                first
                    .or_else(|| conforming.iter().min_by_key(|(identity, kind)| (rank(identity, now), *kind)))
            });
            best.map(|(identity, _)| identity.alias.as_str())
        }
    }
}

/// The place of the key's type in OpenSSL's default list of signature schemes.
fn key_type(identity: &Identity) -> Option<usize> {
    Some(match identity.chain.first()?.key().algorithm {
        KeyAlgorithm::Ec => 0,
        KeyAlgorithm::Ed25519 | KeyAlgorithm::Ed448 => 1,
        KeyAlgorithm::RsaPss => 2,
        KeyAlgorithm::Rsa => 3,
        KeyAlgorithm::Dsa => 4,
        KeyAlgorithm::Other(_) => return None,
    })
}

/// `X509KeyManagerImpl.CheckResult`: OK, EXPIRED, `EXTENSION_MISMATCH`.
fn rank(identity: &Identity, now: OffsetDateTime) -> u8 {
    let Some(leaf) = identity.chain.first() else { return 2 };
    let serves =
        |usages: &[String]| usages.iter().any(|usage| usage == "1.3.6.1.5.5.7.3.2" || usage == "2.5.29.37.0");
    let signs = matches!(leaf.key().algorithm, KeyAlgorithm::Rsa | KeyAlgorithm::Dsa | KeyAlgorithm::Ec);
    if leaf.extended_key_usage().is_some_and(|usages| !serves(usages))
        || signs && leaf.key_usage().is_some_and(|usage| !usage.digital_signature())
    {
        2
    } else {
        u8::from(now < leaf.not_before() || leaf.not_after() < now)
    }
}

/// The identities as `KeyStore.aliases` gives them: PKCS12 keeps the order of the file, JKS and JCEKS that of a
/// `java.util.Hashtable`.
fn java_order<'a>(subject: &Subject<'a>) -> Vec<&'a Identity> {
    let identities: &'a [Identity] = subject.identities;
    if subject.store.format() == StoreFormat::Pkcs12 {
        return identities.iter().collect();
    }
    let aliases: Vec<String> = stored_aliases(subject.store);
    let order = hashtable_order(&aliases);
    order.iter().filter_map(|alias| identities.iter().find(|identity| identity.alias == *alias)).collect()
}

fn stored_aliases(store: &KeyStore) -> Vec<String> {
    let mut seen = HashSet::new();
    store.entries().into_iter().map(|entry| entry.alias).filter(|alias| seen.insert(alias.clone())).collect()
}

/// Keys put one by one into a `java.util.Hashtable` of eleven buckets, then enumerated.
fn hashtable_order(keys: &[String]) -> Vec<String> {
    let mut buckets: Vec<Vec<String>> = vec![Vec::new(); 11];
    for (count, key) in keys.iter().enumerate() {
        // The load factor is 0.75.
        if count >= buckets.len().saturating_mul(3) / 4 {
            let wider = buckets.len().saturating_mul(2).saturating_add(1);
            let old = std::mem::replace(&mut buckets, vec![Vec::new(); wider]);
            for key in old.into_iter().rev().flatten() {
                put_first(&mut buckets, key);
            }
        }
        put_first(&mut buckets, key.clone());
    }
    buckets.into_iter().rev().flatten().collect()
}

fn put_first(buckets: &mut [Vec<String>], key: String) {
    let count = u32::try_from(buckets.len()).unwrap_or(u32::MAX).max(1);
    let index = (java_hash(&key) & 0x7fff_ffff) % count;
    if let Some(bucket) = usize::try_from(index).ok().and_then(|index| buckets.get_mut(index)) {
        bucket.insert(0, key);
    }
}

/// The order of a `java.util.HashMap` with the aliases of all private keys.
fn hash_map_order<'a>(candidates: &[&'a Identity], subject: &Subject<'_>) -> Vec<&'a Identity> {
    let keys = subject.store.entries().iter().filter(|entry| entry.kind == EntryKind::PrivateKey).count();
    let mut capacity: u32 = 16;
    while u64::try_from(keys).unwrap_or(u64::MAX) > u64::from(capacity) * 3 / 4 && capacity < 1 << 30 {
        capacity <<= 1;
    }
    let bucket = |identity: &&'a Identity| {
        let hash = java_hash(&fold(&identity.alias));
        (hash ^ (hash >> 16)) & (capacity - 1)
    };
    let mut order = candidates.to_vec();
    order.sort_by_key(bucket);
    order
}

/// `String.hashCode`.
fn java_hash(text: &str) -> u32 {
    text.encode_utf16().fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)))
}
