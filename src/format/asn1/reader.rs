//! Reading BER.

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;

use super::tag;
use crate::limits;

/// Why bytes are not the ASN.1 that was expected, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asn1Error {
    /// The field that was being read, as its standard names it.
    pub field: &'static str,
    /// The offset of the value in the bytes that were handed in (for an encrypted part: in its plain text).
    pub offset: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The bytes end before the value does.
    Truncated,
    /// A length of more octets than any file has.
    Length,
    /// A tag number above 30, which no format of ours uses.
    LongTag,
    /// An indefinite length on a value that is not constructed.
    IndefinitePrimitive,
    /// Values nested deeper than [`limits::ASN1_DEPTH`].
    TooDeep,
    /// Another identifier octet than the one that belongs there.
    Tag {
        /// What belongs there.
        expected: u8,
        /// What stands there.
        found: u8,
    },
    /// Bytes after the last value.
    Trailing(usize),
    /// The right type with a content that means nothing.
    Content(&'static str),
    /// A number that is outside its bounds.
    Bounds {
        /// What stands there.
        found: u64,
        /// The least that is taken.
        least: u64,
        /// The most that is taken.
        most: u64,
    },
}

impl fmt::Display for Asn1Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at offset {}: ", self.field, self.offset)?;
        match &self.problem {
            Problem::Truncated => f.write_str("the data ends too early"),
            Problem::Length => f.write_str("the length is larger than any file"),
            Problem::LongTag => f.write_str("the tag number is larger than any that is used here"),
            Problem::IndefinitePrimitive => f.write_str("an indefinite length on a primitive value"),
            Problem::TooDeep => write!(f, "values are nested deeper than {}", limits::ASN1_DEPTH),
            Problem::Tag { expected, found } => {
                write!(f, "the tag is 0x{found:02x} where 0x{expected:02x} belongs")
            }
            Problem::Trailing(count) => write!(f, "{count} bytes follow where the value should end"),
            Problem::Content(what) => f.write_str(what),
            Problem::Bounds { found, least, most } => {
                write!(f, "{found} is outside the bounds of {least} to {most}")
            }
        }
    }
}

impl std::error::Error for Asn1Error {}

/// One value: its identifier octet, its content, and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Value<'a> {
    /// The identifier octet.
    pub tag: u8,
    /// The content octets, without the end-of-contents of an indefinite length.
    pub content: &'a [u8],
    /// The whole encoding, identifier octet and length included.
    pub whole: &'a [u8],
    /// Where the identifier octet stands.
    pub offset: usize,
    content_offset: usize,
    depth: usize,
}

/// Reads values one after the other.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte, which has offset 0.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, offset: 0, depth: 0 }
    }

    /// What has not been read.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Where the next value stands.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Whether everything has been read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The identifier octet of the next value, if there is one.
    #[must_use]
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Reads the next value, whatever it is.
    ///
    /// # Errors
    ///
    /// [`Asn1Error`] when the bytes are no complete value.
    pub fn any(&mut self, field: &'static str) -> Result<Value<'a>, Asn1Error> {
        let header = Header::read(self.rest).map_err(|problem| self.error(field, problem))?;
        if self.depth >= limits::ASN1_DEPTH {
            return Err(self.error(field, Problem::TooDeep));
        }
        let (content_length, end) = match header.length {
            Some(length) => {
                let end =
                    header.size.checked_add(length).ok_or_else(|| self.error(field, Problem::Length))?;
                (length, end)
            }
            None => {
                let body = self.rest.get(header.size..).unwrap_or_default();
                let length = end_of_contents(body).map_err(|problem| self.error(field, problem))?;
                (length, header.size.saturating_add(length).saturating_add(2))
            }
        };
        let (Some(whole), Some(rest)) = (self.rest.get(..end), self.rest.get(end..)) else {
            return Err(self.error(field, Problem::Truncated));
        };
        let content = whole.get(header.size..header.size.saturating_add(content_length)).unwrap_or_default();
        let value = Value {
            tag: header.tag,
            content,
            whole,
            offset: self.offset,
            content_offset: self.offset.saturating_add(header.size),
            depth: self.depth,
        };
        self.offset = self.offset.saturating_add(end);
        self.rest = rest;
        Ok(value)
    }

    /// Reads the next value if its identifier octet is this one.
    ///
    /// # Errors
    ///
    /// As [`Reader::any`]; a value of another kind is no error and stays unread.
    pub fn optional(&mut self, tag: u8, field: &'static str) -> Result<Option<Value<'a>>, Asn1Error> {
        if self.peek() == Some(tag) { self.any(field).map(Some) } else { Ok(None) }
    }

    /// Reads the next value, which must have this identifier octet.
    ///
    /// # Errors
    ///
    /// [`Asn1Error`] for another kind of value, or for none.
    pub fn tagged(&mut self, tag: u8, field: &'static str) -> Result<Value<'a>, Asn1Error> {
        match self.peek() {
            None => Err(self.error(field, Problem::Truncated)),
            Some(found) if found != tag => Err(self.error(field, Problem::Tag { expected: tag, found })),
            Some(_) => self.any(field),
        }
    }

    /// Reads a SEQUENCE and gives a reader of its content.
    ///
    /// # Errors
    ///
    /// As [`Reader::tagged`].
    pub fn sequence(&mut self, field: &'static str) -> Result<Reader<'a>, Asn1Error> {
        Ok(self.tagged(tag::SEQUENCE, field)?.reader())
    }

    /// Reads an INTEGER that is not negative and fits.
    ///
    /// # Errors
    ///
    /// As [`Reader::tagged`]; [`Problem::Content`] for a negative or larger one.
    pub fn unsigned(&mut self, field: &'static str) -> Result<u64, Asn1Error> {
        self.tagged(tag::INTEGER, field)?.unsigned(field)
    }

    /// Reads an INTEGER that has bounds.
    ///
    /// # Errors
    ///
    /// As [`Reader::unsigned`]; [`Problem::Bounds`] for one outside them.
    pub fn bounded(&mut self, field: &'static str, bounds: RangeInclusive<u64>) -> Result<u64, Asn1Error> {
        let offset = self.offset;
        let found = self.unsigned(field)?;
        if bounds.contains(&found) {
            return Ok(found);
        }
        let problem = Problem::Bounds { found, least: *bounds.start(), most: *bounds.end() };
        Err(Asn1Error { field, offset, problem })
    }

    /// Reads an OBJECT IDENTIFIER and gives its content octets.
    ///
    /// # Errors
    ///
    /// As [`Reader::tagged`].
    pub fn object_identifier(&mut self, field: &'static str) -> Result<&'a [u8], Asn1Error> {
        Ok(self.tagged(tag::OBJECT_IDENTIFIER, field)?.content)
    }

    /// Reads an OCTET STRING, in one piece or in several.
    ///
    /// # Errors
    ///
    /// As [`Reader::tagged`], and of the pieces.
    pub fn octet_string(&mut self, field: &'static str) -> Result<Cow<'a, [u8]>, Asn1Error> {
        match self.peek() {
            Some(found) if found == tag::OCTET_STRING | tag::CONSTRUCTED => self.any(field)?.octets(field),
            _ => self.tagged(tag::OCTET_STRING, field)?.octets(field),
        }
    }

    /// Makes sure that nothing follows.
    ///
    /// # Errors
    ///
    /// [`Problem::Trailing`] with the count of bytes that do.
    pub fn end(&self, field: &'static str) -> Result<(), Asn1Error> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.error(field, Problem::Trailing(self.rest.len()))) }
    }

    /// An error at the place where the reader stands.
    #[must_use]
    pub fn error(&self, field: &'static str, problem: Problem) -> Asn1Error {
        Asn1Error { field, offset: self.offset, problem }
    }
}

impl<'a> Value<'a> {
    /// A reader of the values inside.
    #[must_use]
    pub fn reader(&self) -> Reader<'a> {
        Reader { rest: self.content, offset: self.content_offset, depth: self.depth.saturating_add(1) }
    }

    /// The content of a string type, put together if it comes in pieces (X.690 section 8.7.3). Serves for
    /// an implicitly tagged OCTET STRING too.
    ///
    /// # Errors
    ///
    /// [`Asn1Error`] of a piece.
    pub fn octets(&self, field: &'static str) -> Result<Cow<'a, [u8]>, Asn1Error> {
        if self.tag & tag::CONSTRUCTED == 0 {
            return Ok(Cow::Borrowed(self.content));
        }
        let mut whole = Vec::new();
        self.gather(field, &mut whole)?;
        Ok(Cow::Owned(whole))
    }

    /// Appends the pieces of a string. Pieces may be in pieces: the reader bounds the depth.
    fn gather(&self, field: &'static str, whole: &mut Vec<u8>) -> Result<(), Asn1Error> {
        if self.tag & tag::CONSTRUCTED == 0 {
            whole.extend_from_slice(self.content);
            return Ok(());
        }
        let mut pieces = self.reader();
        while let Some(found) = pieces.peek() {
            if found & !tag::CONSTRUCTED != tag::OCTET_STRING {
                return Err(pieces.error(field, Problem::Tag { expected: tag::OCTET_STRING, found }));
            }
            pieces.any(field)?.gather(field, whole)?;
        }
        Ok(())
    }

    /// The value of an INTEGER that is not negative and fits.
    ///
    /// # Errors
    ///
    /// [`Problem::Content`] otherwise.
    pub fn unsigned(&self, field: &'static str) -> Result<u64, Asn1Error> {
        let wrong = |what| Asn1Error { field, offset: self.offset, problem: Problem::Content(what) };
        match self.content {
            [] => Err(wrong("an integer without octets")),
            [first, ..] if first & 0x80 != 0 => Err(wrong("a negative number")),
            octets => {
                let digits: Vec<u8> = octets.iter().copied().skip_while(|&b| b == 0).collect();
                if digits.len() > 8 {
                    return Err(wrong("a number of more than 64 bits"));
                }
                Ok(digits.iter().fold(0, |n, &b| n << 8 | u64::from(b)))
            }
        }
    }
}

struct Header {
    tag: u8,
    size: usize,
    length: Option<usize>,
}

impl Header {
    fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let (&tag, after) = bytes.split_first().ok_or(Problem::Truncated)?;
        if tag & 0x1f == 0x1f {
            return Err(Problem::LongTag);
        }
        let (&first, after) = after.split_first().ok_or(Problem::Truncated)?;
        match first {
            0x00..=0x7f => Ok(Self { tag, size: 2, length: Some(usize::from(first)) }),
            0x80 if tag & tag::CONSTRUCTED == 0 => Err(Problem::IndefinitePrimitive),
            0x80 => Ok(Self { tag, size: 2, length: None }),
            0xff => Err(Problem::Length),
            _ => {
                let count = usize::from(first & 0x7f);
                let octets = after.get(..count).ok_or(Problem::Truncated)?;
                let mut length = 0usize;
                for &octet in octets {
                    length = length
                        .checked_mul(256)
                        .and_then(|l| l.checked_add(usize::from(octet)))
                        .ok_or(Problem::Length)?;
                }
                Ok(Self { tag, size: count.saturating_add(2), length: Some(length) })
            }
        }
    }
}

/// The length of the content of an indefinite-length value: up to, not including, its end-of-contents
/// octets. Walks flat over definite values and counts the open indefinite ones, so that nesting costs no
/// stack.
fn end_of_contents(body: &[u8]) -> Result<usize, Problem> {
    let mut open = 0usize;
    let mut position = 0usize;
    loop {
        let rest = body.get(position..).unwrap_or_default();
        if rest.starts_with(&[0, 0]) {
            if open == 0 {
                return Ok(position);
            }
            open -= 1;
            position = position.saturating_add(2);
            continue;
        }
        let header = Header::read(rest)?;
        position = position.saturating_add(header.size);
        match header.length {
            Some(length) => position = position.checked_add(length).ok_or(Problem::Length)?,
            None => {
                open += 1;
                if open > limits::ASN1_DEPTH {
                    return Err(Problem::TooDeep);
                }
            }
        }
        if position > body.len() {
            return Err(Problem::Truncated);
        }
    }
}
