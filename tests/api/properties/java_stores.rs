//! JKS and JCEKS.

use keyward::format::jks::{decode, encode};
use keyward::model::Password;
use keyward::model::key_store::java_store::{JavaContent, JavaEntry};
use keyward::model::key_store::{EncodedCertificate, Integrity, JavaStore, KeyStore, StoreFormat, alias};
use proptest::prelude::*;
use time::OffsetDateTime;

use super::super::fuzz_replay::codecs;

/// A secret key as JCEKS holds it, of a fixture: no other bytes would be read.
fn secret_key() -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/stores/rich.jceks");
    let store = decode(&std::fs::read(path).unwrap(), None).unwrap().store;
    let secret = store.entries.into_iter().find_map(|entry| match entry.content {
        JavaContent::SecretKey(sealed) => Some(sealed),
        _ => None,
    });
    secret.expect("the fixture holds a secret key")
}

fn certificate(version: u32) -> impl Strategy<Value = EncodedCertificate> {
    let kind = if version == 1 { Just("X.509".to_owned()).boxed() } else { super::alias().boxed() };
    (kind, super::certificate())
        .prop_map(|(kind, held)| EncodedCertificate { kind: kind.into(), der: held.der })
}

fn content(format: StoreFormat, version: u32) -> impl Strategy<Value = JavaContent> {
    let chain = prop::collection::vec(certificate(version), 0..4);
    let key = (prop::collection::vec(any::<u8>(), 0..60), chain)
        .prop_map(|(protected, chain)| JavaContent::PrivateKey { protected, chain });
    let trusted = certificate(version).prop_map(JavaContent::TrustedCertificate);
    match format {
        StoreFormat::Jceks => {
            prop_oneof![key, trusted, Just(()).prop_map(|()| JavaContent::SecretKey(secret_key()))].boxed()
        }
        _ => prop_oneof![key, trusted].boxed(),
    }
}

fn store() -> impl Strategy<Value = JavaStore> {
    (prop_oneof![Just(StoreFormat::Jks), Just(StoreFormat::Jceks)], 1..=2u32).prop_flat_map(
        |(format, version)| {
            let entry = (super::alias(), any::<i64>(), content(format, version))
                .prop_map(|(alias, created, content)| JavaEntry { alias, created, content });
            prop::collection::vec(entry, 0..6).prop_map(move |entries| JavaStore { format, version, entries })
        },
    )
}

/// The bytes of each entry as they stand in a file, with its alias.
fn entries(store: &KeyStore) -> Vec<(String, Vec<u8>)> {
    let KeyStore::Java(store) = store else { panic!("a store of Java's is expected") };
    let single = |entry: &JavaEntry| {
        let content = match &entry.content {
            JavaContent::PrivateKey { protected, chain } => {
                JavaContent::PrivateKey { protected: protected.clone(), chain: chain.clone() }
            }
            JavaContent::TrustedCertificate(held) => JavaContent::TrustedCertificate(held.clone()),
            JavaContent::SecretKey(sealed) => JavaContent::SecretKey(sealed.clone()),
        };
        let entry = JavaEntry { alias: entry.alias.clone(), created: entry.created, content };
        let alone = JavaStore { format: store.format, version: store.version, entries: vec![entry] };
        let bytes = encode(&alone, &Password::new(String::new())).unwrap();
        bytes[12..bytes.len() - 20].to_vec()
    };
    store.entries.iter().map(|entry| (entry.alias.clone(), single(entry))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_again(store in store(), password in any::<String>()) {
        let password = Password::new(password);
        let bytes = encode(&store, &password).unwrap();
        let decoded = decode(&bytes, Some(&password)).unwrap();
        prop_assert_eq!((&decoded.store, decoded.integrity, decoded.trailing), (&store, Integrity::Verified, 0));
        prop_assert_eq!(encode(&decoded.store, &password).unwrap(), bytes);
    }

    #[test]
    fn an_edit_leaves_the_other_entries_to_the_byte(
        store in store(),
        which in any::<prop::sample::Index>(),
        new in super::alias(),
        held in super::certificate(),
        edit in 0..5u8,
    ) {
        let mut store = KeyStore::Java(store);
        let before = entries(&store);
        let created = OffsetDateTime::UNIX_EPOCH;
        let old = if before.is_empty() { String::new() } else { which.get(&before).0.clone() };
        let done = match edit {
            0 => store.add_trusted(&new, &held, created),
            1 => store.rename(&old, &new),
            2 => store.remove(&old),
            3 => store.replace_trusted(&old, &held, created),
            _ => store.set_chain(&old, std::slice::from_ref(&held)),
        };
        let after = entries(&store);
        if done.is_err() {
            prop_assert_eq!(after, before);
            return Ok(());
        }
        let differing: Vec<usize> = match edit {
            0 => {
                prop_assert_eq!(&after[..before.len()], &before[..]);
                prop_assert_eq!(&after[before.len()].0, &alias::fold(&new));
                Vec::new()
            }
            2 => {
                // Those that it shadowed go with it.
                let gone = (0..before.len()).find(|&at| before.get(at) != after.get(at)).unwrap();
                let gone = &before[gone].0;
                prop_assert_eq!(alias::fold(gone), alias::fold(&old));
                let kept: Vec<_> = before.iter().filter(|(alias, _)| alias != gone).cloned().collect();
                prop_assert_eq!(&after, &kept);
                Vec::new()
            }
            _ => {
                prop_assert_eq!(after.len(), before.len());
                (0..before.len()).filter(|&at| before[at] != after[at]).collect()
            }
        };
        prop_assert!(differing.len() <= 1 || edit == 1, "{differing:?}");
        for at in &differing {
            prop_assert_eq!(alias::fold(&before[*at].0), alias::fold(&old));
            prop_assert_eq!(&before[*at].0, &before[differing[0]].0);
        }
    }

    #[test]
    fn damage_is_survived(store in store(), damage in super::damage()) {
        let bytes = encode(&store, &Password::new("changeit".to_owned())).unwrap();
        let name = if store.format == StoreFormat::Jks { "jks" } else { "jceks" };
        codecs::run(name, &damage.on(&bytes));
    }
}
