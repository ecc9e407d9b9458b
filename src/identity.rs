//! Client identities: a private key with the chain that a TLS client sends for it.
//!
//! Nothing is decoded here and no key opened: the caller hands over what it read and opened ([`Identity`]).

pub mod assemble;
pub mod check;
pub mod refusal;
pub mod select;

use crate::model::{Certificate, PrivateKey};

/// A private key's entry of a keystore, opened as far as the given passwords go.
#[derive(Debug)]
pub struct Identity {
    /// The alias, spelled as the store spells it.
    pub alias: String,
    /// The chain as Java hands it out: in the store's order, the end entity first where the store is sound.
    /// Nothing about it was checked, and it may be empty.
    pub chain: Vec<Certificate>,
    /// What came of opening the key.
    pub key: KeyAccess,
}

/// What came of opening a key.
#[derive(Debug)]
pub enum KeyAccess {
    /// The password that opens the store opens it too, as a JVM takes for granted; or it needs none.
    StorePassword(PrivateKey),
    /// Another one of the given passwords opens it.
    OwnPassword(PrivateKey),
    /// None of the given passwords opens it, that of the store included.
    Closed,
    /// It cannot be read whatever the password: why, a sentence.
    Damaged(String),
}

impl KeyAccess {
    /// The key, where it was opened.
    #[must_use]
    pub fn key(&self) -> Option<&PrivateKey> {
        match self {
            Self::StorePassword(key) | Self::OwnPassword(key) => Some(key),
            Self::Closed | Self::Damaged(_) => None,
        }
    }

    /// Whether a JVM that knows the store's password alone opens it.
    #[must_use]
    pub fn opens_with_store(&self) -> bool {
        matches!(self, Self::StorePassword(_))
    }
}
