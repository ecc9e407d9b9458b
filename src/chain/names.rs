//! Whether a certificate is for the server that was asked for.
//!
//! Two rules: [`rfc9525`] is what browsers, rustls and Go keep; [`jsse`] is `sun.security.util.
//! HostnameChecker` of OpenJDK 17 and 25, which falls back to the common name and takes wildcards in more
//! places. Internationalised names must be given in their ASCII form.

#[cfg(test)]
mod tests;

use std::fmt;
use std::net::IpAddr;

use crate::model::Certificate;
use crate::model::certificate::AlternativeName;

/// What a client calls its server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ServerName {
    /// A DNS name as typed, without the dot of the root.
    Dns(String),
    /// An address.
    Ip(IpAddr),
}

/// Where `HostnameChecker` takes wildcards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wildcards {
    /// In every label: OpenJDK 17.
    AnyLabel,
    /// In the leftmost label: OpenJDK 25.
    LeftmostLabel,
}

/// Why text is no server name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is neither a DNS name nor an IP address")]
pub struct ServerNameError(pub String);

impl ServerName {
    /// Reads an address (IPv6 also in brackets) or a DNS name. Underscores are taken, as servers have them;
    /// names with characters outside ASCII are refused.
    ///
    /// # Errors
    ///
    /// [`ServerNameError`] with the text.
    pub fn parse(text: &str) -> Result<Self, ServerNameError> {
        let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Ok(Self::Ip(address));
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        if name.len() <= 253 && name.split('.').all(label) {
            Ok(Self::Dns(name.to_owned()))
        } else {
            Err(ServerNameError(text.to_owned()))
        }
    }
}

impl fmt::Display for ServerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => f.write_str(name),
            Self::Ip(address) => write!(f, "{address}"),
        }
    }
}

/// What a certificate must be for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PeerName {
    /// A server.
    Server(ServerName),
    /// A mailbox, whose host is compared without regard to case.
    Mail(String),
}

impl PeerName {
    /// Reads a name by its shape: what has an `@` is a mailbox, else it is [`ServerName::parse`].
    ///
    /// # Errors
    ///
    /// [`ServerNameError`] with the text.
    pub fn parse(text: &str) -> Result<Self, ServerNameError> {
        match text.rsplit_once('@') {
            Some((local, host))
                if !local.is_empty() && !host.is_empty() && !text.contains(char::is_whitespace) =>
            {
                Ok(Self::Mail(text.to_owned()))
            }
            Some(_) => Err(ServerNameError(text.to_owned())),
            None => ServerName::parse(text).map(Self::Server),
        }
    }

    /// The server's name, where it is one.
    #[must_use]
    pub fn server(&self) -> Option<&ServerName> {
        match self {
            Self::Server(name) => Some(name),
            Self::Mail(_) => None,
        }
    }
}

impl fmt::Display for PeerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(name) => name.fmt(f),
            Self::Mail(mail) => f.write_str(mail),
        }
    }
}

/// Whether a certificate has a name among its alternative names: a server's by [`rfc9525`], a mailbox as RFC
/// 5280 section 7.5 compares them.
#[must_use]
pub fn presents(certificate: &Certificate, name: &PeerName) -> bool {
    match name {
        PeerName::Server(name) => rfc9525(name, certificate),
        PeerName::Mail(mail) => {
            let names = certificate.alternative_names().unwrap_or_default();
            names.iter().any(|presented| match presented {
                AlternativeName::Email(presented) => is_same_mailbox(presented, mail),
                _ => false,
            })
        }
    }
}

fn is_same_mailbox(one: &str, other: &str) -> bool {
    match (one.rsplit_once('@'), other.rsplit_once('@')) {
        (Some((local, host)), Some((other_local, other_host))) => {
            local == other_local && host.eq_ignore_ascii_case(other_host)
        }
        _ => false,
    }
}

/// RFC 9525 section 6: subject alternative names only; a wildcard is the whole leftmost label and stands
/// for one label.
#[must_use]
pub fn rfc9525(name: &ServerName, certificate: &Certificate) -> bool {
    let names = certificate.alternative_names().unwrap_or_default();
    names.iter().any(|presented| match (name, presented) {
        (ServerName::Dns(name), AlternativeName::Dns(pattern)) => matches_rfc9525(name, pattern),
        (ServerName::Ip(address), AlternativeName::Ip(presented)) => address == presented,
        _ => false,
    })
}

fn matches_rfc9525(name: &str, pattern: &str) -> bool {
    if let Some(parent) = pattern.strip_prefix("*.") {
        // Two labels at least behind the wildcard: "*.com" is for nobody.
        return parent.contains('.')
            && !parent.contains('*')
            && name
                .split_once('.')
                .is_some_and(|(first, rest)| !first.is_empty() && rest.eq_ignore_ascii_case(parent));
    }
    !pattern.contains('*') && name.eq_ignore_ascii_case(pattern)
}

/// The text with which `HostnameChecker` (TLS) refuses; `Ok` when it accepts.
///
/// # Errors
///
/// The message of the `CertificateException`.
pub fn jsse(name: &ServerName, certificate: &Certificate, wildcards: Wildcards) -> Result<(), String> {
    match name {
        ServerName::Ip(address) => jsse_address(*address, certificate),
        ServerName::Dns(name) => jsse_dns(name, certificate, wildcards, false),
    }
}

/// The same for a chain to an anchor that the JDK ships, where a wildcard directly below a public suffix
/// counts for nothing. The JVM looks into a public suffix list of its own; this is the one of the build.
///
/// # Errors
///
/// The message of the `CertificateException`.
pub fn jsse_below_public_ca(
    name: &ServerName,
    certificate: &Certificate,
    wildcards: Wildcards,
) -> Result<(), String> {
    match name {
        ServerName::Ip(address) => jsse_address(*address, certificate),
        ServerName::Dns(name) => jsse_dns(name, certificate, wildcards, true),
    }
}

/// Whether a registry lets anybody register names directly below this one: the part of the public suffix list
/// that ICANN speaks for. `None` for a name below a top level domain that is not on the list.
pub(crate) fn is_public_suffix(host: &str) -> Option<bool> {
    let host = host.to_ascii_lowercase();
    let suffix = psl::suffix(host.as_bytes()).filter(psl::Suffix::is_known)?;
    Some(suffix.as_bytes() == host.as_bytes() && suffix.typ() == Some(psl::Type::Icann))
}

fn jsse_address(address: IpAddr, certificate: &Certificate) -> Result<(), String> {
    let names = certificate
        .alternative_names()
        .filter(|names| !names.is_empty())
        .ok_or("No subject alternative names present")?;
    // InetAddress takes an IPv4-mapped address for the IPv4 one.
    let plain = |address: IpAddr| match address {
        IpAddr::V6(six) => six.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    };
    let found = names
        .iter()
        .any(|presented| matches!(presented, AlternativeName::Ip(ip) if plain(*ip) == plain(address)));
    if found {
        Ok(())
    } else {
        // The JVM repeats the address as it was typed; this is the usual form of it.
        Err(format!("No subject alternative names matching IP address {address} found"))
    }
}

fn jsse_dns(name: &str, certificate: &Certificate, wildcards: Wildcards, public: bool) -> Result<(), String> {
    if !is_host_name(name) {
        return Err(format!("Illegal given domain name: {name}"));
    }
    let fits =
        |pattern: &str| !(public && spans_a_registry(pattern)) && matches_jsse(name, pattern, wildcards);
    let mut patterns = certificate
        .alternative_names()
        .unwrap_or_default()
        .iter()
        .filter_map(|presented| match presented {
            AlternativeName::Dns(pattern) => Some(pattern.as_str()),
            _ => None,
        })
        .peekable();
    if patterns.peek().is_some() {
        return if patterns.any(fits) {
            Ok(())
        } else {
            Err(format!("No subject alternative DNS name matching {name} found."))
        };
    }
    let common_name = certificate.subject().common_names().last();
    if common_name.is_some_and(|pattern| fits(pattern)) {
        Ok(())
    } else {
        Err(format!("No name matching {name} found"))
    }
}

/// `HostnameChecker.hasIllegalWildcard`: whether what follows the label of the last wildcard is a public suffix.
fn spans_a_registry(pattern: &str) -> bool {
    pattern
        .rfind('*')
        .and_then(|wildcard| pattern.get(wildcard..)?.split_once('.'))
        .is_some_and(|(_, domain)| is_public_suffix(domain) == Some(true))
}

/// `HostnameChecker.isMatched` with `matchAllWildcards`, or `matchLeftmostWildcard`.
fn matches_jsse(name: &str, pattern: &str, wildcards: Wildcards) -> bool {
    if pattern == "*" || pattern == "*." {
        return false;
    }
    if let Some(wildcard) = pattern.rfind('*')
        && !pattern.get(wildcard..).is_some_and(|after| after.contains('.'))
    {
        return false;
    }
    if !is_host_name(&pattern.replace('*', "z")) {
        return false;
    }
    let name = name.to_ascii_lowercase();
    let pattern = pattern.to_ascii_lowercase();
    if wildcards == Wildcards::LeftmostLabel {
        let (label, rest) = name.split_once('.').unwrap_or((&name, ""));
        let (template, parent) = pattern.split_once('.').unwrap_or((&pattern, ""));
        return matches_label(label, template) && rest == parent;
    }
    // StringTokenizer knows no empty tokens.
    let mut labels = name.split('.').filter(|label| !label.is_empty());
    let mut templates = pattern.split('.').filter(|label| !label.is_empty());
    loop {
        match (labels.next(), templates.next()) {
            (None, None) => return true,
            (Some(label), Some(template)) if matches_label(label, template) => {}
            _ => return false,
        }
    }
}

/// `HostnameChecker.matchWildCards`: each `*` stands for any run of characters of the label, and the text
/// between is taken where it first occurs.
fn matches_label(label: &str, template: &str) -> bool {
    let mut parts = template.split('*');
    let Some(first) = parts.next() else { return false };
    let Some(mut rest) = label.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    false
}

/// `SNIHostName`: IDN.toASCII with the STD3 rules, no dot at the end.
fn is_host_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    !name.is_empty() && name.split('.').all(label)
}
