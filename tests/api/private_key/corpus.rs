//! The keys of the corpora against what other readers found in them.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use keyward::format::detect::{Kind, detect};
use keyward::format::key_store::{decode, private_key_of, secret_key_of};
use keyward::format::pem;
use keyward::format::pkcs12::Derivations;
use keyward::format::private_key::{KeyError, read, read_block};
use keyward::model::key_store::{Entry, EntryKind};
use keyward::model::{Fingerprint, Password};
use serde_json::Value;

use super::password;
use crate::corpora;

/// The passwords that the projects use in their tests of these files.
const PASSWORDS: [&str; 13] = [
    "password",
    "123456",
    "a123456",
    "baz",
    "foobar",
    "cryptography",
    "asdf",
    "changeit",
    "Hello",
    "hunter42",
    "hunter2",
    "PolarSSLTest",
    "Red Hat Enterprise Linux 7.4",
];

fn keys_of(file: &Value, entry: &Entry<'_>, derivations: &mut Derivations) -> Result<Fingerprint, KeyError> {
    let mut texts: Vec<&str> = file["password"].as_str().into_iter().collect();
    texts.extend(file["entries"].as_array().unwrap().iter().filter_map(|e| e["key_password"].as_str()));
    if texts.is_empty() {
        texts.push("");
    }
    let texts: Vec<Password> = texts.into_iter().map(password).collect();
    let texts: Vec<&Password> = texts.iter().collect();
    match entry.kind {
        EntryKind::SecretKey => Ok(Fingerprint::of(secret_key_of(entry, &texts, derivations)?.octets())),
        _ => Ok(private_key_of(entry, &texts, derivations)?.sha256()),
    }
}

#[test]
fn every_key_of_the_stores_is_opened_as_others_open_it() {
    let Some(corpora) = corpora() else { return };
    let stores = corpora.join("stores");
    let list: Vec<Value> =
        serde_json::from_slice(&std::fs::read(stores.join("expected.json")).unwrap()).unwrap();
    let (mut expected, mut agreed, mut wrong) = (0, 0, Vec::new());
    for file in &list {
        let format = file["format"].as_str().unwrap();
        if file["verdict"] != "ok" || !matches!(format, "p12" | "jks" | "jceks") {
            continue;
        }
        let name = file["file"].as_str().unwrap();
        let bytes = std::fs::read(stores.join(name)).unwrap();
        let text = password(file["password"].as_str().unwrap_or_default());
        let mut derivations = Derivations::new();
        let store = decode(&bytes, Some(&text), &mut derivations).unwrap().store;
        let (found, hash) =
            if format == "p12" { ("bags", "pkcs8_sha256") } else { ("entries", "key_sha256") };
        let mut wanted: Vec<&str> =
            file[found].as_array().unwrap().iter().filter_map(|item| item[hash].as_str()).collect();
        expected += wanted.len();
        for entry in store.entries().iter().filter(|entry| entry.kind.is_secret()) {
            match keys_of(file, entry, &mut derivations) {
                Ok(hash) => {
                    let hash = hash.to_string();
                    match wanted.iter().position(|one| *one == hash) {
                        Some(index) => {
                            wanted.swap_remove(index);
                            agreed += 1;
                        }
                        // Of two entries with one alias Java shows the last.
                        None if file["flags"].as_array().unwrap().contains(&"duplicate-aliases".into()) => {}
                        None => wrong.push(format!("{name} \"{}\": an unexpected key", entry.alias)),
                    }
                }
                Err(error) => wrong.push(format!("{name} \"{}\": {error}", entry.alias)),
            }
        }
        wrong.extend(wanted.iter().map(|hash| format!("{name}: no key {hash}")));
    }
    println!("keys of the stores of the corpora: agreement {agreed} of {expected}");
    assert_eq!(wrong, Vec::<String>::new());
    assert!(expected > 100, "{expected}");
}

/// What is refused, and why: files that are made to be refused, but for the first, whose password is not known.
const REFUSED: &[(&str, &str)] = &[
    ("cfssl/helpers/testdata/enc_priv_key.pem", "wrong password for the key, or damaged key"),
    ("cfssl/helpers/testdata/messed_up_priv_key.pem", UNKNOWN),
    ("cfssl/ocsp/testdata/server_broken.key", UNKNOWN),
    ("cfssl/testdata/garbage.key", UNKNOWN),
    ("pyca-asymmetric/EC/ec-missing-curve.pem", "the EC key does not say on which curve it is"),
    (
        "pyca-asymmetric/PKCS8/bad-encryption-oid.pem",
        "encrypted private key: the encryption algorithm 0.24.97.792.97.792.97.792 is not supported",
    ),
    (
        "pyca-asymmetric/PKCS8/enc-rsa-pkcs8-pbkdf2-0iter.pem",
        "encrypted private key: iterations at offset 44: 0 is outside the bounds of 1 to 5000000",
    ),
    (
        "pyca-asymmetric/PKCS8/enc-unknown-algorithm.pem",
        "encrypted private key: the cipher 1.2.840.113549.3.7.23.321.3 is not supported",
    ),
    (
        "pyca-asymmetric/PKCS8/enc-unknown-kdf.pem",
        "encrypted private key: the key derivation function 1.2.840.113549.1.5.12.321.321 is not supported",
    ),
    (
        "pyca-asymmetric/PKCS8/enc-unknown-pbkdf2-prf.pem",
        "encrypted private key: the HMAC 1.2.840.113549.2.9.213.321 is not supported",
    ),
    (
        "pyca-asymmetric/PKCS8/rsa-rc2-cbc-effective-key-length.pem",
        "encrypted private key: RC2 with an effective key of other than 128 bits",
    ),
    ("pyca-asymmetric/Traditional_OpenSSL_Serialization/dsa-wrong-version.pem", UNKNOWN),
    (
        "pyca-asymmetric/Traditional_OpenSSL_Serialization/key1-malformed-dek-info.pem",
        "the DEK-Info header of the block has no initialization vector",
    ),
    (
        "pyca-asymmetric/Traditional_OpenSSL_Serialization/key1-malformed-iv.pem",
        "the DEK-Info header of the block has a vector that is not hexadecimal",
    ),
    (
        "pyca-asymmetric/Traditional_OpenSSL_Serialization/key1-no-dek-info.pem",
        "the DEK-Info header of the block is missing",
    ),
    (
        "pyca-asymmetric/Traditional_OpenSSL_Serialization/key1-short-iv.pem",
        "the DEK-Info header of the block has a vector that is not as long as a block",
    ),
    ("pyca-asymmetric/Traditional_OpenSSL_Serialization/rsa-wrong-version.pem", UNKNOWN),
];

const UNKNOWN: &str = "data of an unknown format is no private key";

#[test]
fn the_private_keys_of_others_are_read() {
    let Some(corpora) = corpora() else { return };
    let texts: Vec<Password> = PASSWORDS.into_iter().map(password).collect();
    let texts: Vec<&Password> = texts.iter().collect();
    let (mut good, mut all, mut refused) = (0, 0, Vec::new());
    for path in files(&corpora.join("pem")) {
        let bytes = std::fs::read(&path).unwrap();
        let name = path.strip_prefix(corpora.join("pem")).unwrap().display().to_string();
        let mut results = Vec::new();
        match detect(&bytes) {
            Kind::Pem => {
                let mut parameters = None;
                for block in pem::blocks(&bytes).into_iter().flatten() {
                    if block.label == "EC PARAMETERS" {
                        parameters = Some(block.der.clone());
                    } else if block.label.ends_with("PRIVATE KEY") {
                        let curve = parameters.as_ref().map(|der| der.as_slice());
                        results.push(read_block(&block, curve, &texts, &mut Derivations::new()));
                    }
                }
            }
            Kind::PrivateKey(_) | Kind::EncryptedPrivateKey => {
                results.push(read(&bytes, &texts, &mut Derivations::new()));
            }
            _ => {}
        }
        for result in results {
            all += 1;
            match result {
                Ok(key) => {
                    let _ = key.public_key();
                    good += 1;
                }
                Err(error) => refused.push((name.clone(), error.to_string())),
            }
        }
    }
    println!("private keys of the corpora: {good} of {all} are read");
    let refused: Vec<(&str, &str)> = refused.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(refused, REFUSED);
}

#[test]
fn no_fuzz_seed_is_slow_or_panics_as_a_key() {
    let Some(corpora) = corpora() else { return };
    let texts = [password(""), password("foo")];
    let texts: Vec<&Password> = texts.iter().collect();
    for path in files(&corpora.join("fuzz")) {
        let bytes = std::fs::read(&path).unwrap();
        let started = Instant::now();
        if let Ok(key) = read(&bytes, &texts, &mut Derivations::new()) {
            let _ = key.public_key();
        }
        let _ = keyward::format::crl::read(&bytes);
        let _ = keyward::format::request::read(&bytes);
        let _ = keyward::format::public_key::read(&bytes);
        assert!(started.elapsed() < Duration::from_secs(5), "{}", path.display());
    }
}

/// All files below a folder, in the order of their names.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}
