//! What protects a key, in a keystore or in a file of its own.

use super::pfx::Scheme;

/// What protects one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyProtection {
    /// Nothing: the key stands in the clear.
    None,
    /// `sun.security.provider.KeyProtector`: a key stream of chained SHA-1.
    Jks,
    /// `com.sun.crypto.provider.KeyProtector` and JCEKS's sealed objects: PBEWithMD5AndTripleDES.
    Jceks {
        /// Iterations of its key derivation; `None` where they stand inside a sealed object.
        iterations: Option<u64>,
    },
    /// A password-based scheme of PKCS5 or PKCS12.
    Scheme(Scheme),
    /// The encryption of PEM blocks by OpenSSL (RFC 1421 headers): one round of MD5, and a cipher by its
    /// name there.
    Pem {
        /// `AES-256-CBC`, `DES-EDE3-CBC` and the like.
        cipher: String,
    },
    /// One that keyward does not do, by its name or number.
    Other(String),
}
