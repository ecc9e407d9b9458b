use super::*;
use crate::model::OidFilter;

fn request(version: u16) -> ClientAuthRequest {
    ClientAuthRequest {
        version,
        types: vec![1, 2, 64],
        signature_algorithms: Some(vec![0x0403, 0x0809, 0x0402]),
        authorities: vec![vec![0x30, 0], vec![0x30, 1, 5]],
        ..ClientAuthRequest::default()
    }
}

#[test]
fn the_message_of_tls_1_2_is_that_of_the_rfc() {
    let expected = [13, 0, 0, 23, 3, 1, 2, 64, 0, 6, 4, 3, 8, 9, 4, 2, 0, 9, 0, 2, 0x30, 0, 0, 3, 0x30, 1, 5];
    assert_eq!(encode(&request(0x0303)).unwrap(), expected);
}

#[test]
fn the_message_of_tls_1_3_has_all_extensions() {
    let mut asked = request(0x0304);
    asked.signature_algorithms_cert = Some(vec![0x0401]);
    asked.oid_filters = vec![OidFilter { oid: vec![6, 1, 42], values: vec![5, 0] }];
    let expected = [
        13, 0, 0, 54, 0, 0, 51, //
        0, 13, 0, 8, 0, 6, 4, 3, 8, 9, 4, 2, //
        0, 50, 0, 4, 0, 2, 4, 1, //
        0, 47, 0, 11, 0, 9, 0, 2, 0x30, 0, 0, 3, 0x30, 1, 5, //
        0, 48, 0, 10, 0, 8, 3, 6, 1, 42, 0, 2, 5, 0, //
    ];
    let message = encode(&asked).unwrap();
    assert_eq!(message[7..], expected[7..]);
    assert_eq!(usize::from(message[3]) + 4, message.len());
}

#[test]
fn names_beyond_what_a_message_can_say_are_refused() {
    let mut asked = request(0x0303);
    asked.authorities = vec![vec![0; 40_000]; 2];
    assert_eq!(encode(&asked), Err(RequestTooLong("names")));
}

/// Whatever the pieces are that rustls's messages come in, ours stands in the place of its request.
#[test]
fn the_request_is_replaced_in_pieces_of_any_size() {
    let theirs = [13, 0, 0, 4, 9, 9, 9, 9];
    let before = [8, 0, 0, 3, 1, 2, 3];
    let after = [11, 0, 0, 2, 7, 7, 14, 0, 0, 0];
    let whole = [&before[..], &theirs, &after].concat();
    for ours in [&[13, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9][..], &[13, 0, 0, 1, 5]] {
        let expected = [&before[..], ours, &after].concat();
        assert_eq!(replaced(&whole, ours), expected);
        for size in 1..=whole.len() {
            let mut stream = Substitution::new(ours.into());
            let passed: Vec<u8> = whole.chunks(size).flat_map(|piece| stream.pass(piece)).collect();
            assert_eq!(passed, expected, "pieces of {size}");
        }
    }
}
