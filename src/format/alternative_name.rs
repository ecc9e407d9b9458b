//! Subject alternative names: from text, and as GeneralName (RFC 5280 section 4.2.1.6).

use std::net::IpAddr;

use super::asn1::{self, tag};
use crate::model::certificate::AlternativeName;

/// Why a text is no alternative name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" {problem}")]
pub struct AlternativeNameError {
    /// The text as given.
    pub text: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

/// Reads a name by its shape: an address, `a@b` a mail address, `scheme://…` or `urn:…` a URI, else a DNS name. A
/// word before it says which it is, as in keytool's `-ext san=`: `dns:`, `ip:`, `email:`, `uri:`.
///
/// A DNS name has labels of letters, digits, `-` and `_`, the first perhaps `*`, and is kept as typed; one outside
/// ASCII has to come as `xn--…`. Of mail addresses and URIs only the shape is checked.
///
/// # Errors
///
/// [`AlternativeNameError`].
pub fn parse(text: &str) -> Result<AlternativeName, AlternativeNameError> {
    let wrong = |problem| AlternativeNameError { text: text.to_owned(), problem };
    let (kind, value) = match text.split_once(':') {
        Some((word, rest)) => match word.to_ascii_lowercase().as_str() {
            "dns" => ("dns", rest),
            "ip" => ("ip", rest),
            "email" | "mail" => ("email", rest),
            // Of `uri:urn:a` and `https://a` the second is its own scheme.
            "uri" => ("uri", rest),
            _ => (shape(text), text),
        },
        None => (shape(text), text),
    };
    if value.is_empty() {
        return Err(wrong("is empty"));
    }
    if !value.is_ascii() {
        return Err(wrong("has characters outside ASCII; a name of a domain is written as xn--…"));
    }
    if value.chars().any(|c| c.is_ascii_control() || c == ' ') {
        return Err(wrong("has blanks or control characters"));
    }
    match kind {
        "ip" => {
            let address: Result<IpAddr, _> = bare(value).parse();
            address.map(AlternativeName::Ip).map_err(|_| wrong("is no IP address"))
        }
        "email" => match value.split_once('@') {
            Some((local, domain)) if !local.is_empty() && is_dns_name(domain) => {
                Ok(AlternativeName::Email(value.to_owned()))
            }
            _ => Err(wrong("is no mail address")),
        },
        "uri" => match value.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) && !rest.is_empty() => {
                Ok(AlternativeName::Uri(value.to_owned()))
            }
            _ => Err(wrong("is no URI with a scheme")),
        },
        _ if is_dns_name(value) => Ok(AlternativeName::Dns(value.to_owned())),
        _ => Err(wrong("is no DNS name")),
    }
}

/// The GeneralName of a name; `None` for [`AlternativeName::Other`], which is a description.
#[must_use]
pub fn encode(name: &AlternativeName) -> Option<Vec<u8>> {
    Some(match name {
        AlternativeName::Email(text) => asn1::tlv(tag::context(1), text.as_bytes()),
        AlternativeName::Dns(text) => asn1::tlv(tag::context(2), text.as_bytes()),
        AlternativeName::Uri(text) => asn1::tlv(tag::context(6), text.as_bytes()),
        AlternativeName::Ip(IpAddr::V4(address)) => asn1::tlv(tag::context(7), &address.octets()),
        AlternativeName::Ip(IpAddr::V6(address)) => asn1::tlv(tag::context(7), &address.octets()),
        AlternativeName::Other(_) => return None,
    })
}

fn shape(text: &str) -> &'static str {
    if bare(text).parse::<IpAddr>().is_ok() {
        "ip"
    } else if text.contains("://") || text.to_ascii_lowercase().starts_with("urn:") {
        "uri"
    } else if text.contains('@') {
        "email"
    } else {
        "dns"
    }
}

/// An IPv6 address may stand in brackets.
fn bare(text: &str) -> &str {
    text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text)
}

/// RFC 1123 section 2.1, and the underscore that is in use.
fn is_dns_name(text: &str) -> bool {
    let labels = text.strip_prefix("*.").unwrap_or(text);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && labels.split('.').all(is_label)
}

/// RFC 3986 section 3.1.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn the_shape_decides() {
        let shown = |text: &str| parse(text).map(|name| name.to_string()).map_err(|error| error.problem);
        for (text, name) in [
            ("client.example.org", "DNS:client.example.org"),
            ("*.example.org", "DNS:*.example.org"),
            ("DNS:192.0.2.1", "DNS:192.0.2.1"),
            ("192.0.2.1", "IP:192.0.2.1"),
            ("[2001:db8::1]", "IP:2001:db8::1"),
            ("2001:db8::1", "IP:2001:db8::1"),
            ("ip:::1", "IP:::1"),
            ("a@example.org", "email:a@example.org"),
            ("https://a.example/b@c", "URI:https://a.example/b@c"),
            ("urn:uuid:1", "URI:urn:uuid:1"),
            ("uri:spiffe:x", "URI:spiffe:x"),
        ] {
            assert_eq!(shown(text).as_deref(), Ok(name), "{text}");
        }
        for text in
            ["", "dns:", "a b", "grüße.example", "-a.example", "a..b", "ip:1.2.3", "@b", "uri:/x", "x:1"]
        {
            assert!(shown(text).is_err(), "{text}");
        }
    }
}
