//! What a JVM's TLS client asks of the algorithms of its own chain before it sends it (`AlgorithmChecker` with
//! `SSLAlgorithmConstraints`), and which signature schemes of a request it takes at all (`SignatureScheme`).

use time::OffsetDateTime;

use super::Java;
use super::constraints::{has_usage_bits, java_name};
use super::security::{Disabled, Security, Setting, java_name as key_name};
use crate::model::Certificate;
use crate::model::public_key::KeyAlgorithm;

/// What a signature is for: the `SSLScope` of JSSE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Messages of the handshake.
    Handshake,
    /// Certificates.
    Certificate,
}

/// A signature scheme as the constraints see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SchemeNames {
    /// As in the registry: `rsa_pss_rsae_sha256`.
    pub(crate) scheme: &'static str,
    /// The algorithm of its keys: `RSA`.
    pub(crate) key: &'static str,
    /// The signature algorithm of JCA: `RSASSA-PSS`.
    pub(crate) algorithm: &'static str,
    /// The curve that it is bound to.
    pub(crate) group: Option<&'static str>,
}

/// Whether the security properties leave a scheme (`SignatureScheme.isPermitted`).
pub(crate) fn permits_scheme(security: &Security, names: &SchemeNames, scope: Scope) -> bool {
    let usage = match scope {
        Scope::Handshake => "HandshakeSignature",
        Scope::Certificate => "CertificateSignature",
    };
    let all = [Some(names.scheme), Some(names.key), Some(names.algorithm)];
    let in_scope = all.iter().flatten().all(|algorithm| !security.tls().disables_usage(algorithm, usage));
    // The group's own algorithm is `EC`, which is the key's.
    let by_name = all
        .iter()
        .chain([&names.group])
        .flatten()
        .all(|algorithm| !security.tls().names(algorithm) && !security.certpath().names(algorithm));
    in_scope && by_name
}

/// Whether the security properties leave a version of the protocol: `TLSv1.1`.
pub(crate) fn permits_version(security: &Security, version: &str) -> bool {
    !security.tls().names_scheme(version)
}

/// `Key.getAlgorithm` of a public key: `RSA`, `EdDSA`.
pub(crate) fn key_algorithm(algorithm: &KeyAlgorithm) -> String {
    key_name(algorithm)
}

/// The first certificate, from the top of the chain down, that the `PKIX` key manager does not want to send, and
/// why, as what comes after its name in a sentence. `peer` holds the signature algorithms that the server takes in
/// certificates by their JCA names; `None` before TLS 1.2, where nothing is said of them.
pub(crate) fn refusal<'a>(
    chain: &'a [Certificate],
    peer: Option<&[&str]>,
    now: OffsetDateTime,
    java: Java,
    security: &Security,
) -> Option<(&'a Certificate, String)> {
    let mut issuer: Option<&Certificate> = None;
    for certificate in chain.iter().rev() {
        let found = certificate_refusal(certificate, issuer, peer, now, java, security);
        if let Some(text) = found {
            return Some((certificate, text));
        }
        issuer = Some(certificate);
    }
    None
}

fn certificate_refusal(
    certificate: &Certificate,
    issuer: Option<&Certificate>,
    peer: Option<&[&str]>,
    now: OffsetDateTime,
    java: Java,
    security: &Security,
) -> Option<String> {
    let name = java_name(certificate);
    let taken = peer.is_none_or(|peer| peer.iter().any(|algorithm| algorithm.eq_ignore_ascii_case(name)));
    if !taken {
        return Some(format!("is signed with {name}, which the server does not list for certificates"));
    }
    let properties = [
        ("jdk.tls.disabledAlgorithms", security.tls()),
        ("jdk.certpath.disabledAlgorithms", security.certpath()),
    ];
    for (property, disabled) in properties {
        if disabled.names(name) {
            return Some(format!("is signed with {name}, which {property} disables"));
        }
    }
    if !has_usage_bits(certificate) {
        return Some("has a key usage extension that allows nothing".to_owned());
    }
    // JDK 25 asks this only where the properties are all the constraints there are.
    if java == Java::V17
        && let Some(text) = certpath_refusal(certificate, name, security.certpath(), now)
    {
        return Some(text);
    }
    for (property, disabled) in properties {
        if !disabled.permits_key(certificate.key()) {
            return Some(format!("has the key {}, which {property} disables", certificate.key()));
        }
    }
    // Such a key takes its parameters from the one above.
    let without_parameters = |key: &crate::model::PublicKey| key.bits.is_none();
    let dsa = |certificate: &Certificate| certificate.key().algorithm == KeyAlgorithm::Dsa;
    match issuer {
        Some(issuer) if dsa(certificate) && without_parameters(certificate.key()) && !dsa(issuer) => {
            Some("has a DSA key without parameters, and the one above it has none either".to_owned())
        }
        _ => None,
    }
}

fn certpath_refusal(
    certificate: &Certificate,
    name: &str,
    disabled: &Disabled,
    now: OffsetDateTime,
) -> Option<String> {
    let setting = Setting { key: certificate.key(), jdk_ca: false, usage: "tlsclient", now, tail: &"" };
    disabled
        .refusal(Some(name), &setting)
        .map(|text| format!("is refused by jdk.certpath.disabledAlgorithms: {text}"))
}
