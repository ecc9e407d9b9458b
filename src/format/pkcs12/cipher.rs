//! Encryption under a password.

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{
    BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit,
};
use des::{TdesEde2, TdesEde3};
use rc2::Rc2;
use rc4::{Rc4, StreamCipher};
use zeroize::Zeroizing;

use super::algorithm::Encryption;
use super::derivations::{Derivations, Function, Request};
use super::error::{Pkcs12Error, Place};
use super::kdf::Purpose;
use crate::model::Password;
use crate::model::key_store::pfx::{Cipher, EmptyPassword, HashFunction, LegacyCipher, Scheme};

/// A password in the form that a file wants it. Only for the empty one are there two.
#[derive(Clone, Copy)]
pub(super) struct Secret<'a> {
    pub(super) password: &'a Password,
    pub(super) empty: EmptyPassword,
}

/// The key of one encryption, and the initialization vector.
struct KeyAndIv {
    key: Zeroizing<Vec<u8>>,
    iv: Zeroizing<Vec<u8>>,
}

impl<'a> Secret<'a> {
    /// The forms to try, the likelier first.
    pub(super) fn forms(password: &'a Password, likely: EmptyPassword) -> Vec<Self> {
        let unlikely = match likely {
            EmptyPassword::Terminated => EmptyPassword::Absent,
            EmptyPassword::Absent => EmptyPassword::Terminated,
        };
        let mut forms = vec![Self { password, empty: likely }];
        if password.reveal().is_empty() {
            forms.push(Self { password, empty: unlikely });
        }
        forms
    }

    /// What the derivation of RFC 7292 takes.
    pub(super) fn bmp_string(&self) -> Zeroizing<Vec<u8>> {
        match self.empty {
            EmptyPassword::Absent if self.password.reveal().is_empty() => Zeroizing::default(),
            _ => self.password.bmp_string(),
        }
    }

    /// What PBKDF2 takes.
    pub(super) fn utf8(&self) -> &'a [u8] {
        self.password.reveal().as_bytes()
    }
}

/// Decrypts, and takes the padding off. A padding that is none is reported as [`Pkcs12Error::Password`];
/// one that happens to be right with a wrong password is for the caller to find out.
pub(super) fn decrypt(
    encryption: &Encryption,
    ciphertext: &[u8],
    secret: Secret<'_>,
    place: Place,
    derivations: &mut Derivations,
) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    let KeyAndIv { key, iv } = derive(encryption, secret, place, derivations)?;
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    let length = match &encryption.scheme {
        Scheme::Pbes2 { cipher: Cipher::Aes128, .. } => open_cbc::<Aes128>(&key, &iv, &mut buffer),
        Scheme::Pbes2 { cipher: Cipher::Aes192, .. } => open_cbc::<Aes192>(&key, &iv, &mut buffer),
        Scheme::Pbes2 { cipher: Cipher::Aes256, .. } => open_cbc::<Aes256>(&key, &iv, &mut buffer),
        Scheme::Pbes2 { cipher: Cipher::TripleDes, .. }
        | Scheme::Pkcs12 { cipher: LegacyCipher::TripleDes, .. } => {
            open_cbc::<TdesEde3>(&key, &iv, &mut buffer)
        }
        Scheme::Pkcs12 { cipher, .. } => match cipher {
            LegacyCipher::TwoKeyTripleDes => open_cbc::<TdesEde2>(&key, &iv, &mut buffer),
            LegacyCipher::Rc4With128Bits | LegacyCipher::Rc4With40Bits => apply_rc4(&key, &mut buffer),
            _ => open_cbc::<Rc2>(&key, &iv, &mut buffer),
        },
    };
    let length = length.ok_or(Pkcs12Error::Password { place })?;
    buffer.truncate(length);
    Ok(buffer)
}

/// Pads and encrypts.
pub(super) fn encrypt(
    encryption: &Encryption,
    plaintext: &[u8],
    secret: Secret<'_>,
    place: Place,
    derivations: &mut Derivations,
) -> Result<Vec<u8>, Pkcs12Error> {
    let KeyAndIv { key, iv } = derive(encryption, secret, place, derivations)?;
    let mut buffer = Vec::with_capacity(plaintext.len().saturating_add(16));
    buffer.extend_from_slice(plaintext);
    let done = match &encryption.scheme {
        Scheme::Pbes2 { cipher: Cipher::Aes128, .. } => seal_cbc::<Aes128>(&key, &iv, &mut buffer),
        Scheme::Pbes2 { cipher: Cipher::Aes192, .. } => seal_cbc::<Aes192>(&key, &iv, &mut buffer),
        Scheme::Pbes2 { cipher: Cipher::Aes256, .. } => seal_cbc::<Aes256>(&key, &iv, &mut buffer),
        Scheme::Pbes2 { cipher: Cipher::TripleDes, .. }
        | Scheme::Pkcs12 { cipher: LegacyCipher::TripleDes, .. } => {
            seal_cbc::<TdesEde3>(&key, &iv, &mut buffer)
        }
        Scheme::Pkcs12 { cipher, .. } => match cipher {
            LegacyCipher::TwoKeyTripleDes => seal_cbc::<TdesEde2>(&key, &iv, &mut buffer),
            LegacyCipher::Rc4With128Bits | LegacyCipher::Rc4With40Bits => {
                apply_rc4(&key, &mut buffer).map(|_| ())
            }
            _ => seal_cbc::<Rc2>(&key, &iv, &mut buffer),
        },
    };
    done.ok_or(Pkcs12Error::Parameter { place, problem: "the key or vector does not fit the cipher" })?;
    Ok(buffer)
}

fn derive(
    encryption: &Encryption,
    secret: Secret<'_>,
    place: Place,
    derivations: &mut Derivations,
) -> Result<KeyAndIv, Pkcs12Error> {
    let salt = encryption.salt.as_slice();
    match encryption.scheme {
        Scheme::Pbes2 { cipher, prf, iterations, .. } => {
            let (function, password, length) = (Function::Pbkdf2, secret.utf8(), cipher.key_length());
            let request = Request { function, hash: prf, password, salt, iterations, length };
            let key = derivations.derive(place, &request)?;
            Ok(KeyAndIv { key, iv: Zeroizing::new(encryption.iv.clone()) })
        }
        Scheme::Pkcs12 { cipher, iterations, .. } => {
            let password = secret.bmp_string();
            let mut derive = |purpose, length| {
                let (function, hash) = (Function::Pkcs12(purpose), HashFunction::Sha1);
                let request = Request { function, hash, password: &password, salt, iterations, length };
                derivations.derive(place, &request)
            };
            let key = derive(Purpose::Key, cipher.key_length())?;
            let iv = match cipher.iv_length() {
                0 => Zeroizing::default(),
                length => derive(Purpose::Iv, length)?,
            };
            Ok(KeyAndIv { key, iv })
        }
    }
}

/// Decrypts in place; the length without the padding.
fn open_cbc<C: BlockCipherDecrypt + KeyInit>(key: &[u8], iv: &[u8], buffer: &mut [u8]) -> Option<usize> {
    let cipher = cbc::Decryptor::<C>::new_from_slices(key, iv).ok()?;
    cipher.decrypt_padded::<Pkcs7>(buffer).ok().map(<[u8]>::len)
}

/// Pads and encrypts in place.
fn seal_cbc<C: BlockCipherEncrypt + KeyInit>(key: &[u8], iv: &[u8], buffer: &mut Vec<u8>) -> Option<()> {
    let cipher = cbc::Encryptor::<C>::new_from_slices(key, iv).ok()?;
    let length = buffer.len();
    buffer.resize((length / iv.len()).saturating_add(1).saturating_mul(iv.len()), 0);
    cipher.encrypt_padded::<Pkcs7>(buffer, length).ok().map(|_| ())
}

fn apply_rc4(key: &[u8], buffer: &mut [u8]) -> Option<usize> {
    Rc4::new_from_slice(key).ok()?.apply_keystream(buffer);
    Some(buffer.len())
}
