//! What makes a client identity fail: in a JVM, before anything is sent, or at the server that gets it.
//!
//! Severities are those of `diagnose`: an `error` where a usual consumer or server fails, a `warning` where some do
//! or will, `info` where none does. What a JVM does was measured with OpenJDK 17 and 25; nothing is said of IBM's.

mod alias;
mod certificate;
mod chain;
mod key;
mod store;
mod winner;

use time::{Duration, OffsetDateTime};

use super::Identity;
use crate::chain::budget::Budget;
use crate::chain::issuers::IssuerSource;
use crate::model::key_store::alias::fold;
use crate::model::{Certificate, KeyStore};
use crate::report::finding::{FindingId, Severity};
use crate::report::identity_check::IdentityFinding;
use crate::report::inspect::Readers;

/// What is to be checked.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The store.
    pub store: &'a KeyStore,
    /// Its identities: the private keys that Java shows, in the order of the file.
    pub identities: &'a [Identity],
    /// The alias that is asked about; `None` for all. What another entry does to this one is still said.
    pub alias: Option<&'a str>,
    /// What is known of the store's password.
    pub password: StorePassword,
    /// Which JVMs can read the store, its keys included.
    pub readers: &'a Readers,
}

/// What is known of a store's password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorePassword {
    /// None was given: the store needs none, and its keys were not tried.
    None,
    /// It was given, and a JVM takes it for a store of this format.
    Given,
    /// It was given, and has characters that no JVM takes for PKCS12.
    NotForJava,
}

/// What is known besides the store.
#[derive(Clone, Copy, Debug)]
pub struct World<'a> {
    /// The time at which dates are judged.
    pub now: OffsetDateTime,
    /// How long before its end a validity is a warning.
    pub within: Duration,
    /// Roots at hand, which tell where a chain ends. They vouch for nothing here.
    pub roots: &'a [Certificate],
    /// Further certificates in which missing issuers may be found.
    pub pool: &'a [Certificate],
    /// The store has to be read by Java 8 before 8u301 too.
    pub old_java: bool,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// Errors first; within a severity, those of the store before those of its entries, in the order of the file.
    pub findings: Vec<IdentityFinding>,
    /// What may make an identity fail, and was not looked at.
    pub not_judged: Vec<String>,
}

impl Checked {
    /// The worst severity, `None` without findings.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|found| found.finding.severity).max()
    }
}

/// What no check judges.
const NEVER_JUDGED: [&str; 3] = [
    "what a server asks for: its CA names and signature algorithms (keyward identity explain)",
    "revocation, and whether a server trusts the issuer",
    "changes to java.security: the defaults of OpenJDK 17 and 25 are assumed",
];

/// Checks the identities of a store. Keys are not opened here, the network is asked through `issuers` only, and the
/// signatures between the certificates are checked within [`crate::limits::SIGNATURE_CHECKS`].
pub fn check(subject: Subject<'_>, world: World<'_>, issuers: &mut dyn IssuerSource) -> Checked {
    let mut not_judged: Vec<String> = NEVER_JUDGED.map(str::to_owned).to_vec();
    let mut budget = Budget::default();
    let mut findings = store::find(&subject, &world);
    findings.extend(alias::find(&subject));
    let mut fails = Vec::new();
    let mut survey = chain::Survey::new(&subject, &world, &mut budget, issuers);
    for identity in subject.identities {
        let mut own = key::find(identity, subject.password);
        chain::find(identity, &mut survey, &mut own, &mut not_judged);
        certificate::find(identity, &world, &mut own);
        fails.push(own.iter().any(|found| found.finding.severity == Severity::Error));
        // SunX509 opens the keys of all entries, so the password of any is every entry's concern.
        own.retain(|found| subject.asks_for(&identity.alias) || found.finding.id == FindingId::KeyPassword);
        findings.extend(own);
    }
    findings.extend(winner::find(&subject, &world, &fails));
    if let Some(exhausted) = budget.exhausted() {
        let message = format!("{exhausted}: the chains may be better, or worse, than what is said here");
        findings.push(IdentityFinding::of_store(FindingId::SearchGivenUp, Severity::Warning, message));
    }
    findings.sort_by_key(|found| std::cmp::Reverse(found.finding.severity));
    Checked { findings, not_judged }
}

impl Subject<'_> {
    /// Whether the entry is among those that are asked about.
    fn asks_for(&self, alias: &str) -> bool {
        self.alias.is_none_or(|asked| fold(asked) == fold(alias))
    }
}

/// An alias as messages call it.
fn quoted(alias: &str) -> String {
    format!("\"{alias}\"")
}
