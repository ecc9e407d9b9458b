//! Private keys, secret keys, requests and CRLs: every encoding, every encryption, the files of others, and
//! hostile ones.

mod corpus;
mod hostile;
mod other_objects;
mod stores;

use std::path::PathBuf;

use keyward::format::pem::{self, Block};
use keyward::format::pkcs12::{Derivations, decrypt_key};
use keyward::format::private_key::{self, KeyError, read_block};
use keyward::model::entropy::SystemEntropy;
use keyward::model::key_store::pfx::{Cipher, HashFunction, Pbes1Cipher, Profile, Scheme};
use keyward::model::public_key::KeyAlgorithm;
use keyward::model::{Certificate, Password, PrivateKey, PrivateKeyError};

pub(crate) fn testdata(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn password(text: &str) -> Password {
    Password::new(text.to_owned())
}

/// The blocks of a key file: the key as openssl writes it in PKCS8, its public key, and other encodings.
fn blocks(file: &str) -> Vec<Block> {
    pem::blocks(&testdata(file)).into_iter().map(Result::unwrap).collect()
}

fn read_with(bytes: &[u8], text: &str) -> Result<PrivateKey, KeyError> {
    private_key::read(bytes, &[&password(text)], &mut Derivations::new())
}

fn key(file: &str) -> PrivateKey {
    read_with(&testdata(file), "changeit").unwrap()
}

/// Reads every encoding after the first two, and compares with the first; how many there were.
fn compare(file: &str, text: &str) -> usize {
    let blocks = blocks(file);
    let reference = &blocks[0].der;
    let mut parameters: Option<&Block> = None;
    let mut compared = 0;
    for block in &blocks[2..] {
        if block.label == "EC PARAMETERS" {
            parameters = Some(block);
            continue;
        }
        let curve = parameters.map(|block| block.der.as_slice());
        let read = read_block(block, curve, &[&password(text)], &mut Derivations::new());
        let read = read.unwrap_or_else(|error| panic!("{file}, line {}: {error}", block.line));
        assert_eq!(read.pkcs8(), reference.as_slice(), "{file}, line {}", block.line);
        compared += 1;
    }
    compared
}

const FILES: [(&str, usize); 16] = [
    ("rsa", 6),
    ("rsa-pss", 0),
    ("dsa", 6),
    ("ed25519", 1),
    ("ed448", 1),
    ("x25519", 1),
    ("x448", 1),
    ("secp256r1", 30),
    ("secp384r1", 1),
    ("secp521r1", 1),
    ("secp256k1", 1),
    ("secp224r1", 1),
    ("brainpoolP256r1", 1),
    ("explicit-curve", 1),
    ("no-public-key", 1),
    ("non-ascii-password", 6),
];

#[test]
fn every_encoding_becomes_the_same_pkcs8() {
    for (name, count) in FILES {
        let text = if name == "non-ascii-password" { "pässwört" } else { "changeit" };
        assert_eq!(compare(&format!("keys/{name}.pem"), text), count, "{name}");
    }
}

#[test]
fn the_public_key_is_the_one_that_openssl_derives() {
    for (name, _) in FILES {
        let blocks = blocks(&format!("keys/{name}.pem"));
        let public = PrivateKey::from_pkcs8(&blocks[0].der).unwrap().public_key();
        // No library of ours computes on this curve, and the encoding does not hold the public key.
        let expected = (name != "x448").then(|| blocks[1].der.to_vec());
        assert_eq!(public, expected, "{name}");
        let info = keyward::format::public_key::read(&blocks[1].der).unwrap();
        let summary = key(&format!("keys/{name}.pem")).key().clone();
        assert_eq!((summary.algorithm, summary.bits, summary.curve), (info.algorithm, info.bits, info.curve));
    }
}

#[test]
fn the_summary_names_algorithm_and_size() {
    let shown = |name: &str| key(&format!("keys/{name}.pem")).key().to_string();
    assert_eq!(shown("rsa"), "RSA 2048 bit");
    assert_eq!(shown("rsa-pss"), "RSASSA-PSS 2048 bit");
    assert_eq!(shown("dsa"), "DSA 1024 bit");
    assert_eq!(shown("secp521r1"), "EC secp521r1");
    assert_eq!(shown("explicit-curve"), "EC");
    assert_eq!(shown("ed25519"), "Ed25519");
    assert_eq!(key("keys/x25519.pem").key().algorithm, KeyAlgorithm::Other("1.3.101.110".to_owned()));
}

#[test]
fn debug_shows_nothing_of_the_key() {
    assert_eq!(format!("{:?}", key("keys/rsa.pem")), "PrivateKey(RSA 2048 bit, ..)");
}

#[test]
fn a_key_fits_its_certificate_and_no_other() {
    let certificate = |name: &str| {
        let block = pem::blocks(&testdata(&format!("pki/{name}.pem"))).remove(0).unwrap();
        Certificate::from_der(&block.der).unwrap()
    };
    let localhost = key("pki/localhost.key");
    assert_eq!(localhost.fits(&certificate("localhost")), Some(true));
    assert_eq!(localhost.fits(&certificate("own-key")), Some(true));
    assert_eq!(localhost.fits(&certificate("self-signed")), Some(false));
    assert_eq!(key("keys/rsa.pem").fits(&certificate("localhost")), Some(false));
    assert_eq!(key("keys/secp384r1.pem").fits(&certificate("localhost")), Some(false));
}

#[test]
fn a_password_that_is_missing_or_wrong_is_told_apart_from_damage() {
    let mut seen = 0;
    for block in &blocks("keys/secp256r1.pem")[4..] {
        let open = |passwords: &[&Password]| read_block(block, None, passwords, &mut Derivations::new());
        assert_eq!(open(&[]), Err(KeyError::PasswordRequired), "line {}", block.line);
        let (wrong, right) = (password("changeme"), password("changeit"));
        assert_eq!(open(&[&wrong]), Err(KeyError::Password), "line {}", block.line);
        assert!(open(&[&wrong, &right]).is_ok(), "line {}", block.line);
        seen += 1;
    }
    assert_eq!(seen, 29);
}

#[test]
fn the_curve_may_stand_in_a_block_of_its_own() {
    let blocks = blocks("keys/secp256r1.pem");
    let (pkcs8, parameters) = (&blocks[0].der, &blocks[2].der);
    // ECPrivateKey inside the PKCS8 key: it has no curve there, and is what some tools write with a block
    // before it.
    let bare = &pkcs8[pkcs8.len() - 107 - 2..];
    let block = |label: &str, der: &[u8]| pem::encode(label, der);
    let both = block("EC PARAMETERS", parameters) + &block("EC PRIVATE KEY", bare);
    assert_eq!(read_with(both.as_bytes(), "").unwrap().pkcs8(), pkcs8.as_slice());
    let alone = block("EC PRIVATE KEY", bare);
    assert_eq!(read_with(alone.as_bytes(), ""), Err(KeyError::CurveMissing));
}

#[test]
fn der_is_read_as_pem_is() {
    let blocks = blocks("keys/secp256r1.pem");
    for block in blocks.iter().filter(|block| block.headers.is_empty() && block.label.ends_with("KEY")) {
        if block.label != "PUBLIC KEY" {
            assert_eq!(read_with(&block.der, "changeit").unwrap().pkcs8(), blocks[0].der.as_slice());
        }
    }
    let public = read_with(&blocks[1].der, "changeit").unwrap_err();
    assert_eq!(public.to_string(), "a public key is no private key");
}

#[test]
fn headers_that_openssl_does_not_write_are_refused_by_name() {
    let text = String::from_utf8(testdata("keys/rsa.pem")).unwrap();
    let start = text.find("Proc-Type").unwrap();
    let begin = text[..start].rfind("-----BEGIN").unwrap();
    let end = begin + text[begin..].find("-----END RSA PRIVATE KEY-----").unwrap() + 29;
    let block = &text[begin..end];
    let header = block.lines().find(|line| line.starts_with("DEK-Info")).unwrap();
    let with = |other: &str| {
        let changed = block.replace(header, other);
        read_with(changed.as_bytes(), "changeit").unwrap_err().to_string()
    };
    assert_eq!(with("DEK-Info: DES-CBC"), "the DEK-Info header of the block has no initialization vector");
    let short = "the DEK-Info header of the block has a vector that is not as long as a block";
    assert_eq!(with("DEK-Info: DES-CBC,0011"), short);
    let digits = "the DEK-Info header of the block has a vector that is not hexadecimal";
    assert_eq!(with("DEK-Info: DES-CBC,xx"), digits);
    let camellia = "the cipher CAMELLIA-256-CBC of the block is not supported";
    assert_eq!(with("DEK-Info: CAMELLIA-256-CBC,00112233445566778899AABBCCDDEEFF"), camellia);
    assert_eq!(with("X: y"), "the DEK-Info header of the block is missing");
}

#[test]
fn what_is_written_is_read_again() {
    let key = key("keys/secp256r1.pem");
    let plain = private_key::encode_pem(&key);
    assert_eq!(read_with(plain.as_bytes(), "").unwrap(), key);
    let mut schemes = vec![Profile::java17().keys, Profile::openssl3().keys, Profile::java8().keys];
    for cipher in [Cipher::Aes128, Cipher::TripleDes, Cipher::Des, Cipher::Rc2With128Bits] {
        let (cost, block_size, parallelization, salt_length) = (16, 8, 2, 16);
        let key_length_written = cipher == Cipher::Rc2With128Bits;
        let scheme =
            Scheme::Scrypt { cipher, cost, block_size, parallelization, salt_length, key_length_written };
        schemes.push(scheme);
    }
    for cipher in [Pbes1Cipher::Des, Pbes1Cipher::Rc2] {
        for hash in [HashFunction::Md5, HashFunction::Sha1] {
            schemes.push(Scheme::Pbes1 { cipher, hash, iterations: 7 });
        }
    }
    for scheme in schemes {
        let (text, mut derivations) = (password("geheim ლ"), Derivations::new());
        let pem =
            private_key::encode_encrypted_pem(&key, &scheme, &text, &mut SystemEntropy, &mut derivations);
        let pem = pem.unwrap();
        assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
        assert_eq!(read_with(pem.as_bytes(), "geheim ლ").unwrap(), key, "{scheme:?}");
        assert_eq!(read_with(pem.as_bytes(), "geheim"), Err(KeyError::Password), "{scheme:?}");
    }
}

#[test]
fn bytes_around_a_key_are_refused() {
    let der = key("keys/ed25519.pem").pkcs8().to_vec();
    let longer = [der.as_slice(), &[0, 0]].concat();
    assert_eq!(PrivateKey::from_pkcs8(&longer), Err(PrivateKeyError::Trailing(2)));
    let mut version = der;
    version[4] = 2;
    assert_eq!(PrivateKey::from_pkcs8(&version), Err(PrivateKeyError::Version(2)));
    assert!(decrypt_key(&version, &password(""), &mut Derivations::new()).is_err());
}
