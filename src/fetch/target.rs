//! What a user names when a chain is to be fetched: a host and a port.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::starttls::StartTls;

#[cfg(test)]
mod tests;

/// The port of a target that names none (RFC 9110 section 4.2.2).
const HTTPS_PORT: u16 = 443;

/// A DNS name in the form in which it is looked up and sent: ASCII, lower case, labels of 1 to 63 octets
/// of letters, digits, hyphens and underscores (RFC 1123 section 2.1, RFC 2181 section 11).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostName {
    labels: Box<str>,
    absolute: bool,
}

impl HostName {
    /// Reads a name, with or without the dot of the root at its end.
    ///
    /// # Errors
    ///
    /// [`TargetError::Host`] with the reason.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        let wrong = |reason| TargetError::Host { host: text.to_owned(), reason };
        if !text.is_ascii() {
            return Err(wrong("it is not ASCII; write it in its xn-- form"));
        }
        let labels = text.strip_suffix('.').unwrap_or(text);
        if labels.is_empty() {
            return Err(wrong("it is empty"));
        }
        if labels.len() > 253 {
            return Err(wrong("it has more than 253 characters"));
        }
        for label in labels.split('.') {
            if label.is_empty() {
                return Err(wrong("a label is empty"));
            }
            if label.len() > 63 {
                return Err(wrong("a label has more than 63 characters"));
            }
            if !label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
                return Err(wrong("only letters, digits, hyphens and underscores may stand in it"));
            }
            if label.starts_with('-') || label.ends_with('-') {
                return Err(wrong("a label begins or ends with a hyphen"));
            }
        }
        // Resolvers read `127.1` and `2130706433` as addresses; what is asked for must be what is meant.
        if labels.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit())) {
            return Err(wrong("it ends in a number and is no IPv4 address"));
        }
        Ok(Self { labels: labels.to_ascii_lowercase().into(), absolute: text.ends_with('.') })
    }

    /// The name without the root's dot: what SNI carries and certificates are held against.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.labels
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.labels, if self.absolute { "." } else { "" })
    }
}

/// The host of a target.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// A name, to be resolved.
    Name(HostName),
    /// An address.
    Address(IpAddr),
}

impl Host {
    fn parse(text: &str) -> Result<Self, TargetError> {
        text.parse::<Ipv4Addr>()
            .map(|v4| Self::Address(v4.into()))
            .or_else(|_| HostName::parse(text).map(Self::Name))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "{name}"),
            Self::Address(address) => write!(f, "{address}"),
        }
    }
}

/// How a conversation with a server begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Opening {
    /// With TLS at once.
    Tls,
    /// In the clear, with this protocol.
    StartTls(StartTls),
}

/// Schemes of addresses whose servers begin with TLS at once, and their ports.
const TLS_SCHEMES: [(&str, u16); 9] = [
    ("https", HTTPS_PORT),
    ("ldaps", 636),
    ("imaps", 993),
    ("pop3s", 995),
    ("smtps", 465),
    ("ftps", 990),
    ("nntps", 563),
    ("ircs", 6697),
    ("tls", HTTPS_PORT),
];

/// Host and port of a server, the resource if an `https` address named one, and what is spoken before TLS if a
/// scheme said so.
///
/// It is shown as `host:port`, an IPv6 address in brackets; with a scheme before it where the port alone would
/// mean something else.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    host: Host,
    port: u16,
    resource: Option<Box<str>>,
    opening: Option<Opening>,
}

/// Why a text names no target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Nothing but blanks.
    #[error("the target is empty")]
    Empty,
    /// An address of plain HTTP.
    #[error("\"{}\" is an address of plain http, which shows no certificate", .0.escape_debug())]
    PlainHttp(String),
    /// An address with a scheme that leads to no TLS.
    #[error("only host:port, https:// and the schemes of STARTTLS (smtp://, ldap://, …) are targets, not {}://", .0.escape_debug())]
    Scheme(String),
    /// A user name or password in the address. The text is not repeated.
    #[error("the address holds a user name or a password, which has no place in it")]
    Credentials,
    /// A path without a scheme.
    #[error("\"{}\" has a path, which only an https:// address can have", .0.escape_debug())]
    Path(String),
    /// The host is missing or no host.
    #[error("\"{}\" is no host: {reason}", .host.escape_debug())]
    Host {
        /// What stands where a host should.
        host: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The port is no number from 1 to 65535.
    #[error("\"{}\" is no port: a number from 1 to 65535 is one", .0.escape_debug())]
    Port(String),
    /// An opening bracket without its closing one, or text after it.
    #[error("\"{}\": an IPv6 address with a port is written [address]:port", .0.escape_debug())]
    Brackets(String),
}

/// A line of a list that names no target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {error}")]
pub struct ListError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub error: TargetError,
}

impl Target {
    /// A target from its parts, without a resource.
    #[must_use]
    pub fn new(host: Host, port: u16) -> Self {
        Self { host, port, resource: None, opening: None }
    }

    /// Reads `host`, `host:port`, `https://host[:port][/path][?query]`, or an address with another scheme: that
    /// of a protocol with STARTTLS (`smtp://host`, `ldap://host:3389`) or of one that begins with TLS
    /// (`ldaps://host`). An IPv6 address is bare, or in brackets where a port follows. Without a port it is that
    /// of the scheme, or 443. Blanks around are ignored, and so is a fragment; of an address other than
    /// `https` the path too.
    ///
    /// # Errors
    ///
    /// [`TargetError`] that says what is wrong with the text. Internationalised names are refused unless in
    /// their `xn--` form; IPv6 zones are refused.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TargetError::Empty);
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            if text.contains('@') {
                return Err(TargetError::Credentials);
            }
            if text.contains(['/', '?', '#']) {
                return Err(TargetError::Path(text.to_owned()));
            }
            let (host, port) = authority(text, HTTPS_PORT)?;
            return Ok(Self::new(host, port));
        };
        let (place, resource) = split_resource(rest);
        if place.contains('@') {
            return Err(TargetError::Credentials);
        }
        let scheme = scheme.to_ascii_lowercase();
        let (opening, default_port) = match TLS_SCHEMES.iter().find(|(name, _)| *name == scheme) {
            Some((_, port)) => (Opening::Tls, *port),
            None if scheme == "http" => return Err(TargetError::PlainHttp(text.to_owned())),
            None => match scheme.parse::<StartTls>() {
                Ok(protocol) => (Opening::StartTls(protocol), protocol.port()),
                Err(_) => return Err(TargetError::Scheme(scheme)),
            },
        };
        let (host, port) = authority(place, default_port)?;
        let resource = (scheme == "https").then(|| resource.into());
        Ok(Self { host, port, resource, opening: Some(opening) })
    }

    /// How the conversation begins, where the target's scheme says so.
    #[must_use]
    pub fn opening(&self) -> Option<Opening> {
        self.opening
    }

    /// The host.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Path and query, beginning with `/`, where an `https` address was given.
    #[must_use]
    pub fn resource(&self) -> Option<&str> {
        self.resource.as_deref()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by_port = StartTls::of_port(self.port);
        match self.opening {
            Some(Opening::StartTls(protocol)) if by_port != Some(protocol) => write!(f, "{protocol}://")?,
            Some(Opening::Tls) if by_port.is_some() => f.write_str("tls://")?,
            _ => {}
        }
        match &self.host {
            Host::Address(address @ IpAddr::V6(_)) => write!(f, "[{address}]:{}", self.port),
            host => write!(f, "{host}:{}", self.port),
        }
    }
}

impl From<SocketAddr> for Target {
    fn from(address: SocketAddr) -> Self {
        Self::new(Host::Address(address.ip()), address.port())
    }
}

/// Reads a list of targets: one a line, LF or CRLF; empty lines and what follows a `#` at the start of a
/// line or after a blank are skipped.
///
/// # Errors
///
/// [`ListError`] of the first line that names no target.
pub fn targets_from_list(text: &str) -> Result<Vec<Target>, ListError> {
    text.lines()
        .enumerate()
        .filter_map(|(index, line)| target_of_line(line, index.saturating_add(1)))
        .collect()
}

/// Reads one line of such a list, with its number, counted from 1; `None` where there is no target in it.
///
/// # Errors
///
/// [`ListError`] when what stands there is no target.
#[must_use]
pub fn target_of_line(line: &str, number: usize) -> Option<Result<Target, ListError>> {
    let line = if number == 1 { line.strip_prefix('\u{feff}').unwrap_or(line) } else { line };
    let entry = without_comment(line).trim();
    (!entry.is_empty()).then(|| Target::parse(entry).map_err(|error| ListError { line: number, error }))
}

/// Splits what follows `://` into the authority and the resource. The fragment is dropped: it is never
/// sent (RFC 9110 section 4.2.5).
pub(super) fn split_resource(rest: &str) -> (&str, String) {
    let rest = rest.split('#').next().unwrap_or_default();
    match rest.find(['/', '?']) {
        None => (rest, "/".to_owned()),
        Some(at) => {
            let (place, resource) = rest.split_at(at);
            let root = if resource.starts_with('/') { "" } else { "/" };
            (place, format!("{root}{resource}"))
        }
    }
}

/// Reads `host`, `host:port`, `[v6]`, `[v6]:port` or a bare IPv6 address.
pub(super) fn authority(text: &str, default_port: u16) -> Result<(Host, u16), TargetError> {
    if let Some(inner) = text.strip_prefix('[') {
        let (address, after) = inner.split_once(']').ok_or_else(|| TargetError::Brackets(text.to_owned()))?;
        let host = Host::Address(v6(address)?.into());
        return match after.strip_prefix(':') {
            Some(digits) => Ok((host, port(digits)?)),
            None if after.is_empty() => Ok((host, default_port)),
            None => Err(TargetError::Brackets(text.to_owned())),
        };
    }
    match text.split_once(':') {
        None => Ok((Host::parse(text)?, default_port)),
        Some((_, rest)) if rest.contains(':') => Ok((Host::Address(v6(text)?.into()), default_port)),
        Some((host, digits)) => Ok((Host::parse(host)?, port(digits)?)),
    }
}

fn v6(text: &str) -> Result<Ipv6Addr, TargetError> {
    text.parse().map_err(|_| TargetError::Host {
        host: text.to_owned(),
        reason: if text.contains('%') {
            "IPv6 zones are not taken"
        } else {
            "several colons make an IPv6 address, and this is none"
        },
    })
}

fn port(digits: &str) -> Result<u16, TargetError> {
    let wrong = || TargetError::Port(digits.to_owned());
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    digits.parse().ok().filter(|&port| port != 0).ok_or_else(wrong)
}

fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with('#') {
        return "";
    }
    let at = [" #", "\t#"].iter().filter_map(|mark| line.find(mark)).min();
    at.and_then(|at| line.get(..at)).unwrap_or(line)
}
