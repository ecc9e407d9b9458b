//! Whole stores made of entries that were made elsewhere: what a conversion ends with.
//!
//! [`KeyStore::assemble`] makes a store at once, so that its cost grows with the number of entries and not
//! with its square, as it would if each entry were looked up among those before it.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::java_store::{JavaContent, JavaEntry, JavaStore, milliseconds, writable};
use super::pfx::{Attribute, BagContent, Pfx, Profile};
use super::{EditError, EncodedCertificate, EntryKind, KeyStore, StoreFormat, alias};

/// An entry that is to stand in a new store.
#[derive(Debug)]
pub struct NewEntry {
    /// The alias. JKS and JCEKS keep it folded, PKCS12 as given; only a PKCS12 entry that is no entry of Java's
    /// may have an empty one.
    pub alias: String,
    /// When it was made. PKCS12 keeps it for private and secret keys only.
    pub created: OffsetDateTime,
    /// What it holds.
    pub content: NewContent,
    /// PKCS12: the attributes of its bag, in their order. The alias, the localKeyID and Java's trust attribute
    /// are put right or added where they are missing.
    pub attributes: Vec<Attribute>,
}

/// The content of a [`NewEntry`], keys protected as the format has it.
pub enum NewContent {
    /// A private key.
    PrivateKey {
        /// DER of the `EncryptedPrivateKeyInfo`, under a scheme that readers of the format know.
        protected: Vec<u8>,
        /// End entity first.
        chain: Vec<ChainCertificate>,
    },
    /// A secret key: in JCEKS the serialized `SealedObject`, in PKCS12 the SecretBag.
    SecretKey(Zeroizing<Vec<u8>>),
    /// A certificate that Java is to trust.
    TrustedCertificate(EncodedCertificate),
    /// A certificate that Java is not to trust. PKCS12 only.
    Certificate(EncodedCertificate),
    /// A bag of another kind. PKCS12 only.
    Bag(Arc<BagContent>),
}

/// A certificate of a private key's chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainCertificate {
    /// The certificate.
    pub certificate: EncodedCertificate,
    /// PKCS12: the attributes of its bag. Where there are none, it gets those that Java writes.
    pub attributes: Vec<Attribute>,
}

impl From<EncodedCertificate> for ChainCertificate {
    fn from(certificate: EncodedCertificate) -> Self {
        Self { certificate, attributes: Vec::new() }
    }
}

impl NewContent {
    /// The kind of entry that it becomes.
    #[must_use]
    pub fn kind(&self) -> EntryKind {
        match self {
            Self::PrivateKey { .. } => EntryKind::PrivateKey,
            Self::SecretKey(_) => EntryKind::SecretKey,
            Self::TrustedCertificate(_) => EntryKind::TrustedCertificate,
            Self::Certificate(_) => EntryKind::Certificate,
            Self::Bag(content) if matches!(**content, BagContent::Crl(_)) => EntryKind::Crl,
            Self::Bag(_) => EntryKind::Other,
        }
    }
}

impl fmt::Debug for NewContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind().id())
    }
}

impl KeyStore {
    /// Makes a store of entries, in their order; a PKCS12 store has its keys before its certificates, as Java
    /// writes it. `profile` counts for PKCS12 only.
    ///
    /// That keys fit their chains is not checked, nor that Java would find the chain of a PKCS12 key again.
    ///
    /// # Errors
    ///
    /// [`EditError::AliasExists`] for two of Java's entries whose aliases fold to the same;
    /// [`EditError::Alias`]; [`EditError::NoPlace`] for what the format cannot hold.
    pub fn assemble(
        format: StoreFormat,
        profile: &Profile,
        entries: Vec<NewEntry>,
    ) -> Result<Self, EditError> {
        let mut taken = HashSet::new();
        for entry in &entries {
            let of_java = !matches!(entry.content, NewContent::Certificate(_) | NewContent::Bag(_));
            if of_java && !taken.insert(alias::fold(&entry.alias)) {
                return Err(EditError::AliasExists(entry.alias.clone()));
            }
        }
        match format {
            StoreFormat::Jks | StoreFormat::Jceks => {
                let mut store = JavaStore::empty(format);
                store.entries =
                    entries.into_iter().map(|entry| java_entry(format, entry)).collect::<Result<_, _>>()?;
                Ok(Self::Java(store))
            }
            StoreFormat::Pkcs12 => Pfx::assemble(profile, entries).map(Self::Pkcs12),
        }
    }
}

fn java_entry(format: StoreFormat, entry: NewEntry) -> Result<JavaEntry, EditError> {
    let kind = entry.content.kind();
    let content = match entry.content {
        NewContent::PrivateKey { protected, chain } => JavaContent::PrivateKey {
            protected,
            chain: chain.into_iter().map(|link| link.certificate).collect(),
        },
        NewContent::TrustedCertificate(certificate) => JavaContent::TrustedCertificate(certificate),
        NewContent::SecretKey(sealed) if format == StoreFormat::Jceks => {
            JavaContent::SecretKey(sealed.to_vec())
        }
        NewContent::SecretKey(_) | NewContent::Certificate(_) | NewContent::Bag(_) => {
            return Err(EditError::NoPlace { alias: entry.alias, kind, format });
        }
    };
    Ok(JavaEntry { alias: writable(&entry.alias)?, created: milliseconds(entry.created), content })
}
