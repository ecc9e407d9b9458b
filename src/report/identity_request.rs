//! What `identity request` says.

use serde::Serialize;

use super::certificate::CertificateReport;
use super::identity_build::IdentityKey;
use super::trust::Note;

/// The answer of `keyward identity request`, schema `keyward.identity-request/1`.
#[derive(Clone, Debug, Serialize)]
pub struct IdentityRequestReport {
    /// `keyward.identity-request/1`.
    pub schema: &'static str,
    /// The store's path, as given.
    pub store: String,
    /// `JKS`, `JCEKS` or `PKCS12`.
    pub format: String,
    /// The profile of a PKCS12 store that was made.
    pub profile: Option<&'static str>,
    /// The store was made by this call.
    pub created: bool,
    /// The alias as the store has it.
    pub alias: String,
    /// The key.
    pub key: IdentityKey,
    /// The subject that is asked for, RFC 4514.
    pub subject: String,
    /// The alternative names that are asked for, such as `DNS:example.org`.
    pub names: Vec<String>,
    /// The self-signed certificate that stands with the key until the reply comes.
    pub placeholder: CertificateReport,
    /// The file of the request, as given.
    pub csr: String,
    /// The request, PEM.
    pub request: String,
    /// Which password opens the key: `store`, or `own`.
    pub key_password: &'static str,
    /// What a user should know besides.
    pub notes: Vec<Note>,
    /// The command that installs the CA's reply.
    pub next: String,
}
