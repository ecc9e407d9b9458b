//! The crates `jks` and `p12`, which know nothing of keyward: they read what it writes in the formats that they know,
//! and it reads what they write. `docs/dependencies.md` says what they do not know.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use ::jks::{Certificate, PrivateKeyEntry, TrustedCertificateEntry};
use ::p12::{PFX, PKCS12Attribute};
use keyward::format::key_store::{self, protect_private_key};
use keyward::format::pkcs12::Derivations;
use keyward::model::PrivateKey;
use keyward::model::key_store::pfx::{LegacyCipher, Pfx, Profile, Protection, Scheme};
use keyward::model::key_store::{EncodedCertificate, Integrity, KeyStore, StoreFormat};
use time::OffsetDateTime;
use time::macros::datetime;

use crate::pkcs12::fixture::{Counting, Pki, fast, listing, password};

const PASSWORD: &[u8] = b"changeit";
const CREATED: OffsetDateTime = datetime!(2026-03-04 05:06:07.089 UTC);

/// Two identities with chains of three and of one, and two trusted certificates, with these aliases.
fn filled(mut store: KeyStore, first: &Pki, second: &Pki, trusted: [&str; 2]) -> KeyStore {
    let chain = [first.leaf.clone(), first.intermediate.clone(), first.root.clone()];
    for (alias, pki, chain) in [("first", first, &chain[..]), ("second", second, &chain_of_one(second))] {
        let key = PrivateKey::from_pkcs8(&pki.key).unwrap();
        let mut derivations = Derivations::new();
        let protected =
            protect_private_key(&store, &key, &password(), &mut Counting::default(), &mut derivations)
                .unwrap();
        store.add_private_key(alias, protected, chain, CREATED).unwrap();
    }
    for (alias, pki) in trusted.into_iter().zip([first, second]) {
        store.add_trusted(alias, &pki.stranger, CREATED).unwrap();
    }
    store
}

fn chain_of_one(pki: &Pki) -> [EncodedCertificate; 1] {
    [pki.leaf.clone()]
}

fn written(store: &KeyStore) -> Vec<u8> {
    let mut derivations = Derivations::new();
    key_store::encode(store, Some(&password()), &mut Counting::default(), &mut derivations).unwrap()
}

fn read(bytes: &[u8]) -> KeyStore {
    let opened = key_store::decode(bytes, Some(&password()), &mut Derivations::new()).unwrap();
    assert_eq!((opened.integrity, opened.trailing), (Integrity::Verified, 0));
    opened.store
}

fn key_of(store: &KeyStore, alias: &str) -> Vec<u8> {
    let mut derivations = Derivations::new();
    key_store::open_private_key(store, alias, &[&password()], &mut derivations).unwrap().pkcs8().to_vec()
}

fn ders<'a>(chain: impl IntoIterator<Item = &'a EncodedCertificate>) -> Vec<Vec<u8>> {
    chain.into_iter().map(|certificate| certificate.der.to_vec()).collect()
}

fn contents(chain: &[Certificate]) -> Vec<Vec<u8>> {
    chain.iter().map(|certificate| certificate.content.clone()).collect()
}

#[test]
fn the_crate_jks_reads_what_is_written() {
    let (first, second) = (Pki::new(), Pki::new());
    let bytes =
        written(&filled(KeyStore::empty(StoreFormat::Jks), &first, &second, ["stranger", "größe 漢字"]));
    let mut other = ::jks::KeyStore::new();
    other.load(&bytes[..], PASSWORD).unwrap();
    assert_eq!(other.len(), 4);
    let entry = other.get_private_key_entry("first", PASSWORD).unwrap();
    assert_eq!(entry.private_key, first.key);
    assert_eq!(contents(&entry.certificate_chain), ders([&first.leaf, &first.intermediate, &first.root]));
    assert_eq!(entry.creation_time, SystemTime::from(CREATED));
    let entry = other.get_private_key_entry("second", PASSWORD).unwrap();
    assert_eq!(
        (entry.private_key, contents(&entry.certificate_chain)),
        (second.key.clone(), ders([&second.leaf]))
    );
    for (alias, pki) in [("stranger", &first), ("größe 漢字", &second)] {
        let entry = other.get_trusted_certificate_entry(alias).unwrap();
        assert_eq!(
            (&*entry.certificate.cert_type, entry.certificate.content),
            ("X.509", pki.stranger.der.to_vec())
        );
    }
    assert!(::jks::KeyStore::new().load(&bytes[..], b"not the password").is_err());
    assert!(other.get_private_key_entry("first", b"not the password").is_err());
}

#[test]
fn what_the_crate_jks_writes_is_read() {
    let pki = Pki::new();
    let certificate =
        |held: &EncodedCertificate| Certificate { cert_type: "X.509".to_owned(), content: held.der.to_vec() };
    let creation_time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_772_600_767_089);
    let mut other = ::jks::KeyStore::new();
    let certificate_chain = [&pki.leaf, &pki.intermediate, &pki.root].map(certificate).to_vec();
    let entry = PrivateKeyEntry { creation_time, private_key: pki.key.clone(), certificate_chain };
    other.set_private_key_entry("server", entry, PASSWORD).unwrap();
    let entry = TrustedCertificateEntry { creation_time, certificate: certificate(&pki.stranger) };
    other.set_trusted_certificate_entry("größe 漢字", entry).unwrap();
    let mut bytes = Vec::new();
    other.store(&mut bytes, PASSWORD).unwrap();

    let store = read(&bytes);
    let mut found = listing(&store);
    found.sort();
    assert_eq!(found, ["größe 漢字 trusted-certificate 1", "server private-key 3"]);
    assert_eq!(key_of(&store, "server"), pki.key);
    let entry = store.find("server").unwrap();
    assert_eq!(ders(entry.chain), ders([&pki.leaf, &pki.intermediate, &pki.root]));
    assert_eq!(entry.created, Some(CREATED));
    assert_eq!(written(&store), bytes, "written again it is the same file");
}

/// The crate wants the attributes of a bag in the order of DER, shorter ones first. They stand in Java's order, where
/// the alias comes first; so it refuses trusted certificates with an alias of more than three characters, Java's own
/// as well.
#[test]
fn the_crate_p12_refuses_the_order_of_java() {
    let pki = Pki::new();
    for (alias, refused) in [("abc", false), ("abcd", true)] {
        let mut store = KeyStore::Pkcs12(Pfx::with_profile(&fast(&Profile::java8())));
        store.add_trusted(alias, &pki.root, CREATED).unwrap();
        let other = PFX::parse(&written(&store)).unwrap();
        assert!(other.verify_mac("changeit"));
        assert_eq!(other.bags("changeit").is_err(), refused, "{alias}");
    }
}

/// 3DES for keys and RC2-40 or 3DES for certificates, with an HMAC of SHA-1, is what the crate knows.
#[test]
fn the_crate_p12_reads_what_is_written_for_java_8() {
    let java8 = fast(&Profile::java8());
    let all_triple_des = Profile { certificates: Protection::Encrypted(java8.keys.clone()), ..java8.clone() };
    for profile in [java8, all_triple_des] {
        let (first, second) = (Pki::new(), Pki::new());
        let empty = KeyStore::Pkcs12(Pfx::with_profile(&profile));
        let bytes = written(&filled(empty, &first, &second, ["ca", "漢字"]));
        let other = PFX::parse(&bytes).unwrap();
        assert!(other.verify_mac("changeit"));
        assert!(!other.verify_mac("not the password"));
        assert_eq!(other.key_bags("changeit").unwrap(), [first.key.clone(), second.key.clone()]);
        let mut certificates = other.cert_x509_bags("changeit").unwrap();
        let mut expected = ders([
            &first.leaf,
            &first.intermediate,
            &first.root,
            &second.leaf,
            &first.stranger,
            &second.stranger,
        ]);
        certificates.sort();
        expected.sort();
        assert_eq!(certificates, expected);

        // Each key is bound to its end entity and to no other, and the names are those that were given.
        let mut named: BTreeMap<Vec<u8>, Vec<String>> = BTreeMap::new();
        let mut names = Vec::new();
        for bag in other.bags("changeit").unwrap() {
            let name = bag.friendly_name().unwrap_or_default();
            if let Some(id) = bag.local_key_id() {
                named.entry(id).or_default().push(name.clone());
            }
            let trusted = bag.attributes.iter().any(|a| matches!(a, PKCS12Attribute::Other(_)));
            names.extend(trusted.then_some(name));
        }
        let bound: Vec<Vec<String>> = named.into_values().collect();
        assert_eq!(bound, [["first", "first"], ["second", "second"]]);
        assert_eq!(names, ["ca", "漢字"]);
    }
}

#[test]
fn what_the_crate_p12_writes_is_read_and_stays_as_it_is() {
    let pki = Pki::new();
    let issuers: [&[u8]; 2] = [&pki.intermediate.der, &pki.root.der];
    let made = PFX::new_with_cas(&pki.leaf.der, &pki.key, &issuers, "changeit", "Größe 漢字").unwrap();
    let store = read(&made.to_der());
    assert_eq!(listing(&store), ["Größe 漢字 private-key 3"]);
    assert_eq!(key_of(&store, "größe 漢字"), pki.key);
    assert_eq!(
        ders(store.find("größe 漢字").unwrap().chain),
        ders([&pki.leaf, &pki.intermediate, &pki.root])
    );

    // An identity added to it is protected as the first one is, and the crate reads both.
    let second = Pki::new();
    let mut store = store;
    let key = PrivateKey::from_pkcs8(&second.key).unwrap();
    let mut derivations = Derivations::new();
    let protected =
        protect_private_key(&store, &key, &password(), &mut Counting::default(), &mut derivations).unwrap();
    let scheme = keyward::format::pkcs12::key_scheme(&protected).unwrap();
    assert!(matches!(scheme, Scheme::Pkcs12 { cipher: LegacyCipher::TripleDes, .. }), "{scheme:?}");
    store.add_private_key("second", protected, &chain_of_one(&second), CREATED).unwrap();
    let other = PFX::parse(&written(&store)).unwrap();
    assert!(other.verify_mac("changeit"));
    assert_eq!(other.key_bags("changeit").unwrap(), [pki.key, second.key]);
}
