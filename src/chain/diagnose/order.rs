//! How the chain was sent: order, strangers, duplicates, the root.

use std::collections::HashSet;

use super::super::budget::Budget;
use super::super::path::PathEnd;
use super::super::signature::is_self_signed;
use super::assembly::{Assembly, is_self_signed_leaf};
use super::called;
use super::gaps::send_chain;
use crate::model::{Certificate, Fingerprint};
use crate::report::finding::{Finding, FindingId, Severity};

pub(super) fn find(assembly: &Assembly<'_>, budget: &mut Budget, findings: &mut Vec<Finding>) {
    let distinct = duplicates(assembly, findings);
    let related = related(assembly, &distinct, budget);
    wrong_order(assembly, &distinct, &related, budget, findings);
    for &certificate in &distinct {
        if *certificate == assembly.leaf {
            continue;
        }
        if !related.contains(&certificate.fingerprint()) {
            unrelated(assembly, certificate, findings);
        } else if !is_self_signed_leaf(assembly) && is_self_signed(certificate) {
            let message = format!(
                "the root {} was sent along; clients have their own and ignore it",
                called(certificate)
            );
            findings.push(Finding::new(FindingId::RootSent, Severity::Info, Some(certificate), message));
        }
    }
}

/// What was sent without repetitions, which are findings.
fn duplicates<'a>(assembly: &Assembly<'a>, findings: &mut Vec<Finding>) -> Vec<&'a Certificate> {
    let mut distinct: Vec<&Certificate> = Vec::new();
    let mut repeated = HashSet::new();
    for certificate in assembly.presented {
        if !distinct.contains(&certificate) {
            distinct.push(certificate);
        } else if repeated.insert(certificate.fingerprint()) {
            let times = assembly.presented.iter().filter(|other| *other == certificate).count();
            let message = format!("{} was sent {times} times", called(certificate));
            let id = FindingId::DuplicateCertificate;
            findings.push(
                Finding::new(id, Severity::Info, Some(certificate), message)
                    .with_repair(send_chain(assembly)),
            );
        }
    }
    distinct
}

/// Everything sent from which a line of issued certificates leads down to the leaf.
fn related(assembly: &Assembly<'_>, distinct: &[&Certificate], budget: &mut Budget) -> HashSet<Fingerprint> {
    let mut related = HashSet::from([assembly.leaf.fingerprint()]);
    // A link may run over a certificate that was not sent.
    let mut frontier: Vec<&Certificate> = vec![&assembly.leaf];
    frontier.extend(assembly.path.certificates.iter().skip(1));
    while let Some(below) = frontier.pop() {
        for &certificate in distinct {
            if certificate.subject() == below.issuer()
                && !related.contains(&certificate.fingerprint())
                && budget.issued(below, certificate)
            {
                related.insert(certificate.fingerprint());
                frontier.push(certificate);
            }
        }
    }
    related
}

/// Order: the leaf first, and each further certificate the issuer of one before it. A line that runs over
/// a certificate that was not sent is not out of order.
fn wrong_order(
    assembly: &Assembly<'_>,
    distinct: &[&Certificate],
    related: &HashSet<Fingerprint>,
    budget: &mut Budget,
    findings: &mut Vec<Finding>,
) {
    let repair = || send_chain(assembly);
    if let Some(first) = distinct.first()
        && **first != assembly.leaf
    {
        let message = format!(
            "the chain begins with {}; the server's own certificate {} must come first",
            called(first),
            called(&assembly.leaf)
        );
        let finding = Finding::new(FindingId::WrongOrder, Severity::Error, Some(first), message);
        findings.push(finding.with_repair(repair()));
        return;
    }
    let sent: Vec<&Certificate> =
        distinct.iter().copied().filter(|c| related.contains(&c.fingerprint())).collect();
    for (i, certificate) in sent.iter().enumerate().skip(1) {
        let mut is_issuer = |below: &Certificate| {
            certificate.subject() == below.issuer() && budget.issued(below, certificate)
        };
        let earlier = sent.iter().take(i).any(|below| is_issuer(below));
        let later = sent.iter().skip(i + 1).find(|below| is_issuer(below));
        if let (false, Some(below)) = (earlier, later) {
            let message = format!(
                "{} was sent before {}, which it issued; some clients take the order as it comes and fail",
                called(certificate),
                called(below)
            );
            let finding = Finding::new(FindingId::WrongOrder, Severity::Warning, Some(certificate), message);
            findings.push(finding.with_repair(repair()));
            return;
        }
    }
}

fn unrelated(assembly: &Assembly<'_>, certificate: &Certificate, findings: &mut Vec<Finding>) {
    if matches!(&assembly.path.end, PathEnd::BadSignature { issuer } if issuer == certificate) {
        return;
    }
    let namesake = assembly.path.certificates.iter().any(|below| below.issuer() == certificate.subject());
    let why = if namesake {
        "has the name of an issuer of this chain, but another key"
    } else {
        "issued nothing in this chain"
    };
    let message = format!("{} was sent, but {why}", called(certificate));
    findings.push(
        Finding::new(FindingId::UnrelatedCertificate, Severity::Warning, Some(certificate), message)
            .with_repair(send_chain(assembly)),
    );
}
