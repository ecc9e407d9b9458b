//! The inputs of an identity: a key, and certificates from files of every kind.

use std::path::Path;
use std::sync::Arc;

use keyward::format::detect::{Kind, detect};
use keyward::format::objects::{self, Object};
use keyward::format::pkcs12::Derivations;
use keyward::identity::assemble::Sourced;
use keyward::model::key_store::{EncodedCertificate, Entry, EntryKind, Hidden, alias};
use keyward::model::{KeyStore, PrivateKey};

use crate::exit::Failure;
use crate::output::Output;
use crate::purse::Purse;
use crate::verbs::convert::{Input, Keys, open};
use crate::{shell, source};

/// What is wanted of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted<'a> {
    /// Its certificates; no key is opened.
    Certificates,
    /// Its one private key too, or that of an alias.
    Key(Option<&'a str>),
}

/// What an input gave.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The private key.
    pub(super) key: Option<PrivateKey>,
    /// The certificates, those of the key's own entry first.
    pub(super) certificates: Vec<Sourced>,
}

/// Reads one input; `-` is standard input.
pub(super) fn read(
    path: &Path,
    wanted: Wanted<'_>,
    purse: &mut Purse,
    output: &mut Output,
) -> Result<Found, Failure> {
    let stdin = path == Path::new("-");
    let bytes = zeroize::Zeroizing::new(if stdin { source::read_stdin()? } else { source::read_file(path)? });
    let input = Input { path, name: path.display().to_string().into() };
    if detect(&bytes).is_key_store() {
        return store(&input, &bytes, wanted, purse);
    }
    if let Some(decoded) = objects::bare_base64(&bytes).filter(|decoded| detect(decoded).is_key_store()) {
        return store(&input, &decoded, wanted, purse);
    }
    file(&input, &bytes, wanted, purse, output)
}

fn store(input: &Input<'_>, bytes: &[u8], wanted: Wanted<'_>, purse: &mut Purse) -> Result<Found, Failure> {
    let mut derivations = Derivations::new();
    let (store, password) = open(input.path, bytes, purse, &mut derivations)?;
    let mut found = Found::default();
    if let Wanted::Key(asked) = wanted {
        let entry = entry_with_key(&store, asked, input)?;
        let mut keys = Keys { input, password, purse, derivations: &mut derivations };
        found.key = Some(keys.private_key(&entry)?);
        found.take(&entry.chain, &input.name);
    }
    for entry in store.entries() {
        found.take(&entry.chain, &input.name);
    }
    Ok(found)
}

fn file(
    input: &Input<'_>,
    bytes: &[u8],
    wanted: Wanted<'_>,
    purse: &mut Purse,
    output: &mut Output,
) -> Result<Found, Failure> {
    let name = &input.name;
    if let Wanted::Key(Some(asked)) = wanted {
        return Err(Failure::unusable(
            "not-a-keystore",
            format!("{name} is no keystore, and has no alias \"{asked}\""),
        ));
    }
    let objects = objects::read(bytes).map_err(|kind| match kind {
        Kind::Empty => Failure::unusable("empty-file", format!("{name}: the file is empty")),
        kind => Failure::unusable("not-recognised", format!("{name}: the file is {kind}"))
            .hint("an identity is made of certificates, private keys and keystores"),
    })?;
    let mut derivations = Derivations::new();
    let mut keys: Vec<PrivateKey> = Vec::new();
    let mut found = Found::default();
    let mut damage = None;
    for objects::Found { place, object } in objects.found {
        let passed_over = match object {
            Object::Certificate(certificate) => {
                match certificate.read() {
                    Ok(_) => found.take(&[&certificate], name),
                    Err(error) => {
                        damage.get_or_insert(format!("{name}, {place}: {error}"));
                    }
                }
                continue;
            }
            Object::PrivateKey(key) => {
                if wanted != Wanted::Certificates {
                    let mut opener =
                        Keys { input, password: None, purse: &mut *purse, derivations: &mut derivations };
                    let key = opener.encoded(&key)?;
                    if !keys.contains(&key) {
                        keys.push(key);
                    }
                }
                continue;
            }
            Object::Damaged { message, .. } => {
                damage.get_or_insert(format!("{name}, {place}: {message}"));
                continue;
            }
            Object::Request(_) => "a certificate request",
            Object::Crl(_) => "a CRL",
            Object::PublicKey(_) => "a public key",
        };
        output.warn(&format!("{name}, {place}: {passed_over} is of no use here"));
    }
    let lacking = match wanted {
        Wanted::Certificates => found.certificates.is_empty(),
        Wanted::Key(_) => keys.is_empty(),
    };
    match damage {
        Some(message) if lacking => return Err(Failure::unusable("damaged", message)),
        Some(message) => output.warn(&message),
        None => {}
    }
    match (wanted, keys.len()) {
        (Wanted::Certificates, _) => {
            if found.certificates.is_empty() {
                return Err(Failure::unusable("no-certificate", format!("{name} holds no certificate")));
            }
        }
        (Wanted::Key(_), 1) => found.key = keys.pop(),
        (Wanted::Key(_), 0) => {
            return Err(Failure::unusable("no-key", format!("{name} holds no private key"))
                .hint("what the file holds is shown by:")
                .hint(format!("  {}", shell::command(["keyward", "inspect", name]))));
        }
        (Wanted::Key(_), count) => {
            return Err(Failure::unusable("several-keys", format!("{name} holds {count} private keys"))
                .hint("give a file with the one that is meant"));
        }
    }
    Ok(found)
}

impl Found {
    fn take(&mut self, certificates: &[&EncodedCertificate], origin: &Arc<str>) {
        let read = certificates.iter().filter_map(|certificate| certificate.read().ok());
        self.certificates.extend(read.map(|certificate| Sourced { certificate, origin: origin.clone() }));
    }
}

/// The entry with the private key: that of the alias, else the only one.
fn entry_with_key<'a>(
    store: &'a KeyStore,
    asked: Option<&str>,
    input: &Input<'_>,
) -> Result<Entry<'a>, Failure> {
    const SHOWN: usize = 8;
    let name = &input.name;
    let mut entries = store.entries();
    entries.retain(|entry| entry.kind == EntryKind::PrivateKey && entry.hidden != Some(Hidden::Shadowed));
    let aliases: Vec<String> = entries.iter().map(|entry| entry.alias.clone()).collect();
    if let Some(asked) = asked {
        entries.retain(|entry| alias::fold(&entry.alias) == alias::fold(asked));
    }
    let several = entries.len() > 1;
    if let (Some(entry), false) = (entries.pop(), several) {
        return Ok(entry);
    }
    let failure = match (asked, aliases.len()) {
        (_, 0) => {
            return Err(Failure::unusable("no-key", format!("{name} holds no private key"))
                .hint("a store of trusted certificates alone has no identity; what it holds is shown by:")
                .hint(format!("  {}", shell::command(["keyward", "trust", "list", name]))));
        }
        (Some(asked), _) => Failure::unusable(
            "no-such-entry",
            format!("{name} has no private key with the alias \"{asked}\""),
        ),
        (None, count) => {
            Failure::unusable("several-keys", format!("{name} holds {count} private keys, and none is named"))
        }
    };
    let failure = failure.hint("name the one that is meant:");
    Err(aliases.iter().take(SHOWN).fold(failure, |failure, alias| {
        failure.hint(format!("  --from {}", shell::command([format!("{name}#{alias}")])))
    }))
}
