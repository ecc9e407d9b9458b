//! One CRL and one certificate: RFC 5280 sections 5 and 6.3.3. Indirect and delta CRLs are not processed.

use time::OffsetDateTime;

use super::super::signature::{self, Signed};
use super::{Answer, Said, Subject};
use crate::limits;
use crate::model::crl::CrlScope;
use crate::model::revocation::RevocationReason;
use crate::model::{Certificate, Crl};
use crate::report::certificate::rfc3339;

/// What a list says of a certificate; `None` where it is about others.
pub(super) fn look_up(subject: &Subject<'_>, crl: &Crl) -> Option<Answer> {
    if crl.issuer != *subject.certificate.issuer() || !covers(crl, subject.certificate) {
        return None;
    }
    let said = match usable(subject, crl) {
        Ok(()) => said(subject.certificate, crl)?,
        Err(problem) => Said::Unusable(problem),
    };
    Some(Answer { said, this_update: Some(crl.this_update), next_update: crl.next_update })
}

/// A list about some reasons only does not say that a certificate is good.
fn said(certificate: &Certificate, crl: &Crl) -> Option<Said> {
    let revoking = crl
        .entries_of(certificate.serial())
        .find(|entry| entry.reason != Some(RevocationReason::REMOVE_FROM_CRL));
    match revoking {
        Some(entry) => Some(Said::Revoked { since: entry.date, reason: entry.reason }),
        None if crl.scope.as_ref().is_some_and(|scope| scope.some_reasons) => None,
        None => Some(Said::Good),
    }
}

/// Whether the list may be used at all.
fn usable(subject: &Subject<'_>, crl: &Crl) -> Result<(), String> {
    if crl.scope.as_ref().is_some_and(|scope| scope.indirect) {
        return Err("the CRL is an indirect one, which is not processed".to_owned());
    }
    if crl.is_delta {
        return Err("the CRL is a delta, which is not processed".to_owned());
    }
    if let Some(oid) = crl.unknown_critical.first() {
        return Err(format!("the CRL has the critical extension {oid}, which is not known"));
    }
    if let Some(oid) = crl.wrongly_critical.first() {
        return Err(format!("the extension {oid} of the CRL is critical, which it must not be"));
    }
    is_signed(subject, crl)?;
    if crl.this_update > subject.now + limits::CLOCK_TOLERANCE {
        return Err(format!("the CRL is not valid before {}", rfc3339(crl.this_update)));
    }
    match crl.next_update {
        Some(next) if next < subject.now => Err(format!("the CRL expired on {}", rfc3339(next))),
        Some(_) => Ok(()),
        None => Err("the CRL does not say when the next one is due".to_owned()),
    }
}

/// Section 6.3.3 (f) and (g). Where an authority has several keys, the list may be signed with another one than the
/// certificate.
fn is_signed(subject: &Subject<'_>, crl: &Crl) -> Result<(), String> {
    if !crl.signature_algorithms_agree {
        return Err("the CRL has two signature algorithms".to_owned());
    }
    if let Some(weak @ ("MD2" | "MD4" | "MD5" | "SHA1")) = crl.signature_algorithm.digest {
        return Err(format!("the CRL is signed with {weak}"));
    }
    let mut problem = None;
    for signer in signers(subject, crl) {
        match signed_by(signer, crl) {
            Ok(()) => return Ok(()),
            Err(text) => {
                problem.get_or_insert(text);
            }
        }
    }
    Err(problem.unwrap_or_else(|| "the CRL is of another key of the issuer".to_owned()))
}

fn signed_by(signer: &Certificate, crl: &Crl) -> Result<(), String> {
    if signer.key_usage().is_some_and(|usage| !usage.crl_sign()) {
        return Err("the issuer's key usage does not allow it to sign CRLs".to_owned());
    }
    let signed =
        Signed { data: crl.signed(), algorithm: &crl.signature_algorithm, signature: &crl.signature };
    signature::verify_signed(&signed, signer.key()).map_err(|error| format!("the CRL: {error}"))
}

/// The issuer, then the other certificates of its name that the path vouches for. The anchor of a list has to be that of
/// the certificate, so another anchor of the same name does not count.
fn signers<'a>(subject: &Subject<'a>, crl: &'a Crl) -> impl Iterator<Item = &'a Certificate> {
    let subject = *subject;
    let vouched = subject
        .candidates
        .iter()
        .chain(subject.more_candidates)
        .filter(move |candidate| is_another(&subject, candidate) && is_vouched_for(&subject, candidate));
    let has_key = move |signer: &&Certificate| match (&crl.authority_key_id, signer.subject_key_id()) {
        (Some(wanted), Some(own)) => **wanted == *own,
        _ => true,
    };
    std::iter::once(subject.issuer).chain(vouched).filter(has_key).take(limits::CRL_SIGNERS)
}

fn is_another(subject: &Subject<'_>, certificate: &Certificate) -> bool {
    certificate.subject() == subject.issuer.subject()
        && certificate.key() != subject.issuer.key()
        && is_current(certificate, subject.now)
}

/// Whether the authority itself, or the one above it, has signed a certificate for another key of the authority.
fn is_vouched_for(subject: &Subject<'_>, certificate: &Certificate) -> bool {
    certificate.is_ca()
        && [Some(subject.issuer), subject.above].into_iter().flatten().any(|authority| {
            certificate.issuer() == authority.subject()
                && signature::verify(certificate, authority.key()).is_ok()
        })
}

pub(super) fn is_current(certificate: &Certificate, now: OffsetDateTime) -> bool {
    certificate.not_before() <= now && now <= certificate.not_after()
}

/// Whether the scope of a list takes in a certificate (section 6.3.3 (b)(2)).
fn covers(crl: &Crl, certificate: &Certificate) -> bool {
    let Some(scope) = &crl.scope else { return true };
    is_of_kind(scope, certificate)
        && scope.point.as_ref().is_none_or(|point| {
            let mut points = certificate.distribution_points().iter();
            points.any(|own| own.name.as_ref().is_some_and(|own| own.meets(point)))
        })
}

fn is_of_kind(scope: &CrlScope, certificate: &Certificate) -> bool {
    let kind = if certificate.is_ca() { !scope.users_only } else { !scope.authorities_only };
    kind && !scope.attributes_only
}
