//! Unit tests of the detection.

use super::*;

#[test]
fn bytes_without_structure() {
    for (bytes, kind) in [
        (&b""[..], Kind::Empty),
        (b" \r\n\t", Kind::Empty),
        (b"\xef\xbb\xbf\n", Kind::Empty),
        (b"\xff\xfe\n\0", Kind::Empty),
        (b"\xfe\xed\xfe\xed", Kind::Jks),
        (b"\xce\xce\xce\xce\0\0", Kind::Jceks),
        (b"hello, world", Kind::Text),
        (b"Gr\xc3\xbc\xc3\x9fe aus Berlin", Kind::Text),
        (b"Gr\xfc\xdfe aus Berlin und anderswo", Kind::Text),
        (b"0leading zero", Kind::Text),
        (b"<!DOCTYPE html><title>404", Kind::Html),
        (b"\xef\xbb\xbf\n<HTML lang=en>", Kind::Html),
        (b"<?xml version=\"1.0\"?>\n<html>", Kind::Html),
        (b"<config><store/></config>", Kind::Text),
        (b"\xff\xfeh\0i\0", Kind::Utf16Text),
        (b"x -----BEGIN WHATEVER-----", Kind::Pem),
        (b"\x7fELF\x02\x01\x01\0", Kind::Unknown),
        (b"0\x82", Kind::Unknown),
        (b"\0", Kind::Unknown),
    ] {
        assert_eq!(detect(bytes), kind, "{}", bytes.escape_ascii());
    }
}

#[test]
fn pem_in_utf16_is_pem() {
    let text: Vec<u8> = "\u{feff}-----BEGIN X-----".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(detect(&text), Kind::Pem);
}

#[test]
fn names_are_for_people() {
    assert_eq!(Kind::Html.to_string(), "an HTML page");
    assert_eq!(Kind::Jks.to_string(), "a Java keystore (JKS)");
    assert_eq!(Kind::Text.to_string(), "plain text");
}
