//! JKS and JCEKS: the stores of others, and hostile ones.

use std::time::{Duration, Instant};

use keyward::format::jks::{self, JksError};
use keyward::format::pkcs12::Derivations;
use keyward::model::Password;
use keyward::model::key_store::java_store::{JavaContent, JavaEntry};
use keyward::model::key_store::{EncodedCertificate, EntryKind, Integrity, JavaStore, KeyStore, StoreFormat};

use crate::corpora;

#[test]
fn stores_of_others_cut_anywhere_are_refused() {
    let Some(corpora) = corpora() else { return };
    for name in ["pyjks/RSA2048_3certs.jks", "pyjks/custom_entry_passwords.jceks", "pyjks/AES128.jceks"] {
        let bytes = std::fs::read(corpora.join("stores").join(name)).unwrap();
        for length in 0..bytes.len() {
            let error = jks::decode(&bytes[..length], None).unwrap_err();
            assert!(matches!(error, JksError::Magic | JksError::Malformed { .. }), "{length}: {error}");
        }
    }
}

#[test]
fn damaged_stores_never_panic() {
    let Some(corpora) = corpora() else { return };
    for name in ["pyjks/RSA1024.jks", "pyjks/AES128.jceks", "pyjks/duplicate_aliases.jceks"] {
        let good = std::fs::read(corpora.join("stores").join(name)).unwrap();
        for position in 0..good.len() {
            for value in [0x00, 0x7f, 0x80, 0xff, good[position].wrapping_add(1)] {
                let mut bytes = good.clone();
                bytes[position] = value;
                if let Ok(decoded) = jks::decode(&bytes, None) {
                    for entry in &decoded.store.entries {
                        if let JavaContent::PrivateKey { protected, .. } = &entry.content
                            && position % 64 == 0
                        {
                            let _ = jks::recover_key(
                                protected,
                                &Password::new("12345678".to_owned()),
                                &mut Derivations::new(),
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn the_view_of_a_store_is_that_of_java() {
    let mut store = JavaStore::empty(StoreFormat::Jks);
    for alias in ["root", "Root"] {
        let content = JavaContent::TrustedCertificate(EncodedCertificate::x509(b"der"));
        store.entries.push(JavaEntry { alias: alias.to_owned(), created: 0, content });
    }
    let bytes = jks::encode(&store, &Password::new("changeit".to_owned())).unwrap();
    let store = KeyStore::Java(jks::decode(&bytes, None).unwrap().store);
    assert_eq!(store.entries().len(), 2);
    let found = store.find("ROOT").unwrap();
    assert_eq!((found.alias.as_str(), found.kind), ("root", EntryKind::TrustedCertificate));
}

/// Ten times the entries may cost ten times the time, with a wide margin for a busy machine.
#[test]
fn time_is_linear_in_the_entries() {
    let password = Password::new("changeit".to_owned());
    let certificate = EncodedCertificate::x509(&[0x30; 1200]);
    let run = |count: usize| -> Duration {
        let mut store = JavaStore::empty(StoreFormat::Jks);
        for number in 0..count {
            let content = JavaContent::TrustedCertificate(certificate.clone());
            store.entries.push(JavaEntry { alias: format!("ca-{number}"), created: 0, content });
        }
        let start = Instant::now();
        let bytes = jks::encode(&store, &password).unwrap();
        let encoded = start.elapsed();
        let decoded = jks::decode(&bytes, Some(&password)).unwrap();
        assert_eq!(decoded.store.entries.len(), count);
        println!("{count} entries: encoded in {encoded:?}, decoded in {:?}", start.elapsed() - encoded);
        start.elapsed()
    };
    let small = (0..3).map(|_| run(2_000)).min().unwrap();
    let large = (0..3).map(|_| run(20_000)).min().unwrap();
    assert!(large < small * 40 + Duration::from_millis(50), "{small:?} and {large:?}");
}

/// The crate `jks` is an independent reader.
#[test]
fn another_reader_agrees() {
    let password = Password::new("changeit".to_owned());
    let mut store = JavaStore::empty(StoreFormat::Jks);
    let certificate = EncodedCertificate::x509(b"any bytes");
    let trusted = JavaContent::TrustedCertificate(certificate.clone());
    store.entries.push(JavaEntry { alias: "root".to_owned(), created: 1_700_000_000_000, content: trusted });
    let key = b"a private key, as far as the format is concerned".to_vec();
    let protected = jks::protect_key(&key, &password, [9; 20]);
    let content = JavaContent::PrivateKey { protected, chain: vec![certificate] };
    store.entries.push(JavaEntry { alias: "key".to_owned(), created: 1_700_000_000_001, content });
    let bytes = jks::encode(&store, &password).unwrap();

    let mut other = ::jks::KeyStore::new();
    other.load(&bytes[..], b"changeit").unwrap();
    assert_eq!(other.get_trusted_certificate_entry("root").unwrap().certificate.content, b"any bytes");
    let entry = other.get_private_key_entry("key", b"changeit").unwrap();
    assert_eq!(entry.private_key, key);
    assert_eq!(entry.certificate_chain.len(), 1);
}

/// Java reads the entries into a map: the last one of an alias is there.
#[test]
fn of_two_entries_with_one_alias_java_finds_the_last() {
    let certificate = |text: &str| EncodedCertificate::x509(text.as_bytes());
    let new = || {
        let entry = |text: &str| JavaEntry {
            alias: "twice".to_owned(),
            created: 0,
            content: JavaContent::TrustedCertificate(certificate(text)),
        };
        let entries = vec![entry("first"), entry("last")];
        KeyStore::Java(JavaStore { format: StoreFormat::Jks, version: 2, entries })
    };
    let first_of = |store: &KeyStore, alias: &str| store.find(alias).map(|entry| entry.chain[0].clone());
    assert_eq!(new().trust_anchors(), [&certificate("last")]);
    assert_eq!(first_of(&new(), "TWICE"), Some(certificate("last")));
    assert_eq!(new().shadowed("twice").len(), 1);
    let mut renamed = new();
    renamed.rename("twice", "new").unwrap();
    assert_eq!(first_of(&renamed, "new"), Some(certificate("last")));
    assert!(renamed.find("twice").is_none(), "the first must not come to light");
    let mut removed = new();
    removed.remove("twice").unwrap();
    assert!(removed.entries().is_empty(), "nor here");
}

/// The class of a field could once be an array, whose class had fields, whose class could be an array.
#[test]
fn classes_of_a_sealed_object_do_not_nest_without_end() {
    let mut bytes =
        [&[0xce, 0xce, 0xce, 0xce, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 0, 1, b'a'][..], &[0; 8]].concat();
    // The magic of the stream, its version, an object.
    bytes.extend([0xac, 0xed, 0, 5, 0x73]);
    // A class description with one field of a type that follows.
    let class = [&[0x72, 0, 1, b'x'][..], &[0; 8], &[2, 0, 1, b'L', 0, 1, b'f']].concat();
    bytes.extend(&class);
    for _ in 0..1_000_000 {
        bytes.push(0x75);
        bytes.extend(&class);
    }
    let error = jks::decode(&bytes, None).unwrap_err();
    assert!(error.to_string().contains("0x75 begins no name of a type"), "{error}");
}

/// Of a store this large the digest is computed while the rest is read.
#[test]
fn a_large_store_is_checked_as_a_small_one() {
    let password = Password::new("changeit".to_owned());
    let mut store = JavaStore::empty(StoreFormat::Jks);
    for number in 0..40_u8 {
        let content = JavaContent::TrustedCertificate(EncodedCertificate::x509(&vec![number; 20_000]));
        store.entries.push(JavaEntry { alias: format!("entry {number}"), created: 0, content });
    }
    let bytes = jks::encode(&store, &password).unwrap();
    let decoded = jks::decode(&bytes, Some(&password)).unwrap();
    assert_eq!((decoded.store, decoded.integrity, decoded.trailing), (store, Integrity::Verified, 0));

    let longer = [&bytes[..], b"more"].concat();
    let decoded = jks::decode(&longer, Some(&password)).unwrap();
    assert_eq!((decoded.integrity, decoded.trailing), (Integrity::Verified, 4));
    for at in [100, 400_000, bytes.len() - 1] {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert_eq!(jks::decode(&damaged, Some(&password)).unwrap_err(), JksError::Integrity, "{at}");
    }
    let wrong = Password::new("not the password".to_owned());
    assert_eq!(jks::decode(&bytes, Some(&wrong)).unwrap_err(), JksError::Integrity);
    let cut = jks::decode(&bytes[..bytes.len() - 1], Some(&password)).unwrap_err();
    assert!(matches!(cut, JksError::Malformed { .. }), "{cut:?}");
}
