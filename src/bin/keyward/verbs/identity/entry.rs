//! A private key with its chain, put into a store: a new one, or one that exists.

use std::path::Path;
use std::rc::Rc;

use keyward::format::key_store as codec;
use keyward::format::pkcs12::Derivations;
use keyward::model::entropy::SystemEntropy;
use keyward::model::key_store::{EditError, EncodedCertificate, Entry, EntryKind, StoreFormat, alias};
use keyward::model::{Certificate, KeyStore, Password, PrivateKey};
use keyward::report::trust::Note;
use time::OffsetDateTime;

use crate::args::{ProfileArgs, SaveArgs, StoreFormatName};
use crate::exit::Failure;
use crate::output::Output;
use crate::purse::Purse;
use crate::store::{Edited, NewStore, Opened, Since, StoreFile, Without};
use crate::verbs::convert::warn_of_readers;
use crate::verbs::trust_edit;
use crate::{shell, store};

/// The store that gets an identity.
pub(super) struct Target<'a> {
    path: &'a Path,
    file: StoreFile,
    opened: Option<Opened>,
    new: NewStore,
    /// That of the store; `None` where nothing in it but the key is protected.
    store_password: Option<Rc<Password>>,
    key_password: Rc<Password>,
}

/// What is put there.
pub(super) struct NewIdentity<'a> {
    pub(super) alias: &'a str,
    pub(super) key: &'a PrivateKey,
    /// The certificate of the key.
    pub(super) own: &'a Certificate,
    /// All of the chain, end entity first.
    pub(super) chain: Vec<EncodedCertificate>,
    pub(super) replace: Replace,
    pub(super) now: OffsetDateTime,
}

/// What may become of an identity that stands under the alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Replace {
    /// Nothing.
    No,
    /// It is replaced where its key is the same.
    SameKey,
    /// It is replaced.
    AnyKey,
}

/// What was written.
pub(super) struct Written {
    pub(super) format: StoreFormat,
    /// As the store has it.
    pub(super) alias: String,
    pub(super) action: &'static str,
    pub(super) created: bool,
    pub(super) changed: bool,
    /// The key has a password of its own.
    pub(super) own_password: bool,
}

impl<'a> Target<'a> {
    /// Opens the store, or gets ready to make it; asks for the passwords that are missing.
    pub(super) fn open(
        path: &'a Path,
        format: Option<StoreFormatName>,
        profile: &ProfileArgs,
        purse: &mut Purse,
    ) -> Result<Self, Failure> {
        let mut file = StoreFile::to_change(path)?;
        let opened = file.open(purse, Without::Refused)?;
        let new = NewStore::new(store::new_format(path, format), profile)?;
        if let Some(opened) = &opened {
            let real = opened.store.format();
            let failure = |what: String| {
                Failure::unusable("exists", format!("{} exists, and {what}", path.display()))
                    .hint("to make another store: keyward convert, or another -o")
            };
            if profile.is_given() {
                return Err(failure("keeps its protection".to_owned()));
            }
            if format.is_some() && store::new_format(path, format) != real {
                return Err(failure(format!("is of the format {real}")));
            }
        }
        let store_password = match &opened {
            Some(_) => file.password(),
            None if new.passwordless => None,
            None => Some(purse.for_new_store(path)?),
        };
        let key_password = match (purse.out_key()?, &store_password) {
            (Some(own), _) => own,
            (None, Some(password)) => password.clone(),
            (None, None) => purse.for_new_store(path)?,
        };
        Ok(Self { path, file, opened, new, store_password, key_password })
    }

    /// What stands under an alias now.
    pub(super) fn holds(&self, alias: &str) -> Option<EntryKind> {
        self.opened.as_ref()?.store.find(alias).map(|entry| entry.kind)
    }

    /// Writes the identity, and reads it back.
    ///
    /// The failures `alias-exists`, `wrong-kind`, `other-key`, `other-chain` and `chain-of-another` come without the commands that
    /// help: only the verb knows them.
    pub(super) fn put(
        self,
        identity: &NewIdentity<'_>,
        purse: &mut Purse,
        save: &SaveArgs,
        output: &mut Output,
    ) -> Result<Written, Failure> {
        let Self { path, mut file, opened, new, store_password, key_password } = self;
        warn_of_readers(path, output);
        let mut known: Vec<Rc<Password>> = vec![key_password.clone()];
        known.extend(store_password.clone());
        known.extend(purse.keys()?.into_iter().map(|key| key.password));
        known.extend(purse.inputs()?);
        let change = |store: &mut KeyStore, _: Since| {
            let mut derivations = Derivations::new();
            let action = match store.find(identity.alias) {
                None => "added",
                Some(entry) => identity.replaces(&entry, path, &known, &key_password, &mut derivations)?,
            };
            if action == "unchanged" {
                return Ok(Edited::Unchanged(action));
            }
            identity.write(store, action, &key_password, &mut derivations, path)?;
            Ok(Edited::Changed(action))
        };
        let updated = file.update(opened, Some(new), purse, save, output, change)?;
        let alias = updated.store.find(identity.alias).map(|entry| entry.alias);
        Ok(Written {
            format: updated.store.format(),
            alias: alias.unwrap_or_else(|| identity.alias.to_owned()),
            action: updated.value,
            created: updated.created,
            changed: updated.changed,
            own_password: store_password.is_none_or(|password| password.reveal() != key_password.reveal()),
        })
    }
}

impl NewIdentity<'_> {
    /// Whether the identity may take the place of an entry; `unchanged` where the entry is it already.
    fn replaces(
        &self,
        entry: &Entry<'_>,
        path: &Path,
        known: &[Rc<Password>],
        password: &Password,
        derivations: &mut Derivations,
    ) -> Result<&'static str, Failure> {
        let shown = path.display();
        if self.replace == Replace::No {
            return Err(Failure::unusable(
                "alias-exists",
                format!("{shown} has a {} with the alias \"{}\" already", entry.kind, entry.alias),
            ));
        }
        if entry.kind != EntryKind::PrivateKey {
            return Err(Failure::unusable(
                "wrong-kind",
                format!("the entry \"{}\" of {shown} is a {}, and no identity", entry.alias, entry.kind),
            ));
        }
        let known: Vec<&Password> = known.iter().map(|password| &**password).collect();
        let old = codec::private_key_of(entry, &known, derivations).ok();
        // A key that cannot be opened is known by its certificate.
        let same = match &old {
            Some(old) => old == self.key || old.fits(self.own) == Some(true),
            None => entry
                .chain
                .first()
                .and_then(|certificate| certificate.read().ok())
                .is_some_and(|certificate| self.key.fits(&certificate) == Some(true)),
        };
        if !same && self.replace == Replace::SameKey {
            return Err(Failure::unusable(
                "other-key",
                format!("the entry \"{}\" of {shown} holds another key, which would be lost", entry.alias),
            ));
        }
        let opens = codec::private_key_of(entry, &[password], derivations);
        let same_chain = entry.chain.iter().copied().eq(&self.chain);
        Ok(if same_chain && opens.is_ok_and(|old| old == *self.key) { "unchanged" } else { "replaced" })
    }

    fn write(
        &self,
        store: &mut KeyStore,
        action: &str,
        password: &Password,
        derivations: &mut Derivations,
        path: &Path,
    ) -> Result<(), Failure> {
        let protected =
            codec::protect_private_key(store, self.key, password, &mut SystemEntropy, derivations).map_err(
                |error| Failure::unusable("not-written", format!("{}: the key: {error}", path.display())),
            )?;
        let edited = match action {
            "replaced" => store.replace_private_key(self.alias, protected, &self.chain, self.now),
            _ => store.add_private_key(self.alias, protected, &self.chain, self.now),
        };
        edited.map_err(|error| match &error {
            EditError::Chain { alias, found } if alias::fold(alias) == alias::fold(self.alias) => {
                Failure::unusable(
                    "other-chain",
                    format!(
                        "in {} Java would find a chain of {} certificates for \"{}\", not of {}: in PKCS12 it takes \
                         issuers from all certificates of the file, the trusted ones too",
                        path.display(),
                        found.len(),
                        self.alias,
                        self.chain.len()
                    ),
                )
            }
            EditError::Chain { alias, found } => Failure::unusable(
                "chain-of-another",
                format!(
                    "in {} the chain of \"{alias}\" would become one of {} certificates: in PKCS12 Java takes issuers \
                     from all certificates of the file",
                    path.display(),
                    found.len()
                ),
            ),
            error => trust_edit::refused(error),
        })
    }
}

/// Refuses an alias that cannot be told by, and says what is odd about one.
pub(super) fn alias_notes(asked: &str) -> Result<Vec<Note>, Failure> {
    if asked.trim().is_empty() {
        return Err(Failure::unusable("bad-alias", "the alias is blank")
            .hint("give a name that tells what the identity is for: --alias client"));
    }
    let mut notes = Vec::new();
    if asked.trim() == "1" {
        notes.push(Note {
            id: "alias-one",
            message: "the alias \"1\" is what a PFX without names becomes in Java: nothing tells this identity from \
                      others that were imported so"
                .to_owned(),
            fix: None,
        });
    }
    if asked.trim() != asked {
        notes.push(Note {
            id: "alias-blanks",
            message: format!(
                "the alias \"{asked}\" begins or ends with a blank, which has to be typed each time"
            ),
            fix: None,
        });
    }
    Ok(notes)
}

/// What should be known of what was written.
pub(super) fn written_notes(written: &Written, asked: &str) -> Vec<Note> {
    let mut notes = Vec::new();
    if written.alias != asked {
        notes.push(Note {
            id: "alias-folded",
            message: format!(
                "{} keeps aliases in lower case: \"{asked}\" is \"{}\" in it",
                written.format, written.alias
            ),
            fix: None,
        });
    } else if alias::fold(asked) != asked {
        notes.push(Note {
            id: "alias-capitals",
            message: format!("a JVM lists the alias \"{asked}\" as \"{}\"", alias::fold(asked)),
            fix: None,
        });
    }
    if written.own_password {
        notes.push(Note {
            id: "own-key-password",
            message: "the key has another password than the store: a JVM that is told the store's alone fails with \
                      SunX509 when it starts, and sends nothing with PKIX"
                .to_owned(),
            fix: None,
        });
    }
    notes
}

/// The name `STORE#ALIAS` of an identity.
pub(super) fn named(path: &Path, alias: &str) -> String {
    format!("{}#{alias}", path.display())
}

/// The commands that help where the alias holds something else than an identity.
pub(super) fn hint_wrong_kind(failure: Failure, path: &Path, alias: &str) -> Failure {
    let store = path.display().to_string();
    failure
        .hint("give another --alias, or remove the entry first:")
        .hint(format!("  {}", shell::command(["keyward", "trust", "remove", &store, alias])))
}
