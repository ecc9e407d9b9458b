//! A certificate reply onto a private key (`keytool`'s `installReply`), without keytool's broken chains.

use super::import::{Action, Basis, ImportError, Question, Step, Terms};
use super::known::Known;
use super::vouch::{issuers, issuers_without_root, may_issue};
use crate::chain::signature;
use crate::limits;
use crate::model::Certificate;
use crate::model::key_store::Entry;

/// Decides what becomes of a reply. The reply may come in any order; every certificate of it has to have a
/// place in one unbroken chain from the entry's own key upwards, each signature verified. Issuers that the
/// reply lacks come from the store, and from the JDK's anchors where these count. As in keytool (`getSigner`), it is
/// enough that the last certificate of the reply, or its issuer, is among them: whose root is not, is no less trusted.
pub(super) fn step(
    entry: &Entry<'_>,
    entries: &[Entry<'_>],
    reply: &[&Certificate],
    terms: &Terms<'_>,
) -> Result<Step, ImportError> {
    let own = entry.chain.first().map(|certificate| certificate.read());
    let own = match own {
        Some(Ok(certificate)) => certificate,
        Some(Err(error)) => {
            return Err(ImportError::UnreadableEntry {
                alias: entry.alias.clone(),
                reason: error.to_string(),
            });
        }
        None => {
            return Err(ImportError::UnreadableEntry {
                alias: entry.alias.clone(),
                reason: "the entry has none".to_owned(),
            });
        }
    };
    let leaf = *reply
        .iter()
        .find(|certificate| certificate.key() == own.key())
        .ok_or_else(|| ImportError::OtherKey { alias: entry.alias.clone() })?;
    let mut known = Known::by(entries, terms, 1);
    let mut chain = in_order(leaf, reply)?;
    let top = chain.last().cloned().unwrap_or_else(|| leaf.clone());
    let vouched;
    if signature::is_self_signed(&top) {
        // The entry's own certificate is no reason to trust itself.
        vouched = chain.len() > 1 && known.pool().contains(&top);
    } else if let Some(issuers) = issuers(&top, known.pool(), terms.now) {
        chain.extend(issuers);
        vouched = true;
    } else if reply.len() == 1 && *leaf == own {
        // Nothing is asked for, whatever the store knows of the issuers.
        let (action, basis) = (Action::Keep, Some(Basis::Vouched));
        return Ok(Step { alias: entry.alias.clone(), certificate: own, action, basis, question: None });
    } else if reply.len() == 1 {
        return Err(ImportError::NoChain { top: Box::new(top) });
    } else {
        let issuers = issuers_without_root(&top, known.pool(), terms.now);
        vouched = !issuers.is_empty() || known.pool().contains(&top);
        chain.extend(issuers);
    }
    let unchanged = chain.len() == entry.chain.len()
        && chain.iter().zip(&entry.chain).all(|(new, old)| new.der() == &*old.der);
    let (action, basis, question) = if unchanged {
        (Action::Keep, Some(Basis::Vouched), None)
    } else {
        let basis = if terms.pinned { Some(Basis::Pinned) } else { vouched.then_some(Basis::Vouched) };
        let top = chain.last().cloned().unwrap_or(top);
        let question = basis.is_none().then_some(Question::TrustReply { top });
        (Action::InstallReply { chain }, basis, question)
    };
    Ok(Step { alias: entry.alias.clone(), certificate: leaf.clone(), action, basis, question })
}

/// The reply from its end entity upwards.
fn in_order(leaf: &Certificate, reply: &[&Certificate]) -> Result<Vec<Certificate>, ImportError> {
    let mut chain = vec![leaf.clone()];
    let mut left: Vec<&Certificate> = reply.iter().copied().filter(|c| *c != leaf).collect();
    let mut top = leaf.clone();
    while chain.len() <= limits::PATH_LENGTH {
        let next = left.iter().position(|candidate| {
            candidate.subject() == top.issuer()
                && may_issue(candidate)
                && signature::verify(&top, candidate.key()).is_ok()
        });
        let Some(position) = next.filter(|_| !signature::is_self_signed(&top)) else { break };
        top = left.remove(position).clone();
        chain.push(top.clone());
    }
    match left.first() {
        None => Ok(chain),
        Some(left_over) => {
            Err(ImportError::BrokenReply { top: Box::new(top), left_over: Box::new((*left_over).clone()) })
        }
    }
}
