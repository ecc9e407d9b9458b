//! The import of certificates into a store, by the rules of `keytool -importcert`
//! (sun.security.tools.keytool.Main, `addTrustedCert` and `installReply`), measured on JDK 17 and 25.

use std::collections::{HashMap, HashSet};

use time::OffsetDateTime;

use super::known::Known;
use super::reply;
use super::vouch::vouchers;
use crate::chain::signature;
use crate::model::certificate::JavaRefusal;
use crate::model::key_store::{EditError, Entry, EntryKind, alias};
use crate::model::{Certificate, EncodedCertificate, Fingerprint, KeyStore};

/// Under what terms an import is decided.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The caller named the certificates by their SHA-256: no question is left.
    pub pinned: bool,
    /// A trusted certificate under the alias may be swapped for another one.
    pub replace: bool,
    /// The JDK's own trust anchors, when they may vouch (`-trustcacerts`).
    pub cacerts: Option<&'a [Certificate]>,
    /// The time at which a voucher must be valid.
    pub now: OffsetDateTime,
}

/// Why a certificate is trusted, once it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// A chain to a trusted certificate exists.
    Vouched,
    /// The caller gave its SHA-256.
    Pinned,
    /// A person said yes, having been shown it, or `--yes` did for a file.
    Confirmed,
    /// `--yes` said so for something that was only seen on a network.
    Unverified,
}

impl Basis {
    /// The name in keyward's JSON.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Vouched => "vouched",
            Self::Pinned => "pinned",
            Self::Confirmed => "confirmed",
            Self::Unverified => "unverified",
        }
    }
}

/// What a person has to be asked before a step is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Nothing vouches for the certificate.
    Trust,
    /// The same certificate is in the store already.
    AlreadyInStore {
        /// Under this alias.
        alias: String,
    },
    /// The same certificate is among the JDK's own anchors.
    AlreadyInCacerts,
    /// Something vouches for the certificate, but it came from a server that did not prove that it holds the key.
    Unproved,
    /// Nothing vouches for the last certificate of a certificate reply.
    TrustReply {
        /// That certificate.
        top: Certificate,
    },
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// The store has it under this alias already.
    Keep,
    /// A new trusted certificate.
    Add,
    /// A trusted certificate takes the place of another.
    Replace {
        /// The one that goes.
        old: Fingerprint,
    },
    /// A key entry gets a new chain, end entity first.
    InstallReply {
        /// The whole chain, the anchor included where it is known.
        chain: Vec<Certificate>,
    },
}

/// One entry's part of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The alias, as it will be written.
    pub alias: String,
    /// The certificate: for a reply, the end entity.
    pub certificate: Certificate,
    /// What is to be done.
    pub action: Action,
    /// Why it may be done, where no question is open.
    pub basis: Option<Basis>,
    /// What has to be asked first.
    pub question: Option<Question>,
}

/// What an import would do to a store, all of it or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// In the order in which the entries are written.
    pub steps: Vec<Step>,
}

/// Why an import is refused, whatever anyone answers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// There was nothing to import.
    #[error("there is no certificate to import")]
    Nothing,
    /// The alias holds another certificate.
    #[error(
        "the alias \"{alias}\" already holds another certificate: {} (sha256 {})",
        old.subject(),
        old.fingerprint()
    )]
    AliasTaken {
        /// The alias as the store spells it.
        alias: String,
        /// What it holds.
        old: Box<Certificate>,
    },
    /// The alias holds something that is no certificate.
    #[error("the alias \"{alias}\" already holds a {kind}")]
    NotACertificate {
        /// The alias as the store spells it.
        alias: String,
        /// What it holds.
        kind: EntryKind,
    },
    /// Several certificates for one key entry, or a key entry among several aliases.
    #[error("the alias \"{alias}\" is a private key: a certificate reply for it comes alone")]
    ReplyAmongOthers {
        /// The alias of the key.
        alias: String,
    },
    /// The entry's own certificate cannot be read, so nothing can be matched against its key.
    #[error("the certificate of the private key \"{alias}\" cannot be read: {reason}")]
    UnreadableEntry {
        /// The alias of the key.
        alias: String,
        /// Why.
        reason: String,
    },
    /// No certificate of the reply is for the entry's key.
    #[error("no certificate of the reply has the public key of the entry \"{alias}\"")]
    OtherKey {
        /// The alias of the key.
        alias: String,
    },
    /// The certificates of the reply make no chain: one of them is left over.
    #[error(
        "the reply is no unbroken chain: {} does not follow {}",
        left_over.subject(),
        top.subject()
    )]
    BrokenReply {
        /// The last certificate up to which the chain is whole.
        top: Box<Certificate>,
        /// The certificate that has no place in it.
        left_over: Box<Certificate>,
    },
    /// No JVM can read the certificate, and none would load a store that holds it.
    #[error("{} cannot be read by a JVM, which would refuse the whole store: {reason}", certificate.subject())]
    JavaCannotRead {
        /// The certificate.
        certificate: Box<Certificate>,
        /// Why.
        reason: JavaRefusal,
    },
    /// A lone certificate whose issuers are not in the store.
    #[error(
        "the chain of the reply cannot be established: the issuer {} of {} is not in the store",
        top.issuer(),
        top.subject()
    )]
    NoChain {
        /// The last certificate up to which the chain is whole.
        top: Box<Certificate>,
    },
}

/// Decides what the import of `certificates` under `alias` would do to `store`. Nothing is changed.
///
/// Without an alias each certificate gets one made from its subject, with a number where that is taken by
/// something else; several certificates under one given alias get it with numbers. A given alias that names
/// a private key takes the certificates for a certificate reply; one that is made up never does.
///
/// The certificates must be in the order in which they may lean on each other: one that was planned before
/// vouches for those after it.
///
/// # Errors
///
/// [`ImportError`] for what no answer can allow.
pub fn plan(
    store: &KeyStore,
    certificates: &[Certificate],
    alias: Option<&str>,
    terms: &Terms<'_>,
) -> Result<Plan, ImportError> {
    let mut seen = HashSet::new();
    let certificates: Vec<&Certificate> =
        certificates.iter().filter(|certificate| seen.insert(certificate.fingerprint())).collect();
    let entries = store.entries();
    if let Some(alias) = alias
        && let Some(entry) = store.find(alias).filter(|entry| entry.kind == EntryKind::PrivateKey)
    {
        let step = reply::step(&entry, &entries, &certificates, terms)?;
        if let Action::InstallReply { chain } = &step.action {
            chain.iter().try_for_each(readable)?;
        }
        return Ok(Plan { steps: vec![step] });
    }
    let mut known = Known::by(&entries, terms, certificates.len());
    let mut taken = Taken::by(&entries);
    let mut planned: Vec<Step> = Vec::new();
    for (number, certificate) in certificates.iter().enumerate() {
        let alias = match alias {
            Some(alias) if certificates.len() == 1 => alias.to_owned(),
            Some(alias) => format!("{alias}-{}", number + 1),
            None => taken.made_up_alias(certificate),
        };
        let step = trusted_step(&taken, &mut known, certificate, alias, terms)?;
        taken.planned.insert(alias::fold(&step.alias));
        known.plan(certificate);
        planned.push(step);
    }
    if planned.is_empty() { Err(ImportError::Nothing) } else { Ok(Plan { steps: planned }) }
}

impl Plan {
    /// Whether any step changes the store.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.steps.iter().any(|step| step.action != Action::Keep)
    }

    /// The steps about which somebody has to be asked.
    pub fn open_questions(&self) -> impl Iterator<Item = (&Step, &Question)> {
        self.steps.iter().filter_map(|step| step.question.as_ref().map(|question| (step, question)))
    }

    /// Takes every question as answered with yes, each on the basis that is given for it.
    pub fn answer(&mut self, basis: impl Fn(&Step, &Question) -> Basis) {
        for step in &mut self.steps {
            if let Some(question) = step.question.take() {
                step.basis = Some(basis(step, &question));
            }
        }
    }

    /// Makes a question of every import that rests on a chain alone: for certificates from a server that did not
    /// prove that it holds the key. A pin is asked about no more than before, and what is in the store stays.
    pub fn doubt(&mut self) {
        for step in &mut self.steps {
            if step.action != Action::Keep && step.basis == Some(Basis::Vouched) {
                (step.basis, step.question) = (None, Some(Question::Unproved));
            }
        }
    }

    /// Whether this plan does to each certificate what `asked` said, or less: a key entry or another
    /// certificate that has come under an alias meanwhile is no part of what anybody agreed to.
    #[must_use]
    pub fn does_no_more_than(&self, asked: &Self) -> bool {
        self.steps.iter().filter(|step| step.action != Action::Keep).all(|step| {
            asked.steps.iter().any(|other| {
                let was_there = other.action == Action::Keep && step.action == Action::Add;
                other.certificate == step.certificate && (other.action == step.action || was_there)
            })
        })
    }

    /// Whether the answers that were given to `asked` settle every question of this plan: the plan made
    /// under the lock may ask less than the one that a person saw, never something else.
    #[must_use]
    pub fn is_settled_by(&self, asked: &Self) -> bool {
        self.open_questions().all(|(step, question)| {
            asked.steps.iter().any(|other| {
                other.certificate == step.certificate
                    && other.question.as_ref() == Some(question)
                    && other.action == step.action
            })
        })
    }

    /// Makes the changes. The caller has the questions answered.
    ///
    /// # Errors
    ///
    /// [`EditError`] of the first edit that the store's format does not allow.
    pub fn apply(&self, store: &mut KeyStore, now: OffsetDateTime) -> Result<(), EditError> {
        let added = self.steps.iter().filter(|step| step.action == Action::Add);
        let added: Vec<(&str, EncodedCertificate)> =
            added.map(|step| (step.alias.as_str(), (&step.certificate).into())).collect();
        store.add_all_trusted(&added, now)?;
        for step in &self.steps {
            let encoded = EncodedCertificate::from(&step.certificate);
            match &step.action {
                Action::Keep | Action::Add => {}
                Action::Replace { .. } => store.replace_trusted(&step.alias, &encoded, now)?,
                Action::InstallReply { chain } => {
                    let chain: Vec<EncodedCertificate> = chain.iter().map(EncodedCertificate::from).collect();
                    store.set_chain(&step.alias, &chain)?;
                }
            }
        }
        Ok(())
    }
}

/// The aliases that are taken, folded: by the store's entries, and by what was planned before.
struct Taken<'e> {
    entries: HashMap<String, &'e Entry<'e>>,
    planned: HashSet<String>,
    /// By stem the first number that the plan has not taken: the search need not begin anew.
    numbers: HashMap<String, usize>,
}

impl<'e> Taken<'e> {
    /// Of several entries of one alias the one that Java finds counts, as in [`KeyStore::find`].
    fn by(entries: &'e [Entry<'e>]) -> Self {
        let mut by_alias: HashMap<String, &Entry<'_>> = HashMap::new();
        for entry in entries {
            let held = by_alias.entry(alias::fold(&entry.alias)).or_insert(entry);
            if held.hidden.is_some() && entry.hidden.is_none() {
                *held = entry;
            }
        }
        Self { entries: by_alias, planned: HashSet::new(), numbers: HashMap::new() }
    }

    fn find(&self, alias: &str) -> Option<&'e Entry<'e>> {
        self.entries.get(&alias::fold(alias)).copied()
    }

    /// An alias from the subject that is free, or holds this very certificate, so that a second run finds
    /// its own work again.
    fn made_up_alias(&mut self, certificate: &Certificate) -> String {
        let stem = match alias::from_name(&certificate.subject().short()) {
            empty if empty.is_empty() => "certificate".to_owned(),
            stem => stem,
        };
        let wanted = certificate.fingerprint();
        let is_usable = |candidate: &str| {
            !self.planned.contains(candidate)
                && self
                    .entries
                    .get(candidate)
                    .is_none_or(|entry| held_by(entry).is_ok_and(|held| held == wanted))
        };
        let mut first = self.numbers.get(&stem).copied().unwrap_or(1);
        let mut number = first;
        loop {
            let candidate = if number == 1 { stem.clone() } else { format!("{stem}-{number}") };
            if is_usable(&candidate) {
                self.numbers.insert(stem, first);
                return candidate;
            }
            // What the plan has taken stays taken; what the store has may be the next certificate's own.
            if number == first && self.planned.contains(&candidate) {
                first = first.saturating_add(1);
            }
            number = number.saturating_add(1);
        }
    }
}

fn trusted_step(
    taken: &Taken<'_>,
    known: &mut Known<'_>,
    certificate: &Certificate,
    alias: String,
    terms: &Terms<'_>,
) -> Result<Step, ImportError> {
    let step = |alias, action, basis, question| Step {
        alias,
        certificate: certificate.clone(),
        action,
        basis,
        question,
    };
    let mut action = Action::Add;
    let mut alias = alias;
    if let Some(entry) = taken.find(&alias) {
        let old = held_by(entry)?;
        if old == certificate.fingerprint() {
            // What the store trusts already needs no other reason.
            return Ok(step(entry.alias.clone(), Action::Keep, Some(Basis::Vouched), None));
        }
        if !terms.replace {
            return Err(alias_taken(entry));
        }
        action = Action::Replace { old };
        alias.clone_from(&entry.alias);
    }
    readable(certificate)?;
    if terms.pinned {
        return Ok(step(alias, action, Some(Basis::Pinned), None));
    }
    if let Some(other) = known.alias_of(certificate) {
        let question = Question::AlreadyInStore { alias: other.to_owned() };
        return Ok(step(alias, action, None, Some(question)));
    }
    let (basis, question) = if known.stands_alone(certificate) {
        (None, Some(Question::Trust))
    } else if signature::is_self_signed(certificate) {
        let in_cacerts = terms.cacerts.unwrap_or_default().contains(certificate);
        (None, Some(if in_cacerts { Question::AlreadyInCacerts } else { Question::Trust }))
    } else {
        match vouchers(certificate, known.pool(), terms.now) {
            Some(_) => (Some(Basis::Vouched), None),
            None => (None, Some(Question::Trust)),
        }
    };
    Ok(step(alias, action, basis, question))
}

/// One certificate that Java cannot read takes every other entry of a store with it.
fn readable(certificate: &Certificate) -> Result<(), ImportError> {
    certificate
        .java_reads()
        .map_err(|reason| ImportError::JavaCannotRead { certificate: Box::new(certificate.clone()), reason })
}

/// The fingerprint of the certificate that a trusted entry holds.
fn held_by(entry: &Entry<'_>) -> Result<Fingerprint, ImportError> {
    match (entry.kind, entry.chain.first()) {
        (EntryKind::TrustedCertificate, Some(certificate)) => Ok(certificate.fingerprint()),
        (kind, _) => Err(ImportError::NotACertificate { alias: entry.alias.clone(), kind }),
    }
}

fn alias_taken(entry: &Entry<'_>) -> ImportError {
    match entry.chain.first().map(|certificate| certificate.read()) {
        Some(Ok(old)) => ImportError::AliasTaken { alias: entry.alias.clone(), old: Box::new(old) },
        _ => ImportError::NotACertificate { alias: entry.alias.clone(), kind: entry.kind },
    }
}
