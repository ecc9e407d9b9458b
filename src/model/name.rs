//! Distinguished names: RFC 5280 section 4.1.2.4, written as RFC 4514 text.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;

use x509_parser::prelude::{AttributeTypeAndValue, FromDer, X509Name};

use super::hex;
use super::object_identifier::dotted;

/// The attribute types that RFC 4514 section 3 lets a writer shorten: content octets of the OBJECT IDENTIFIER,
/// its number, the name. Nearly all attributes are of these, and to compute the number of each anew took a fifth
/// of the time in which a certificate is read.
const SHORT: [(&[u8], &str, &str); 9] = [
    (b"\x55\x04\x03", "2.5.4.3", "CN"),
    (b"\x55\x04\x07", "2.5.4.7", "L"),
    (b"\x55\x04\x08", "2.5.4.8", "ST"),
    (b"\x55\x04\x0a", "2.5.4.10", "O"),
    (b"\x55\x04\x0b", "2.5.4.11", "OU"),
    (b"\x55\x04\x06", "2.5.4.6", "C"),
    (b"\x55\x04\x09", "2.5.4.9", "STREET"),
    (b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19", "0.9.2342.19200300.100.1.25", "DC"),
    (b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01", "0.9.2342.19200300.100.1.1", "UID"),
];

/// A distinguished name: its DER, its RFC 4514 text, and the form in which it is compared.
///
/// Two names are equal when they are so by RFC 5280 section 7.1: attribute by attribute, case and runs of blanks
/// ignored, string types not told apart. Unicode normalisation (the RFC asks for RFC 4518) goes no further than
/// lower case. [`Name::is_equal_in_java`] tells more names apart.
#[derive(Clone)]
pub struct Name {
    der: Box<[u8]>,
    text: String,
    canonical: String,
    common_names: Vec<String>,
    /// Kept only where there is no common name.
    organization: Option<String>,
}

impl Name {
    /// Takes over a name that x509-parser has read.
    pub(crate) fn from_parsed(name: &X509Name<'_>) -> Self {
        let rdns: Vec<Vec<Attribute<'_>>> =
            name.iter().map(|rdn| rdn.iter().map(Attribute::new).collect()).collect();
        // Both are about as long as the encoding; each is written in one piece.
        let mut text = String::with_capacity(name.as_raw().len());
        for (i, rdn) in rdns.iter().rev().enumerate() {
            text.push_str(if i == 0 { "" } else { "," });
            for (j, attribute) in rdn.iter().enumerate() {
                text.push_str(if j == 0 { "" } else { "+" });
                attribute.write_rfc4514(&mut text);
            }
        }
        let canonical = joined(&rdns, name.as_raw().len(), Attribute::write_canonical);
        let values = |oid| {
            rdns.iter()
                .flatten()
                .filter(move |attribute| attribute.oid == oid)
                .filter_map(|a| a.value.as_deref())
        };
        let common_names: Vec<String> = values("2.5.4.3").map(str::to_owned).collect();
        let organization = if common_names.is_empty() { values("2.5.4.10").next_back() } else { None };
        Self {
            organization: organization.map(str::to_owned),
            der: name.as_raw().into(),
            text,
            canonical,
            common_names,
        }
    }

    /// Reads the DER of a `Name`; `None` where it is none, or something follows it.
    #[must_use]
    pub fn from_der(der: &[u8]) -> Option<Self> {
        match X509Name::from_der(der) {
            Ok(([], name)) => Some(Self::from_parsed(&name)),
            _ => None,
        }
    }

    /// The DER of the `Name`, as it stands in the certificate.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// RFC 4514 text, most specific attribute first, control characters escaped as hex pairs. Attribute
    /// types outside the RFC's table are written as their number with the value in hex.
    #[must_use]
    pub fn rfc4514(&self) -> &str {
        &self.text
    }

    /// The common names, in the order of the encoding.
    #[must_use]
    pub fn common_names(&self) -> &[String] {
        &self.common_names
    }

    /// What a person would call the subject: its last common name, else its organization, else all of it.
    #[must_use]
    pub fn short(&self) -> String {
        let text = self.common_names.last().or(self.organization.as_ref()).unwrap_or(&self.text);
        text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
    }

    /// A key under which equal names meet, for maps.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// Whether `javax.security.auth.x500.X500Principal` takes the two for one name. It ignores case, blanks and
    /// string type for UTF8String and PrintableString in the attributes of RFC 2253 alone; all other values have to
    /// be the same to the octet (`sun.security.x509.AVA.toRFC2253CanonicalString`).
    #[must_use]
    pub fn is_equal_in_java(&self, other: &Self) -> bool {
        self.der == other.der || (self == other && self.java_canonical() == other.java_canonical())
    }

    fn java_canonical(&self) -> String {
        let Ok((_, name)) = X509Name::from_der(&self.der) else { return hex::lower(&self.der) };
        let rdns: Vec<Vec<Attribute<'_>>> =
            name.iter().map(|rdn| rdn.iter().map(Attribute::new).collect()).collect();
        joined(&rdns, self.der.len(), Attribute::write_java_canonical)
    }

    /// Whether the first attributes of this name, as encoded, are all those of `top`: whether it lies in the
    /// subtree of directory names below `top` (RFC 5280 section 4.2.1.10).
    #[must_use]
    pub fn begins_with(&self, top: &Self) -> bool {
        // A comma in a value is escaped, so one that is not stands between two attributes.
        top.is_empty()
            || self
                .canonical
                .strip_prefix(top.canonical.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(','))
    }

    /// Whether the name has no attribute at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.canonical.is_empty()
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for Name {}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({})", self.text)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Each attribute as `write` has it; those of one RDN in an order of their own.
fn joined<'a>(rdns: &[Vec<Attribute<'a>>], length: usize, write: fn(&Attribute<'a>, &mut String)) -> String {
    let mut text = String::with_capacity(length);
    for (i, rdn) in rdns.iter().enumerate() {
        text.push_str(if i == 0 { "" } else { "," });
        match rdn.as_slice() {
            [attribute] => write(attribute, &mut text),
            several => {
                let key = |attribute: &Attribute<'a>| {
                    let mut key = String::new();
                    write(attribute, &mut key);
                    key
                };
                let mut keys: Vec<String> = several.iter().map(key).collect();
                keys.sort();
                text.push_str(&keys.join("+"));
            }
        }
    }
    text
}

/// One attribute of a name.
struct Attribute<'a> {
    parsed: &'a AttributeTypeAndValue<'a>,
    oid: Cow<'static, str>,
    /// The name that RFC 4514 has for it.
    short: Option<&'static str>,
    /// Where it is a string.
    value: Option<Cow<'a, str>>,
}

impl<'a> Attribute<'a> {
    fn new(parsed: &'a AttributeTypeAndValue<'a>) -> Self {
        let octets = parsed.attr_type().as_bytes();
        let (oid, short) = match SHORT.iter().find(|(known, ..)| *known == octets) {
            Some((_, oid, short)) => (Cow::Borrowed(*oid), Some(*short)),
            None => (Cow::Owned(dotted(octets)), None),
        };
        Self { parsed, oid, short, value: text_of(parsed) }
    }

    fn write_rfc4514(&self, out: &mut String) {
        out.push_str(self.short.unwrap_or(&self.oid));
        match (self.short, &self.value) {
            (Some(_), Some(text)) => {
                out.push('=');
                escape(text, out);
            }
            _ => {
                out.push_str("=#");
                encoded_hex(self.parsed, out);
            }
        }
    }

    fn write_canonical(&self, out: &mut String) {
        self.write_folded(out, true);
    }

    fn write_java_canonical(&self, out: &mut String) {
        const UTF8_OR_PRINTABLE: [u32; 2] = [12, 19];
        let folds = self.short.is_some() && UTF8_OR_PRINTABLE.contains(&self.parsed.attr_value().tag().0);
        self.write_folded(out, folds);
    }

    /// A value that is no string, or does not fold, comes as it is encoded.
    fn write_folded(&self, out: &mut String, folds: bool) {
        out.push_str(&self.oid);
        match self.value.as_ref().filter(|_| folds) {
            Some(text) => {
                out.push('=');
                escape(&folded(text), out);
            }
            None => {
                out.push_str("=#");
                encoded_hex(self.parsed, out);
            }
        }
    }
}

/// Lower case, each run of blanks one of them, none at the ends.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    if folded.is_ascii() {
        folded.make_ascii_lowercase();
        folded
    } else {
        folded.to_lowercase()
    }
}

/// The text of a string value; `None` for a value of a type that is no string.
fn text_of<'a>(attribute: &'a AttributeTypeAndValue<'_>) -> Option<Cow<'a, str>> {
    let any = attribute.attr_value();
    match any.tag().0 {
        // UTF8String, and the types that are subsets of ASCII.
        12 | 18 | 19 | 22 | 26 => Some(String::from_utf8_lossy(any.data)),
        // TeletexString: in certificates it holds Latin-1, whatever T.61 says.
        20 => Some(any.data.iter().map(|&b| char::from(b)).collect::<String>().into()),
        28 => Some(
            any.data
                .chunks(4)
                .map(|c| c.iter().fold(0u32, |n, &b| n << 8 | u32::from(b)))
                .map(|n| char::from_u32(n).unwrap_or('\u{fffd}'))
                .collect::<String>()
                .into(),
        ),
        30 => {
            let units = any.data.chunks(2).map(|c| c.iter().fold(0u16, |n, &b| n << 8 | u16::from(b)));
            Some(char::decode_utf16(units).map(|r| r.unwrap_or('\u{fffd}')).collect::<String>().into())
        }
        _ => None,
    }
}

/// The value's BER in hex. The length is written again in the shortest form.
fn encoded_hex(attribute: &AttributeTypeAndValue<'_>, out: &mut String) {
    let any = attribute.attr_value();
    let class = (any.header.class() as u32) << 6;
    let constructed = u32::from(any.header.is_constructed()) << 5;
    let _ = write!(out, "{:02x}", class | constructed | (any.tag().0 & 0x1f));
    let length = any.data.len();
    if length < 0x80 {
        let _ = write!(out, "{length:02x}");
    } else {
        let bytes = length.to_be_bytes();
        let significant: Vec<u8> = bytes.iter().copied().skip_while(|&b| b == 0).collect();
        let _ = write!(out, "{:02x}", 0x80 | significant.len());
        for byte in significant {
            let _ = write!(out, "{byte:02x}");
        }
    }
    out.push_str(&hex::lower(any.data));
}

/// RFC 4514 section 2.4; control characters, which it leaves alone, become hex pairs so that no name can
/// drive a terminal.
fn escape(text: &str, out: &mut String) {
    let special = |c: char| matches!(c, '"' | '+' | ',' | ';' | '<' | '>' | '\\') || c.is_control();
    if !text.starts_with([' ', '#']) && !text.ends_with(' ') && !text.contains(special) {
        out.push_str(text);
        return;
    }
    let last = text.chars().count().saturating_sub(1);
    for (i, c) in text.chars().enumerate() {
        let edge_blank = c == ' ' && (i == 0 || i == last);
        if edge_blank || (c == '#' && i == 0) || matches!(c, '"' | '+' | ',' | ';' | '<' | '>' | '\\') {
            out.push('\\');
            out.push(c);
        } else if c.is_control() {
            let mut buffer = [0; 4];
            for byte in c.encode_utf8(&mut buffer).bytes() {
                let _ = write!(out, "\\{byte:02X}");
            }
        } else {
            out.push(c);
        }
    }
}
