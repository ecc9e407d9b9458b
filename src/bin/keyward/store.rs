//! Keystore files: opened with the passwords of the call, changed through [`keyward::save`].

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use keyward::format::detect::{Kind, detect};
use keyward::format::jks::JksError;
use keyward::format::key_store::{self as codec, StoreError};
use keyward::format::pkcs12::{Derivations, Pkcs12Error};
use keyward::inspect::readers;
use keyward::model::entropy::SystemEntropy;
use keyward::model::key_store::{Integrity, Pfx, StoreFormat};
use keyward::model::{Certificate, KeyStore, Password};
use keyward::report::inspect::Reads;
use keyward::save::{self, Change, Effect, Event, Options, Outcome, SaveError, UpdateError};
use zeroize::Zeroizing;

use crate::args::{ProfileArgs, SaveArgs, StoreFormatName};
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::purse::{Purse, no_password};
use crate::{anchors, shell, signals, source};

/// A store as it was read.
pub(crate) struct Opened {
    /// The store.
    pub(crate) store: KeyStore,
    /// Whether anything says that it is as it was written.
    pub(crate) integrity: Integrity,
    /// How many bytes follow the store in its file.
    trailing: usize,
    /// What it was read from.
    bytes: Zeroizing<Vec<u8>>,
}

/// What to do with a store whose password is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Without {
    /// Show it unverified, where the format allows that, as keytool does.
    Unverified,
    /// Refuse.
    Refused,
}

/// The store under the lock, against the one that was opened before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    /// The same to the byte: what was decided on it holds.
    Unchanged,
    /// Another one.
    Changed,
}

/// One keystore file and all that one call derives for it: what was derived to read it serves again to
/// read back what was written.
pub(crate) struct StoreFile {
    path: PathBuf,
    password: Option<Rc<Password>>,
    absent: bool,
    derivations: Derivations,
}

/// A store that is to be made.
pub(crate) struct NewStore {
    /// The store without entries.
    pub(crate) store: KeyStore,
    /// Its certificates need no password.
    pub(crate) passwordless: bool,
}

impl NewStore {
    /// A store of a format; `profile` is how PKCS12 is protected, and wrong for the others.
    pub(crate) fn new(format: StoreFormat, profile: &ProfileArgs) -> Result<Self, Failure> {
        if format != StoreFormat::Pkcs12 {
            if profile.is_given() {
                return Err(no_profile(&format.to_string()));
            }
            return Ok(Self { store: KeyStore::empty(format), passwordless: false });
        }
        let profile = profile.protection();
        let store = KeyStore::Pkcs12(Pfx::with_profile(&profile));
        Ok(Self { store, passwordless: profile.is_passwordless() })
    }
}

/// `--profile` and its like for what is no PKCS12 store.
pub(crate) fn no_profile(format: &str) -> Failure {
    Failure::unusable(
        "no-profile",
        format!("--profile, --iterations and --mac are for PKCS12, not for {format}"),
    )
}

/// A file that is to be written as a whole.
pub(crate) struct NewFile<'a> {
    /// Where.
    pub(crate) path: &'a Path,
    /// All of its bytes.
    pub(crate) bytes: &'a [u8],
    /// They hold private or secret keys.
    pub(crate) private: bool,
    /// A file that exists is written over.
    pub(crate) force: bool,
    /// What was read of the same file, if it is an input too: nothing else may stand in it when it is written.
    pub(crate) read: Option<&'a [u8]>,
}

/// Writes a file through [`save`], and gives whether there was none before. `check` looks at what was written.
pub(crate) fn write_whole(
    file: &NewFile<'_>,
    args: &SaveArgs,
    output: &mut Output,
    check: impl FnOnce(&[u8]) -> Result<(), Failure>,
) -> Result<bool, Failure> {
    let options = save_options(args);
    let change = |old: Option<&[u8]>| {
        if old.is_some() && !file.force {
            return Err(exists(file.path));
        }
        if file.read.is_some() && file.read != old {
            return Err(changed_since(file.path, "was changed since it was read"));
        }
        Ok(Change::Write { bytes: file.bytes.to_vec(), value: (), private: file.private })
    };
    let outcome = saved(file.path, &options, output, change, |read, ()| check(read))?;
    if let Some(backup) = &outcome.backup {
        output.talk(&format!("the old file is kept as {}", backup.display()));
    }
    Ok(outcome.effect == Effect::Created)
}

/// Refuses what is there and is no file.
pub(crate) fn require_file(path: &Path) -> Result<(), Failure> {
    save::require_file(path).map_err(|error| not_saved(path, error.into()))
}

/// Another program was at a file between its reading and its writing.
fn changed_since(path: &Path, what: &str) -> Failure {
    Failure::world("store-changed", format!("{} {what}", path.display()))
        .hint("nothing was written; run the command again")
}

/// A file that is not to be written over.
pub(crate) fn exists(path: &Path) -> Failure {
    Failure::unusable("exists", format!("{} exists, and is not written over", path.display()))
        .hint("to write over it, add --force; --backup keeps the old one")
}

/// What an edit came to.
pub(crate) enum Edited<T> {
    /// The file stays as it is.
    Unchanged(T),
    /// The file is to be written.
    Changed(T),
}

/// A store after an update.
pub(crate) struct Updated<T> {
    /// The store as the file holds it now.
    pub(crate) store: KeyStore,
    /// What the edit gave.
    pub(crate) value: T,
    /// The file was made.
    pub(crate) created: bool,
    /// The file was written.
    pub(crate) changed: bool,
}

impl StoreFile {
    /// A file that may or may not be there.
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), password: None, absent: false, derivations: Derivations::default() }
    }

    /// A file that is to be changed. What is no file is refused before it is read.
    pub(crate) fn to_change(path: &Path) -> Result<Self, Failure> {
        require_file(path)?;
        Ok(Self::new(path))
    }

    /// The password that opened the store, once it was opened with one.
    pub(crate) fn password(&self) -> Option<Rc<Password>> {
        self.password.clone()
    }

    /// Opens the store; `None` where there is no file.
    pub(crate) fn open(&mut self, purse: &mut Purse, without: Without) -> Result<Option<Opened>, Failure> {
        let bytes = match source::read_file(&self.path) {
            Err(failure) if failure.id == "no-such-file" => {
                self.absent = true;
                return Ok(None);
            }
            other => Zeroizing::new(other?),
        };
        if let Some(password) = purse.given()? {
            return self.decode(bytes, Some(password)).map(Some);
        }
        if anchors::is_cacerts(&self.path) {
            let default = Rc::new(Password::new(keyward::anchors::CACERTS_PASSWORD.to_owned()));
            match self.decode(bytes.clone(), Some(default)) {
                Err(failure) if failure.id == "wrong-password" => {}
                other => return other.map(Some),
            }
        }
        // A damaged file is said to be one before anybody types a password for it.
        let opened = self.decode(bytes, None)?;
        let locked = is_locked(&opened.store);
        if opened.integrity != Integrity::Unchecked && !locked {
            return Ok(Some(opened));
        }
        match purse.ask(&self.path)? {
            Some(password) => self.decode(opened.bytes, Some(password)).map(Some),
            None if without == Without::Unverified && !locked => Ok(Some(opened)),
            None => Err(no_password(&self.path)),
        }
    }

    /// Reads, changes and writes the store under its lock. Where there is no file, `new` is what the change
    /// starts from; without it, a missing file is a failure. `opened` is what [`Self::open`] gave: the same
    /// bytes are not decoded a second time.
    pub(crate) fn update<T>(
        &mut self,
        opened: Option<Opened>,
        new: Option<NewStore>,
        purse: &mut Purse,
        args: &SaveArgs,
        output: &mut Output,
        change: impl FnOnce(&mut KeyStore, Since) -> Result<Edited<T>, Failure>,
    ) -> Result<Updated<T>, Failure> {
        // Another writer may have made the store since it was looked for: then this is its password.
        let needs_password = new.as_ref().is_none_or(|new| !new.passwordless);
        if self.absent && self.password.is_none() && needs_password {
            self.password = Some(purse.for_new_store(&self.path)?);
        }
        let options = save_options(args);
        let password = self.password.clone();
        let password = password.as_deref();
        let path = &self.path;
        // The two closures run one after the other; each borrows the derivations while it runs.
        let derivations = std::cell::RefCell::new(&mut self.derivations);
        let mut trailing = 0;
        let changed = |old: Option<&[u8]>| {
            let mut derivations = derivations.borrow_mut();
            let (mut store, since) = match (old, opened) {
                (Some(bytes), Some(opened)) if opened.bytes.as_slice() == bytes => {
                    trailing = opened.trailing;
                    (opened.store, Since::Unchanged)
                }
                (Some(bytes), _) => {
                    let decoded = codec::decode(bytes, password, &mut derivations)
                        .map_err(|error| unopened(path, &error))?;
                    trailing = decoded.trailing;
                    (decoded.store, Since::Changed)
                }
                // A new store in the place of one that another program has removed would lack all that was in it.
                (None, Some(_)) => return Err(changed_since(path, "was removed since it was read")),
                (None, None) => (new.ok_or_else(|| missing(path))?.store, Since::Unchanged),
            };
            match change(&mut store, since)? {
                Edited::Unchanged(value) if old.is_some() => Ok(Change::Keep((store, value))),
                Edited::Unchanged(value) | Edited::Changed(value) => {
                    let bytes = codec::encode(&store, password, &mut SystemEntropy, &mut derivations)
                        .map_err(|error| {
                            Failure::unusable("not-written", format!("{}: {error}", path.display()))
                        })?;
                    let private = store.holds_keys();
                    Ok(Change::Write { bytes, value: (store, value), private })
                }
            }
        };
        let check = |written: &[u8], (meant, _): &(KeyStore, T)| {
            let read = codec::decode(written, password, &mut derivations.borrow_mut());
            match read {
                Ok(read) if read.store == *meant => Ok(()),
                Ok(_) => Err(Failure::world("read-back", "it holds something else than was meant")),
                Err(error) => Err(Failure::world("read-back", error)),
            }
        };
        let outcome = saved(path, &options, output, changed, check)?;
        if trailing > 0 && outcome.effect != Effect::Unchanged {
            output.warn(&format!(
                "{}: {trailing} bytes that stood behind the end of the store are gone; Java passes over them",
                path.display()
            ));
        }
        if let Some(backup) = &outcome.backup {
            output.talk(&format!("the old file is kept as {}", backup.display()));
        }
        let (store, value) = outcome.value;
        Ok(Updated {
            store,
            value,
            created: outcome.effect == Effect::Created,
            changed: outcome.effect != Effect::Unchanged,
        })
    }

    fn decode(
        &mut self,
        bytes: Zeroizing<Vec<u8>>,
        password: Option<Rc<Password>>,
    ) -> Result<Opened, Failure> {
        let decoded = codec::decode(&bytes, password.as_deref(), &mut self.derivations)
            .map_err(|error| unopened(&self.path, &error))?;
        self.password = password;
        Ok(Opened { store: decoded.store, integrity: decoded.integrity, trailing: decoded.trailing, bytes })
    }
}

/// Opens a store that has to be there.
pub(crate) fn open(path: &Path, purse: &mut Purse, without: Without) -> Result<Opened, Failure> {
    StoreFile::new(path).open(purse, without)?.ok_or_else(|| missing(path))
}

/// How a file is saved. A folder that cannot be written, for which `--in-place` is, takes no backup either: that goes
/// among the temporary files then.
fn save_options(args: &SaveArgs) -> Options {
    let backup_folder = args.in_place.then(std::env::temp_dir);
    Options { backup: args.backup, in_place: args.in_place, backup_folder, ..Options::default() }
}

/// Opens a store that is read from: with each of `--in-password`, else as [`open`] does.
pub(crate) fn open_input(path: &Path, purse: &mut Purse) -> Result<Opened, Failure> {
    let mut refused = None;
    for password in purse.inputs()? {
        match StoreFile::new(path).decode(Zeroizing::new(source::read_file(path)?), Some(password)) {
            Err(failure) if failure.id == "wrong-password" => refused = Some(failure),
            other => return other,
        }
    }
    match refused {
        Some(failure) => Err(failure.hint("none of the passwords given with --in-password opens it")),
        None => open(path, purse, Without::Unverified),
    }
}

/// Opens, changes and writes a store that has to be there. The value comes with whether the file was written.
pub(crate) fn edit<T>(
    path: &Path,
    purse: &mut Purse,
    args: &SaveArgs,
    output: &mut Output,
    change: impl FnOnce(&mut KeyStore) -> Result<Edited<T>, Failure>,
) -> Result<(T, bool), Failure> {
    let mut file = StoreFile::to_change(path)?;
    let opened = file.open(purse, Without::Refused)?.ok_or_else(|| missing(path))?;
    let changed = |store: &mut KeyStore, _: Since| change(store);
    let updated = file.update(Some(opened), None, purse, args, output, changed)?;
    Ok((updated.value, updated.changed))
}

/// The format of a store that is to be made: as asked for, else by its extension, else PKCS12.
pub(crate) fn new_format(path: &Path, asked: Option<StoreFormatName>) -> StoreFormat {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_lowercase();
    match (asked, extension.as_str()) {
        (Some(StoreFormatName::Jks), _) | (None, "jks") => StoreFormat::Jks,
        (Some(StoreFormatName::Jceks), _) | (None, "jceks") => StoreFormat::Jceks,
        (Some(StoreFormatName::Pkcs12) | None, _) => StoreFormat::Pkcs12,
    }
}

/// Writes a file of certificates, but never over a keystore or a private key.
pub(crate) fn write_certificates(path: &Path, bytes: &[u8], output: &mut Output) -> Result<(), Failure> {
    let change = |old: Option<&[u8]>| match old.and_then(more_than_certificates) {
        Some(what) => Err(Failure::unusable(
            "not-overwritten",
            format!("{} holds {what}, and is not overwritten with certificates", path.display()),
        )
        .hint("give another file with -o")),
        None => Ok(Change::Write { bytes: bytes.to_vec(), value: (), private: false }),
    };
    saved(path, &Options::default(), output, change, |_, ()| Ok(()))?;
    Ok(())
}

/// [`save::update`] as the command does it, for every file that it writes.
fn saved<T>(
    path: &Path,
    options: &Options,
    output: &mut Output,
    change: impl FnOnce(Option<&[u8]>) -> Result<Change<T>, Failure>,
    check: impl FnOnce(&[u8], &T) -> Result<(), Failure>,
) -> Result<Outcome<T>, Failure> {
    signals::survive_size_limit();
    save::update(path, options, &mut |event| tell(&event, output), change, check)
        .map_err(|error| not_saved(path, error))
}

/// Warns where a store was read and nothing says that it is as it was written.
pub(crate) fn warn_if_unchecked(path: &Path, opened: &Opened, output: &mut Output) {
    if opened.integrity == Integrity::Unchecked {
        output.warn(&format!(
            "{}: without the password nothing says that the store is as it was written",
            path.display()
        ));
    }
}

/// Why OpenJDK 17 cannot load a store that this password opens; `None` where nothing is known against it.
/// `certificates` is whether they are all read again for this.
pub(crate) fn not_for_java(
    store: &KeyStore,
    password: Option<&Password>,
    certificates: bool,
) -> Option<NotForJava> {
    if readers::needs_ascii(store) && password.is_some_and(|password| !readers::is_plain_ascii(password)) {
        return Some(NotForJava::Password);
    }
    let java17 = if certificates { readers::of_store(store) } else { readers::of_protection(store) }.java17;
    (java17.reads == Reads::Nothing).then(|| NotForJava::Store(java17.reasons.join("; ")))
}

/// What keeps OpenJDK 17 from loading a store.
pub(crate) enum NotForJava {
    /// Its password.
    Password,
    /// What protects it, or a certificate in it.
    Store(String),
}

impl NotForJava {
    /// A sentence.
    pub(crate) fn message(&self, store: &str) -> String {
        let why = match self {
            Self::Password => "its password has other characters than printable ASCII",
            Self::Store(why) => why,
        };
        format!("a JVM (as OpenJDK 17) cannot load {store}, and trusts nothing in it: {why}")
    }
}

/// The certificates that a JVM takes for trust anchors.
pub(crate) fn trusted(store: &KeyStore) -> Vec<Certificate> {
    store.trust_anchors().into_iter().filter_map(|anchor| anchor.read().ok()).collect()
}

/// Whether another password could open the store.
pub(crate) fn is_wrong_password(error: &StoreError) -> bool {
    matches!(error, StoreError::Jks(JksError::Integrity) | StoreError::Pkcs12(Pkcs12Error::Password { .. }))
}

fn is_locked(store: &KeyStore) -> bool {
    matches!(store, KeyStore::Pkcs12(pfx) if pfx.is_locked())
}

/// What a file holds that nobody can fetch again.
fn more_than_certificates(bytes: &[u8]) -> Option<String> {
    const KEY_LABEL: &[u8] = b"PRIVATE KEY-----";
    let kind = detect(bytes);
    if kind.is_key_store() {
        return Some(kind.to_string());
    }
    let is_key = matches!(kind, Kind::PrivateKey(_) | Kind::EncryptedPrivateKey)
        || bytes.windows(KEY_LABEL.len()).any(|window| window == KEY_LABEL);
    is_key.then(|| "a private key".to_owned())
}

/// The store is not there.
pub(crate) fn missing(path: &Path) -> Failure {
    Failure::unusable("no-such-file", format!("there is no file {}", path.display()))
}

/// Why a store could not be opened, with the next thing to try.
pub(crate) fn unopened(path: &Path, error: &StoreError) -> Failure {
    let message = format!("{}: {error}", path.display());
    match error {
        StoreError::NotAKeyStore { found } => {
            let failure = Failure::unusable("not-a-keystore", message);
            let file = path.display().to_string();
            let certificates = matches!(found, Kind::Certificate | Kind::Pem | Kind::Pkcs7)
                && source::certificates_of_file(path).is_ok();
            if !certificates {
                return failure
                    .hint("what it holds is shown by:")
                    .hint(format!("  {}", shell::command(["keyward", "inspect", &file])));
            }
            let add = ["keyward", "trust", "add", &file, "--pick", "all", "--to", "trust.p12"];
            failure
                .hint("a file of certificates is shown by:")
                .hint(format!("  {}", shell::command(["keyward", "diagnose", &file])))
                .hint("and becomes a store with:")
                .hint(format!("  {}", shell::command(add)))
        }
        StoreError::Empty => Failure::unusable("empty-file", message)
            .hint("an empty file is what a broken write of another tool leaves behind: look for a backup"),
        StoreError::Unsupported { found } => {
            to_pkcs12(Failure::unusable("unsupported-keystore", message), *found, &path.display().to_string())
        }
        StoreError::Pkcs12(Pkcs12Error::Unsupported { .. }) => {
            Failure::unusable("unsupported-keystore", message)
        }
        StoreError::Password => no_password(path),
        error if is_wrong_password(error) => Failure::unusable("wrong-password", message),
        _ => Failure::unusable("damaged-keystore", message),
    }
}

/// What makes a store that keyward can read of one of Bouncy Castle's: keytool does it, with that provider.
pub(crate) fn to_pkcs12(failure: Failure, found: Kind, name: &str) -> Failure {
    let store_type = match found {
        Kind::Bks => "BKS",
        Kind::Uber => "UBER",
        Kind::Bcfks => "BCFKS",
        _ => return failure,
    };
    let made = format!("{name}.p12");
    failure.hint("keytool makes a PKCS12 store of it, with bcprov.jar of Bouncy Castle:").hint(format!(
        "  {}",
        shell::command([
            "keytool",
            "-importkeystore",
            "-srckeystore",
            name,
            "-srcstoretype",
            store_type,
            "-destkeystore",
            &made,
            "-deststoretype",
            "PKCS12",
            "-providerpath",
            "bcprov.jar",
            "-provider",
            "org.bouncycastle.jce.provider.BouncyCastleProvider",
        ])
    ))
}

/// Why a file was not written.
fn not_saved(path: &Path, error: UpdateError<Failure>) -> Failure {
    let error = match error {
        UpdateError::Change(failure) => return failure,
        UpdateError::Check(failure) => {
            return Failure::world(
                "read-back",
                format!("{}: what was to be written does not read back: {}", path.display(), failure.message),
            )
            .hint("the file is as it was; this is a fault in keyward, please report it");
        }
        UpdateError::Save(error) => error,
    };
    let (exit, id) = match &error {
        SaveError::NotAFile { .. } => (Exit::Unusable, "not-a-file"),
        SaveError::NoFolder { .. } => (Exit::Unusable, "no-folder"),
        SaveError::Unreadable { source, .. } if source.kind() == ErrorKind::PermissionDenied => {
            (Exit::Unusable, "not-readable")
        }
        SaveError::Unreadable { .. } => (Exit::World, "read"),
        SaveError::ReadOnly { .. } => (Exit::World, "read-only"),
        SaveError::Locked { .. } => (Exit::World, "locked"),
        SaveError::CannotReplace { .. } => (Exit::World, "cannot-replace"),
        _ => (Exit::World, "not-saved"),
    };
    let failure = Failure { exit, id, message: error.to_string(), hints: Vec::new() };
    match &error {
        error if error.in_place_may_help() => failure.hint(
            "the file is as it was; to write into it instead, add --in-place (makes a backup first; not crash-safe)",
        ),
        SaveError::NoFolder { folder, .. } => {
            failure.hint(shell::command(["mkdir", "-p", &folder.display().to_string()]))
        }
        _ => failure,
    }
}

fn tell(event: &Event, output: &mut Output) {
    output.warn(&event.to_string());
}
