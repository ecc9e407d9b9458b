//! Whether a certificate's signature was made with a given key (RFC 5280 section 6.1.3 (a)(1)).
//!
//! aws-lc-rs checks what TLS uses today. What it leaves out and operators still meet (MD5, SHA-224, RSA
//! below 1024 bit, unusual PSS parameters) is checked with the `rsa` crate, DSA with the `dsa` crate, Ed448 here; what
//! nothing here can check is said to be so, and never counted as bad.

mod dsa;
mod ed448;
mod rsa_legacy;

#[cfg(test)]
mod tests;

use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use x509_parser::prelude::{FromDer, SubjectPublicKeyInfo};

use crate::model::Certificate;
use crate::model::public_key::{KeyAlgorithm, PublicKey, SignatureAlgorithm};

/// Why a signature is not known to be good.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The key did not make this signature.
    #[error("the signature does not verify")]
    Bad,
    /// No judgement: the algorithm, or this use of it, is not implemented here.
    #[error("signatures with {0} cannot be checked here")]
    Unsupported(String),
    /// The certificate or the key contradicts itself.
    #[error("the signature cannot be checked: {0}")]
    Malformed(&'static str),
}

/// Checks the signature of `certificate` with the public key of its issuer.
///
/// As OpenJDK's `X509CertImpl` does at reading, a certificate whose inner and outer signature algorithm
/// differ is refused. Names, dates and the right of the key's owner to issue are not checked, nor whether
/// the algorithm is still to be trusted.
///
/// # Errors
///
/// [`SignatureError`]; only [`SignatureError::Unsupported`] leaves the question open.
pub fn verify(certificate: &Certificate, issuer_key: &PublicKey) -> Result<(), SignatureError> {
    if !certificate.signature_algorithms_agree() {
        return Err(SignatureError::Malformed("its inner and outer algorithm differ"));
    }
    let signed = Signed {
        data: certificate.tbs(),
        algorithm: certificate.signature_algorithm(),
        signature: certificate.signature(),
    };
    verify_signed(&signed, issuer_key)
}

/// Whether a signature of this algorithm is over a SHA-1 digest. RSASSA-PSS names its digest in the parameters, and where
/// it names none it is this one (RFC 4055 section 3.1).
pub(crate) fn rests_on_sha1(algorithm: &SignatureAlgorithm) -> bool {
    algorithm.digest == Some("SHA1")
        || (algorithm.name == "RSASSA-PSS" && rsa_legacy::pss_rests_on_sha1(algorithm))
}

/// Checks the signature of `certificate` as JDK 17 does, which reads over one zero octet behind an EdDSA signature:
/// its `EdDSAOperations` halves the signature whatever its length, and leading zeros of a number do not count. JDK 25
/// looks at the length first. All else is as in [`verify`].
///
/// # Errors
///
/// As [`verify`].
pub fn verify_as_java_17(certificate: &Certificate, issuer_key: &PublicKey) -> Result<(), SignatureError> {
    let algorithm = certificate.signature_algorithm();
    let length = match algorithm.name.as_str() {
        "Ed25519" => 64,
        "Ed448" => 114,
        _ => return verify(certificate, issuer_key),
    };
    match certificate.signature() {
        [signature @ .., 0] if signature.len() == length && certificate.signature_algorithms_agree() => {
            verify_signed(&Signed { data: certificate.tbs(), algorithm, signature }, issuer_key)
        }
        _ => verify(certificate, issuer_key),
    }
}

/// Something with a signature: a certificate, a CRL, an OCSP answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signed<'a> {
    /// The bytes that are signed.
    pub(crate) data: &'a [u8],
    /// How.
    pub(crate) algorithm: &'a SignatureAlgorithm,
    /// The signature's octets.
    pub(crate) signature: &'a [u8],
}

/// Checks a signature with a public key.
pub(crate) fn verify_signed(signed: &Signed<'_>, issuer_key: &PublicKey) -> Result<(), SignatureError> {
    let (_, spki) = SubjectPublicKeyInfo::from_der(&issuer_key.spki)
        .map_err(|_| SignatureError::Malformed("the issuer's public key is not readable"))?;
    let key = spki.subject_public_key.data.as_ref();
    let algorithm = signed.algorithm;
    let name = algorithm.name.as_str();
    match (&issuer_key.algorithm, name) {
        (KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss, "RSASSA-PSS") => rsa_legacy::verify_pss(signed, key),
        (KeyAlgorithm::Rsa, _) if name.ends_with("withRSA") => {
            match rsa_pkcs1(algorithm.digest, issuer_key.bits) {
                Some(fast) => check(fast, key, signed),
                None => rsa_legacy::verify_pkcs1(signed, key),
            }
        }
        (KeyAlgorithm::Ec, _) if name.ends_with("withECDSA") => {
            let curve = issuer_key.curve.as_deref().unwrap_or("an unnamed curve");
            let checker = ecdsa(curve, algorithm.digest)
                .ok_or_else(|| SignatureError::Unsupported(format!("{name} on {curve}")))?;
            check(checker, key, signed)
        }
        (KeyAlgorithm::Ed25519, "Ed25519") => check(&signature::ED25519, key, signed),
        (KeyAlgorithm::Ed448, "Ed448") => ed448::verify(signed, key),
        (KeyAlgorithm::Dsa, _) if name.ends_with("withDSA") => dsa::verify(signed, issuer_key),
        (KeyAlgorithm::Other(key), _) => Err(SignatureError::Unsupported(key.clone())),
        _ if algorithm.name == algorithm.oid => Err(SignatureError::Unsupported(name.to_owned())),
        // A known algorithm that belongs to another kind of key.
        _ => Err(SignatureError::Bad),
    }
}

/// Whether subject and issuer are the same name and the certificate's own key made its signature.
///
/// A signature that cannot be checked here counts as made by the own key where the key identifiers do not
/// deny it: there is no other use for such a certificate than as a root.
#[must_use]
pub fn is_self_signed(certificate: &Certificate) -> bool {
    if !certificate.is_self_issued() {
        return false;
    }
    match verify(certificate, certificate.key()) {
        Ok(()) => true,
        Err(SignatureError::Unsupported(_)) => {
            match (certificate.authority_key_id(), certificate.subject_key_id()) {
                (Some(authority), Some(subject)) => authority == subject,
                _ => true,
            }
        }
        Err(_) => false,
    }
}

fn check(
    algorithm: &'static dyn VerificationAlgorithm,
    key: &[u8],
    signed: &Signed<'_>,
) -> Result<(), SignatureError> {
    UnparsedPublicKey::new(algorithm, key)
        .verify(signed.data, signed.signature)
        .map_err(|_| SignatureError::Bad)
}

/// What aws-lc-rs takes; its own bounds on the modulus are 1024 or 2048, and 8192 bit.
fn rsa_pkcs1(digest: Option<&str>, bits: Option<u32>) -> Option<&'static dyn VerificationAlgorithm> {
    let bits = bits.filter(|bits| (1024..=8192).contains(bits))?;
    match digest? {
        "SHA1" => Some(&signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY),
        "SHA256" => Some(&signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
        "SHA384" if bits >= 2048 => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
        "SHA512" => Some(&signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY),
        _ => None,
    }
}

fn ecdsa(curve: &str, digest: Option<&str>) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (curve, digest?) {
        ("secp256r1", "SHA1") => &signature::ECDSA_P256_SHA1_ASN1,
        ("secp256r1", "SHA256") => &signature::ECDSA_P256_SHA256_ASN1,
        ("secp256r1", "SHA384") => &signature::ECDSA_P256_SHA384_ASN1,
        ("secp256r1", "SHA512") => &signature::ECDSA_P256_SHA512_ASN1,
        ("secp384r1", "SHA256") => &signature::ECDSA_P384_SHA256_ASN1,
        ("secp384r1", "SHA384") => &signature::ECDSA_P384_SHA384_ASN1,
        ("secp384r1", "SHA512") => &signature::ECDSA_P384_SHA512_ASN1,
        ("secp521r1", "SHA1") => &signature::ECDSA_P521_SHA1_ASN1,
        ("secp521r1", "SHA224") => &signature::ECDSA_P521_SHA224_ASN1,
        ("secp521r1", "SHA256") => &signature::ECDSA_P521_SHA256_ASN1,
        ("secp521r1", "SHA384") => &signature::ECDSA_P521_SHA384_ASN1,
        ("secp521r1", "SHA512") => &signature::ECDSA_P521_SHA512_ASN1,
        ("secp256k1", "SHA256") => &signature::ECDSA_P256K1_SHA256_ASN1,
        _ => return None,
    })
}
