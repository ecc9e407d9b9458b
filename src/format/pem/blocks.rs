//! Finding and decoding blocks.

use std::fmt;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::text::text;
use crate::limits;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// As tolerant as Java's decoder: padding may be left out, and bits that mean nothing may be set.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// One block.
pub struct Block {
    /// The label, `CERTIFICATE` and the like. May be empty.
    pub label: String,
    /// The headers of RFC 1421, in their order, continued lines joined.
    pub headers: Vec<(String, String)>,
    /// What the base64 text stands for: DER, unless the headers say that it is encrypted.
    pub der: Zeroizing<Vec<u8>>,
    /// The line of the BEGIN, the first being 1.
    pub line: usize,
    /// The offset of the first byte after the block, in the text (see [`super::text()`]).
    pub end: usize,
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Block({:?}, line {}, {} bytes)", self.label, self.line, self.der.len())
    }
}

/// A block that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct PemError {
    /// The label of the BEGIN line, as far as there is one.
    pub label: String,
    /// The line that is wrong; the BEGIN line where something is missing.
    pub line: usize,
    /// What is wrong.
    pub problem: PemProblem,
}

/// What is wrong with a block.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PemProblem {
    /// The line that begins the block has no hyphens at its end.
    #[error("the BEGIN line does not end with five hyphens")]
    Begin,
    /// The file, or the next block, comes before the END line.
    #[error("the block has no END line")]
    NoEnd,
    /// The line that ends the block has no hyphens at its end.
    #[error("the END line does not end with five hyphens")]
    End,
    /// Another label at the end.
    #[error("the block ends as \"{0}\", which is not what it begins as")]
    Mismatch(String),
    /// A byte that base64 does not have.
    #[error("{} is no character of base64", .0.escape_ascii())]
    Character(u8),
    /// The base64 text breaks off, or goes on after its padding.
    #[error("the base64 text is incomplete")]
    Base64,
    /// BEGIN and END with nothing between them.
    #[error("the block is empty")]
    Empty,
}

/// The blocks of a text, in its order, each by itself read or not. The text around them is passed over.
/// UTF-16 is read ([`super::text()`]).
///
/// Labels are not checked against what the blocks hold, and encrypted blocks are left encrypted.
#[must_use]
pub fn blocks(bytes: &[u8]) -> Vec<Result<Block, PemError>> {
    let text = text(bytes);
    let mut lines = Lines { text: &text, position: 0, line: 1 };
    let mut found = Vec::new();
    let mut position = 0;
    while let Some(begin) = find(&text, BEGIN, position) {
        let line = lines.at(begin);
        let (result, end) = block(&text, begin, line, &mut lines);
        found.push(result);
        position = end;
    }
    found
}

/// Whether a text, which is not UTF-16, has anything that begins a block.
#[must_use]
pub fn has_block(text: &[u8]) -> bool {
    find(text, BEGIN, 0).is_some()
}

/// Reads base64 text with blanks and line ends in it, also as a JSON string escapes them; padding may be
/// left out.
///
/// # Errors
///
/// [`PemProblem::Character`] with the offset of the character; [`PemProblem::Base64`], and
/// [`PemProblem::Empty`] for text without any, with offset 0.
pub fn base64(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, (PemProblem, usize)> {
    let mut characters = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut bytes = text.iter().enumerate();
    while let Some((offset, &byte)) = bytes.next() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' | b'=' => characters.push(byte),
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => {}
            b'\\' => match bytes.next() {
                Some((_, b'n' | b'r' | b't')) => {}
                Some((_, b'/')) => characters.push(b'/'),
                _ => return Err((PemProblem::Character(byte), offset)),
            },
            _ => return Err((PemProblem::Character(byte), offset)),
        }
    }
    if characters.is_empty() {
        return Err((PemProblem::Empty, 0));
    }
    // Decoded into a buffer that is made once: no copy of a key stays behind.
    let mut decoded = Zeroizing::new(vec![0; base64::decoded_len_estimate(characters.len())]);
    let length = BASE64.decode_slice(&*characters, &mut decoded).map_err(|_| (PemProblem::Base64, 0))?;
    decoded.truncate(length);
    Ok(decoded)
}

/// The block that begins at an offset, and where to go on.
fn block(text: &[u8], begin: usize, line: usize, lines: &mut Lines<'_>) -> (Result<Block, PemError>, usize) {
    let after_begin = begin.saturating_add(BEGIN.len());
    let error = |label: &str, line, problem| Err(PemError { label: label.to_owned(), line, problem });
    let Some((label, body)) = label(text, after_begin) else {
        return (error("", line, PemProblem::Begin), after_begin);
    };
    let next_begin = find(text, BEGIN, body);
    let horizon = next_begin.unwrap_or(text.len());
    let Some(end) = find(text.get(..horizon).unwrap_or_default(), END, body) else {
        return (error(&label, line, PemProblem::NoEnd), horizon);
    };
    let after_end = end.saturating_add(END.len());
    let Some((end_label, after)) = self::label(text, after_end) else {
        return (error(&label, lines.at(end), PemProblem::End), after_end);
    };
    if end_label != label {
        return (error(&label, lines.at(end), PemProblem::Mismatch(end_label)), after);
    }
    let content = text.get(body..end).unwrap_or_default();
    let (headers, base64_start) = headers(content);
    let result = match base64(content.get(base64_start..).unwrap_or_default()) {
        Ok(der) => Ok(Block { label, headers, der, line, end: after }),
        Err((problem @ PemProblem::Character(_), offset)) => {
            let at = body.saturating_add(base64_start).saturating_add(offset);
            error(&label, lines.at(at), problem)
        }
        Err((problem, _)) => error(&label, line, problem),
    };
    (result, after)
}

/// The label that begins at an offset and ends with five hyphens on the same line, and where the hyphens
/// end.
fn label(text: &[u8], start: usize) -> Option<(String, usize)> {
    let end = text.len().min(start.saturating_add(limits::PEM_LABEL_BYTES + DASHES.len()));
    let rest = text.get(start..end)?;
    let line_end = rest.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(rest.len());
    let line = rest.get(..line_end)?;
    let length = find(line, DASHES, 0)?;
    let label = String::from_utf8_lossy(line.get(..length)?).trim_end().to_owned();
    Some((label, start.saturating_add(length).saturating_add(DASHES.len())))
}

/// The headers before the base64 text (RFC 1421 section 4.6): lines with a colon, which base64 does not
/// have, and the indented lines that continue them. With them, where the base64 text begins.
fn headers(content: &[u8]) -> (Vec<(String, String)>, usize) {
    let mut headers: Vec<(String, String)> = Vec::new();
    let mut position = 0;
    for raw in content.split_inclusive(|b| matches!(b, b'\n' | b'\r')) {
        let line = String::from_utf8_lossy(raw);
        let blank = line.trim().is_empty();
        if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim().to_owned(), value.trim().to_owned()));
        } else if let Some((_, value)) = headers.last_mut() {
            // The second half of CR LF is no blank line, and ends no header.
            let half = &*line == "\n" && content.get(..position).is_some_and(ends_header);
            if !blank && line.starts_with([' ', '\t']) {
                value.push_str(line.trim());
            } else if !half {
                break;
            }
        } else if !blank {
            break;
        }
        position = position.saturating_add(raw.len());
    }
    (headers, position)
}

/// Whether what stands before a LF is a CR that ended a line with something on it.
fn ends_header(before: &[u8]) -> bool {
    matches!(before, [.., last, b'\r'] if !matches!(last, b'\n' | b'\r'))
}

/// Where a pattern begins, at an offset or after it.
fn find(text: &[u8], pattern: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let first = pattern.first()?;
    let mut position = 0;
    loop {
        let step = rest.get(position..)?.iter().position(|b| b == first)?;
        position = position.saturating_add(step);
        if rest.get(position..)?.starts_with(pattern) {
            return Some(from.saturating_add(position));
        }
        position = position.saturating_add(1);
    }
}

/// Counts lines on the way through the text. LF, CR LF and a lone CR each end one.
struct Lines<'a> {
    text: &'a [u8],
    position: usize,
    line: usize,
}

impl Lines<'_> {
    /// The number of the line of an offset that is not before the last one asked for.
    fn at(&mut self, offset: usize) -> usize {
        while self.position < offset {
            let rest = self.text.get(self.position..).unwrap_or_default();
            match rest {
                [b'\r', b'\n', ..] => {}
                [b'\n' | b'\r', ..] => self.line = self.line.saturating_add(1),
                _ => {}
            }
            self.position = self.position.saturating_add(1);
        }
        self.line
    }
}
