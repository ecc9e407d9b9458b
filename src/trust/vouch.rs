//! Whether certificates that are trusted already vouch for another one.

use time::OffsetDateTime;

use crate::chain::budget::Budget;
use crate::chain::path::{Admission, Candidates, Path, PathEnd, Search};
use crate::chain::rules::jsse::{self, Java};
use crate::limits;
use crate::model::{Certificate, Name};

const NAME_CONSTRAINTS: &str = "2.5.29.30";

/// The certificates that may vouch for those of one import.
pub(super) struct Pool {
    candidates: Candidates,
    checks_left: usize,
}

impl Pool {
    /// An empty pool for an import of so many certificates. Each may cost a few signature checks, and one
    /// search may be long; hundreds of certificates of one name may not make it thousands.
    pub(super) fn new(imported: usize) -> Self {
        let checks_left =
            imported.saturating_mul(limits::PATH_LENGTH).saturating_add(limits::SIGNATURE_CHECKS);
        Self { candidates: Candidates::default(), checks_left }
    }

    pub(super) fn add(&mut self, certificate: Certificate) {
        self.candidates.insert(&certificate);
    }

    pub(super) fn has_subject(&self, name: &Name) -> bool {
        self.candidates.has_subject(name)
    }

    pub(super) fn contains(&self, certificate: &Certificate) -> bool {
        self.candidates.contains(certificate)
    }
}

/// Finds a chain from `certificate` to a self-signed certificate, all of whose issuers stand in `pool`, so
/// that `certificate` may become a trust anchor without a question: what `keytool` calls
/// `establishCertChain` (sun.security.tools.keytool.Main). Each signature is verified.
///
/// An anchor is held to nothing that stands above it, so keyward asks for more than keytool. Each issuer must
/// be a CA that is valid at `now`, within its path length (a CA in the place of `certificate` counts: it will
/// issue), without name constraints, and with algorithms that OpenJDK 17 has not disabled. Policies and
/// revocation are not checked.
///
/// The chain comes without `certificate` itself; a self-signed `certificate` is vouched for by nobody.
pub(super) fn vouchers(
    certificate: &Certificate,
    pool: &mut Pool,
    now: OffsetDateTime,
) -> Option<Vec<Certificate>> {
    search(certificate, pool, |issuer, below| {
        let issuing = |c: &&Certificate| c.is_ca() && !c.is_self_issued();
        let intermediates = below.iter().filter(issuing).count();
        let within_length = issuer
            .basic_constraints()
            .and_then(|constraints| constraints.path_length)
            .is_none_or(|length| usize::try_from(length).is_ok_and(|length| intermediates <= length));
        is_valid_ca(issuer, now)
            && within_length
            && !issuer.has_extension(NAME_CONSTRAINTS)
            && below.last().is_some_and(|issued| jsse::admits(issued, issuer, Java::V17))
    })
}

/// Finds the issuers that complete the chain of `certificate` up to a self-signed one, each a CA that is
/// valid at `now`. They make nothing trusted: what limits they set is for those who check the chain.
pub(super) fn issuers(
    certificate: &Certificate,
    pool: &mut Pool,
    now: OffsetDateTime,
) -> Option<Vec<Certificate>> {
    search(certificate, pool, |issuer, _| is_valid_ca(issuer, now))
}

/// The issuers of `certificate` that stand in `pool`, as far up as they go, each a CA that is valid at `now`: for chains
/// whose root is not there, of which [`issuers`] finds nothing.
pub(super) fn issuers_without_root(
    certificate: &Certificate,
    pool: &mut Pool,
    now: OffsetDateTime,
) -> Vec<Certificate> {
    let mut longest = Vec::new();
    let keep_longest = |path: &Path, budget: &mut Budget| {
        let issuers = path.certificates.get(1..).unwrap_or_default();
        if issuers.len() > longest.len() && is_signed_throughout(path, budget) {
            longest = issuers.to_vec();
        }
        false
    };
    search_for(certificate, pool, |issuer, _| is_valid_ca(issuer, now), keep_longest);
    longest
}

/// `admits` is asked of an issuer and the certificates below it, of which it would issue the last.
fn search(
    certificate: &Certificate,
    pool: &mut Pool,
    admits: impl Fn(&Certificate, &[Certificate]) -> bool,
) -> Option<Vec<Certificate>> {
    let path = search_for(certificate, pool, admits, ends_in_a_root)?;
    Some(path.certificates.into_iter().skip(1).collect())
}

fn search_for(
    certificate: &Certificate,
    pool: &mut Pool,
    admits: impl Fn(&Certificate, &[Certificate]) -> bool,
    accept: impl FnMut(&Path, &mut Budget) -> bool,
) -> Option<Path> {
    let nobody = Candidates::default();
    let mut budget = Budget::new(pool.checks_left.min(limits::SIGNATURE_CHECKS), limits::PATH_STEPS);
    let search = Search::new(certificate, &nobody, &pool.candidates, Vouchers(admits));
    let found = search.find(&mut budget, accept);
    pool.checks_left = pool.checks_left.saturating_sub(budget.signature_checks());
    found.ok().flatten()
}

/// Above the certificate itself stands a self-signed one, and each signature between is known to be good.
fn ends_in_a_root(path: &Path, budget: &mut Budget) -> bool {
    path.end == PathEnd::UntrustedRoot && path.certificates.len() > 1 && is_signed_throughout(path, budget)
}

fn is_signed_throughout(path: &Path, budget: &mut Budget) -> bool {
    path.certificates.windows(2).all(|pair| match pair {
        [issued, issuer] => budget.verify(issued, issuer) == Ok(Ok(())),
        _ => true,
    })
}

/// What may stand in a chain that vouches.
struct Vouchers<F>(F);

impl<F: Fn(&Certificate, &[Certificate]) -> bool> Admission for Vouchers<F> {
    fn issuer(&mut self, issuer: &Certificate, path: &[Certificate]) -> bool {
        (self.0)(issuer, path)
    }
}

/// Whether a certificate may issue others at a time: it is a CA, its key usage allows it, and it is within its
/// dates. A version 1 certificate has no basic constraints and counts when it is self-signed, as roots of
/// the nineties are.
fn is_valid_ca(certificate: &Certificate, now: OffsetDateTime) -> bool {
    may_issue(certificate) && certificate.not_before() <= now && now <= certificate.not_after()
}

/// Whether a certificate's extensions allow it to issue others, whatever the date.
pub(super) fn may_issue(certificate: &Certificate) -> bool {
    let old_root = certificate.version() == 1 && certificate.is_self_issued();
    let signs = certificate.key_usage().is_none_or(|usage| usage.key_cert_sign());
    (certificate.is_ca() || old_root) && signs
}
