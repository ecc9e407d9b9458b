//! New private keys.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair};
use zeroize::Zeroizing;

use super::PrivateKey;

/// The kind of a key that is to be made: those that every TLS stack of today takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA of 2048 bits.
    Rsa2048,
    /// RSA of 3072 bits.
    Rsa3072,
    /// RSA of 4096 bits.
    Rsa4096,
    /// EC on secp256r1.
    P256,
    /// EC on secp384r1.
    P384,
    /// EC on secp521r1.
    P521,
    /// Ed25519: not for Java below 15.
    Ed25519,
}

impl KeyKind {
    /// All kinds.
    pub const ALL: [Self; 7] =
        [Self::Rsa2048, Self::Rsa3072, Self::Rsa4096, Self::P256, Self::P384, Self::P521, Self::Ed25519];

    /// The name, as typed: `rsa:3072`, `ec:p256`, `ed25519`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa2048 => "rsa:2048",
            Self::Rsa3072 => "rsa:3072",
            Self::Rsa4096 => "rsa:4096",
            Self::P256 => "ec:p256",
            Self::P384 => "ec:p384",
            Self::P521 => "ec:p521",
            Self::Ed25519 => "ed25519",
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No kind of key has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it has to be one of rsa:2048, rsa:3072, rsa:4096, ec:p256, ec:p384, ec:p521, ed25519")]
pub struct UnknownKind;

impl FromStr for KeyKind {
    type Err = UnknownKind;

    /// The names of [`KeyKind::name`] in any case.
    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text)).ok_or(UnknownKind)
    }
}

/// No key was made: the cryptographic library gave none, and no reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key of the kind {0} cannot be made")]
pub struct GenerateError(pub KeyKind);

impl PrivateKey {
    /// Makes a new key with the randomness of aws-lc-rs, which takes no other. PKCS8 of version 1, which every
    /// reader knows.
    ///
    /// # Errors
    ///
    /// [`GenerateError`].
    pub fn generate(kind: KeyKind) -> Result<Self, GenerateError> {
        let failed = |_: Unspecified| GenerateError(kind);
        let random = SystemRandom::new();
        let document = match kind {
            KeyKind::Rsa2048 => rsa(KeySize::Rsa2048).map_err(failed)?,
            KeyKind::Rsa3072 => rsa(KeySize::Rsa3072).map_err(failed)?,
            KeyKind::Rsa4096 => rsa(KeySize::Rsa4096).map_err(failed)?,
            KeyKind::P256 => ec(&signature::ECDSA_P256_SHA256_ASN1_SIGNING, &random).map_err(failed)?,
            KeyKind::P384 => ec(&signature::ECDSA_P384_SHA384_ASN1_SIGNING, &random).map_err(failed)?,
            KeyKind::P521 => ec(&signature::ECDSA_P521_SHA512_ASN1_SIGNING, &random).map_err(failed)?,
            KeyKind::Ed25519 => {
                let document = Ed25519KeyPair::generate_pkcs8v1(&random).map_err(failed)?;
                Zeroizing::new(document.as_ref().to_vec())
            }
        };
        Self::from_pkcs8(&document).map_err(|_| GenerateError(kind))
    }
}

fn rsa(size: KeySize) -> Result<Zeroizing<Vec<u8>>, Unspecified> {
    let pair = aws_lc_rs::rsa::KeyPair::generate(size)?;
    let document: Pkcs8V1Der<'_> = pair.as_der()?;
    Ok(Zeroizing::new(document.as_ref().to_vec()))
}

fn ec(
    algorithm: &'static signature::EcdsaSigningAlgorithm,
    random: &SystemRandom,
) -> Result<Zeroizing<Vec<u8>>, Unspecified> {
    let document = EcdsaKeyPair::generate_pkcs8(algorithm, random)?;
    Ok(Zeroizing::new(document.as_ref().to_vec()))
}
