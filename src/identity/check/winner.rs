//! Several identities in one store: whether one that fails is taken before one that would do.

use std::collections::{HashMap, HashSet};

use time::OffsetDateTime;

use super::certificate::keeps_pkix_from_sending;
use super::{StorePassword, Subject, World, quoted};
use crate::identity::Identity;
use crate::model::key_store::{StoreFormat, alias::fold};
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
    let failing: HashSet<&str> = subject
        .identities
        .iter()
        .zip(fails)
        .filter(|(_, fails)| **fails)
        .map(|(identity, _)| identity.alias.as_str())
        .collect();
    if failing.is_empty() || failing.len() == subject.identities.len() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for manager in [Manager::SunX509, Manager::Pkix] {
        let Some(choice) = Choice::new(manager, subject, world.now) else { continue };
        let without_names = choice.usually_taken(None);
        let mut by_issuer: HashMap<&str, Option<&str>> = HashMap::new();
        for wanted in subject.identities.iter().filter(|identity| !failing.contains(identity.alias.as_str()))
        {
            let named = wanted.chain.last().and_then(|last| {
                let issuer = last.issuer();
                *by_issuer.entry(issuer.canonical()).or_insert_with(|| choice.usually_taken(Some(issuer)))
            });
            let fails = |taken: &Option<&str>| taken.is_some_and(|taken| failing.contains(taken));
            let asked = [(without_names, "that names no CAs"), (named, "that names its CA")];
            let Some((Some(taken), which)) = asked.into_iter().find(|(taken, _)| fails(taken)) else {
                continue;
            };
            if !subject.asks_for(&wanted.alias) && !subject.asks_for(taken) {
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
    findings
}

/// What a key manager chooses from, in its order.
struct Choice<'a> {
    manager: Manager,
    candidates: Vec<Candidate<'a>>,
}

#[derive(Clone, Copy)]
struct Candidate<'a> {
    identity: &'a Identity,
    /// The place of the key's type in the request.
    kind: usize,
    /// What PKIX makes of the certificate; 0 is good.
    rank: u8,
}

impl<'a> Choice<'a> {
    /// `None` where the manager cannot be made.
    fn new(manager: Manager, subject: &Subject<'a>, now: OffsetDateTime) -> Option<Self> {
        let closed = |identity: &Identity| !identity.key.opens_with_store();
        let asks_for_all = manager == Manager::SunX509 && subject.password != StorePassword::None;
        if asks_for_all && subject.identities.iter().any(closed) {
            return None;
        }
        let order = match manager {
            Manager::SunX509 => hash_map_order(java_order(subject)),
            Manager::Pkix => java_order(subject),
        };
        let candidates = order
            .into_iter()
            .filter(|identity| manager == Manager::SunX509 || !keeps_pkix_from_sending(identity))
            .filter_map(|identity| {
                Some(Candidate { identity, kind: key_type(identity)?, rank: rank(identity, now) })
            })
            .collect();
        Some(Self { manager, candidates })
    }

    /// The alias that is taken, with a server that names this CA or none, and asks for key types as OpenSSL 3.0 does by
    /// default: `chooseClientAlias` of `SunX509KeyManagerImpl` and `X509KeyManagerImpl` of OpenJDK 17.
    fn usually_taken(&self, issuer: Option<&Name>) -> Option<&'a str> {
        let named = |candidate: &&Candidate<'_>| {
            issuer.is_none_or(|issuer| candidate.identity.chain.iter().any(|below| below.issuer() == issuer))
        };
        let named: Vec<&Candidate<'a>> = self.candidates.iter().filter(named).collect();
        let taken = match self.manager {
            Manager::SunX509 => named.iter().min_by_key(|candidate| candidate.kind),
            Manager::Pkix => named
                .iter()
                .find(|candidate| candidate.rank == 0 && candidate.kind == 0)
                .or_else(|| named.first().filter(|candidate| candidate.rank == 0))
                .or_else(|| named.iter().min_by_key(|candidate| (candidate.rank, candidate.kind))),
        };
        taken.map(|candidate| candidate.identity.alias.as_str())
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
    let mut by_alias: HashMap<&str, &'a Identity> = HashMap::new();
    by_alias.extend(identities.iter().map(|identity| (identity.alias.as_str(), identity)));
    let order = hashtable_order(&stored_aliases(subject.store));
    order.iter().filter_map(|alias| by_alias.get(alias.as_str()).copied()).collect()
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

/// The order of a `java.util.HashMap` that has them as keys.
fn hash_map_order(mut order: Vec<&Identity>) -> Vec<&Identity> {
    let mut capacity: u32 = 16;
    // The load factor is 0.75.
    while u64::try_from(order.len()).unwrap_or(u64::MAX) > u64::from(capacity) * 3 / 4 && capacity < 1 << 30 {
        capacity <<= 1;
    }
    order.sort_by_key(|identity| {
        let hash = java_hash(&fold(&identity.alias));
        (hash ^ (hash >> 16)) & (capacity - 1)
    });
    order
}

/// `String.hashCode`.
fn java_hash(text: &str) -> u32 {
    text.encode_utf16().fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)))
}
