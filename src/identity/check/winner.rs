//! Several identities in one store: whether one that fails is taken before one that would do.

use std::collections::{HashMap, HashSet};

use time::OffsetDateTime;

use super::{Subject, World, quoted};

use crate::identity::Identity;
use crate::identity::select::enumeration::listed;
use crate::identity::select::{Java, Manager, Question, Security, choose};
use crate::model::{ClientAuthRequest, Name};
use crate::report::finding::{FindingId, Severity};
use crate::report::identity_check::{IdentityFinding, IdentityRepair};

/// The CAs of so many identities are asked with, which is more than a store of identities has.
const CAS_ASKED: usize = 64;

/// The signature schemes that OpenSSL 3.0 asks for by default on TLS 1.3 (`tls12_sigalgs` of its `t1_lib.c`).
const USUAL_SCHEMES: [u16; 14] = [
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0809, 0x080a, 0x080b, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501,
    0x0601,
];

/// `fails` says of each identity whether something about it is an error.
pub(super) fn find(subject: &Subject<'_>, world: &World<'_>, fails: &[bool]) -> Vec<IdentityFinding> {
    let failing: HashSet<&str> = subject
        .identities
        .iter()
        .zip(fails)
        .filter(|(_, fails)| **fails)
        .map(|(identity, _)| identity.alias.as_str())
        .collect();
    if failing.is_empty() || failing.len() == subject.identities.len() {
        return Vec::new();
    }
    let usual = Usual { subject, identities: listed(subject.store, subject.identities), now: world.now };
    let mut findings = Vec::new();
    for (manager, name) in [(Manager::SunX509, "SunX509, the default,"), (Manager::Pkix, "PKIX")] {
        let without_names = usual.taken(manager, None);
        let mut by_issuer: HashMap<&str, Option<&str>> = HashMap::new();
        for wanted in subject.identities.iter().filter(|identity| !failing.contains(identity.alias.as_str()))
        {
            let named = wanted.chain.last().and_then(|last| {
                let issuer = last.issuer();
                match by_issuer.get(issuer.canonical()) {
                    Some(taken) => *taken,
                    None if by_issuer.len() >= CAS_ASKED => None,
                    None => {
                        let taken = usual.taken(manager, Some(issuer));
                        *by_issuer.entry(issuer.canonical()).or_insert(taken)
                    }
                }
            });
            let fails = |taken: &Option<&str>| taken.is_some_and(|taken| failing.contains(taken));
            let asked = [(without_names, "that names no CAs"), (named, "that names its CA")];
            let Some((Some(taken), which)) = asked.into_iter().find(|(taken, _)| fails(taken)) else {
                continue;
            };
            if !subject.asks_for(&wanted.alias) && !subject.asks_for(taken) {
                continue;
            }
            let message = format!(
                "{name} takes {}, which fails, before {}, with a server {which}",
                quoted(taken),
                quoted(&wanted.alias)
            );
            let id = FindingId::WrongIdentityFirst;
            let finding = IdentityFinding::of_entry(&wanted.alias, id, Severity::Error, message);
            findings.push(finding.repaired_by(IdentityRepair::Separate { alias: wanted.alias.clone() }));
        }
    }
    findings
}

/// Usual servers, put to the key managers of OpenJDK 17.
struct Usual<'a> {
    subject: &'a Subject<'a>,
    identities: Vec<&'a Identity>,
    now: OffsetDateTime,
}

impl<'a> Usual<'a> {
    /// The alias that is taken for a server with OpenSSL's default algorithms that names this CA, or none. Nothing is
    /// where a key that does not open keeps SunX509 from being made, which is told with the key.
    fn taken(&self, manager: Manager, issuer: Option<&Name>) -> Option<&'a str> {
        let request = ClientAuthRequest {
            version: 0x0304,
            signature_algorithms: Some(USUAL_SCHEMES.to_vec()),
            authorities: issuer.map(|name| name.der().to_vec()).into_iter().collect(),
            ..ClientAuthRequest::default()
        };
        let question = Question {
            request: &request,
            format: self.subject.store.format(),
            identities: &self.identities,
            now: self.now,
            security: &Security::default(),
        };
        let chosen = choose(&question, manager, Java::V17).chosen?;
        self.identities
            .iter()
            .copied()
            .find(|identity| std::ptr::eq(*identity, chosen))
            .map(|identity| identity.alias.as_str())
    }
}
