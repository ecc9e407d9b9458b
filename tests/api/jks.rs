//! JKS and JCEKS: the stores of others, and hostile ones.

use std::time::{Duration, Instant};

use keyward::format::jks::{self, JksError};
use keyward::model::Password;
use keyward::model::key_store::java_store::{JavaContent, JavaEntry};
use keyward::model::key_store::{EncodedCertificate, EntryKind, JavaStore, KeyStore, StoreFormat};

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
                            let _ = jks::recover_key(protected, &Password::new("12345678".to_owned()));
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
