//! The identities of a keystore, opened with the passwords of the call.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use keyward::format::key_store as codec;
use keyward::format::pkcs12::Derivations;
use keyward::format::private_key::KeyError;
use keyward::identity::{Identity, KeyAccess};
use keyward::model::key_store::{Entry, EntryKind, Integrity, alias};
use keyward::model::{KeyStore, Password};

use crate::exit::Failure;
use crate::purse::Purse;
use crate::store::{StoreFile, Without, missing};

/// A keystore with its identities.
pub(crate) struct Identities {
    /// The store.
    pub(crate) store: KeyStore,
    /// Whether anything says that it is as it was written.
    pub(crate) integrity: Integrity,
    /// What opened it, where it took a password.
    pub(crate) password: Option<Rc<Password>>,
    /// In the order of the file; entries that Java does not show are left out.
    pub(crate) all: Vec<Identity>,
}

/// `STORE#ALIAS` as it was typed: the store, and the alias where there is one. A file whose name holds the whole
/// text is that file.
pub(crate) fn store_and_alias(text: &str) -> (PathBuf, Option<String>) {
    match text.rsplit_once('#') {
        Some((store, alias)) if !store.is_empty() && !Path::new(text).exists() => {
            (PathBuf::from(store), Some(alias.to_owned()))
        }
        _ => (PathBuf::from(text), None),
    }
}

/// Opens a store, and each key of it with the store's password, else with those of `--key-password`.
pub(crate) fn open(path: &Path, purse: &mut Purse) -> Result<Identities, Failure> {
    let mut file = StoreFile::new(path);
    let opened = file.open(purse, Without::Refused)?.ok_or_else(|| missing(path))?;
    let keys = purse.keys()?;
    let password = file.password();
    let mut derivations = Derivations::new();
    let mut all = Vec::new();
    for entry in opened.store.entries() {
        if entry.kind != EntryKind::PrivateKey || entry.hidden.is_some() {
            continue;
        }
        let folded = alias::fold(&entry.alias);
        let (own, others): (Vec<_>, Vec<_>) = keys
            .iter()
            .filter(|key| key.alias.as_deref().is_none_or(|name| alias::fold(name) == folded))
            .partition(|key| key.alias.is_some());
        let given: Vec<&Password> = own.into_iter().chain(others).map(|key| &*key.password).collect();
        let key = access(&entry, password.as_ref(), &given, &mut derivations);
        // What cannot be read keeps Java from reading the store at all; a store that was decoded may hold it still.
        let chain = entry.chain.iter().filter_map(|certificate| certificate.read().ok()).collect();
        all.push(Identity { alias: entry.alias.clone(), chain, key });
    }
    Ok(Identities { integrity: opened.integrity, password, store: opened.store, all })
}

fn access(
    entry: &Entry<'_>,
    store: Option<&Rc<Password>>,
    given: &[&Password],
    derivations: &mut Derivations,
) -> KeyAccess {
    let of_store: Vec<&Password> = store.map(|password| &**password).into_iter().collect();
    match codec::private_key_of(entry, &of_store, derivations) {
        Ok(key) => return KeyAccess::StorePassword(key),
        Err(KeyError::Password | KeyError::PasswordRequired) => {}
        Err(error) => return KeyAccess::Damaged(error.to_string()),
    }
    match codec::private_key_of(entry, given, derivations) {
        Ok(key) => KeyAccess::OwnPassword(key),
        Err(KeyError::Password | KeyError::PasswordRequired) => KeyAccess::Closed,
        Err(error) => KeyAccess::Damaged(error.to_string()),
    }
}
