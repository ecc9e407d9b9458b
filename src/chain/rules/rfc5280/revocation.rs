//! Revocation: RFC 5280 sections 6.1.3 (a)(3) and 6.3, RFC 6960.

use super::super::super::revocation::{Demand, Status, Subject, reason_text, status};
use super::super::Question;
use super::super::violation::{Rank, Violation, called};
use super::Link;
use crate::model::Certificate;
use crate::report::certificate::rfc3339;

const CRL: &str = "RFC 5280 section 6.3";
const OCSP: &str = "RFC 6960 section 2.2";

/// No certificate below the anchor is revoked, as far as is demanded.
pub(super) fn check(path: &[Link<'_>], question: &Question<'_>, found: &mut Vec<Violation>) {
    let demand = question.revocation.demand;
    if demand == Demand::Off {
        return;
    }
    let path: Vec<Certificate> = path.iter().map(|link| link.certificate.clone()).collect();
    for (certificate, known) in statuses(&path, question) {
        let called = called(certificate);
        let (id, section, message) = match known {
            Status::Good => continue,
            Status::Silent(_) if demand == Demand::Soft => continue,
            Status::Silent(why) => {
                ("revocation-unknown", CRL, format!("nobody says whether {called} is revoked: {why}"))
            }
            Status::Unknown => {
                ("ocsp-unknown", OCSP, format!("the responder of the issuer does not know {called}"))
            }
            Status::Unusable(problem) => {
                ("revocation-unusable", CRL, format!("whether {called} is revoked cannot be told: {problem}"))
            }
            Status::Revoked { since, reason } => {
                let reason = reason.map(|reason| format!(", for {}", reason_text(reason)));
                let reason = reason.unwrap_or_default();
                ("revoked", CRL, format!("{called} is revoked since {}{reason}", rfc3339(since)))
            }
        };
        found.push(Violation::new(id, Rank::Revocation, section, certificate, message));
        // A refusal is a refusal: nobody else need be asked.
        return;
    }
}

/// What a lenient demand let pass on a path that is accepted: sentences for the verdict. For the sake of a path that is
/// refused nobody is asked.
pub(super) fn passed_over(path: &[Certificate], accepted: bool, question: &Question<'_>) -> Vec<String> {
    match question.revocation.demand {
        Demand::Off => vec!["revocation".to_owned()],
        Demand::Soft if accepted => statuses(path, question)
            .filter_map(|(certificate, known)| match known {
                Status::Silent(why) => Some(format!("revocation of {}: {why}", called(certificate))),
                _ => None,
            })
            .collect(),
        Demand::Soft | Demand::Hard => Vec::new(),
    }
}

/// What is known of each certificate below the anchor, found out as it is asked for.
fn statuses<'a>(
    path: &'a [Certificate],
    question: &'a Question<'_>,
) -> impl Iterator<Item = (&'a Certificate, Status)> {
    path.windows(2).enumerate().filter_map(move |(place, pair)| {
        let [certificate, issuer] = pair else { return None };
        let subject = Subject {
            certificate,
            issuer,
            above: path.get(place.saturating_add(2)),
            candidates: question.chain,
            more_candidates: question.untrusted,
            now: question.now,
        };
        Some((certificate, status(&subject, question.revocation)))
    })
}
