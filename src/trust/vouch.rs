//! Whether certificates that are trusted already vouch for another one.

use std::collections::HashSet;

use time::OffsetDateTime;

use crate::chain::signature;
use crate::limits;
use crate::model::Certificate;

/// Finds a chain from `certificate` to a self-signed certificate, all of whose issuers stand in `pool`:
/// what `keytool` calls `establishCertChain` (sun.security.tools.keytool.Main). Each signature is
/// verified, and, unlike keytool, each issuer must be a CA that is valid at `now`.
///
/// The chain comes without `certificate` itself; a self-signed `certificate` is vouched for by nobody.
/// Name constraints, path lengths and revocation are not checked.
pub(super) fn vouchers<'p>(
    certificate: &Certificate,
    pool: impl Iterator<Item = &'p Certificate> + Clone,
    now: OffsetDateTime,
) -> Option<Vec<&'p Certificate>> {
    let mut seen = HashSet::from([certificate.fingerprint()]);
    // Paths that still grow, as positions in the pool; the last one grown is tried first.
    let mut open: Vec<Vec<&'p Certificate>> = vec![Vec::new()];
    let mut checks = 0;
    while let Some(path) = open.pop() {
        let top = path.last().copied().unwrap_or(certificate);
        for candidate in pool.clone().filter(|c| c.subject() == top.issuer()) {
            if seen.contains(&candidate.fingerprint()) || !is_valid_ca(candidate, now) {
                continue;
            }
            checks += 1;
            if checks > limits::SIGNATURE_CHECKS {
                return None;
            }
            if signature::verify(top, candidate.key()).is_err() {
                continue;
            }
            seen.insert(candidate.fingerprint());
            let mut longer = path.clone();
            longer.push(candidate);
            if signature::is_self_signed(candidate) {
                return Some(longer);
            }
            if longer.len() < limits::PATH_LENGTH {
                open.push(longer);
            }
        }
    }
    None
}

/// Whether a certificate may vouch for another: it is a CA, its key usage allows it, and it is within its
/// dates. A version 1 certificate has no basic constraints and counts when it is self-signed, as roots of
/// the nineties are.
pub(super) fn is_valid_ca(certificate: &Certificate, now: OffsetDateTime) -> bool {
    may_issue(certificate) && certificate.not_before() <= now && now <= certificate.not_after()
}

/// Whether a certificate's extensions allow it to issue others, whatever the date.
pub(super) fn may_issue(certificate: &Certificate) -> bool {
    let old_root = certificate.version() == 1 && certificate.is_self_issued();
    let signs = certificate.key_usage().is_none_or(|usage| usage.key_cert_sign());
    (certificate.is_ca() || old_root) && signs
}
