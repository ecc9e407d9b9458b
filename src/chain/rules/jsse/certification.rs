//! The checks of one certification path, from the anchor down: `PKIXMasterCertPathValidator` with
//! `AlgorithmChecker`, `KeyChecker`, `ConstraintsChecker`, `PolicyChecker` and `BasicChecker`, in that order.

use time::OffsetDateTime;

use super::super::super::budget::Budget;
use super::super::super::signature::SignatureError;
use super::super::rfc5280::{JavaWildcards, Link, Place, permits_as_java};
use super::constraints::{self, Position};
use super::policies::Policies;
use super::{Alert, Failure, Phase, Stance};
use crate::model::Certificate;

/// Critical extensions that `PKIXMasterCertPathValidator` and its checkers take away: key usage, alternative
/// names, basic constraints, name constraints, the four of policies, extended key usage.
const KNOWN: [&str; 9] = [
    "2.5.29.15",
    "2.5.29.17",
    "2.5.29.19",
    "2.5.29.30",
    "2.5.29.32",
    "2.5.29.33",
    "2.5.29.36",
    "2.5.29.37",
    "2.5.29.54",
];

/// The first critical extension that PKIX does not know.
pub(super) fn unknown_critical(certificate: &Certificate) -> Option<&str> {
    certificate
        .extensions()
        .iter()
        .find(|(oid, critical)| *critical && !KNOWN.contains(&oid.as_str()))
        .map(|(oid, _)| oid.as_str())
}

/// The path with its anchor behind it.
pub(super) fn with_anchor(path: &[Certificate], anchor: &Certificate) -> Vec<Certificate> {
    path.iter().chain([anchor]).cloned().collect()
}

/// Checks `path`, leaf first and without its anchor. A builder (`dates` false) has looked at dates and names
/// before.
///
/// A signature that cannot be checked here is the failure only if nothing else is.
pub(super) fn check_path(
    path: &[Certificate],
    anchor: &Certificate,
    stance: &Stance<'_>,
    budget: &mut Budget,
    dates: bool,
) -> Result<(), Failure> {
    let jdk_ca = stance.security.ships(anchor.fingerprint());
    let mut issuer = anchor;
    let mut longest = path.len();
    let mut policies = Policies::of(path);
    let mut unjudged = None;
    for (above, certificate) in path.iter().rev().enumerate() {
        let last = above.saturating_add(1) == path.len();
        let position = Position { issuer, first: above == 0, jdk_ca };
        constraints::certificate_algorithms(certificate, &position, stance)?;
        if !last {
            check_issuing(certificate, above == 0, &mut longest)?;
        }
        if last || !certificate.is_self_issued() {
            check_names(certificate, path.iter().rev().take(above), stance.security.wildcards(stance.java))?;
        }
        if let Some(policies) = &mut policies {
            policies.check(certificate, last)?;
        }
        if dates {
            check_dates(certificate, stance.now)?;
            check_chaining(certificate, issuer)?;
        }
        match budget.verify(certificate, issuer) {
            _ if is_beyond_java(certificate, issuer) => return Err(bad_signature(certificate)),
            Ok(Ok(())) => {}
            Ok(Err(error @ SignatureError::Unsupported(_))) => {
                unjudged.get_or_insert_with(|| cannot_judge(certificate, error.to_string()));
            }
            Ok(Err(_)) => return Err(bad_signature(certificate)),
            Err(exhausted) => return Err(cannot_judge(certificate, exhausted.to_string())),
        }
        constraints::tls_algorithms(certificate, &position, stance)?;
        if unknown_critical(certificate).is_some() {
            let text = "unrecognized critical extension(s)";
            return Err(Failure::new("unknown-critical-extension", Phase::Validation, certificate, text));
        }
        issuer = certificate;
    }
    unjudged.map_or(Ok(()), Err)
}

/// Curves on which Java checks signatures (`sun.security.ec.ECOperations`); keys on others it does read.
const CURVES: [&str; 3] = ["secp256r1", "secp384r1", "secp521r1"];

fn is_beyond_java(certificate: &Certificate, issuer: &Certificate) -> bool {
    certificate.signature_algorithm().name.ends_with("withECDSA")
        && issuer.key().curve.as_deref().is_some_and(|curve| !CURVES.contains(&curve))
}

fn bad_signature(certificate: &Certificate) -> Failure {
    Failure::new("bad-signature", Phase::Validation, certificate, "signature check failed")
        .alert(Alert::BadCertificate)
}

fn cannot_judge(certificate: &Certificate, text: String) -> Failure {
    Failure { unjudged: true, ..Failure::new("cannot-judge", Phase::Validation, certificate, text) }
}

/// `KeyChecker` and `ConstraintsChecker` for a certificate that issued the next one. `longest` is how many
/// certificates that are not self-issued may still come before the last.
fn check_issuing(certificate: &Certificate, first: bool, longest: &mut usize) -> Result<(), Failure> {
    let fail = |id, text: &str| Err(Failure::new(id, Phase::Validation, certificate, text));
    if certificate.key_usage().is_some_and(|usage| !usage.key_cert_sign()) {
        return fail("no-cert-sign", "CA key usage check failed: keyCertSign bit is not set");
    }
    let allowed = match certificate.basic_constraints() {
        Some(constraints) if certificate.version() >= 3 && constraints.ca => {
            constraints.path_length.map_or(usize::MAX, |length| usize::try_from(length).unwrap_or(usize::MAX))
        }
        _ if certificate.version() < 3 && first && certificate.is_self_issued() => usize::MAX,
        _ => return fail("not-a-ca", "basic constraints check failed: this is not a CA certificate"),
    };
    if !certificate.is_self_issued() {
        *longest = match longest.checked_sub(1) {
            Some(left) => left,
            None => {
                return fail(
                    "path-too-long",
                    "basic constraints check failed: pathLenConstraint violated - this cert must be the last \
                     cert in the certification path",
                );
            }
        };
    }
    *longest = allowed.min(*longest);
    Ok(())
}

/// Name constraints. Those of an anchor count for nothing: it is a name and a key to the JVM.
fn check_names<'a>(
    certificate: &'a Certificate,
    above: impl Iterator<Item = &'a Certificate>,
    wildcards: JavaWildcards,
) -> Result<(), Failure> {
    let constraining = above.filter(|authority| authority.has_extension(NAME_CONSTRAINTS));
    let authorities: Vec<Link<'_>> =
        constraining.filter_map(|authority| Link::new(authority, Place::Intermediate).ok()).collect();
    if authorities.is_empty() {
        return Ok(());
    }
    match Link::new(certificate, Place::EndEntity) {
        Ok(link) if !permits_as_java(&link, &authorities, wildcards) => {
            let text = "name constraints check failed";
            Err(Failure::new("name-constraint", Phase::Validation, certificate, text))
        }
        _ => Ok(()),
    }
}

const NAME_CONSTRAINTS: &str = "2.5.29.30";

fn check_dates(certificate: &Certificate, now: OffsetDateTime) -> Result<(), Failure> {
    let (id, alert) = if now < certificate.not_before() {
        ("not-yet-valid", Alert::BadCertificate)
    } else if certificate.not_after() < now {
        ("expired", Alert::CertificateExpired)
    } else {
        return Ok(());
    };
    Err(Failure::new(id, Phase::Validation, certificate, "validity check failed").alert(alert))
}

fn check_chaining(certificate: &Certificate, issuer: &Certificate) -> Result<(), Failure> {
    let text = if certificate.issuer().is_empty() {
        "subject/issuer name chaining check failed: empty/null issuer DN in certificate is invalid"
    } else if !super::names_chain(certificate, issuer) {
        "subject/issuer name chaining check failed"
    } else {
        return Ok(());
    };
    Err(Failure::new("name-chaining", Phase::Validation, certificate, text))
}
