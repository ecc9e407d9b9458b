//! Unit tests of the PKCS7 codec.

use super::*;

fn certificate(name: u8) -> EncodedCertificate {
    EncodedCertificate::x509(&asn1::sequence(&[asn1::octet_string(&[name; 200])]))
}

#[test]
fn the_order_is_kept() {
    for count in [0, 1, 3] {
        let certificates: Vec<_> = (0..count).rev().map(certificate).collect();
        assert_eq!(super::certificates(&encode(&certificates)).unwrap(), certificates);
    }
}

#[test]
fn indefinite_lengths_and_other_choices_are_read() {
    let wanted = certificate(1);
    let bytes = [
        &[0x30, 0x80, 0x06, 0x09][..],
        SIGNED_DATA,
        &[0xa0, 0x80, 0x30, 0x80, 2, 1, 3, 0x31, 0x80, 0, 0, 0x30, 0x80, 0x06, 0x09],
        DATA,
        &[0, 0, 0xa0, 0x80],
        &[0xa1, 0x02, 0x05, 0x00],
        &wanted.der,
        &[0, 0, 0x31, 0x80, 0, 0, 0, 0, 0, 0, 0, 0],
    ]
    .concat();
    assert_eq!(certificates(&bytes).unwrap(), [wanted]);
}

#[test]
fn other_contents_are_named() {
    let enveloped = [PKCS7, &[3]].concat();
    let bytes = asn1::sequence(&[asn1::object_identifier(&enveloped), asn1::explicit(0, &asn1::null())]);
    let error = certificates(&bytes).unwrap_err();
    assert_eq!(error.to_string(), "the PKCS7 content is enveloped data, which holds no certificates");
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let bytes = encode(&[certificate(1), certificate(2)]);
    for length in 0..bytes.len() {
        assert!(matches!(certificates(&bytes[..length]), Err(Pkcs7Error::Asn1(_))), "{length}");
    }
}
