//! Private keys in files: PKCS8 (RFC 5208, RFC 5958), plain and encrypted, and the older encodings of each
//! algorithm, in DER and in PEM.
//!
//! Whatever it comes as, a key becomes PKCS8, in the octets that `openssl pkcs8 -topk8` gives. What a block
//! holds is found from its bytes; its label decides nothing.

mod dek_info;
mod traditional;

use zeroize::Zeroizing;

use super::asn1::Asn1Error;
use super::detect::{KeyEncoding, Kind, detect};
use super::jks::ProtectorError;
use super::pem::{self, Block, PemError};
use super::pkcs12::{self, Derivations, Pkcs12Error};
use crate::model::entropy::Entropy;
use crate::model::key_store::EntryKind;
use crate::model::key_store::pfx::Scheme;
use crate::model::{Password, PrivateKey, PrivateKeyError};

const LABEL: &str = "PRIVATE KEY";
const ENCRYPTED_LABEL: &str = "ENCRYPTED PRIVATE KEY";
const EC_PARAMETERS: &str = "EC PARAMETERS";

/// Why a key of a file or of a keystore could not be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The key is encrypted, and there is no password to try.
    #[error("the key is encrypted, and needs a password")]
    PasswordRequired,
    /// None of the passwords opens it. Whether they are wrong or the bytes damaged cannot be told.
    #[error("wrong password for the key, or damaged key")]
    Password,
    /// The bytes are something else, or nothing.
    #[error("{found} is no private key")]
    NotAKey {
        /// What they are.
        found: Kind,
    },
    /// A key in the format of OpenSSH (`PROTOCOL.key`), which is not of X.509.
    #[error("it is a key in OpenSSH's own format, which is not supported")]
    OpenSsh,
    /// A PEM block that cannot be read.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// The headers of an encrypted PEM block (RFC 1421 section 4.6.1) are not what OpenSSL writes.
    #[error("the DEK-Info header of the block {0}")]
    Header(&'static str),
    /// An encrypted PEM block with a cipher that keyward does not do.
    #[error("the cipher {0} of the block is not supported")]
    Cipher(String),
    /// An EC key that does not name its curve.
    #[error("the EC key does not say on which curve it is")]
    CurveMissing,
    /// A key in an older encoding that is malformed.
    #[error("the key cannot be read: {0}")]
    Asn1(#[from] Asn1Error),
    /// The key is not PKCS8.
    #[error(transparent)]
    Key(#[from] PrivateKeyError),
    /// The encryption of the key cannot be undone for another reason than its password.
    #[error(transparent)]
    Encryption(Pkcs12Error),
    /// The same of a key in JKS or JCEKS.
    #[error(transparent)]
    Protector(ProtectorError),
    /// A keystore has no entry under this alias.
    #[error("no entry has the alias \"{0}\"")]
    NoSuchEntry(String),
    /// The entry holds something else.
    #[error("the entry \"{alias}\" is a {kind}")]
    WrongKind {
        /// The alias as the file spells it.
        alias: String,
        /// What the entry is.
        kind: EntryKind,
    },
}

/// Reads the private key of a file: DER, or the first key in PEM text, with the curve of an `EC PARAMETERS`
/// block before it. Passwords are tried in their order, each in every form that writers give one.
///
/// Of the key itself only the frame is checked ([`PrivateKey::from_pkcs8`]).
///
/// # Errors
///
/// [`KeyError::PasswordRequired`] where it is encrypted and `passwords` is empty; [`KeyError::Password`] where
/// none fits; [`KeyError::NotAKey`] for a file without a key; the others for what is wrong with the key.
pub fn read(
    bytes: &[u8],
    passwords: &[&Password],
    derivations: &mut Derivations,
) -> Result<PrivateKey, KeyError> {
    match detect(bytes) {
        Kind::Pem => {}
        found => return read_der(bytes, found, None, passwords, derivations),
    }
    let mut parameters: Option<Block> = None;
    for block in pem::blocks(bytes) {
        match block {
            Ok(block) if block.label == EC_PARAMETERS => parameters = Some(block),
            Ok(block) if block.label.ends_with(LABEL) => {
                let curve = parameters.as_ref().map(|block| block.der.as_slice());
                return read_block(&block, curve, passwords, derivations);
            }
            Err(error) if error.label.ends_with(LABEL) => return Err(error.into()),
            _ => {}
        }
    }
    Err(KeyError::NotAKey { found: Kind::Pem })
}

/// Reads the private key of one PEM block. `ec_parameters` is the content of the `EC PARAMETERS` block before
/// it, which counts where the key itself does not name its curve.
///
/// # Errors
///
/// As [`read`].
pub fn read_block(
    block: &Block,
    ec_parameters: Option<&[u8]>,
    passwords: &[&Password],
    derivations: &mut Derivations,
) -> Result<PrivateKey, KeyError> {
    if block.label == "OPENSSH PRIVATE KEY" {
        return Err(KeyError::OpenSsh);
    }
    if !dek_info::is_encrypted(block) {
        return read_der(&block.der, detect(&block.der), ec_parameters, passwords, derivations);
    }
    let encryption = dek_info::DekInfo::read(block)?;
    each(passwords, |password| {
        for octets in dek_info::forms(password) {
            let Some(plain) = encryption.decrypt(&block.der, &octets) else { continue };
            // A padding that fits by chance leaves no key behind.
            let key = read_der(&plain, detect(&plain), ec_parameters, &[], &mut Derivations::new());
            if let Ok(key) = key {
                return Ok(key);
            }
        }
        Err(KeyError::Password)
    })
}

/// The PEM text of the key, not encrypted.
#[must_use]
pub fn encode_pem(key: &PrivateKey) -> Zeroizing<String> {
    Zeroizing::new(pem::encode(LABEL, key.pkcs8()))
}

/// The DER of the key's `EncryptedPrivateKeyInfo`, with a new salt.
///
/// # Errors
///
/// As [`pkcs12::encrypt_key`].
pub fn encrypt(
    key: &PrivateKey,
    scheme: &Scheme,
    password: &Password,
    entropy: &mut dyn Entropy,
    derivations: &mut Derivations,
) -> Result<Vec<u8>, Pkcs12Error> {
    pkcs12::encrypt_key(key.pkcs8(), scheme, password, entropy, derivations)
}

/// The PEM text of [`encrypt`].
///
/// # Errors
///
/// As [`encrypt`].
pub fn encode_encrypted_pem(
    key: &PrivateKey,
    scheme: &Scheme,
    password: &Password,
    entropy: &mut dyn Entropy,
    derivations: &mut Derivations,
) -> Result<String, Pkcs12Error> {
    Ok(pem::encode(ENCRYPTED_LABEL, &encrypt(key, scheme, password, entropy, derivations)?))
}

/// Opens an `EncryptedPrivateKeyInfo` with one of the passwords.
pub(super) fn decrypt(
    encrypted: &[u8],
    passwords: &[&Password],
    derivations: &mut Derivations,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    each(passwords, |password| pkcs12::decrypt_key(encrypted, password, derivations).map_err(encryption))
}

pub(super) fn encryption(error: Pkcs12Error) -> KeyError {
    match error {
        Pkcs12Error::Password { .. } => KeyError::Password,
        other => KeyError::Encryption(other),
    }
}

/// The first success with a password, or the first failure that is not about it.
pub(super) fn each<T>(
    passwords: &[&Password],
    mut open: impl FnMut(&Password) -> Result<T, KeyError>,
) -> Result<T, KeyError> {
    let failure = if passwords.is_empty() { KeyError::PasswordRequired } else { KeyError::Password };
    for password in passwords {
        match open(password) {
            Err(KeyError::Password) => {}
            decided => return decided,
        }
    }
    Err(failure)
}

fn read_der(
    der: &[u8],
    kind: Kind,
    ec_parameters: Option<&[u8]>,
    passwords: &[&Password],
    derivations: &mut Derivations,
) -> Result<PrivateKey, KeyError> {
    match kind {
        Kind::PrivateKey(KeyEncoding::Pkcs8) => Ok(PrivateKey::from_pkcs8(der)?),
        Kind::PrivateKey(KeyEncoding::Pkcs1) => traditional::rsa(der),
        Kind::PrivateKey(KeyEncoding::Sec1) => traditional::ec(der, ec_parameters),
        Kind::PrivateKey(KeyEncoding::Dsa) => traditional::dsa(der),
        Kind::EncryptedPrivateKey => {
            let plain = decrypt(der, passwords, derivations)?;
            Ok(PrivateKey::from_pkcs8(&plain)?)
        }
        found => Err(KeyError::NotAKey { found }),
    }
}
