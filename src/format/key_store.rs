//! Keystores of every format that keyward knows, by their bytes.

mod keys;
mod protect;

#[cfg(test)]
mod tests;

use super::detect::{Kind, detect};
use super::jks::{self, JksError};
use super::pkcs12::{self, Derivations, Pkcs12Error};
use crate::model::key_store::{Integrity, KeyStore};
use crate::model::{Entropy, Password};

pub use keys::{is_java_secret, open_private_key, open_secret_key, private_key_of, secret_key_of};
pub use protect::{ProtectError, protect_private_key};

/// A keystore that was read.
#[derive(Debug)]
pub struct Opened {
    /// The store; its format is the file's.
    pub store: KeyStore,
    /// What is known of the file's integrity.
    pub integrity: Integrity,
    /// How many bytes follow the store. Java does not look at them, and [`encode`] does not write them.
    pub trailing: usize,
}

/// Why bytes could not be read as a keystore, or a keystore not be written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No bytes, or nothing but blanks.
    #[error("the file is empty")]
    Empty,
    /// Something else.
    #[error("the file is {found}, not a keystore")]
    NotAKeyStore {
        /// What it is.
        found: Kind,
    },
    /// A keystore of a format that keyward only knows by name.
    #[error("the file is {found}, which cannot be read")]
    Unsupported {
        /// Which one.
        found: Kind,
    },
    /// A password is needed: JKS and JCEKS are not written without one.
    #[error("the store needs a password")]
    Password,
    /// A JKS or JCEKS store.
    #[error(transparent)]
    Jks(#[from] JksError),
    /// A PKCS12 store.
    #[error(transparent)]
    Pkcs12(#[from] Pkcs12Error),
}

/// Reads a keystore of the format that the bytes are, whatever the file's name says.
///
/// Without a password JKS and JCEKS are read unchecked, PKCS12 as far as it is not encrypted. Key entries
/// stay protected. `derivations` bounds what key derivation may cost for this file.
///
/// # Errors
///
/// [`StoreError`].
pub fn decode(
    bytes: &[u8],
    password: Option<&Password>,
    derivations: &mut Derivations,
) -> Result<Opened, StoreError> {
    match detect(bytes) {
        Kind::Jks | Kind::Jceks => {
            let decoded = jks::decode(bytes, password)?;
            let jks::Decoded { store, integrity, trailing } = decoded;
            Ok(Opened { store: KeyStore::Java(store), integrity, trailing })
        }
        Kind::Pkcs12 => {
            let decoded = pkcs12::decode(bytes, password, derivations)?;
            let pkcs12::Decoded { pfx, integrity, trailing } = decoded;
            Ok(Opened { store: KeyStore::Pkcs12(pfx), integrity, trailing })
        }
        Kind::Empty => Err(StoreError::Empty),
        found if found.is_key_store() => Err(StoreError::Unsupported { found }),
        found => Err(StoreError::NotAKeyStore { found }),
    }
}

/// Writes a keystore in its format. `entropy` and `derivations` serve PKCS12 only.
///
/// # Errors
///
/// [`StoreError::Password`] for JKS and JCEKS without one; [`StoreError::Jks`], [`StoreError::Pkcs12`].
pub fn encode(
    store: &KeyStore,
    password: Option<&Password>,
    entropy: &mut dyn Entropy,
    derivations: &mut Derivations,
) -> Result<Vec<u8>, StoreError> {
    match store {
        KeyStore::Java(store) => Ok(jks::encode(store, password.ok_or(StoreError::Password)?)?),
        KeyStore::Pkcs12(pfx) => Ok(pkcs12::encode(pfx, password, entropy, derivations)?),
    }
}
