//! What `fetch` says.

use serde::Serialize;

use super::certificate::CertificateReport;

/// The answer of `keyward fetch`, schema `keyward.fetch/1`.
#[derive(Clone, Debug, Serialize)]
pub struct FetchReport {
    /// `keyward.fetch/1`.
    pub schema: &'static str,
    /// One for each target, in the order of the call.
    pub targets: Vec<FetchedTarget>,
}

impl FetchReport {
    /// A report of these targets.
    #[must_use]
    pub fn new(targets: Vec<FetchedTarget>) -> Self {
        Self { schema: "keyward.fetch/1", targets }
    }
}

/// One target.
#[derive(Clone, Debug, Serialize)]
pub struct FetchedTarget {
    /// `host:port`.
    pub target: String,
    /// Whether a chain came.
    pub ok: bool,
    /// The chain, in the order in which the server sent it.
    pub chain: Vec<CertificateReport>,
    /// What was agreed on, where a handshake got that far.
    #[serde(flatten)]
    pub session: Option<Session>,
    /// Why no chain came.
    pub error: Option<ErrorReport>,
}

/// What a handshake agreed on.
#[derive(Clone, Debug, Serialize)]
pub struct Session {
    /// The address that answered, with its port.
    pub peer: String,
    /// `TLSv1.3`, `TLSv1.2`.
    pub protocol: Option<String>,
    /// The suite's name in the registry of IANA.
    pub cipher_suite: Option<String>,
    /// The group of the key exchange.
    pub group: Option<String>,
    /// The server proved that it holds the key of its certificate.
    pub key_proved: bool,
    /// What the server wants of a client's certificate: `not-requested`, `requested` (how it goes on
    /// without one did not show), `optional` or `required`.
    pub client_certificate: &'static str,
    /// What ended the handshake after the chain had come.
    pub ended: Option<ErrorReport>,
    /// Milliseconds from the first packet to the chain.
    pub milliseconds: u64,
}

/// An error, as every report shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorReport {
    /// A stable name.
    pub id: String,
    /// A sentence.
    pub message: String,
}
