//! The keys that stand in keystores: what protects each, and opening it.

use super::asn1::{Asn1Error, Reader, tag};
use super::jks::{self, ProtectorError};
use super::pkcs12::{self, Derivations, Pkcs12Error};
use crate::model::key_store::{KeyProtection, StoreFormat, StoredKey};
use crate::model::{Password, PrivateKey, PrivateKeyError};

/// Why a stored private key did not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoredKeyError {
    /// Every password that was tried is wrong, or the key is damaged.
    #[error("wrong password for the key, or damaged key")]
    Password,
    /// The protection of JKS and JCEKS.
    #[error(transparent)]
    Protector(#[from] ProtectorError),
    /// The protection of PKCS12.
    #[error(transparent)]
    Pkcs12(#[from] Pkcs12Error),
    /// What came out is no private key.
    #[error(transparent)]
    PrivateKey(#[from] PrivateKeyError),
    /// It is a secret key, not a private one.
    #[error("the key is a secret key")]
    Secret,
}

impl StoredKeyError {
    /// A stable name of the reason.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Password => "wrong-key-password",
            Self::Pkcs12(Pkcs12Error::Unsupported { .. }) | Self::Protector(ProtectorError::Algorithm) => {
                "unsupported-encryption"
            }
            Self::Secret => "secret-key",
            _ => "damaged-key",
        }
    }
}

/// What protects a key, as far as that can be seen without a password.
#[must_use]
pub fn protection(format: StoreFormat, key: StoredKey<'_>) -> KeyProtection {
    match key {
        StoredKey::Plain(_) => KeyProtection::None,
        StoredKey::Encrypted(info) => encrypted(format, info),
        StoredKey::SealedObject(_) => KeyProtection::Jceks { iterations: None },
        StoredKey::SecretBag(bag) => match secret_value(bag) {
            Ok(info) => encrypted(format, &info),
            Err(_) => KeyProtection::Other("a secret of an unknown type".to_owned()),
        },
    }
}

/// Opens a private key with the first of the passwords that fits. A key in the clear needs none.
///
/// # Errors
///
/// [`StoredKeyError::Password`] when no password fits; the others when none could.
pub fn open_private_key(
    format: StoreFormat,
    key: StoredKey<'_>,
    passwords: &[&Password],
    derivations: &mut Derivations,
) -> Result<PrivateKey, StoredKeyError> {
    let info = match key {
        StoredKey::Plain(info) => return Ok(PrivateKey::from_pkcs8(info)?),
        StoredKey::Encrypted(info) => info,
        StoredKey::SealedObject(_) | StoredKey::SecretBag(_) => return Err(StoredKeyError::Secret),
    };
    for password in passwords {
        let opened = match format {
            StoreFormat::Pkcs12 => {
                pkcs12::decrypt_key(info, password, derivations).map_err(StoredKeyError::Pkcs12)
            }
            StoreFormat::Jks | StoreFormat::Jceks => {
                jks::recover_key(info, password).map_err(StoredKeyError::Protector)
            }
        };
        match opened {
            Ok(info) => return Ok(PrivateKey::from_pkcs8(&info)?),
            Err(
                StoredKeyError::Pkcs12(Pkcs12Error::Password { .. })
                | StoredKeyError::Protector(ProtectorError::Integrity | ProtectorError::NotAscii),
            ) => {}
            Err(other) => return Err(other),
        }
    }
    Err(StoredKeyError::Password)
}

/// The scheme of an `EncryptedPrivateKeyInfo` of PKCS8 or PKCS12.
pub(super) fn scheme(info: &[u8]) -> KeyProtection {
    let named = |error: Pkcs12Error| match error {
        Pkcs12Error::Unsupported { oid, .. } => KeyProtection::Other(oid),
        _ => KeyProtection::Other("an encryption that cannot be read".to_owned()),
    };
    pkcs12::key_scheme(info).map_or_else(named, KeyProtection::Scheme)
}

fn encrypted(format: StoreFormat, info: &[u8]) -> KeyProtection {
    match (format, algorithm(info)) {
        (StoreFormat::Jks | StoreFormat::Jceks, Ok((jks::JKS_PROTECTOR, _))) => KeyProtection::Jks,
        (StoreFormat::Jks | StoreFormat::Jceks, Ok((jks::JCE_PROTECTOR, iterations))) => {
            KeyProtection::Jceks { iterations }
        }
        _ => scheme(info),
    }
}

/// The algorithm of an `EncryptedPrivateKeyInfo`, and the iterations where its parameters are a salt and a
/// count.
fn algorithm(info: &[u8]) -> Result<(&[u8], Option<u64>), Asn1Error> {
    let mut fields = Reader::new(info).sequence("EncryptedPrivateKeyInfo")?;
    let mut fields = fields.sequence("encryptionAlgorithm")?;
    let algorithm = fields.object_identifier("algorithm")?;
    let iterations = fields.sequence("parameters").and_then(|mut parameters| {
        parameters.octet_string("salt")?;
        parameters.unsigned("iterationCount")
    });
    Ok((algorithm, iterations.ok()))
}

/// What Java puts into a SecretBag: an `EncryptedPrivateKeyInfo` (`PKCS12KeyStore.loadSafeContents`).
fn secret_value(bag: &[u8]) -> Result<Vec<u8>, Asn1Error> {
    let mut fields = Reader::new(bag).sequence("SecretBag")?;
    fields.object_identifier("secretTypeId")?;
    let mut value = fields.expect(tag::context(0) | tag::CONSTRUCTED, "secretValue")?.reader();
    Ok(value.octet_string("secretValue")?.into_owned())
}
