//! A keystore in memory: everything that stood in the file, and the edits that keep it so.
//!
//! Two shapes exist because two exist on disk: [`JavaStore`] for JKS and JCEKS, [`Pfx`] for PKCS12. What
//! they share is the view ([`KeyStore::entries`]) and the edits. An edit touches nothing that it was not
//! asked to touch.

pub mod alias;
pub mod java_store;
pub mod key_protection;
pub mod new_entry;
pub mod pfx;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use time::OffsetDateTime;

use super::certificate::{Certificate, CertificateError, Fingerprint};
pub use java_store::JavaStore;
pub use key_protection::KeyProtection;
pub use new_entry::{ChainCertificate, NewContent, NewEntry};
pub use pfx::{Held, Pfx};

/// The format of a keystore file that keyward reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StoreFormat {
    /// Sun's JKS; CaseExactJKS files are of the same format.
    Jks,
    /// SunJCE's JCEKS.
    Jceks,
    /// PKCS12 (RFC 7292).
    Pkcs12,
}

impl fmt::Display for StoreFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jks => "JKS",
            Self::Jceks => "JCEKS",
            Self::Pkcs12 => "PKCS12",
        })
    }
}

/// What is known about whether a keystore file is as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integrity {
    /// The password fits the digest or MAC, and so do the bytes.
    Verified,
    /// The file carries no digest or MAC.
    None,
    /// The file carries one that was not checked, because no password was given.
    Unchecked,
}

impl Integrity {
    /// The name in keyward's JSON.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::None => "none",
            Self::Unchecked => "unchecked",
        }
    }
}

/// A certificate as a keystore holds it: not read until asked, so that one odd certificate costs nothing.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EncodedCertificate {
    /// The type as JKS names it, `X.509` for all that keyward writes.
    pub kind: Arc<str>,
    /// The encoding, DER for `X.509`.
    pub der: Arc<[u8]>,
}

impl EncodedCertificate {
    /// An `X.509` certificate from its DER, unread.
    #[must_use]
    pub fn x509(der: &[u8]) -> Self {
        Self { kind: "X.509".into(), der: der.into() }
    }

    /// Reads it.
    ///
    /// # Errors
    ///
    /// As [`Certificate::from_der`].
    pub fn read(&self) -> Result<Certificate, CertificateError> {
        Certificate::from_der(&self.der)
    }

    /// The SHA-256 of the encoding.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.der)
    }
}

impl From<&Certificate> for EncodedCertificate {
    fn from(certificate: &Certificate) -> Self {
        Self::x509(certificate.der())
    }
}

impl fmt::Debug for EncodedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncodedCertificate({})", self.fingerprint())
    }
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// A private key with its chain (Java's `PrivateKeyEntry`).
    PrivateKey,
    /// A certificate that Java takes for a trust anchor (`trustedCertEntry`).
    TrustedCertificate,
    /// A secret key (`SecretKeyEntry`).
    SecretKey,
    /// A certificate of a PKCS12 file that is in no entry's chain and has no trust attribute.
    Certificate,
    /// A CRL bag of a PKCS12 file.
    Crl,
    /// A bag that keyward keeps and does not know.
    Other,
}

impl EntryKind {
    /// Whether the entry holds a key that must stay secret.
    #[must_use]
    pub fn is_secret(self) -> bool {
        matches!(self, Self::PrivateKey | Self::SecretKey)
    }

    /// The name in keyward's JSON.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::PrivateKey => "private-key",
            Self::TrustedCertificate => "trusted-certificate",
            Self::SecretKey => "secret-key",
            Self::Certificate => "certificate",
            Self::Crl => "crl",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PrivateKey => "private key",
            Self::TrustedCertificate => "trusted certificate",
            Self::SecretKey => "secret key",
            Self::Certificate => "certificate that Java does not see",
            Self::Crl => "CRL",
            Self::Other => "bag of an unknown type",
        })
    }
}

/// One entry, borrowed from its store.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The alias, spelled as the file spells it. PKCS12 entries without a name get the one that Java gives
    /// them (`1`, `2`, …); a loose certificate without one has an empty alias.
    pub alias: String,
    /// What it is.
    pub kind: EntryKind,
    /// When the file says it was made. PKCS12 stores no date for certificates.
    pub created: Option<OffsetDateTime>,
    /// A private key's chain, end entity first, as Java would build it; one certificate for a trusted or a
    /// loose one; otherwise empty.
    pub chain: Vec<&'a EncodedCertificate>,
    /// Why a Java `KeyStore` would not show this entry; `None` when it does.
    pub hidden: Option<Hidden>,
    /// The key of a private or secret key's entry, as the file holds it.
    pub key: Option<StoredKey<'a>>,
}

/// A key as a file holds it. [`crate::format::key_store`] opens it.
#[derive(Clone, Copy)]
pub enum StoredKey<'a> {
    /// JKS, JCEKS: an `EncryptedPrivateKeyInfo` with an algorithm of Sun's own.
    Protected(&'a [u8]),
    /// JCEKS: a serialized `SealedObject` with a secret key.
    Sealed(&'a [u8]),
    /// PKCS12: an `EncryptedPrivateKeyInfo`.
    Shrouded(&'a [u8]),
    /// PKCS12: a `PrivateKeyInfo` in the clear.
    Plain(&'a [u8]),
    /// PKCS12: a SecretBag.
    Secret(&'a [u8]),
}

impl fmt::Debug for StoredKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Protected(_) => "Protected(..)",
            Self::Sealed(_) => "Sealed(..)",
            Self::Shrouded(_) => "Shrouded(..)",
            Self::Plain(_) => "Plain(..)",
            Self::Secret(_) => "Secret(..)",
        })
    }
}

/// Why Java does not show something that is in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// A certificate without Oracle's trustedKeyUsage attribute, in no key's chain.
    NoTrustAttribute,
    /// A private key that is not in a shrouded bag.
    PlainKeyBag,
    /// A private key without localKeyID where the file holds several.
    NoLocalKeyId,
    /// A later entry with the same folded alias takes its place.
    Shadowed,
    /// A kind of bag that Java passes over.
    UnsupportedBag,
    /// An alias with capitals in a JKS file: listed, but no lookup finds it.
    Capitals,
}

impl Hidden {
    /// The name in keyward's JSON.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::NoTrustAttribute => "no-trust-attribute",
            Self::PlainKeyBag => "plain-key-bag",
            Self::NoLocalKeyId => "no-local-key-id",
            Self::Shadowed => "shadowed",
            Self::UnsupportedBag => "unsupported-bag",
            Self::Capitals => "capitals",
        }
    }
}

/// Why an edit was not made. The store is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// There is no entry under the alias.
    #[error("no entry has the alias \"{0}\"")]
    NoSuchEntry(String),
    /// The alias, folded as Java folds it, is taken.
    #[error("the alias \"{0}\" already exists")]
    AliasExists(String),
    /// The edit is for another kind of entry.
    #[error("the entry \"{alias}\" is a {kind}")]
    WrongKind {
        /// The alias as the file spells it.
        alias: String,
        /// What the entry is.
        kind: EntryKind,
    },
    /// The alias cannot be written in this format.
    #[error("the alias \"{0}\" cannot be written in this format")]
    Alias(String),
    /// The chain of a PKCS12 key is no list in the file: Java finds it among all certificates, and here it
    /// would find another one, as with a trusted certificate that continues the path or has the same name.
    #[error("with this chain the file would give the entry \"{alias}\" a chain of {} certificates", found.len())]
    Chain {
        /// The alias as the file spells it.
        alias: String,
        /// The chain that Java would find, end entity first.
        found: Vec<EncodedCertificate>,
    },
    /// The format has no place for such an entry.
    #[error("a {format} store has no place for \"{alias}\", which is a {kind}")]
    NoPlace {
        /// The alias as given.
        alias: String,
        /// What the entry is.
        kind: EntryKind,
        /// The format of the store.
        format: StoreFormat,
    },
    /// The part of the file that holds the entry could not be opened without a password.
    #[error("a part of the store is still encrypted")]
    Locked,
}

/// A keystore: one of the two shapes.
#[derive(Debug, PartialEq)]
pub enum KeyStore {
    /// JKS or JCEKS.
    Java(JavaStore),
    /// PKCS12.
    Pkcs12(Pfx),
}

impl KeyStore {
    /// An empty store of a format; PKCS12 with the protection that JDK 17 gives a new store.
    #[must_use]
    pub fn empty(format: StoreFormat) -> Self {
        match format {
            StoreFormat::Jks | StoreFormat::Jceks => Self::Java(JavaStore::empty(format)),
            StoreFormat::Pkcs12 => Self::Pkcs12(Pfx::empty()),
        }
    }

    /// The format that it is written in.
    #[must_use]
    pub fn format(&self) -> StoreFormat {
        match self {
            Self::Java(store) => store.format,
            Self::Pkcs12(_) => StoreFormat::Pkcs12,
        }
    }

    /// All entries in the order of the file: those that Java shows, and those that it hides.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry<'_>> {
        match self {
            Self::Java(store) => store.entries(),
            Self::Pkcs12(pfx) => pfx.entries(),
        }
    }

    /// The entry that Java finds under an alias of whatever case.
    #[must_use]
    pub fn find(&self, alias: &str) -> Option<Entry<'_>> {
        match self {
            Self::Java(store) => store.find(alias),
            Self::Pkcs12(pfx) => {
                let folded = alias::fold(alias);
                // Mostly an alias is looked up to see that it is free; the view of all bags is dear.
                if !pfx.may_have_alias(&folded) {
                    return None;
                }
                let mut found: Vec<Entry<'_>> =
                    pfx.entries().into_iter().filter(|e| alias::fold(&e.alias) == folded).collect();
                let visible = found.iter().position(|e| e.hidden.is_none()).unwrap_or(0);
                (visible < found.len()).then(|| found.swap_remove(visible))
            }
        }
    }

    /// Whether it holds a private or a secret key, protected or not, that can be seen.
    #[must_use]
    pub fn holds_keys(&self) -> bool {
        match self {
            Self::Java(store) => store.holds_keys(),
            Self::Pkcs12(pfx) => pfx.holds_keys(),
        }
    }

    /// The entries that Java passes over because the one that [`KeyStore::find`] gives has their place: what
    /// Java would find if that one went, or got another name.
    #[must_use]
    pub fn shadowed(&self, alias: &str) -> Vec<Entry<'_>> {
        let Some(found) = self.find(alias) else { return Vec::new() };
        let is_same = |other: &str| match self {
            Self::Java(_) => other == found.alias,
            Self::Pkcs12(_) => alias::fold(other) == alias::fold(&found.alias),
        };
        let mut entries = self.entries();
        entries.retain(|entry| entry.hidden == Some(Hidden::Shadowed) && is_same(&entry.alias));
        entries
    }

    /// The certificates that a JVM with this trust store takes for trust anchors, unread: the trusted ones
    /// and the end entities of private keys (`sun.security.validator.TrustStoreUtil`).
    #[must_use]
    pub fn trust_anchors(&self) -> Vec<&EncodedCertificate> {
        let is_asked = |kind| matches!(kind, EntryKind::TrustedCertificate | EntryKind::PrivateKey);
        self.entries()
            .into_iter()
            .filter(|entry| is_asked(entry.kind) && entry.hidden.is_none())
            .filter_map(|entry| entry.chain.first().copied())
            .collect()
    }

    /// Adds a trusted certificate under a free alias. JKS and JCEKS keep the folded alias and `created`;
    /// PKCS12 keeps the alias as given, Oracle's trust attribute, and no date.
    ///
    /// # Errors
    ///
    /// [`EditError::AliasExists`], [`EditError::Alias`], [`EditError::Locked`].
    pub fn add_trusted(
        &mut self,
        alias: &str,
        certificate: &EncodedCertificate,
        created: OffsetDateTime,
    ) -> Result<(), EditError> {
        self.add_all_trusted(&[(alias, certificate.clone())], created)
    }

    /// Adds several as [`KeyStore::add_trusted`] does, all or none, in a time that is linear in the store.
    ///
    /// # Errors
    ///
    /// As there, also where two of the aliases are the same.
    pub fn add_all_trusted(
        &mut self,
        added: &[(&str, EncodedCertificate)],
        created: OffsetDateTime,
    ) -> Result<(), EditError> {
        if added.is_empty() {
            return Ok(());
        }
        let entries = self.entries().into_iter();
        let mut taken: HashMap<String, String> =
            entries.map(|entry| (alias::fold(&entry.alias), entry.alias)).collect();
        for (alias, _) in added {
            if let Some(held) = taken.insert(alias::fold(alias), (*alias).to_owned()) {
                return Err(EditError::AliasExists(held));
            }
        }
        match self {
            Self::Java(store) => store.add_trusted(added, created),
            Self::Pkcs12(pfx) => pfx.add_trusted(added),
        }
    }

    /// Puts another certificate in the place of a trusted one, at the same position and with the same
    /// attributes.
    ///
    /// # Errors
    ///
    /// [`EditError::NoSuchEntry`], [`EditError::WrongKind`], [`EditError::Locked`].
    pub fn replace_trusted(
        &mut self,
        alias: &str,
        certificate: &EncodedCertificate,
        created: OffsetDateTime,
    ) -> Result<(), EditError> {
        self.require(alias, &[EntryKind::TrustedCertificate])?;
        match self {
            Self::Java(store) => store.replace_trusted(alias, certificate, created),
            Self::Pkcs12(pfx) => pfx.replace_trusted(alias, certificate),
        }
    }

    /// Adds a private key under a free alias, with its chain, end entity first. `protected` is the
    /// `EncryptedPrivateKeyInfo` as the store's format and its other keys have it
    /// ([`protect_private_key`](crate::format::key_store::protect_private_key) makes one). JKS and JCEKS keep the
    /// folded alias and `created` to the millisecond; PKCS12 keeps the alias as given, and `created` in a
    /// localKeyID as Java does, some milliseconds later where the file has that one already.
    ///
    /// No other entry changes, nor does any part of a PKCS12 file but the one that takes the certificates, and
    /// its last one if that holds keys. That the key fits its chain, and that the password opens it, is for the
    /// caller to check.
    ///
    /// # Errors
    ///
    /// [`EditError::AliasExists`], [`EditError::Alias`], [`EditError::Locked`]; [`EditError::Chain`] where Java
    /// would find another chain in the file, as one that a trusted certificate in it continues.
    pub fn add_private_key(
        &mut self,
        alias: &str,
        protected: Vec<u8>,
        chain: &[EncodedCertificate],
        created: OffsetDateTime,
    ) -> Result<(), EditError> {
        if let Some(entry) = self.find(alias) {
            return Err(EditError::AliasExists(entry.alias));
        }
        match self {
            Self::Java(store) => store.add_private_key(alias, protected, chain, created),
            Self::Pkcs12(pfx) => pfx.add_private_key(alias, protected, chain, created),
        }
    }

    /// Puts another private key with its chain in the place of one, under the alias as the file spells it. Else
    /// as [`KeyStore::add_private_key`]. Certificates of the old chain that no other entry uses go.
    ///
    /// # Errors
    ///
    /// [`EditError::NoSuchEntry`], [`EditError::WrongKind`], [`EditError::Locked`], [`EditError::Chain`].
    pub fn replace_private_key(
        &mut self,
        alias: &str,
        protected: Vec<u8>,
        chain: &[EncodedCertificate],
        created: OffsetDateTime,
    ) -> Result<(), EditError> {
        self.require(alias, &[EntryKind::PrivateKey])?;
        match self {
            Self::Java(store) => store.replace_private_key(alias, protected, chain, created),
            Self::Pkcs12(pfx) => pfx.replace_private_key(alias, protected, chain, created),
        }
    }

    /// Gives a private key another chain, end entity first. The key's own bytes stay as they are. That the
    /// chain fits the key is for the caller to check.
    ///
    /// # Errors
    ///
    /// [`EditError::NoSuchEntry`], [`EditError::WrongKind`], [`EditError::Locked`].
    pub fn set_chain(&mut self, alias: &str, chain: &[EncodedCertificate]) -> Result<(), EditError> {
        self.require(alias, &[EntryKind::PrivateKey])?;
        match self {
            Self::Java(store) => store.set_chain(alias, chain),
            Self::Pkcs12(pfx) => pfx.set_chain(alias, chain),
        }
    }

    /// Removes an entry, and with it those that it shadows: else they would come to light, and what the
    /// alias named would be trusted still. A private key of a PKCS12 file takes with it the certificates of
    /// its chain that no other entry uses.
    ///
    /// # Errors
    ///
    /// [`EditError::NoSuchEntry`], [`EditError::Locked`].
    pub fn remove(&mut self, alias: &str) -> Result<(), EditError> {
        self.find(alias).ok_or_else(|| EditError::NoSuchEntry(alias.to_owned()))?;
        for _ in 0..=self.shadowed(alias).len() {
            match self {
                Self::Java(store) => store.remove(alias)?,
                Self::Pkcs12(pfx) => pfx.remove(alias)?,
            }
        }
        Ok(())
    }

    /// Gives an entry another alias, and changes nothing else. Those that it shadows go with it, so that
    /// none comes to light. The new alias may differ in case only.
    ///
    /// # Errors
    ///
    /// [`EditError::NoSuchEntry`], [`EditError::AliasExists`], [`EditError::Alias`],
    /// [`EditError::Locked`].
    pub fn rename(&mut self, old: &str, new: &str) -> Result<(), EditError> {
        self.find(old).ok_or_else(|| EditError::NoSuchEntry(old.to_owned()))?;
        if alias::fold(old) != alias::fold(new)
            && let Some(entry) = self.find(new)
        {
            return Err(EditError::AliasExists(entry.alias));
        }
        match self {
            Self::Java(store) => store.rename(old, new),
            Self::Pkcs12(pfx) => pfx.rename(old, new),
        }
    }

    fn require(&self, alias: &str, kinds: &[EntryKind]) -> Result<(), EditError> {
        let entry = self.find(alias).ok_or_else(|| EditError::NoSuchEntry(alias.to_owned()))?;
        if kinds.contains(&entry.kind) {
            Ok(())
        } else {
            Err(EditError::WrongKind { alias: entry.alias, kind: entry.kind })
        }
    }
}
