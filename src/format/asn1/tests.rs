use super::*;
use crate::limits;

#[test]
fn indefinite_lengths_nest() {
    // SEQUENCE { [0] { OCTET STRING in two pieces } } with every length indefinite, then a NULL.
    let bytes = [
        0x30, 0x80, 0xa0, 0x80, 0x24, 0x80, 0x04, 0x01, 0xaa, 0x04, 0x01, 0xbb, 0, 0, 0, 0, 0, 0, 0x05, 0x00,
    ];
    let mut reader = Reader::new(&bytes);
    let mut outer = reader.sequence("outer").unwrap();
    let mut inner = outer.tagged(0xa0, "inner").unwrap().reader();
    assert_eq!(&*inner.octet_string("string").unwrap(), &[0xaa, 0xbb]);
    inner.end("inner").unwrap();
    outer.end("outer").unwrap();
    assert_eq!(reader.tagged(tag::NULL, "null").unwrap().offset, 18);
}

#[test]
fn a_million_nested_values_are_refused_without_recursion() {
    let deep: Vec<u8> = [0x30, 0x80].repeat(1_000_000);
    let error = Reader::new(&deep).any("deep").unwrap_err();
    assert_eq!(error.problem, Problem::TooDeep);
}

#[test]
fn definite_nesting_is_bounded_too() {
    let mut value = null();
    for _ in 0..=limits::ASN1_DEPTH {
        value = sequence(&[value]);
    }
    let mut reader = Reader::new(&value);
    let error = loop {
        match reader.any("level") {
            Ok(value) => reader = value.reader(),
            Err(error) => break error,
        }
    };
    assert_eq!(error.problem, Problem::TooDeep);
}

#[test]
fn a_length_of_four_gigabytes_is_a_truncation() {
    let error = Reader::new(&[0x04, 0x84, 0xff, 0xff, 0xff, 0xff, 1]).any("salt").unwrap_err();
    assert_eq!(error.problem, Problem::Truncated);
    assert_eq!(error.to_string(), "salt at offset 0: the data ends too early");
}

#[test]
fn offsets_count_from_the_first_byte() {
    let bytes = sequence(&[integer(3), sequence(&[integer(1), octet_string(b"x")])]);
    let mut outer = Reader::new(&bytes).sequence("outer").unwrap();
    outer.unsigned("version").unwrap();
    let mut inner = outer.sequence("inner").unwrap();
    inner.unsigned("one").unwrap();
    let error = inner.unsigned("two").unwrap_err();
    assert_eq!((error.offset, error.field), (10, "two"));
    assert_eq!(error.problem, Problem::Tag { expected: tag::INTEGER, found: tag::OCTET_STRING });
}

#[test]
fn integers_are_written_and_read_in_the_shortest_form() {
    for (number, encoded) in [(0, vec![2, 1, 0]), (127, vec![2, 1, 127]), (128, vec![2, 2, 0, 128])] {
        assert_eq!(integer(number), encoded);
        assert_eq!(Reader::new(&encoded).unsigned("n").unwrap(), number);
    }
    assert!(Reader::new(&[2, 1, 0x80]).unsigned("n").is_err());
    assert!(Reader::new(&[2, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0]).unsigned("n").is_err());
}

#[test]
fn every_truncation_of_a_value_is_an_error() {
    let bytes = sequence(&[octet_string(&[7; 300]), bmp_string("é")]);
    for end in 0..bytes.len() {
        assert!(Reader::new(&bytes[..end]).any("value").is_err(), "cut at {end}");
    }
}
