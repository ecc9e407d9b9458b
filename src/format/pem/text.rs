//! The bytes of a text file, whatever encoding a Windows tool saved it in.

use std::ops::Deref;

use zeroize::Zeroizing;

/// Text as bytes: the file's own, or what became of its UTF-16. Zeroized in the second case, as a private
/// key may be in it.
#[derive(Debug)]
pub enum Text<'a> {
    /// The bytes of the file.
    Same(&'a [u8]),
    /// UTF-8 made of UTF-16.
    Recoded(Zeroizing<Vec<u8>>),
}

impl Deref for Text<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Same(bytes) => bytes,
            Self::Recoded(bytes) => bytes,
        }
    }
}

/// Whether bytes are text in UTF-16: a byte order mark, or eight characters of ASCII with a zero octet each.
#[must_use]
pub fn is_utf16(bytes: &[u8]) -> bool {
    order(bytes).is_some()
}

/// Bytes as text in an encoding that has ASCII: UTF-16 is recoded, half surrogate pairs becoming U+FFFD, and
/// all else is left as it is.
#[must_use]
pub fn text(bytes: &[u8]) -> Text<'_> {
    let Some(order) = order(bytes) else { return Text::Same(bytes) };
    let units = bytes.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(order);
    let mut out = Zeroizing::new(Vec::with_capacity(bytes.len().saturating_mul(3) / 2));
    for c in char::decode_utf16(units) {
        let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Text::Recoded(out)
}

/// How pairs of octets become units, if the bytes are UTF-16.
fn order(bytes: &[u8]) -> Option<fn([u8; 2]) -> u16> {
    match bytes {
        [0xff, 0xfe, ..] => return Some(u16::from_le_bytes),
        [0xfe, 0xff, ..] => return Some(u16::from_be_bytes),
        _ => {}
    }
    let start = bytes.get(..16)?;
    let orders: [fn([u8; 2]) -> u16; 2] = [u16::from_le_bytes, u16::from_be_bytes];
    orders.into_iter().find(|order| {
        start.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(order).all(is_text_unit)
    })
}

fn is_text_unit(unit: u16) -> bool {
    matches!(unit, 0x20..=0x7e | 0x09 | 0x0a | 0x0d)
}
