//! Algorithm constraints: `AlgorithmChecker` with `jdk.certpath.disabledAlgorithms`, and with the algorithms
//! that a TLS client offers (`SSLAlgorithmConstraints`), both as OpenJDK 17 and 25 ship them:
//! `MD2, MD5, RSA keySize < 1024, DSA keySize < 1024, EC keySize < 224` and `SHA1 jdkCA & usage TLSServer`,
//! the last of which needs the JDK's own `cacerts` and is not judged.

use super::name_text::java_text;
use super::{Alert, Failure, Java, Phase};
use crate::model::Certificate;
use crate::model::certificate::KeyUsage;
use crate::model::public_key::{KeyAlgorithm, PublicKey};

/// Where a certificate stands in its path.
pub(super) struct Position<'a> {
    /// The one above: the anchor for the first.
    pub(super) issuer: &'a Certificate,
    /// Directly below the anchor.
    pub(super) first: bool,
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

/// The checker of the path validator itself.
pub(super) fn certificate_algorithms(
    certificate: &Certificate,
    position: &Position<'_>,
    java: Java,
) -> Result<(), Failure> {
    let algorithm = certificate.signature_algorithm();
    let disabled = algorithm.digest.filter(|digest| matches!(*digest, "MD2" | "MD5"));
    let used = || format!(" used with certificate: {}", java_text(certificate.subject()));
    match java {
        Java::V17 => {
            if disabled.is_some() {
                return constrained(certificate, format!("signature algorithm: {}", java_name(certificate)));
            }
            check_usage_bits(certificate)?;
        }
        Java::V25 => {
            if let Some((name, bits)) = too_small(position.issuer.key()).filter(|_| position.first) {
                return constrained(position.issuer, format!("keysize limits: {name} {bits} bit key."));
            }
            if let Some(digest) = disabled {
                return constrained(certificate, format!("disabled algorithm: {digest}{}", used()));
            }
        }
    }
    if let Some((name, bits)) = too_small(certificate.key()) {
        return constrained(certificate, format!("keysize limits: {name} {bits} bit key{}", used()));
    }
    if java == Java::V17 && too_small(position.issuer.key()).is_some() {
        return constrained(certificate, format!("signature algorithm: {}", java_name(certificate)));
    }
    Ok(())
}

/// The checker that JSSE adds: what the client did not offer is refused.
pub(super) fn tls_algorithms(
    certificate: &Certificate,
    position: &Position<'_>,
    java: Java,
) -> Result<(), Failure> {
    let name = java_name(certificate);
    if !OFFERED.iter().any(|offered| offered.eq_ignore_ascii_case(name)) {
        let key = certificate.key();
        let what = if java == Java::V17 || position.first {
            format!("signature algorithm: {name}")
        } else {
            let bits = key.bits.map_or_else(|| "-1".to_owned(), |bits| bits.to_string());
            format!("{name}signature and {} key with size of {bits}bits", key.algorithm)
        };
        return constrained(certificate, what);
    }
    check_usage_bits(certificate)
}

/// The name in the JVM's messages, which is [`crate::model::public_key::SignatureAlgorithm::name`].
fn java_name(certificate: &Certificate) -> &str {
    &certificate.signature_algorithm().name
}

fn constrained(certificate: &Certificate, what: String) -> Result<(), Failure> {
    let id = if what.starts_with("keysize") { "weak-key" } else { "weak-signature" };
    let text = format!("Algorithm constraints check failed on {what}");
    let upper = text.to_uppercase();
    // TLS 1.3 is taken for granted: it names another alert for these.
    let alert = if upper.contains("MD5WITH") || upper.contains("SHA1WITH") {
        Alert::BadCertificate
    } else {
        Alert::UnsupportedCertificate
    };
    Err(Failure::new(id, Phase::Validation, certificate, text).alert(alert))
}

/// A key usage extension without any of its first seven bits.
fn check_usage_bits(certificate: &Certificate) -> Result<(), Failure> {
    match certificate.key_usage() {
        Some(KeyUsage(bits)) if bits & 0x7f == 0 => {
            Err(Failure::new("no-usage", Phase::Validation, certificate, "incorrect KeyUsage extension bits"))
        }
        _ => Ok(()),
    }
}

fn too_small(key: &PublicKey) -> Option<(&'static str, u32)> {
    let (name, least) = match key.algorithm {
        KeyAlgorithm::Rsa => ("RSA", 1024),
        KeyAlgorithm::Dsa => ("DSA", 1024),
        KeyAlgorithm::Ec => ("EC", 224),
        _ => return None,
    };
    key.bits.filter(|&bits| bits < least).map(|bits| (name, bits))
}
