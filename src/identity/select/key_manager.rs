//! `chooseClientAlias` of the two key managers.

use super::enumeration::{hash_map_order, java_alias};
use super::scheme::Asked;
use super::{Java, Manager, Question, Test};
use crate::chain::rules::jsse::client_chain::{key_algorithm, refusal};
use crate::identity::Identity;
use crate::model::Certificate;
use crate::model::public_key::KeyAlgorithm;

/// The choice, and why the others were not chosen.
pub(super) struct Chosen<'a> {
    pub(super) winner: Option<&'a Identity>,
    pub(super) tests: Vec<(&'a Identity, Test)>,
}

/// An identity that may be sent.
struct Candidate<'a> {
    identity: &'a Identity,
    /// The place of its key's algorithm among those that the server asks for.
    key_type: usize,
    check: Check,
}

/// `X509KeyManagerImpl.CheckResult`, from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Check {
    Fine,
    NotValidNow,
    WrongUsage,
}

pub(super) fn choose<'a>(question: &Question<'a>, asked: &Asked, manager: Manager, java: Java) -> Chosen<'a> {
    let mut candidates = Vec::new();
    let mut tests = Vec::new();
    for identity in question.identities {
        match examine(identity, question, asked, manager, java) {
            Ok(candidate) => candidates.push(candidate),
            Err(test) => tests.push((*identity, test)),
        }
    }
    let winner = match manager {
        Manager::SunX509 => first_of_type(&candidates, question),
        Manager::Pkix => best(&candidates, java),
    };
    if let Some(winner) = winner {
        let others = candidates.iter().filter(|other| !std::ptr::eq(other.identity, winner.identity));
        tests.extend(others.map(|other| (other.identity, lost(other, winner, manager))));
    }
    Chosen { winner: winner.map(|winner| winner.identity), tests }
}

fn examine<'a>(
    identity: &'a Identity,
    question: &Question<'a>,
    asked: &Asked,
    manager: Manager,
    java: Java,
) -> Result<Candidate<'a>, Test> {
    let Some(leaf) = identity.chain.first() else { return Err(Test::NoChain) };
    let key = key_algorithm(&leaf.key().algorithm);
    let Some(key_type) = asked.key_types.iter().position(|asked| *asked == key) else {
        return Err(Test::KeyType { key, asked: asked.key_types.clone() });
    };
    let authorities = &asked.authorities;
    let issued = identity.chain.iter().any(|certificate| authorities.contains(certificate.issuer()));
    if !authorities.is_empty() && !issued {
        let name = |certificate: &Certificate| certificate.issuer().rfc4514().to_owned();
        let last = identity.chain.last().filter(|last| !last.is_self_issued());
        return Err(Test::Issuers {
            listed: authorities.len(),
            issuers: identity.chain.iter().map(name).collect(),
            missing: last.map(name),
        });
    }
    if manager == Manager::SunX509 {
        return Ok(Candidate { identity, key_type, check: Check::Fine });
    }
    let peer = asked.certificates.as_deref();
    if let Some((certificate, reason)) = refusal(&identity.chain, peer, question.now, java, question.security)
    {
        let at_end =
            identity.chain.last().is_some_and(|last| last.fingerprint() == certificate.fingerprint());
        return Err(Test::Algorithms {
            certificate: certificate.fingerprint(),
            subject: certificate.subject().rfc4514().to_owned(),
            reason,
            is_root: at_end && identity.chain.len() > 1 && certificate.is_self_issued(),
        });
    }
    Ok(Candidate { identity, key_type, check: check(leaf, question) })
}

/// `CheckType.CLIENT`.
fn check(leaf: &Certificate, question: &Question<'_>) -> Check {
    let needs_bit = matches!(leaf.key().algorithm, KeyAlgorithm::Rsa | KeyAlgorithm::Dsa | KeyAlgorithm::Ec);
    let signs = leaf.key_usage().is_none_or(|usage| usage.digital_signature() || !needs_bit);
    if !leaf.is_for_tls_clients() || !signs {
        Check::WrongUsage
    } else if question.now < leaf.not_before() || leaf.not_after() < question.now {
        Check::NotValidNow
    } else {
        Check::Fine
    }
}

/// SunX509: the types in the server's order, for each the entries in the order of its map.
fn first_of_type<'a, 'c>(
    candidates: &'c [Candidate<'a>],
    question: &Question<'a>,
) -> Option<&'c Candidate<'a>> {
    // What has no chain is not put into the map.
    let held: Vec<&Identity> =
        question.identities.iter().copied().filter(|identity| !identity.chain.is_empty()).collect();
    let aliases: Vec<String> =
        held.iter().map(|identity| java_alias(question.format, &identity.alias)).collect();
    let order = hash_map_order(&aliases);
    let place = |candidate: &Candidate<'_>| {
        order.iter().position(|index| {
            held.get(*index).is_some_and(|identity| std::ptr::eq(*identity, candidate.identity))
        })
    };
    candidates.iter().min_by_key(|candidate| (candidate.key_type, place(candidate)))
}

/// PKIX: what is fine and of the first type, at once; else what is fine in the order of the store, of which JDK 17
/// sees the first entry only; else the best.
fn best<'a, 'c>(candidates: &'c [Candidate<'a>], java: Java) -> Option<&'c Candidate<'a>> {
    let at_once = candidates.iter().find(|one| one.check == Check::Fine && one.key_type == 0);
    let fine = match java {
        Java::V17 => candidates.first().filter(|one| one.check == Check::Fine),
        Java::V25 => candidates.iter().find(|one| one.check == Check::Fine),
    };
    at_once.or(fine).or_else(|| candidates.iter().min_by_key(|one| (one.check, one.key_type)))
}

fn lost(loser: &Candidate<'_>, winner: &Candidate<'_>, manager: Manager) -> Test {
    let name = winner.identity.alias.clone();
    match loser.check {
        Check::WrongUsage if winner.check < loser.check => Test::Usage { winner: name },
        Check::NotValidNow if winner.check < loser.check => Test::Validity { winner: name },
        _ if winner.key_type < loser.key_type
            && (manager == Manager::SunX509 || winner.check == loser.check) =>
        {
            Test::KeyTypeOrder { winner: name }
        }
        _ => Test::Order { winner: name },
    }
}
