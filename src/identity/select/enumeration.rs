//! The order in which a JVM meets the entries of a keystore, which decides between identities that fit alike.
//!
//! `KeyStore.aliases()` follows the file for PKCS12 (`LinkedHashMap`), and a `java.util.Hashtable` for JKS and JCEKS.
//! SunX509 then keeps what it read in a `java.util.HashMap`. Both tables are laid out here as OpenJDK lays them out;
//! its code for them is the same in 17 and 25.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use crate::identity::Identity;
use crate::model::KeyStore;
use crate::model::key_store::{EntryKind, Hidden, StoreFormat, alias};

/// The identities of a store in the order in which `KeyStore.aliases()` lists them.
///
/// `identities` are those of `store`, in any order. One whose entry Java does not show is left out.
#[must_use]
pub fn listed<'a>(store: &KeyStore, identities: &'a [Identity]) -> Vec<&'a Identity> {
    let format = store.format();
    let by_alias: HashMap<String, &Identity> =
        identities.iter().map(|identity| (java_alias(format, &identity.alias), identity)).collect();
    let mut seen = HashSet::new();
    // An entry that another one takes the place of has put the alias where it stands.
    let aliases: Vec<String> = store
        .entries()
        .iter()
        .filter(|entry| match format {
            StoreFormat::Jks | StoreFormat::Jceks => true,
            StoreFormat::Pkcs12 => {
                matches!(entry.hidden, None | Some(Hidden::Shadowed))
                    && (entry.kind.is_secret() || entry.kind == EntryKind::TrustedCertificate)
            }
        })
        .map(|entry| java_alias(format, &entry.alias))
        .filter(|alias| seen.insert(alias.clone()))
        .collect();
    let order = match format {
        StoreFormat::Jks | StoreFormat::Jceks => hashtable_order(&aliases),
        StoreFormat::Pkcs12 => (0..aliases.len()).collect(),
    };
    let in_order = order.into_iter().filter_map(|index| aliases.get(index));
    in_order.filter_map(|alias| by_alias.get(alias.as_str()).copied()).collect()
}

/// The alias as Java's `KeyStore` lists it. JKS is listed as it is written.
#[must_use]
pub fn java_alias(format: StoreFormat, written: &str) -> String {
    match format {
        StoreFormat::Jks | StoreFormat::Jceks => written.to_owned(),
        StoreFormat::Pkcs12 => alias::fold(written),
    }
}

/// `String.hashCode`, over UTF-16 units.
fn hash_code(text: &str) -> u32 {
    text.encode_utf16().fold(0, |hash: u32, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)))
}

/// The places in `keys`, all different, in the order in which `Hashtable.keys()` lists them once they were put in
/// their order into an empty table.
fn hashtable_order(keys: &[String]) -> Vec<usize> {
    let hashes: Vec<u32> = keys.iter().map(|key| hash_code(key) & 0x7fff_ffff).collect();
    let place = |hash: u32, capacity: usize| usize::try_from(hash).unwrap_or_default() % capacity.max(1);
    // Each bucket is a stack: what came last is its top, and is met first.
    let mut table: Vec<Vec<usize>> = vec![Vec::new(); 11];
    for (index, hash) in hashes.iter().enumerate() {
        // The load factor is 0.75, rounded down.
        if index >= table.len().saturating_mul(3) / 4 {
            let mut wider = vec![Vec::new(); table.len().saturating_mul(2).saturating_add(1)];
            for key in table.iter().rev().flat_map(|bucket| bucket.iter().rev()) {
                let at = place(hashes.get(*key).copied().unwrap_or_default(), wider.len());
                if let Some(bucket) = wider.get_mut(at) {
                    bucket.push(*key);
                }
            }
            table = wider;
        }
        let at = place(*hash, table.len());
        if let Some(bucket) = table.get_mut(at) {
            bucket.push(index);
        }
    }
    table.iter().rev().flat_map(|bucket| bucket.iter().rev().copied()).collect()
}

/// Buckets that grow past this make the table wider instead of longer lists, while it is small.
const LONG_BUCKET: usize = 8;

/// From this size on, long buckets become trees.
const TREES: usize = 64;

/// The places in `keys`, all different, in the order in which an iterator of `HashMap` meets them once they were put
/// in their order into an empty map. Buckets that Java makes a tree of (nine keys of one bucket, in a table of 64 or
/// more) are met in the order of insertion here; in Java the root of the tree comes first.
pub(super) fn hash_map_order(keys: &[String]) -> Vec<usize> {
    let spread = |key: &String| {
        let hash = hash_code(key);
        usize::try_from(hash ^ (hash >> 16)).unwrap_or_default()
    };
    let hashes: Vec<usize> = keys.iter().map(spread).collect();
    let mut capacity: usize = 16;
    for (index, hash) in hashes.iter().enumerate() {
        let bucket = |capacity: usize, hash: usize| hash & capacity.saturating_sub(1);
        let fellows =
            hashes.iter().take(index).filter(|other| bucket(capacity, **other) == bucket(capacity, *hash));
        if fellows.count() >= LONG_BUCKET && capacity < TREES {
            capacity = capacity.saturating_mul(2);
        }
        if index >= capacity / 4 * 3 {
            capacity = capacity.saturating_mul(2);
        }
    }
    // Widening keeps the order within what stays together.
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by_key(|index| hashes.get(*index).map(|hash| hash & capacity.saturating_sub(1)));
    order
}
