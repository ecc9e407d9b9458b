//! As much of XML as an XMPP stream has before TLS (RFC 6120 section 11): tags and text, no comments, no
//! declarations of types.

use super::heard::Heard;

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    /// The local name: what stands after the prefix.
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// What a tag does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Open,
    Close,
    /// Both at once: `<a/>`.
    Empty,
    /// An instruction such as `<?xml …?>`.
    Instruction,
}

/// Something that stands in a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Tag(Tag),
    Text(Vec<u8>),
}

/// The next node, once it is whole. Text is whole when a tag follows it.
pub(super) fn node(heard: &mut Heard) -> Option<Node> {
    let rest = heard.rest();
    match rest.iter().position(|&byte| byte == b'<')? {
        0 => {
            let tag = heard.take(end_of_tag(rest)?)?;
            Some(Node::Tag(read(&tag)))
        }
        text => heard.take(text).map(Node::Text),
    }
}

/// The octets of a tag: to the `>` that stands in no quoted value.
fn end_of_tag(bytes: &[u8]) -> Option<usize> {
    let mut quote = None;
    for (at, &byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at.checked_add(1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

fn read(tag: &[u8]) -> Tag {
    let inner = tag.strip_prefix(b"<").unwrap_or(tag);
    let inner = inner.strip_suffix(b">").unwrap_or(inner);
    let (kind, inner) = match inner {
        [b'?' | b'!', rest @ ..] => (Kind::Instruction, rest),
        [b'/', rest @ ..] => (Kind::Close, rest),
        [rest @ .., b'/'] => (Kind::Empty, rest),
        rest => (Kind::Open, rest),
    };
    let name = inner.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    let local = name.rsplit(|&byte| byte == b':').next().unwrap_or_default();
    Tag { name: String::from_utf8_lossy(local).into_owned(), kind }
}
