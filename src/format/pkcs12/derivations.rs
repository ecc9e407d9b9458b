//! All key derivations of one file: bounded together, and each done once.

use std::collections::HashMap;
use std::fmt;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::error::{Pkcs12Error, Place};
use super::kdf::{self, Purpose};
use crate::limits;
use crate::model::key_store::pfx::HashFunction;

/// The key derivations of one file.
///
/// It counts iterations against [`limits::ITERATIONS`] and [`limits::ITERATIONS_PER_FILE`], and remembers
/// results, so that decoding what was just encoded costs nothing. What it remembers is zeroized when it is
/// dropped. Use a new one for each file.
pub struct Derivations {
    budget: u64,
    spent: u64,
    known: HashMap<[u8; 32], Zeroizing<Vec<u8>>>,
}

/// One derivation that is asked for.
pub(super) struct Request<'a> {
    pub(super) function: Function,
    /// Of scrypt, which has its own, no matter.
    pub(super) hash: HashFunction,
    /// In the encoding that the function takes.
    pub(super) password: &'a [u8],
    pub(super) salt: &'a [u8],
    /// Of scrypt the product of its parameters, which takes about as long as so many iterations of PBKDF2.
    pub(super) iterations: u64,
    pub(super) length: usize,
}

/// A key derivation function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Function {
    Pkcs12(Purpose),
    Pbkdf1,
    Pbkdf2,
    Scrypt(scrypt::Params),
}

impl Derivations {
    /// Nothing spent, nothing known.
    #[must_use]
    pub fn new() -> Self {
        Self::with_budget(limits::ITERATIONS_PER_FILE)
    }

    /// Nothing spent, nothing known, and another bound than [`limits::ITERATIONS_PER_FILE`] on the iterations
    /// of the file: where less time can be spent on it.
    #[must_use]
    pub fn with_budget(iterations: u64) -> Self {
        Self { budget: iterations, spent: 0, known: HashMap::new() }
    }

    /// The iterations that were done so far, those of every block of output counted, and twice those of hash
    /// functions with blocks of 128 octets.
    #[must_use]
    pub fn spent(&self) -> u64 {
        self.spent
    }

    /// Whether so many iterations may be spent on opening the file. `Err` is the bound that they exceed.
    pub(super) fn afford(&self, iterations: u64) -> Result<(), u64> {
        let left = self.budget.saturating_sub(self.spent);
        if iterations > limits::ITERATIONS_TO_OPEN.min(left) {
            return Err(self.budget.min(limits::ITERATIONS_TO_OPEN));
        }
        Ok(())
    }

    /// Counts iterations that are done elsewhere. `Err` is the bound that they exceed.
    pub(in crate::format) fn charge(&mut self, iterations: u64) -> Result<(), u64> {
        let spent = self.spent.saturating_add(iterations);
        if spent > self.budget {
            return Err(self.budget);
        }
        self.spent = spent;
        Ok(())
    }

    #[cfg(test)]
    pub(super) fn with_spent(spent: u64) -> Self {
        Self { spent, ..Self::new() }
    }

    pub(super) fn derive(
        &mut self,
        place: Place,
        request: &Request<'_>,
    ) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
        check_iterations(place, request.iterations)?;
        let identity = request.identity();
        if let Some(known) = self.known.get(&identity) {
            return Ok(known.clone());
        }
        let cost = cost(request.hash, request.iterations, request.length);
        self.charge(cost).map_err(|limit| Pkcs12Error::IterationsPerFile { place, limit })?;
        let result = request.compute();
        self.known.insert(identity, result.clone());
        Ok(result)
    }
}

/// What a derivation of so many octets counts as.
pub(super) fn cost(hash: HashFunction, iterations: u64, length: usize) -> u64 {
    use HashFunction::{Sha384, Sha512, Sha512_224, Sha512_256};
    let blocks = u64::try_from(length.div_ceil(hash.output_length())).unwrap_or(u64::MAX);
    let large = matches!(hash, Sha384 | Sha512 | Sha512_224 | Sha512_256);
    iterations.saturating_mul(blocks).saturating_mul(if large { 2 } else { 1 })
}

/// Refuses no iterations, and more than [`limits::ITERATIONS`].
pub(super) fn check_iterations(place: Place, count: u64) -> Result<(), Pkcs12Error> {
    match count {
        0 => Err(Pkcs12Error::Parameter { place, problem: "0 iterations of key derivation" }),
        1..=limits::ITERATIONS => Ok(()),
        _ => Err(Pkcs12Error::Iterations { place, count, limit: limits::ITERATIONS }),
    }
}

impl Request<'_> {
    fn compute(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(vec![0; self.length.min(limits::DERIVED_OCTETS)]);
        match self.function {
            Function::Pkcs12(purpose) => {
                kdf::pkcs12(self.hash, self.password, self.salt, purpose, self.iterations, &mut out);
            }
            Function::Pbkdf1 => {
                kdf::pbkdf1(self.hash, self.password, self.salt, self.iterations, &mut out);
            }
            Function::Scrypt(parameters) => {
                // Fails for an output without octets only, which is left as it is.
                let _ = scrypt::scrypt(self.password, self.salt, &parameters, &mut out);
            }
            Function::Pbkdf2 => {
                let iterations = u32::try_from(self.iterations).unwrap_or(u32::MAX);
                kdf::pbkdf2(self.hash, self.password, self.salt, iterations, &mut out);
            }
        }
        out
    }

    /// A digest of everything that the result depends on, each string with its length before it.
    fn identity(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(format!("{:?} {:?} {} {} ", self.function, self.hash, self.iterations, self.length));
        for string in [self.salt, self.password] {
            digest.update(string.len().to_be_bytes());
            digest.update(string);
        }
        digest.finalize().into()
    }
}

impl Default for Derivations {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Derivations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Derivations").field("spent", &self.spent).finish_non_exhaustive()
    }
}
