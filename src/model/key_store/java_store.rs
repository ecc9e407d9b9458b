//! JKS and JCEKS in memory (`sun.security.provider.JavaKeyStore`, `com.sun.crypto.provider.JceKeyStore`).

use std::collections::HashMap;
use std::fmt;

use time::OffsetDateTime;

use super::{EditError, EncodedCertificate, Entry, EntryKind, Hidden, StoreFormat, StoredKey, alias};
use crate::limits;

/// A JKS or JCEKS store: its entries in the order of the file.
#[derive(Debug, PartialEq)]
pub struct JavaStore {
    /// [`StoreFormat::Jks`] or [`StoreFormat::Jceks`].
    pub format: StoreFormat,
    /// 1 or 2. Version 1 has no certificate types.
    pub version: u32,
    /// The entries, in the order of the file.
    pub entries: Vec<JavaEntry>,
}

/// One entry of a [`JavaStore`].
#[derive(Debug, PartialEq)]
pub struct JavaEntry {
    /// The alias as written. `keytool` writes it folded.
    pub alias: String,
    /// Milliseconds since 1970, as written.
    pub created: i64,
    /// What it holds.
    pub content: JavaContent,
}

/// The content of a [`JavaEntry`].
#[derive(PartialEq)]
pub enum JavaContent {
    /// A private key: its `EncryptedPrivateKeyInfo` to the byte, and its chain.
    PrivateKey {
        /// DER of the `EncryptedPrivateKeyInfo`.
        protected: Vec<u8>,
        /// End entity first. Nothing in the format makes it fit the key.
        chain: Vec<EncodedCertificate>,
    },
    /// A trusted certificate.
    TrustedCertificate(EncodedCertificate),
    /// JCEKS: a serialized `SealedObject` to the byte.
    SecretKey(Vec<u8>),
}

impl fmt::Debug for JavaContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PrivateKey { chain, .. } => write!(f, "PrivateKey(.., chain of {})", chain.len()),
            Self::TrustedCertificate(certificate) => write!(f, "{certificate:?}"),
            Self::SecretKey(_) => f.write_str("SecretKey(..)"),
        }
    }
}

impl JavaStore {
    /// An empty store, version 2.
    #[must_use]
    pub fn empty(format: StoreFormat) -> Self {
        Self { format, version: 2, entries: Vec::new() }
    }

    pub(super) fn entries(&self) -> Vec<Entry<'_>> {
        let last: HashMap<&str, usize> =
            self.entries.iter().enumerate().map(|(index, entry)| (entry.alias.as_str(), index)).collect();
        let shadowed = |index, entry: &JavaEntry| last.get(entry.alias.as_str()) != Some(&index);
        let entries = self.entries.iter().enumerate();
        entries
            .map(|(index, entry)| match entry.view() {
                view if shadowed(index, entry) => Entry { hidden: Some(Hidden::Shadowed), ..view },
                view => view,
            })
            .collect()
    }

    pub(super) fn find(&self, alias: &str) -> Option<Entry<'_>> {
        let position = self.position(alias).ok()?;
        self.entries.get(position).map(JavaEntry::view)
    }

    pub(super) fn holds_keys(&self) -> bool {
        self.entries.iter().any(|entry| !matches!(entry.content, JavaContent::TrustedCertificate(_)))
    }

    pub(super) fn add_trusted(
        &mut self,
        added: &[(&str, EncodedCertificate)],
        created: OffsetDateTime,
    ) -> Result<(), EditError> {
        let created = milliseconds(created);
        let entry = |(alias, certificate): &(&str, EncodedCertificate)| {
            let content = JavaContent::TrustedCertificate(certificate.clone());
            writable(alias).map(|alias| JavaEntry { alias, created, content })
        };
        let new = added.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
        self.entries.extend(new);
        Ok(())
    }

    pub(super) fn replace_trusted(
        &mut self,
        alias: &str,
        certificate: &EncodedCertificate,
        created: OffsetDateTime,
    ) -> Result<(), EditError> {
        let entry = self.entry(alias)?;
        entry.content = JavaContent::TrustedCertificate(certificate.clone());
        entry.created = milliseconds(created);
        Ok(())
    }

    pub(super) fn add_private_key(
        &mut self,
        alias: &str,
        protected: Vec<u8>,
        chain: &[EncodedCertificate],
        created: OffsetDateTime,
    ) -> Result<(), EditError> {
        let content = JavaContent::PrivateKey { protected, chain: chain.to_vec() };
        self.entries.push(JavaEntry { alias: writable(alias)?, created: milliseconds(created), content });
        Ok(())
    }

    pub(super) fn replace_private_key(
        &mut self,
        alias: &str,
        protected: Vec<u8>,
        chain: &[EncodedCertificate],
        created: OffsetDateTime,
    ) -> Result<(), EditError> {
        let entry = self.entry(alias)?;
        entry.content = JavaContent::PrivateKey { protected, chain: chain.to_vec() };
        entry.created = milliseconds(created);
        Ok(())
    }

    pub(super) fn set_chain(&mut self, alias: &str, new: &[EncodedCertificate]) -> Result<(), EditError> {
        if let JavaContent::PrivateKey { chain, .. } = &mut self.entry(alias)?.content {
            *chain = new.to_vec();
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, alias: &str) -> Result<(), EditError> {
        let position = self.position(alias)?;
        self.entries.remove(position);
        Ok(())
    }

    pub(super) fn rename(&mut self, old: &str, new: &str) -> Result<(), EditError> {
        let new = writable(new)?;
        let old = self.entry(old)?.alias.clone();
        for entry in self.entries.iter_mut().filter(|entry| entry.alias == old) {
            entry.alias.clone_from(&new);
        }
        Ok(())
    }

    /// The position of the entry that Java finds, of several with one alias the last; failing that, of one
    /// whose alias only folds to this.
    fn position(&self, alias: &str) -> Result<usize, EditError> {
        let folded = alias::fold(alias);
        self.entries
            .iter()
            .rposition(|e| e.alias == folded)
            .or_else(|| {
                self.entries.iter().rposition(|e| {
                    alias::may_fold_to(e.alias.chars(), &folded) && alias::fold(&e.alias) == folded
                })
            })
            .ok_or_else(|| EditError::NoSuchEntry(alias.to_owned()))
    }

    fn entry(&mut self, alias: &str) -> Result<&mut JavaEntry, EditError> {
        let position = self.position(alias)?;
        self.entries.get_mut(position).ok_or_else(|| EditError::NoSuchEntry(alias.to_owned()))
    }
}

impl JavaEntry {
    fn view(&self) -> Entry<'_> {
        let (kind, chain, key) = match &self.content {
            JavaContent::PrivateKey { protected, chain } => {
                (EntryKind::PrivateKey, chain.iter().collect(), Some(StoredKey::Protected(protected)))
            }
            JavaContent::TrustedCertificate(c) => (EntryKind::TrustedCertificate, vec![c], None),
            JavaContent::SecretKey(sealed) => {
                (EntryKind::SecretKey, Vec::new(), Some(StoredKey::Sealed(sealed)))
            }
        };
        let hidden = (alias::fold(&self.alias) != self.alias).then_some(Hidden::Capitals);
        Entry { alias: self.alias.clone(), kind, created: date(self.created), chain, hidden, key }
    }
}

/// The alias as `keytool` would write it, if `DataOutput.writeUTF` can: 65,535 bytes of modified UTF-8.
pub(super) fn writable(alias: &str) -> Result<String, EditError> {
    let folded = alias::fold(alias);
    let bytes: usize = folded
        .encode_utf16()
        .map(|unit| match unit {
            1..=0x7f => 1,
            0 | 0x80..=0x7ff => 2,
            _ => 3,
        })
        .sum();
    if bytes > limits::ALIAS_BYTES { Err(EditError::Alias(alias.to_owned())) } else { Ok(folded) }
}

pub(super) fn milliseconds(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

fn date(milliseconds: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000).ok()
}
