//! The signature schemes of a request as JSSE reads them (`sun.security.ssl.SignatureScheme`, `CertificateRequest`),
//! and the key types that come of them.

use x509_parser::prelude::{FromDer as _, SubjectPublicKeyInfo};
use x509_parser::signature_algorithm::RsaSsaPssParams;

use super::Abort;
use crate::chain::rules::jsse::Security;
use crate::chain::rules::jsse::client_chain::{SchemeNames, Scope, permits_scheme, permits_version};
use crate::model::public_key::{KeyAlgorithm, PublicKey};
use crate::model::{ClientAuthRequest, Name};

/// TLS 1.2.
pub(super) const TLS12: u16 = 0x0303;
/// TLS 1.3.
pub(super) const TLS13: u16 = 0x0304;

/// A signature scheme that OpenJDK knows.
#[derive(Debug)]
pub(super) struct Scheme {
    /// The number in the registry.
    pub(super) id: u16,
    /// Its names.
    pub(super) names: SchemeNames,
    /// The smallest RSA key that can sign with it.
    least_bits: u32,
    /// The digest and the octets of salt, of PSS.
    digest: Option<(&'static str, u32)>,
    /// Messages of TLS 1.3 may be signed with it.
    in_13: bool,
    /// Certificates in TLS 1.3 may be signed with it.
    in_certificates_13: bool,
    /// Up to TLS 1.2 only from 1.2 on.
    from_12: bool,
}

const fn scheme(id: u16, names: (&'static str, &'static str, &'static str)) -> Scheme {
    let (scheme, key, algorithm) = names;
    Scheme {
        id,
        names: SchemeNames { scheme, key, algorithm, group: None },
        least_bits: 0,
        digest: None,
        in_13: false,
        in_certificates_13: false,
        from_12: false,
    }
}

const fn ecdsa(id: u16, name: &'static str, algorithm: &'static str, group: &'static str) -> Scheme {
    let names = SchemeNames { scheme: name, key: "EC", algorithm, group: Some(group) };
    Scheme { names, in_13: true, in_certificates_13: true, ..scheme(id, ("", "", "")) }
}

const fn eddsa(id: u16, name: &'static str, algorithm: &'static str) -> Scheme {
    Scheme { in_13: true, in_certificates_13: true, from_12: true, ..scheme(id, (name, "EdDSA", algorithm)) }
}

const fn pss(
    id: u16,
    name: &'static str,
    key: &'static str,
    least_bits: u32,
    digest: (&'static str, u32),
) -> Scheme {
    Scheme {
        least_bits,
        digest: Some(digest),
        in_13: true,
        in_certificates_13: true,
        from_12: true,
        ..scheme(id, (name, key, "RSASSA-PSS"))
    }
}

const fn pkcs1(id: u16, name: &'static str, algorithm: &'static str, least_bits: u32, in_13: bool) -> Scheme {
    Scheme { least_bits, in_certificates_13: in_13, ..scheme(id, (name, "RSA", algorithm)) }
}

/// NIST's numbers of digests.
const SHA256: (&str, u32) = ("2.16.840.1.101.3.4.2.1", 32);
const SHA384: (&str, u32) = ("2.16.840.1.101.3.4.2.2", 48);
const SHA512: (&str, u32) = ("2.16.840.1.101.3.4.2.3", 64);

/// The schemes of OpenJDK 17 and 25.
static SCHEMES: [Scheme; 22] = [
    ecdsa(0x0403, "ecdsa_secp256r1_sha256", "SHA256withECDSA", "secp256r1"),
    ecdsa(0x0503, "ecdsa_secp384r1_sha384", "SHA384withECDSA", "secp384r1"),
    ecdsa(0x0603, "ecdsa_secp521r1_sha512", "SHA512withECDSA", "secp521r1"),
    eddsa(0x0807, "ed25519", "Ed25519"),
    eddsa(0x0808, "ed448", "Ed448"),
    pss(0x0804, "rsa_pss_rsae_sha256", "RSA", 528, SHA256),
    pss(0x0805, "rsa_pss_rsae_sha384", "RSA", 784, SHA384),
    pss(0x0806, "rsa_pss_rsae_sha512", "RSA", 1040, SHA512),
    pss(0x0809, "rsa_pss_pss_sha256", "RSASSA-PSS", 528, SHA256),
    pss(0x080a, "rsa_pss_pss_sha384", "RSASSA-PSS", 784, SHA384),
    pss(0x080b, "rsa_pss_pss_sha512", "RSASSA-PSS", 1040, SHA512),
    pkcs1(0x0401, "rsa_pkcs1_sha256", "SHA256withRSA", 511, true),
    pkcs1(0x0501, "rsa_pkcs1_sha384", "SHA384withRSA", 768, true),
    pkcs1(0x0601, "rsa_pkcs1_sha512", "SHA512withRSA", 768, true),
    scheme(0x0402, ("dsa_sha256", "DSA", "SHA256withDSA")),
    scheme(0x0303, ("ecdsa_sha224", "EC", "SHA224withECDSA")),
    pkcs1(0x0301, "rsa_sha224", "SHA224withRSA", 511, false),
    scheme(0x0302, ("dsa_sha224", "DSA", "SHA224withDSA")),
    Scheme { in_certificates_13: true, ..scheme(0x0203, ("ecdsa_sha1", "EC", "SHA1withECDSA")) },
    pkcs1(0x0201, "rsa_pkcs1_sha1", "SHA1withRSA", 511, true),
    scheme(0x0202, ("dsa_sha1", "DSA", "SHA1withDSA")),
    pkcs1(0x0101, "rsa_md5", "MD5withRSA", 511, false),
];

/// What a JVM makes of a request.
#[derive(Debug)]
pub(super) struct Asked {
    /// The key algorithms that it asks its key manager for, in this order.
    pub(super) key_types: Vec<&'static str>,
    /// What messages may be signed with; `None` before TLS 1.2.
    handshake: Option<Vec<&'static Scheme>>,
    /// What the server takes in certificates, by JCA names; `None` before TLS 1.2.
    pub(super) certificates: Option<Vec<&'static str>>,
    /// The names of the authorities; empty where all will do.
    pub(super) authorities: Vec<Name>,
}

/// Reads a request as a JVM does.
pub(super) fn asked(request: &ClientAuthRequest, security: &Security) -> Result<Asked, Abort> {
    let version = request.version;
    if !version_name(version).is_some_and(|name| permits_version(security, name)) {
        return Err(Abort::Version(version));
    }
    let names = request.authorities.iter().map(|der| Name::from_der(der));
    let authorities = names.collect::<Option<Vec<Name>>>().ok_or(Abort::Authorities);
    // In TLS 1.3 they are an extension, and extensions are read before any is acted on.
    let authorities = if version == TLS13 { Ok(authorities?) } else { authorities };
    let by_type = types(&request.types);
    if version < TLS12 {
        return Ok(Asked {
            key_types: by_type,
            handshake: None,
            certificates: None,
            authorities: authorities?,
        });
    }
    let Some(asked) = &request.signature_algorithms else { return Err(Abort::NoSignatureAlgorithms) };
    let taken = |ids: &[u16], scope| -> Vec<&'static Scheme> {
        let known = ids.iter().filter_map(|id| SCHEMES.iter().find(|scheme| scheme.id == *id));
        known.filter(|scheme| scheme.is_allowed(version, scope, security)).collect()
    };
    let handshake = taken(asked, Scope::Handshake);
    let apart = request.signature_algorithms_cert.as_ref().filter(|_| version == TLS13);
    let certificates = taken(apart.unwrap_or(asked), Scope::Certificate);
    if handshake.is_empty() || (apart.is_none() && certificates.is_empty()) {
        return Err(Abort::NoSignatureAlgorithms);
    }
    let mut key_types: Vec<&'static str> = Vec::new();
    for scheme in &certificates {
        let key = scheme.names.key;
        let by_message = handshake.iter().any(|scheme| scheme.names.key == key);
        let wanted =
            version == TLS13 || by_type.contains(&key) || (key == "RSASSA-PSS" && by_type.contains(&"RSA"));
        if by_message && wanted && !key_types.contains(&key) {
            key_types.push(key);
        }
    }
    Ok(Asked {
        key_types,
        handshake: Some(handshake),
        certificates: Some(certificates.iter().map(|scheme| scheme.names.algorithm).collect()),
        authorities: authorities?,
    })
}

impl Asked {
    /// The scheme with which a key signs the CertificateVerify message: the number, `None` within where the version
    /// has no such choice; an error where none will do (`getSignerOfPreferableAlgorithm`).
    pub(super) fn signs_with(&self, key: &PublicKey) -> Result<Option<u16>, ()> {
        match &self.handshake {
            None => Ok(None),
            Some(schemes) => {
                schemes.iter().find(|scheme| scheme.fits(key)).map(|scheme| Some(scheme.id)).ok_or(())
            }
        }
    }
}

impl Scheme {
    fn is_allowed(&self, version: u16, scope: Scope, security: &Security) -> bool {
        let in_version = match (version, scope) {
            (TLS13, Scope::Handshake) => self.in_13,
            (TLS13, Scope::Certificate) => self.in_certificates_13,
            (TLS12, _) => true,
            _ => !self.from_12,
        };
        in_version && permits_scheme(security, &self.names, scope)
    }

    fn fits(&self, key: &PublicKey) -> bool {
        let algorithm = match &key.algorithm {
            KeyAlgorithm::Rsa => "RSA",
            KeyAlgorithm::RsaPss => "RSASSA-PSS",
            KeyAlgorithm::Ec => "EC",
            KeyAlgorithm::Dsa => "DSA",
            // The signature takes keys of its own curve only.
            KeyAlgorithm::Ed25519 => return self.names.algorithm == "Ed25519",
            KeyAlgorithm::Ed448 => return self.names.algorithm == "Ed448",
            KeyAlgorithm::Other(_) => return false,
        };
        let curve = || match self.names.group {
            Some(group) => key.curve.as_deref() == Some(group),
            // Of an older scheme: one of the groups that a JVM offers.
            None => matches!(key.curve.as_deref(), Some("secp256r1" | "secp384r1" | "secp521r1")),
        };
        algorithm == self.names.key
            && (algorithm != "EC" || curve())
            && key.bits.is_none_or(|bits| bits >= self.least_bits)
            && (algorithm != "RSASSA-PSS" || self.fits_restriction(key))
    }

    /// Whether the parameters of an RSASSA-PSS key leave room for the scheme (`RSAPSSSignature.isCompatible`).
    fn fits_restriction(&self, key: &PublicKey) -> bool {
        let Some((digest, salt)) = self.digest else { return true };
        let Ok((_, info)) = SubjectPublicKeyInfo::from_der(&key.spki) else { return true };
        let Some(parameters) = info.algorithm.parameters.as_ref() else { return true };
        let Ok(restriction) = RsaSsaPssParams::try_from(parameters) else { return true };
        let mask = restriction.mask_gen_algorithm().ok().and_then(|mask| {
            let digest = mask.hash.to_id_string();
            (mask.mgf.to_id_string() == "1.2.840.113549.1.1.8").then_some(digest)
        });
        restriction.salt_length() <= salt
            && restriction.hash_algorithm_oid().to_id_string() == digest
            && mask.as_deref() == Some(digest)
    }
}

/// The key algorithms of certificate types (`ClientCertificateType`).
fn types(ids: &[u8]) -> Vec<&'static str> {
    let mut all: Vec<&'static str> = Vec::new();
    for id in ids {
        let keys: &[&'static str] = match id {
            1 => &["RSA"],
            2 => &["DSA"],
            64 => &["EC", "EdDSA"],
            _ => &[],
        };
        for key in keys {
            if !all.contains(key) {
                all.push(key);
            }
        }
    }
    all
}

/// A version as `jdk.tls.disabledAlgorithms` calls it.
fn version_name(version: u16) -> Option<&'static str> {
    match version {
        0x0301 => Some("TLSv1"),
        0x0302 => Some("TLSv1.1"),
        TLS12 => Some("TLSv1.2"),
        TLS13 => Some("TLSv1.3"),
        _ => None,
    }
}
