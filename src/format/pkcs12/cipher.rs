//! Encryption under a password.

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{
    BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit,
};
use des::{Des, TdesEde2, TdesEde3};
use rc2::Rc2;
use rc4::{Rc4, StreamCipher};
use zeroize::Zeroizing;

use super::algorithm::{Encryption, scrypt_parameters};
use super::derivations::{self, Derivations, Function, Request};
use super::error::{Pkcs12Error, Place};
use super::kdf::Purpose;
use crate::model::Password;
use crate::model::key_store::pfx::{Cipher, HashFunction, LegacyCipher, PasswordForm, Pbes1Cipher, Scheme};

/// A password in the form that a file wants it.
#[derive(Clone, Copy)]
pub(super) struct Secret<'a> {
    pub(super) password: &'a Password,
    pub(super) form: PasswordForm,
}

/// The key of one encryption, and the initialization vector.
struct KeyAndIv {
    key: Zeroizing<Vec<u8>>,
    iv: Zeroizing<Vec<u8>>,
}

impl<'a> Secret<'a> {
    /// The forms to try, the likelier first.
    pub(super) fn forms(password: &'a Password, likely: PasswordForm) -> Vec<Self> {
        let mut forms = vec![likely];
        let others = match (password.reveal().is_empty(), password.is_ascii()) {
            (true, _) => &[PasswordForm::Standard, PasswordForm::Absent][..],
            (_, true) => &[PasswordForm::Standard],
            _ if password.latin1().is_none() => {
                &[PasswordForm::Standard, PasswordForm::Utf8AsLatin1, PasswordForm::SevenBits]
            }
            _ => &[
                PasswordForm::Standard,
                PasswordForm::Utf8AsLatin1,
                PasswordForm::SevenBits,
                PasswordForm::Latin1,
            ],
        };
        forms.extend(others.iter().filter(|&&form| form != likely));
        forms.into_iter().map(|form| Self { password, form }).collect()
    }

    /// What the derivation of RFC 7292 takes for a MAC.
    pub(super) fn bmp_string(&self) -> Zeroizing<Vec<u8>> {
        match self.form {
            PasswordForm::Absent if self.password.reveal().is_empty() => Zeroizing::default(),
            PasswordForm::Utf8AsLatin1 => self.password.bmp_string_of_octets(),
            _ => self.password.bmp_string(),
        }
    }

    /// What the derivation of RFC 7292 takes for encryption.
    fn bmp_string_of_cipher(&self) -> Zeroizing<Vec<u8>> {
        match self.form {
            PasswordForm::SevenBits => self.password.bmp_string_of_seven_bits(),
            _ => self.bmp_string(),
        }
    }

    /// What all other derivations take.
    pub(super) fn octets(&self) -> Zeroizing<Vec<u8>> {
        let latin1 = if self.form == PasswordForm::Latin1 { self.password.latin1() } else { None };
        latin1.unwrap_or_else(|| Zeroizing::new(self.password.reveal().as_bytes().to_vec()))
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
    let length = match Engine::of(&encryption.scheme) {
        Engine::Cbc(cipher) => decrypt_cbc(cipher, &key, &iv, &mut buffer),
        Engine::TwoKeyTripleDes => open_cbc::<TdesEde2>(&key, &iv, &mut buffer),
        Engine::Rc2 => open_cbc::<Rc2>(&key, &iv, &mut buffer),
        Engine::Rc4 => apply_rc4(&key, &mut buffer),
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
    let done = match Engine::of(&encryption.scheme) {
        Engine::Cbc(Cipher::Aes128) => seal_cbc::<Aes128>(&key, &iv, &mut buffer),
        Engine::Cbc(Cipher::Aes192) => seal_cbc::<Aes192>(&key, &iv, &mut buffer),
        Engine::Cbc(Cipher::Aes256) => seal_cbc::<Aes256>(&key, &iv, &mut buffer),
        Engine::Cbc(Cipher::TripleDes) => seal_cbc::<TdesEde3>(&key, &iv, &mut buffer),
        Engine::Cbc(Cipher::Des) => seal_cbc::<Des>(&key, &iv, &mut buffer),
        Engine::TwoKeyTripleDes => seal_cbc::<TdesEde2>(&key, &iv, &mut buffer),
        Engine::Cbc(Cipher::Rc2With128Bits) | Engine::Rc2 => seal_cbc::<Rc2>(&key, &iv, &mut buffer),
        Engine::Rc4 => apply_rc4(&key, &mut buffer).map(|_| ()),
    };
    done.ok_or(Pkcs12Error::Parameter { place, problem: "the key or vector does not fit the cipher" })?;
    Ok(buffer)
}

/// Decrypts in place; the length without the padding. `None` for a padding that is none.
pub(in crate::format) fn decrypt_cbc(
    cipher: Cipher,
    key: &[u8],
    iv: &[u8],
    buffer: &mut [u8],
) -> Option<usize> {
    match cipher {
        Cipher::Aes128 => open_cbc::<Aes128>(key, iv, buffer),
        Cipher::Aes192 => open_cbc::<Aes192>(key, iv, buffer),
        Cipher::Aes256 => open_cbc::<Aes256>(key, iv, buffer),
        Cipher::TripleDes => open_cbc::<TdesEde3>(key, iv, buffer),
        Cipher::Des => open_cbc::<Des>(key, iv, buffer),
        Cipher::Rc2With128Bits => open_cbc::<Rc2>(key, iv, buffer),
    }
}

/// The cipher of a scheme, whatever its key came from.
enum Engine {
    Cbc(Cipher),
    TwoKeyTripleDes,
    /// With all bits of the key, however long it is.
    Rc2,
    Rc4,
}

impl Engine {
    fn of(scheme: &Scheme) -> Self {
        match scheme {
            Scheme::Pbes2 { cipher, .. } | Scheme::Scrypt { cipher, .. } => Self::Cbc(*cipher),
            Scheme::Pbes1 { cipher: Pbes1Cipher::Des, .. } => Self::Cbc(Cipher::Des),
            Scheme::Pbes1 { cipher: Pbes1Cipher::Rc2, .. } => Self::Rc2,
            Scheme::Pkcs12 { cipher, .. } => match cipher {
                LegacyCipher::TripleDes => Self::Cbc(Cipher::TripleDes),
                LegacyCipher::TwoKeyTripleDes => Self::TwoKeyTripleDes,
                LegacyCipher::Rc2With128Bits | LegacyCipher::Rc2With40Bits => Self::Rc2,
                LegacyCipher::Rc4With128Bits | LegacyCipher::Rc4With40Bits => Self::Rc4,
            },
        }
    }
}

/// What deriving key and vector counts as in [`Derivations`].
pub(super) fn cost(scheme: &Scheme) -> u64 {
    match *scheme {
        Scheme::Pbes2 { cipher, prf, iterations, .. } => {
            derivations::cost(prf, iterations, cipher.key_length())
        }
        Scheme::Scrypt { cipher, cost, block_size, parallelization, .. } => {
            let work = cost.saturating_mul(block_size.into()).saturating_mul(parallelization.into());
            derivations::cost(HashFunction::Sha256, work, cipher.key_length())
        }
        Scheme::Pbes1 { hash, iterations, .. } => derivations::cost(hash, iterations, 16),
        Scheme::Pkcs12 { cipher, iterations, .. } => {
            let cost = |length| derivations::cost(HashFunction::Sha1, iterations, length);
            cost(cipher.key_length()).saturating_add(cost(cipher.iv_length()))
        }
    }
}

fn derive(
    encryption: &Encryption,
    secret: Secret<'_>,
    place: Place,
    derivations: &mut Derivations,
) -> Result<KeyAndIv, Pkcs12Error> {
    let salt = encryption.salt.as_slice();
    let own_iv = || Zeroizing::new(encryption.iv.clone());
    match encryption.scheme {
        Scheme::Pbes2 { cipher, prf, iterations, .. } => {
            let (function, password, length) = (Function::Pbkdf2, secret.octets(), cipher.key_length());
            let request = Request { function, hash: prf, password: &password, salt, iterations, length };
            Ok(KeyAndIv { key: derivations.derive(place, &request)?, iv: own_iv() })
        }
        Scheme::Scrypt { cipher, cost, block_size, parallelization, .. } => {
            let (parameters, iterations) = scrypt_parameters(cost, block_size, parallelization, place)?;
            let (function, hash) = (Function::Scrypt(parameters), HashFunction::Sha256);
            let (password, length) = (secret.octets(), cipher.key_length());
            let request = Request { function, hash, password: &password, salt, iterations, length };
            Ok(KeyAndIv { key: derivations.derive(place, &request)?, iv: own_iv() })
        }
        Scheme::Pbes1 { hash, iterations, .. } => {
            let (function, password) = (Function::Pbkdf1, secret.octets());
            let request = Request { function, hash, password: &password, salt, iterations, length: 16 };
            let mut key = derivations.derive(place, &request)?;
            let iv = Zeroizing::new(key.split_off(8));
            Ok(KeyAndIv { key, iv })
        }
        Scheme::Pkcs12 { cipher, iterations, .. } => {
            let password = secret.bmp_string_of_cipher();
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
