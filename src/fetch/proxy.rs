//! Proxies: where they are, for whom they are used, and how they are asked to lead to a server.

mod bypass;
mod http;
mod socks;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::connection::Connection;
use super::error::{FetchCause, Phase};
use super::target::{Host, TargetError, authority};
use crate::limits;
pub use bypass::Bypass;

#[cfg(test)]
mod tests;

/// How a proxy is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyKind {
    /// HTTP, by `CONNECT` (RFC 9110 section 9.3.6). The proxy resolves names.
    Http,
    /// SOCKS 5 (RFC 1928) with names resolved here.
    Socks5,
    /// SOCKS 5 with names resolved by the proxy.
    Socks5h,
}

impl ProxyKind {
    fn scheme(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Socks5 => "socks5",
            Self::Socks5h => "socks5h",
        }
    }
}

/// A proxy, with its credentials. It is shown without them.
pub struct Proxy {
    kind: ProxyKind,
    host: Host,
    port: u16,
    credentials: Option<Credentials>,
}

/// User name and password, not encoded in any way.
struct Credentials {
    user: Zeroizing<Vec<u8>>,
    password: Zeroizing<Vec<u8>>,
}

/// Why a text names no proxy. The text is never repeated: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyAddressError {
    /// A scheme that is none of `http`, `socks5` and `socks5h`.
    #[error("the address of a proxy begins with http://, socks5:// or socks5h://")]
    Scheme,
    /// No host, no port, or a text that is none.
    #[error("the address of the proxy cannot be used: {0}")]
    Place(TargetError),
    /// A `%` without two hexadecimal digits after it, in the credentials.
    #[error("in the credentials of the proxy a % is not followed by two hexadecimal digits")]
    Percent,
    /// SOCKS 5 has one octet for the length of a user name and of a password (RFC 1929 section 2).
    #[error("a user name and a password for SOCKS 5 have 1 to 255 octets")]
    CredentialsLength,
    /// HTTP's Basic scheme has a colon between user name and password (RFC 7617 section 2).
    #[error("a user name for HTTP holds no colon and no control character")]
    User,
}

impl Proxy {
    /// Reads `[scheme://][user[:password]@]host[:port]`, as curl does: without a scheme it is `http`, without a
    /// port 1080. `%41` in the credentials stands for the octet 0x41. `socks` means `socks5`.
    ///
    /// # Errors
    ///
    /// [`ProxyAddressError`]. Proxies that are spoken to over TLS, and SOCKS 4, are refused by their scheme.
    pub fn parse(text: &str) -> Result<Self, ProxyAddressError> {
        let text = text.trim();
        let (kind, rest) = match text.split_once("://") {
            None => (ProxyKind::Http, text),
            Some((scheme, rest)) => match scheme.to_ascii_lowercase().as_str() {
                "http" => (ProxyKind::Http, rest),
                "socks" | "socks5" => (ProxyKind::Socks5, rest),
                "socks5h" => (ProxyKind::Socks5h, rest),
                _ => return Err(ProxyAddressError::Scheme),
            },
        };
        // The last @: one within a password may have been left unescaped.
        let (credentials, place) = match rest.rsplit_once('@') {
            None => (None, rest),
            Some((credentials, place)) => (Some(Credentials::parse(credentials, kind)?), place),
        };
        let place = place.split(['/', '?', '#']).next().unwrap_or_default();
        let (host, port) = authority(place, PROXY_PORT).map_err(ProxyAddressError::Place)?;
        Ok(Self { kind, host, port, credentials })
    }

    /// How it is spoken to.
    #[must_use]
    pub fn kind(&self) -> ProxyKind {
        self.kind
    }

    /// Its host.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether the proxy is given names, and resolves them itself.
    pub(super) fn resolves(&self) -> bool {
        self.kind != ProxyKind::Socks5
    }

    /// The value of `Proxy-Authorization`, of a proxy with credentials (RFC 7617 section 2).
    pub(super) fn authorization(&self) -> Option<Zeroizing<String>> {
        self.credentials.as_ref().map(http::basic)
    }

    /// Asks for a way to a host, over a connection to the proxy.
    pub(super) fn lead(&self, connection: &mut Connection, host: &Host, port: u16) -> Result<(), FetchCause> {
        connection.begin(limits::PROXY_ANSWER_BYTES);
        match self.kind {
            ProxyKind::Http => http::connect(connection, host, port, self.authorization()),
            ProxyKind::Socks5 | ProxyKind::Socks5h => {
                socks::connect(connection, host, port, self.credentials.as_ref())
            }
        }
        .map_err(|failure| match failure {
            Failure::Proxy(error) => self.failed(error),
            Failure::Io(error) => self.broken(&error),
        })
    }

    /// This error as the cause of a failed fetch.
    pub(super) fn failed(&self, error: ProxyError) -> FetchCause {
        FetchCause::Proxy { proxy: self.to_string().into(), error: error.into() }
    }

    fn broken(&self, error: &std::io::Error) -> FetchCause {
        use std::io::ErrorKind as Kind;
        self.failed(match error.kind() {
            Kind::TimedOut => return FetchCause::Timeout(Phase::Proxy),
            Kind::InvalidData => ProxyError::TooLarge,
            Kind::UnexpectedEof | Kind::ConnectionReset | Kind::BrokenPipe | Kind::ConnectionAborted => {
                ProxyError::Closed
            }
            _ => ProxyError::Unreachable(error.to_string()),
        })
    }
}

/// The port of a proxy that names none (curl(1), `--proxy`).
const PROXY_PORT: u16 = 1080;

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.kind.scheme();
        match &self.host {
            Host::Address(address @ IpAddr::V6(_)) => write!(f, "{scheme}://[{address}]:{}", self.port),
            host => write!(f, "{scheme}://{host}:{}", self.port),
        }
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let credentials = if self.credentials.is_some() { ", credentials hidden" } else { "" };
        write!(f, "Proxy({self}{credentials})")
    }
}

impl Credentials {
    fn parse(text: &str, kind: ProxyKind) -> Result<Self, ProxyAddressError> {
        let (user, password) = text.split_once(':').unwrap_or((text, ""));
        let (user, password) = (decoded(user)?, decoded(password)?);
        match kind {
            ProxyKind::Http if user.iter().any(|&byte| byte == b':' || byte.is_ascii_control()) => {
                Err(ProxyAddressError::User)
            }
            ProxyKind::Socks5 | ProxyKind::Socks5h
                if [&user, &password].iter().any(|part| part.is_empty() || part.len() > 255) =>
            {
                Err(ProxyAddressError::CredentialsLength)
            }
            _ => Ok(Self { user, password }),
        }
    }
}

/// Undoes percent-encoding (RFC 3986 section 2.1).
fn decoded(text: &str) -> Result<Zeroizing<Vec<u8>>, ProxyAddressError> {
    let mut out = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(if byte == b'%' {
            let digits =
                [bytes.next(), bytes.next()].map(|digit| char::from(digit.unwrap_or(b'%')).to_digit(16));
            match digits {
                [Some(high), Some(low)] => {
                    u8::try_from(high * 16 + low).map_err(|_| ProxyAddressError::Percent)?
                }
                _ => return Err(ProxyAddressError::Percent),
            }
        } else {
            byte
        });
    }
    Ok(out)
}

/// What a proxy did instead of leading to the server. Its words are escaped and cut.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// It cannot be connected to.
    #[error("{0}")]
    Unreachable(String),
    /// It said no.
    #[error("it refused: {0}")]
    Refused(String),
    /// It wants credentials, or others.
    #[error("it wants credentials, or others than it was given: {0}")]
    Credentials(String),
    /// It said what a proxy of its kind does not say.
    #[error("it does not speak as such a proxy: it said \"{0}\"")]
    Unexpected(String),
    /// Its answer has no end.
    #[error("its answer has more than {} bytes", limits::PROXY_ANSWER_BYTES)]
    TooLarge,
    /// It closed the connection.
    #[error("it closed the connection")]
    Closed,
}

impl ProxyError {
    /// The stable name, for scripts.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Unreachable(_) | Self::Closed => "proxy-failed",
            Self::Refused(_) => "proxy-refused",
            Self::Credentials(_) => "proxy-credentials",
            Self::Unexpected(_) | Self::TooLarge => "proxy-protocol",
        }
    }
}

/// Why the conversation with a proxy failed.
enum Failure {
    Proxy(ProxyError),
    Io(std::io::Error),
}

impl From<ProxyError> for Failure {
    fn from(error: ProxyError) -> Self {
        Self::Proxy(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// Which proxy is used for which host. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    proxy: Option<Arc<Proxy>>,
    bypass: Bypass,
}

impl Proxies {
    /// This one, but for the hosts that go without.
    #[must_use]
    pub fn new(proxy: Proxy, bypass: Bypass) -> Self {
        Self { proxy: Some(Arc::new(proxy)), bypass }
    }

    /// None.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The proxy on the way to a place; `None` where there is none.
    #[must_use]
    pub fn to(&self, host: &Host, port: u16) -> Option<&Proxy> {
        self.proxy.as_deref().filter(|_| !self.bypass.includes(host, port))
    }
}
