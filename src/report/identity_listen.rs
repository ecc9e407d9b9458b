//! What `identity listen` says: one JSON object a line.

use serde::Serialize;

use super::certificate::CertificateReport;
use super::client_auth::{ClientAuth, Numbered};
use super::fetch::ErrorReport;
use super::verdict::Verdict;

/// The first line: where clients may come, and what they are asked.
#[derive(Clone, Debug, Serialize)]
pub struct ListeningReport {
    /// `keyward.identity-listen/1`.
    pub schema: &'static str,
    /// `listening`.
    pub event: &'static str,
    /// The bound address, `127.0.0.1:4433`.
    pub address: String,
    /// The protocol versions that are spoken.
    pub protocols: Vec<&'static str>,
    /// What clients are asked, one for each version.
    pub client_auth: Vec<ClientAuth>,
    /// The target whose server this one is a double of.
    pub like: Option<String>,
    /// In what this one differs from it, sentences.
    pub differences: Vec<String>,
    /// The certificates that this server presents.
    pub server_chain: Vec<CertificateReport>,
    /// The file with the authority that a client has to trust, where one was written.
    pub ca_file: Option<String>,
}

/// A line for each connection.
#[derive(Clone, Debug, Serialize)]
pub struct ConnectionReport {
    /// `keyward.identity-listen/1`.
    pub schema: &'static str,
    /// `connection`.
    pub event: &'static str,
    /// The number of the connection, from 1.
    pub number: u64,
    /// The client's address.
    pub peer: String,
    /// The version that was agreed on.
    pub protocol: Option<String>,
    /// The suite's name in the registry of IANA.
    pub cipher_suite: Option<String>,
    /// The server name that the client asked for.
    pub sni: Option<String>,
    /// The application protocols that the client offers.
    pub alpn: Vec<String>,
    /// The signature algorithms that the client lists, in its order.
    pub signature_algorithms: Vec<Numbered>,
    /// `chain`; `none` (a Certificate message of length 0); `unknown`: the connection ended before it came.
    pub certificate: &'static str,
    /// What came, as it was sent.
    pub chain: Vec<CertificateReport>,
    /// Bytes of the Certificate message, its header of four included.
    pub bytes: Option<usize>,
    /// Whether the client showed that it holds the key: `proved`, `failed`, `not-judged`, `absent`.
    pub key_proof: &'static str,
    /// Whether a certificate of the chain is issued by one of the authorities that were listed; `None` where no chain
    /// came or no authority was listed.
    pub issuer_listed: Option<bool>,
    /// What several rule sets say of the chain with the authorities of `--ca`.
    pub verdicts: Vec<Verdict>,
    /// Whether the handshake was finished.
    pub finished: bool,
    /// What ended it before.
    pub ended: Option<ErrorReport>,
}

/// The last line.
#[derive(Clone, Debug, Serialize)]
pub struct EndReport {
    /// `keyward.identity-listen/1`.
    pub schema: &'static str,
    /// `end`.
    pub event: &'static str,
    /// Connections that were reported.
    pub connections: u64,
    /// `count` (those of `--count` have come), or `signal`.
    pub reason: &'static str,
}

/// The schema of each line.
pub const SCHEMA: &str = "keyward.identity-listen/1";
