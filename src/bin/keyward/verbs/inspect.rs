//! `keyward inspect`.

use std::path::Path;
use std::rc::Rc;

use keyward::format::detect::{Kind, detect};
use keyward::format::jks::ProtectorError;
use keyward::format::key_protection;
use keyward::format::key_store::{self as codec, Opened, StoreError};
use keyward::format::objects::{self, EncodedKey, Found, Object as Encoded};
use keyward::format::pkcs12::{Derivations, Pkcs12Error};
use keyward::format::private_key::{self, KeyError};
use keyward::inspect::{self, KeyFacts, Object, Opening, Placed, readers};
use keyward::model::Password;
use keyward::model::key_store::{Entry, EntryKind, StoredKey, alias};
use keyward::report::fetch::ErrorReport;
use keyward::report::inspect::{FileNote, InspectReport, InspectedFile};

use crate::args::InspectArgs;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::purse::{KeyPassword, Purse};
use crate::{render, shell, source, store};

pub(crate) fn run(args: &InspectArgs, output: &mut Output) -> Result<Exit, Failure> {
    let stdin = args.files.iter().filter(|path| path.as_path() == Path::new("-")).count();
    if stdin > 1 {
        return Err(Failure::unusable("input-taken", "standard input can be read once only"));
    }
    let mut purse = Purse::new(&args.passwords, stdin > 0)?;
    let mut passwords = purse.inputs()?;
    passwords.extend(purse.given()?);
    let passwords = Passwords { stores: passwords, keys: purse.keys()? };
    let mut exit = Exit::Done;
    let mut files = Vec::new();
    for (number, path) in args.files.iter().enumerate() {
        let (file, failure) = match inspected(path, &passwords) {
            Ok(file) => (file, None),
            Err(broken) => (broken.0, Some(broken.1)),
        };
        if !args.json {
            let gap = if number > 0 { "\n" } else { "" };
            output.text(&format!("{gap}{}", render::inspect::file(&file)))?;
        }
        if let Some(failure) = failure {
            exit = exit.max(failure.exit);
            output.say(&failure);
        }
        advise(&file, &passwords, output);
        files.push(file);
    }
    if args.json {
        output.json(&InspectReport::new(files))?;
    }
    Ok(exit)
}

/// Says what would show more of a file.
fn advise(file: &InspectedFile, passwords: &Passwords, output: &mut Output) {
    let path = &file.path;
    let failed = |id: &str| {
        let keys = file.entries.iter().filter(|entry| {
            entry.key.as_ref().and_then(|key| key.error.as_ref()).is_some_and(|error| error.id == id)
        });
        keys.map(|entry| entry.alias.as_deref()).collect::<Vec<_>>()
    };
    let locked = file.notes.iter().any(|note| note.id == "locked") || !failed("locked").is_empty();
    if locked && passwords.is_empty() {
        let integrity = if file.integrity == "unchecked" { ", and check its integrity" } else { "" };
        output.talk(&format!("{path}: --password SPEC would show the rest{integrity}"));
    }
    if let [alias, ..] = failed("wrong-key-password").as_slice() {
        let of_alias = alias.map(|alias| format!("{alias}=SPEC"));
        let option = shell::command(["--key-password", of_alias.as_deref().unwrap_or("SPEC")]);
        output.talk(&format!("{path}: keys with a password of their own are opened with {option}"));
    }
}

/// The passwords of the call, each tried on every file.
struct Passwords {
    stores: Vec<Rc<Password>>,
    keys: Vec<KeyPassword>,
}

impl Passwords {
    fn is_empty(&self) -> bool {
        self.stores.is_empty() && self.keys.is_empty()
    }

    /// The passwords for one key, the likeliest first: its own, the one that opened the store, those for any
    /// key, the other ones.
    fn of_key<'p>(&'p self, name: &str, opened: Option<&'p Rc<Password>>) -> Vec<&'p Password> {
        let folded = alias::fold(name);
        let own = |key: &&KeyPassword| key.alias.as_deref().is_some_and(|name| alias::fold(name) == folded);
        let any = |key: &&KeyPassword| key.alias.is_none();
        let mut all: Vec<&Password> = self.keys.iter().filter(own).map(|key| &*key.password).collect();
        all.extend(opened.map(|password| &**password));
        all.extend(self.keys.iter().filter(any).map(|key| &*key.password));
        let others =
            self.stores.iter().filter(|other| opened.is_none_or(|opened| !Rc::ptr_eq(opened, other)));
        all.extend(others.map(|password| &**password));
        all
    }
}

/// A file that could not be read, or not all of it: what is known of it, and why.
struct Broken(InspectedFile, Failure);

impl Broken {
    fn new(mut file: InspectedFile, failure: Failure) -> Box<Self> {
        file.error = Some(ErrorReport { id: failure.id.to_owned(), message: failure.message.clone() });
        Box::new(Self(file, failure))
    }
}

fn inspected(path: &Path, passwords: &Passwords) -> Result<InspectedFile, Box<Broken>> {
    let name = path.display().to_string();
    let bytes = if name == "-" { source::read_stdin() } else { source::read_file(path) };
    let bytes = bytes.map_err(|failure| Broken::new(InspectedFile::new(name.clone()), failure))?;
    let kind = detect(&bytes);
    match kind {
        kind if kind.is_key_store() => key_store(path, &bytes, passwords),
        Kind::Text | Kind::Utf16Text => match objects::bare_base64(&bytes) {
            Some(decoded) if detect(&decoded).is_key_store() => {
                let mut file = key_store(path, &decoded, passwords)?;
                let message =
                    "the keystore is base64 text, which has to be decoded before anything else reads it";
                file.notes.push(FileNote { id: "base64", message: message.to_owned() });
                Ok(file)
            }
            _ => loose(&name, &bytes, passwords),
        },
        _ => loose(&name, &bytes, passwords),
    }
}

fn key_store(path: &Path, bytes: &[u8], passwords: &Passwords) -> Result<InspectedFile, Box<Broken>> {
    let name = path.display().to_string();
    let mut derivations = Derivations::new();
    let (opened, with) = match open(bytes, passwords, &mut derivations) {
        Ok(opened) => opened,
        Err(error) => return Err(unopened(path, bytes, &error, &mut derivations)),
    };
    Ok(inspect::key_store(name, &opened.store, opened.integrity, with.map(|password| &**password), |entry| {
        entry.key.map(|key| stored_key(entry, key, &passwords.of_key(&entry.alias, with), &mut derivations))
    }))
}

/// Opens a store with the first password that fits, and gives that one; without any as far as it goes.
fn open<'p>(
    bytes: &[u8],
    passwords: &'p Passwords,
    derivations: &mut Derivations,
) -> Result<(Opened, Option<&'p Rc<Password>>), StoreError> {
    let mut refused = None;
    for password in &passwords.stores {
        match codec::decode(bytes, Some(password), derivations) {
            Ok(opened) => return Ok((opened, Some(password))),
            Err(error) if store::is_wrong_password(&error) => refused = Some(error),
            Err(error) => return Err(error),
        }
    }
    match refused {
        Some(error) => Err(error),
        None => Ok((codec::decode(bytes, None, derivations)?, None)),
    }
}

/// A store that could not be opened: its structure, where that can be seen without a password.
fn unopened(path: &Path, bytes: &[u8], error: &StoreError, derivations: &mut Derivations) -> Box<Broken> {
    let name = path.display().to_string();
    let mut failure = store::unopened(path, error);
    let mut file = InspectedFile::new(name.clone());
    file.integrity = "unchecked";
    if store::is_wrong_password(error) {
        if let Ok(locked) = codec::decode(bytes, None, derivations) {
            file = inspect::structure(name, &locked.store, locked.integrity);
        }
        failure = failure.hint("without any password keyward shows what can be seen without one");
    }
    file.format = file.format.or(match detect(bytes) {
        Kind::Jks => Some("JKS"),
        Kind::Jceks => Some("JCEKS"),
        Kind::Pkcs12 => Some("PKCS12"),
        Kind::Bks => Some("BKS"),
        Kind::Uber => Some("UBER"),
        Kind::Bcfks => Some("BCFKS"),
        _ => None,
    });
    Broken::new(file, failure)
}

/// A key of a store: its protection, and what is in it where a password was given or none is needed.
fn stored_key(
    entry: &Entry<'_>,
    key: StoredKey<'_>,
    passwords: &[&Password],
    derivations: &mut Derivations,
) -> KeyFacts {
    let mut open = |passwords: &[&Password]| match entry.kind {
        EntryKind::SecretKey => codec::secret_key_of(entry, passwords, derivations).map(Opening::Secret),
        _ => codec::private_key_of(entry, passwords, derivations).map(Opening::Private),
    };
    let opening = open(passwords);
    let ascii: Vec<&Password> = passwords.iter().copied().filter(|p| readers::is_plain_ascii(p)).collect();
    let beyond_ascii = opening.is_ok() && ascii.len() < passwords.len() && open(&ascii).is_err();
    KeyFacts {
        protection: key_protection::of_stored(key),
        opening: opening.unwrap_or_else(|e| unopened_key(&e)),
        beyond_ascii,
    }
}

/// A key of a file that is no keystore.
fn loose_key(key: &EncodedKey, passwords: &Passwords, derivations: &mut Derivations) -> KeyFacts {
    let passwords = passwords.of_key("", None);
    let opened = match key {
        EncodedKey::Block { block, ec_parameters } => {
            let curve = ec_parameters.as_ref().map(|der| der.as_slice());
            private_key::read_block(block, curve, &passwords, derivations)
        }
        EncodedKey::Der(der) => private_key::read(der, &passwords, derivations),
    };
    let opening = opened.map_or_else(|error| unopened_key(&error), Opening::Private);
    KeyFacts { protection: key_protection::of_encoded(key), opening, beyond_ascii: false }
}

fn unopened_key(error: &KeyError) -> Opening {
    let id = match error {
        KeyError::PasswordRequired => return Opening::Locked,
        KeyError::Password => "wrong-key-password",
        KeyError::Cipher(_)
        | KeyError::Encryption(Pkcs12Error::Unsupported { .. })
        | KeyError::Protector(ProtectorError::Algorithm) => "unsupported-encryption",
        _ => "damaged-key",
    };
    Opening::Failed { id, message: error.to_string() }
}

/// A file that is no keystore.
fn loose(name: &str, bytes: &[u8], passwords: &Passwords) -> Result<InspectedFile, Box<Broken>> {
    let objects = objects::read(bytes).map_err(|kind| {
        let failure = match kind {
            Kind::Empty => Failure::unusable("empty-file", format!("{name}: the file is empty")),
            kind => Failure::unusable("not-recognised", format!("{name}: the file is {kind}"))
                .hint("keyward reads certificates, keys, requests, CRLs and keystores"),
        };
        Broken::new(InspectedFile::new(name.to_owned()), failure)
    })?;
    let mut derivations = Derivations::new();
    let mut damage = None;
    let mut placed = Vec::new();
    for Found { place, object } in objects.found {
        let object = match object {
            Encoded::Certificate(certificate) => {
                if let Err(error) = certificate.read() {
                    damage.get_or_insert_with(|| format!("{name}, {place}: {error}"));
                }
                Object::Certificate(certificate)
            }
            Encoded::PrivateKey(key) => Object::PrivateKey(loose_key(&key, passwords, &mut derivations)),
            Encoded::Request(request) => Object::Request(request),
            Encoded::Crl(crl) => Object::Crl(crl),
            Encoded::PublicKey(key) => Object::PublicKey(key),
            Encoded::Damaged { kind, message } => {
                damage.get_or_insert_with(|| format!("{name}, {place}: {message}"));
                Object::Damaged { kind: entry_kind(kind), message }
            }
        };
        placed.push(Placed { place: place.to_string(), object });
    }
    let nothing = placed.is_empty();
    let mut file = inspect::objects(name.to_owned(), objects.encoding.id(), placed);
    file.notes.extend(
        objects
            .passed_over
            .into_iter()
            .map(|(place, what)| FileNote { id: "passed-over", message: format!("{place}: {what}") }),
    );
    match damage {
        Some(message) => Err(Broken::new(file, Failure::unusable("damaged", message))),
        None if nothing => {
            let message = format!("{name}: nothing in the file is a certificate, key, request or CRL");
            Err(Broken::new(file, Failure::unusable("nothing-found", message)))
        }
        None => Ok(file),
    }
}

/// What an object that cannot be read would have been.
fn entry_kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Certificate | Kind::Pkcs7 => "certificate",
        Kind::PrivateKey(_) | Kind::EncryptedPrivateKey => "private-key",
        Kind::CertificateRequest => "request",
        Kind::Crl => "crl",
        Kind::PublicKey => "public-key",
        _ => "other",
    }
}
