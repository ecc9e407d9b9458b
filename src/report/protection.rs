//! What protects a keystore file and the keys in it, as reports show it.

use serde::Serialize;

use crate::model::key_store::KeyProtection;
use crate::model::key_store::pfx::{
    Cipher, HashFunction, LegacyCipher, MacScheme, Pbes1Cipher, Protection, Scheme,
};

/// The protection of a keystore file as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileProtection {
    /// What its integrity rests on; `None` where nothing protects it.
    pub mac: Option<MacReport>,
    /// The parts of a PKCS12 file, in its order; none in other formats, which protect each key by itself.
    pub parts: Vec<PartReport>,
}

/// The check of a file's integrity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MacReport {
    /// `HmacSHA256` and the like; `SHA1` for the keyed digest of JKS and JCEKS.
    pub algorithm: &'static str,
    /// How the key is made of the password: `PKCS12` (RFC 7292 appendix B), `PBKDF2` (PBMAC1, RFC 9879);
    /// `None` for JKS and JCEKS, which hash the password itself.
    pub kdf: Option<&'static str>,
    /// The pseudo-random function of PBKDF2.
    pub prf: Option<&'static str>,
    /// Iterations of the key derivation.
    pub iterations: Option<u64>,
    /// Octets of salt.
    pub salt_octets: Option<usize>,
}

/// One part of a PKCS12 file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartReport {
    /// How it is encrypted; `None` where it stands in the clear.
    pub encryption: Option<EncryptionReport>,
    /// How many bags it holds, those in other bags not counted; `None` where it could not be opened.
    pub bags: Option<usize>,
}

/// A way to encrypt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EncryptionReport {
    /// `PBES1` and `PBES2` (RFC 8018), `PKCS12` (RFC 7292 appendix C), `JKS` and `JCEKS` (Sun's key protectors), `PEM`
    /// (OpenSSL's encrypted blocks), or the
    /// name or number of one that keyward does not do.
    pub scheme: String,
    /// The cipher, as `AES-256-CBC`.
    pub cipher: Option<String>,
    /// The pseudo-random function of PBKDF2, as `HmacSHA256`.
    pub prf: Option<&'static str>,
    /// The hash function of PBES1 and of PKCS12's derivation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<&'static str>,
    /// The parameters of scrypt, where that takes the place of PBKDF2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scrypt: Option<ScryptReport>,
    /// Iterations of the key derivation; `None` where there are none, or they cannot be seen.
    pub iterations: Option<u64>,
    /// Octets of salt, where they can be seen.
    pub salt_octets: Option<usize>,
}

/// The parameters of scrypt (RFC 7914 section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ScryptReport {
    /// N.
    pub cost: u64,
    /// r.
    pub block_size: u32,
    /// p.
    pub parallelization: u32,
}

impl EncryptionReport {
    fn named(scheme: &str) -> Self {
        Self { scheme: scheme.to_owned(), ..Self::default() }
    }

    /// The encryption of a part; `None` for a plain one.
    #[must_use]
    pub fn of_part(protection: &Protection) -> Option<Self> {
        match protection {
            Protection::Plain => None,
            Protection::Encrypted(scheme) => Some(scheme.into()),
            Protection::Other(_) => Some(Self::named("public key")),
        }
    }

    /// The encryption of a key; `None` for a plain one.
    #[must_use]
    pub fn of_key(protection: &KeyProtection) -> Option<Self> {
        match protection {
            KeyProtection::None => None,
            KeyProtection::Jks => Some(Self::named("JKS")),
            KeyProtection::Jceks { iterations } => Some(Self {
                cipher: Some("DESede-CBC".to_owned()),
                iterations: *iterations,
                ..Self::named("JCEKS")
            }),
            KeyProtection::Scheme(scheme) => Some(scheme.into()),
            KeyProtection::Pem { cipher } => Some(Self {
                cipher: Some(cipher.clone()),
                hash: Some("MD5"),
                iterations: Some(1),
                ..Self::named("PEM")
            }),
            KeyProtection::Other(name) => Some(Self::named(name)),
        }
    }
}

impl From<&Scheme> for EncryptionReport {
    fn from(scheme: &Scheme) -> Self {
        match scheme {
            Scheme::Pbes2 { cipher, prf, iterations, salt_length, .. } => Self {
                cipher: Some(cipher_name(*cipher).to_owned()),
                prf: Some(hmac_name(*prf)),
                iterations: Some(*iterations),
                salt_octets: Some(*salt_length),
                ..Self::named("PBES2")
            },
            Scheme::Scrypt { cipher, cost, block_size, parallelization, salt_length, .. } => Self {
                cipher: Some(cipher_name(*cipher).to_owned()),
                scrypt: Some(ScryptReport {
                    cost: *cost,
                    block_size: *block_size,
                    parallelization: *parallelization,
                }),
                salt_octets: Some(*salt_length),
                ..Self::named("PBES2")
            },
            Scheme::Pbes1 { cipher, hash, iterations } => Self {
                cipher: Some(pbes1_cipher_name(*cipher).to_owned()),
                hash: Some(if *hash == HashFunction::Md5 { "MD5" } else { "SHA1" }),
                iterations: Some(*iterations),
                ..Self::named("PBES1")
            },
            Scheme::Pkcs12 { cipher, iterations, salt_length } => Self {
                hash: Some("SHA1"),
                cipher: Some(legacy_cipher_name(*cipher).to_owned()),
                iterations: Some(*iterations),
                salt_octets: Some(*salt_length),
                ..Self::named("PKCS12")
            },
        }
    }
}

impl MacReport {
    /// The keyed digest that ends JKS and JCEKS files.
    #[must_use]
    pub fn keyed_digest() -> Self {
        Self { algorithm: "SHA1", kdf: None, prf: None, iterations: None, salt_octets: None }
    }
}

impl From<&MacScheme> for MacReport {
    fn from(mac: &MacScheme) -> Self {
        match mac {
            MacScheme::Pkcs12 { hash, iterations, salt_length } => Self {
                algorithm: hmac_name(*hash),
                kdf: Some("PKCS12"),
                prf: None,
                iterations: Some(*iterations),
                salt_octets: Some(*salt_length),
            },
            MacScheme::Pbmac1 { hash, prf, iterations, salt_length, .. } => Self {
                algorithm: hmac_name(*hash),
                kdf: Some("PBKDF2"),
                prf: Some(hmac_name(*prf)),
                iterations: Some(*iterations),
                salt_octets: Some(*salt_length),
            },
        }
    }
}

fn hmac_name(hash: HashFunction) -> &'static str {
    match hash {
        HashFunction::Md5 => "HmacMD5",
        HashFunction::Sha1 => "HmacSHA1",
        HashFunction::Sha224 => "HmacSHA224",
        HashFunction::Sha256 => "HmacSHA256",
        HashFunction::Sha384 => "HmacSHA384",
        HashFunction::Sha512 => "HmacSHA512",
        HashFunction::Sha512_224 => "HmacSHA512/224",
        HashFunction::Sha512_256 => "HmacSHA512/256",
    }
}

fn cipher_name(cipher: Cipher) -> &'static str {
    match cipher {
        Cipher::Aes128 => "AES-128-CBC",
        Cipher::Aes192 => "AES-192-CBC",
        Cipher::Aes256 => "AES-256-CBC",
        Cipher::TripleDes => "DESede-CBC",
        Cipher::Des => "DES-CBC",
        Cipher::Rc2With128Bits => "RC2-128-CBC",
    }
}

fn pbes1_cipher_name(cipher: Pbes1Cipher) -> &'static str {
    match cipher {
        Pbes1Cipher::Des => "DES-CBC",
        Pbes1Cipher::Rc2 => "RC2-64-CBC",
    }
}

fn legacy_cipher_name(cipher: LegacyCipher) -> &'static str {
    match cipher {
        LegacyCipher::TripleDes => "DESede-CBC",
        LegacyCipher::TwoKeyTripleDes => "DESede-CBC with two keys",
        LegacyCipher::Rc2With128Bits => "RC2-128-CBC",
        LegacyCipher::Rc2With40Bits => "RC2-40-CBC",
        LegacyCipher::Rc4With128Bits => "RC4-128",
        LegacyCipher::Rc4With40Bits => "RC4-40",
    }
}
