//! What `identity try` says.

use serde::Serialize;

use super::certificate::CertificateReport;
use super::client_auth::{ClientAuth, Numbered};

/// The answer of `keyward identity try`, schema `keyward.identity-try/1`.
#[derive(Clone, Debug, Serialize)]
pub struct IdentityTryReport {
    /// `keyward.identity-try/1`.
    pub schema: &'static str,
    /// `host:port`.
    pub target: String,
    /// The identity.
    pub identity: TriedIdentity,
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
    /// The application protocol that the server chose.
    pub alpn: Option<String>,
    /// The server's certificates, as it sent them.
    pub server_chain: Vec<CertificateReport>,
    /// Always false: the server's certificates are not verified here.
    pub server_verified: bool,
    /// What the server asked.
    pub client_auth: ClientAuth,
    /// What was sent; `None` where the server did not ask.
    pub sent: Option<SentReport>,
    /// How the server's word was waited for: `head`, or `hold`.
    pub probe: &'static str,
    /// `accepted`, `refused`, `not-sent` (the server went on, but nothing was sent), `not-asked` (it went on without
    /// asking) or `asked-afterwards` (it wants another handshake after the request).
    pub outcome: &'static str,
    /// What shows that the server went on: `http`, `data`, `finished`, `ticket` or `silence`.
    pub evidence: Option<&'static str>,
    /// The status of the answer to the HTTP request.
    pub status: Option<u16>,
    /// Why it was refused.
    pub refusal: Option<RefusalReport>,
    /// What of the identity explains it, the likeliest first.
    pub causes: Vec<CauseReport>,
    /// Commands that lead on.
    pub next: Vec<String>,
}

impl IdentityTryReport {
    /// The schema.
    pub const SCHEMA: &'static str = "keyward.identity-try/1";
}

/// An identity that was tried.
#[derive(Clone, Debug, Serialize)]
pub struct TriedIdentity {
    /// The store's path as typed.
    pub store: String,
    /// The alias as the store spells it.
    pub alias: String,
    /// The key, such as `RSA 2048 bit`.
    pub key: String,
    /// The chain, as it is in the store.
    pub chain: Vec<CertificateReport>,
}

/// What was sent in answer to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SentReport {
    /// Certificates; 0 is a Certificate message of length 0.
    pub certificates: usize,
    /// Bytes of the Certificate message, its header of four included.
    pub bytes: usize,
    /// What the key signed with.
    pub signature_algorithm: Option<Numbered>,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusalReport {
    /// What it complains of, a stable name.
    pub id: &'static str,
    /// The same as a sentence.
    pub message: String,
    /// The alert, where one came.
    pub alert: Option<Numbered>,
    /// How the connection ended.
    pub ended: String,
}

/// Something about the identity that explains a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CauseReport {
    /// A stable name.
    pub id: &'static str,
    /// A sentence.
    pub message: String,
}
