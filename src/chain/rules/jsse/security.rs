//! Security properties: `jdk.certpath.disabledAlgorithms` and `jdk.tls.disabledAlgorithms`, read as
//! `sun.security.util.DisabledAlgorithmConstraints` reads them.

mod disabled;
mod properties;

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

pub(super) use self::disabled::{Disabled, Setting, java_name};
use super::super::rfc5280::JavaWildcards;
use super::Java;
use crate::model::Fingerprint;

/// As OpenJDK 17 and 25 ship it.
const CERTPATH: &str = "MD2, MD5, SHA1 jdkCA & usage TLSServer, RSA keySize < 1024, DSA keySize < 1024, \
                        EC keySize < 224, SHA1 usage SignedJAR & denyAfter 2019-01-01";

/// As OpenJDK 17 ships it from 17.0.18 on, and 25.
const TLS: &str = "SSLv3, TLSv1, TLSv1.1, DTLSv1.0, RC4, DES, MD5withRSA, DH keySize < 1024, EC keySize < 224, \
                   3DES_EDE_CBC, anon, NULL, ECDH, TLS_RSA_*, rsa_pkcs1_sha1 usage HandshakeSignature, \
                   ecdsa_sha1 usage HandshakeSignature, dsa_sha1 usage HandshakeSignature";

/// As OpenJDK 17 shipped it up to 17.0.17.
const TLS_UP_TO_17_0_17: &str = "SSLv3, TLSv1, TLSv1.1, DTLSv1.0, RC4, DES, MD5withRSA, DH keySize < 1024, \
                                 EC keySize < 224, 3DES_EDE_CBC, anon, NULL, ECDH";

/// Why a `java.security` file cannot be used. A JVM with such a file fails too.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{property}: {reason}")]
pub struct SecurityError {
    /// The property.
    pub property: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

/// What the security properties of a JVM say about certificates, and which anchors it ships itself.
#[derive(Clone, Debug)]
pub struct Security {
    certpath: Arc<Disabled>,
    tls: Arc<Disabled>,
    /// `None` where nobody has looked.
    shipped: Option<Arc<HashSet<Fingerprint>>>,
    is_default: bool,
    /// Feature release and update, where they are known.
    release: Option<(u32, u32)>,
}

static DEFAULT: LazyLock<Security> = LazyLock::new(|| {
    let read = |text| Arc::new(Disabled::read(text, &[]).unwrap_or_default());
    Security { certpath: read(CERTPATH), tls: read(TLS), shipped: None, is_default: true, release: None }
});

static TLS_BEFORE: LazyLock<Arc<Disabled>> =
    LazyLock::new(|| Arc::new(Disabled::read(TLS_UP_TO_17_0_17, &[]).unwrap_or_default()));

impl Default for Security {
    /// The properties as OpenJDK 17 and 25 ship them, whatever anchors it may ship.
    fn default() -> Self {
        DEFAULT.clone()
    }
}

impl Security {
    /// Reads a `java.security` file, in the syntax of `java.util.Properties`. A property that is not in it keeps
    /// its default, as with `-Djava.security.properties=FILE`.
    ///
    /// # Errors
    ///
    /// [`SecurityError`] where a constraint is not understood.
    pub fn from_properties(text: &str) -> Result<Self, SecurityError> {
        let all = properties::read(text);
        let value = |name: &str| all.get(name).map(String::as_str);
        let curves: Vec<&str> =
            disabled::entries(value("jdk.disabled.namedCurves").unwrap_or_default()).collect();
        let read = |property, default| {
            Disabled::read(value(property).unwrap_or(default), &curves)
                .map(Arc::new)
                .map_err(|reason| SecurityError { property, reason })
        };
        Ok(Self {
            certpath: read("jdk.certpath.disabledAlgorithms", CERTPATH)?,
            tls: read("jdk.tls.disabledAlgorithms", TLS)?,
            shipped: None,
            is_default: false,
            release: None,
        })
    }

    /// The same, with the anchors that the JDK ships: those under an alias with ` [jdk` in its `cacerts`
    /// (`sun.security.util.AnchorCertificates`). Chains to them are held to more.
    #[must_use]
    pub fn with_shipped_anchors(self, shipped: impl IntoIterator<Item = Fingerprint>) -> Self {
        Self { shipped: Some(Arc::new(shipped.into_iter().collect())), ..self }
    }

    /// The same, for the JVM of this version, as `JAVA_VERSION` in its `release` file gives it: 17.0.21. Without it
    /// the updates are meant that [`super::Java`] names.
    ///
    /// Known of updates: how name constraints take wildcards (17.0.20, 17.0.21), the default of
    /// `jdk.tls.disabledAlgorithms` (17.0.18: no SHA-1 in handshakes), and the alert before the text of an exception
    /// (there in 17.0.20, not yet in 17.0.18). Not known: single public CAs that an update distrusts.
    #[must_use]
    pub fn with_version(self, version: &str) -> Self {
        let mut numbers = version.split(['.', '+', '-', '_']).map(|number| number.parse().ok());
        let release = match (numbers.next().flatten(), numbers.next(), numbers.next().flatten()) {
            (Some(feature), Some(_), Some(update)) => Some((feature, update)),
            (Some(feature), ..) => Some((feature, 0)),
            _ => None,
        };
        let tls = match release {
            Some((17, ..=17)) if self.is_default => Arc::clone(&TLS_BEFORE),
            _ => self.tls,
        };
        Self { release, tls, ..self }
    }

    /// Whether the JVM has no use for servers that speak nothing newer than this protocol, named as Java names it:
    /// `SSLv3`, `TLSv1`, `TLSv1.1`. Looks at `jdk.tls.disabledAlgorithms` alone, and not at what a program enables itself.
    #[must_use]
    pub fn disables_protocol(&self, protocol: &str) -> bool {
        self.tls.names_scheme(protocol)
    }

    pub(super) fn wildcards(&self, java: Java) -> JavaWildcards {
        match (java, self.release) {
            (Java::V17, Some((17, 20))) => JavaWildcards::Matched,
            (Java::V17, Some((17, 21..))) => JavaWildcards::MatchedWhereExcluded,
            _ => JavaWildcards::Literal,
        }
    }

    pub(super) fn alerts_are_named(&self, java: Java) -> bool {
        match java {
            Java::V17 => matches!(self.release, Some((17, 20..))),
            Java::V25 => true,
        }
    }

    pub(super) fn certpath(&self) -> &Disabled {
        &self.certpath
    }

    pub(super) fn tls(&self) -> &Disabled {
        &self.tls
    }

    pub(super) fn ships(&self, anchor: Fingerprint) -> bool {
        self.shipped.as_ref().is_some_and(|shipped| shipped.contains(&anchor))
    }

    pub(super) fn knows_shipped_anchors(&self) -> bool {
        self.shipped.is_some()
    }

    pub(super) fn is_default(&self) -> bool {
        self.is_default
    }
}
