//! Any file through `inspect` and `convert`.

use std::sync::Arc;

use keyward::convert::{self, Content, Item, Sealer, Selection, Target};
use keyward::format::objects::{self, Object as Encoded};
use keyward::format::pkcs12::{self, Derivations};
use keyward::format::{jks, key_protection, key_store as codec, pem, pkcs7, private_key};
use keyward::inspect::{self, KeyFacts, Object, Opening, Placed};
use keyward::model::key_store::alias::fold;
use keyward::model::key_store::pfx::Profile;
use keyward::model::key_store::{EncodedCertificate, Entry, EntryKind, StoreFormat};
use keyward::model::{KeyStore, Password, PrivateKey, SecretKey};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::keys::{self, light};
use super::{Counting, FEW, few, iterations, password};

const STORES: [StoreFormat; 3] = [StoreFormat::Jks, StoreFormat::Jceks, StoreFormat::Pkcs12];

/// Whatever a file holds can be shown, with a password and without.
pub(super) fn inspect(bytes: &[u8]) {
    let password = password();
    for given in [None, Some(&password)] {
        let mut derivations = few();
        if let Ok(opened) = codec::decode(bytes, given, &mut derivations) {
            let key = |entry: &Entry<'_>| {
                entry.key.map(|key| KeyFacts {
                    protection: key_protection::of_stored(key),
                    opening: opening(entry, given, &mut derivations),
                    beyond_ascii: false,
                })
            };
            let file = inspect::key_store(String::new(), &opened.store, opened.integrity, given, key);
            assert_eq!(file.entries.len(), opened.store.entries().len());
            let structure = inspect::structure(String::new(), &opened.store, opened.integrity);
            assert_eq!(structure.format, file.format);
        }
    }
    let Ok(read) = objects::read(bytes) else { return };
    let count = read.found.len();
    let placed = read.found.into_iter().map(|found| Placed {
        place: found.place.to_string(),
        object: match found.object {
            Encoded::Certificate(certificate) => Object::Certificate(certificate),
            Encoded::PrivateKey(key) => Object::PrivateKey(KeyFacts {
                protection: key_protection::of_encoded(&key),
                opening: keys::open(&key, &[&password], &mut few()).map_or(Opening::Locked, Opening::Private),
                beyond_ascii: false,
            }),
            Encoded::Request(request) => Object::Request(request),
            Encoded::Crl(crl) => Object::Crl(crl),
            Encoded::PublicKey(key) => Object::PublicKey(key),
            Encoded::Damaged { message, .. } => Object::Damaged { kind: "other", message },
        },
    });
    let file = inspect::objects(String::new(), read.encoding.id(), placed.collect());
    assert_eq!(file.entries.len(), count);
}

fn opening(entry: &Entry<'_>, password: Option<&Password>, derivations: &mut Derivations) -> Opening {
    let passwords: Vec<&Password> = password.into_iter().collect();
    let opened = match entry.kind {
        EntryKind::SecretKey => codec::secret_key_of(entry, &passwords, derivations).map(Opening::Secret),
        _ => codec::private_key_of(entry, &passwords, derivations).map(Opening::Private),
    };
    opened.unwrap_or_else(|error| Opening::Failed { id: "failed", message: error.to_string() })
}

/// What a file holds is in every store and every file that a plan makes of it, as far as the plan says, and
/// from there in a store of each other format.
pub(super) fn convert(bytes: &[u8]) {
    let items = || opened(bytes);
    if items().is_empty() {
        return;
    }
    files(items);
    for format in STORES {
        let Some(there) = made(items(), format) else { continue };
        for format in STORES {
            made(of_store(&there), format);
        }
    }
}

/// PEM and PKCS7 hold what the plans for them say.
fn files(items: impl Fn() -> Vec<Item>) {
    let plan = |target| convert::plan(items(), target, &Selection::default(), now());
    if let Ok(plan) = plan(Target::P7b) {
        let held: Vec<EncodedCertificate> =
            plan.items().iter().flat_map(Item::certificates).cloned().collect();
        assert_eq!(pkcs7::certificates(&pkcs7::encode(&held)).as_ref(), Ok(&held));
    }
    if let Ok(plan) = plan(Target::Pem) {
        let mut text = String::new();
        for item in plan.items() {
            if let Content::PrivateKey { key, .. } = &item.content {
                text.push_str(&private_key::encode_pem(key));
            }
            for held in item.certificates() {
                text.push_str(&pem::encode("CERTIFICATE", &held.der));
            }
        }
        let blocks = plan.items().iter().map(|item| {
            item.certificates().len() + usize::from(matches!(item.content, Content::PrivateKey { .. }))
        });
        let blocks: usize = blocks.sum();
        assert_eq!(pem::blocks(text.as_bytes()).into_iter().flatten().count(), blocks);
    }
}

/// The store that a plan makes of items, written and read again.
fn made(items: Vec<Item>, format: StoreFormat) -> Option<KeyStore> {
    let target = match format {
        StoreFormat::Pkcs12 => Target::Pkcs12(Box::new(Profile::java17().with_iterations(2))),
        format => Target::Java(format),
    };
    let plan = convert::plan(items, target, &Selection::default(), now()).ok()?;
    assert!(plan.losses().iter().all(|loss| !loss.message.is_empty()));
    let other_chain = plan.losses().iter().any(|loss| loss.id == "chain");
    let goes_on = plan.notes().iter().any(|note| note.id == "chain-goes-on");
    let meant = facts(plan.items());
    // An alias that Java's formats cannot write, or an algorithm that PKCS12 has no number for.
    let store = plan.into_store(now(), &mut Light(format)).ok()?;
    let mut derivations = Derivations::new();
    let bytes = match codec::encode(&store, Some(&password()), &mut Counting(0), &mut derivations) {
        Ok(bytes) => bytes,
        Err(codec::StoreError::Jks(jks::JksError::Entry { .. })) => return None,
        Err(error) => panic!("what was made cannot be written: {error}"),
    };
    let read = codec::decode(&bytes, Some(&password()), &mut derivations).expect("what was written is read");
    assert!(read.store == store, "another store is read than was written");
    let found = facts(&of_store(&store));
    assert_eq!(found.len(), meant.len());
    for (found, meant) in found.iter().zip(&meant) {
        assert_eq!(found.0, meant.0);
        // PKCS12 keeps no lists: a chain that the store can continue goes on.
        let same = found.1 == meant.1 || goes_on && found.1.starts_with(&meant.1) || other_chain;
        assert!(same, "another chain for {:?}", found.0);
    }
    Some(store)
}

/// Alias, kind and key of an entry, and its certificates.
type Facts = ((String, EntryKind, Vec<u8>), Vec<EncodedCertificate>);

/// What of items Java would see.
fn facts(items: &[Item]) -> Vec<Facts> {
    let java = items.iter().filter(|item| {
        matches!(
            item.content,
            Content::PrivateKey { .. } | Content::SecretKey(_) | Content::TrustedCertificate(_)
        )
    });
    let mut all: Vec<Facts> = java
        .map(|item| {
            let key = match &item.content {
                Content::PrivateKey { key, .. } => key.pkcs8().to_vec(),
                Content::SecretKey(key) => key.octets().to_vec(),
                _ => Vec::new(),
            };
            let chain = item.certificates().into_iter().cloned().collect();
            ((fold(&item.alias), item.content.kind(), key), chain)
        })
        .collect();
    all.sort_by(|a, b| a.0.0.cmp(&b.0.0));
    all
}

/// What a file holds, as far as it opens.
fn opened(bytes: &[u8]) -> Vec<Item> {
    let password = password();
    let mut derivations = few();
    let store = codec::decode(bytes, Some(&password), &mut derivations)
        .or_else(|_| codec::decode(bytes, None, &mut derivations));
    if let Ok(opened) = store {
        let heavy = matches!(&opened.store, KeyStore::Pkcs12(pfx) if iterations(pfx) > FEW);
        return if heavy { Vec::new() } else { of_store(&opened.store) };
    }
    let Ok(read) = objects::read(bytes) else { return Vec::new() };
    let input: Arc<str> = "file".into();
    let items = read.found.into_iter().take(32).filter_map(|found| match found.object {
        Encoded::Certificate(held) => held.read().is_ok().then(|| Item::certificate(&input, held)),
        Encoded::PrivateKey(key) => {
            keys::open(&key, &[&password], &mut derivations).ok().map(|key| Item::key(&input, key))
        }
        _ => None,
    });
    items.collect()
}

/// The entries of a store, as far as they open.
fn of_store(store: &KeyStore) -> Vec<Item> {
    let input: Arc<str> = "store".into();
    let password = password();
    let mut derivations = few();
    let mut open = |entry: &Entry<'_>| {
        let held = entry.chain.first().map(|held| (*held).clone());
        Some(match entry.kind {
            EntryKind::PrivateKey => Content::PrivateKey {
                key: codec::private_key_of(entry, &[&password], &mut derivations).ok()?,
                chain: entry.chain.iter().map(|held| (*held).clone().into()).collect(),
            },
            EntryKind::SecretKey => {
                Content::SecretKey(codec::secret_key_of(entry, &[&password], &mut derivations).ok()?)
            }
            EntryKind::TrustedCertificate => Content::TrustedCertificate(held?),
            EntryKind::Certificate => Content::Certificate(held?),
            _ => return None,
        })
    };
    match store {
        KeyStore::Java(_) => store
            .entries()
            .iter()
            .take(32)
            .filter_map(|entry| Some(Item::entry(&input, entry, open(entry)?)))
            .collect(),
        KeyStore::Pkcs12(pfx) => pfx
            .held()
            .iter()
            .take(32)
            .filter_map(|held| {
                let content = match (open(&held.entry), held.entry.kind) {
                    (Some(Content::PrivateKey { key, .. }), _) => {
                        Content::PrivateKey { key, chain: Content::chain_of(held) }
                    }
                    (None, EntryKind::Crl | EntryKind::Other) => Content::Bag(held.bag.content.clone()),
                    (content, _) => content?,
                };
                Some(Item::held(&input, held, content))
            })
            .collect(),
    }
}

/// Protects keys in two iterations.
struct Light(StoreFormat);

impl Light {
    const PROTECTION: jks::Protection = jks::Protection { salt: [7; 8], iterations: 2 };
}

impl Sealer for Light {
    type Error = String;

    fn private_key(&mut self, _: &str, key: &PrivateKey) -> Result<Vec<u8>, String> {
        match self.0 {
            StoreFormat::Jks => Ok(jks::protect_key(key.pkcs8(), &password(), [7; 20])),
            StoreFormat::Jceks => jks::protect_jceks_key(key.pkcs8(), &password(), Self::PROTECTION)
                .map_err(|error| error.to_string()),
            StoreFormat::Pkcs12 => {
                private_key::encrypt(key, &light(), &password(), &mut Counting(0), &mut Derivations::new())
                    .map_err(|error| error.to_string())
            }
        }
    }

    fn secret_key(&mut self, _: &str, key: &SecretKey) -> Result<Zeroizing<Vec<u8>>, String> {
        match self.0 {
            StoreFormat::Pkcs12 => {
                let mut derivations = Derivations::new();
                pkcs12::encode_secret(key, &light(), &password(), &mut Counting(0), &mut derivations)
                    .map_err(|error| error.to_string())
            }
            _ => jks::seal_secret_key(key, &password(), Self::PROTECTION)
                .map(Zeroizing::new)
                .map_err(|error| error.to_string()),
        }
    }
}

fn now() -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH
}
