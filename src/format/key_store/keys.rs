//! The keys of keystores: opening each with its password.

use crate::format::jks::{self, ProtectorError};
use crate::format::pkcs12::{self, Derivations};
use crate::format::private_key::{self, KeyError};
use crate::model::key_store::{Entry, KeyStore, StoredKey};
use crate::model::{Password, PrivateKey, SecretKey};

/// Opens the private key that Java finds under an alias. Passwords are tried in their order; a plain key bag
/// of a PKCS12 file needs none.
///
/// # Errors
///
/// [`KeyError::NoSuchEntry`], [`KeyError::WrongKind`], and those of [`private_key_of`].
pub fn open_private_key(
    store: &KeyStore,
    alias: &str,
    passwords: &[&Password],
    derivations: &mut Derivations,
) -> Result<PrivateKey, KeyError> {
    private_key_of(&find(store, alias)?, passwords, derivations)
}

/// Opens the secret key that Java finds under an alias.
///
/// # Errors
///
/// [`KeyError::NoSuchEntry`], [`KeyError::WrongKind`], and those of [`secret_key_of`].
pub fn open_secret_key(
    store: &KeyStore,
    alias: &str,
    passwords: &[&Password],
    derivations: &mut Derivations,
) -> Result<SecretKey, KeyError> {
    secret_key_of(&find(store, alias)?, passwords, derivations)
}

/// Opens the private key of an entry. That its chain fits it is not checked ([`PrivateKey::fits`]).
///
/// # Errors
///
/// [`KeyError::WrongKind`] for an entry without a private key; [`KeyError::PasswordRequired`] without a
/// password where the key is protected; [`KeyError::Password`] where none fits; the others for what is wrong
/// with the key or its protection.
pub fn private_key_of(
    entry: &Entry<'_>,
    passwords: &[&Password],
    derivations: &mut Derivations,
) -> Result<PrivateKey, KeyError> {
    let pkcs8 = match entry.key {
        Some(StoredKey::Plain(pkcs8)) => return Ok(PrivateKey::from_pkcs8(pkcs8)?),
        Some(StoredKey::Shrouded(encrypted)) => private_key::decrypt(encrypted, passwords, derivations)?,
        Some(StoredKey::Protected(protected)) => private_key::each(passwords, |password| {
            jks::recover_key(protected, password, derivations).map_err(protector)
        })?,
        _ => return Err(wrong_kind(entry)),
    };
    Ok(PrivateKey::from_pkcs8(&pkcs8)?)
}

/// Opens the secret key of an entry: a sealed object of JCEKS, or a secret bag that Java wrote. A secret bag
/// of another writer, which may hold anything in any way, is refused.
///
/// # Errors
///
/// As [`private_key_of`].
pub fn secret_key_of(
    entry: &Entry<'_>,
    passwords: &[&Password],
    derivations: &mut Derivations,
) -> Result<SecretKey, KeyError> {
    match entry.key {
        Some(StoredKey::Sealed(sealed)) => private_key::each(passwords, |password| {
            jks::unseal_secret_key(sealed, password, derivations).map_err(protector)
        }),
        Some(StoredKey::Secret(bag)) => private_key::each(passwords, |password| {
            pkcs12::open_secret(bag, password, derivations).map_err(private_key::encryption)
        }),
        _ => Err(wrong_kind(entry)),
    }
}

/// Whether an entry is a secret key as Java writes it, which [`secret_key_of`] opens; a SecretBag of another
/// writer may hold anything in any way.
#[must_use]
pub fn is_java_secret(entry: &Entry<'_>) -> bool {
    match entry.key {
        Some(StoredKey::Sealed(_)) => true,
        Some(StoredKey::Secret(bag)) => pkcs12::is_java_secret(bag),
        _ => false,
    }
}

fn find<'a>(store: &'a KeyStore, alias: &str) -> Result<Entry<'a>, KeyError> {
    store.find(alias).ok_or_else(|| KeyError::NoSuchEntry(alias.to_owned()))
}

fn wrong_kind(entry: &Entry<'_>) -> KeyError {
    KeyError::WrongKind { alias: entry.alias.clone(), kind: entry.kind }
}

fn protector(error: ProtectorError) -> KeyError {
    match error {
        ProtectorError::Integrity => KeyError::Password,
        other => KeyError::Protector(other),
    }
}
