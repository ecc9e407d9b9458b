//! Groups for the key exchange (RFC 8446 section 4.2.7), in the order in which they are offered.

use std::fmt;
use std::str::FromStr;

use rustls::crypto::{SupportedKxGroup, aws_lc_rs::kx_group};

use super::p521;

/// A group that can be offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// x25519 (RFC 7748).
    X25519,
    /// secp256r1, NIST's P-256.
    Secp256r1,
    /// secp384r1, NIST's P-384.
    Secp384r1,
    /// secp521r1, NIST's P-521.
    Secp521r1,
    /// X25519MLKEM768 (draft-ietf-tls-ecdhe-mlkem).
    X25519MlKem768,
    /// SecP256r1MLKEM768 (draft-ietf-tls-ecdhe-mlkem).
    Secp256r1MlKem768,
    /// MLKEM768 (draft-ietf-tls-mlkem).
    MlKem768,
    /// MLKEM1024 (draft-ietf-tls-mlkem).
    MlKem1024,
}

impl Group {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::X25519,
        Self::Secp256r1,
        Self::Secp384r1,
        Self::Secp521r1,
        Self::X25519MlKem768,
        Self::Secp256r1MlKem768,
        Self::MlKem768,
        Self::MlKem1024,
    ];

    /// What is offered unless others are asked for. X25519 comes first, so that its share goes along with the
    /// ClientHello: one with a post-quantum share does not fit one packet, and old middleboxes drop it. The
    /// hybrid group stays on offer for servers that ask for it, and P-521 for those that take nothing else.
    pub const USUAL: [Self; 5] =
        [Self::X25519, Self::Secp256r1, Self::Secp384r1, Self::X25519MlKem768, Self::Secp521r1];

    /// The name in the registry of IANA.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::X25519 => "x25519",
            Self::Secp256r1 => "secp256r1",
            Self::Secp384r1 => "secp384r1",
            Self::Secp521r1 => "secp521r1",
            Self::X25519MlKem768 => "X25519MLKEM768",
            Self::Secp256r1MlKem768 => "SecP256r1MLKEM768",
            Self::MlKem768 => "MLKEM768",
            Self::MlKem1024 => "MLKEM1024",
        }
    }

    pub(super) fn exchange(self) -> &'static dyn SupportedKxGroup {
        match self {
            Self::X25519 => kx_group::X25519,
            Self::Secp256r1 => kx_group::SECP256R1,
            Self::Secp384r1 => kx_group::SECP384R1,
            Self::Secp521r1 => p521::SECP521R1,
            Self::X25519MlKem768 => kx_group::X25519MLKEM768,
            Self::Secp256r1MlKem768 => kx_group::SECP256R1MLKEM768,
            Self::MlKem768 => kx_group::MLKEM768,
            Self::MlKem1024 => kx_group::MLKEM1024,
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no group's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no group that can be offered")]
pub struct UnknownGroup;

impl FromStr for Group {
    type Err = UnknownGroup;

    /// Reads a name, in any case; NIST's and OpenSSL's names are taken too.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.to_ascii_lowercase();
        match text.as_str() {
            "p-256" | "p256" | "prime256v1" => return Ok(Self::Secp256r1),
            "p-384" | "p384" => return Ok(Self::Secp384r1),
            "p-521" | "p521" => return Ok(Self::Secp521r1),
            _ => {}
        }
        Self::ALL.into_iter().find(|group| group.name().to_ascii_lowercase() == text).ok_or(UnknownGroup)
    }
}
