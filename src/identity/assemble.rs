//! An identity made of a key and certificates: which certificate is the key's, and the chain above it.
//!
//! Certificates come in any order and from anywhere; what belongs to no chain of the key is passed over. Each
//! signature of the chain is verified. Dates, purposes and revocation are not judged here: a server does that.

mod end_entity;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use time::OffsetDateTime;

use crate::chain::budget::Budget;
use crate::chain::completion::complete;
use crate::chain::issuers::{IssuerAttempt, IssuerSource};
use crate::chain::path::{Candidates, PathEnd};
use crate::chain::signature::{self, SignatureError};
use crate::limits;
use crate::model::certificate::JavaRefusal;
use crate::model::{Certificate, Fingerprint, PrivateKey};

/// A certificate, with where it comes from as reports call that: a file, a store, an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced {
    /// The certificate.
    pub certificate: Certificate,
    /// Where it comes from.
    pub origin: Arc<str>,
}

/// What a chain may be made of.
#[derive(Clone, Copy, Debug)]
pub struct Material<'a> {
    /// Where there are any, the key's certificate has to be one of these. They may stand in the chain too.
    pub named: &'a [Sourced],
    /// Certificates of whatever kind, the key's own perhaps among them.
    pub others: &'a [Sourced],
    /// More issuers, such as the trust anchors at hand. The key's own certificate is not looked for here.
    pub issuers: &'a [Sourced],
}

/// What becomes of the root.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RootChoice {
    /// It stays out of the chain. Whoever verifies the chain has it, and one whose signature is of an algorithm
    /// that the server does not list keeps Java's PKIX key manager from choosing the whole entry
    /// (`sun.security.ssl.X509KeyManagerImpl`).
    #[default]
    Omit,
    /// It stands at the end of the chain.
    Include,
}

/// How a chain is to be made.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// What becomes of the root.
    pub root: RootChoice,
    /// A chain that does not reach a root will do.
    pub allow_incomplete: bool,
    /// Of several certificates and paths, one that is valid at this time is preferred.
    pub now: OffsetDateTime,
}

/// A chain for a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assembled {
    /// End entity first, each issued by the next one.
    pub chain: Vec<Sourced>,
    /// Where it ends.
    pub top: Top,
    /// Whether the first certificate is known to be the key's; `false` where the public half of the key cannot
    /// be had, and it was the only one that could be.
    pub fit_checked: bool,
    /// Other certificates of the same key that were passed over, the last one to expire first.
    pub passed_over: Vec<Sourced>,
    /// Certificates whose signature cannot be checked here, with the reason. It was taken for good.
    pub unchecked: Vec<(Certificate, String)>,
}

/// How a chain ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Top {
    /// Below this root, which was left out.
    RootOmitted(Sourced),
    /// With the root.
    RootIncluded,
    /// The key's own certificate is self-signed: there is nobody above it.
    SelfSigned,
    /// With a certificate whose issuer was not found; only with [`Terms::allow_incomplete`].
    Incomplete(Missing),
}

/// An issuer that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The certificate whose issuer it is.
    pub certificate: Certificate,
    /// A certificate with the issuer's name, whose key did not make the signature.
    pub impostor: Option<Certificate>,
    /// The addresses of the certificate that were asked.
    pub attempts: Vec<IssuerAttempt>,
}

/// A public key, as far as it tells keys apart in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyName {
    /// Algorithm and size.
    pub key: String,
    /// SHA-1 of the public key's bits in lower-case hex ([`crate::model::PublicKey::identifier`]); `None` where
    /// the public half cannot be had.
    pub identifier: Option<String>,
}

impl std::fmt::Display for KeyName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.identifier {
            Some(identifier) => write!(f, "{}, key identifier {identifier}", self.key),
            None => write!(f, "{}, key identifier unknown", self.key),
        }
    }
}

/// Why no chain was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssembleError {
    /// Nothing that could be the key's certificate.
    #[error("there is no certificate for the key")]
    NoCertificate,
    /// The key belongs to none of the certificates.
    #[error("the key ({key}) does not fit {}", others(certificates))]
    OtherKey {
        /// The key.
        key: KeyName,
        /// The certificates that it was held against, each with its own key: end entities before CAs.
        certificates: Vec<(Sourced, KeyName)>,
        /// One that it fits, among those that were not named.
        fitting: Option<Box<Sourced>>,
    },
    /// The public half of the key cannot be had, and more than one certificate could be its own.
    #[error(
        "the public half of the key ({key}) cannot be computed, and {count} certificates could be its own"
    )]
    Unknown {
        /// The key.
        key: KeyName,
        /// How many.
        count: usize,
    },
    /// The chain does not reach a root.
    #[error("{}", incomplete(missing))]
    Incomplete {
        /// As far as it goes, end entity first.
        chain: Vec<Sourced>,
        /// What is missing.
        missing: Box<Missing>,
    },
    /// No JVM can read a certificate of the chain, and none would load a store that holds it.
    #[error(
        "\"{}\" from {} cannot be read by a JVM, which would refuse the whole store: {reason}",
        certificate.certificate.subject(),
        certificate.origin
    )]
    JavaCannotRead {
        /// The certificate.
        certificate: Box<Sourced>,
        /// Why.
        reason: JavaRefusal,
    },
    /// The chain is too long, or leads round in a circle.
    #[error("the chain from \"{subject}\" reaches no root within {} certificates", limits::PATH_LENGTH)]
    Endless {
        /// The subject of the end entity.
        subject: String,
    },
}

/// Finds the key's certificate and the chain above it.
///
/// Of several certificates of the key, one that is valid and not self-signed comes first, then the one that is
/// valid longest. Issuers are looked for in all of the material; where a path breaks off, `issuers` is asked.
///
/// # Errors
///
/// [`AssembleError`].
pub fn assemble(
    key: &PrivateKey,
    material: &Material<'_>,
    terms: &Terms,
    issuers: &mut dyn IssuerSource,
) -> Result<Assembled, AssembleError> {
    let own = end_entity::find(key, material, terms.now)?;
    let leaf = own.certificate.certificate.clone();
    let all = || material.named.iter().chain(material.others).chain(material.issuers);
    let mut origins: HashMap<Fingerprint, Arc<str>> = HashMap::new();
    let mut candidates = Candidates::default();
    for sourced in all() {
        candidates.insert(&sourced.certificate);
        origins.entry(sourced.certificate.fingerprint()).or_insert_with(|| sourced.origin.clone());
    }
    let mut attempts: HashMap<Fingerprint, Vec<IssuerAttempt>> = HashMap::new();
    let mut budget = Budget::default();
    // Without an anchor a path ends with a self-signed certificate or breaks off: what a server trusts is its
    // own affair.
    let nobody = Candidates::default();
    let path = complete(&leaf, &nobody, &mut candidates, terms.now, issuers, &mut budget, |about, answer| {
        attempts.insert(about.fingerprint(), answer.attempts.clone());
        let gave = answer.attempts.iter().find(|attempt| matches!(attempt.outcome, Ok(count) if count > 0));
        let address: Arc<str> = gave.map_or("an issuer source", |attempt| &attempt.address).into();
        for certificate in &answer.certificates {
            origins.entry(certificate.fingerprint()).or_insert_with(|| address.clone());
        }
    });
    let mut chain: Vec<Sourced> = path
        .certificates
        .into_iter()
        .map(|certificate| {
            let origin = origins.get(&certificate.fingerprint()).cloned();
            Sourced { origin: origin.unwrap_or_else(|| "".into()), certificate }
        })
        .collect();
    let unchecked = unchecked(&chain);
    let top = match path.end {
        PathEnd::UntrustedRoot | PathEnd::Anchor if chain.len() == 1 => Top::SelfSigned,
        PathEnd::UntrustedRoot | PathEnd::Anchor => match (terms.root, chain.pop()) {
            (RootChoice::Omit, Some(root)) => Top::RootOmitted(root),
            (RootChoice::Include, root) => {
                chain.extend(root);
                Top::RootIncluded
            }
            (RootChoice::Omit, None) => Top::SelfSigned,
        },
        PathEnd::NoIssuer | PathEnd::BadSignature { .. } => {
            let last = chain.last().map_or_else(|| leaf.clone(), |last| last.certificate.clone());
            let missing = Missing {
                attempts: attempts.remove(&last.fingerprint()).unwrap_or_default(),
                certificate: last,
                impostor: match path.end {
                    PathEnd::BadSignature { issuer } => Some(issuer),
                    _ => None,
                },
            };
            if !terms.allow_incomplete {
                return Err(AssembleError::Incomplete { chain, missing: Box::new(missing) });
            }
            Top::Incomplete(missing)
        }
        PathEnd::NotAdmitted | PathEnd::TooLong => {
            return Err(AssembleError::Endless { subject: leaf.subject().to_string() });
        }
    };
    if let Some((certificate, reason)) = unreadable_by_java(&chain) {
        return Err(AssembleError::JavaCannotRead { certificate: Box::new(certificate.clone()), reason });
    }
    Ok(Assembled { chain, top, fit_checked: own.checked, passed_over: own.passed_over, unchecked })
}

fn unreadable_by_java(chain: &[Sourced]) -> Option<(&Sourced, JavaRefusal)> {
    chain.iter().find_map(|sourced| Some((sourced, sourced.certificate.java_reads().err()?)))
}

/// The certificates whose signature nothing here can check.
fn unchecked(chain: &[Sourced]) -> Vec<(Certificate, String)> {
    let links = chain.windows(2).filter_map(|pair| match pair {
        [issued, issuer] => Some((&issued.certificate, &issuer.certificate)),
        _ => None,
    });
    links
        .filter_map(|(issued, issuer)| match signature::verify(issued, issuer.key()) {
            Err(error @ SignatureError::Unsupported(_)) => Some((issued.clone(), error.to_string())),
            _ => None,
        })
        .collect()
}

fn others(certificates: &[(Sourced, KeyName)]) -> String {
    match certificates {
        [(only, key)] => {
            format!("the certificate of \"{}\" from {} ({key})", only.certificate.subject(), only.origin)
        }
        all => format!("any of {} certificates", all.len()),
    }
}

fn incomplete(missing: &Missing) -> String {
    let (subject, issuer) = (missing.certificate.subject(), missing.certificate.issuer());
    match &missing.impostor {
        None => format!("the chain is incomplete: \"{issuer}\", the issuer of \"{subject}\", was not found"),
        Some(_) => format!(
            "the chain is incomplete: a certificate of \"{issuer}\" is there, but its key did not sign \"{subject}\""
        ),
    }
}
