//! What `identity check` says.

use serde::Serialize;

use super::certificate::CertificateReport;
use super::finding::{Finding, FindingId, Severity};
use crate::model::Certificate;

/// The answer of `keyward identity check`, schema `keyward.identity-check/1`.
#[derive(Clone, Debug, Serialize)]
pub struct IdentityCheckReport {
    /// `keyward.identity-check/1`.
    pub schema: &'static str,
    /// The store as given.
    pub store: String,
    /// `JKS`, `JCEKS` or `PKCS12`.
    pub format: String,
    /// Whether anything says that the store is as it was written, as in `keyward.inspect/1`.
    pub integrity: &'static str,
    /// The one alias that was asked about; `None` for all.
    pub alias: Option<String>,
    /// The identities that were looked at, in the order of the file.
    pub identities: Vec<CheckedIdentity>,
    /// Errors first.
    pub findings: Vec<RepairableIdentityFinding>,
    /// What may make an identity fail, and nobody looked at.
    pub not_judged: Vec<String>,
}

/// One identity.
#[derive(Clone, Debug, Serialize)]
pub struct CheckedIdentity {
    /// The alias as the store spells it.
    pub alias: String,
    /// Algorithm and size of the key; `None` where it was not opened.
    pub key: Option<String>,
    /// Whether the password of the store opens the key.
    pub opens_with_store_password: bool,
    /// The chain in the store's order.
    pub chain: Vec<CertificateReport>,
}

/// A finding with the command line that repairs it.
#[derive(Clone, Debug, Serialize)]
pub struct RepairableIdentityFinding {
    /// The finding.
    #[serde(flatten)]
    pub finding: IdentityFinding,
    /// A command line for a POSIX shell.
    pub fix: Option<String>,
}

/// A finding about an identity, or about its store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IdentityFinding {
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
    /// The entry that it is about; `None` for the store.
    pub alias: Option<String>,
    /// What repairs it. Not serialized: the JSON field `fix` is the command line that the command makes.
    #[serde(skip)]
    pub repair: Option<IdentityRepair>,
}

impl IdentityFinding {
    /// A finding about the store.
    #[must_use]
    pub fn of_store(id: FindingId, severity: Severity, message: impl Into<String>) -> Self {
        Self { finding: Finding::new(id, severity, None, message), alias: None, repair: None }
    }

    /// A finding about an entry.
    #[must_use]
    pub fn of_entry(alias: &str, id: FindingId, severity: Severity, message: impl Into<String>) -> Self {
        Self { alias: Some(alias.to_owned()), ..Self::of_store(id, severity, message) }
    }

    /// The same, about this certificate.
    #[must_use]
    pub fn at(mut self, certificate: &Certificate) -> Self {
        self.finding.certificate = Some(certificate.fingerprint());
        self
    }

    /// The same with its repair.
    #[must_use]
    pub fn repaired_by(self, repair: IdentityRepair) -> Self {
        Self { repair: Some(repair), ..self }
    }
}

/// What would repair a finding, as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityRepair {
    /// Write the identity anew: leaf first, issuers in order and complete, without a root, the key under the
    /// store's password.
    Rebuild {
        /// The entry.
        alias: String,
        /// It needs a file of its own: in this store Java would find the same chain again.
        apart: bool,
    },
    /// Copy the identity into a store of its own, and leave the old store as it is.
    Separate {
        /// The entry.
        alias: String,
    },
    /// Give the entry another alias.
    Rename {
        /// The alias as it is.
        alias: String,
        /// The alias as it shall be.
        to: String,
    },
    /// Ask the CA for another certificate.
    Request {
        /// The entry that it is to take the place of.
        alias: String,
        /// The subject, RFC 4514.
        subject: String,
    },
    /// Write the store anew, for JVMs that do not read it.
    Convert {
        /// The readers are those of Java 8 before 8u301.
        old_java: bool,
        /// The new store needs another password.
        new_password: bool,
    },
}
