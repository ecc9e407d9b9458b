//! What a store knows before an import: which certificates it has, and which of them may vouch.

use std::collections::HashMap;

use super::import::Terms;
use super::vouch::Pool;
use crate::model::key_store::{EncodedCertificate, Entry, EntryKind};
use crate::model::{Certificate, Fingerprint};

/// Up to so many certificates it takes less to read them all than to verify one signature.
const FEW: usize = 16;

/// Every certificate that Java's `getCertificate(alias)` returns, the JDK's anchors where they count, and what
/// was planned before. The certificates are read when somebody asks who vouches, not earlier: a pin and most
/// self-signed certificates need no issuer, and a store may have a hundred thousand.
pub(super) struct Known<'a> {
    /// Trusted certificates and the end entities of key entries, with the first alias of each.
    present: HashMap<Fingerprint, &'a str>,
    /// What the pool has not taken in yet.
    unread: Vec<&'a EncodedCertificate>,
    anchors: &'a [Certificate],
    pool: Pool,
}

impl<'a> Known<'a> {
    /// `imported` is how many certificates will be asked about.
    pub(super) fn by(entries: &'a [Entry<'_>], terms: &Terms<'a>, imported: usize) -> Self {
        let returned = entries.iter().filter(|entry| {
            entry.hidden.is_none()
                && matches!(entry.kind, EntryKind::TrustedCertificate | EntryKind::PrivateKey)
        });
        let mut present = HashMap::new();
        let mut unread = Vec::new();
        for (entry, certificate) in returned.filter_map(|entry| Some((entry, *entry.chain.first()?))) {
            present.entry(certificate.fingerprint()).or_insert(entry.alias.as_str());
            unread.push(certificate);
        }
        Self { present, unread, anchors: terms.cacerts.unwrap_or_default(), pool: Pool::new(imported) }
    }

    /// The alias under which the store has a certificate.
    pub(super) fn alias_of(&self, certificate: &Certificate) -> Option<&'a str> {
        self.present.get(&certificate.fingerprint()).copied()
    }

    /// What was planned vouches for what comes after it.
    pub(super) fn plan(&mut self, certificate: &Certificate) {
        self.pool.add(certificate.clone());
    }

    /// Every certificate that may vouch.
    pub(super) fn pool(&mut self) -> &mut Pool {
        for certificate in self.unread.drain(..) {
            if let Ok(certificate) = certificate.read() {
                self.pool.add(certificate);
            }
        }
        for anchor in std::mem::take(&mut self.anchors) {
            self.pool.add(anchor.clone());
        }
        &mut self.pool
    }

    /// Whether it is plain that nobody vouches for a certificate, without a signature being verified: it names
    /// itself as its issuer, and nobody else has that name. `false` says nothing.
    pub(super) fn stands_alone(&mut self, certificate: &Certificate) -> bool {
        certificate.is_self_issued()
            && self.anchors.is_empty()
            && self.unread.len() <= FEW
            && !self.pool().has_subject(certificate.subject())
    }
}
