//! Choices and tests as sentences, and as what reports show.

use std::fmt;

use super::{Choice, Java, Manager, Outcome, Question, Test};
use crate::model::client_auth::signature_scheme_name;
use crate::model::public_key::KeyAlgorithm;
use crate::report::identity_explain::{ChoiceReport, RejectedReport};

impl fmt::Display for Test {
    /// What happened at the test, a sentence without a final stop.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(abort) => write!(f, "{abort}"),
            Self::Manager { alias } => write!(
                f,
                "the key manager cannot be made: it opens all keys at the start, and that of \"{alias}\" does not \
                 open with the store's password"
            ),
            Self::NoChain => f.write_str("the entry has no certificate"),
            Self::KeyType { key, asked } if asked.is_empty() => {
                write!(
                    f,
                    "the key is of the type {key}, and the server asks for no key type that the JVM can serve"
                )
            }
            Self::KeyType { key, asked } => {
                write!(f, "the key is of the type {key}, and the server asks for {}", asked.join(", "))
            }
            Self::Issuers { listed, issuers, missing } => {
                match listed {
                    1 => f.write_str(
                        "no certificate of this entry's chain is issued by the CA that the server lists; ",
                    )?,
                    _ => write!(
                        f,
                        "no certificate of this entry's chain is issued by one of the {listed} CA names that the \
                         server lists; "
                    )?,
                }
                let quoted: Vec<String> = issuers.iter().map(|name| format!("\"{name}\"")).collect();
                match (issuers.len(), missing) {
                    (1, Some(missing)) => {
                        write!(f, "the chain has only the leaf: add the intermediate \"{missing}\"")?;
                    }
                    (count, Some(missing)) => {
                        write!(f, "the chain has {count} certificates: add the next one, \"{missing}\"")?;
                    }
                    (1, None) => {
                        return write!(
                            f,
                            "the chain has only one certificate, self-signed by {}",
                            quoted.join("")
                        );
                    }
                    (count, None) => {
                        return write!(f, "its {count} certificates are issued by {}", quoted.join(", "));
                    }
                }
                let them = if *listed == 1 { "that CA" } else { "one of them" };
                write!(f, ", if {them} has issued it")
            }
            Self::Algorithms { subject, reason, is_root, .. } => {
                let place = if *is_root { "the root in the chain, " } else { "" };
                write!(f, "{place}\"{subject}\" {reason}")
            }
            Self::Usage { winner } => write!(
                f,
                "its key usage or extended key usage is not that of a TLS client, and \"{winner}\" is better"
            ),
            Self::Validity { winner } => write!(f, "it is not valid now, and \"{winner}\" is better"),
            Self::KeyTypeOrder { winner } => {
                write!(f, "it would do, but \"{winner}\" has a key type that the server prefers")
            }
            Self::Order { winner } => write!(f, "it would do, but the JVM comes upon \"{winner}\" first"),
            Self::KeyPassword => f.write_str(
                "its key does not open with the store's password, the only one that a JVM is told as a rule",
            ),
            Self::KeyDamaged => f.write_str("its key cannot be read"),
            Self::KeyAlgorithm { key, certificate } => {
                write!(f, "the private key is of the type {key}, its certificate's of the type {certificate}")
            }
            Self::Scheme(abort) => {
                write!(f, "{abort}: the JVM ends the handshake when it should sign")
            }
        }
    }
}

impl fmt::Display for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Outcome {
    /// The name in keyward's JSON.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Sent { .. } => "sent",
            Self::Empty => "empty",
            Self::Aborted(_) => "aborted",
            Self::NoManager { .. } => "no-key-manager",
        }
    }

    /// What the application gets to see; `None` where it sees nothing.
    #[must_use]
    pub fn exception(&self) -> Option<String> {
        match self {
            Self::Sent { .. } | Self::Empty => None,
            Self::Aborted(abort) => {
                abort.exception().map(|text| format!("javax.net.ssl.SSLHandshakeException: {text}"))
            }
            Self::NoManager { exception, .. } => Some(exception.clone()),
        }
    }
}

impl From<&Choice<'_>> for ChoiceReport {
    fn from(choice: &Choice<'_>) -> Self {
        let scheme = match choice.outcome {
            Outcome::Sent { scheme } => scheme,
            _ => None,
        };
        Self {
            manager: choice.manager.name(),
            java: match choice.java {
                Java::V17 => 17,
                Java::V25 => 25,
            },
            alias: choice.sent().map(|identity| identity.alias.clone()),
            outcome: choice.outcome.id(),
            signature_algorithm: scheme
                .map(|id| signature_scheme_name(id).map_or_else(|| format!("{id:#06x}"), str::to_owned)),
            exception: choice.outcome.exception(),
            rejected: choice
                .rejected
                .iter()
                .map(|rejection| RejectedReport {
                    alias: rejection.identity.alias.clone(),
                    test: rejection.test.id(),
                    message: rejection.test.to_string(),
                    fix: None,
                })
                .collect(),
        }
    }
}

/// What would make the server's answer no better although the identity is sent, each a sentence: it is not valid
/// now, or not made for clients.
#[must_use]
pub fn reservations(choice: &Choice<'_>, question: &Question<'_>) -> Vec<String> {
    let Some(leaf) = choice.sent().and_then(|identity| identity.chain.first()) else { return Vec::new() };
    let mut all = Vec::new();
    if question.now < leaf.not_before() || leaf.not_after() < question.now {
        all.push("it is not valid now, and the server will refuse it".to_owned());
    }
    let signs = leaf.key_usage().is_none_or(|usage| usage.digital_signature());
    if !leaf.is_for_tls_clients() || !signs {
        all.push("its usage extensions are not those of a TLS client, and most servers refuse it".to_owned());
    }
    let of_key = matches!(leaf.key().algorithm, KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss);
    if of_key && leaf.key().bits.is_some_and(|bits| bits < 2048) {
        all.push(format!("its key, {}, is too short for many servers", leaf.key()));
    }
    all
}
