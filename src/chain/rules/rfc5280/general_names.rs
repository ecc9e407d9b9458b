//! The syntax of names: RFC 5280 section 4.2.1.6, RFC 1034 section 3.5, RFC 5321 section 4.1.2.

use std::net::IpAddr;

/// A host name in the preferred name syntax of RFC 1034 section 3.5 and RFC 1123 section 2.1: letters, digits
/// and inner hyphens; no dot at the end, and no address in disguise.
pub(crate) fn is_host_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let numeric = |label: &str| label.bytes().all(|b| b.is_ascii_digit());
    name.len() <= 253 && name.split('.').all(label) && !name.rsplit('.').next().is_some_and(numeric)
}

/// A host name, or one behind a wildcard label.
pub(crate) fn is_dns_name(name: &str) -> bool {
    is_host_name(name.strip_prefix("*.").unwrap_or(name))
}

/// A mailbox: a local part of atoms or in quotes, `@`, a host name or an address in brackets.
pub(crate) fn is_mailbox(text: &str) -> bool {
    split_mailbox(text).is_some()
}

/// The local part and the host of a mailbox.
pub(crate) fn split_mailbox(text: &str) -> Option<(&str, &str)> {
    let (local, host) = text.rsplit_once('@')?;
    let atom = |atom: &str| {
        !atom.is_empty()
            && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    };
    let quoted = || {
        local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).is_some_and(|inner| {
            let mut escaped = false;
            let plain = inner.bytes().all(|b| {
                let fine = (0x20..0x7f).contains(&b) && (escaped || b != b'"');
                escaped = !escaped && b == b'\\';
                fine
            });
            plain && !escaped
        })
    };
    let local_is_fine = local.len() <= 64 && (local.split('.').all(atom) || quoted());
    (local_is_fine && (is_host_name(host) || literal(host))).then_some((local, host))
}

fn literal(host: &str) -> bool {
    let inner = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inner.is_some_and(|inner| inner.strip_prefix("IPv6:").unwrap_or(inner).parse::<IpAddr>().is_ok())
}

/// An absolute URI: a scheme, a colon, something behind it, and no blanks.
pub(crate) fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let scheme_is_fine = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let graphic = rest.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b));
    scheme_is_fine && !rest.is_empty() && graphic
}

/// The host of a URI with an authority; `None` where there is none, or where it is an address.
pub(crate) fn uri_host(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.rsplit_once(':') {
        Some((before, port)) if port.bytes().all(|b| b.is_ascii_digit()) => before,
        _ => host,
    };
    is_host_name(host).then_some(host)
}
