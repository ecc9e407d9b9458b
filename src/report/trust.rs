//! What the verbs of `trust` say.

use serde::Serialize;

use super::certificate::{CertificateReport, rfc3339};
use super::verdict::Verdict;
use crate::model::key_store::{Entry, Hidden};

/// The answer of `keyward trust add`, schema `keyward.trust-add/1`.
#[derive(Clone, Debug, Serialize)]
pub struct TrustAddReport {
    /// `keyward.trust-add/1`.
    pub schema: &'static str,
    /// The store's path, as given.
    pub store: String,
    /// The store's format.
    pub format: String,
    /// The file was made by this call.
    pub created: bool,
    /// The file was changed by this call.
    pub changed: bool,
    /// The certificates that the call was about.
    pub entries: Vec<AddedEntry>,
    /// Whether a JVM with this store accepts the target now; `None` where there is no target.
    pub verdict: Option<Verdict>,
    /// What a user should know besides.
    pub notes: Vec<Note>,
}

/// One certificate of an import.
#[derive(Clone, Debug, Serialize)]
pub struct AddedEntry {
    /// The alias in the store.
    pub alias: String,
    /// The certificate; of a certificate reply, the end entity.
    pub certificate: CertificateReport,
    /// `vouched`, `pinned`, `confirmed` or `unverified`.
    pub basis: &'static str,
    /// `kept`, `added`, `replaced` or `reply-installed`.
    pub action: &'static str,
    /// Certificates of the chain that a reply installed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<CertificateReport>,
}

/// Something that is worth saying and decides nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// A stable name.
    pub id: &'static str,
    /// A sentence.
    pub message: String,
    /// The command that does better, where there is one.
    pub fix: Option<String>,
}

/// The answer of `keyward trust list`, schema `keyward.trust-list/1`.
#[derive(Clone, Debug, Serialize)]
pub struct TrustListReport {
    /// `keyward.trust-list/1`.
    pub schema: &'static str,
    /// The store's path, as given.
    pub store: String,
    /// The store's format.
    pub format: String,
    /// `verified`, `none` (the file has no integrity check) or `unchecked` (no password was given).
    pub integrity: &'static str,
    /// The entries, in the order of the file.
    pub entries: Vec<ListedEntry>,
}

/// One entry of a list.
#[derive(Clone, Debug, Serialize)]
pub struct ListedEntry {
    /// The alias as the file spells it.
    pub alias: String,
    /// `trusted-certificate`, `private-key`, `secret-key`, `certificate`, `crl`, `other`.
    pub kind: &'static str,
    /// Whether a Java `KeyStore` shows it.
    pub java_visible: bool,
    /// Why it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<&'static str>,
    /// When the file says that it was made.
    pub created: Option<String>,
    /// The certificate: of a private key, the end entity.
    pub certificate: Option<CertificateReport>,
    /// A private key's whole chain, end entity first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<CertificateReport>,
}

impl From<&Entry<'_>> for ListedEntry {
    fn from(entry: &Entry<'_>) -> Self {
        let chain: Vec<CertificateReport> = entry.chain.iter().map(|c| (*c).into()).collect();
        Self {
            alias: entry.alias.clone(),
            kind: entry.kind.id(),
            java_visible: entry.hidden.is_none(),
            hidden: entry.hidden.map(Hidden::id),
            created: entry.created.map(rfc3339),
            certificate: chain.first().cloned(),
            chain: if entry.kind == crate::model::key_store::EntryKind::PrivateKey {
                chain
            } else {
                Vec::new()
            },
        }
    }
}

/// The answer of `keyward trust remove` and `keyward trust rename`.
#[derive(Clone, Debug, Serialize)]
pub struct TrustEditReport {
    /// `keyward.trust-remove/1` or `keyward.trust-rename/1`.
    pub schema: &'static str,
    /// The store's path, as given.
    pub store: String,
    /// The file was changed by this call.
    pub changed: bool,
    /// The entry, as it was before.
    pub entry: ListedEntry,
    /// The alias that a renamed entry has now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
}

/// The answer of `keyward trust export --json`, schema `keyward.trust-export/1`.
#[derive(Clone, Debug, Serialize)]
pub struct TrustExportReport {
    /// `keyward.trust-export/1`.
    pub schema: &'static str,
    /// The store's path, as given.
    pub store: String,
    /// The alias as the file spells it.
    pub alias: String,
    /// The exported certificates, each with its PEM.
    pub certificates: Vec<ExportedCertificate>,
}

/// An exported certificate.
#[derive(Clone, Debug, Serialize)]
pub struct ExportedCertificate {
    /// What it says.
    #[serde(flatten)]
    pub certificate: CertificateReport,
    /// The certificate itself.
    pub pem: String,
}
