//! One thing that is to be said of a chain, and what repairs it.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::model::{Certificate, Fingerprint};

/// What a finding is about. The kebab-case text is the `id` of `docs/json.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingId {
    /// The server sent no certificate.
    EmptyChain,
    /// A certificate that was sent cannot be read.
    UnreadableCertificate,
    /// A link between leaf and root was not sent.
    MissingIntermediate,
    /// A trust store that was asked has no anchor for the chain.
    MissingRoot,
    /// The certificates do not stand in the order leaf to root.
    WrongOrder,
    /// A certificate that leads nowhere from the leaf.
    UnrelatedCertificate,
    /// The same certificate twice.
    DuplicateCertificate,
    /// The root was sent along.
    RootSent,
    /// The validity has ended.
    Expired,
    /// The validity has not begun.
    NotYetValid,
    /// The validity ends soon.
    ExpiresSoon,
    /// The certificate is not for the name that was asked for.
    NameMismatch,
    /// The digest of a signature is broken or retired.
    WeakSignature,
    /// A key is too small.
    WeakKey,
    /// The server's certificate vouches for itself.
    SelfSigned,
    /// A trust store has the server's certificate itself, and nothing above it.
    LeafPinned,
    /// A certificate issued another one without being a CA.
    NotACa,
    /// A CA certificate whose key usage does not allow to sign certificates.
    NoCertSign,
    /// More CA certificates below a CA than its path length allows.
    PathTooLong,
    /// The issuer's key did not make the signature.
    BadSignature,
    /// The signature's algorithm cannot be checked by keyward.
    UnjudgedSignature,
    /// The extended key usage does not name TLS servers.
    NoServerAuth,
    /// The key usage of the server's certificate does not allow signatures.
    NoDigitalSignature,
    /// A critical extension that clients do not know.
    UnknownCriticalExtension,
    /// A certificate names another key of its issuer than the one that signed it.
    KeyIdentifierMismatch,
    /// A certificate writes its issuer's name otherwise than the issuer does.
    IssuerNameMismatch,
    /// What nothing else here names: a JVM that trusts the anchor refuses the chain all the same.
    RefusedByJvm,
    /// The server's certificates could be read, but no handshake came about.
    NoHandshake,
    /// The search for a path was given up.
    SearchGivenUp,
    /// A client identity's key is not that of its certificate.
    KeyMismatch,
    /// Whether key and certificate fit could not be told.
    KeyNotCompared,
    /// A key has another password than its store.
    KeyPassword,
    /// Nobody could try to open a key.
    KeyNotTried,
    /// A key cannot be read, whatever the password.
    DamagedKey,
    /// A private key that a Java `KeyStore` does not show.
    HiddenKey,
    /// The extended key usage does not name TLS clients.
    NoClientAuth,
    /// An EC key on a curve that TLS has no signature scheme for.
    CurveWithoutScheme,
    /// An alias that nobody chose, as the `1` of an entry without a name.
    MadeUpAlias,
    /// An alias of blanks, or with blanks at an end.
    BlankAlias,
    /// Aliases that are one to Java.
    AliasesFold,
    /// An identity that fails is taken before one that would do.
    WrongIdentityFirst,
    /// No JVM, or none of a kept release, reads the store.
    UnreadableByJava,
    /// Old JVMs do not read the store.
    UnreadableByOldJava,
    /// The store's password is none that a JVM takes for PKCS12.
    NonAsciiPassword,
    /// A private key among the certificates of a trust store.
    KeyInTrustStore,
    /// Trusted certificates, and no private key.
    OnlyTrusted,
    /// Entries, and no private key among them.
    NoIdentity,
    /// A store without entries.
    EmptyStore,
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; no client minds.
    Info,
    /// Some clients fail, or will.
    Warning,
    /// A usual client fails.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// What would repair a finding, as data: the command makes a command line of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repair {
    /// Put a root into a trust store, pinned by its hash.
    TrustRoot {
        /// The root that was found.
        certificate: Certificate,
        /// The store that lacks it: a path, or the label of a default store.
        store: String,
    },
    /// Put the server's self-signed certificate into a trust store, pinned by its hash.
    TrustLeaf {
        /// The certificate as it was seen.
        certificate: Certificate,
        /// The stores that lack it.
        stores: Vec<String>,
    },
    /// Let the server send this chain: the repaired path without its root.
    SendChain {
        /// Leaf first.
        certificates: Vec<Certificate>,
    },
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is.
    pub id: FindingId,
    /// How bad it is.
    pub severity: Severity,
    /// The certificate that it is about.
    #[serde(serialize_with = "fingerprint")]
    pub certificate: Option<Fingerprint>,
    /// One plain sentence with names, dates and places.
    pub message: String,
    /// What repairs it. Not serialized: the JSON field `fix` is the command line that the command makes.
    #[serde(skip)]
    pub repair: Option<Repair>,
}

impl Finding {
    /// A finding without a repair.
    #[must_use]
    pub fn new(
        id: FindingId,
        severity: Severity,
        certificate: Option<&Certificate>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            id,
            severity,
            certificate: certificate.map(Certificate::fingerprint),
            message: message.into(),
            repair: None,
        }
    }

    /// The same finding with its repair.
    #[must_use]
    pub fn with_repair(mut self, repair: Option<Repair>) -> Self {
        self.repair = repair;
        self
    }
}

#[expect(clippy::ref_option, reason = "serde calls it so")]
fn fingerprint<S: Serializer>(value: &Option<Fingerprint>, serializer: S) -> Result<S::Ok, S::Error> {
    value.map(|f| f.to_string()).serialize(serializer)
}
