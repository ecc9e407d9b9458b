//! Object identifiers as dotted numbers (X.690 section 8.19).

use std::borrow::Cow;
use std::fmt::Write as _;

use x509_parser::asn1_rs::Oid;

/// The dotted form of an object identifier's content octets. Octets that are no whole identifier, or hold a number
/// above 28 bits, come as x509-parser writes them.
pub(crate) fn dotted(octets: &[u8]) -> String {
    usual(octets).unwrap_or_else(|| Oid::new(Cow::Borrowed(octets)).to_id_string())
}

/// Nearly all identifiers, in one piece of memory: a certificate holds a dozen of them.
fn usual(octets: &[u8]) -> Option<String> {
    const MOST: u32 = 1 << 21;
    let (&first, rest) = octets.split_first()?;
    if first >= 0x80 || rest.last().is_none_or(|octet| octet & 0x80 != 0) {
        return None;
    }
    let mut text = String::with_capacity(octets.len().saturating_mul(3));
    let _ = write!(text, "{}.{}", first / 40, first % 40);
    let mut number = 0_u32;
    for &octet in rest {
        if number >= MOST {
            return None;
        }
        number = number << 7 | u32::from(octet & 0x7f);
        if octet & 0x80 == 0 {
            let _ = write!(text, ".{number}");
            number = 0;
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_read_as_the_parser_reads_them() {
        let crate_says = |octets: &[u8]| Oid::new(Cow::Borrowed(octets)).to_id_string();
        let cases: [&[u8]; 14] = [
            b"\x55\x04\x03",
            b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b",
            b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19",
            b"\x2b\x06\x01\x04\x01\x82\x37\x0a\x03\x03",
            b"\x00\x00",
            b"\x2a\x80\x01",
            b"\x78\x05",
            b"\x7f\xff\xff\xff\x7f",
            b"\x2a\xff\xff\xff\xff\x7f",
            b"\x88\x37",
            b"\x2a\x86",
            b"\x2a",
            b"\x00",
            b"",
        ];
        for octets in cases {
            assert_eq!(dotted(octets), crate_says(octets), "{octets:02x?}");
        }
        assert_eq!(dotted(b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"), "1.2.840.113549.1.1.11");
        for octets in [&b"\x55\x04\x03"[..], b"\x7f\xff\xff\xff\x7f", b"\x2a\x80\x01"] {
            assert!(usual(octets).is_some(), "{octets:02x?}");
        }
    }
}
