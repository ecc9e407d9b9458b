//! The key of an identity: whether a JVM opens it, and whether it is that of the certificate.

use super::{StorePassword, quoted};
use crate::chain::diagnose::called;
use crate::identity::{Identity, KeyAccess};
use crate::model::Fingerprint;
use crate::report::finding::{FindingId, Severity};
use crate::report::identity_check::{IdentityFinding, IdentityRepair};

pub(super) fn find(identity: &Identity, password: StorePassword) -> Vec<IdentityFinding> {
    let mut findings = Vec::new();
    findings.extend(access(identity, password));
    findings.extend(fit(identity));
    findings
}

/// `SunX509KeyManagerImpl` asks for every key with the one password when it is made; `X509KeyManagerImpl` asks for
/// that of the chosen entry, and takes an exception for no key (both of `sun.security.ssl`).
const BOTH_FAIL: &str = "SunX509, the default, fails at KeyManagerFactory.init with \
                         java.security.UnrecoverableKeyException, whichever key of the store is wanted; PKIX says \
                         nothing, chooses the entry and sends no certificate";

fn access(identity: &Identity, password: StorePassword) -> Option<IdentityFinding> {
    let alias = &identity.alias;
    let name = quoted(alias);
    let found = |id, severity, message: String| Some(IdentityFinding::of_entry(alias, id, severity, message));
    match (&identity.key, password) {
        (KeyAccess::StorePassword(_), _) | (KeyAccess::OwnPassword(_), StorePassword::None) => None,
        (KeyAccess::OwnPassword(_), _) => {
            let message = format!("the key {name} has another password than the store: {BOTH_FAIL}");
            let repair = IdentityRepair::Rebuild { alias: alias.clone(), apart: false };
            found(FindingId::KeyPassword, Severity::Error, message).map(|found| found.repaired_by(repair))
        }
        (KeyAccess::Closed, StorePassword::None) => {
            let message = format!(
                "the key {name} was not opened, for want of a password: whether it fits its certificate is not known"
            );
            found(FindingId::KeyNotTried, Severity::Warning, message)
        }
        (KeyAccess::Closed, _) => {
            let message = format!(
                "the key {name} has another password than the store, and none that was given opens it: {BOTH_FAIL}"
            );
            let repair = IdentityRepair::Rebuild { alias: alias.clone(), apart: false };
            found(FindingId::KeyPassword, Severity::Error, message).map(|found| found.repaired_by(repair))
        }
        (KeyAccess::Damaged(why), _) => {
            let message = format!("the key {name} cannot be read, whatever the password: {why}");
            found(FindingId::DamagedKey, Severity::Error, message)
        }
    }
}

/// Key and first certificate. A key that belongs to a later certificate is a matter of order, which
/// [`super::chain`] tells.
fn fit(identity: &Identity) -> Option<IdentityFinding> {
    let (key, first) = (identity.key.key()?, identity.chain.first()?);
    if identity.chain.iter().any(|certificate| key.fits(certificate) == Some(true)) {
        return None;
    }
    let (alias, name) = (&identity.alias, quoted(&identity.alias));
    let Some(public) = key.public_key().filter(|_| key.fits(first).is_some()) else {
        let message = format!(
            "whether the key {name} ({}) belongs to the certificate {} cannot be told: its public half cannot be \
             had from it",
            key.key(),
            called(first)
        );
        let finding = IdentityFinding::of_entry(alias, FindingId::KeyNotCompared, Severity::Info, message);
        return Some(finding.at(first));
    };
    let message = format!(
        "the key {name} does not belong to its certificate {}: the key is {} with the public key sha256:{}, the \
         certificate is for {} with sha256:{}; a handshake with it fails, as the server cannot verify the \
         signature",
        called(first),
        key.key(),
        Fingerprint::of(&public),
        first.key(),
        Fingerprint::of(&first.key().spki),
    );
    Some(IdentityFinding::of_entry(alias, FindingId::KeyMismatch, Severity::Error, message).at(first))
}
