//! Which of a source's certificates an import is about.

use std::str::FromStr;

use crate::model::{Certificate, Fingerprint};

/// The `--pick` of `trust add`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The first certificate, as `keytool -importcert` takes it.
    First,
    /// The end entity.
    Leaf,
    /// The issuer of the end entity.
    Issuer,
    /// The self-signed certificate at the top.
    Root,
    /// What the path needs and neither the source nor the store has.
    Missing,
    /// Every certificate of the source.
    All,
    /// The one with this SHA-256.
    Sha256(Fingerprint),
}

/// A `--pick` that means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PickError {
    /// No such word.
    #[error("\"{0}\" is none of first, leaf, issuer, root, missing, all, sha256:<64 hex digits>")]
    Unknown(String),
    /// `sha256:` with something else than 64 hex digits.
    #[error("\"{0}\" is no SHA-256: it has to have 64 hex digits, with or without colons")]
    Fingerprint(String),
}

impl FromStr for Pick {
    type Err = PickError;

    fn from_str(text: &str) -> Result<Self, PickError> {
        if let Some(digits) = text.strip_prefix("sha256:").or_else(|| text.strip_prefix("SHA256:")) {
            let print =
                Fingerprint::parse(digits).ok_or_else(|| PickError::Fingerprint(digits.to_owned()))?;
            return Ok(Self::Sha256(print));
        }
        match text {
            "first" => Ok(Self::First),
            "leaf" => Ok(Self::Leaf),
            "issuer" => Ok(Self::Issuer),
            "root" => Ok(Self::Root),
            "missing" => Ok(Self::Missing),
            "all" => Ok(Self::All),
            other => Err(PickError::Unknown(other.to_owned())),
        }
    }
}

/// Why nothing could be picked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NothingPicked {
    /// The source holds no certificate at all.
    #[error("the source has no certificate")]
    Empty,
    /// The fingerprint is of none of them.
    #[error("none of the {count} certificates has the SHA-256 {wanted}")]
    NoSuchFingerprint {
        /// How many were looked at.
        count: usize,
        /// What was asked for.
        wanted: Fingerprint,
    },
    /// The path ends before the issuer.
    #[error("the issuer of {leaf} was not found: {issuer}")]
    NoIssuer {
        /// The end entity's subject.
        leaf: String,
        /// The name of the issuer that is wanted.
        issuer: String,
    },
    /// The path ends before a root.
    #[error("no root was found: the path ends with {top}, issued by {issuer}")]
    NoRoot {
        /// The last certificate's subject.
        top: String,
        /// The name of the issuer that is wanted.
        issuer: String,
    },
    /// The path is whole.
    #[error("nothing is missing: the source and the store have the whole path")]
    NothingMissing,
}

/// What there is to pick from.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// The source's certificates, in its order.
    pub source: &'a [Certificate],
    /// The path from the end entity upwards, as far as it could be built; empty where nobody built one.
    pub path: &'a [Certificate],
    /// The certificates that the store trusts already.
    pub store: &'a [Certificate],
}

impl Pick {
    /// Whether picking needs a path, and so perhaps the network.
    #[must_use]
    pub fn needs_path(self) -> bool {
        matches!(self, Self::Leaf | Self::Issuer | Self::Root | Self::Missing | Self::Sha256(_))
    }

    /// Picks. Those of [`Pick::Missing`] come root first, so that each vouches for the next.
    ///
    /// # Errors
    ///
    /// [`NothingPicked`], with what was looked for.
    pub fn from(self, choice: &Choice<'_>) -> Result<Vec<Certificate>, NothingPicked> {
        let first = choice.source.first().ok_or(NothingPicked::Empty)?;
        let leaf = choice.path.first().unwrap_or(first);
        match self {
            Self::First => Ok(vec![first.clone()]),
            Self::All => Ok(choice.source.to_vec()),
            Self::Leaf => Ok(vec![leaf.clone()]),
            Self::Issuer => match choice.path.get(1) {
                Some(issuer) => Ok(vec![issuer.clone()]),
                None if leaf.is_self_issued() => Ok(vec![leaf.clone()]),
                None => Err(NothingPicked::NoIssuer {
                    leaf: leaf.subject().to_string(),
                    issuer: leaf.issuer().to_string(),
                }),
            },
            Self::Root => match choice.path.last().unwrap_or(leaf) {
                top if top.is_self_issued() => Ok(vec![top.clone()]),
                top => Err(NothingPicked::NoRoot {
                    top: top.subject().to_string(),
                    issuer: top.issuer().to_string(),
                }),
            },
            Self::Missing => missing(choice, leaf),
            Self::Sha256(wanted) => {
                let all = choice.source.iter().chain(choice.path);
                let found = all.clone().find(|certificate| certificate.fingerprint() == wanted);
                found.map(|certificate| vec![certificate.clone()]).ok_or_else(|| {
                    let mut different: Vec<Fingerprint> = all.map(Certificate::fingerprint).collect();
                    different.sort();
                    different.dedup();
                    NothingPicked::NoSuchFingerprint { count: different.len(), wanted }
                })
            }
        }
    }
}

/// What a client with this store lacks: the certificates below its first anchor that the source does not
/// bring, or, where the store holds no anchor of the path, those and the root.
fn missing(choice: &Choice<'_>, leaf: &Certificate) -> Result<Vec<Certificate>, NothingPicked> {
    let path = if choice.path.is_empty() { std::slice::from_ref(leaf) } else { choice.path };
    let anchor = path.iter().position(|certificate| choice.store.contains(certificate));
    let (below, root) = match anchor {
        Some(position) => (path.get(..position).unwrap_or_default(), None),
        None => match path.split_last() {
            Some((top, below)) if top.is_self_issued() => (below, Some(top)),
            Some((top, _)) => {
                return Err(NothingPicked::NoRoot {
                    top: top.subject().to_string(),
                    issuer: top.issuer().to_string(),
                });
            }
            None => return Err(NothingPicked::Empty),
        },
    };
    let not_sent = below.iter().rev().filter(|certificate| !choice.source.contains(certificate));
    let missing: Vec<Certificate> = root.into_iter().chain(not_sent).cloned().collect();
    if missing.is_empty() { Err(NothingPicked::NothingMissing) } else { Ok(missing) }
}
