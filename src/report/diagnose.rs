//! What the diagnosis of one chain says.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::certificate::CertificateReport;
use super::fetch::ErrorReport;
use super::finding::{Finding, Severity};
use crate::model::Certificate;

/// The diagnosis of one subject: an element of `subjects` in `keyward.diagnose/1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// The subject's name as typed: a target or a file.
    pub subject: String,
    /// Errors first; within a severity in the order of the path.
    pub findings: Vec<Finding>,
    /// The repaired chain, leaf first, as far as it could be built; its last is the root where that is known.
    #[serde(serialize_with = "certificates")]
    pub path: Vec<Certificate>,
    /// Each trust store that was looked at, in that order, and whether it has an anchor for the chain.
    #[serde(serialize_with = "anchors")]
    pub anchors: Vec<(String, bool)>,
}

impl Diagnosis {
    /// The worst severity, `None` without findings.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }

    /// The repaired chain as a server should send it: without a self-signed root, unless that is all.
    #[must_use]
    pub fn to_send(&self) -> &[Certificate] {
        match self.path.split_last() {
            Some((root, rest)) if root.is_self_issued() && !rest.is_empty() => rest,
            _ => &self.path,
        }
    }
}

fn certificates<S: Serializer>(path: &[Certificate], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(path.iter().map(CertificateReport::from))
}

fn anchors<S: Serializer>(stores: &Vec<(String, bool)>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(stores.len()))?;
    for (label, has) in stores {
        map.serialize_entry(label, has)?;
    }
    map.end()
}

/// The answer of `keyward diagnose`, schema `keyward.diagnose/1`.
#[derive(Clone, Debug, Serialize)]
pub struct DiagnoseReport {
    /// `keyward.diagnose/1`.
    pub schema: &'static str,
    /// One for each subject, in the order of the call.
    pub subjects: Vec<DiagnosedSubject>,
}

/// One subject: its diagnosis, with commands for its repairs, or why it could not be read.
#[derive(Clone, Debug, Serialize)]
pub struct DiagnosedSubject {
    /// The target or file as typed.
    pub subject: String,
    /// Why there is no diagnosis.
    pub error: Option<ErrorReport>,
    /// Errors first.
    pub findings: Vec<RepairableFinding>,
    /// The repaired chain, leaf first.
    pub path: Vec<CertificateReport>,
    /// Each trust store that was looked at, and whether it has an anchor for the chain.
    #[serde(serialize_with = "anchors")]
    pub anchors: Vec<(String, bool)>,
    /// Whether the server wants a client certificate, as in `keyward.fetch/1`; `None` for a file.
    pub client_certificate: Option<&'static str>,
}

/// A finding with the command line that repairs it.
#[derive(Clone, Debug, Serialize)]
pub struct RepairableFinding {
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
    /// A command line for a POSIX shell.
    pub fix: Option<String>,
}
