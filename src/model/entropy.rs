//! Randomness, as an argument.

/// A source of random octets for salts, initialization vectors and serial numbers.
pub trait Entropy {
    /// Fills the whole buffer.
    ///
    /// # Errors
    ///
    /// [`EntropyError`] when the source has nothing to give; the buffer must then not be used.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), EntropyError>;
}

/// The source of randomness failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no randomness to be had: {0}")]
pub struct EntropyError(pub String);

/// The operating system's source.
#[derive(Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(buffer).map_err(|error| EntropyError(error.to_string()))
    }
}
