//! `keyward identity check`.

use std::path::Path;

use keyward::format::key_protection;
use keyward::identity::check::{Checked, StorePassword, Subject, World, check};
use keyward::identity::{Identity, KeyAccess};
use keyward::inspect::readers;
use keyward::model::KeyStore;
use keyward::model::key_store::alias::fold;
use keyward::model::key_store::{EditError, EntryKind};
use keyward::report::certificate::CertificateReport;
use keyward::report::finding::Severity;
use keyward::report::identity_check::{
    CheckedIdentity, IdentityCheckReport, IdentityFinding, IdentityRepair, RepairableIdentityFinding,
};
use keyward::report::inspect::Readers;

use crate::again::Again;
use crate::args::{IdentityCheckArgs, JavaRelease};
use crate::exit::{Exit, Failure};
use crate::identity::{self, Identities};
use crate::output::Output;
use crate::purse::Purse;
use crate::render;
use crate::survey::Survey;

pub(crate) fn run(args: &IdentityCheckArgs, output: &mut Output) -> Result<Exit, Failure> {
    let (path, alias) = identity::store_and_alias(&args.store);
    let mut purse = Purse::new(&args.passwords, false)?;
    let opened = identity::open(&path, &mut purse)?;
    if let Some(alias) = &alias {
        is_private_key(&opened.store, alias, &path)?;
    }
    let survey = Survey::new(&args.issuers, Vec::new(), output)?;
    let checked = checked(args, &opened, alias.as_deref(), &survey);
    let asked =
        |identity: &&Identity| alias.as_deref().is_none_or(|alias| fold(alias) == fold(&identity.alias));
    let exit = match checked.worst() {
        Some(Severity::Error | Severity::Warning) => Exit::Short,
        Some(Severity::Info) | None => Exit::Done,
    };
    let repairer = Repairer { args, path: &path, identities: &opened.all };
    let report = IdentityCheckReport {
        schema: "keyward.identity-check/1",
        store: path.display().to_string(),
        format: opened.store.format().to_string(),
        integrity: opened.integrity.id(),
        identities: opened.all.iter().filter(asked).map(shown).collect(),
        findings: checked
            .findings
            .into_iter()
            .map(|finding| RepairableIdentityFinding { fix: repairer.command(&finding), finding })
            .collect(),
        not_judged: checked.not_judged,
        alias,
    };
    if args.json {
        output.json(&report)?;
    } else {
        output.text(&render::identity_check::report(&report, output))?;
    }
    Ok(exit)
}

/// An alias that is asked about has to be that of a private key, shown by Java or not.
fn is_private_key(store: &KeyStore, alias: &str, path: &Path) -> Result<(), Failure> {
    let folded = fold(alias);
    let mut named = store.entries().into_iter().filter(|entry| fold(&entry.alias) == folded).peekable();
    let Some(first) = named.peek().map(|entry| entry.kind) else {
        let missing = EditError::NoSuchEntry(alias.to_owned());
        let all = Again::keyward(["identity", "check", &path.display().to_string()]).line();
        return Err(Failure::unusable("no-such-entry", format!("{}: {missing}", path.display()))
            .hint(format!("to check all identities of the store: {all}")));
    };
    if named.any(|entry| entry.kind == EntryKind::PrivateKey) {
        return Ok(());
    }
    Err(Failure::unusable(
        "no-private-key",
        format!("{}: the entry \"{alias}\" is a {first}, not a private key", path.display()),
    ))
}

fn checked(
    args: &IdentityCheckArgs,
    opened: &Identities,
    alias: Option<&str>,
    survey: &Survey<'_>,
) -> Checked {
    let readers = who_reads(&opened.store);
    let password = match &opened.password {
        None => StorePassword::None,
        Some(password) if readers::needs_ascii(&opened.store) && !readers::is_plain_ascii(password) => {
            StorePassword::NotForJava
        }
        Some(_) => StorePassword::Given,
    };
    let subject =
        Subject { store: &opened.store, identities: &opened.all, alias, password, readers: &readers };
    let (roots, pool) = (survey.roots(), survey.pool());
    let world = World {
        now: survey.now(),
        within: args.within,
        roots: &roots,
        pool: &pool,
        old_java: args.for_java == JavaRelease::Old,
    };
    survey.with_issuers(|issuers| check(subject, world, issuers))
}

/// Which JVMs read the store and the keys of its entries.
fn who_reads(store: &KeyStore) -> Readers {
    let mut all = readers::of_store(store);
    for entry in store.entries() {
        // Keys that Java does not show are told by themselves.
        if let Some(key) = entry.key.filter(|_| entry.hidden.is_none()) {
            readers::add_key(&mut all, &entry.alias, &key_protection::of_stored(key), false);
        }
    }
    all
}

fn shown(identity: &Identity) -> CheckedIdentity {
    CheckedIdentity {
        alias: identity.alias.clone(),
        key: identity.key.key().map(|key| key.key().to_string()),
        opens_with_store_password: matches!(identity.key, KeyAccess::StorePassword(_)),
        chain: identity.chain.iter().map(CertificateReport::from).collect(),
    }
}

/// Makes command lines for findings.
struct Repairer<'a> {
    args: &'a IdentityCheckArgs,
    path: &'a Path,
    identities: &'a [Identity],
}

impl Repairer<'_> {
    fn command(&self, finding: &IdentityFinding) -> Option<String> {
        let store = self.path.display().to_string();
        let passwords = &self.args.passwords;
        let build = |alias: &str| {
            Again::keyward(["identity", "build", "--from", &format!("{store}#{alias}")]).alias(alias)
        };
        let opening = |again: Again, alias: &str| match self
            .identities
            .iter()
            .rfind(|identity| fold(&identity.alias) == fold(alias))
        {
            Some(identity) => again.key_of(identity, &passwords.key_password),
            None => again.key_passwords(&passwords.key_password),
        };
        let again = match finding.repair.as_ref()? {
            IdentityRepair::Rebuild { alias, apart: false } => {
                let chain = self
                    .args
                    .issuers
                    .untrusted
                    .iter()
                    .flat_map(|file| ["--chain".to_owned(), file.display().to_string()]);
                opening(build(alias).words(chain).words(["-o", &store, "--replace"]), alias)
            }
            IdentityRepair::Rebuild { alias, apart: true } | IdentityRepair::Separate { alias } => {
                let out = self.beside(&format!("{}.p12", file_name(alias)));
                opening(build(alias).words(["-o", &out]), alias)
            }
            IdentityRepair::Rename { alias, to } if alias.starts_with('-') => {
                return Some(
                    Again::keyward(["trust", "rename"])
                        .password(passwords.password.as_ref())
                        .words(["--", &store, alias, to])
                        .line(),
                );
            }
            IdentityRepair::Rename { alias, to } => Again::keyward(["trust", "rename", &store, alias, to]),
            IdentityRepair::Request { alias, subject } => {
                let name = format!("{}-new", file_name(alias));
                Again::keyward(["identity", "request", "--subject", subject])
                    .alias(alias)
                    .words(["-o", &self.beside(&format!("{name}.p12"))])
                    .words(["--csr", &self.beside(&format!("{name}.csr"))])
            }
            IdentityRepair::Convert { old_java, new_password } => {
                let stem = self.path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
                let suffix = if *old_java { "java8" } else { "java" };
                let name = format!("{}-{suffix}.p12", stem.unwrap_or_else(|| "store".to_owned()));
                let again = Again::keyward(["convert", &store, "-o", &self.beside(&name)]);
                let again = if *old_java { again.words(["--profile", "java8"]) } else { again };
                let again = again.key_passwords(&passwords.key_password);
                return Some(if *new_password {
                    again.passwords("--in-password", passwords.password.as_ref()).line()
                } else {
                    again.password(passwords.password.as_ref()).line()
                });
            }
        };
        Some(again.password(passwords.password.as_ref()).line())
    }

    /// A file in the folder of the store.
    fn beside(&self, name: &str) -> String {
        self.path.with_file_name(name).display().to_string()
    }
}

/// An alias as the name of a file.
fn file_name(alias: &str) -> String {
    let plain: String =
        alias.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    let plain = plain.trim_matches(['-', '.']);
    if plain.is_empty() { "identity".to_owned() } else { plain.to_owned() }
}
