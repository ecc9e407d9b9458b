//! The identities of a keystore, opened with the passwords of the call.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use keyward::format::key_store as codec;
use keyward::format::pkcs12::Derivations;
use keyward::format::private_key::KeyError;
use keyward::identity::{Identity, KeyAccess};
use keyward::model::key_store::{Entry, EntryKind, Integrity, alias};
use keyward::model::{KeyStore, Password, PrivateKey};

use crate::exit::Failure;
use crate::purse::Purse;
use crate::shell;
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
/// text is that file; else the longest name of a file that a `#` follows is the store, as both names and aliases may
/// hold a `#`.
pub(crate) fn store_and_alias(text: &str) -> (PathBuf, Option<String>) {
    if Path::new(text).exists() {
        return (PathBuf::from(text), None);
    }
    let splits = || {
        let at = text.rmatch_indices('#').map(|(at, _)| text.split_at(at));
        at.filter(|(store, _)| !store.is_empty())
    };
    match splits().find(|(store, _)| Path::new(store).is_file()).or_else(|| splits().next()) {
        Some((store, alias)) => (PathBuf::from(store), alias.strip_prefix('#').map(str::to_owned)),
        None => (PathBuf::from(text), None),
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

/// The one identity that `STORE[#ALIAS]` means, with the store as it was typed.
pub(crate) fn one(text: &str, purse: &mut Purse) -> Result<(String, Identity), Failure> {
    let (path, alias) = store_and_alias(text);
    let shown = path.display().to_string();
    let mut all = open(&path, purse)?.all;
    let names = all.iter().map(|identity| format!("\"{}\"", identity.alias)).collect::<Vec<_>>().join(", ");
    let Some(asked) = alias else {
        let Some(only) = all.pop() else {
            return Err(Failure::unusable(
                "no-key-entry",
                format!("{shown} holds no private key with a chain"),
            )
            .hint("to see what it holds:")
            .hint(format!("  {}", shell::command(["keyward", "inspect", &shown]))));
        };
        if let Some(first) = all.first() {
            let example = format!("{shown}#{}", first.alias);
            return Err(Failure::unusable(
                "several-identities",
                format!("{shown} holds {} identities: {names}", all.len() + 1),
            )
            .hint(format!("say which one: {}", shell::command([example]))));
        }
        return Ok((shown, only));
    };
    let folded = alias::fold(&asked);
    // Of several entries of one alias Java knows the last.
    match all.into_iter().rfind(|identity| alias::fold(&identity.alias) == folded) {
        Some(identity) => Ok((shown, identity)),
        None => {
            let have = if names.is_empty() { "none".to_owned() } else { names };
            Err(Failure::unusable("no-such-alias", format!("{shown} has no private key under \"{asked}\""))
                .hint(format!("private keys in it: {have}")))
        }
    }
}

/// The key of an identity; without it nothing can be signed.
pub(crate) fn opened<'a>(identity: &'a Identity, store: &str) -> Result<&'a PrivateKey, Failure> {
    let alias = &identity.alias;
    let key = match &identity.key {
        KeyAccess::StorePassword(key) | KeyAccess::OwnPassword(key) => key,
        KeyAccess::Closed => {
            return Err(Failure::unusable(
                "key-closed",
                format!("{store}, alias \"{alias}\": none of the given passwords opens the key"),
            )
            .hint(format!("give it with --key-password {}", shell::command([format!("{alias}=env:NAME")]))));
        }
        KeyAccess::Damaged(why) => {
            return Err(Failure::unusable("damaged-key", format!("{store}, alias \"{alias}\": {why}")));
        }
    };
    if identity.chain.is_empty() {
        return Err(Failure::unusable(
            "no-chain",
            format!("{store}, alias \"{alias}\": the key has no certificate, so there is nothing to send"),
        ));
    }
    Ok(key)
}
