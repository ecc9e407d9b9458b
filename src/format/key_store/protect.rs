//! A key that comes into a store that exists: protected as those that are in it.

use crate::format::jks::{self, Protection, ProtectorError};
use crate::format::key_protection;
use crate::format::pkcs12::{self, Derivations, Pkcs12Error};
use crate::model::entropy::{Entropy, EntropyError};
use crate::model::key_store::pfx::{self, LegacyCipher, Profile, Scheme};
use crate::model::key_store::{EntryKind, KeyProtection, KeyStore, Pfx, StoreFormat};
use crate::model::{Password, PrivateKey};

/// Why a key could not be protected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProtectError {
    /// The source of randomness failed.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// JCEKS cannot use the password.
    #[error(transparent)]
    Protector(#[from] ProtectorError),
    /// The scheme of the PKCS12 file's keys asks for too much.
    #[error(transparent)]
    Pkcs12(#[from] Pkcs12Error),
}

/// Protects a private key as the keys of a store are, for [`KeyStore::add_private_key`] and
/// [`KeyStore::replace_private_key`].
///
/// The last key of the store is the measure, with its iterations. A JCEKS store without one gets Java's 200,000.
/// A PKCS12 file without one gives keys the scheme of its certificates, or that of JDK 17 where those are in the
/// clear; where the certificates have a cipher that hides nothing (RC2, RC4, DES) the keys get triple DES with
/// the same derivation, as every writer of such files does it.
///
/// # Errors
///
/// [`ProtectError`].
pub fn protect_private_key(
    store: &KeyStore,
    key: &PrivateKey,
    password: &Password,
    entropy: &mut dyn Entropy,
    derivations: &mut Derivations,
) -> Result<Vec<u8>, ProtectError> {
    match store {
        KeyStore::Java(java) if java.format == StoreFormat::Jks => {
            Ok(jks::protect_key(key.pkcs8(), password, octets(entropy)?))
        }
        KeyStore::Java(_) => {
            let iterations = last_protection(store, |protection| match protection {
                KeyProtection::Jceks { iterations } => iterations,
                _ => None,
            });
            let salt = octets(entropy)?;
            let iterations = iterations.unwrap_or(Protection::ITERATIONS);
            Ok(jks::protect_jceks_key(key.pkcs8(), password, Protection { salt, iterations })?)
        }
        KeyStore::Pkcs12(file) => {
            let scheme = last_protection(store, |protection| match protection {
                KeyProtection::Scheme(scheme) => Some(scheme),
                _ => None,
            });
            let scheme = scheme.unwrap_or_else(|| scheme_beside(file));
            Ok(pkcs12::encrypt_key_for(file, key.pkcs8(), &scheme, password, entropy, derivations)?)
        }
    }
}

/// The protection of the last private key for which `pick` has an answer.
fn last_protection<T>(store: &KeyStore, pick: impl Fn(KeyProtection) -> Option<T>) -> Option<T> {
    let entries = store.entries();
    let keys = entries.iter().rev().filter(|entry| entry.kind == EntryKind::PrivateKey);
    keys.filter_map(|entry| entry.key).find_map(|key| pick(key_protection::of_stored(key)))
}

/// The scheme for the first key of a file.
fn scheme_beside(file: &Pfx) -> Scheme {
    let triple_des =
        |iterations, salt_length| Scheme::Pkcs12 { cipher: LegacyCipher::TripleDes, iterations, salt_length };
    match file.certificate_protection() {
        pfx::Protection::Encrypted(Scheme::Pkcs12 { iterations, salt_length, .. }) => {
            triple_des(*iterations, *salt_length)
        }
        pfx::Protection::Encrypted(Scheme::Pbes1 { iterations, .. }) => triple_des(*iterations, 8),
        pfx::Protection::Encrypted(scheme) => scheme.clone(),
        pfx::Protection::Plain | pfx::Protection::Other(_) => Profile::java17().keys,
    }
}

fn octets<const N: usize>(entropy: &mut dyn Entropy) -> Result<[u8; N], EntropyError> {
    let mut octets = [0; N];
    entropy.fill(&mut octets)?;
    Ok(octets)
}
