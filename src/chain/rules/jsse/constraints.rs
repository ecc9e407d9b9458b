//! Algorithm constraints: `AlgorithmChecker` with `jdk.certpath.disabledAlgorithms`, and with the algorithms
//! that a TLS peer offers (`SSLAlgorithmConstraints`) less those of `jdk.tls.disabledAlgorithms`.

use std::fmt;

use super::name_text::java_text;
use super::security::{Setting, java_name as key_name};
use super::{Alert, Failure, Java, Phase, Stance};
use crate::model::Certificate;
use crate::model::certificate::KeyUsage;

/// Where a certificate stands in its path.
pub(super) struct Position<'a> {
    /// The one above: the anchor for the first.
    pub(super) issuer: &'a Certificate,
    /// Directly below the anchor.
    pub(super) first: bool,
    /// The anchor is one that the JDK ships.
    pub(super) jdk_ca: bool,
}

/// Signature algorithms that a JSSE client offers for certificates, TLS 1.2 and 1.3 together
/// (`sun.security.ssl.SignatureScheme`).
const OFFERED: [&str; 16] = [
    "SHA1withRSA",
    "SHA224withRSA",
    "SHA256withRSA",
    "SHA384withRSA",
    "SHA512withRSA",
    "RSASSA-PSS",
    "SHA1withECDSA",
    "SHA224withECDSA",
    "SHA256withECDSA",
    "SHA384withECDSA",
    "SHA512withECDSA",
    "SHA1withDSA",
    "SHA224withDSA",
    "SHA256withDSA",
    "Ed25519",
    "Ed448",
];

/// Schemes of TLS that stand for a signature algorithm of certificates alone: disabled by their name, they
/// are not offered.
const SCHEMES: [(&str, &str); 5] = [
    ("rsa_pkcs1_sha1", "SHA1withRSA"),
    ("ecdsa_sha1", "SHA1withECDSA"),
    ("dsa_sha1", "SHA1withDSA"),
    ("ed25519", "Ed25519"),
    ("ed448", "Ed448"),
];

/// The end of a message: the certificate in question, as text only where somebody is told.
struct UsedWith<'a>(&'a Certificate);

impl fmt::Display for UsedWith<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, " used with certificate: {}", java_text(self.0.subject()))
    }
}

/// The checker of the path validator itself.
pub(super) fn certificate_algorithms(
    certificate: &Certificate,
    position: &Position<'_>,
    stance: &Stance<'_>,
) -> Result<(), Failure> {
    let disabled = stance.security.certpath();
    let algorithm = java_name(certificate);
    let setting = Setting {
        key: certificate.key(),
        jdk_ca: position.jdk_ca,
        usage: stance.usage(),
        now: stance.now,
        tail: &UsedWith(certificate),
    };
    match stance.java {
        Java::V17 => {
            if disabled.names(algorithm) {
                return constrained(certificate, algorithm_text(algorithm));
            }
            check_usage_bits(certificate)?;
        }
        Java::V25 => {
            if position.first {
                let anchor = Setting { key: position.issuer.key(), tail: &".", ..setting };
                refused(position.issuer, disabled.refusal(None, &anchor))?;
            }
        }
    }
    refused(certificate, disabled.refusal(Some(algorithm), &setting))?;
    if stance.java == Java::V17 && !disabled.permits_key(position.issuer.key()) {
        return constrained(certificate, algorithm_text(algorithm));
    }
    Ok(())
}

/// The checker that JSSE adds: what was not offered is refused.
pub(super) fn tls_algorithms(
    certificate: &Certificate,
    position: &Position<'_>,
    stance: &Stance<'_>,
) -> Result<(), Failure> {
    let name = java_name(certificate);
    let disabled = stance.security.tls();
    let off = SCHEMES.iter().any(|(scheme, of)| *of == name && disabled.names_scheme(scheme));
    let offered = OFFERED.iter().any(|offered| offered.eq_ignore_ascii_case(name));
    let key = certificate.key();
    let bits = || key.bits.map_or_else(|| "-1".to_owned(), |bits| bits.to_string());
    if off || !offered || disabled.names(name) {
        if stance.java == Java::V17 || position.first {
            return constrained(certificate, algorithm_text(name));
        }
        let what = format!("{name}signature and {} key with size of {}bits", key.algorithm, bits());
        return constrained(certificate, format!("{CHECK_FAILED} {what}"));
    }
    check_usage_bits(certificate)?;
    if !disabled.permits_key(key) {
        let what = format!("{CHECK_FAILED} key {} with size of {}bits", key_name(&key.algorithm), bits());
        return constrained(certificate, what);
    }
    if !disabled.permits_key(position.issuer.key()) {
        return constrained(certificate, algorithm_text(name));
    }
    Ok(())
}

const CHECK_FAILED: &str = "Algorithm constraints check failed on";

fn algorithm_text(name: &str) -> String {
    format!("{CHECK_FAILED} signature algorithm: {name}")
}

fn refused(certificate: &Certificate, text: Option<String>) -> Result<(), Failure> {
    text.map_or(Ok(()), |text| constrained(certificate, text))
}

/// The name in the JVM's messages, which is [`crate::model::public_key::SignatureAlgorithm::name`].
pub(super) fn java_name(certificate: &Certificate) -> &str {
    &certificate.signature_algorithm().name
}

fn constrained(certificate: &Certificate, text: String) -> Result<(), Failure> {
    let id = if text.contains(" key") { "weak-key" } else { "weak-signature" };
    let upper = text.to_uppercase();
    // TLS 1.3 is taken for granted: it names another alert for these.
    let alert = if upper.contains("MD5WITH") || upper.contains("SHA1WITH") {
        Alert::BadCertificate
    } else {
        Alert::UnsupportedCertificate
    };
    Err(Failure::new(id, Phase::Validation, certificate, text).alert(alert))
}

/// Whether a key usage extension, where there is one, has any of its first seven bits.
pub(super) fn has_usage_bits(certificate: &Certificate) -> bool {
    certificate.key_usage().is_none_or(|KeyUsage(bits)| bits & 0x7f != 0)
}

fn check_usage_bits(certificate: &Certificate) -> Result<(), Failure> {
    if has_usage_bits(certificate) {
        return Ok(());
    }
    Err(Failure::new("no-usage", Phase::Validation, certificate, "incorrect KeyUsage extension bits"))
}
