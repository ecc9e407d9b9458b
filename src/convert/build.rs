//! A store of the items of a plan.

use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::Target;
use super::item::{Content, Item};
use crate::model::KeyStore;
use crate::model::key_store::pfx::Profile;
use crate::model::key_store::{EditError, NewContent, NewEntry, StoreFormat};
use crate::model::private_key::PrivateKey;
use crate::model::secret_key::SecretKey;

/// Protects keys as the target has them. The formats' codecs do it; a conversion knows no codec.
pub trait Sealer {
    /// Why a key could not be protected.
    type Error;

    /// The `EncryptedPrivateKeyInfo` of a private key.
    ///
    /// # Errors
    ///
    /// The codec's.
    fn private_key(&mut self, alias: &str, key: &PrivateKey) -> Result<Vec<u8>, Self::Error>;

    /// What the target keeps of a secret key: in JCEKS the `SealedObject`, in PKCS12 the SecretBag.
    ///
    /// # Errors
    ///
    /// The codec's.
    fn secret_key(&mut self, alias: &str, key: &SecretKey) -> Result<Zeroizing<Vec<u8>>, Self::Error>;
}

/// Why a store was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError<E> {
    /// The target is no store.
    #[error("the target is no keystore")]
    NoStore,
    /// A key could not be protected.
    #[error("the entry \"{alias}\": {error}")]
    Seal {
        /// The entry.
        alias: String,
        /// Why.
        error: E,
    },
    /// The format refuses an entry.
    #[error(transparent)]
    Edit(#[from] EditError),
}

pub(super) fn store<S: Sealer>(
    items: Vec<Item>,
    target: &Target,
    now: OffsetDateTime,
    sealer: &mut S,
) -> Result<KeyStore, BuildError<S::Error>> {
    let mut entries = Vec::with_capacity(items.len());
    for item in items {
        let Item { alias, created, content, attributes, .. } = item;
        let seal = |error| BuildError::Seal { alias: alias.clone(), error };
        let content = match content {
            Content::PrivateKey { key, chain } => {
                NewContent::PrivateKey { protected: sealer.private_key(&alias, &key).map_err(seal)?, chain }
            }
            Content::SecretKey(key) => NewContent::SecretKey(sealer.secret_key(&alias, &key).map_err(seal)?),
            Content::TrustedCertificate(certificate) => NewContent::TrustedCertificate(certificate),
            Content::Certificate(certificate) | Content::Loose(certificate) => {
                NewContent::Certificate(certificate)
            }
            Content::Bag(content) => NewContent::Bag(content),
        };
        entries.push(NewEntry { alias, created: created.unwrap_or(now), content, attributes });
    }
    Ok(assemble(target, entries)?)
}

/// The store with the certificates in their places, and keys that hold nothing: enough to see which chains
/// Java would find.
pub(super) fn draft(items: &[Item], target: &Target, now: OffsetDateTime) -> Result<KeyStore, EditError> {
    let entries = items.iter().map(|item| NewEntry {
        alias: item.alias.clone(),
        created: item.created.unwrap_or(now),
        content: match &item.content {
            Content::PrivateKey { chain, .. } => {
                NewContent::PrivateKey { protected: Vec::new(), chain: chain.clone() }
            }
            Content::SecretKey(_) => NewContent::SecretKey(Zeroizing::default()),
            Content::TrustedCertificate(certificate) => NewContent::TrustedCertificate(certificate.clone()),
            Content::Certificate(certificate) | Content::Loose(certificate) => {
                NewContent::Certificate(certificate.clone())
            }
            Content::Bag(content) => NewContent::Bag(content.clone()),
        },
        attributes: item.attributes.clone(),
    });
    assemble(target, entries.collect())
}

fn assemble(target: &Target, entries: Vec<NewEntry>) -> Result<KeyStore, EditError> {
    match target {
        Target::Pkcs12(profile) => KeyStore::assemble(StoreFormat::Pkcs12, profile, entries),
        Target::Java(format) => KeyStore::assemble(*format, &Profile::java17(), entries),
        Target::Pem | Target::Der | Target::P7b => Ok(KeyStore::empty(StoreFormat::Jks)),
    }
}
