//! One encrypted private key: EncryptedPrivateKeyInfo (RFC 5958 section 3), in a shrouded key bag or on
//! its own.

use zeroize::Zeroizing;

use super::algorithm::Encryption;
use super::cipher::{self, Secret};
use super::derivations::Derivations;
use super::error::{At, Pkcs12Error, Place};
use crate::format::asn1::{self, Reader};
use crate::model::Password;
use crate::model::entropy::Entropy;
use crate::model::key_store::Pfx;
use crate::model::key_store::pfx::{PasswordForm, Scheme};

const PLACE: Place = Place::Key;

/// Decrypts an EncryptedPrivateKeyInfo and gives the DER of the PrivateKeyInfo. Of that only the outermost
/// SEQUENCE is checked. Every form that writers give the password ([`PasswordForm`]) is tried.
///
/// # Errors
///
/// [`Pkcs12Error::Password`] when the password is wrong or the bytes are damaged;
/// [`Pkcs12Error::Unsupported`] for a scheme that keyward does not do; [`Pkcs12Error::Asn1`],
/// [`Pkcs12Error::Parameter`] and the two of iterations for what the bytes say of themselves.
pub fn decrypt_key(
    encrypted_private_key_info: &[u8],
    password: &Password,
    derivations: &mut Derivations,
) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    let mut reader = Reader::new(encrypted_private_key_info);
    let mut fields = reader.sequence("EncryptedPrivateKeyInfo").at(PLACE)?;
    reader.end("EncryptedPrivateKeyInfo").at(PLACE)?;
    let encryption = Encryption::read(&mut fields, PLACE)?;
    let ciphertext = fields.octet_string("encryptedData").at(PLACE)?;
    fields.end("EncryptedPrivateKeyInfo").at(PLACE)?;
    for secret in Secret::forms(password, PasswordForm::default()) {
        match cipher::decrypt(&encryption, &ciphertext, secret, PLACE, derivations) {
            Ok(plaintext) if is_sequence(&plaintext) => return Ok(plaintext),
            Ok(_) | Err(Pkcs12Error::Password { .. }) => {}
            Err(other) => return Err(other),
        }
    }
    Err(Pkcs12Error::Password { place: PLACE })
}

/// The scheme of an EncryptedPrivateKeyInfo, without opening it.
///
/// # Errors
///
/// As [`decrypt_key`], but for a wrong password.
pub fn key_scheme(encrypted_private_key_info: &[u8]) -> Result<Scheme, Pkcs12Error> {
    let mut reader = Reader::new(encrypted_private_key_info);
    let mut fields = reader.sequence("EncryptedPrivateKeyInfo").at(PLACE)?;
    Encryption::read(&mut fields, PLACE).map(|encryption| encryption.scheme)
}

/// Encrypts the DER of a PrivateKeyInfo and gives the EncryptedPrivateKeyInfo. Salt and initialization
/// vector are new.
///
/// # Errors
///
/// [`Pkcs12Error::Entropy`], and those of iterations for a scheme that asks for too many.
pub fn encrypt_key(
    private_key_info: &[u8],
    scheme: &Scheme,
    password: &Password,
    entropy: &mut dyn Entropy,
    derivations: &mut Derivations,
) -> Result<Vec<u8>, Pkcs12Error> {
    let secret = Secret { password, form: PasswordForm::default() };
    encrypt(private_key_info, scheme, secret, entropy, derivations)
}

/// Encrypts a key for a file that has a form for its passwords.
pub(in crate::format) fn encrypt_key_for(
    file: &Pfx,
    private_key_info: &[u8],
    scheme: &Scheme,
    password: &Password,
    entropy: &mut dyn Entropy,
    derivations: &mut Derivations,
) -> Result<Vec<u8>, Pkcs12Error> {
    let secret = Secret { password, form: file.password_form() };
    encrypt(private_key_info, scheme, secret, entropy, derivations)
}

fn encrypt(
    private_key_info: &[u8],
    scheme: &Scheme,
    secret: Secret<'_>,
    entropy: &mut dyn Entropy,
    derivations: &mut Derivations,
) -> Result<Vec<u8>, Pkcs12Error> {
    let encryption = Encryption::new(scheme, entropy)?;
    let ciphertext = cipher::encrypt(&encryption, private_key_info, secret, PLACE, derivations)?;
    Ok(asn1::sequence(&[encryption.encode(), asn1::octet_string(&ciphertext)]))
}

/// Whether bytes are one SEQUENCE and nothing else, which garbage hardly ever is.
pub(super) fn is_sequence(bytes: &[u8]) -> bool {
    let mut reader = Reader::new(bytes);
    reader.sequence("").is_ok() && reader.is_empty()
}
