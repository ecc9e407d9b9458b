//! Damaged and hostile files: an error, never a panic, and never a store that passes for whole.

use keyward::format::pkcs12::{Derivations, Pkcs12Error, decode, encode};
use keyward::model::key_store::EncodedCertificate;
use keyward::model::key_store::pfx::{Part, PasswordForm, Pfx, Profile};

use super::fixture::{Counting, certificate, fast, password};

fn small_file() -> Vec<u8> {
    let profile = fast(&Profile::java17());
    let held = EncodedCertificate::x509(b"unread");
    let bags = vec![certificate(&held, Some("alias"), Some(b"id"))];
    let parts = vec![Part::new(profile.certificates, bags)];
    let pfx = Pfx::from_parts(parts, profile.mac, PasswordForm::default());
    encode(&pfx, Some(&password()), &mut Counting::default(), &mut Derivations::new()).unwrap()
}

#[test]
fn every_truncation_is_refused() {
    let bytes = small_file();
    for length in 0..bytes.len() {
        let result = decode(&bytes[..length], Some(&password()), &mut Derivations::new());
        assert!(matches!(result, Err(Pkcs12Error::Asn1 { .. })), "{length}: {result:?}");
    }
}

#[test]
fn every_changed_byte_is_noticed_or_means_nothing() {
    let bytes = small_file();
    let whole = decode(&bytes, Some(&password()), &mut Derivations::new()).unwrap();
    for index in 0..bytes.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[index] ^= change;
            if let Ok(read) = decode(&damaged, Some(&password()), &mut Derivations::new()) {
                // The parameters of the hash function mean nothing; all else is under the MAC or makes it.
                assert_eq!(read.pfx, whole.pfx, "byte {index} with {change:02x}");
            }
            let _ = decode(&damaged, None, &mut Derivations::new());
        }
    }
}

#[test]
fn nesting_without_end_is_refused() {
    let mut value = keyward::format::asn1::null();
    for _ in 0..10_000 {
        value = keyward::format::asn1::sequence(&[value]);
    }
    for bytes in [value, [0x30, 0x80].repeat(100_000)] {
        let result = decode(&bytes, Some(&password()), &mut Derivations::new());
        assert!(matches!(result, Err(Pkcs12Error::Asn1 { .. })), "{result:?}");
    }
}

#[test]
fn what_is_no_pkcs12_file_says_so() {
    let refused =
        |bytes: &[u8]| decode(bytes, Some(&password()), &mut Derivations::new()).unwrap_err().to_string();
    assert_eq!(refused(b""), "PKCS12 file: PFX at offset 0: the data ends too early");
    assert_eq!(refused(b"-----BEGIN"), "PKCS12 file: PFX at offset 0: the tag is 0x2d where 0x30 belongs");
    assert_eq!(refused(&[0x30, 0x03, 0x02, 0x01, 0x02]), "PKCS12 file: version 2 where only 3 is in use");
    let signed = [
        0x30, 0x10, 0x02, 0x01, 0x03, 0x30, 0x0b, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07,
        0x02,
    ];
    let text = "PKCS12 file: the content type signedData (1.2.840.113549.1.7.2) is not supported";
    assert_eq!(refused(&signed), text);
}
