//! Modified UTF-8, as `java.io.DataInput.readUTF` and `DataOutput.writeUTF` have it: UTF-16 units, each in
//! one to three bytes. U+0000 is `C0 80`, and what lies beyond U+FFFF is a surrogate pair of six bytes.

use std::borrow::Cow;

/// Reads it. Like `readUTF`, it takes any spelling of a unit, the longer ones too.
///
/// `None` for bytes that `readUTF` refuses, and for half of a surrogate pair, which Java takes and no text
/// holds.
pub(super) fn decode(bytes: &[u8]) -> Option<String> {
    if bytes.is_ascii() {
        return std::str::from_utf8(bytes).ok().map(str::to_owned);
    }
    let mut units = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied().map(u16::from);
    while let Some(first) = rest.next() {
        let mut next = || rest.next().filter(|b| b & 0xc0 == 0x80).map(|b| b & 0x3f);
        units.push(match first {
            0x00..=0x7f => first,
            0xc0..=0xdf => (first & 0x1f) << 6 | next()?,
            0xe0..=0xef => (first & 0x0f) << 12 | next()? << 6 | next()?,
            _ => return None,
        });
    }
    String::from_utf16(&units).ok()
}

/// Writes it, each unit in its shortest spelling but U+0000, as `writeUTF` does.
pub(super) fn encode(text: &str) -> Cow<'_, [u8]> {
    if text.bytes().all(|byte| matches!(byte, 0x01..=0x7f)) {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut out = Vec::with_capacity(text.len());
    for unit in text.encode_utf16() {
        let low = |shift: u32| octet(0x80 | (unit >> shift & 0x3f));
        match unit {
            0x01..=0x7f => out.push(octet(unit)),
            0x00 | 0x80..=0x7ff => out.extend([octet(0xc0 | unit >> 6), low(0)]),
            _ => out.extend([octet(0xe0 | unit >> 12), low(6), low(0)]),
        }
    }
    Cow::Owned(out)
}

fn octet(unit: u16) -> u8 {
    let [_, low] = unit.to_be_bytes();
    low
}
