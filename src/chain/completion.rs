//! A chain that breaks off is made longer by asking for the issuers that are missing.

use std::collections::HashSet;

use time::OffsetDateTime;

use super::budget::Budget;
use super::issuers::{IssuerAnswer, IssuerSource};
use super::path::{AdmitAll, Candidates, Path, PathEnd, Search};
use crate::limits;
use crate::model::{Certificate, Fingerprint};

/// Paths that are compared before the best of them is taken.
const COMPARED: usize = 64;

/// Searches, asks for the issuer of a path that ends too early, or for another one than an intermediate outside its
/// dates, and searches again, at most [`limits::AIA_REQUESTS`] times. What comes is put among the candidates, and `heard` is told of each answer
/// with the certificate that was asked about. The best path of the last search is returned.
pub fn complete(
    leaf: &Certificate,
    anchors: &Candidates,
    candidates: &mut Candidates,
    now: OffsetDateTime,
    issuers: &mut dyn IssuerSource,
    budget: &mut Budget,
    mut heard: impl FnMut(&Certificate, &IssuerAnswer),
) -> Path {
    let sent: Vec<Certificate> = Vec::new();
    let mut asked: HashSet<Fingerprint> = HashSet::new();
    loop {
        let best = best_path(leaf, anchors, candidates, &sent, now, budget)
            .unwrap_or_else(|| Path { certificates: vec![leaf.clone()], end: PathEnd::NotAdmitted });
        let ends_early = matches!(best.end, PathEnd::NoIssuer | PathEnd::BadSignature { .. });
        let wanting = if ends_early { best.certificates.last() } else { below_outdated(&best, now) };
        let Some(wanting) = wanting else { return best };
        if asked.len() >= limits::AIA_REQUESTS || !asked.insert(wanting.fingerprint()) {
            return best;
        }
        let answer = issuers.issuers_of(wanting);
        heard(wanting, &answer);
        for certificate in answer.certificates.iter().take(limits::AIA_CERTIFICATES) {
            candidates.insert(certificate);
        }
    }
}

/// The certificate below the first intermediate outside its dates: its address may have the renewed one.
fn below_outdated(path: &Path, now: OffsetDateTime) -> Option<&Certificate> {
    let links = path.certificates.iter().zip(path.certificates.iter().skip(1));
    let mut intermediates = links.filter(|(_, issuer)| !issuer.is_self_issued());
    let (below, _) = intermediates.find(|(_, issuer)| is_outdated(issuer, now))?;
    Some(below)
}

fn is_outdated(certificate: &Certificate, now: OffsetDateTime) -> bool {
    now < certificate.not_before() || certificate.not_after() < now
}

/// The best of the first paths: anchored before rooted before broken, valid and named as JVMs compare names before
/// others, made of what was sent before completed, short before long.
pub(super) fn best_path(
    leaf: &Certificate,
    anchors: &Candidates,
    candidates: &Candidates,
    presented: &[Certificate],
    now: OffsetDateTime,
    budget: &mut Budget,
) -> Option<Path> {
    let mut search = Search::new(leaf, anchors, candidates, AdmitAll);
    let mut best: Option<(_, Path)> = None;
    for _ in 0..COMPARED {
        let Ok(Some(path)) = search.next_path(budget) else { break };
        let rank = rank(&path, presented, now);
        if best.as_ref().is_none_or(|(least, _)| rank < *least) {
            best = Some((rank, path));
        }
    }
    best.map(|(_, path)| path)
}

fn rank(path: &Path, presented: &[Certificate], now: OffsetDateTime) -> (u8, usize, usize, isize) {
    let end = match path.end {
        PathEnd::Anchor => 0,
        PathEnd::UntrustedRoot => 1,
        _ => 2,
    };
    let below = path.certificates.iter().rev().skip(usize::from(path.end == PathEnd::Anchor));
    let outdated = below.clone().filter(|c| is_outdated(c, now)).count();
    let links = path.certificates.iter().zip(path.certificates.iter().skip(1));
    let misnamed = links.filter(|(c, issuer)| !c.issuer().is_equal_in_java(issuer.subject())).count();
    let unsent = below.filter(|c| !presented.contains(c)).count();
    let length = isize::try_from(path.certificates.len()).unwrap_or(isize::MAX);
    // A broken path is the more telling the further it goes.
    let length = if end == 2 { length.saturating_neg() } else { length };
    (end, outdated.saturating_add(misnamed), unsent, length)
}
