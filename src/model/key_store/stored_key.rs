//! A key as a keystore holds it, and what protects it.

use std::fmt;

use super::pfx::Scheme;

/// The bytes of one key in a store, borrowed from it. `Debug` shows none of them.
#[derive(Clone, Copy)]
pub enum StoredKey<'a> {
    /// An `EncryptedPrivateKeyInfo` (RFC 5958 section 3), DER: every key of a JKS and JCEKS store, and the
    /// shrouded ones of PKCS12.
    Encrypted(&'a [u8]),
    /// A `PrivateKeyInfo` that nothing protects: a key bag of PKCS12.
    Plain(&'a [u8]),
    /// A serialized `SealedObject`: a secret key of a JCEKS store.
    SealedObject(&'a [u8]),
    /// A SecretBag of PKCS12 (RFC 7292 section 4.2.5).
    SecretBag(&'a [u8]),
}

impl fmt::Debug for StoredKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Encrypted(_) => "Encrypted(..)",
            Self::Plain(_) => "Plain(..)",
            Self::SealedObject(_) => "SealedObject(..)",
            Self::SecretBag(_) => "SecretBag(..)",
        })
    }
}

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
