//! What `identity explain` says.

use serde::Serialize;

use super::client_auth::ClientAuth;

/// Which identity a JVM sends to a server: `keyward.identity-explain/1`.
#[derive(Clone, Debug, Serialize)]
pub struct IdentityExplainReport {
    /// [`Self::SCHEMA`].
    pub schema: &'static str,
    /// The store, as it was named.
    pub store: String,
    /// The alias that was asked about; `None` for all.
    pub alias: Option<String>,
    /// The server, or the file with its request.
    pub request: String,
    /// What the server asks.
    pub client_auth: ClientAuth,
    /// The key types that a JVM with the default properties takes out of that, in order.
    pub key_types: Vec<&'static str>,
    /// The aliases of the store's identities, in the order in which a JVM lists them.
    pub aliases: Vec<String>,
    /// One for each manager and release, the default manager first. Empty where the server asks for nothing.
    pub choices: Vec<ChoiceReport>,
    /// The alias that the default manager sends.
    pub sent: Option<String>,
    /// The last line of the text: what is sent, or what comes of it that nothing is.
    pub conclusion: String,
    /// What may spoil it although it is sent.
    pub reservations: Vec<String>,
    /// The command that repairs what keeps the best identity from being sent.
    pub fix: Option<String>,
}

impl IdentityExplainReport {
    /// The schema's name.
    pub const SCHEMA: &'static str = "keyward.identity-explain/1";
}

/// What one key manager of one release does.
#[derive(Clone, Debug, Serialize)]
pub struct ChoiceReport {
    /// `SunX509` or `PKIX`.
    pub manager: &'static str,
    /// The feature release of OpenJDK.
    pub java: u8,
    /// The alias whose chain is sent.
    pub alias: Option<String>,
    /// `sent`, `empty`, `aborted` or `no-key-manager`.
    pub outcome: &'static str,
    /// The scheme of CertificateVerify, where one is sent.
    pub signature_algorithm: Option<String>,
    /// What the application gets to see at once, where it does.
    pub exception: Option<String>,
    /// The identities that are not sent.
    pub rejected: Vec<RejectedReport>,
}

/// An identity that is not sent.
#[derive(Clone, Debug, Serialize)]
pub struct RejectedReport {
    /// Its alias, as the store spells it.
    pub alias: String,
    /// The first test that it did not pass.
    pub test: &'static str,
    /// What happened there.
    pub message: String,
    /// The command that repairs it, where there is one.
    pub fix: Option<String>,
}
