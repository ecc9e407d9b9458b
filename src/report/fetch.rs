//! What `fetch` says.

use serde::Serialize;

use super::certificate::{CertificateReport, rfc3339};
use super::client_auth::ClientAuth;
use crate::model::SignedCertificateTimestamp;
use crate::model::hex;

/// The answer of `keyward fetch`, schema `keyward.fetch/1`.
#[derive(Clone, Debug, Serialize)]
pub struct FetchReport {
    /// `keyward.fetch/1`.
    pub schema: &'static str,
    /// One for each target, in the order of the call.
    pub targets: Vec<FetchedTarget>,
}

impl FetchReport {
    /// The schema.
    pub const SCHEMA: &'static str = "keyward.fetch/1";

    /// A report of these targets.
    #[must_use]
    pub fn new(targets: Vec<FetchedTarget>) -> Self {
        Self { schema: Self::SCHEMA, targets }
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

/// One target on a line of its own, schema `keyward.fetch-target/1`.
#[derive(Clone, Debug, Serialize)]
pub struct FetchLine {
    /// `keyward.fetch-target/1`.
    pub schema: &'static str,
    /// The target.
    #[serde(flatten)]
    pub target: FetchedTarget,
}

impl FetchLine {
    /// The line of this target.
    #[must_use]
    pub fn new(target: FetchedTarget) -> Self {
        Self { schema: "keyward.fetch-target/1", target }
    }
}

/// What a handshake agreed on.
#[derive(Clone, Debug, Serialize)]
pub struct Session {
    /// The address that answered, with its port: the proxy's, where there is one.
    pub peer: String,
    /// The proxy, without its credentials.
    pub proxy: Option<String>,
    /// The protocol that was spoken before TLS.
    pub starttls: Option<String>,
    /// `TLSv1.3`, `TLSv1.2`.
    pub protocol: Option<String>,
    /// The suite's name in the registry of IANA.
    pub cipher_suite: Option<String>,
    /// The group of the key exchange.
    pub group: Option<String>,
    /// The application protocol that the server chose.
    pub alpn: Option<String>,
    /// The server stapled an answer about revocation.
    pub ocsp_stapled: bool,
    /// Signed certificate timestamps, of the first certificate and of the stapled answer.
    pub scts: Vec<SctReport>,
    /// That answer, base64, unread.
    pub ocsp_response: Option<String>,
    /// The server proved that it holds the key of its certificate.
    pub key_proved: bool,
    /// The same: it possesses the key. Never true of what was read in the clear.
    pub possession_proved: bool,
    /// How the certificates were read: in a `handshake`, or as `plaintext`, without keys.
    pub reading: &'static str,
    /// Why the handshake failed before they were read in the clear.
    pub handshake_error: Option<ErrorReport>,
    /// What the server wants of a client's certificate: `not-requested`, `requested` (how it goes on
    /// without one did not show), `optional` or `required`.
    pub client_certificate: &'static str,
    /// The same, with all that the server says of it.
    pub client_auth: ClientAuth,
    /// What came of the request for a path, where one was made.
    pub path: Option<PathReport>,
    /// What ended the handshake after the chain had come.
    pub ended: Option<ErrorReport>,
    /// Milliseconds from the first packet to the chain.
    pub milliseconds: u64,
    /// Milliseconds of its parts.
    pub phases: Phases,
}

/// A signed certificate timestamp, its signature not checked.
#[derive(Clone, Debug, Serialize)]
pub struct SctReport {
    /// Where it was: `certificate` or `ocsp`.
    pub source: &'static str,
    /// SHA-256 of the log's key, lower-case hex.
    pub log: String,
    /// When the log signed, RFC 3339.
    pub time: Option<String>,
}

impl SctReport {
    /// The timestamps of one source.
    #[must_use]
    pub fn of(source: &'static str, timestamps: Vec<SignedCertificateTimestamp>) -> Vec<Self> {
        let report = |timestamp: SignedCertificateTimestamp| Self {
            source,
            log: hex::lower(&timestamp.log),
            time: timestamp.time.map(rfc3339),
        };
        timestamps.into_iter().map(report).collect()
    }
}

/// What came of an HTTP request after the handshake.
#[derive(Clone, Debug, Serialize)]
pub struct PathReport {
    /// The protocol version of the connection that tells.
    pub protocol: String,
    /// The status of the answer.
    pub status: Option<u16>,
    /// Whether the server asked for a new handshake, as servers do that want a client certificate for a path;
    /// `None` where that cannot be seen, on TLS 1.3.
    pub new_handshake: Option<bool>,
    /// What ended the connection before an answer came.
    pub ended: Option<ErrorReport>,
}

/// The parts of a fetch, in milliseconds with fractions.
#[derive(Clone, Debug, Serialize)]
pub struct Phases {
    /// Resolving the name.
    pub resolve: f64,
    /// Connecting.
    pub connect: f64,
    /// Asking the proxy, where there is one.
    pub proxy: Option<f64>,
    /// What was spoken before TLS, where anything was.
    pub starttls: Option<f64>,
    /// The handshake.
    pub handshake: f64,
}

/// An error, as every report shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorReport {
    /// A stable name.
    pub id: String,
    /// A sentence.
    pub message: String,
}
