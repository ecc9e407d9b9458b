//! Signatures over TLS handshakes (RFC 8446 section 4.4.3, RFC 5246 sections 7.4.3 and 7.4.8).

use aws_lc_rs::signature::{self as algorithms, UnparsedPublicKey, VerificationAlgorithm};

use super::{KeyAlgorithm, PublicKey};

impl PublicKey {
    /// Whether a signature by a scheme (its number in the registry of TLS) verifies with this key; `None` where key
    /// and scheme are of a kind that is not verified here (Ed448, RSA below 2048 bits with PSS, DSA).
    #[must_use]
    pub fn verifies_handshake(&self, scheme: u16, message: &[u8], signature: &[u8]) -> Option<bool> {
        let algorithm = algorithm(self, scheme)?;
        Some(UnparsedPublicKey::new(algorithm, &self.spki).verify(message, signature).is_ok())
    }
}

/// The algorithm for a scheme and a key. In TLS 1.2 an ECDSA scheme names the digest only, and the curve
/// is the key's.
fn algorithm(key: &PublicKey, scheme: u16) -> Option<&'static dyn VerificationAlgorithm> {
    let rsa = matches!(key.algorithm, KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss);
    let long = key.bits.is_some_and(|bits| bits >= 2048);
    Some(match (scheme, key.curve.as_deref()) {
        (0x0201, _) if rsa => &algorithms::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        (0x0401, _) if rsa => &algorithms::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        (0x0501, _) if rsa && long => &algorithms::RSA_PKCS1_2048_8192_SHA384,
        (0x0601, _) if rsa => &algorithms::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        (0x0804 | 0x0809, _) if rsa && long => &algorithms::RSA_PSS_2048_8192_SHA256,
        (0x0805 | 0x080a, _) if rsa && long => &algorithms::RSA_PSS_2048_8192_SHA384,
        (0x0806 | 0x080b, _) if rsa && long => &algorithms::RSA_PSS_2048_8192_SHA512,
        (0x0403, Some("secp256r1")) => &algorithms::ECDSA_P256_SHA256_ASN1,
        (0x0503, Some("secp256r1")) => &algorithms::ECDSA_P256_SHA384_ASN1,
        (0x0603, Some("secp256r1")) => &algorithms::ECDSA_P256_SHA512_ASN1,
        (0x0203, Some("secp256r1")) => &algorithms::ECDSA_P256_SHA1_ASN1,
        (0x0403, Some("secp384r1")) => &algorithms::ECDSA_P384_SHA256_ASN1,
        (0x0503, Some("secp384r1")) => &algorithms::ECDSA_P384_SHA384_ASN1,
        (0x0603, Some("secp384r1")) => &algorithms::ECDSA_P384_SHA512_ASN1,
        (0x0403, Some("secp521r1")) => &algorithms::ECDSA_P521_SHA256_ASN1,
        (0x0503, Some("secp521r1")) => &algorithms::ECDSA_P521_SHA384_ASN1,
        (0x0603, Some("secp521r1")) => &algorithms::ECDSA_P521_SHA512_ASN1,
        (0x0203, Some("secp521r1")) => &algorithms::ECDSA_P521_SHA1_ASN1,
        (0x0403, Some("secp256k1")) => &algorithms::ECDSA_P256K1_SHA256_ASN1,
        (0x0807, _) if key.algorithm == KeyAlgorithm::Ed25519 => &algorithms::ED25519,
        _ => return None,
    })
}
