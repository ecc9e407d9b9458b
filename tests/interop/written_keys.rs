//! Keys that keyward protected, opened by the others.

use std::process::Command;

use keyward::format::jks::{self, Protection};
use keyward::format::key_store;
use keyward::format::pkcs12::{self, Derivations};
use keyward::format::private_key;
use keyward::model::entropy::SystemEntropy;
use keyward::model::key_store::java_store::{JavaContent, JavaEntry};
use keyward::model::key_store::pfx::{
    Attribute, Bag, BagContent, Cipher, HashFunction, LegacyCipher, Part, PasswordForm, Pbes1Cipher, Pfx,
    Profile, Protection as PartProtection, Scheme,
};
use keyward::model::key_store::{JavaStore, KeyStore, StoreFormat};
use keyward::model::{EncodedCertificate, Fingerprint, Password, PrivateKey, SecretKey};

use crate::importing::PASSWORD;
use crate::jvm::{Jvm, scratch, text};
use crate::keyward::testdata;
use crate::peers::jdks;

fn password() -> Password {
    Password::new(PASSWORD.to_owned())
}

fn key(file: &str) -> PrivateKey {
    let bytes = std::fs::read(testdata(file)).expect("the fixture");
    private_key::read(&bytes, &[], &mut Derivations::new()).expect("a key")
}

fn secret(algorithm: &str, octets: &[u8]) -> SecretKey {
    SecretKey::new(algorithm.to_owned(), octets.to_vec().into())
}

/// Secret keys that both formats hold.
fn secrets() -> [SecretKey; 3] {
    [secret("AES", &[7; 16]), secret("HmacSHA256", b"some octets"), secret("DESede", &[0x31; 24])]
}

fn jceks() -> KeyStore {
    let mut store = JavaStore::empty(StoreFormat::Jceks);
    let mut add = |alias: &str, content| {
        let entry = JavaEntry { alias: alias.to_owned(), created: 1_700_000_000_000, content };
        store.entries.push(entry);
    };
    let chain = vec![certificate()];
    let protected = jks::protect_jceks_key(
        key("pki/localhost.key").pkcs8(),
        &password(),
        Protection::new([1, 2, 3, 4, 5, 6, 7, 8]),
    );
    add("server", JavaContent::PrivateKey { protected: protected.expect("a key"), chain });
    let others = [secret("Blowfish", &[3; 16]), secret("grün", b"x")];
    for secret in secrets().into_iter().chain(others) {
        // Both halves of the salt are the same, for which Java has a rule of its own.
        let sealed = jks::seal_secret_key(&secret, &password(), Protection::new([9, 8, 7, 6, 9, 8, 7, 6]));
        add(&secret.algorithm().to_lowercase(), JavaContent::SecretKey(sealed.expect("a secret key")));
    }
    KeyStore::Java(store)
}

fn pkcs12() -> KeyStore {
    let profile = Profile::java17();
    let mut bags = Vec::new();
    for secret in secrets() {
        let value = pkcs12::encode_secret(
            &secret,
            &profile.keys,
            &password(),
            &mut SystemEntropy,
            &mut Derivations::new(),
        );
        let mut bag = Bag::new(BagContent::Secret(value.expect("a secret key")));
        let alias = secret.algorithm().to_lowercase();
        bag.attributes.push(Attribute::FriendlyName(alias.encode_utf16().collect()));
        bags.push(bag);
    }
    let parts = vec![Part::new(PartProtection::Plain, bags)];
    KeyStore::Pkcs12(Pfx::from_parts(parts, profile.mac, PasswordForm::default()))
}

fn certificate() -> EncodedCertificate {
    let bytes = std::fs::read(testdata("pki/localhost.pem")).expect("the fixture");
    let read = keyward::format::certificates::read(&bytes).expect("a certificate");
    EncodedCertificate::from(&read.certificates[0].certificate)
}

/// Each JDK opens the keys of JCEKS and the secret keys of PKCS12 that keyward protected.
pub fn java_opens() {
    let folder = scratch("written-keys/java");
    for (name, store, count) in [("keys.jceks", jceks(), 6), ("keys.p12", pkcs12(), 3)] {
        let (password, path) = (password(), folder.join(name));
        let bytes = key_store::encode(&store, Some(&password), &mut SystemEntropy, &mut Derivations::new());
        std::fs::write(&path, bytes.expect("a store")).expect("a file");
        for jdk in jdks() {
            let listing = Jvm::of(jdk).list(&path, Some(PASSWORD)).expect("a store");
            assert_eq!(listing.entries.len(), count, "{listing:?}");
            for entry in &listing.entries {
                let expected = if entry.alias == "server" {
                    key("pki/localhost.key").sha256()
                } else {
                    let mut derivations = Derivations::new();
                    let opened =
                        key_store::open_secret_key(&store, &entry.alias, &[&password], &mut derivations);
                    Fingerprint::of(opened.expect("a secret key").octets())
                };
                assert_eq!(entry.key, Some(expected.to_string()), "{name} {}", entry.alias);
            }
        }
    }
}

/// openssl opens what keyward encrypted, by every scheme, and gives the same key.
pub fn openssl_opens() {
    let key = key("keys/secp256r1.pem");
    let mut schemes = vec![Profile::java17().keys, Profile::openssl3().keys, Profile::modern().keys];
    for cipher in [
        Cipher::Aes128,
        Cipher::Aes192,
        Cipher::Aes256,
        Cipher::TripleDes,
        Cipher::Des,
        Cipher::Rc2With128Bits,
    ] {
        let (salt_length, key_length_written) = (16, true);
        schemes.push(Scheme::Scrypt {
            cipher,
            cost: 1024,
            block_size: 8,
            parallelization: 2,
            salt_length,
            key_length_written,
        });
        let (prf, iterations) = (HashFunction::Sha512_256, 1_000);
        schemes.push(Scheme::Pbes2 { cipher, prf, iterations, salt_length, key_length_written });
    }
    for cipher in [Pbes1Cipher::Des, Pbes1Cipher::Rc2] {
        for hash in [HashFunction::Md5, HashFunction::Sha1] {
            schemes.push(Scheme::Pbes1 { cipher, hash, iterations: 1_000 });
        }
    }
    for cipher in [
        LegacyCipher::TripleDes,
        LegacyCipher::TwoKeyTripleDes,
        LegacyCipher::Rc2With128Bits,
        LegacyCipher::Rc2With40Bits,
        LegacyCipher::Rc4With128Bits,
        LegacyCipher::Rc4With40Bits,
    ] {
        schemes.push(Scheme::Pkcs12 { cipher, iterations: 1_000, salt_length: 8 });
    }
    let path = scratch("written-keys/openssl").join("key.pem");
    for scheme in schemes {
        let pem = private_key::encode_encrypted_pem(
            &key,
            &scheme,
            &password(),
            &mut SystemEntropy,
            &mut Derivations::new(),
        );
        std::fs::write(&path, pem.expect("a key")).expect("a file");
        let output = Command::new("openssl")
            .args(["pkcs8", "-provider", "default", "-provider", "legacy", "-in", text(&path)])
            .args(["-passin", "pass:changeit", "-outform", "PEM"])
            .output()
            .expect("openssl runs");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{scheme:?}: {error}");
        let read = private_key::read(&output.stdout, &[], &mut Derivations::new());
        assert_eq!(read.as_ref(), Ok(&key), "{scheme:?}");
    }
}
