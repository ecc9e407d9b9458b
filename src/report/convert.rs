//! What `keyward convert` says.

use serde::Serialize;

use super::certificate::CertificateReport;
use super::trust::Note;

/// The answer of `keyward convert`, schema `keyward.convert/1`.
#[derive(Clone, Debug, Serialize)]
pub struct ConvertReport {
    /// `keyward.convert/1`.
    pub schema: &'static str,
    /// The path of what was written, as given.
    pub output: String,
    /// `PEM`, `DER`, `P7B`, `JKS`, `JCEKS` or `PKCS12`.
    pub format: &'static str,
    /// The profile of a PKCS12 store.
    pub profile: Option<&'static str>,
    /// There was no file before.
    pub created: bool,
    /// What was written, in its order.
    pub entries: Vec<ConvertedEntry>,
    /// What was left out or changed, which takes `--lossy`.
    pub losses: Vec<Loss>,
    /// What should be known besides.
    pub notes: Vec<Note>,
}

/// One thing that was written.
#[derive(Clone, Debug, Serialize)]
pub struct ConvertedEntry {
    /// The alias that it has in a store; in a file it would be this one.
    pub alias: String,
    /// `private-key`, `trusted-certificate`, `secret-key`, `certificate`, `crl` or `other`.
    pub kind: &'static str,
    /// The input that it comes from, as given.
    pub input: String,
    /// The key, of entries with one.
    pub key: Option<ConvertedKey>,
    /// A private key's chain, end entity first; the certificate of others.
    pub chain: Vec<CertificateReport>,
}

/// A key that was written.
#[derive(Clone, Debug, Serialize)]
pub struct ConvertedKey {
    /// Such as `RSA`, `EC`, `AES`.
    pub algorithm: String,
    /// The size in bits, where it is known.
    pub bits: Option<u32>,
    /// SHA-256 of a private key's PKCS8 encoding, lower-case hex.
    pub pkcs8_sha256: Option<String>,
}

/// Something that a target cannot hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// `secret-key`, `private-key`, `bag`, `untrusted-certificate`, `certificate-type`, `no-certificate`,
    /// `chain`, `alias`, `der-holds-one` or `damaged`.
    pub id: &'static str,
    /// The input, as given.
    pub input: String,
    /// The alias in the input; empty where it has none.
    pub alias: String,
    /// A sentence.
    pub message: String,
}
