//! Keys, alone and among the other objects of a file.

use keyward::format::objects::{EncodedKey, Object};
use keyward::format::pkcs12::Derivations;
use keyward::format::{
    crl, jks, key_protection, objects as codec, pkcs12, private_key as key, public_key, request,
};
use keyward::model::key_store::pfx::{Profile, Scheme};
use keyward::model::{Password, PrivateKey, SecretKey};
use zeroize::Zeroizing;

use super::{Counting, few, password};

/// Protected private keys: a key that was opened is protected and opened again.
pub(super) fn protected_key(bytes: &[u8]) {
    let password = password();
    let protected = jks::protect_key(bytes, &password, [7; 20]);
    let again = jks::recover_key(&protected, &password, &mut few());
    assert_eq!(again.map(|key| key.to_vec()), Ok(bytes.to_vec()));
    if let Ok(pkcs8) = jks::recover_key(bytes, &password, &mut few()) {
        let protection = jks::Protection { salt: [7; 8], iterations: 2 };
        let protected =
            jks::protect_jceks_key(&pkcs8, &password, protection).expect("a key can be protected");
        // A JKS key may hold anything; JCEKS knows a key by its first octets.
        if let Ok(again) = jks::recover_key(&protected, &password, &mut few()) {
            assert_eq!(again, pkcs8);
        }
    }
    if let Ok(pkcs8) = pkcs12::decrypt_key(bytes, &password, &mut few()) {
        assert!(pkcs12::key_scheme(bytes).is_ok());
        let mut derivations = Derivations::new();
        let encrypted = pkcs12::encrypt_key(&pkcs8, &light(), &password, &mut Counting(0), &mut derivations)
            .expect("a key can be encrypted");
        assert_eq!(pkcs12::decrypt_key(&encrypted, &password, &mut derivations), Ok(pkcs8));
    }
}

/// Private keys in every encoding: the same key out of PKCS8, plain and encrypted, in DER and in PEM.
pub(super) fn private_key(bytes: &[u8]) {
    let password = password();
    let Ok(read) = key::read(bytes, &[&password], &mut few()) else { return };
    check_private_key(&read, &password);
}

fn check_private_key(read: &PrivateKey, password: &Password) {
    assert_eq!(PrivateKey::from_pkcs8(read.pkcs8()).as_ref(), Ok(read));
    assert!(!read.key().to_string().is_empty());
    if let Some(public) = read.public_key() {
        let _ = public_key::read(&public);
    }
    let mut derivations = Derivations::new();
    let text = key::encode_pem(read);
    let encrypted = key::encode_encrypted_pem(read, &light(), password, &mut Counting(0), &mut derivations)
        .expect("a key can be encrypted");
    for text in [text.as_bytes(), encrypted.as_bytes()] {
        assert_eq!(key::read(text, &[password], &mut derivations).as_ref(), Ok(read));
    }
}

/// Secret keys of JCEKS and of PKCS12: the same key out of what Java would write.
pub(super) fn secret_key(bytes: &[u8]) {
    let password = password();
    if let Ok(secret) = jks::unseal_secret_key(bytes, &password, &mut few()) {
        check_sealed(&secret, &password);
    }
    // What is sealed is encrypted: as plain text it is reached at once.
    let secret = SecretKey::new("AES".to_owned(), Zeroizing::new(bytes.to_vec()));
    check_sealed(&secret, &password);
    if let Ok(secret) = pkcs12::open_secret(bytes, &password, &mut few()) {
        let mut derivations = Derivations::new();
        // Of an algorithm that Java has no name for, the number is kept, and Java would not write it.
        if let Ok(bag) =
            pkcs12::encode_secret(&secret, &light(), &password, &mut Counting(0), &mut derivations)
        {
            let again = pkcs12::open_secret(&bag, &password, &mut derivations);
            assert!(again.is_ok_and(|again| again == secret), "another secret key");
        }
    }
}

fn check_sealed(secret: &SecretKey, password: &Password) {
    let protection = jks::Protection { salt: [7; 8], iterations: 2 };
    let Ok(sealed) = jks::seal_secret_key(secret, password, protection) else {
        // A name of more octets than Java can write.
        assert!(secret.algorithm().len() > 20_000);
        return;
    };
    let again = jks::unseal_secret_key(&sealed, password, &mut few());
    assert!(again.is_ok_and(|again| again == *secret), "another secret key");
}

/// Every object of a file that is no keystore: each is the same by itself.
pub(super) fn objects(bytes: &[u8]) {
    let password = password();
    let Ok(read) = codec::read(bytes) else { return };
    for (place, what) in &read.passed_over {
        assert!(!place.to_string().is_empty() && !what.is_empty());
    }
    for found in read.found.into_iter().take(16) {
        match found.object {
            Object::Certificate(certificate) => drop(certificate.read()),
            Object::PrivateKey(encoded) => {
                let _ = key_protection::of_encoded(&encoded);
                if let Ok(read) = open(&encoded, &[&password], &mut few()) {
                    check_private_key(&read, &password);
                }
            }
            Object::Request(read) => assert_eq!(request::read(&read.der).as_ref(), Ok(&read)),
            Object::Crl(read) => assert_eq!(crl::read(&read.der).as_ref(), Ok(&read)),
            Object::PublicKey(read) => assert_eq!(public_key::read(&read.spki).as_ref(), Ok(&read)),
            Object::Damaged { message, .. } => assert!(!message.is_empty()),
        }
    }
}

/// The key of a file.
pub(super) fn open(
    encoded: &EncodedKey,
    passwords: &[&Password],
    derivations: &mut Derivations,
) -> Result<PrivateKey, key::KeyError> {
    match encoded {
        EncodedKey::Block { block, ec_parameters } => {
            let curve = ec_parameters.as_ref().map(|der| der.as_slice());
            key::read_block(block, curve, passwords, derivations)
        }
        EncodedKey::Der(der) => key::read(der, passwords, derivations),
    }
}

/// What PKCS12 writes, in two iterations.
pub(super) fn light() -> Scheme {
    Profile::java17().with_iterations(2).keys
}
