//! The chain put together: which certificate is the server's, the best path upwards from it, and which
//! trust stores end it.

use std::collections::HashMap;

use super::super::budget::Budget;
use super::super::completion::{best_path, complete};
use super::super::issuers::{IssuerAttempt, IssuerSource};
use super::super::names::{self, ServerName, Wildcards};
use super::super::path::{Candidates, Path, PathEnd};
use super::super::signature;
use super::{Store, World};
use crate::model::{Certificate, Fingerprint};

/// What was found out about a chain.
pub(super) struct Assembly<'a> {
    /// As sent, without what could not be read.
    pub(super) presented: &'a [Certificate],
    pub(super) world: World<'a>,
    /// The server's certificate, whether it was sent first or not.
    pub(super) leaf: Certificate,
    /// The best path from the leaf.
    pub(super) path: Path,
    /// Each store that is reported, and whether some path ends in it.
    pub(super) anchored: Vec<(&'a str, bool)>,
    /// Where a certificate that was not sent came from.
    pub(super) origins: HashMap<Fingerprint, String>,
    /// Addresses that were asked, by the certificate that names them.
    pub(super) attempts: HashMap<Fingerprint, Vec<IssuerAttempt>>,
}

impl<'a> Assembly<'a> {
    /// Puts the chain together; `None` when nothing was sent that can be read.
    pub(super) fn new(
        presented: &'a [Certificate],
        host: Option<&ServerName>,
        world: World<'a>,
        issuers: &mut dyn IssuerSource,
        budget: &mut Budget,
    ) -> Option<Self> {
        let leaf = leaf(presented, host)?.clone();
        let mut origins = HashMap::new();
        let mut candidates: Candidates = presented.iter().collect();
        let reported = world.reported();
        for store in world.pool.iter().chain(world.asked).chain(world.known) {
            for certificate in store.certificates {
                if candidates.insert(certificate) {
                    origins.insert(certificate.fingerprint(), store.label.to_owned());
                }
            }
        }
        let all: Candidates = world.asked.iter().chain(world.known).flat_map(|s| s.certificates).collect();
        let mut attempts = HashMap::new();
        let path =
            complete(&leaf, &all, &mut candidates, world.now, issuers, budget, |certificate, attempt| {
                attempts.insert(certificate.fingerprint(), attempt.attempts.clone());
                for found in &attempt.certificates {
                    let from = attempt.attempts.iter().find(|a| a.outcome.as_ref().is_ok_and(|&n| n > 0));
                    let from = from.map_or_else(|| "an issuer source".to_owned(), |a| a.address.clone());
                    origins.entry(found.fingerprint()).or_insert(from);
                }
            });
        let mut best = None;
        let mut anchored = Vec::new();
        for store in reported {
            let anchors: Candidates = store.certificates.iter().collect();
            let found = best_path(&leaf, &anchors, &candidates, presented, world.now, budget)
                .filter(|path| path.end == PathEnd::Anchor);
            anchored.push((store.label, found.is_some()));
            best = best.or(found);
        }
        let path = best.unwrap_or(path);
        Some(Self { presented, world, leaf, path, anchored, origins, attempts })
    }

    /// Whether exactly this certificate was sent.
    pub(super) fn was_sent(&self, certificate: &Certificate) -> bool {
        self.presented.contains(certificate)
    }

    /// The stores that are reported and have no anchor.
    pub(super) fn lacking(&self) -> Vec<&'a str> {
        self.anchored.iter().filter(|(_, has)| !has).map(|(label, _)| *label).collect()
    }

    /// The anchor, where the path ends with one.
    pub(super) fn anchor(&self) -> Option<&Certificate> {
        self.path.certificates.last().filter(|_| self.path.end == PathEnd::Anchor)
    }

    /// Where a certificate was found.
    pub(super) fn origin(&self, certificate: &Certificate) -> Option<&str> {
        self.origins.get(&certificate.fingerprint()).map(String::as_str)
    }

    /// The store, asked or known, that trusts exactly this certificate.
    pub(super) fn trusting(&self, certificate: &Certificate) -> Option<&Store<'a>> {
        self.world.asked.iter().chain(self.world.known).find(|s| s.certificates.contains(certificate))
    }
}

/// The server's certificate: the first, unless that is a CA and another one is none, or is for the host.
fn leaf<'a>(presented: &'a [Certificate], host: Option<&ServerName>) -> Option<&'a Certificate> {
    let first = presented.first()?;
    if !first.is_ca() && !is_issuer_of_another(first, presented) {
        return Some(first);
    }
    let named = host.and_then(|host| {
        let is_for = |c: &Certificate| {
            names::rfc9525(host, c) || names::jsse(host, c, Wildcards::LeftmostLabel).is_ok()
        };
        presented.iter().find(|c| !c.is_ca() && is_for(c))
    });
    let end = || presented.iter().find(|c| !c.is_ca() && !is_issuer_of_another(c, presented));
    let lowest = || presented.iter().find(|c| !is_issuer_of_another(c, presented));
    Some(named.or_else(end).or_else(lowest).unwrap_or(first))
}

fn is_issuer_of_another(certificate: &Certificate, presented: &[Certificate]) -> bool {
    presented.iter().any(|other| other != certificate && other.issuer() == certificate.subject())
}

/// Whether the path is the server's self-signed certificate alone.
pub(super) fn is_self_signed_leaf(assembly: &Assembly<'_>) -> bool {
    assembly.path.certificates.len() == 1 && signature::is_self_signed(&assembly.leaf)
}
