//! The private key of an identity, as the TLS library signs with it.

use std::fmt;
use std::sync::Arc;

use ::aws_lc_rs::rand::SystemRandom;
use ::aws_lc_rs::rsa::KeyPair;
use ::aws_lc_rs::signature::{RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{Signer, SigningKey};
use rustls::{Error, SignatureAlgorithm, SignatureScheme};

use crate::format::asn1::Reader;
use crate::model::PrivateKey;
use crate::model::public_key::KeyAlgorithm;

#[cfg(test)]
mod tests;

/// Why keyward cannot sign with a key. A JVM or OpenSSL may be able to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnusableKey {
    /// An algorithm that the TLS library does not sign with: DSA, Ed448, an exotic curve.
    #[error("keyward does not sign with a key of {0}")]
    Algorithm(String),
    /// An RSA key that is too short for the TLS library, which wants 2048 bits at least.
    #[error("keyward does not sign with an RSA key of {0} bits, below 2048")]
    ShortRsa(u32),
    /// The numbers inside are no working key.
    #[error("the key of {0} does not work: its parts do not fit one another")]
    Broken(String),
}

/// Makes a key ready to sign.
pub(super) fn load(key: &PrivateKey) -> Result<Arc<dyn SigningKey>, UnusableKey> {
    let summary = key.key();
    let broken = || UnusableKey::Broken(summary.to_string());
    match &summary.algorithm {
        KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss => match summary.bits {
            Some(bits) if bits < 2048 => return Err(UnusableKey::ShortRsa(bits)),
            _ => {}
        },
        KeyAlgorithm::Ec
            if matches!(summary.curve.as_deref(), Some("secp256r1" | "secp384r1" | "secp521r1")) => {}
        KeyAlgorithm::Ed25519 => {}
        _ => return Err(UnusableKey::Algorithm(summary.to_string())),
    }
    if summary.algorithm == KeyAlgorithm::RsaPss {
        return RestrictedRsa::new(key).map(|key| Arc::new(key) as _).ok_or_else(broken);
    }
    let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.pkcs8()));
    aws_lc_rs::sign::any_supported_type(&der).map_err(|_| broken())
}

/// The schemes of a key that is restricted to PSS (RFC 8446 section 4.2.3), which the TLS library does not know.
const SCHEMES: [(u16, &dyn RsaEncoding); 3] =
    [(0x0809, &RSA_PSS_SHA256), (0x080a, &RSA_PSS_SHA384), (0x080b, &RSA_PSS_SHA512)];

/// An RSA key that is restricted to PSS (id-RSASSA-PSS).
struct RestrictedRsa(Arc<KeyPair>);

impl RestrictedRsa {
    fn new(key: &PrivateKey) -> Option<Self> {
        let mut fields = Reader::new(key.pkcs8()).sequence("PrivateKeyInfo").ok()?;
        fields.unsigned("version").ok()?;
        fields.sequence("algorithm").ok()?;
        let numbers = zeroize::Zeroizing::new(fields.octet_string("privateKey").ok()?.into_owned());
        KeyPair::from_der(&numbers).ok().map(|pair| Self(Arc::new(pair)))
    }
}

impl fmt::Debug for RestrictedRsa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RestrictedRsa(..)")
    }
}

impl SigningKey for RestrictedRsa {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let (scheme, encoding) = offered.iter().find_map(|offered| {
            let (_, encoding) = SCHEMES.iter().find(|(number, _)| *number == u16::from(*offered))?;
            Some((*offered, *encoding))
        })?;
        Some(Box::new(PssSigner { key: Arc::clone(&self.0), scheme, encoding }))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::RSA
    }
}

struct PssSigner {
    key: Arc<KeyPair>,
    scheme: SignatureScheme,
    encoding: &'static dyn RsaEncoding,
}

impl fmt::Debug for PssSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PssSigner({:?})", self.scheme)
    }
}

impl Signer for PssSigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(self.encoding, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| Error::General("the key does not sign".to_owned()))?;
        Ok(signature)
    }

    fn scheme(&self) -> SignatureScheme {
        self.scheme
    }
}
