//! Why no chain could be fetched.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use super::proxy::ProxyError;
use super::starttls::{StartTls, StartTlsError};
use super::target::Target;

/// What a fetch was doing when its time was up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Asking the resolver.
    Resolve,
    /// Connecting.
    Connect,
    /// Waiting for a proxy's answer.
    Proxy,
    /// Waiting for the server before TLS (STARTTLS).
    StartTls,
    /// Waiting for the server in the handshake.
    Handshake,
    /// Waiting for its turn: the time for all targets was up.
    Turn,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolve => "the resolver did not answer in time",
            Self::Connect => "the host did not answer in time",
            Self::Proxy => "the proxy did not answer in time",
            Self::StartTls => "the connection stands, but the server did not come to TLS in time",
            Self::Turn => "the time for all targets was up before its turn",
            Self::Handshake => "the connection stands, but the server did not finish the handshake in time",
        })
    }
}

/// What kept a fetch from its chain, or what ended the handshake after the chain had come.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchCause {
    /// The name has no address; in the resolver's words.
    #[error("the name does not resolve: {0}")]
    Resolve(String),
    /// The host is there, and nothing listens on the port.
    #[error("the connection was refused")]
    Refused,
    /// There is no way to the host; in the system's words.
    #[error("the host cannot be reached: {0}")]
    Unreachable(String),
    /// The time was up.
    #[error("{0}")]
    Timeout(Phase),
    /// The proxy did not lead to the server. It is named without its credentials.
    #[error("the proxy {proxy}: {error}")]
    Proxy {
        /// The proxy's address.
        proxy: Box<str>,
        /// What it did.
        error: Box<ProxyError>,
    },
    /// The server did not come as far as TLS.
    #[error("STARTTLS ({protocol}): {error}")]
    StartTls {
        /// The protocol that was spoken.
        protocol: StartTls,
        /// What the server did.
        error: Box<StartTlsError>,
    },
    /// The peer closed or reset the connection.
    #[error("the server closed the connection during the handshake, {0} bytes after it began")]
    Closed(usize),
    /// The peer's first words are no TLS record; they are quoted, control characters escaped.
    #[error("the server does not speak TLS here: it said \"{0}\"")]
    NotTls(String),
    /// The handshake went on without a certificate.
    #[error("the server presents no certificate")]
    NoCertificate,
    /// The server sent a fatal alert (RFC 8446 section 6).
    #[error("the server ended the handshake with the alert {name} ({number})")]
    Alert {
        /// The alert's name as the RFC writes it, such as `handshake_failure`.
        name: &'static str,
        /// Its number.
        number: u8,
    },
    /// The server's version, cipher suite or group is none of ours; in the words of the TLS library.
    #[error("no protocol in common with the server: {0}")]
    Incompatible(String),
    /// The server sent what breaks the protocol; in the words of the TLS library.
    #[error("the server broke the TLS protocol: {0}")]
    Broken(String),
    /// More bytes than a handshake may have, or a larger message.
    #[error("the server's handshake is too large: {0}")]
    TooLarge(String),
    /// Any other failure of the connection; in the system's words.
    #[error("the connection failed: {0}")]
    Connection(String),
    /// A fault of keyward's own; other targets are not touched by it.
    #[error("keyward failed on this target: {0}")]
    Internal(String),
}

impl FetchCause {
    /// The stable name of the cause, for scripts.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Resolve(_) => "resolve-failed",
            Self::Refused => "connection-refused",
            Self::Unreachable(_) => "unreachable",
            Self::Timeout(_) => "timeout",
            Self::Proxy { error, .. } => error.id(),
            Self::StartTls { error, .. } => error.id(),
            Self::Closed(_) => "connection-closed",
            Self::NotTls(_) => "not-tls",
            Self::NoCertificate => "no-certificate",
            Self::Alert { .. } => "tls-alert",
            Self::Incompatible(_) => "protocol",
            Self::Broken(_) => "malformed-handshake",
            Self::TooLarge(_) => "too-large",
            Self::Connection(_) => "connection-failed",
            Self::Internal(_) => "internal",
        }
    }
}

/// A target whose chain could not be fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{target}: {cause} ({}after {})", Tried(.target, .tried), Waited(*.elapsed))]
pub struct FetchError {
    /// The target as it was asked for.
    pub target: Target,
    /// The addresses that were tried, in that order.
    pub tried: Box<[SocketAddr]>,
    /// The time from the start until the failure.
    pub elapsed: Duration,
    /// The most specific cause.
    pub cause: FetchCause,
}

impl FetchError {
    /// The stable name of the cause, for scripts.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.cause.id()
    }
}

/// A duration as people read it: `38 ms`, `10 s`, `2.5 s`.
pub(super) struct Waited(pub(super) Duration);

impl fmt::Display for Waited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = self.0.as_millis() / 100;
        match (tenths / 10, tenths % 10) {
            (0, _) => write!(f, "{} ms", self.0.as_millis()),
            (seconds, 0) => write!(f, "{seconds} s"),
            (seconds, tenth) => write!(f, "{seconds}.{tenth} s"),
        }
    }
}

/// The addresses that were tried, where they say more than the target does.
struct Tried<'a>(&'a Target, &'a [SocketAddr]);

impl fmt::Display for Tried<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for address in self.1 {
            if Target::from(*address) != Target::new(self.0.host().clone(), self.0.port()) {
                write!(f, "{}, ", address.ip())?;
            }
        }
        Ok(())
    }
}

/// The start of what a peer said, fit for a message: the first line that says something, control
/// characters and what is not ASCII escaped, at most 100 characters.
pub(super) fn quoted(said: &[u8]) -> String {
    let line = said.split(|&b| b == b'\n' || b == b'\r').find(|line| !line.is_empty()).unwrap_or(said);
    let shown: String = line.escape_ascii().map(char::from).take(100).collect();
    shown.trim_end().to_owned()
}
