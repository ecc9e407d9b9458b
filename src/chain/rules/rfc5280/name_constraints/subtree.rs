//! One subtree of name constraints, and the names that lie in it: RFC 5280 section 4.2.1.10.

use std::fmt;
use std::net::IpAddr;

use x509_parser::prelude::GeneralName;

use super::super::general_names::{is_host_name, is_mailbox, split_mailbox, uri_host};
use crate::model::Name;

/// The kinds of names that constraints tell apart: the tags of `GeneralName`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Dns,
    Mail,
    Uri,
    Ip,
    Directory,
    /// One that is not processed, by its tag.
    Other(u32),
}

impl Kind {
    pub(super) fn of(name: &GeneralName<'_>) -> Self {
        match name {
            GeneralName::DNSName(_) => Self::Dns,
            GeneralName::RFC822Name(_) => Self::Mail,
            GeneralName::URI(_) => Self::Uri,
            GeneralName::IPAddress(_) => Self::Ip,
            GeneralName::DirectoryName(_) => Self::Directory,
            GeneralName::OtherName(..) => Self::Other(0),
            GeneralName::X400Address(_) => Self::Other(3),
            GeneralName::EDIPartyName(_) => Self::Other(5),
            GeneralName::RegisteredID(_) => Self::Other(8),
            GeneralName::Invalid(tag, _) => Self::Other(tag.0),
        }
    }
}

/// A name that is held against the constraints.
pub(super) enum Subject {
    /// In lower case; may begin with a wildcard.
    Dns(String),
    Mail(String),
    Uri(String),
    Ip(Vec<u8>),
    Directory(Name),
    /// One of a kind that is not processed.
    Other(Kind),
}

impl Subject {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Dns(_) => Kind::Dns,
            Self::Mail(_) => Kind::Mail,
            Self::Uri(_) => Kind::Uri,
            Self::Ip(_) => Kind::Ip,
            Self::Directory(_) => Kind::Directory,
            Self::Other(kind) => *kind,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(text) => write!(f, "DNS:{text}"),
            Self::Mail(text) => write!(f, "email:{text}"),
            Self::Uri(text) => write!(f, "URI:{text}"),
            Self::Ip(octets) => match address(octets) {
                Some(address) => write!(f, "IP:{address}"),
                None => f.write_str("IP:invalid"),
            },
            Self::Directory(name) => write!(f, "\"{name}\""),
            Self::Other(_) => f.write_str("a name of a kind that is not processed"),
        }
    }
}

/// A subtree.
pub(super) enum Subtree {
    /// The domain in lower case; empty for all names.
    Dns(String),
    /// The names below a domain, without itself. The standard knows no such constraint.
    BelowDns(String),
    /// One mailbox.
    Mailbox { local: String, host: String },
    /// All mailboxes of one host.
    MailHost(String),
    /// All mailboxes of the hosts below a domain.
    MailDomain(String),
    /// One host.
    UriHost(String),
    /// The hosts below a domain.
    UriDomain(String),
    /// An address and its mask, of one length.
    Ip { address: Vec<u8>, mask: Vec<u8> },
    /// All names that begin with this one.
    Directory(Name),
    /// One of a kind that is not processed.
    Other(Kind),
}

impl Subtree {
    /// Reads a constraint; the error is what is wrong with it.
    pub(super) fn new(base: &GeneralName<'_>) -> Result<Self, String> {
        let host = |text: &str| is_host_name(text).then(|| text.to_ascii_lowercase());
        match base {
            GeneralName::DNSName("") => Ok(Self::Dns(String::new())),
            GeneralName::DNSName(text) => {
                host(text).map(Self::Dns).ok_or_else(|| format!("no domain: \"{text}\""))
            }
            GeneralName::RFC822Name(text) if text.contains('@') => match split_mailbox(text) {
                Some((local, host)) => {
                    Ok(Self::Mailbox { local: local.to_owned(), host: host.to_ascii_lowercase() })
                }
                None => Err(format!("no mailbox: \"{text}\"")),
            },
            GeneralName::RFC822Name(text) => match text.strip_prefix('.') {
                Some(domain) => host(domain).map(Self::MailDomain),
                None => host(text).map(Self::MailHost),
            }
            .ok_or_else(|| format!("no mail domain: \"{text}\"")),
            GeneralName::URI(text) => match text.strip_prefix('.') {
                Some(domain) => host(domain).map(Self::UriDomain),
                None => host(text).map(Self::UriHost),
            }
            .ok_or_else(|| format!("no host of URIs: \"{text}\"")),
            GeneralName::IPAddress(octets) => Self::network(octets),
            GeneralName::DirectoryName(name) => Ok(Self::Directory(Name::from_parsed(name))),
            GeneralName::Invalid(..) => Err("not readable".to_owned()),
            other => Ok(Self::Other(Kind::of(other))),
        }
    }

    /// The same, and takes a period in front of a DNS domain, as most clients do.
    pub(super) fn tolerant(base: &GeneralName<'_>) -> Result<Self, String> {
        match base {
            GeneralName::DNSName(text) if text.starts_with('.') => {
                Ok(Self::BelowDns(text.trim_start_matches('.').to_ascii_lowercase()))
            }
            other => Self::new(other),
        }
    }

    fn network(octets: &[u8]) -> Result<Self, String> {
        let (address, mask) = match octets.len() {
            8 => octets.split_at(4),
            32 => octets.split_at(16),
            length => return Err(format!("no network: {length} octets")),
        };
        let bits = mask.iter().flat_map(|octet| (0..8).rev().map(move |bit| octet >> bit & 1 == 1));
        if bits.skip_while(|&set| set).any(|set| set) {
            return Err("no network: the bits of its mask have gaps".to_owned());
        }
        Ok(Self::Ip { address: address.to_vec(), mask: mask.to_vec() })
    }

    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Dns(_) | Self::BelowDns(_) => Kind::Dns,
            Self::Mailbox { .. } | Self::MailHost(_) | Self::MailDomain(_) => Kind::Mail,
            Self::UriHost(_) | Self::UriDomain(_) => Kind::Uri,
            Self::Ip { .. } => Kind::Ip,
            Self::Directory(_) => Kind::Directory,
            Self::Other(kind) => *kind,
        }
    }

    /// Whether the whole subtree lies in another one.
    pub(super) fn lies_in(&self, outer: &Self) -> bool {
        match (self, outer) {
            (Self::Dns(inner), Self::Dns(outer)) => is_within(inner, outer),
            (Self::BelowDns(inner), Self::Dns(outer) | Self::BelowDns(outer)) => is_within(inner, outer),
            (Self::Dns(inner), Self::BelowDns(outer)) => is_below(inner, outer),
            (Self::Mailbox { local, host }, Self::Mailbox { local: only, host: at }) => {
                local == only && host == at
            }
            (Self::Mailbox { host, .. } | Self::MailHost(host), Self::MailHost(only)) => host == only,
            (Self::Mailbox { host: inner, .. } | Self::MailHost(inner), Self::MailDomain(outer))
            | (Self::UriHost(inner), Self::UriDomain(outer)) => is_below(inner, outer),
            (Self::MailDomain(inner), Self::MailDomain(outer))
            | (Self::UriDomain(inner), Self::UriDomain(outer)) => is_within(inner, outer),
            (Self::UriHost(inner), Self::UriHost(outer)) => inner == outer,
            (Self::Ip { address, mask }, Self::Ip { address: outer, mask: wide }) => {
                address.len() == outer.len()
                    && address.iter().zip(outer).zip(wide).all(|((a, o), w)| a & w == o & w)
                    && mask.iter().zip(wide).all(|(m, w)| m & w == *w)
            }
            (Self::Directory(inner), Self::Directory(outer)) => inner.begins_with(outer),
            _ => false,
        }
    }

    /// Whether all that the name stands for lies in the subtree. What is not processed never does.
    pub(super) fn permits(&self, name: &Subject) -> bool {
        match (self, name) {
            (Self::Dns(domain), Subject::Dns(name)) => is_within(name, domain),
            (Self::BelowDns(domain), Subject::Dns(name)) => is_below(name, domain),
            (Self::Ip { address, mask }, Subject::Ip(octets)) => {
                address.len() == octets.len()
                    && address.iter().zip(mask).zip(octets).all(|((a, m), o)| a & m == o & m)
            }
            (Self::Directory(top), Subject::Directory(name)) => name.begins_with(top),
            (_, Subject::Mail(mail)) => self.permits_mail(mail),
            (_, Subject::Uri(uri)) => {
                uri_host(uri).map(str::to_ascii_lowercase).is_some_and(|host| match self {
                    Self::UriHost(only) => host == *only,
                    Self::UriDomain(domain) => is_below(&host, domain),
                    _ => false,
                })
            }
            _ => false,
        }
    }

    /// Whether anything that the name stands for lies in the subtree: a wildcard stands for each name that it
    /// may match. What is not processed, or cannot be read, is taken to lie in it.
    pub(super) fn excludes(&self, name: &Subject) -> bool {
        if self.kind() != name.kind() {
            return false;
        }
        match (self, name) {
            (Self::Dns(domain), Subject::Dns(name)) => {
                let matched = name
                    .strip_prefix("*.")
                    .is_some_and(|parent| domain.split_once('.').is_some_and(|(_, above)| above == parent));
                matched || is_within(name, domain)
            }
            (Self::Other(_), _) => true,
            (_, Subject::Mail(mail)) if !is_mailbox(mail) => true,
            (_, Subject::Uri(uri)) if uri_host(uri).is_none() => true,
            _ => self.permits(name),
        }
    }

    fn permits_mail(&self, mail: &str) -> bool {
        let Some((local, host)) = split_mailbox(mail) else { return false };
        let host = host.to_ascii_lowercase();
        match self {
            Self::Mailbox { local: only, host: at } => local == only && host == *at,
            Self::MailHost(only) => host == *only,
            Self::MailDomain(domain) => is_below(&host, domain),
            _ => false,
        }
    }
}

/// The domain itself, or a name below it.
fn is_within(name: &str, domain: &str) -> bool {
    domain.is_empty() || name == domain || is_below(name, domain)
}

fn is_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    let sixteen = <[u8; 16]>::try_from(octets).map(IpAddr::from);
    four.or(sixteen).ok()
}
