//! Distinguished names from text: RFC 4514, with what keytool takes besides (`sun.security.x509.AVA`, format
//! DEFAULT): blanks around the parts, `;` between them, values in quotes.

#[cfg(test)]
mod tests;

use std::iter::Peekable;
use std::str::Chars;

use super::asn1::{self, tag};
use crate::limits;
use crate::model::Name;

/// Why a text is no distinguished name. Positions count characters from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// No text, or nothing but blanks.
    #[error("the name is empty")]
    Empty,
    /// More than [`limits::NAME_CHARACTERS`].
    #[error("the name has more than {} characters", limits::NAME_CHARACTERS)]
    TooLong,
    /// No `=` where an attribute should stand.
    #[error("at character {position}: \"{found}\" is no attribute of the form CN=value")]
    NoAttribute {
        /// Where the attribute begins.
        position: usize,
        /// What stands there.
        found: String,
    },
    /// An attribute type that is neither a known word nor a dotted number.
    #[error("at character {position}: the attribute type \"{found}\" is unknown")]
    UnknownType {
        /// Where it begins.
        position: usize,
        /// The type as given.
        found: String,
    },
    /// A backslash before something that is not escaped so.
    #[error(
        "at character {position}: a backslash goes before one of , + \" \\ < > ; = # or a blank, or before two hex digits"
    )]
    Escape {
        /// Where the backslash stands.
        position: usize,
    },
    /// A character that has to be escaped.
    #[error("at character {position}: {found} has to be written as \\{found}")]
    Unescaped {
        /// Where it stands.
        position: usize,
        /// The character.
        found: char,
    },
    /// A quoted value without its end, or with something behind it.
    #[error(
        "at character {position}: a value in quotes ends with a quote, and nothing but , or + follows it"
    )]
    Quotes {
        /// Where the value begins.
        position: usize,
    },
    /// A value in hex that is no encoding.
    #[error("at character {position}: after # stands the encoding of one value in hex")]
    Hex {
        /// Where the value begins.
        position: usize,
    },
    /// Octets that are no UTF-8, or characters that the attribute's string type does not have.
    #[error("at character {position}: the value of {keyword} {problem}")]
    Value {
        /// Where the value begins.
        position: usize,
        /// The attribute type as given.
        keyword: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

const EMAIL: &str = "1.2.840.113549.1.9.1";
const DOMAIN_COMPONENT: &str = "0.9.2342.19200300.100.1.25";

/// The words of `sun.security.x509.AVAKeyword`, but for `IP`, whose number is Sun's own.
const KEYWORDS: [(&str, &str); 20] = [
    ("CN", "2.5.4.3"),
    ("C", "2.5.4.6"),
    ("L", "2.5.4.7"),
    ("S", "2.5.4.8"),
    ("ST", "2.5.4.8"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("T", "2.5.4.12"),
    ("STREET", "2.5.4.9"),
    ("DC", DOMAIN_COMPONENT),
    ("DNQUALIFIER", "2.5.4.46"),
    ("DNQ", "2.5.4.46"),
    ("SURNAME", "2.5.4.4"),
    ("GIVENNAME", "2.5.4.42"),
    ("INITIALS", "2.5.4.43"),
    ("GENERATION", "2.5.4.44"),
    ("EMAIL", EMAIL),
    ("EMAILADDRESS", EMAIL),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("SERIALNUMBER", "2.5.4.5"),
];

/// Reads a name as a person types it, the most specific attribute first: `CN=a,OU=b+UID=c,O=d`.
///
/// Types are words of any case (`CN`, `C`, `L`, `ST` or `S`, `O`, `OU`, `T`, `STREET`, `DC`, `UID`, `EMAILADDRESS`,
/// `SERIALNUMBER`, …) or dotted numbers, with or without `OID.`. A value is encoded as Java does it: PrintableString
/// where that holds it, else UTF8String; IA5String for mail addresses and domain components. The lengths that
/// X.520 sets, and that a country has two letters, are not checked.
///
/// # Errors
///
/// [`NameError`].
pub fn parse(text: &str) -> Result<Name, NameError> {
    if text.chars().count() > limits::NAME_CHARACTERS {
        return Err(NameError::TooLong);
    }
    let mut parser = Parser { characters: text.chars().peekable(), position: 1 };
    parser.blanks();
    if parser.peek().is_none() {
        return Err(NameError::Empty);
    }
    let mut names: Vec<Vec<u8>> = Vec::new();
    let mut attributes: Vec<Vec<u8>> = Vec::new();
    loop {
        attributes.push(parser.attribute()?);
        match parser.next() {
            Some('+') => {}
            end => {
                // DER has the values of a SET OF in the order of their encodings.
                attributes.sort();
                names.push(asn1::set(&attributes));
                attributes.clear();
                if end.is_none() {
                    break;
                }
            }
        }
    }
    names.reverse();
    let der = asn1::sequence(&names);
    // What was written here is read again by the reader of certificates.
    Name::from_der(&der).ok_or(NameError::Hex { position: 1 })
}

struct Parser<'a> {
    characters: Peekable<Chars<'a>>,
    /// Of the next character.
    position: usize,
}

impl Parser<'_> {
    fn peek(&mut self) -> Option<char> {
        self.characters.peek().copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.characters.next();
        self.position = self.position.saturating_add(usize::from(next.is_some()));
        next
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(' ' | '\n')) {
            self.next();
        }
    }

    fn at_end(&mut self) -> bool {
        matches!(self.peek(), None | Some(',' | ';' | '+'))
    }

    /// `type=value`, up to the separator that follows.
    fn attribute(&mut self) -> Result<Vec<u8>, NameError> {
        self.blanks();
        let position = self.position;
        let mut keyword = String::new();
        while !self.at_end() && self.peek() != Some('=') {
            keyword.extend(self.next());
        }
        let keyword = keyword.trim_end().to_owned();
        if self.next() != Some('=') || keyword.is_empty() {
            return Err(NameError::NoAttribute { position, found: keyword });
        }
        let oid =
            oid_of(&keyword).ok_or_else(|| NameError::UnknownType { position, found: keyword.clone() })?;
        self.blanks();
        let position = self.position;
        let value = match self.peek() {
            Some('#') => self.hex(position)?,
            Some('"') => {
                let text = self.quoted(position)?;
                string(&oid, text.trim(), position, &keyword)?
            }
            _ => string(&oid, &self.plain(position, &keyword)?, position, &keyword)?,
        };
        let oid = encoded_oid(&oid).ok_or(NameError::UnknownType { position, found: keyword })?;
        Ok(asn1::sequence(&[asn1::object_identifier(&oid), value]))
    }

    /// The encoding of a value, in hex.
    fn hex(&mut self, position: usize) -> Result<Vec<u8>, NameError> {
        self.next();
        let mut digits = String::new();
        while !self.at_end() {
            digits.extend(self.next());
        }
        let digits: Option<Vec<u32>> = digits.trim_end().chars().map(|c| c.to_digit(16)).collect();
        let octets: Option<Vec<u8>> = digits.filter(|digits| !digits.is_empty()).and_then(|digits| {
            digits
                .chunks(2)
                .map(|pair| match pair {
                    [high, low] => u8::try_from(high << 4 | low).ok(),
                    _ => None,
                })
                .collect()
        });
        let octets = octets.ok_or(NameError::Hex { position })?;
        let mut reader = asn1::Reader::new(&octets);
        let one = reader.any("value").is_ok() && reader.is_empty();
        if one { Ok(octets) } else { Err(NameError::Hex { position }) }
    }

    fn quoted(&mut self, position: usize) -> Result<String, NameError> {
        self.next();
        let mut octets = Vec::new();
        loop {
            match self.next() {
                None => return Err(NameError::Quotes { position }),
                Some('"') => break,
                Some('\\') => self.escaped(&mut octets)?,
                Some(c) => push(&mut octets, c),
            }
        }
        self.blanks();
        if !self.at_end() {
            return Err(NameError::Quotes { position });
        }
        text(octets, position, "")
    }

    /// A value without quotes; blanks at its end go, unless they are escaped.
    fn plain(&mut self, position: usize, keyword: &str) -> Result<String, NameError> {
        let mut octets = Vec::new();
        let mut kept = 0;
        while !self.at_end() {
            let here = self.position;
            match self.next() {
                Some('\\') => self.escaped(&mut octets)?,
                Some(found @ ('<' | '>' | '"')) => {
                    return Err(NameError::Unescaped { position: here, found });
                }
                Some(c @ (' ' | '\n')) => {
                    push(&mut octets, c);
                    continue;
                }
                Some(c) => push(&mut octets, c),
                None => break,
            }
            kept = octets.len();
        }
        octets.truncate(kept);
        text(octets, position, keyword)
    }

    /// What follows a backslash.
    fn escaped(&mut self, octets: &mut Vec<u8>) -> Result<(), NameError> {
        let wrong = NameError::Escape { position: self.position.saturating_sub(1) };
        let Some(first) = self.next() else { return Err(wrong) };
        if let Some(high) = first.to_digit(16) {
            let low = self.next().and_then(|c| c.to_digit(16)).ok_or_else(|| wrong.clone())?;
            octets.push(u8::try_from(high << 4 | low).map_err(|_| wrong)?);
            return Ok(());
        }
        if !",=+<>#;\\\" \n".contains(first) {
            return Err(wrong);
        }
        push(octets, first);
        Ok(())
    }
}

fn push(octets: &mut Vec<u8>, c: char) {
    octets.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

fn text(octets: Vec<u8>, position: usize, keyword: &str) -> Result<String, NameError> {
    String::from_utf8(octets).map_err(|_| NameError::Value {
        position,
        keyword: if keyword.is_empty() { "the attribute" } else { keyword }.to_owned(),
        problem: "is no UTF-8",
    })
}

/// The dotted number of an attribute type.
fn oid_of(keyword: &str) -> Option<String> {
    let folded = keyword.to_ascii_uppercase();
    if let Some((_, oid)) = KEYWORDS.iter().find(|(known, _)| *known == folded) {
        return Some((*oid).to_owned());
    }
    let number = folded.strip_prefix("OID.").unwrap_or(&folded);
    encoded_oid(number).map(|_| number.to_owned())
}

/// The content octets of a dotted number (X.690 section 8.19); `None` for what is none.
pub(crate) fn encoded_oid(dotted: &str) -> Option<Vec<u8>> {
    let arcs: Vec<u32> = dotted
        .split('.')
        .map(|arc| arc.parse().ok().filter(|_| arc.bytes().all(|digit| digit.is_ascii_digit())))
        .collect::<Option<_>>()?;
    let (&first, &second, rest) = match arcs.as_slice() {
        [first, second, rest @ ..] if *first < 2 && *second < 40 || *first == 2 => (first, second, rest),
        _ => return None,
    };
    let mut octets = Vec::new();
    for arc in std::iter::once(first.checked_mul(40)?.checked_add(second)?).chain(rest.iter().copied()) {
        let groups = (0..5).rev().map(|group| (arc >> (7 * group)) & 0x7f);
        let groups: Vec<u32> = groups.skip_while(|&group| group == 0).collect();
        let last = groups.len().saturating_sub(1);
        if groups.is_empty() {
            octets.push(0);
        }
        for (number, group) in groups.iter().enumerate() {
            let more = if number == last { 0 } else { 0x80 };
            octets.push(u8::try_from(group | more).ok()?);
        }
    }
    Some(octets)
}

/// A value in the string type that Java takes for it.
fn string(oid: &str, text: &str, position: usize, keyword: &str) -> Result<Vec<u8>, NameError> {
    const PRINTABLE: u8 = 0x13;
    const IA5: u8 = 0x16;
    let wrong = |problem| NameError::Value { position, keyword: keyword.to_owned(), problem };
    if text.is_empty() {
        return Err(wrong("is empty"));
    }
    if oid == EMAIL || oid == DOMAIN_COMPONENT {
        return if text.is_ascii() {
            Ok(asn1::tlv(IA5, text.as_bytes()))
        } else {
            Err(wrong("has characters outside ASCII"))
        };
    }
    let printable = |c: char| c.is_ascii_alphanumeric() || " '()+,-./:=?".contains(c);
    let kind = if text.chars().all(printable) { PRINTABLE } else { tag::UTF8_STRING };
    Ok(asn1::tlv(kind, text.as_bytes()))
}
