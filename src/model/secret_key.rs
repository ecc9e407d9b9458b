//! Secret keys, as keystores hold them.

use std::fmt;

use zeroize::Zeroizing;

/// A secret key: its octets and what Java calls its algorithm. Zeroized when dropped, absent from `Debug`,
/// not `Clone`.
#[derive(PartialEq, Eq)]
pub struct SecretKey {
    algorithm: String,
    octets: Zeroizing<Vec<u8>>,
}

impl SecretKey {
    /// Takes over a key. Whether the octets suit the algorithm is not checked; Java does not either.
    #[must_use]
    pub fn new(algorithm: String, octets: Zeroizing<Vec<u8>>) -> Self {
        Self { algorithm, octets }
    }

    /// The algorithm by Java's name (`AES`, `HmacSHA256`), or a dotted number that Java has no name for.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        &self.algorithm
    }

    /// The key itself (Java's `RAW` format). The caller must not log or keep it.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// The size in bits: eight for each octet, the parity bits of DES keys included.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.octets.len().saturating_mul(8)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({} {} bit, ..)", self.algorithm, self.bits())
    }
}
