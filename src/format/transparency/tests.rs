use time::macros::datetime;

use super::*;
use crate::format::asn1::{explicit, object_identifier, octet_string, sequence, tlv};

/// A list of one timestamp of version 1 and one of a later version.
fn list() -> Vec<u8> {
    let mut first = vec![0];
    first.extend([7; 32]);
    first.extend(1_704_067_200_123_u64.to_be_bytes());
    first.extend([0, 0, 4, 3, 0, 2, 1, 2]);
    let items = [first, vec![9, 9, 9]];
    let items: Vec<u8> =
        items.iter().flat_map(|item| [&[0, u8::try_from(item.len()).unwrap()][..], item].concat()).collect();
    [&[0, u8::try_from(items.len()).unwrap()][..], &items].concat()
}

fn extension(identifier: &[u8], list: &[u8]) -> Vec<u8> {
    sequence(&[object_identifier(identifier), octet_string(&octet_string(list))])
}

fn certificate(list: &[u8]) -> Vec<u8> {
    let other =
        sequence(&[object_identifier(&[0x55, 0x1d, 0x0f]), tlv(tag::BOOLEAN, &[255]), octet_string(b"x")]);
    let extensions = explicit(3, &sequence(&[other, extension(&EMBEDDED, list)]));
    sequence(&[sequence(&[tlv(tag::INTEGER, &[1]), sequence::<Vec<u8>>(&[]), extensions])])
}

fn ocsp(list: &[u8]) -> Vec<u8> {
    let time = tlv(0x18, b"20240101000000Z");
    let single = sequence(&[
        sequence::<Vec<u8>>(&[]),
        // Revoked, which has the tag 1 as the extensions have.
        explicit(1, &time),
        time.clone(),
        explicit(0, &time),
        explicit(1, &sequence(&[extension(&OF_OCSP, list)])),
    ]);
    let data = sequence(&[explicit(2, &octet_string(b"key")), time, sequence(&[single])]);
    let basic = sequence(&[data]);
    let bytes = sequence(&[object_identifier(&[1, 2]), octet_string(&basic)]);
    sequence(&[tlv(0x0a, &[0]), explicit(0, &bytes)])
}

#[test]
fn timestamps_of_certificates_and_ocsp_are_read() {
    let expected =
        [SignedCertificateTimestamp { log: [7; 32], time: Some(datetime!(2024-01-01 00:00:00.123 UTC)) }];
    assert_eq!(embedded(&certificate(&list())), expected);
    assert_eq!(of_ocsp(&ocsp(&list())), expected);
}

#[test]
fn damage_is_as_if_nothing_were_there() {
    for whole in [certificate(&list()), ocsp(&list())] {
        for cut in 0..whole.len() {
            assert_eq!((embedded(&whole[..cut]).len(), of_ocsp(&whole[..cut]).len()), (0, 0));
        }
    }
    let list = list();
    for cut in 0..list.len() {
        assert!(embedded(&certificate(&list[..cut])).is_empty(), "{cut}");
    }
    // A time that no calendar has.
    let late = [&[0, 60, 0, 58, 0][..], &[7; 32], &[255; 25]].concat();
    assert_eq!(embedded(&certificate(&late)), [SignedCertificateTimestamp { log: [7; 32], time: None }]);
}
