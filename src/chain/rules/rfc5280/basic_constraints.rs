//! Basic constraints: RFC 5280 sections 4.2.1.9, 6.1.4 (k) to (m).

use x509_parser::prelude::ParsedExtension;

use super::super::Question;
use super::super::violation::{Rank, Violation};
use super::Link;
use crate::chain::rules::rfc5280::Place;

const SECTION: &str = "RFC 5280 section 4.2.1.9";
const OID: &str = "2.5.29.19";

/// Who issues is a CA and says so in a critical extension; a path length is for CAs that sign certificates.
pub(super) fn check(link: &Link<'_>, found: &mut Vec<Violation>) {
    let mut breaks = |id, message| found.push(link.breaks(id, Rank::Right, SECTION, message));
    let Some(constraints) = link.certificate.basic_constraints() else {
        if link.issues() {
            breaks(
                "not-a-ca",
                format!("{} issues, and has no basic constraints that call it a CA", link.called()),
            );
        }
        return;
    };
    if link.issues() && !constraints.ca {
        breaks(
            "not-a-ca",
            format!("{} issues, and its basic constraints say that it is no CA", link.called()),
        );
    }
    if link.issues() && constraints.ca && !link.extension(OID).is_some_and(|extension| extension.critical) {
        breaks(
            "basic-constraints-not-critical",
            format!("the basic constraints of {} are not critical", link.called()),
        );
    }
    let signs = link.certificate.key_usage().is_none_or(|usage| usage.key_cert_sign());
    if constraints.path_length.is_some() && !(constraints.ca && signs) {
        breaks(
            "path-length-of-no-ca",
            format!("{} has a path length, and may not sign certificates", link.called()),
        );
    }
}

/// Below a CA stand no more intermediates than its path length allows; what is self-issued does not count.
pub(super) fn path_length(path: &[Link<'_>], _: &Question<'_>, found: &mut Vec<Violation>) {
    let mut below: u32 = 0;
    for link in path.iter().skip(1) {
        let length = match link.says(OID) {
            Some(ParsedExtension::BasicConstraints(constraints)) => constraints.path_len_constraint,
            _ => None,
        };
        if let Some(length) = length.filter(|&length| below > length) {
            let message = format!(
                "{} allows {length} intermediates below itself, and there are {below}",
                link.called()
            );
            found.push(link.breaks("path-too-long", Rank::Right, SECTION, message));
        }
        if link.place == Place::Intermediate && !link.certificate.is_self_issued() {
            below = below.saturating_add(1);
        }
    }
}

/// [`Question::max_depth`].
pub(super) fn depth(path: &[Link<'_>], question: &Question<'_>, found: &mut Vec<Violation>) {
    let Some(most) = question.max_depth else { return };
    let intermediate =
        |link: &&Link<'_>| link.place == Place::Intermediate && !link.certificate.is_self_issued();
    let count = path.iter().filter(intermediate).count();
    if let Some(leaf) = path.first().filter(|_| count > most) {
        let message = format!("the path has {count} intermediates, and {most} are allowed");
        found.push(leaf.breaks("too-deep", Rank::Right, "", message));
    }
}
