//! Not there yet.

use crate::model::key_store::{Integrity, Pfx};
use crate::model::{Entropy, Password};

/// What key derivation may cost.
#[derive(Debug, Default)]
pub struct Derivations {}

/// A store that was read.
#[derive(Debug)]
pub struct Decoded {
    /// The store.
    pub pfx: Pfx,
    /// What is known of the file's integrity.
    pub integrity: Integrity,
}

/// Why a store could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Pkcs12Error {
    /// Nothing is, yet.
    #[error("PKCS12 is not read yet")]
    NotYet,
}

/// Reads a store.
///
/// # Errors
///
/// Always, yet.
pub fn decode(_: &[u8], _: Option<&Password>, _: &mut Derivations) -> Result<Decoded, Pkcs12Error> {
    Err(Pkcs12Error::NotYet)
}

/// Writes a store.
///
/// # Errors
///
/// Always, yet.
pub fn encode(
    _: &Pfx,
    _: Option<&Password>,
    _: &mut dyn Entropy,
    _: &mut Derivations,
) -> Result<Vec<u8>, Pkcs12Error> {
    Err(Pkcs12Error::NotYet)
}
