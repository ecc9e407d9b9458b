//! Revocation: RFC 5280 sections 6.1.3 (a)(3) and 6.3.

use super::super::super::revocation::{Demand, Status, status};
use super::super::Question;
use super::super::violation::{Rank, Violation, called};
use super::Link;
use crate::model::Certificate;
use crate::report::certificate::rfc3339;

const SECTION: &str = "RFC 5280 section 6.3";

/// No certificate below the anchor is revoked, as far as is demanded.
pub(super) fn check(path: &[Link<'_>], question: &Question<'_>, found: &mut Vec<Violation>) {
    let demand = question.revocation.demand;
    if demand == Demand::Off {
        return;
    }
    for pair in path.windows(2) {
        let [link, issuer] = pair else { continue };
        let known = status(link.certificate, issuer.certificate, question.revocation, question.now);
        let (id, message) = match known {
            Status::Good => continue,
            Status::Unknown if demand == Demand::Soft => continue,
            Status::Unknown => {
                ("revocation-unknown", format!("nobody says whether {} is revoked", link.called()))
            }
            Status::Unusable(problem) => (
                "revocation-unusable",
                format!("whether {} is revoked cannot be told: {problem}", link.called()),
            ),
            Status::Revoked { since, reason } => {
                let reason = reason.map(|reason| format!(", for {reason}")).unwrap_or_default();
                ("revoked", format!("{} is revoked since {}{reason}", link.called(), rfc3339(since)))
            }
        };
        found.push(link.breaks(id, Rank::Revocation, SECTION, message));
    }
}

/// What a lenient demand let pass on a path: sentences for the verdict.
pub(super) fn passed_over(path: &[Certificate], question: &Question<'_>) -> Vec<String> {
    match question.revocation.demand {
        Demand::Off => vec!["revocation".to_owned()],
        Demand::Hard => Vec::new(),
        Demand::Soft => path
            .windows(2)
            .filter_map(|pair| match pair {
                [certificate, issuer] => Some((certificate, issuer)),
                _ => None,
            })
            .filter(|(certificate, issuer)| {
                status(certificate, issuer, question.revocation, question.now) == Status::Unknown
            })
            .map(|(certificate, _)| format!("revocation of {}: nobody says anything", called(certificate)))
            .collect(),
    }
}
