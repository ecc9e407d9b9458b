//! What `inspect` says.

use serde::Serialize;
use sha1::{Digest, Sha1};

use super::certificate::{CertificateReport, rfc3339};
use super::fetch::ErrorReport;
use super::protection::{EncryptionReport, FileProtection};
use crate::model::hex;
use crate::model::key_store::EncodedCertificate;
use crate::model::public_key::KeyAlgorithm;
use crate::model::{CertificateRequest, Crl};

/// The answer of `keyward inspect`, schema `keyward.inspect/1`.
#[derive(Clone, Debug, Serialize)]
pub struct InspectReport {
    /// `keyward.inspect/1`.
    pub schema: &'static str,
    /// One for each file, in the order of the call.
    pub files: Vec<InspectedFile>,
}

impl InspectReport {
    /// A report of these files.
    #[must_use]
    pub fn new(files: Vec<InspectedFile>) -> Self {
        Self { schema: "keyward.inspect/1", files }
    }
}

/// One file.
#[derive(Clone, Debug, Serialize)]
pub struct InspectedFile {
    /// The path as given; `-` for standard input.
    pub path: String,
    /// `JKS`, `JCEKS`, `PKCS12`, `BKS`, `UBER`, `BCFKS`, `PKCS7`, `PEM`, `DER`, `base64`; `None` for anything
    /// else.
    pub format: Option<&'static str>,
    /// What protects the file; `None` for what is no keystore, and for one whose structure cannot be read.
    pub protection: Option<FileProtection>,
    /// Which JVMs can read the file; `None` where `protection` is.
    pub readers: Option<Readers>,
    /// All that is in it, in its order.
    pub entries: Vec<InspectedEntry>,
    /// `verified`, `none` (the file has no integrity check), `unchecked` (it has one, and no password was
    /// given or it cannot be read).
    pub integrity: &'static str,
    /// What a person should know besides.
    pub notes: Vec<FileNote>,
    /// Why the file, or a part of it, could not be read.
    pub error: Option<ErrorReport>,
}

impl InspectedFile {
    /// A file of which nothing is known but its path.
    #[must_use]
    pub fn new(path: String) -> Self {
        Self {
            path,
            format: None,
            protection: None,
            readers: None,
            entries: Vec::new(),
            integrity: "none",
            notes: Vec::new(),
            error: None,
        }
    }
}

/// Something about a file that is worth saying.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileNote {
    /// A stable name.
    pub id: &'static str,
    /// A sentence.
    pub message: String,
}

/// Which JVMs can read a keystore file, its password given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Readers {
    /// OpenJDK 17, measured.
    pub java17: Reader,
    /// Java 8 before 8u301, after its sources and CSR JDK-8267701; not measured. How keys are encrypted does
    /// not count here.
    pub java8: Reader,
}

/// Whether one JVM can read a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reader {
    /// `all`, `but-keys` (it lists the entries, and cannot open every key), `nothing`.
    pub reads: Reads,
    /// What it lacks.
    pub reasons: Vec<String>,
}

/// How much a JVM reads of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reads {
    /// Everything.
    #[default]
    All,
    /// The entries, but not every key.
    ButKeys,
    /// Nothing: loading fails.
    Nothing,
}

/// One entry of a keystore, or one object of another file.
#[derive(Clone, Debug, Serialize)]
pub struct InspectedEntry {
    /// The alias as the file spells it; `None` where the file gives none and Java makes none up.
    pub alias: Option<String>,
    /// Where it stands in a file that is no keystore, as `line 1` or `offset 0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// `private-key`, `trusted-certificate`, `certificate`, `secret-key`, `request`, `crl`, `public-key`,
    /// `other`.
    pub kind: &'static str,
    /// Whether a Java `KeyStore` shows it; `None` in a file that is no keystore.
    pub java_visible: Option<bool>,
    /// Why it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<&'static str>,
    /// When the file says that it was made. RFC 3339, UTC.
    pub created: Option<String>,
    /// A private key's chain, end entity first; the one certificate of a certificate's entry.
    pub chain: Vec<InspectedCertificate>,
    /// The key of a private, secret or public key.
    pub key: Option<InspectedKey>,
    /// What a certificate request asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestReport>,
    /// What a CRL says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crl: Option<CrlReport>,
    /// Why it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorReport>,
}

impl InspectedEntry {
    /// An entry of which only the kind is known.
    #[must_use]
    pub fn new(kind: &'static str) -> Self {
        Self {
            alias: None,
            place: None,
            kind,
            java_visible: None,
            hidden: None,
            created: None,
            chain: Vec::new(),
            key: None,
            request: None,
            crl: None,
            error: None,
        }
    }
}

/// A certificate with all that `inspect` shows of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InspectedCertificate {
    /// The `CERT` of `docs/json.md`.
    #[serde(flatten)]
    pub certificate: CertificateReport,
    /// SHA-1 of the DER, lower-case hex, to be compared with old runbooks.
    pub sha1: String,
    /// The names of the key usage bits (RFC 5280 section 4.2.1.3); `None` without the extension.
    pub key_usage: Option<Vec<&'static str>>,
    /// The purposes of the extended key usage, by name (`serverAuth`) or number; `None` without the extension.
    pub extended_key_usage: Option<Vec<String>>,
}

impl From<&EncodedCertificate> for InspectedCertificate {
    fn from(encoded: &EncodedCertificate) -> Self {
        let read = encoded.read().ok();
        let purposes = read.as_ref().and_then(|certificate| certificate.extended_key_usage());
        Self {
            certificate: match &read {
                Some(certificate) => certificate.into(),
                None => encoded.into(),
            },
            sha1: hex::lower(&Sha1::digest(&encoded.der)),
            key_usage: read
                .as_ref()
                .and_then(|certificate| certificate.key_usage())
                .map(|usage| usage.names().collect()),
            extended_key_usage: purposes.map(|all| all.iter().map(|oid| purpose(oid)).collect()),
        }
    }
}

/// A key, without its secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct InspectedKey {
    /// `RSA`, `EC`, `DSA`, `Ed25519`, `AES`, … or a dotted number; `None` for a key that was not opened.
    pub algorithm: Option<String>,
    /// Size in bits.
    pub bits: Option<u64>,
    /// The curve of an EC key.
    pub curve: Option<String>,
    /// SHA-256 of a private key's PKCS8 encoding, lower-case hex.
    pub pkcs8_sha256: Option<String>,
    /// SHA-256 of a public key's SubjectPublicKeyInfo, lower-case hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spki_sha256: Option<String>,
    /// How it is encrypted; `None` for a key in the clear.
    pub encryption: Option<EncryptionReport>,
    /// Whether the key belongs to the first certificate of its chain; in a file that is no keystore, to any
    /// certificate of the file. `None` where that cannot be told.
    pub fits_certificate: Option<bool>,
    /// Why it was not opened: `locked` without a password.
    pub error: Option<ErrorReport>,
}

impl InspectedKey {
    /// Algorithm and size as a person reads them; `None` for a key that was not opened.
    #[must_use]
    pub fn describe(&self) -> Option<String> {
        let algorithm = self.algorithm.as_deref()?;
        let fixed = matches!(algorithm, "Ed25519" | "Ed448");
        Some(match (&self.curve, self.bits) {
            (Some(curve), _) => format!("{algorithm} {curve}"),
            (None, Some(bits)) if !fixed => format!("{algorithm} {bits} bit"),
            _ => algorithm.to_owned(),
        })
    }

    pub(crate) fn with_size(algorithm: &KeyAlgorithm, bits: Option<u32>, curve: Option<&str>) -> Self {
        Self {
            algorithm: Some(algorithm.to_string()),
            bits: bits.map(u64::from),
            curve: curve.map(str::to_owned),
            ..Self::default()
        }
    }
}

/// A certificate request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestReport {
    /// SHA-256 of the DER, lower-case hex.
    pub sha256: String,
    /// RFC 4514.
    pub subject: String,
    /// The key that a certificate is asked for.
    pub key: String,
    /// The subject alternative names that are asked for.
    pub names: Vec<String>,
    /// Java's name of the signature algorithm.
    pub signature_algorithm: String,
}

impl From<&CertificateRequest> for RequestReport {
    fn from(request: &CertificateRequest) -> Self {
        Self {
            sha256: request.fingerprint().to_string(),
            subject: request.subject.rfc4514().to_owned(),
            key: request.key.to_string(),
            names: request.alternative_names.iter().map(ToString::to_string).collect(),
            signature_algorithm: request.signature_algorithm.name.clone(),
        }
    }
}

/// A certificate revocation list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CrlReport {
    /// SHA-256 of the DER, lower-case hex.
    pub sha256: String,
    /// RFC 4514.
    pub issuer: String,
    /// RFC 3339, UTC.
    pub this_update: String,
    /// RFC 3339, UTC.
    pub next_update: Option<String>,
    /// Lower-case hex of its octets.
    pub number: Option<String>,
    /// How many certificates it revokes.
    pub revoked: usize,
    /// Java's name of the signature algorithm.
    pub signature_algorithm: String,
}

impl From<&Crl> for CrlReport {
    fn from(crl: &Crl) -> Self {
        Self {
            sha256: crl.fingerprint().to_string(),
            issuer: crl.issuer.rfc4514().to_owned(),
            this_update: rfc3339(crl.this_update),
            next_update: crl.next_update.map(rfc3339),
            number: crl.number.as_ref().map(|number| hex::lower(number)),
            revoked: crl.revoked,
            signature_algorithm: crl.signature_algorithm.name.clone(),
        }
    }
}

/// The name of a purpose (RFC 5280 section 4.2.1.12), or its number.
fn purpose(oid: &str) -> String {
    let name = match oid {
        "2.5.29.37.0" => "anyExtendedKeyUsage",
        "1.3.6.1.5.5.7.3.1" => "serverAuth",
        "1.3.6.1.5.5.7.3.2" => "clientAuth",
        "1.3.6.1.5.5.7.3.3" => "codeSigning",
        "1.3.6.1.5.5.7.3.4" => "emailProtection",
        "1.3.6.1.5.5.7.3.8" => "timeStamping",
        "1.3.6.1.5.5.7.3.9" => "OCSPSigning",
        _ => oid,
    };
    name.to_owned()
}
