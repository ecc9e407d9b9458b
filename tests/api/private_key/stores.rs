//! The keys of keystores: opened, and written as Java would.

use keyward::format::jks::{self, Protection, ProtectorError};
use keyward::format::key_store::{decode, open_private_key, open_secret_key, private_key_of};
use keyward::format::pkcs12::{self, Derivations};
use keyward::format::private_key::KeyError;
use keyward::model::SecretKey;
use keyward::model::entropy::SystemEntropy;
use keyward::model::key_store::pfx::{PasswordForm, Profile};
use keyward::model::key_store::{EntryKind, KeyStore};
use zeroize::Zeroizing;

use super::{key, password, testdata};

fn open(file: &str, text: &str) -> KeyStore {
    decode(&testdata(&format!("stores/{file}")), Some(&password(text)), &mut Derivations::new())
        .unwrap_or_else(|error| panic!("{file}: {error}"))
        .store
}

#[test]
fn private_keys_are_opened_in_every_format() {
    let expected = key("pki/localhost.key");
    for file in ["rich.jks", "rich.jceks", "rich.p12", "openssl-chain.p12", "openssl-legacy.p12", "pbes1.p12"]
    {
        let store = open(file, "changeit");
        let opened =
            open_private_key(&store, "server", &[&password("changeit")], &mut Derivations::new()).unwrap();
        assert_eq!(opened, expected, "{file}");
        let leaf = store.find("server").unwrap().chain[0].read().unwrap();
        assert_eq!(opened.fits(&leaf), Some(true), "{file}");
        let none = open_private_key(&store, "server", &[], &mut Derivations::new());
        assert_eq!(none, Err(KeyError::PasswordRequired), "{file}");
        let wrong = open_private_key(&store, "server", &[&password("changeme")], &mut Derivations::new());
        assert_eq!(wrong, Err(KeyError::Password), "{file}");
    }
    let store = open("other-key-password.jks", "changeit");
    let both = [&password("changeit"), &password("keypassword")];
    assert_eq!(open_private_key(&store, "server", &both, &mut Derivations::new()).unwrap(), expected);
}

#[test]
fn what_holds_no_such_key_says_so() {
    let store = open("rich.jceks", "changeit");
    let text = password("changeit");
    let open = |alias: &str| {
        open_private_key(&store, alias, &[&text], &mut Derivations::new()).unwrap_err().to_string()
    };
    assert_eq!(open("nobody"), "no entry has the alias \"nobody\"");
    assert_eq!(open("other root"), "the entry \"other root\" is a trusted certificate");
    assert_eq!(open("secret"), "the entry \"secret\" is a secret key");
    let private = open_secret_key(&store, "server", &[&text], &mut Derivations::new()).unwrap_err();
    assert_eq!(private, KeyError::WrongKind { alias: "server".to_owned(), kind: EntryKind::PrivateKey });
}

#[test]
fn secret_keys_are_opened() {
    for file in ["rich.jceks", "rich.p12", "secret.p12"] {
        let store = open(file, "changeit");
        let opened =
            open_secret_key(&store, "secret", &[&password("changeit")], &mut Derivations::new()).unwrap();
        assert_eq!((opened.algorithm(), opened.bits()), ("AES", 256), "{file}");
        assert_eq!(format!("{opened:?}"), "SecretKey(AES 256 bit, ..)");
        let wrong = open_secret_key(&store, "secret", &[&password("changeme")], &mut Derivations::new());
        assert_eq!(wrong, Err(KeyError::Password), "{file}");
    }
}

#[test]
fn non_ascii_passwords_open_the_stores_of_old_openssl() {
    for (file, form) in
        [("latin1-password.p12", PasswordForm::Latin1), ("octets-password.p12", PasswordForm::Utf8AsLatin1)]
    {
        let store = open(file, "pässwört");
        let text = password("pässwört");
        let opened = open_private_key(&store, "server", &[&text], &mut Derivations::new()).unwrap();
        assert_eq!(opened, key("pki/localhost.key"), "{file}");
        let KeyStore::Pkcs12(pfx) = &store else { panic!("{file}") };
        assert_eq!(pfx.password_form(), form, "{file}");
        let written = pkcs12::encode(pfx, Some(&text), &mut SystemEntropy, &mut Derivations::new()).unwrap();
        let again = pkcs12::decode(&written, Some(&text), &mut Derivations::new()).unwrap();
        assert_eq!((again.pfx.password_form(), &again.pfx), (form, pfx), "{file}");
    }
}

#[test]
fn jceks_keys_are_protected_and_opened_again() {
    let (key, text) = (key("keys/ed25519.pem"), password("key password"));
    for salt in [[1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4, 1, 2, 3, 4]] {
        let protected = jks::protect_jceks_key(key.pkcs8(), &text, Protection { salt, iterations: 100 });
        let protected = protected.unwrap();
        let opened = jks::recover_key(&protected, &text, &mut Derivations::new()).unwrap();
        assert_eq!(opened.as_slice(), key.pkcs8());
        let wrong = jks::recover_key(&protected, &password("wrong"), &mut Derivations::new());
        assert_eq!(wrong, Err(ProtectorError::Integrity));
    }
    let protect = |text: &str, iterations| {
        jks::protect_jceks_key(key.pkcs8(), &password(text), Protection { salt: [0; 8], iterations })
    };
    assert_eq!(protect("ü", 1), Err(ProtectorError::NotAscii));
    assert_eq!(protect("u", 0), Err(ProtectorError::Iterations(0)));
    assert_eq!(protect("u", 5_000_001), Err(ProtectorError::Iterations(5_000_001)));
}

#[test]
fn secret_keys_are_sealed_and_opened_again() {
    let text = password("changeit");
    let secret = |algorithm: &str| SecretKey::new(algorithm.to_owned(), Zeroizing::new(b"octets".to_vec()));
    let protection = Protection { salt: [7; 8], iterations: 100 };
    for algorithm in ["AES", "Blowfish", "grün"] {
        let sealed = jks::seal_secret_key(&secret(algorithm), &text, protection).unwrap();
        let opened = jks::unseal_secret_key(&sealed, &text, &mut Derivations::new()).unwrap();
        assert_eq!(opened, secret(algorithm));
        for end in 0..sealed.len() {
            assert!(jks::unseal_secret_key(&sealed[..end], &text, &mut Derivations::new()).is_err());
        }
        for index in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[index] ^= 0x81;
            let _ = jks::unseal_secret_key(&damaged, &text, &mut Derivations::new());
        }
    }
    let scheme = Profile::openssl3().keys;
    for algorithm in ["AES", "HmacSHA256", "desede", "PBEWithMD5AndDES", "1.2.3.4", "2.999.4294967295"] {
        let secret = secret(algorithm);
        let bag = pkcs12::encode_secret(&secret, &scheme, &text, &mut SystemEntropy, &mut Derivations::new());
        let opened = pkcs12::open_secret(&bag.unwrap(), &text, &mut Derivations::new()).unwrap();
        assert!(opened.algorithm().eq_ignore_ascii_case(algorithm));
        assert_eq!(opened.octets(), secret.octets());
    }
    for unknown in ["Blowfish", "1", "1.40", "3.1", "1.02", "1..2", "1.2.4294967296", "2.4294967295"] {
        let refused = pkcs12::encode_secret(
            &secret(unknown),
            &scheme,
            &text,
            &mut SystemEntropy,
            &mut Derivations::new(),
        );
        let message = format!("secret bag: the algorithm {unknown} is not supported");
        assert_eq!(refused.unwrap_err().to_string(), message);
    }
}

#[test]
fn a_password_that_jceks_cannot_take_does_not_hide_the_next() {
    let store = open("rich.jceks", "changeit");
    let (odd, right) = (password("pässwört"), password("changeit"));
    let open = |passwords: &[&_]| open_private_key(&store, "server", passwords, &mut Derivations::new());
    assert_eq!(open(&[&odd, &right]).unwrap(), key("pki/localhost.key"));
    // OpenJDK 25 takes it, so that it may be the right one, and is not.
    assert_eq!(open(&[&odd]), Err(KeyError::Password));
}

#[test]
fn the_iterations_of_all_keys_of_a_jceks_store_are_counted() {
    let store = open("rich.jceks", "changeit");
    let mut derivations = Derivations::new();
    for entry in store.entries().iter().filter(|entry| entry.kind == EntryKind::PrivateKey) {
        private_key_of(entry, &[&password("changeit")], &mut derivations).unwrap();
    }
    assert_eq!(derivations.spent(), 2 * Protection::ITERATIONS);
}
