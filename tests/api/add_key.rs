//! Private keys that come into stores which exist: how they are protected, and what else stays as it was.

use keyward::format::key_store::{self, protect_private_key};
use keyward::format::pkcs12::{self, Derivations};
use keyward::model::key_store::pfx::{
    Cipher, HashFunction, LegacyCipher, MacScheme, Part, PasswordForm, Pfx, Profile, Protection, Scheme,
};
use keyward::model::key_store::{EditError, EncodedCertificate, KeyProtection, KeyStore, StoreFormat};
use keyward::model::{Password, PrivateKey};
use time::OffsetDateTime;
use time::macros::datetime;

use crate::pkcs12::fixture::{Counting, Pki, certificate, fast, listing, password, pfx, shrouded, store};

const THEN: OffsetDateTime = datetime!(2026-03-04 05:06:07.089 UTC);

fn key(pki: &Pki) -> PrivateKey {
    PrivateKey::from_pkcs8(&pki.key).unwrap()
}

fn protect(store: &KeyStore, key: &PrivateKey, password: &Password) -> Vec<u8> {
    let mut derivations = Derivations::new();
    protect_private_key(store, key, password, &mut Counting::default(), &mut derivations).unwrap()
}

fn add(store: &mut KeyStore, alias: &str, pki: &Pki, chain: &[EncodedCertificate]) -> Result<(), EditError> {
    let protected = protect(store, &key(pki), &password());
    store.add_private_key(alias, protected, chain, THEN)
}

fn written(store: &KeyStore) -> Vec<u8> {
    let mut derivations = Derivations::new();
    key_store::encode(store, Some(&password()), &mut Counting::default(), &mut derivations).unwrap()
}

/// The store as its file gives it back.
fn reread(store: &KeyStore) -> KeyStore {
    let mut derivations = Derivations::new();
    key_store::decode(&written(store), Some(&password()), &mut derivations).unwrap().store
}

fn opens(store: &KeyStore, alias: &str, key: &PrivateKey) {
    let mut derivations = Derivations::new();
    let opened = key_store::open_private_key(store, alias, &[&password()], &mut derivations).unwrap();
    assert_eq!(opened, *key, "{alias}");
}

fn chain(store: &KeyStore, alias: &str) -> Vec<EncodedCertificate> {
    store.find(alias).unwrap().chain.into_iter().cloned().collect()
}

/// How the key under an alias is protected.
fn protection(store: &KeyStore, alias: &str) -> KeyProtection {
    keyward::format::key_protection::of_stored(store.find(alias).unwrap().key.unwrap())
}

#[test]
fn jks_and_jceks_take_a_key_at_their_end() {
    let pki = Pki::new();
    for format in [StoreFormat::Jks, StoreFormat::Jceks] {
        let mut store = KeyStore::empty(format);
        store.add_trusted("root", &pki.root, OffsetDateTime::UNIX_EPOCH).unwrap();
        let before = written(&store);
        add(&mut store, "Server", &pki, &[pki.leaf.clone(), pki.intermediate.clone()]).unwrap();
        let after = written(&store);
        // After the header with its count, and before the digest.
        assert_eq!(after[12..before.len() - 20], before[12..before.len() - 20]);
        let store = reread(&store);
        assert_eq!(listing(&store), ["root trusted-certificate 1", "server private-key 2"]);
        assert_eq!(store.find("server").unwrap().created, Some(THEN));
        opens(&store, "server", &key(&pki));
        let expected = match format {
            StoreFormat::Jks => KeyProtection::Jks,
            _ => KeyProtection::Jceks { iterations: Some(200_000) },
        };
        assert_eq!(protection(&store, "server"), expected);
    }
}

#[test]
fn jceks_keeps_the_iterations_of_its_keys() {
    use keyward::format::jks::{self, Protection};
    let pki = Pki::new();
    let mut store = KeyStore::empty(StoreFormat::Jceks);
    let few = Protection { salt: [1; 8], iterations: 20 };
    let protected = jks::protect_jceks_key(&pki.key, &password(), few).unwrap();
    store.add_private_key("old", protected, &[], THEN).unwrap();
    add(&mut store, "new", &pki, std::slice::from_ref(&pki.leaf)).unwrap();
    assert_eq!(protection(&store, "new"), KeyProtection::Jceks { iterations: Some(20) });
    let umlaut = Password::new("schlüssel".to_owned());
    let mut derivations = Derivations::new();
    protect_private_key(&store, &key(&pki), &umlaut, &mut Counting::default(), &mut derivations).unwrap_err();
}

#[test]
fn an_alias_that_folds_to_a_taken_one_is_refused() {
    let pki = Pki::new();
    for format in [StoreFormat::Jks, StoreFormat::Jceks, StoreFormat::Pkcs12] {
        let mut store = KeyStore::empty(format);
        store.add_trusted("Straße", &pki.root, THEN).unwrap();
        let before = written(&store);
        for alias in ["straße", "STRAßE"] {
            let refused = add(&mut store, alias, &pki, &[]).unwrap_err();
            assert!(matches!(refused, EditError::AliasExists(_)), "{refused:?}");
        }
        assert_eq!(written(&store), before);
    }
}

#[test]
fn pkcs12_keeps_its_parts_to_the_byte() {
    let pki = Pki::new();
    let other = Pki::new();
    let mut store = store(
        &Profile::java17(),
        vec![shrouded(&pki.key, Some("server"), Some(b"Time 1"))],
        vec![
            certificate(&pki.leaf, Some("server"), Some(b"Time 1")),
            certificate(&pki.intermediate, None, None),
        ],
    );
    let keys = pfx(&store).parts()[0].original().unwrap().to_vec();
    let identity = [other.leaf.clone(), other.intermediate.clone(), other.root.clone()];
    add(&mut store, "Client", &other, &identity).unwrap();
    let mut store = reread(&store);
    assert_eq!(pfx(&store).parts()[0].original(), Some(&*keys));
    assert_eq!(listing(&store), ["server private-key 2", "Client private-key 3"]);
    assert_eq!(chain(&store, "client"), identity);
    assert_eq!(store.find("client").unwrap().created, Some(THEN));
    opens(&store, "client", &key(&other));
    opens(&store, "server", &key(&pki));
    // The next one joins it in its part, under the same date and another localKeyID.
    let third = Pki::new();
    add(&mut store, "third", &third, std::slice::from_ref(&third.leaf)).unwrap();
    let store = reread(&store);
    assert_eq!(pfx(&store).parts().len(), 3);
    assert_eq!(pfx(&store).parts()[0].original(), Some(&*keys));
    assert_eq!(chain(&store, "third"), [third.leaf]);
    assert_eq!(chain(&store, "client"), identity);
}

#[test]
fn pkcs12_without_key_identifiers_keeps_what_java_infers() {
    // A key and its certificate without localKeyID: Java binds the first of each.
    let pki = Pki::new();
    let other = Pki::new();
    let mut store = store(
        &Profile::java17(),
        vec![shrouded(&pki.key, None, None)],
        vec![certificate(&pki.leaf, None, None)],
    );
    assert_eq!(listing(&store), ["1 private-key 1"]);
    add(&mut store, "client", &other, std::slice::from_ref(&other.leaf)).unwrap();
    let store = reread(&store);
    assert_eq!(listing(&store), ["1 private-key 1", "client private-key 1"]);
    assert_eq!((chain(&store, "1"), chain(&store, "client")), (vec![pki.leaf], vec![other.leaf]));
}

#[test]
fn pkcs12_protects_as_the_file_does() {
    let pki = Pki::new();
    let leaf = [pki.leaf.clone()];
    let protected_in = |mut store: KeyStore| {
        add(&mut store, "k", &pki, &leaf).unwrap();
        let store = reread(&store);
        opens(&store, "k", &key(&pki));
        match protection(&store, "k") {
            KeyProtection::Scheme(scheme) => scheme,
            other => panic!("{other:?}"),
        }
    };
    let trust = |profile: &Profile| store(profile, vec![], vec![certificate(&pki.stranger, Some("s"), None)]);
    // No key to go by: the certificates' scheme, but never a cipher of 40 bits.
    let pbes2 = |iterations, salt_length, key_length_written| Scheme::Pbes2 {
        cipher: Cipher::Aes256,
        prf: HashFunction::Sha256,
        iterations,
        salt_length,
        key_length_written,
    };
    assert_eq!(protected_in(trust(&Profile::java17())), pbes2(20, 20, true));
    assert_eq!(protected_in(trust(&Profile::openssl3())), pbes2(20, 8, false));
    assert_eq!(protected_in(trust(&Profile::modern())), pbes2(20, 16, true));
    assert_eq!(protected_in(trust(&Profile::passwordless())), pbes2(10_000, 20, true));
    let triple_des =
        |iterations| Scheme::Pkcs12 { cipher: LegacyCipher::TripleDes, iterations, salt_length: 20 };
    assert_eq!(protected_in(trust(&Profile::java8())), triple_des(20));
    assert_eq!(protected_in(KeyStore::empty(StoreFormat::Pkcs12)), pbes2(10_000, 20, true));
    // A key to go by.
    let mixed = store(&Profile::java8(), vec![shrouded(&pki.key, Some("old"), Some(b"1"))], vec![]);
    assert_eq!(protected_in(mixed), pbes2(20, 20, true));
}

#[test]
fn pkcs12_keeps_the_form_of_the_password() {
    let pki = Pki::new();
    let password = Password::new("schlüssel".to_owned());
    let scheme = fast(&Profile::java8()).keys;
    let file = |form| {
        let mac = MacScheme::Pkcs12 { hash: HashFunction::Sha1, iterations: 20, salt_length: 8 };
        let part = Part::new(Protection::Encrypted(scheme.clone()), vec![certificate(&pki.root, None, None)]);
        KeyStore::Pkcs12(Pfx::from_parts(vec![part], Some(mac), form))
    };
    let [standard, old] = [PasswordForm::Standard, PasswordForm::Utf8AsLatin1]
        .map(|form| protect(&file(form), &key(&pki), &password));
    assert_ne!(standard, old);
    for bytes in [standard, old] {
        let opened = pkcs12::decrypt_key(&bytes, &password, &mut Derivations::new()).unwrap();
        assert_eq!(opened.as_slice(), pki.key);
    }
}

#[test]
fn a_chain_that_the_file_would_continue_is_refused() {
    let pki = Pki::new();
    let mut store = KeyStore::empty(StoreFormat::Pkcs12);
    store.add_trusted("root", &pki.root, THEN).unwrap();
    let before = written(&store);
    let short = [pki.leaf.clone(), pki.intermediate.clone()];
    let whole = [pki.leaf.clone(), pki.intermediate.clone(), pki.root.clone()];
    match add(&mut store, "client", &pki, &short) {
        Err(EditError::Chain { alias, found }) => assert_eq!((&*alias, &*found), ("client", &whole[..])),
        other => panic!("{other:?}"),
    }
    assert_eq!(written(&store), before);
    add(&mut store, "client", &pki, &whole).unwrap();
    assert_eq!(listing(&reread(&store)), ["root trusted-certificate 1", "client private-key 3"]);
}

#[test]
fn a_key_takes_the_place_of_another() {
    let (pki, new) = (Pki::new(), Pki::new());
    for format in [StoreFormat::Jks, StoreFormat::Jceks, StoreFormat::Pkcs12] {
        let mut store = KeyStore::empty(format);
        add(&mut store, "Client", &pki, &[pki.leaf.clone(), pki.intermediate.clone()]).unwrap();
        store.add_trusted("stranger", &pki.stranger, THEN).unwrap();
        let protected = protect(&store, &key(&new), &password());
        let identity = [new.leaf.clone(), new.intermediate.clone()];
        let later = THEN + time::Duration::days(1);
        let refused = store.replace_private_key("stranger", protected.clone(), &identity, later);
        assert!(matches!(refused, Err(EditError::WrongKind { .. })), "{refused:?}");
        let refused = store.replace_private_key("nobody", protected.clone(), &identity, later);
        assert_eq!(refused, Err(EditError::NoSuchEntry("nobody".to_owned())));
        store.replace_private_key("CLIENT", protected, &identity, later).unwrap();
        let store = reread(&store);
        let alias = if format == StoreFormat::Pkcs12 { "Client" } else { "client" };
        let mut expected =
            vec![format!("{alias} private-key 2"), "stranger trusted-certificate 1".to_owned()];
        let mut found = listing(&store);
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{format}");
        assert_eq!(chain(&store, "client"), identity);
        assert_eq!(store.find("client").unwrap().created, Some(later));
        opens(&store, "client", &key(&new));
    }
}

#[test]
fn a_replaced_key_takes_nothing_from_its_neighbour() {
    // Two keys of one issuer, and one certificate under two keys.
    let pki = Pki::new();
    let new = Pki::new();
    let mut store = store(
        &Profile::java17(),
        vec![shrouded(&pki.key, Some("a"), Some(b"1")), shrouded(&pki.key, Some("b"), Some(b"1"))],
        vec![certificate(&pki.leaf, None, Some(b"1")), certificate(&pki.intermediate, None, None)],
    );
    let shared = [pki.leaf.clone(), pki.intermediate.clone()];
    assert_eq!((chain(&store, "a"), chain(&store, "b")), (shared.to_vec(), shared.to_vec()));
    let protected = protect(&store, &key(&pki), &password());
    store.replace_private_key("a", protected, &shared, THEN).unwrap();
    assert_eq!((chain(&store, "a"), chain(&store, "b")), (shared.to_vec(), shared.to_vec()));
    let protected = protect(&store, &key(&new), &password());
    store.replace_private_key("a", protected, &[new.leaf.clone(), new.intermediate.clone()], THEN).unwrap();
    let store = reread(&store);
    assert_eq!(chain(&store, "b"), shared);
    assert_eq!(chain(&store, "a"), [new.leaf.clone(), new.intermediate.clone()]);
    opens(&store, "a", &key(&new));
    opens(&store, "b", &key(&pki));
}
