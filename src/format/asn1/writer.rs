//! Writing DER.

use super::tag;

/// A value with this identifier octet and content.
#[must_use]
pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len().saturating_add(6));
    out.push(tag);
    match u8::try_from(content.len()) {
        Ok(length) if length < 0x80 => out.push(length),
        _ => {
            let bytes = content.len().to_be_bytes();
            let digits: Vec<u8> = bytes.iter().copied().skip_while(|&b| b == 0).collect();
            out.push(0x80 | u8::try_from(digits.len()).unwrap_or(8));
            out.extend(digits);
        }
    }
    out.extend_from_slice(content);
    out
}

/// A SEQUENCE of values that are encoded already.
#[must_use]
pub fn sequence<T: AsRef<[u8]>>(values: &[T]) -> Vec<u8> {
    tlv(tag::SEQUENCE, &concat(values))
}

/// A SET of values in the order given. DER sorts a SET OF; Java does not, and files are kept as they are.
#[must_use]
pub fn set<T: AsRef<[u8]>>(values: &[T]) -> Vec<u8> {
    tlv(tag::SET, &concat(values))
}

/// A value inside an explicit context tag.
#[must_use]
pub fn explicit(number: u8, value: &[u8]) -> Vec<u8> {
    tlv(tag::context(number) | tag::CONSTRUCTED, value)
}

/// An INTEGER.
#[must_use]
pub fn integer(number: u64) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let mut digits: Vec<u8> = bytes.iter().copied().skip_while(|&b| b == 0).collect();
    if digits.first().is_none_or(|&first| first & 0x80 != 0) {
        digits.insert(0, 0);
    }
    tlv(tag::INTEGER, &digits)
}

/// A BOOLEAN.
#[must_use]
pub fn boolean(value: bool) -> Vec<u8> {
    tlv(tag::BOOLEAN, &[if value { 0xff } else { 0 }])
}

/// NULL.
#[must_use]
pub fn null() -> Vec<u8> {
    tlv(tag::NULL, &[])
}

/// An OCTET STRING.
#[must_use]
pub fn octet_string(octets: &[u8]) -> Vec<u8> {
    tlv(tag::OCTET_STRING, octets)
}

/// An OBJECT IDENTIFIER from its content octets.
#[must_use]
pub fn object_identifier(content: &[u8]) -> Vec<u8> {
    tlv(tag::OBJECT_IDENTIFIER, content)
}

/// A BMPString of UTF-16 units, surrogates included, as Java writes one.
#[must_use]
pub fn bmp_string(text: &str) -> Vec<u8> {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    tlv(tag::BMP_STRING, &units)
}

fn concat<T: AsRef<[u8]>>(values: &[T]) -> Vec<u8> {
    let mut out = Vec::with_capacity(values.iter().map(|value| value.as_ref().len()).sum());
    values.iter().for_each(|value| out.extend_from_slice(value.as_ref()));
    out
}
