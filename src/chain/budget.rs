//! What one question about a chain may cost, and the signature checks that it has already paid for.

use std::collections::HashMap;

use super::signature::{self, SignatureError};
use crate::limits;
use crate::model::public_key::PublicKey;
use crate::model::{Certificate, Fingerprint};

/// The search was given up: what was found stands, what was not found may exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Exhausted {
    /// [`limits::SIGNATURE_CHECKS`] were made.
    #[error("the search for a path was given up after {0} signature checks")]
    Signatures(usize),
    /// [`limits::PATH_STEPS`] partial paths were looked at.
    #[error("the search for a path was given up after {0} steps")]
    Steps(usize),
}

type SignatureResult = Result<(), SignatureError>;

/// [`signature::verify`], or another with its meaning.
type Verifier = fn(&Certificate, &PublicKey) -> SignatureResult;

/// The `SubjectPublicKeyInfo` of an issuer, and whether its key made the signature.
type Checked = (Box<[u8]>, SignatureResult);

/// Bounds of the path searches that answer one question. Signatures that were checked once are not checked
/// again, whichever search asks.
#[derive(Debug)]
pub struct Budget {
    signature_checks: usize,
    steps: usize,
    signature_limit: usize,
    step_limit: usize,
    /// By certificate; of each the issuers' keys that were tried, which are few.
    checked: HashMap<Fingerprint, Vec<Checked>>,
    exhausted: Option<Exhausted>,
    verifier: Verifier,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(limits::SIGNATURE_CHECKS, limits::PATH_STEPS)
    }
}

impl Budget {
    /// A budget of so many signature checks and steps.
    #[must_use]
    pub fn new(signature_checks: usize, steps: usize) -> Self {
        Self {
            signature_checks: 0,
            steps: 0,
            signature_limit: signature_checks,
            step_limit: steps,
            checked: HashMap::new(),
            exhausted: None,
            verifier: signature::verify,
        }
    }

    /// The usual budget, with signatures checked otherwise.
    pub(crate) fn with_verifier(verifier: Verifier) -> Self {
        Self { verifier, ..Self::default() }
    }

    /// Checks that the key of `issuer` made the signature of `certificate`; names are not looked at.
    ///
    /// # Errors
    ///
    /// [`Exhausted`] when the check is not known from before and no more may be made.
    pub fn verify(
        &mut self,
        certificate: &Certificate,
        issuer: &Certificate,
    ) -> Result<Result<(), SignatureError>, Exhausted> {
        let (fingerprint, key) = (certificate.fingerprint(), &issuer.key().spki);
        let tried = self.checked.get(&fingerprint).map_or(&[][..], Vec::as_slice);
        if let Some((_, known)) = tried.iter().find(|(tried, _)| tried == key) {
            return Ok(known.clone());
        }
        if self.signature_checks >= self.signature_limit {
            return Err(self.give_up(Exhausted::Signatures(self.signature_limit)));
        }
        self.signature_checks += 1;
        let result = (self.verifier)(certificate, issuer.key());
        self.checked.entry(fingerprint).or_default().push((key.clone(), result.clone()));
        Ok(result)
    }

    /// Whether the key of `issuer` made the signature, as far as can be told: a signature that cannot be
    /// checked here counts as made, one that may no longer be checked does not.
    pub fn issued(&mut self, certificate: &Certificate, issuer: &Certificate) -> bool {
        matches!(self.verify(certificate, issuer), Ok(Ok(()) | Err(SignatureError::Unsupported(_))))
    }

    /// Pays for one step of a search.
    ///
    /// # Errors
    ///
    /// [`Exhausted`] when there are no more.
    pub fn step(&mut self) -> Result<(), Exhausted> {
        if self.steps >= self.step_limit {
            return Err(self.give_up(Exhausted::Steps(self.step_limit)));
        }
        self.steps += 1;
        Ok(())
    }

    /// How many signature checks were made.
    #[must_use]
    pub fn signature_checks(&self) -> usize {
        self.signature_checks
    }

    /// What ran out first, if anything has.
    #[must_use]
    pub fn exhausted(&self) -> Option<Exhausted> {
        self.exhausted
    }

    fn give_up(&mut self, what: Exhausted) -> Exhausted {
        *self.exhausted.get_or_insert(what)
    }
}
