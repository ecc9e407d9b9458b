use super::*;

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, u8::try_from(content.len()).unwrap()][..], content].concat()
}

fn attribute(oid: &[u8], tag: u8, value: &[u8]) -> Vec<u8> {
    tlv(0x30, &[tlv(6, oid), tlv(tag, value)].concat())
}

/// A name of these RDNs, each of its attributes.
fn name(rdns: &[&[Vec<u8>]]) -> Name {
    let rdns: Vec<u8> = rdns.iter().flat_map(|rdn| tlv(0x31, &rdn.concat())).collect();
    Name::from_der(&tlv(0x30, &rdns)).unwrap()
}

const UTF8: u8 = 12;

fn cn(value: &str) -> Vec<u8> {
    attribute(b"\x55\x04\x03", UTF8, value.as_bytes())
}

fn o(value: &str) -> Vec<u8> {
    attribute(b"\x55\x04\x0a", UTF8, value.as_bytes())
}

#[test]
fn attributes_of_one_rdn_have_no_order_and_rdns_have_one() {
    let (one, other) = (name(&[&[cn("a"), o("b")]]), name(&[&[o("b"), cn("a")]]));
    assert_eq!(one, other);
    assert_eq!((one.rfc4514(), other.rfc4514()), ("CN=a+O=b", "O=b+CN=a"));
    let (one, other) = (name(&[&[o("b")], &[cn("a")]]), name(&[&[cn("a")], &[o("b")]]));
    assert_ne!(one, other);
    assert_eq!((one.rfc4514(), one.canonical()), ("CN=a,O=b", "2.5.4.10=b,2.5.4.3=a"));
}

#[test]
fn case_and_blanks_are_ignored_and_separators_are_not() {
    for same in ["Grüße  ÄÖ", " grüße äö", "GRÜßE\tÄö "] {
        assert_eq!(name(&[&[cn(same)]]).canonical(), "2.5.4.3=grüße äö", "{same:?}");
    }
    assert_eq!(name(&[&[cn("A, B=c")]]).canonical(), "2.5.4.3=a\\, b=c");
    assert_ne!(name(&[&[cn("a,2.5.4.10=b")]]), name(&[&[cn("a")], &[o("b")]]));
    // The small sigma at the end of a word is another letter.
    assert_eq!(name(&[&[cn("ΟΔΟΣ ΣΑ")]]).canonical(), "2.5.4.3=οδος σα");
}

#[test]
fn texts_are_escaped() {
    for (value, text) in [
        (" #a ", "CN=\\ #a\\ "),
        ("#a", "CN=\\#a"),
        ("a#", "CN=a#"),
        ("a\"+,;<>\\b", "CN=a\\\"\\+\\,\\;\\<\\>\\\\b"),
        ("a\u{1b}[2J", "CN=a\\1B[2J"),
        ("a\u{85}", "CN=a\\C2\\85"),
        ("", "CN="),
    ] {
        assert_eq!(name(&[&[cn(value)]]).rfc4514(), text, "{value:?}");
    }
}

#[test]
fn other_types_and_attributes_come_as_numbers_and_hex() {
    let mail = attribute(b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01", 0x16, b"a@b");
    assert_eq!(name(std::slice::from_ref(&&[mail][..])).rfc4514(), "1.2.840.113549.1.9.1=#1603614062");
    let number = name(&[&[attribute(b"\x55\x04\x03", 2, &[0x0a, 0xbc])]]);
    assert_eq!((number.rfc4514(), number.canonical()), ("CN=#02020abc", "2.5.4.3=#02020abc"));
    let latin =
        name(&[&[attribute(b"\x55\x04\x03", 20, b"\xe9")], &[attribute(b"\x55\x04\x03", 30, b"\0A")]]);
    assert_eq!(latin.rfc4514(), "CN=A,CN=é");
}

#[test]
fn a_person_calls_it_by_its_last_common_name_else_its_organization() {
    assert_eq!(name(&[&[cn("a")], &[cn("b\u{7}")], &[o("c")]]).short(), "b\u{fffd}");
    assert_eq!(name(&[&[o("c")], &[o("d")]]).short(), "d");
    assert_eq!(name(&[&[attribute(b"\x55\x04\x06", UTF8, b"DE")]]).short(), "C=DE");
    assert_eq!(name(&[]).short(), "");
    assert!(name(&[]).is_empty());
}

#[test]
fn java_folds_two_string_types_of_the_attributes_of_rfc_2253() {
    let of = |tag, value: &[u8]| name(&[&[attribute(b"\x55\x04\x03", tag, value)]]);
    let printable = of(19, b"Some  CA");
    assert!(printable.is_equal_in_java(&name(&[&[cn("some ca")]])));
    assert!(!printable.is_equal_in_java(&name(&[&[cn("some other ca")]])));
    for other in [of(20, b"Some  CA"), of(22, b"Some  CA"), of(30, b"\0S\0o\0m\0e\0 \0 \0C\0A")] {
        assert_eq!(other, printable);
        assert!(!other.is_equal_in_java(&printable), "{other:?}");
        assert!(other.is_equal_in_java(&other.clone()));
    }
    // A serial number is none of these attributes.
    let numbered = |tag| name(&[&[attribute(b"\x55\x04\x05", tag, b"A1")]]);
    assert_eq!(numbered(12), numbered(19));
    assert!(!numbered(12).is_equal_in_java(&numbered(19)));
}
