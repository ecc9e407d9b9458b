//! Damaged and hostile keys: an error, soon, and never a key that is none.

use std::time::{Duration, Instant};

use keyward::format::asn1::{integer, object_identifier, octet_string, sequence};
use keyward::format::pkcs12::{Derivations, Pkcs12Error};
use keyward::format::private_key::{self, KeyError, read_block};

use super::{blocks, password, read_with};

const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];
const SCRYPT: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b];
const AES256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a];

/// An EncryptedPrivateKeyInfo of PBES2 with a key derivation function.
fn encrypted(function: &[u8], parameters: &[Vec<u8>]) -> Vec<u8> {
    let derivation = sequence(&[object_identifier(function), sequence(parameters)]);
    let cipher = sequence(&[object_identifier(AES256), octet_string(&[0; 16])]);
    let algorithm = sequence(&[object_identifier(PBES2), sequence(&[derivation, cipher])]);
    sequence(&[algorithm, octet_string(&[0; 32])])
}

fn scrypt(cost: u64, block_size: u64, parallelization: u64) -> Result<(), KeyError> {
    let numbers = [cost, block_size, parallelization].map(integer);
    let parameters = [vec![octet_string(b"salt")], numbers.to_vec()].concat();
    let started = Instant::now();
    let result = read_with(&encrypted(SCRYPT, &parameters), "password").map(|_| ());
    if result != Err(KeyError::Password) {
        assert!(started.elapsed() < Duration::from_millis(100), "{cost} {block_size} {parallelization}");
    }
    result
}

#[test]
fn derivations_beyond_their_bounds_are_not_begun() {
    let pbkdf2 = encrypted(PBKDF2, &[octet_string(b"salt"), integer(1 << 31)]);
    let started = Instant::now();
    let error = read_with(&pbkdf2, "password").unwrap_err();
    let message = "iterations at offset 38: 2147483648 is outside the bounds of 1 to 5000000";
    assert_eq!(error.to_string(), format!("encrypted private key: {message}"));
    assert!(started.elapsed() < Duration::from_millis(100));

    let too_large = |result: Result<(), KeyError>| {
        assert!(matches!(result, Err(KeyError::Encryption(Pkcs12Error::Memory { .. }))), "{result:?}");
    };
    too_large(scrypt(1 << 30, 8, 1));
    too_large(scrypt(1 << 63, 8, 1));
    too_large(scrypt(2, u64::MAX >> 1, 1));
    too_large(scrypt(2, 1, u64::from(u32::MAX)));
    too_large(scrypt(2, u64::from(u32::MAX), u64::from(u32::MAX)));
    let slow = scrypt(1 << 10, 8, 1 << 12);
    assert!(matches!(slow, Err(KeyError::Encryption(Pkcs12Error::Iterations { .. }))), "{slow:?}");
    for (cost, block_size, parallelization) in [(0, 8, 1), (1, 8, 1), (3, 8, 1), (16, 0, 1), (16, 8, 0)] {
        let refused = scrypt(cost, block_size, parallelization);
        assert!(matches!(refused, Err(KeyError::Encryption(Pkcs12Error::Parameter { .. }))), "{refused:?}");
    }
    assert_eq!(scrypt(16, 8, 1), Err(KeyError::Password));
}

#[test]
fn many_passwords_share_one_budget() {
    let pbkdf2 = encrypted(PBKDF2, &[octet_string(b"salt"), integer(1_000)]);
    let mut derivations = Derivations::new();
    let guesses: Vec<_> = ["a", "b", "c", "a"].into_iter().map(password).collect();
    let guesses: Vec<_> = guesses.iter().collect();
    let read = keyward::format::private_key::read(&pbkdf2, &guesses, &mut derivations);
    assert_eq!(read, Err(KeyError::Password));
    // Two blocks of HMAC-SHA1 for a key of 32 octets; what was derived once is not derived again.
    assert_eq!(derivations.spent(), 3 * 2 * 1_000);
}

#[test]
fn no_truncation_and_no_changed_byte_passes_or_panics() {
    for file in ["rsa", "dsa", "secp256r1", "ed25519", "explicit-curve"] {
        for block in blocks(&format!("keys/{file}.pem")) {
            if !block.label.ends_with("PRIVATE KEY") || !block.headers.is_empty() {
                continue;
            }
            let plain = !block.label.starts_with("ENCRYPTED");
            // Derived once for each file: what differs is the ciphertext.
            let (text, mut derivations) = (password(""), Derivations::new());
            let mut read = |bytes: &[u8]| private_key::read(bytes, &[&text], &mut derivations);
            for length in 0..block.der.len() {
                let cut = &block.der[..length];
                assert!(read(cut).is_err(), "{file}, line {}, {length} bytes", block.line);
            }
            for index in 0..block.der.len() {
                let mut damaged = block.der.to_vec();
                damaged[index] ^= 0x81;
                if let Ok(key) = read(&damaged) {
                    assert!(plain, "{file}, line {}, byte {index}", block.line);
                    if index % 16 == 0 {
                        let _ = key.public_key();
                    }
                }
            }
        }
    }
}

#[test]
fn no_truncated_block_with_headers_passes() {
    for mut block in blocks("keys/dsa.pem").into_iter().filter(|block| !block.headers.is_empty()) {
        let whole = block.der.clone();
        for length in (0..whole.len()).step_by(7) {
            block.der.truncate(length);
            block.der.clear();
            block.der.extend_from_slice(&whole[..length]);
            let read = read_block(&block, None, &[&password("changeit")], &mut Derivations::new());
            assert_eq!(read, Err(KeyError::Password), "line {}, {length} bytes", block.line);
        }
    }
}
