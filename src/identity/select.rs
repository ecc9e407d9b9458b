//! Which identity a JVM's key managers choose for a server's request, and what the JVM then sends.
//!
//! Follows `sun.security.ssl.CertificateRequest`, `CertificateMessage`, `X509Authentication`, `SignatureScheme`,
//! `SunX509KeyManagerImpl` and `X509KeyManagerImpl` of OpenJDK 17 and 25. Not spoken for: other JVMs, Java 8 and 11,
//! key managers of applications, and stores that are given to a JVM together with others.

pub mod enumeration;
mod key_manager;
mod scheme;
mod words;

use time::OffsetDateTime;

use self::scheme::Asked;
pub use self::words::reservations;
use super::{Identity, KeyAccess};
use crate::chain::rules::jsse::client_chain::key_algorithm;
pub use crate::chain::rules::jsse::{Java, Security};
use crate::model::key_store::StoreFormat;
use crate::model::{ClientAuthRequest, Fingerprint};

/// A key manager of the JDK.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Manager {
    /// `SunX509`, the default of 17 and 25 (`ssl.KeyManagerFactory.algorithm`): opens every key at the start, and
    /// sends the first entry whose key and issuers fit.
    SunX509,
    /// `PKIX`, also called `NewSunX509`: opens the chosen key only, and looks at algorithms, usage and dates.
    Pkix,
}

impl Manager {
    /// The name under which `KeyManagerFactory.getInstance` knows it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SunX509 => "SunX509",
            Self::Pkix => "PKIX",
        }
    }
}

/// What is asked of a JVM.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The server's request.
    pub request: &'a ClientAuthRequest,
    /// The format of the store; it decides about the text of an exception only.
    pub format: StoreFormat,
    /// The identities in the order in which the JVM lists them ([`enumeration::listed`]).
    pub identities: &'a [&'a Identity],
    /// When.
    pub now: OffsetDateTime,
    /// The security properties of the JVM.
    pub security: &'a Security,
}

/// What a key manager makes of a request.
#[derive(Clone, Debug)]
pub struct Choice<'a> {
    /// The manager.
    pub manager: Manager,
    /// The release.
    pub java: Java,
    /// The alias that `chooseClientAlias` returns, as the store spells it (PKIX puts numbers before it). That it is
    /// chosen does not mean that it is sent: see [`Choice::outcome`].
    pub chosen: Option<&'a Identity>,
    /// What then happens.
    pub outcome: Outcome,
    /// The identities that are not sent, in the order of [`Question::identities`], each with the first test that it
    /// did not pass.
    pub rejected: Vec<Rejection<'a>>,
}

impl<'a> Choice<'a> {
    /// The identity that the server gets to see.
    #[must_use]
    pub fn sent(&self) -> Option<&'a Identity> {
        self.chosen.filter(|_| matches!(self.outcome, Outcome::Sent { .. }))
    }
}

/// What happens after the choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The chain goes to the server, and CertificateVerify is signed by this scheme; `None` before TLS 1.2.
    Sent {
        /// The scheme's number.
        scheme: Option<u16>,
    },
    /// A Certificate message of length 0, without a word on the client's side.
    Empty,
    /// The JVM itself ends the handshake.
    Aborted(Abort),
    /// There is no key manager: `KeyManagerFactory.init` throws, because it opens all keys of a store.
    NoManager {
        /// The alias whose key does not open.
        alias: String,
        /// The exception.
        exception: String,
    },
}

/// Why a JVM ends the handshake when it is asked for a certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Abort {
    /// The version of the request is disabled or unknown: the JVM does not come so far.
    #[error("the JVM does not speak the protocol version of the request, 0x{0:04x}")]
    Version(u16),
    /// None of the signature algorithms is one that it knows and may use.
    #[error("the JVM knows, or may use, none of the signature algorithms that the server asks for")]
    NoSignatureAlgorithms,
    /// A name of an authority cannot be read.
    #[error("a CA name in the server's request cannot be read")]
    Authorities,
    /// The chosen key cannot sign by any scheme of the request. The chain has gone to the server by then.
    #[error("no signature algorithm that the server asks for fits the key ({key})")]
    NoScheme {
        /// The key: `EC secp384r1`.
        key: String,
        /// The algorithm as Java calls it.
        algorithm: String,
    },
}

impl Abort {
    /// The alert that the JVM sends; `None` where it sends another message in its place.
    #[must_use]
    pub fn alert(&self) -> Option<&'static str> {
        match self {
            Self::Version(_) => None,
            Self::NoSignatureAlgorithms => Some("handshake_failure"),
            Self::Authorities => Some("decode_error"),
            Self::NoScheme { .. } => Some("internal_error"),
        }
    }

    /// What the exception says; `None` where it depends on more than the request.
    #[must_use]
    pub fn exception(&self) -> Option<String> {
        match self {
            Self::Version(_) => None,
            Self::NoSignatureAlgorithms => Some("No supported signature algorithm".to_owned()),
            Self::Authorities => Some(
                "The distinguished names of the peer's certificate authorities could not be parsed"
                    .to_owned(),
            ),
            Self::NoScheme { algorithm, .. } => {
                Some(format!("No supported CertificateVerify signature algorithm for {algorithm}  key"))
            }
        }
    }
}

/// An identity that is not sent.
#[derive(Clone, Debug)]
pub struct Rejection<'a> {
    /// The identity.
    pub identity: &'a Identity,
    /// The first test that it did not pass.
    pub test: Test,
}

/// A test of a key manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// The JVM ends the handshake before it looks at any identity.
    Request(Abort),
    /// The key manager cannot be made, because of the key of this alias.
    Manager {
        /// The alias whose key does not open.
        alias: String,
    },
    /// The entry has no chain.
    NoChain,
    /// The key's algorithm is not asked for.
    KeyType {
        /// The algorithm of the certificate's key, as Java calls it.
        key: String,
        /// Those that the server asks for.
        asked: Vec<&'static str>,
    },
    /// No certificate of the chain is issued by one of the names that the server lists.
    Issuers {
        /// How many names it lists.
        listed: usize,
        /// The issuers in the chain, in its order.
        issuers: Vec<String>,
        /// The issuer that the chain lacks: that of its last certificate, unless that has issued itself.
        missing: Option<String>,
    },
    /// PKIX: a certificate's algorithm or key is not allowed.
    Algorithms {
        /// Which certificate.
        certificate: Fingerprint,
        /// Its subject.
        subject: String,
        /// Why, as what follows the subject in a sentence.
        reason: String,
        /// It stands at the end of the chain and has issued itself: the server does not need it.
        is_root: bool,
    },
    /// PKIX: it would do, but its usage extensions forbid clients, and another entry is better.
    Usage {
        /// The entry that is better.
        winner: String,
    },
    /// PKIX: it would do, but it is not valid now, and another entry is better.
    Validity {
        /// The entry that is better.
        winner: String,
    },
    /// It would do, but the server prefers the key type of another entry that would do too.
    KeyTypeOrder {
        /// The entry that is taken.
        winner: String,
    },
    /// It would do, but the JVM meets another one first.
    Order {
        /// The entry that is taken.
        winner: String,
    },
    /// It is chosen, and then its key does not open with the store's password.
    KeyPassword,
    /// It is chosen, and then its key cannot be read.
    KeyDamaged,
    /// It is chosen, and then its key is of another algorithm than its certificate.
    KeyAlgorithm {
        /// The algorithm of the private key.
        key: String,
        /// The algorithm of the certificate's key.
        certificate: String,
    },
    /// It is chosen, and then no scheme of the request fits its key.
    Scheme(Abort),
}

impl Test {
    /// The name in keyward's JSON.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Request(_) => "request",
            Self::Manager { .. } => "key-manager",
            Self::NoChain => "no-chain",
            Self::KeyType { .. } => "key-type",
            Self::Issuers { .. } => "issuers",
            Self::Algorithms { .. } => "algorithm-constraints",
            Self::Usage { .. } => "usage",
            Self::Validity { .. } => "validity",
            Self::KeyTypeOrder { .. } => "key-type-order",
            Self::Order { .. } => "order",
            Self::KeyPassword => "key-password",
            Self::KeyDamaged => "key-damaged",
            Self::KeyAlgorithm { .. } => "key-algorithm",
            Self::Scheme(_) => "signature-scheme",
        }
    }
}

/// What a JVM sends.
#[must_use]
pub fn choose<'a>(question: &Question<'a>, manager: Manager, java: Java) -> Choice<'a> {
    if manager == Manager::SunX509
        && let Some(closed) = question.identities.iter().find(|identity| !opens(identity))
    {
        return without_manager(question, java, closed);
    }
    let asked = match scheme::asked(question.request, question.security) {
        Ok(asked) => asked,
        Err(abort) => {
            let test = |_: &Identity| Some(Test::Request(abort.clone()));
            let rejected = rejected(question, test);
            return Choice { manager, java, chosen: None, outcome: Outcome::Aborted(abort), rejected };
        }
    };
    let chosen = key_manager::choose(question, &asked, manager, java);
    let (outcome, last) = match chosen.winner {
        None => (Outcome::Empty, None),
        Some(winner) => after(winner, &asked),
    };
    let mut tests = chosen.tests;
    if let (Some(winner), Some(test)) = (chosen.winner, last) {
        tests.push((winner, test));
    }
    let rejected = rejected(question, |identity| {
        tests.iter().find(|(of, _)| std::ptr::eq(*of, identity)).map(|(_, test)| test.clone())
    });
    Choice { manager, java, chosen: chosen.winner, outcome, rejected }
}

/// All managers of all releases, the default of each release first.
#[must_use]
pub fn choose_all<'a>(question: &Question<'a>) -> Vec<Choice<'a>> {
    [Manager::SunX509, Manager::Pkix]
        .into_iter()
        .flat_map(|manager| [Java::V17, Java::V25].map(|java| choose(question, manager, java)))
        .collect()
}

/// The key algorithms that a JVM asks its key manager for, in its order; empty where it does not come so far.
#[must_use]
pub fn key_types(request: &ClientAuthRequest, security: &Security) -> Vec<&'static str> {
    scheme::asked(request, security).map(|asked| asked.key_types).unwrap_or_default()
}

fn rejected<'a>(question: &Question<'a>, test: impl Fn(&Identity) -> Option<Test>) -> Vec<Rejection<'a>> {
    let identities = question.identities.iter();
    identities.filter_map(|identity| test(identity).map(|test| Rejection { identity, test })).collect()
}

/// Whether a JVM that knows the store's password gets the key.
fn opens(identity: &Identity) -> bool {
    identity.key.opens_with_store()
}

fn without_manager<'a>(question: &Question<'a>, java: Java, closed: &Identity) -> Choice<'a> {
    let alias = closed.alias.clone();
    // Of a key that cannot be read, the exception depends on what is wrong with it.
    let reason = match (&closed.key, question.format) {
        (KeyAccess::Damaged(_), _) => "",
        (_, StoreFormat::Jks) => ": Cannot recover key",
        (_, StoreFormat::Jceks) => {
            ": Given final block not properly padded. Such issues can arise if a bad key is used during decryption."
        }
        (_, StoreFormat::Pkcs12) => {
            ": Get Key failed: Given final block not properly padded. Such issues can arise if a bad key is used during decryption."
        }
    };
    let exception = format!("java.security.UnrecoverableKeyException{reason}");
    let rejected = rejected(question, |identity| {
        Some(match &identity.key {
            KeyAccess::Damaged(_) => Test::KeyDamaged,
            _ if !opens(identity) => Test::KeyPassword,
            _ => Test::Manager { alias: alias.clone() },
        })
    });
    let outcome = Outcome::NoManager { alias, exception };
    Choice { manager: Manager::SunX509, java, chosen: None, outcome, rejected }
}

/// What the JVM does with the chosen identity (`X509Authentication.createClientPossession`, then
/// `SignatureScheme.getSignerOfPreferableAlgorithm`).
fn after(winner: &Identity, asked: &Asked) -> (Outcome, Option<Test>) {
    let (key, certificate) = match (&winner.key, winner.chain.first()) {
        (KeyAccess::StorePassword(key), Some(certificate)) => (key, certificate),
        (KeyAccess::StorePassword(_), None) => return (Outcome::Empty, Some(Test::NoChain)),
        (KeyAccess::OwnPassword(_) | KeyAccess::Closed, _) => {
            return (Outcome::Empty, Some(Test::KeyPassword));
        }
        (KeyAccess::Damaged(_), _) => return (Outcome::Empty, Some(Test::KeyDamaged)),
    };
    let of_key = key_algorithm(&key.key().algorithm);
    let of_certificate = key_algorithm(&certificate.key().algorithm);
    if of_key != of_certificate {
        let test = Test::KeyAlgorithm { key: of_key, certificate: of_certificate };
        return (Outcome::Empty, Some(test));
    }
    match asked.signs_with(certificate.key()) {
        Ok(scheme) => (Outcome::Sent { scheme }, None),
        Err(()) => {
            let abort = Abort::NoScheme { key: certificate.key().to_string(), algorithm: of_key };
            (Outcome::Aborted(abort.clone()), Some(Test::Scheme(abort)))
        }
    }
}
