//! The search for certification paths (RFC 5280 section 6, RFC 4158): from a certificate upwards, over all
//! candidates, lazily and within a [`Budget`].
//!
//! Issuers are found by name; a key identifier that fits is preferred, one that does not fit excludes
//! nothing; the signature decides. What a rule set would refuse beyond that is its own business: it hands in
//! an [`Admission`], or looks at each path that comes.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use super::budget::{Budget, Exhausted};
use super::signature::SignatureError;
use crate::limits;
use crate::model::{Certificate, Fingerprint, Name};

/// Certificates that may stand in a path, found by their subject. Order of insertion is kept, and the same
/// certificate is kept once.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    by_subject: HashMap<String, Vec<Certificate>>,
    known: HashSet<Fingerprint>,
}

impl Candidates {
    /// Adds a certificate; `false` when it was there.
    pub fn insert(&mut self, certificate: &Certificate) -> bool {
        let new = self.known.insert(certificate.fingerprint());
        if new {
            let subject = certificate.subject().canonical();
            match self.by_subject.get_mut(subject) {
                Some(namesakes) => namesakes.push(certificate.clone()),
                None => {
                    self.by_subject.insert(subject.to_owned(), vec![certificate.clone()]);
                }
            }
        }
        new
    }

    /// The same without `certificate`.
    #[must_use]
    pub fn without(&self, certificate: &Certificate) -> Self {
        self.iter().filter(|&kept| kept != certificate).collect()
    }

    /// All of them: those with one subject in the order of insertion, the subjects in none.
    pub fn iter(&self) -> impl Iterator<Item = &Certificate> {
        self.by_subject.values().flatten()
    }

    /// Whether exactly this certificate is there.
    #[must_use]
    pub fn contains(&self, certificate: &Certificate) -> bool {
        self.known.contains(&certificate.fingerprint())
    }

    /// The certificates whose subject is the issuer of `certificate`, itself among them where it is
    /// self-issued.
    #[must_use]
    pub fn issuers_by_name(&self, certificate: &Certificate) -> &[Certificate] {
        self.with_subject(certificate.issuer())
    }

    /// The certificates with this subject.
    #[must_use]
    pub fn with_subject(&self, name: &Name) -> &[Certificate] {
        self.by_subject.get(name.canonical()).map_or(&[], Vec::as_slice)
    }

    /// Whether there is any with this subject.
    #[must_use]
    pub fn has_subject(&self, name: &Name) -> bool {
        self.by_subject.contains_key(name.canonical())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

impl<'a> FromIterator<&'a Certificate> for Candidates {
    fn from_iter<I: IntoIterator<Item = &'a Certificate>>(certificates: I) -> Self {
        let mut all = Self::default();
        for certificate in certificates {
            all.insert(certificate);
        }
        all
    }
}

/// What a rule set refuses while a path grows, before the signature is checked.
pub trait Admission {
    /// Whether `issuer`, which is no anchor, may follow the certificates of `path`, leaf first.
    fn issuer(&mut self, issuer: &Certificate, path: &[Certificate]) -> bool;

    /// Whether `anchor` may end the path.
    fn anchor(&mut self, anchor: &Certificate, path: &[Certificate]) -> bool {
        let _ = (anchor, path);
        true
    }
}

/// Refuses nothing: for finding out what is there.
#[derive(Clone, Copy, Debug)]
pub struct AdmitAll;

impl Admission for AdmitAll {
    fn issuer(&mut self, _: &Certificate, _: &[Certificate]) -> bool {
        true
    }
}

/// How a path ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathEnd {
    /// With a trust anchor.
    Anchor,
    /// With a self-signed certificate that is no anchor.
    UntrustedRoot,
    /// With a certificate for whose issuer there is no candidate.
    NoIssuer,
    /// With a certificate whose issuer, by name, is there, but made no such signature.
    BadSignature {
        /// The candidate that was tried first.
        issuer: Certificate,
    },
    /// Every issuer is in the path already, or was not admitted.
    NotAdmitted,
    /// At [`limits::PATH_LENGTH`].
    TooLong,
}

/// A path, complete or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Leaf first; the last is the anchor where the path ends with one.
    pub certificates: Vec<Certificate>,
    /// How it ends.
    pub end: PathEnd,
}

/// A search under way: depth first, one path at each call of [`Search::next_path`].
pub struct Search<'a, A> {
    anchors: &'a Candidates,
    candidates: &'a Candidates,
    admission: A,
    path: Vec<Certificate>,
    /// For each certificate of `path`, the issuers that are still to be tried, the next one last.
    open: Vec<Vec<Certificate>>,
    started: bool,
}

impl<'a, A: Admission> Search<'a, A> {
    /// Begins at `target`. Anchors need not be among the candidates.
    pub fn new(
        target: &Certificate,
        anchors: &'a Candidates,
        candidates: &'a Candidates,
        admission: A,
    ) -> Self {
        Self { anchors, candidates, admission, path: vec![target.clone()], open: Vec::new(), started: false }
    }

    /// The next path, dead ends included; `None` when there are no more.
    ///
    /// # Errors
    ///
    /// [`Exhausted`] when the budget is spent.
    pub fn next_path(&mut self, budget: &mut Budget) -> Result<Option<Path>, Exhausted> {
        if !self.started {
            self.started = true;
            if let Some(end) = self.open_last(budget)? {
                return Ok(Some(self.ended(end)));
            }
        }
        loop {
            let Some(issuers) = self.open.last_mut() else { return Ok(None) };
            match issuers.pop() {
                Some(issuer) => {
                    budget.step()?;
                    self.path.push(issuer);
                    if let Some(end) = self.open_last(budget)? {
                        let path = self.ended(end);
                        self.path.pop();
                        return Ok(Some(path));
                    }
                }
                None => {
                    self.open.pop();
                    self.path.pop();
                }
            }
        }
    }

    /// The first path for which `accept` says yes, else `None`.
    ///
    /// # Errors
    ///
    /// [`Exhausted`] when the budget is spent before.
    pub fn find(
        mut self,
        budget: &mut Budget,
        mut accept: impl FnMut(&Path, &mut Budget) -> bool,
    ) -> Result<Option<Path>, Exhausted> {
        while let Some(path) = self.next_path(budget)? {
            if accept(&path, budget) {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    fn ended(&self, end: PathEnd) -> Path {
        Path { certificates: self.path.clone(), end }
    }

    /// Gathers the issuers of the path's last certificate, or says why the path ends with it.
    fn open_last(&mut self, budget: &mut Budget) -> Result<Option<PathEnd>, Exhausted> {
        let Some(last) = self.path.last() else { return Ok(Some(PathEnd::NoIssuer)) };
        if self.anchors.contains(last) {
            return Ok(Some(PathEnd::Anchor));
        }
        if self.path.len() >= limits::PATH_LENGTH {
            return Ok(Some(PathEnd::TooLong));
        }
        if last.is_self_issued() && budget.verify(last, last)? != Err(SignatureError::Bad) {
            // Nothing above a root can make it trusted but a certificate for its own key, and that one
            // is a candidate beside it, not above it.
            return Ok(Some(PathEnd::UntrustedRoot));
        }
        let mut named = 0_usize;
        let mut refused = None;
        let mut issuers = Vec::new();
        let anchors = self.anchors.issuers_by_name(last).iter().map(|issuer| (issuer, true));
        let others = self.candidates.issuers_by_name(last).iter().map(|issuer| (issuer, false));
        for (issuer, anchor) in anchors.chain(others) {
            if !anchor && self.anchors.contains(issuer) {
                continue;
            }
            named += 1;
            let admitted = if anchor {
                self.admission.anchor(issuer, &self.path)
            } else {
                self.admission.issuer(issuer, &self.path)
            };
            if !admitted || self.path.iter().any(|passed| is_repetition(passed, issuer)) {
                continue;
            }
            match budget.verify(last, issuer)? {
                Ok(()) | Err(SignatureError::Unsupported(_)) => issuers.push((issuer.clone(), anchor)),
                Err(_) => refused = refused.or_else(|| Some(issuer.clone())),
            }
        }
        if issuers.is_empty() {
            return Ok(Some(match (named, refused) {
                (0, _) => PathEnd::NoIssuer,
                (_, Some(issuer)) => PathEnd::BadSignature { issuer },
                (_, None) => PathEnd::NotAdmitted,
            }));
        }
        let wanted = last.authority_key_id().map(<[u8]>::to_vec);
        // Stable, so that among equals the order of insertion holds; the best one last, where it is popped.
        issuers.sort_by_key(|(issuer, anchor)| {
            let fits = match (&wanted, issuer.subject_key_id()) {
                (Some(wanted), Some(id)) if wanted == id => 0,
                (Some(_), Some(_)) => 2,
                _ => 1,
            };
            (!anchor, fits)
        });
        self.open.push(issuers.into_iter().rev().map(|(issuer, _)| issuer).collect());
        Ok(None)
    }
}

/// RFC 4158 section 2.4.2 and `SunCertPathBuilder.repeated`: the same certificate, or the same subject with
/// the same key and the same alternative names, adds nothing to a path.
fn is_repetition(passed: &Certificate, next: &Certificate) -> bool {
    passed == next
        || (passed.subject() == next.subject()
            && passed.key() == next.key()
            && passed.alternative_names() == next.alternative_names())
}
