//! What `identity build` says.

use serde::Serialize;

use super::certificate::CertificateReport;
use super::trust::Note;

/// The answer of `keyward identity build`, schema `keyward.identity-build/1`.
#[derive(Clone, Debug, Serialize)]
pub struct IdentityBuildReport {
    /// `keyward.identity-build/1`.
    pub schema: &'static str,
    /// The store's path, as given.
    pub store: String,
    /// `JKS`, `JCEKS` or `PKCS12`.
    pub format: String,
    /// The profile of a PKCS12 store that was made.
    pub profile: Option<&'static str>,
    /// The file was made by this call.
    pub created: bool,
    /// The file was changed by this call.
    pub changed: bool,
    /// `added`, `replaced` or `unchanged`.
    pub action: &'static str,
    /// The alias as the store has it.
    pub alias: String,
    /// The key.
    pub key: IdentityKey,
    /// The chain in the store, end entity first.
    pub chain: Vec<ChainLink>,
    /// The root.
    pub root: RootReport,
    /// What the chain lacks, with `--allow-incomplete`.
    pub missing: Option<MissingIssuer>,
    /// Which password opens the key: `store`, or `own`.
    pub key_password: &'static str,
    /// What a user should know besides.
    pub notes: Vec<Note>,
    /// The command that says whether the identity is sound.
    pub next: String,
}

/// The key of an identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IdentityKey {
    /// Algorithm and size, such as `RSA 3072 bit` or `EC secp256r1`.
    pub key: String,
    /// SHA-1 of the public key's bits, lower-case hex; `None` where the public half cannot be had.
    pub identifier: Option<String>,
}

/// A certificate of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChainLink {
    /// The certificate.
    #[serde(flatten)]
    pub certificate: CertificateReport,
    /// Where it was found: a file or store as given, an address, or the name of a set of trust anchors.
    pub from: String,
}

/// What became of the root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RootReport {
    /// `omitted`, `included`, `self-signed` (the end entity has nobody above it) or `not-found`.
    pub state: &'static str,
    /// The root that was left out.
    pub certificate: Option<ChainLink>,
}

/// An issuer that was not found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissingIssuer {
    /// The subject of the certificate whose issuer it is, RFC 4514.
    pub of: String,
    /// Its own subject, RFC 4514.
    pub issuer: String,
}
