//! Signatures of requests and of placeholders.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair};

use super::PrivateKey;
use crate::model::public_key::KeyAlgorithm;

/// Why a key did not sign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// Keys of this kind do not sign here.
    #[error("{0} keys do not sign here")]
    Unsupported(String),
    /// The numbers of the key are refused.
    #[error("the key cannot sign: {0}")]
    Rejected(String),
}

/// `AlgorithmIdentifier`s: RFC 4055 section 5, RFC 5758 section 3.2, RFC 8410 section 3.
const SHA256_WITH_RSA: &[u8] = &[0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11, 5, 0];
const ECDSA_WITH_SHA256: &[u8] = &[0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const ECDSA_WITH_SHA384: &[u8] = &[0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3];
const ECDSA_WITH_SHA512: &[u8] = &[0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4];
const ED25519: &[u8] = &[0x30, 5, 6, 3, 0x2b, 0x65, 0x70];

impl PrivateKey {
    /// The `AlgorithmIdentifier` of [`PrivateKey::sign`]: SHA256withRSA, ECDSA with the hash of the curve's size,
    /// Ed25519, as keytool of JDK 17 takes them.
    ///
    /// # Errors
    ///
    /// [`SignError::Unsupported`].
    pub fn signature_algorithm(&self) -> Result<&'static [u8], SignError> {
        match (&self.summary.algorithm, self.summary.curve.as_deref()) {
            (KeyAlgorithm::Rsa, _) => Ok(SHA256_WITH_RSA),
            (KeyAlgorithm::Ec, Some("secp256r1")) => Ok(ECDSA_WITH_SHA256),
            (KeyAlgorithm::Ec, Some("secp384r1")) => Ok(ECDSA_WITH_SHA384),
            (KeyAlgorithm::Ec, Some("secp521r1")) => Ok(ECDSA_WITH_SHA512),
            (KeyAlgorithm::Ed25519, _) => Ok(ED25519),
            _ => Err(SignError::Unsupported(self.summary.to_string())),
        }
    }

    /// Signs a message; ECDSA takes its randomness from aws-lc-rs.
    ///
    /// # Errors
    ///
    /// [`SignError`].
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let algorithm = self.signature_algorithm()?;
        let random = SystemRandom::new();
        let failed = |_| SignError::Rejected("no signature came about".to_owned());
        let rejected = |error: aws_lc_rs::error::KeyRejected| SignError::Rejected(error.to_string());
        let ecdsa = match algorithm {
            SHA256_WITH_RSA => {
                let pair = RsaKeyPair::from_pkcs8(&self.pkcs8).map_err(rejected)?;
                let mut made = vec![0; pair.public_modulus_len()];
                pair.sign(&signature::RSA_PKCS1_SHA256, &random, message, &mut made).map_err(failed)?;
                return Ok(made);
            }
            ED25519 => {
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&self.pkcs8).map_err(rejected)?;
                return Ok(pair.sign(message).as_ref().to_vec());
            }
            ECDSA_WITH_SHA384 => &signature::ECDSA_P384_SHA384_ASN1_SIGNING,
            ECDSA_WITH_SHA512 => &signature::ECDSA_P521_SHA512_ASN1_SIGNING,
            _ => &signature::ECDSA_P256_SHA256_ASN1_SIGNING,
        };
        let pair = EcdsaKeyPair::from_pkcs8(ecdsa, &self.pkcs8).map_err(rejected)?;
        Ok(pair.sign(&random, message).map_err(failed)?.as_ref().to_vec())
    }
}
