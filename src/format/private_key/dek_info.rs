//! PEM blocks that OpenSSL encrypts by headers (RFC 1421 sections 4.6.1.1 and 4.6.1.3, with the key
//! derivation of `PEM_do_header`).

use zeroize::Zeroizing;

use super::KeyError;
use crate::format::pem::Block;
use crate::format::pkcs12::{bytes_to_key, decrypt_cbc};
use crate::model::Password;
use crate::model::key_store::pfx::Cipher;

/// The octets of the initialization vector that salt the key.
const SALT: usize = 8;

/// What a DEK-Info header says.
pub(super) struct DekInfo {
    cipher: Cipher,
    iv: Vec<u8>,
}

/// Whether the headers of a block say that it is encrypted.
pub(super) fn is_encrypted(block: &Block) -> bool {
    let proc_type = header(block, "Proc-Type").is_some_and(|value| value.contains("ENCRYPTED"));
    proc_type || header(block, "DEK-Info").is_some()
}

/// The octets of a password: as UTF-8, and in ISO 8859-1, for OpenSSL takes what the terminal gives.
pub(super) fn forms(password: &Password) -> Vec<Zeroizing<Vec<u8>>> {
    let mut forms = vec![Zeroizing::new(password.reveal().as_bytes().to_vec())];
    if !password.is_ascii() {
        forms.extend(password.latin1());
    }
    forms
}

impl DekInfo {
    pub(super) fn read(block: &Block) -> Result<Self, KeyError> {
        let value = header(block, "DEK-Info").ok_or(KeyError::Header("is missing"))?;
        let (name, vector) = value.split_once(',').ok_or(KeyError::Header("has no initialization vector"))?;
        let cipher = match name.trim().to_ascii_uppercase().as_str() {
            "DES-CBC" => Cipher::Des,
            "DES-EDE3-CBC" => Cipher::TripleDes,
            "AES-128-CBC" => Cipher::Aes128,
            "AES-192-CBC" => Cipher::Aes192,
            "AES-256-CBC" => Cipher::Aes256,
            _ => return Err(KeyError::Cipher(name.trim().chars().take(64).collect())),
        };
        let iv = hex(vector.trim()).ok_or(KeyError::Header("has a vector that is not hexadecimal"))?;
        if iv.len() != cipher.block_length() {
            return Err(KeyError::Header("has a vector that is not as long as a block"));
        }
        Ok(Self { cipher, iv })
    }

    /// The plain text, if the padding fits.
    pub(super) fn decrypt(&self, ciphertext: &[u8], password: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut key = Zeroizing::new(vec![0; self.cipher.key_length()]);
        bytes_to_key(password, self.iv.get(..SALT)?, &mut key);
        let mut buffer = Zeroizing::new(ciphertext.to_vec());
        let length = decrypt_cbc(self.cipher, &key, &self.iv, &mut buffer)?;
        buffer.truncate(length);
        Some(buffer)
    }
}

fn header<'a>(block: &'a Block, name: &str) -> Option<&'a str> {
    let found = block.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|c| u8::try_from(c.to_digit(16)?).ok()).collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    pairs.remainder().is_empty().then(|| pairs.map(|p| p.iter().fold(0, |n, d| n << 4 | d)).collect())
}
