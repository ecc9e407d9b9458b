//! What holds a secret does not show it where it is printed for debugging.

use std::fmt::Debug;

use keyward::format::key_store::protect_private_key;
use keyward::format::objects::EncodedKey;
use keyward::format::pkcs12::Derivations;
use keyward::identity::{Identity, KeyAccess};
use keyward::model::key_store::pfx::{Bag, BagContent};
use keyward::model::key_store::{KeyStore, StoreFormat};
use keyward::model::{Password, PrivateKey, SecretKey};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::pkcs12::fixture::{Counting, Pki};

const PASSWORD: &str = "a-password-of-tests";

/// Fails where the text shows octets of a key as `Debug` of a list would, or in hex or base64, or the password.
#[track_caller]
fn hides(what: &impl Debug, key: &[u8]) {
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD;
    let text = format!("{what:?} {what:#?}");
    let dense: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    // The scalar of an ECPrivateKey, or whatever the octets begin with.
    let start = key.windows(5).position(|w| w == [0x02, 0x01, 0x01, 0x04, 0x20]).map_or(0, |at| at + 5);
    let piece = &key[start..start + 24];
    let list = piece.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
    let hex: String = piece.iter().map(|octet| format!("{octet:02x}")).collect();
    assert!(!dense.contains(&list) && !dense.to_lowercase().contains(&hex), "{text}");
    for skipped in 0..3 {
        let encoded = base64.encode(&piece[skipped..skipped + 21]);
        assert!(!dense.contains(&encoded), "{text}");
    }
    assert!(!text.contains(PASSWORD), "{text}");
}

#[test]
fn keys_and_passwords_are_not_printed() {
    let pki = Pki::new();
    let key = || PrivateKey::from_pkcs8(&pki.key).unwrap();
    let octets = [0xa5; 32];
    hides(&Password::new(PASSWORD.to_owned()), &pki.key);
    hides(&key(), &pki.key);
    hides(&SecretKey::new("AES".to_owned(), Zeroizing::new(octets.to_vec())), &octets);
    hides(&EncodedKey::Der(Zeroizing::new(pki.key.clone())), &pki.key);
    hides(&Bag::new(BagContent::Key(Zeroizing::new(pki.key.clone()))), &pki.key);
    hides(&Bag::new(BagContent::Secret(Zeroizing::new(octets.to_vec()))), &octets);
    let chain = vec![pki.leaf.read().unwrap()];
    for access in [KeyAccess::StorePassword(key()), KeyAccess::OwnPassword(key())] {
        hides(&Identity { alias: "client".to_owned(), chain: chain.clone(), key: access }, &pki.key);
    }
    let served =
        keyward::serve::pki::Identity { certificate: pki.leaf.clone(), key: Zeroizing::new(pki.key.clone()) };
    hides(&served, &pki.key);
}

#[test]
fn stores_and_what_is_derived_are_not_printed() {
    let pki = Pki::new();
    for format in [StoreFormat::Jks, StoreFormat::Jceks, StoreFormat::Pkcs12] {
        let mut store = KeyStore::empty(format);
        let key = PrivateKey::from_pkcs8(&pki.key).unwrap();
        let password = Password::new(PASSWORD.to_owned());
        let mut derivations = Derivations::new();
        let protected =
            protect_private_key(&store, &key, &password, &mut Counting::default(), &mut derivations).unwrap();
        let chain = std::slice::from_ref(&pki.leaf);
        store.add_private_key("client", protected.clone(), chain, OffsetDateTime::UNIX_EPOCH).unwrap();
        hides(&store, &pki.key);
        hides(&store.entries(), &protected);
        hides(&derivations, &pki.key);
    }
}
