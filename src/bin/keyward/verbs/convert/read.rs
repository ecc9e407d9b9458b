//! The inputs of a conversion: stores and files, their keys opened.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use keyward::convert::{Content, Item, Selection};
use keyward::format::detect::{Kind, detect};
use keyward::format::key_store::{self as codec, StoreError};
use keyward::format::objects::{self, EncodedKey, Object};
use keyward::format::pkcs12::{Derivations, Pkcs12Error};
use keyward::format::private_key::{self, KeyError};
use keyward::model::key_store::{Entry, EntryKind, Held, Integrity, StoredKey, alias};
use keyward::model::{KeyStore, Password, PrivateKey};
use keyward::report::convert::Loss;
use zeroize::Zeroizing;

use crate::exit::Failure;
use crate::purse::{Purse, no_password};
use crate::{shell, source, store};

/// All that was read.
#[derive(Default)]
pub(super) struct Read<'a> {
    /// The file that is written in the end.
    path: Option<&'a Path>,
    /// What was read of it, if it is an input too.
    pub(super) output: Option<Zeroizing<Vec<u8>>>,
    /// In the order of the inputs.
    pub(super) items: Vec<Item>,
    /// What could not be read among what could.
    pub(super) losses: Vec<Loss>,
    /// The aliases of all entries of the stores, also of those that no selection takes.
    pub(super) aliases: Vec<String>,
    /// What was passed over, for people.
    pub(super) notes: Vec<String>,
    /// How many of the inputs are stores. They may be empty, as a store made of them then is.
    pub(super) stores: usize,
}

impl<'a> Read<'a> {
    /// Nothing yet, for a file that is to be written.
    pub(super) fn of(path: Option<&'a Path>) -> Self {
        Self { path, ..Self::default() }
    }

    /// Reads one input. Of a store, only entries of the selection are opened.
    pub(super) fn input(
        &mut self,
        path: &Path,
        purse: &mut Purse,
        selection: &Selection,
    ) -> Result<(), Failure> {
        let stdin = path == Path::new("-");
        let bytes = Zeroizing::new(if stdin { source::read_stdin()? } else { source::read_file(path)? });
        if !stdin && self.path.is_some_and(|output| same_file(output, path)) {
            self.output = Some(bytes.clone());
        }
        let kind = detect(&bytes);
        let input = Input { path, name: path.display().to_string().into() };
        if kind.is_key_store() {
            return self.store(&input, &bytes, purse, selection);
        }
        if let Kind::Text | Kind::Utf16Text = kind
            && let Some(decoded) = objects::bare_base64(&bytes).filter(|bytes| detect(bytes).is_key_store())
        {
            return self.store(&input, &decoded, purse, selection);
        }
        self.file(&input, &bytes, purse)
    }

    fn store(
        &mut self,
        input: &Input<'_>,
        bytes: &[u8],
        purse: &mut Purse,
        selection: &Selection,
    ) -> Result<(), Failure> {
        let mut derivations = Derivations::new();
        let (store, password) = open(input.path, bytes, purse, &mut derivations)?;
        self.stores += 1;
        let mut keys = Keys { input, password, purse, derivations: &mut derivations };
        let entries = store.entries();
        let aliases = entries.iter().map(|entry| &entry.alias).filter(|alias| !alias.is_empty());
        self.aliases.extend(aliases.cloned());
        match &store {
            KeyStore::Java(_) => {
                for entry in entries.iter().filter(|entry| selection.takes(&entry.alias)) {
                    if let Some(content) = keys.content(entry, None)? {
                        self.items.push(Item::entry(&input.name, entry, content));
                    }
                }
            }
            KeyStore::Pkcs12(pfx) => {
                if pfx.is_locked() || pfx.parts().iter().any(|part| part.bags().is_none()) {
                    self.losses.push(Loss {
                        id: "locked",
                        input: input.name.to_string(),
                        alias: String::new(),
                        message: format!(
                            "a part of {} is encrypted in a way that no password opens",
                            input.name
                        ),
                    });
                }
                for held in pfx.held().iter().filter(|held| selection.takes(&held.entry.alias)) {
                    if let Some(content) = keys.content(&held.entry, Some(held))? {
                        self.items.push(Item::held(&input.name, held, content));
                    }
                }
            }
        }
        Ok(())
    }

    fn file(&mut self, input: &Input<'_>, bytes: &[u8], purse: &mut Purse) -> Result<(), Failure> {
        let name = &input.name;
        let objects = objects::read(bytes).map_err(|kind| match kind {
            Kind::Empty => Failure::unusable("empty-file", format!("{name}: the file is empty")),
            kind => Failure::unusable("not-recognised", format!("{name}: the file is {kind}"))
                .hint("keyward converts certificates, private keys and keystores"),
        })?;
        let before = self.items.len();
        let mut derivations = Derivations::new();
        for objects::Found { place, object } in objects.found {
            let mut damaged = |message: String| {
                let message = format!("{name}, {place}: {message}");
                self.losses.push(Loss {
                    id: "damaged",
                    input: name.to_string(),
                    alias: String::new(),
                    message,
                });
            };
            let passed_over = match object {
                Object::Certificate(certificate) => {
                    match certificate.read() {
                        Ok(_) => self.items.push(Item::certificate(name, certificate)),
                        Err(error) => damaged(error.to_string()),
                    }
                    continue;
                }
                Object::PrivateKey(key) => {
                    let mut keys =
                        Keys { input, password: None, purse: &mut *purse, derivations: &mut derivations };
                    self.items.push(Item::key(name, keys.encoded(&key)?));
                    continue;
                }
                Object::Damaged { message, .. } => {
                    damaged(message);
                    continue;
                }
                Object::Request(_) => "a certificate request",
                Object::Crl(_) => "a CRL",
                Object::PublicKey(_) => "a public key",
            };
            self.notes.push(format!("{name}, {place}: {passed_over} is not converted"));
        }
        self.notes.extend(objects.passed_over.iter().map(|(place, what)| format!("{name}, {place}: {what}")));
        if self.items.len() == before
            && let Some(damage) = self.losses.iter().find(|loss| *loss.input == **name)
        {
            return Err(Failure::unusable("damaged", &damage.message));
        }
        Ok(())
    }
}

/// Whether two paths lead to one file that exists.
fn same_file(one: &Path, other: &Path) -> bool {
    let place = |path| std::fs::metadata(path).map(|metadata| (metadata.dev(), metadata.ino()));
    matches!((place(one), place(other)), (Ok(one), Ok(other)) if one == other)
}

/// One input, as messages call it.
pub(in crate::verbs) struct Input<'a> {
    pub(in crate::verbs) path: &'a Path,
    pub(in crate::verbs) name: Arc<str>,
}

/// Opens a store with the first password that fits, and gives it.
pub(in crate::verbs) fn open(
    path: &Path,
    bytes: &[u8],
    purse: &mut Purse,
    derivations: &mut Derivations,
) -> Result<(KeyStore, Option<Rc<Password>>), Failure> {
    let opened = codec::decode(bytes, None, derivations).map_err(|error| store::unopened(path, &error))?;
    let locked = matches!(&opened.store, KeyStore::Pkcs12(pfx) if pfx.is_locked());
    if opened.integrity == Integrity::None && !locked {
        return Ok((opened.store, None));
    }
    let mut passwords = purse.inputs()?;
    passwords.extend(purse.given()?);
    if passwords.is_empty() {
        let asked = purse.ask(path)?.ok_or_else(|| {
            no_password(path).hint("or, where it is another one than that of the output, with --in-password")
        })?;
        passwords.push(asked);
    }
    let mut refused = None;
    for password in passwords {
        match codec::decode(bytes, Some(&password), derivations) {
            Ok(opened) => return Ok((opened.store, Some(password))),
            Err(error) => {
                let failure = store::unopened(path, &error);
                if failure.id != "wrong-password" {
                    return Err(failure);
                }
                refused = Some(failure);
            }
        }
    }
    let error = StoreError::Pkcs12(Pkcs12Error::Password { place: keyward::format::pkcs12::Place::File });
    Err(refused
        .unwrap_or_else(|| store::unopened(path, &error))
        .hint("none of the passwords given opens it; those of the inputs are given with --in-password"))
}

/// Opens the keys of one input.
pub(in crate::verbs) struct Keys<'a> {
    pub(in crate::verbs) input: &'a Input<'a>,
    /// The one that opened the store.
    pub(in crate::verbs) password: Option<Rc<Password>>,
    pub(in crate::verbs) purse: &'a mut Purse,
    pub(in crate::verbs) derivations: &'a mut Derivations,
}

impl Keys<'_> {
    /// What an entry holds, opened; `None` for what is nothing to convert.
    fn content(&mut self, entry: &Entry<'_>, held: Option<&Held<'_>>) -> Result<Option<Content>, Failure> {
        let certificate = entry.chain.first().map(|certificate| (*certificate).clone());
        Ok(Some(match (entry.kind, held) {
            (EntryKind::PrivateKey, _) => {
                let key = self.private_key(entry)?;
                let chain = match held {
                    Some(held) => Content::chain_of(held),
                    None => entry.chain.iter().map(|certificate| (*certificate).clone().into()).collect(),
                };
                Content::PrivateKey { key, chain }
            }
            (EntryKind::SecretKey, held) => {
                if let (Some(held), Some(StoredKey::Secret(_))) = (held, entry.key)
                    && !codec::is_java_secret(entry)
                {
                    return Ok(Some(Content::Bag(held.bag.content.clone())));
                }
                Content::SecretKey(self.open(&entry.alias, |passwords, derivations| {
                    codec::secret_key_of(entry, passwords, derivations)
                })?)
            }
            (EntryKind::TrustedCertificate, _) => match certificate {
                Some(certificate) => Content::TrustedCertificate(certificate),
                None => return Ok(None),
            },
            (EntryKind::Certificate, _) => match certificate {
                Some(certificate) => Content::Certificate(certificate),
                None => return Ok(None),
            },
            (EntryKind::Crl | EntryKind::Other, Some(held)) => Content::Bag(held.bag.content.clone()),
            (EntryKind::Crl | EntryKind::Other, None) => return Ok(None),
        }))
    }

    /// The private key of an entry.
    pub(in crate::verbs) fn private_key(&mut self, entry: &Entry<'_>) -> Result<PrivateKey, Failure> {
        self.open(&entry.alias, |passwords, derivations| codec::private_key_of(entry, passwords, derivations))
    }

    /// A key of a file.
    pub(in crate::verbs) fn encoded(&mut self, key: &EncodedKey) -> Result<PrivateKey, Failure> {
        self.open("", |passwords, derivations| match key {
            EncodedKey::Block { block, ec_parameters } => {
                let curve = ec_parameters.as_ref().map(|der| der.as_slice());
                private_key::read_block(block, curve, passwords, derivations)
            }
            EncodedKey::Der(der) => private_key::read(der, passwords, derivations),
        })
    }

    /// Opens a key with the likeliest password first: its own, the store's, those for any key, the others; else
    /// with one that a person is asked for.
    fn open<T>(
        &mut self,
        name: &str,
        open: impl Fn(&[&Password], &mut Derivations) -> Result<T, KeyError>,
    ) -> Result<T, Failure> {
        let folded = alias::fold(name);
        let given = self.purse.keys()?;
        let own = |key: &&crate::purse::KeyPassword| {
            key.alias.as_deref().is_some_and(|name| alias::fold(name) == folded)
        };
        let mut passwords: Vec<Rc<Password>> =
            given.iter().filter(own).map(|key| key.password.clone()).collect();
        passwords.extend(self.password.clone());
        passwords.extend(given.iter().filter(|key| key.alias.is_none()).map(|key| key.password.clone()));
        passwords.extend(self.purse.inputs()?);
        passwords.extend(self.purse.given()?);
        let tried: Vec<&Password> = passwords.iter().map(|password| &**password).collect();
        let error = match open(&tried, self.derivations) {
            Ok(key) => return Ok(key),
            Err(error) => error,
        };
        if !matches!(error, KeyError::Password | KeyError::PasswordRequired) {
            return Err(self.unopened(name, &error));
        }
        let of = if name.is_empty() { Path::new("") } else { Path::new(name) };
        let label = if name.is_empty() {
            self.input.name.to_string()
        } else {
            format!("the key \"{}\" of {}", of.display(), self.input.name)
        };
        match self.purse.ask(Path::new(&label))? {
            Some(password) => {
                open(&[&password], self.derivations).map_err(|error| self.unopened(name, &error))
            }
            None => Err(self.unopened(name, &error)),
        }
    }

    fn unopened(&self, name: &str, error: &KeyError) -> Failure {
        let input = &self.input.name;
        let message = if name.is_empty() {
            format!("{input}: {error}")
        } else {
            format!("{input}, entry \"{name}\": {error}")
        };
        let id = match error {
            KeyError::Password => "wrong-key-password",
            KeyError::PasswordRequired => "no-password",
            _ => "damaged-key",
        };
        let failure = Failure::unusable(id, message);
        match error {
            KeyError::Password | KeyError::PasswordRequired if name.is_empty() => {
                failure.hint("give its password with --key-password or --in-password")
            }
            KeyError::Password | KeyError::PasswordRequired => failure
                .hint("give the key's password:")
                .hint(format!("  --key-password {}", shell::command([format!("{name}=env:NAME")])))
                .hint("or leave the entry out: --only takes the others"),
            _ => failure,
        }
    }
}
