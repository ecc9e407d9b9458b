//! Conversions: what comes back from any format is what that format can hold.

use std::sync::{Arc, LazyLock};

use keyward::convert::{self, Content, Item, Plan, Sealer, Selection, Target};
use keyward::format::jks;
use keyward::format::key_store as codec;
use keyward::format::pkcs12::{self, Derivations};
use keyward::format::private_key;
use keyward::model::entropy::EntropyError;
use keyward::model::key_store::pfx::{Attribute, Bag, BagContent, Part, Pfx, Profile, Protection};
use keyward::model::key_store::{ChainCertificate, EncodedCertificate, EntryKind, StoreFormat, alias};
use keyward::model::{Entropy, KeyStore, Password, PrivateKey, SecretKey};
use proptest::prelude::*;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use time::OffsetDateTime;
use zeroize::Zeroizing;

/// Octets that never repeat, the same in every run.
#[derive(Default)]
struct Counting(u64);

impl Entropy for Counting {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        for piece in buffer.chunks_mut(8) {
            self.0 += 1;
            let octets = self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
            piece.copy_from_slice(&octets[..piece.len()]);
        }
        Ok(())
    }
}

/// A key with its whole chain, end entity first.
struct Identity {
    pkcs8: Vec<u8>,
    chain: Vec<EncodedCertificate>,
}

/// Identities under two roots that have the same name.
static IDENTITIES: LazyLock<Vec<Identity>> = LazyLock::new(|| {
    let mut identities = Vec::new();
    for organization in ["One", "Two"] {
        let (root_key, issuing_key) = (new_key(), new_key());
        let root_params = params(&format!("Root {organization}"), true);
        let root = root_params.self_signed(&root_key).unwrap();
        let root_issuer = Issuer::new(root_params, root_key);
        let issuing_params = params(&format!("Issuing {organization}"), true);
        let issuing = issuing_params.signed_by(&issuing_key, &root_issuer).unwrap();
        let issuer = Issuer::new(issuing_params, issuing_key);
        for name in ["a", "b"] {
            let key = new_key();
            let leaf = params(&format!("{name}.example"), false).signed_by(&key, &issuer).unwrap();
            let chain = [leaf.der(), issuing.der(), root.der()].map(|der| EncodedCertificate::x509(der));
            identities.push(Identity { pkcs8: key.serialize_der(), chain: chain.to_vec() });
        }
    }
    identities
});

fn new_key() -> KeyPair {
    KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap()
}

fn params(name: &str, ca: bool) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.use_authority_key_identifier_extension = true;
    params.is_ca = if ca { IsCa::Ca(BasicConstraints::Unconstrained) } else { IsCa::NoCa };
    params
}

fn password() -> Password {
    Password::new("changeit".to_owned())
}

fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap()
}

struct TestSealer {
    format: StoreFormat,
    entropy: Counting,
}

impl TestSealer {
    fn protection(&mut self) -> jks::Protection {
        let mut salt = [0; 8];
        self.entropy.fill(&mut salt).unwrap();
        jks::Protection { salt, iterations: 3 }
    }
}

fn scheme() -> keyward::model::key_store::pfx::Scheme {
    Profile::java17().with_iterations(2).keys
}

impl Sealer for TestSealer {
    type Error = String;

    fn private_key(&mut self, _: &str, key: &PrivateKey) -> Result<Vec<u8>, String> {
        Ok(match self.format {
            StoreFormat::Jks => jks::protect_key(key.pkcs8(), &password(), [7; 20]),
            StoreFormat::Jceks => {
                jks::protect_jceks_key(key.pkcs8(), &password(), self.protection()).unwrap()
            }
            StoreFormat::Pkcs12 => {
                let mut derivations = Derivations::new();
                private_key::encrypt(key, &scheme(), &password(), &mut self.entropy, &mut derivations)
                    .unwrap()
            }
        })
    }

    fn secret_key(&mut self, _: &str, key: &SecretKey) -> Result<Zeroizing<Vec<u8>>, String> {
        Ok(match self.format {
            StoreFormat::Pkcs12 => {
                let mut derivations = Derivations::new();
                pkcs12::encode_secret(key, &scheme(), &password(), &mut self.entropy, &mut derivations)
                    .unwrap()
            }
            _ => Zeroizing::new(jks::seal_secret_key(key, &password(), self.protection()).unwrap()),
        })
    }
}

fn target(format: StoreFormat) -> Target {
    match format {
        StoreFormat::Pkcs12 => Target::Pkcs12(Box::new(Profile::java17().with_iterations(2))),
        format => Target::Java(format),
    }
}

fn plan(items: Vec<Item>, format: StoreFormat) -> Plan {
    convert::plan(items, target(format), &Selection::default(), now()).unwrap()
}

/// The store of a plan, written and read again.
fn written(plan: Plan) -> KeyStore {
    let format = plan.target().store_format().unwrap();
    let store = plan.into_store(now(), &mut TestSealer { format, entropy: Counting::default() }).unwrap();
    let mut derivations = Derivations::new();
    let bytes = codec::encode(&store, Some(&password()), &mut Counting(99), &mut derivations).unwrap();
    let read = codec::decode(&bytes, Some(&password()), &mut derivations).unwrap().store;
    assert!(read == store);
    read
}

/// The entries of a store, opened.
fn items(store: &KeyStore) -> Vec<Item> {
    let input: Arc<str> = "store".into();
    let mut derivations = Derivations::new();
    let (secret, password) = (password(), password());
    let mut open = |entry: &keyward::model::key_store::Entry<'_>| match entry.kind {
        EntryKind::PrivateKey => Content::PrivateKey {
            key: codec::private_key_of(entry, &[&secret], &mut derivations).unwrap(),
            chain: entry.chain.iter().map(|certificate| (*certificate).clone().into()).collect(),
        },
        EntryKind::SecretKey => {
            Content::SecretKey(codec::secret_key_of(entry, &[&password], &mut derivations).unwrap())
        }
        EntryKind::TrustedCertificate => Content::TrustedCertificate(entry.chain[0].clone()),
        _ => Content::Certificate(entry.chain[0].clone()),
    };
    match store {
        KeyStore::Java(_) => {
            store.entries().iter().map(|entry| Item::entry(&input, entry, open(entry))).collect()
        }
        KeyStore::Pkcs12(pfx) => pfx
            .held()
            .iter()
            .map(|held| {
                let content = match open(&held.entry) {
                    Content::PrivateKey { key, .. } => {
                        Content::PrivateKey { key, chain: Content::chain_of(held) }
                    }
                    other => other,
                };
                Item::held(&input, held, content)
            })
            .collect(),
    }
}

/// What an entry is, so that two can be compared: alias, kind, key, date of a key.
type Facts = (String, EntryKind, Vec<u8>, Option<OffsetDateTime>);

fn facts(items: &[Item]) -> Vec<(Facts, Vec<EncodedCertificate>)> {
    let mut all: Vec<_> = items
        .iter()
        .map(|item| {
            let key = match &item.content {
                Content::PrivateKey { key, .. } => key.pkcs8().to_vec(),
                Content::SecretKey(key) => [key.algorithm().as_bytes(), key.octets()].concat(),
                _ => Vec::new(),
            };
            let created = item.created.filter(|_| !key.is_empty());
            let chain: Vec<EncodedCertificate> = item.certificates().into_iter().cloned().collect();
            ((alias::fold(&item.alias), item.content.kind(), key, created), chain)
        })
        .collect();
    all.sort_by(|a, b| a.0.0.cmp(&b.0.0));
    all
}

/// An entry in numbers: alias, kind, identity, length of the chain, date.
type Seed = (usize, usize, usize, usize, i64);

const ALIASES: [&str; 8] = ["server", "Other Root", "grüße-😀", "a=b", "1", "ΣΑΣ", "cn=x, o=y", "x.y_z"];

fn of_seeds(seeds: &[Seed]) -> Vec<Item> {
    let input: Arc<str> = "seed".into();
    let mut taken = std::collections::HashSet::new();
    let seeds = seeds.iter().filter(|seed| taken.insert(seed.0));
    seeds
        .map(|&(alias, kind, identity, length, date)| {
            let identity = &IDENTITIES[identity];
            let content = match kind {
                0 => Content::PrivateKey {
                    key: PrivateKey::from_pkcs8(&identity.pkcs8).unwrap(),
                    chain: identity.chain.iter().take(length).cloned().map(ChainCertificate::from).collect(),
                },
                1 => Content::SecretKey(SecretKey::new(
                    "AES".to_owned(),
                    Zeroizing::new(identity.pkcs8.iter().copied().take(16).collect()),
                )),
                _ => Content::TrustedCertificate(identity.chain[length - 1].clone()),
            };
            Item {
                input: input.clone(),
                alias: ALIASES[alias].to_owned(),
                created: OffsetDateTime::from_unix_timestamp(date).ok(),
                hidden: None,
                content,
                attributes: Vec::new(),
            }
        })
        .collect()
}

const FORMATS: [StoreFormat; 3] = [StoreFormat::Jks, StoreFormat::Jceks, StoreFormat::Pkcs12];

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn there_and_back_gives_all_that_both_can_hold(
        seeds in prop::collection::vec(
            (0..ALIASES.len(), 0..3_usize, 0..4_usize, 1..4_usize, 0..2_000_000_000_i64), 1..8),
    ) {
        for a in FORMATS {
            for b in FORMATS {
                let first = plan(of_seeds(&seeds), a);
                let secret = first.losses().len();
                prop_assert!(first.losses().iter().all(|loss| loss.id == "secret-key"), "{:?}", first.losses());
                let goes_on = first.notes().iter().any(|note| note.id == "chain-goes-on");
                if first.items().is_empty() {
                    prop_assert!(secret > 0);
                    continue;
                }
                let meant = facts(first.items());
                let there = plan(items(&written(first)), b);
                prop_assert!(a == StoreFormat::Jks || b != StoreFormat::Jks || there.losses().len() == meant
                    .iter().filter(|(facts, _)| facts.1 == EntryKind::SecretKey).count());
                let goes_on = goes_on || there.notes().iter().any(|note| note.id == "chain-goes-on");
                if there.items().is_empty() {
                    continue;
                }
                let back = items(&written(plan(items(&written(there)), a)));
                let kept: Vec<_> = meant
                    .into_iter()
                    .filter(|(facts, _)| facts.1 != EntryKind::SecretKey || b != StoreFormat::Jks)
                    .collect();
                let found = facts(&back);
                prop_assert_eq!(found.len(), kept.len());
                for ((found, chain), (kept, meant)) in found.iter().zip(&kept) {
                    prop_assert_eq!(found, kept, "{} {}", a, b);
                    // PKCS12 keeps no lists: a chain that the store can continue goes on.
                    prop_assert!(chain == meant || goes_on && chain.starts_with(meant), "{} {}", a, b);
                }
            }
        }
    }
}

#[test]
fn a_secret_key_that_pkcs12_cannot_name_is_a_loss() {
    let item = |algorithm: &str| Item {
        input: "seed".into(),
        alias: algorithm.to_owned(),
        created: None,
        hidden: None,
        content: Content::SecretKey(SecretKey::new(algorithm.to_owned(), Zeroizing::new(vec![7; 16]))),
        attributes: Vec::new(),
    };
    let all = || ["AES", "Blowfish", "PBEWithMD5AndDES", "1.2.3"].map(item).into_iter().collect();
    let plan = plan(all(), StoreFormat::Pkcs12);
    let lost: Vec<(&str, &str)> = plan.losses().iter().map(|loss| (loss.id, &*loss.alias)).collect();
    assert_eq!(lost, [("secret-key", "Blowfish")]);
    assert_eq!(written(plan).entries().len(), 3);
    assert!(self::plan(all(), StoreFormat::Jceks).losses().is_empty());
}

#[test]
fn pkcs12_to_pkcs12_keeps_every_bag_and_attribute() {
    let identity = &IDENTITIES[0];
    let octets = |bytes: &[u8]| keyward::format::asn1::octet_string(bytes);
    let other = |value: &[u8]| Attribute::Other { kind: vec![0x2a, 3], values: octets(value) };
    let name = |text: &str| Attribute::FriendlyName(text.encode_utf16().collect());
    let bag = |content, attributes| {
        let mut bag = Bag::new(content);
        bag.attributes = attributes;
        bag
    };
    let mut derivations = Derivations::new();
    let key = PrivateKey::from_pkcs8(&identity.pkcs8).unwrap();
    let shrouded =
        private_key::encrypt(&key, &scheme(), &password(), &mut Counting::default(), &mut derivations)
            .unwrap();
    let id = Attribute::LocalKeyId(vec![1, 2, 3]);
    let keys = vec![bag(BagContent::ShroudedKey(shrouded), vec![other(b"k"), name("Server"), id.clone()])];
    let held = |index: usize| BagContent::Certificate(identity.chain[index].clone());
    let certificates = vec![
        bag(held(0), vec![id, name("Server"), other(b"leaf")]),
        bag(held(1), vec![name("issuer"), other(b"issuing")]),
        bag(held(2), vec![other(b"root")]),
        bag(BagContent::Crl(octets(b"crl")), vec![other(b"crl")]),
        bag(BagContent::Certificate(IDENTITIES[2].chain[2].clone()), vec![name("loose"), other(b"loose")]),
    ];
    let parts =
        vec![Part::new(Protection::Plain, keys.clone()), Part::new(Protection::Plain, certificates.clone())];
    let original = KeyStore::Pkcs12(Pfx::from_parts(parts, None, Default::default()));
    let KeyStore::Pkcs12(pfx) = &original else { unreachable!() };
    let input: Arc<str> = "original".into();
    let held = pfx.held();
    let opened = held.iter().map(|held| {
        let content = match held.entry.kind {
            EntryKind::PrivateKey => Content::PrivateKey {
                key: codec::private_key_of(&held.entry, &[&password()], &mut derivations).unwrap(),
                chain: Content::chain_of(held),
            },
            EntryKind::Certificate => Content::Certificate(held.entry.chain[0].clone()),
            _ => Content::Bag(held.bag.content.clone()),
        };
        Item::held(&input, held, content)
    });
    let plan = plan(opened.collect(), StoreFormat::Pkcs12);
    assert_eq!(plan.losses(), []);
    let KeyStore::Pkcs12(converted) = written(plan) else { unreachable!() };
    let bags: Vec<&Bag> = converted.parts().iter().flat_map(|part| part.bags().unwrap()).collect();
    assert_eq!(bags.len(), 6);
    assert_eq!(bags[0].attributes, keys[0].attributes);
    for certificate in &certificates {
        assert!(bags.contains(&certificate), "{certificate:?}");
    }
}

#[test]
fn a_chain_that_java_would_not_find_in_pkcs12_is_a_loss() {
    let (one, two) = (&IDENTITIES[0], &IDENTITIES[2]);
    let mut items = of_seeds(&[(0, 0, 0, 1, 0)]);
    if let Content::PrivateKey { chain, .. } = &mut items[0].content {
        chain.push(two.chain[1].clone().into());
    }
    let plan = plan(items, StoreFormat::Pkcs12);
    assert_eq!(plan.losses().iter().map(|loss| loss.id).collect::<Vec<_>>(), ["chain"]);
    let store = written(plan);
    let entries = store.entries();
    let entry = entries.iter().find(|entry| entry.kind == EntryKind::PrivateKey).unwrap();
    assert_eq!(entry.chain, [&one.chain[0]]);
}

#[test]
fn a_broken_chain_goes_on_through_given_certificates() {
    let identity = &IDENTITIES[1];
    let mut items = of_seeds(&[(0, 0, 1, 1, 0)]);
    let input: Arc<str> = "bundle.pem".into();
    for certificate in identity.chain.iter().skip(1).rev().chain(&IDENTITIES[2].chain[2..]) {
        items.push(Item::certificate(&input, certificate.clone()));
    }
    let plan = plan(items, StoreFormat::Jks);
    assert_eq!(plan.notes().iter().map(|note| note.id).collect::<Vec<_>>(), ["chain-completed"]);
    // The root of another chain came along with a key, and is not trusted by that.
    assert_eq!(plan.losses().iter().map(|loss| loss.id).collect::<Vec<_>>(), ["untrusted-certificate"]);
    let chain: Vec<EncodedCertificate> = plan.items()[0].certificates().into_iter().cloned().collect();
    assert_eq!((plan.items().len(), chain), (1, identity.chain.clone()));
}
